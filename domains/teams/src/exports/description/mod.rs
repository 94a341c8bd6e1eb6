//! A team's description by RFC 2350: written from its record, signed by the team, read back into a proposal.
//!
//! ```text
//! record ──► write ──► text ──► the team's own key ──► signed::accept ──► served as rfc2350.txt.asc until the record changes
//!   ▲                                                        │ verified over exactly these bytes
//!   └── fields that people chose ◄── propose ◄── a published text, with or without signature
//! ```
//! `lines` is the one place that knows how a field is written and read, so what was written is no change when it is read.

mod lines;
mod propose;
mod signed;
pub(in crate::exports) mod store;
mod write;

pub use propose::{Proposal, chosen, propose};
pub use signed::Signed;
pub use write::describe;
