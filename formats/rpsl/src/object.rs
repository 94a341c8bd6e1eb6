//! One object: its bytes as they came, and its attributes, lexed when asked for.

use std::borrow::Cow;

use crate::error::{Error, Quoted, Why};
use crate::text::{decode, is_blank, is_comment, is_continuation};

/// An object of a dump. Holds the bytes only; each question walks over them, which for objects of a few
/// hundred bytes costs less than keeping an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    raw: &'a [u8],
    line: u64,
}

impl<'a> Object<'a> {
    /// Reads exactly one object, as pasted into a form or sent as an update; comments and blank lines
    /// may stand around it.
    ///
    /// # Errors
    /// No object, a second one, one over the limits, or a first line that is not an attribute.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut objects = crate::split::objects(bytes);
        let object = objects.next().ok_or_else(|| Error::at(1, Why::NoObject))??;
        match objects.next() {
            None => Ok(object),
            Some(second) => Err(Error::at(
                second.map_or_else(|error| error.line, |object| object.line),
                Why::SecondObject,
            )),
        }
    }

    /// `raw` as cut by the splitter: lines without a blank one. Refused when the first is no attribute,
    /// since then there is no class.
    pub(crate) fn new(raw: &'a [u8], line: u64) -> Result<Self, Error> {
        let object = Self { raw, line };
        match object.lexer().next() {
            Some(Ok(_)) => Ok(object),
            Some(Err(error)) => Err(error),
            None => Err(Error::at(line, Why::NoObject)),
        }
    }

    /// The object's bytes as they came, to the end of its last line.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The line of the input on which the object begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The class, in lower case: the name of the first attribute, such as `inetnum`.
    pub fn class(&self) -> Cow<'a, str> {
        self.first().map_or(Cow::Borrowed(""), |attribute| attribute.name)
    }

    /// The primary key as written: of a person or role the `nic-hdl`, of a route the prefix followed by
    /// the origin (`192.0.2.0/24AS64496`), of others the first attribute's value. Empty when the
    /// attribute is missing. Keys are compared without regard to case ([`crate::Handle`]).
    pub fn key(&self) -> Cow<'a, str> {
        let first = self.key_value();
        match &*self.class() {
            "person" | "role" => self.get("nic-hdl").map_or(Cow::Borrowed(""), |attribute| attribute.value()),
            "route" | "route6" => {
                let origin = self.get("origin").map_or(Cow::Borrowed(""), |attribute| attribute.value());
                Cow::Owned(format!("{first}{origin}"))
            }
            _ => first,
        }
    }

    /// The attributes in their order. Lines that are none are passed over; see [`Object::malformed`].
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.lexer().filter_map(Result::ok)
    }

    /// The lines that are neither attribute nor continuation nor comment, each as an error with its line.
    pub fn malformed(&self) -> impl Iterator<Item = Error> + use<'a> {
        self.lexer().filter_map(Result::err)
    }

    /// The first attribute of this name (in any case).
    pub fn get(&self, name: &str) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// All attributes of this name (in any case), in their order.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = Attribute<'a>> + use<'a, 'n> {
        self.attributes().filter(move |attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The first attribute's value: the object's name, or what it begins with.
    pub(crate) fn key_value(&self) -> Cow<'a, str> {
        self.first().map_or(Cow::Borrowed(""), |attribute| attribute.value())
    }

    fn first(&self) -> Option<Attribute<'a>> {
        self.attributes().next()
    }

    pub(crate) fn lexer(&self) -> Lexer<'a> {
        Lexer { rest: self.raw, line: self.line }
    }
}

/// One attribute: name, value with its continuation lines, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    name: Cow<'a, str>,
    raw: &'a [u8],
    line: u64,
}

