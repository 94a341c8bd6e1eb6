//! What was refused, where, and why, in words that an operator can act on.

use std::borrow::Cow;
use std::fmt;

/// A refusal or a remark about one place of the input.
///
/// Shown as `line 12, mnt-irt: "irt test" is not a handle`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Line of the input, counted from 1; of the attribute, or of the object's first line.
    pub line: u64,
    /// Lower-case name of the attribute, where one is to blame.
    pub attribute: Option<String>,
    /// What is wrong.
    pub why: Why,
}

/// The reason of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// The object is longer than the limit (bytes); everything to the next blank line was skipped.
    #[error("the object is longer than {0} bytes and was skipped")]
    TooLarge(usize),
    /// The object has more attributes than the limit; everything to the next blank line was skipped.
    #[error("the object has more than {0} attributes and was skipped")]
    TooManyAttributes(usize),
    /// The line is neither `name: value` nor a continuation nor a comment.
    #[error("{0} is not an attribute of the form \"name: value\"")]
    NotAnAttribute(Quoted),
    /// Where one object was asked for, there was none.
    #[error("there is no object")]
    NoObject,
    /// Where one object was asked for, a second one follows.
    #[error("a second object begins; only one was asked for")]
    SecondObject,
    /// The object is of another class than the view reads.
    #[error("this is a {0} object, not a {1}")]
    WrongClass(Quoted, &'static str),
    /// An attribute without which the object means nothing is missing or empty.
    #[error("the attribute is missing or empty")]
    Missing,
    /// An attribute that may stand once stands again; the first one counts.
    #[error("the attribute stands more than once; the first one counts")]
    Repeated,
    /// The value does not follow its syntax.
    #[error("{found} is not {expected}")]
    Syntax {
        /// What should stand there, with its article.
        expected: &'static str,
        /// What stands there.
        found: Quoted,
    },
    /// The value is not a usable range of addresses.
    #[error(transparent)]
    Range(#[from] crate::range::RangeError),
    /// The registry put a placeholder where a contact should stand: nobody reads mail sent to it.
    #[error("{0} is a placeholder of the registry; the contact is withheld")]
    Withheld(Quoted),
    /// More values than a list may hold; the rest was left out.
    #[error("more than {0} values; the rest was left out")]
    LongList(usize),
    /// The key's fingerprint (`fingerpr:`) does not belong to the key named.
    #[error("the fingerprint {0} does not belong to the key that the object names")]
    OtherFingerprint(Quoted),
}

impl Error {
    pub(crate) fn at(line: u64, why: Why) -> Self {
        Self { line, attribute: None, why }
    }

    pub(crate) fn of(attribute: &str, line: u64, why: Why) -> Self {
        Self { line, attribute: Some(attribute.to_owned()), why }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(name) => write!(f, "line {}, {}: {}", self.line, name, self.why),
            None => write!(f, "line {}: {}", self.line, self.why),
        }
    }
}

impl std::error::Error for Error {}

/// Foreign text made fit for a message: control characters escaped, cut after 60 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    const LONGEST: usize = 60;

    pub(crate) fn new(text: &str) -> Self {
        match text.char_indices().nth(Self::LONGEST) {
            Some((cut, _)) => Self(format!("{}…", &text[..cut])),
            None => Self(text.to_owned()),
        }
    }

    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        // Cut first: decoding a line of megabytes for a message of 60 characters would be waste.
        let cut = bytes.len().min(4 * Self::LONGEST + 4);
        let text: Cow<'_, str> = crate::text::decode(&bytes[..cut]);
        Self::new(&text)
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Remarks about an object that was read in spite of them. Holds [`Notes::MOST`], counts the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    notes: Vec<Error>,
    left_out: usize,
}

impl Notes {
    /// Notes kept per object: enough to see what is wrong, too few to fill the memory.
    pub const MOST: usize = 32;

    /// The notes, in the order of the input.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        self.notes.iter()
    }

    /// Whether nothing was remarked.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Number of notes beyond [`Notes::MOST`], which are not kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    pub(crate) fn add(&mut self, attribute: &str, line: u64, why: Why) {
        self.push(Error::of(attribute, line, why));
    }

    pub(crate) fn push(&mut self, error: Error) {
        if self.notes.len() < Self::MOST {
            self.notes.push(error);
        } else {
            self.left_out += 1;
        }
    }
}
