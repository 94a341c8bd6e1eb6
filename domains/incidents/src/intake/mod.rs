//! From the bytes of a mail to a report in the inbox, or to the case that it answers.
//!
//! ```text
//! accept   bytes → blob and row on disk → acknowledged        (nothing is looked at yet)
//! read     bytes → class, text, observables, verdicts          (pure; any bytes; bounded)
//! place    one transaction: whose is it, what becomes of it    (exactly one outcome)
//! ```
//! A mail that was acknowledged and not placed, because the node died in between, is found again at the next start.

mod accept;
pub(crate) mod by_api;
mod door;
pub(crate) mod place;
pub(crate) mod read;

pub use accept::Accepted;
