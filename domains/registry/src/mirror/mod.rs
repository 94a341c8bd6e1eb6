//! Mirroring by NRTMv4 (draft-ietf-grow-nrtm-v4-11): others follow the registry of this node, and this node follows
//! others.
//!
//! ```text
//!  journal, statuses ─► publish ─► folder data/nrtmv4/SOURCE ─► serve: GET /nrtmv4/SOURCE/…     (or rsync, or a CDN)
//!                                                                     │
//!  objects of SOURCE ◄─ load ◄─ follow ◄─ fetch: https://, file:// ◄──┘
//! ```
//!
//! **What is published** is what anybody may see: an `irt` whole and with the introducer's remarks, no credentials, no
//! personal data unless the operator wants it ([`Personal`]). A status that changes is a new version, although no object
//! has changed. **What is followed** is verified before anything of it is stored, and what was taken last stays when
//! something is wrong.

mod commands;
mod compare;
mod fetch;
mod folder;
mod follow;
mod gather;
mod jobs;
mod keys;
mod load;
mod publish;
mod render;
mod serve;
mod settings;
mod status;
#[cfg(test)]
mod tests;

pub use commands::{RolledOver, Told};
pub(crate) use jobs::handlers;
pub(crate) use serve::routes;
pub use settings::{Follow, Mirror, Personal};
pub use status::{Followed, Published, Status};

/// An error of the protocol, as ours.
pub(crate) fn refused(error: &impl std::fmt::Display) -> kit::Error {
    kit::Error::Conflict(error.to_string())
}
