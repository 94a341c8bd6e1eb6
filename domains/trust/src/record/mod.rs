//! The record of trust: entries written in the transaction of what they tell, replayed, exported, checked elsewhere.

mod checkpoint;
mod erase;
pub mod file;
mod register;
mod write;

pub use checkpoint::Checkpoint;
pub use erase::Erasure;
pub use register::{Register, Registered, moment};
pub(crate) use write::{Author, entry, of_the_community, read, write};

/// The text of a digest as entries name documents.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
