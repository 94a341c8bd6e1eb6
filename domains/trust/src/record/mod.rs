//! The record of trust: entries written in the transaction of what they tell, replayed, exported, checked elsewhere.

mod checkpoint;
mod erase;
pub mod file;
mod register;
mod write;

use kit::{Error, Result};

pub use checkpoint::Checkpoint;
pub use erase::Erasure;
pub use register::{Register, Registered, moment};
pub(crate) use write::{Author, entry, of_the_community, read, write};

/// Longest reason of an entry that everybody reads, in characters.
const LONGEST_REASON: usize = 1_000;

/// Why somebody does what the public record tells; `ask` says what is asked for.
///
/// # Errors
/// [`Error::Invalid`]: it is missing or too long.
pub(crate) fn reason(text: &str, ask: &str) -> Result<String> {
    let text = text.trim();
    if !(3..=LONGEST_REASON).contains(&text.chars().count()) {
        let asks =
            format!("say {ask}, in at most {LONGEST_REASON} characters: it stands in the public record");
        return Err(Error::invalid("reason", asks));
    }
    Ok(text.to_owned())
}

/// The text of a digest as entries name documents.
pub(crate) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
