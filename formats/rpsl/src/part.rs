//! An object cut into its attributes without losing a byte.

use crate::object::{Attribute, Lexer, Object};
use crate::text::{is_blank, is_comment};

/// A piece of an object: an attribute with all its lines, or lines that are none (comments between attributes, lines
/// that are malformed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// The bytes, with the end of the last line, as far as there is one.
    pub raw: &'a [u8],
    /// The attribute; none of lines that are no attribute.
    pub attribute: Option<Attribute<'a>>,
}

/// The pieces of an object, in their order. See [`Object::parts`].
pub struct Parts<'a> {
    lexer: Lexer<'a>,
    /// The attribute behind the comments that were given last.
    next: Option<Part<'a>>,
}

impl<'a> Object<'a> {
    /// The object in pieces: put together again, they are its bytes. For output that leaves attributes out or changes
    /// some of them.
    pub fn parts(&self) -> Parts<'a> {
        Parts { lexer: self.lexer(), next: None }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(next) = self.next.take() {
            return Some(next);
        }
        let before = self.lexer.rest;
        let read = self.lexer.next();
        let length = before.len() - self.lexer.rest.len();
        // Without a further attribute the rest is comments.
        let (raw, attribute) = match read {
            Some(read) => (&before[..length], read.ok()),
            None => (before, None),
        };
        let comments = comments(raw);
        let (lead, raw) = raw.split_at(if attribute.is_some() { comments } else { 0 });
        let part = (!raw.is_empty()).then_some(Part { raw, attribute });
        if lead.is_empty() {
            return part;
        }
        self.next = part;
        Some(Part { raw: lead, attribute: None })
    }
}

/// Bytes of the comment lines that stand first.
fn comments(raw: &[u8]) -> usize {
    let lines = raw.split_inclusive(|&byte| byte == b'\n');
    let is_none = |line: &&[u8]| {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        is_comment(text) || is_blank(text)
    };
    lines.take_while(is_none).map(<[u8]>::len).sum()
}
