//! The record of trust: entries written in the transaction of what they tell, replayed, exported, checked elsewhere.

mod write;

pub(crate) use write::{Author, append, read, write};

/// The text of a digest as entries name documents.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
