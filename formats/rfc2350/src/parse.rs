//! From a text as it was published to its structure.

use std::fmt;

use crate::heading::{Heading, Number, heading, inner};
use crate::{Document, Error, Section, clean};

/// Largest text, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// Most sections that the outline does not know; further ones stay text of the section before.
const MOST_OTHERS: usize = 100;
/// A line that is longer has lost its breaks, if headings stand within.
const LONG_LINE: usize = 300;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// What could be placed.
    pub document: Document,
    /// What a reader should look at, in the order of the text.
    pub notes: Vec<Note>,
    /// Whether the text stood within a cleartext signature. It is not verified here: that needs the original bytes.
    pub is_signed: bool,
}

/// Something that did not fit the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Line of the text, from 1 on; of a signed one, within the signature.
    pub line: usize,
    /// What it is.
    pub what: NoteKind,
}

/// What did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteKind {
    /// A section that the outline does not have; it is kept under its own title.
    OtherSection(String),
    /// Text before the first heading; the first line is the title, the rest is kept as preface.
    Preface,
    /// A section that came before; both texts are kept.
    CameTwice(Section),
    /// Line breaks were lost here and put back before each heading.
    BreaksRestored,
    /// Not a single heading was found: nothing could be placed.
    NoHeadings,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.what {
            NoteKind::OtherSection(title) => {
                write!(f, "the outline has no section {title:?}; it is kept as it is")
            }
            NoteKind::Preface => f.write_str("text before the first heading; kept as preface"),
            NoteKind::CameTwice(section) => write!(f, "{section} came before; both texts are kept"),
            NoteKind::BreaksRestored => {
                f.write_str("line breaks were lost here; they were put back before the headings")
            }
            NoteKind::NoHeadings => {
                f.write_str("no heading of RFC 2350 was found, so nothing could be placed")
            }
        }
    }
}

/// Reads a document. Headings are known by their titles, not by their numbers; texts that were numbered otherwise, have
/// lost their line breaks, or stand within a cleartext signature are read too.
///
/// # Errors
/// [`Error::TooLarge`] beyond [`MOST_BYTES`].
pub fn parse(bytes: &[u8]) -> Result<Parsed, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge);
    }
    let text = clean::text(bytes);
    let inside = clean::signed(&text);
    let is_signed = inside.is_some();
    let text = inside.unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader { is_ours: is_indented(&lines), ..Reader::default() };
    for (at, line) in lines.iter().enumerate() {
        reader.number = at + 1;
        match restore_breaks(line).filter(|_| !reader.is_ours) {
            Some(pieces) => {
                reader.note(NoteKind::BreaksRestored);
                pieces.into_iter().for_each(|piece| reader.read(piece));
            }
            None => reader.read(line),
        }
    }
    Ok(reader.finish(is_signed))
}

#[derive(Default)]
struct Reader<'a> {
    /// Headings stand in the first column and nothing else does, as [`Document::to_text`] writes: then what is indented
    /// is text, whatever it looks like.
    is_ours: bool,
    number: usize,
    preface: Vec<&'a str>,
    preface_line: usize,
    /// The chapter that the text's own numbers say.
    chapter: u8,
    is_blank_before: bool,
    parts: Vec<Part<'a>>,
    others: usize,
    notes: Vec<Note>,
}

struct Part<'a> {
    place: Place<'a>,
    line: usize,
    lines: Vec<&'a str>,
}

enum Place<'a> {
    Known(Section),
    Other(&'a str),
}

impl<'a> Reader<'a> {
    fn note(&mut self, what: NoteKind) {
        self.notes.push(Note { line: self.number, what });
    }

    fn read(&mut self, line: &'a str) {
        let may_be = !(self.is_ours && line.starts_with(' '));
        match heading(line).filter(|_| may_be) {
            Some(Heading::Known { section, rest, .. }) => {
                let number = section.number();
                self.chapter = own_chapter(line).unwrap_or_else(|| number.as_bytes()[0] - b'0');
                self.begin(Place::Known(section), rest);
            }
            Some(Heading::Other { number, title }) if self.follows(number) && self.others < MOST_OTHERS => {
                self.others += 1;
                self.chapter = number.chapter;
                self.note(NoteKind::OtherSection(title.to_owned()));
                self.begin(Place::Other(title), "");
            }
            _ => self.text(line),
        }
        self.is_blank_before = line.trim().is_empty();
    }

