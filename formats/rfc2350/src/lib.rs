#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod clean;
mod document;
pub mod facts;
mod heading;
mod parse;
mod section;

pub use document::Document;
pub use parse::{MOST_BYTES, Note, NoteKind, Parsed, parse};
pub use section::Section;

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Beyond [`MOST_BYTES`].
    #[error("the text is larger than 1 MiB; a description of a team has a few pages")]
    TooLarge,
    /// A title that is a heading of the outline, or none at all.
    #[error("{0:?} cannot be the title: take one line that is no heading of the outline")]
    Title(String),
}