impl<'a> Attribute<'a> {
    /// The name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value's bytes as they came: from behind the colon to the end of the last continuation line
    /// (without that line's own end).
    pub fn raw_value(&self) -> &'a [u8] {
        self.raw
    }

    /// The line of the input, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The value proper: comments (`# …` to the end of each line) left out, continuation lines joined by
    /// one space, blanks at both ends left out.
    pub fn value(&self) -> Cow<'a, str> {
        if memchr::memchr2(b'\n', b'#', self.raw).is_none() {
            return decode(self.raw.trim_ascii());
        }
        let mut lines = self.lines().map(|line| decode(uncommented(line))).filter(|line| !line.is_empty());
        let Some(first) = lines.next() else { return Cow::Borrowed("") };
        lines.fold(first, |mut joined, line| {
            let text = joined.to_mut();
            text.push(' ');
            text.push_str(&line);
            joined
        })
    }

    /// The value line by line with what looks like a comment left in: for free text (`remarks: ticket
    /// #12`) and for key blocks. Blanks at both ends of each line are left out; an empty line stays.
    pub fn text_lines(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        self.lines().map(|line| decode(line.trim_ascii()))
    }

    /// What stands behind the first `#`, if any: registries leave notes there (`source: RIPE # Filtered`).
    pub fn comment(&self) -> Option<Cow<'a, str>> {
        let line = self.lines().find_map(|line| memchr::memchr(b'#', line).map(|at| &line[at + 1..]))?;
        Some(decode(line.trim_ascii()))
    }

    /// The single names of a list: `OWNER-MNT, OTHER-MNT`, or with blanks between.
    pub fn items(&self) -> impl Iterator<Item = String> + use<'a> {
        let value = self.value();
        let mut at = 0;
        std::iter::from_fn(move || {
            let separator = |char: char| char == ',' || char.is_ascii_whitespace();
            let rest = value[at..].trim_start_matches(separator);
            if rest.is_empty() {
                return None;
            }
            let item = &rest[..rest.find(separator).unwrap_or(rest.len())];
            at = value.len() - rest.len() + item.len();
            Some(item.to_owned())
        })
    }

    /// The value's lines without the sign of continuation; comment lines between them are passed over.
    fn lines(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.raw.split(|&byte| byte == b'\n').enumerate().filter_map(|(number, line)| match number {
            0 => Some(line),
            _ if is_comment(line) => None,
            _ => Some(line.get(1..).unwrap_or_default()),
        })
    }
}

fn uncommented(line: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'#', line).unwrap_or(line.len());
    line[..end].trim_ascii()
}

/// Walks over an object's lines.
pub(crate) struct Lexer<'a> {
    /// What was not walked over yet.
    pub(crate) rest: &'a [u8],
    line: u64,
}

impl<'a> Lexer<'a> {
    /// The line at the front without its end, and the length with it.
    fn peek(&self, from: usize) -> Option<(&'a [u8], usize)> {
        self.peek_if(from, |_| true)
    }

    fn peek_if(&self, from: usize, wanted: impl Fn(&[u8]) -> bool) -> Option<(&'a [u8], usize)> {
        let rest = self.rest.get(from..).filter(|rest| !rest.is_empty() && wanted(rest))?;
        Some(match memchr::memchr(b'\n', rest) {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        })
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Attribute<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let number;
        let (text, mut length) = loop {
            let (text, length) = self.peek(0)?;
            if !is_comment(text) && !is_blank(text) {
                number = self.line;
                break (text, length);
            }
            self.rest = &self.rest[length..];
            self.line += 1;
        };
        let Some(colon) = colon(text) else {
            self.rest = &self.rest[length..];
            self.line += 1;
            return Some(Err(Error::at(number, Why::NotAnAttribute(Quoted::bytes(text.trim_ascii())))));
        };

        // Comment lines belong to the value only when a continuation line follows them.
        let mut end = text.len();
        let (mut ahead, mut seen, mut taken) = (length, 1, 1);
        // the first byte decides: an attribute that follows is not searched for its end twice
        let goes_on = |rest: &[u8]| is_continuation(rest) || is_comment(rest);
        while let Some((text, step)) = self.peek_if(ahead, goes_on) {
            seen += 1;
            if is_continuation(text) {
                end = ahead + text.len();
                length = ahead + step;
                taken = seen;
            }
            ahead += step;
        }
        self.line += taken;
        let raw = &self.rest[colon + 1..end];
        let name = &text[..colon];
        self.rest = &self.rest[length..];
        let name = match decode(name) {
            Cow::Borrowed(name) if !name.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Borrowed(name),
            name => Cow::Owned(name.to_ascii_lowercase()),
        };
        Some(Ok(Attribute { name, raw, line: number }))
    }
}

/// Where the colon stands, when what stands before it is an attribute's name: a letter (or `*`, which
/// mirrors put before attributes of their own), then letters, digits, `-`, `_`; at most 63.
fn colon(line: &[u8]) -> Option<usize> {
    let end =
        line.iter().take(64).position(|byte| !byte.is_ascii_alphanumeric() && !b"-_*".contains(byte))?;
    let begins = line.first().is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'*');
    (begins && line[end] == b':').then_some(end)
}