    fn begin(&mut self, place: Place<'a>, rest: &'a str) {
        self.parts.push(Part { place, line: self.number, lines: vec![rest] });
    }

    fn text(&mut self, line: &'a str) {
        match self.parts.last_mut() {
            Some(part) => part.lines.push(line),
            None => {
                if self.preface.is_empty() {
                    self.preface_line = self.number;
                }
                self.preface.push(line);
            }
        }
    }

    /// Whether a number can be that of the next heading; otherwise it is an entry of a list.
    fn follows(&self, number: Number) -> bool {
        let is_next = number.chapter == self.chapter.saturating_add(1);
        let fits = match number.section {
            Some(_) => number.chapter == self.chapter || is_next,
            None => is_next && (self.is_blank_before || self.is_ours),
        };
        !self.parts.is_empty() && (fits || self.is_ours)
    }

    fn finish(mut self, is_signed: bool) -> Parsed {
        let mut document = Document::default();
        if self.parts.is_empty() {
            self.number = 1;
            self.note(NoteKind::NoHeadings);
        }
        let mut preface = self.preface.iter().skip_while(|line| line.trim().is_empty());
        document.title = preface.next().map(|line| line.trim().to_owned()).unwrap_or_default();
        if document.title.starts_with("-----BEGIN PGP") {
            // It would be read as armour.
            document.title.insert_str(0, "> ");
        }
        document.preface = clean::body(preface.copied());
        if !document.preface.is_empty() {
            self.notes.push(Note { line: self.preface_line, what: NoteKind::Preface });
        }
        for part in self.parts {
            // What follows the heading on its own line is not indented as the lines below it.
            let (rest, below) =
                part.lines.split_first().map_or(("", &[][..]), |(rest, below)| (*rest, below));
            let below = clean::body(below.iter().copied());
            let text = match (rest.is_empty(), below.is_empty()) {
                (true, _) => below,
                (false, true) => rest.to_owned(),
                (false, false) => format!("{rest}\n{below}"),
            };
            match part.place {
                Place::Known(section) if document.add(section, &text) => {
                    self.notes.push(Note { line: part.line, what: NoteKind::CameTwice(section) });
                }
                Place::Known(_) => {}
                Place::Other(title) => document.others.push((title.to_owned(), text)),
            }
        }
        self.notes.sort_by_key(|note| note.line);
        Parsed { document, notes: self.notes, is_signed }
    }
}

/// The chapter by the number in the line itself: documents are renumbered.
fn own_chapter(line: &str) -> Option<u8> {
    let start = line.find(|c: char| c.is_ascii_digit())?;
    let digits = &line[start..];
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// Whether every heading stands in the first column, at least one of them below a chapter, and every other line after
/// the first is indented.
fn is_indented(lines: &[&str]) -> bool {
    let (mut is_begun, mut has_section) = (false, false);
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        match heading(line) {
            // A heading before all others would become the title.
            Some(Heading::Known { .. }) if line.starts_with(' ') && !is_begun => return false,
            _ if line.starts_with(' ') => {}
            Some(Heading::Known { section, is_numbered: true, .. }) => {
                is_begun = true;
                has_section |= section.number().contains('.');
            }
            Some(Heading::Other { .. }) => {}
            _ if is_begun => return false,
            _ => {}
        }
    }
    has_section
}

/// Cuts a long line before and behind each heading within; none when there are fewer than two.
fn restore_breaks(line: &str) -> Option<Vec<&str>> {
    if line.len() < LONG_LINE {
        return None;
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut is_word_start = true;
    let mut next = 0;
    for (at, c) in line.char_indices() {
        if at < next {
            continue;
        }
        if is_word_start
            && c.is_ascii_digit()
            && let Some((_, length)) = inner(&line[at..])
        {
            pieces.extend([&line[from..at], &line[at..at + length]]);
            (from, next) = (at + length, at + length);
            is_word_start = false;
            continue;
        }
        is_word_start = c.is_whitespace();
    }
    pieces.push(&line[from..]);
    (pieces.len() > 4).then(|| pieces.into_iter().map(str::trim).filter(|piece| !piece.is_empty()).collect())
}
