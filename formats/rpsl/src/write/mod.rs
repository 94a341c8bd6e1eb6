//! Writing objects: new ones, and changes to old ones that leave every other byte as it is.
//!
//! ```
//! use rpsl::template::AttributeName as A;
//! use rpsl::write::Writer;
//!
//! let object = rpsl::Object::parse(b"irt:   IRT-A   # ours\nmnt-by: A-MNT\nsource: TEST\n")?;
//! let mut writer = Writer::of(&object);
//! writer.set(A::Created, "2026-03-01T12:00:00Z");
//! writer.add(A::MntBy, "B-MNT");
//! let written = String::from_utf8_lossy(&writer.to_bytes()).into_owned();
//! assert_eq!(
//!     written,
//!     "irt:   IRT-A   # ours\nmnt-by: A-MNT\nmnt-by:         B-MNT\n\
//!      created:        2026-03-01T12:00:00Z\nsource: TEST\n"
//! );
//! # Ok::<(), rpsl::Error>(())
//! ```

mod line;
mod order;

pub use line::{brief, line};

use crate::object::Object;
use crate::template::{AttributeName, Template};

/// An object under the pen. Attributes that are set, added or replaced are written anew; all others keep their bytes,
/// and so do comments.
#[derive(Debug, Clone)]
pub struct Writer {
    pieces: Vec<Piece>,
    template: Option<&'static Template>,
    /// How the object's lines end.
    end: &'static str,
}

/// An attribute, or lines that are none.
#[derive(Debug, Clone)]
struct Piece {
    /// Lower case; empty for lines that are no attribute.
    name: String,
    raw: Vec<u8>,
}

impl Writer {
    /// A new object of the class, with its first attribute's value.
    pub fn new(template: &'static Template, name: &str) -> Self {
        let mut writer = Self { pieces: Vec::new(), template: Some(template), end: "\n" };
        if let Some(first) = template.attributes().first() {
            writer.pieces.push(writer.piece(first.attribute, name));
        }
        writer
    }

    /// A change to an object.
    pub fn of(object: &Object<'_>) -> Self {
        let pieces = object.parts().map(|part| Piece {
            name: part.attribute.map_or_else(String::new, |attribute| attribute.name().to_owned()),
            raw: part.raw.to_vec(),
        });
        let first = object.raw().split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
        Self {
            pieces: pieces.collect(),
            template: Template::of(&object.class()),
            end: if first.ends_with(b"\r\n") { "\r\n" } else { "\n" },
        }
    }

    /// Makes the attribute stand once, with this value: in the place of the first of its name, or where its class has
    /// it. Further ones of the name are taken out. A value of several lines is continued; see [`line()`].
    pub fn set(&mut self, name: AttributeName, value: &str) {
        let Some(at) = self.position(name.as_str()) else { return self.add(name, value) };
        let piece = self.piece(name, value);
        let mut seen = 0;
        self.pieces.retain(|piece| {
            seen += usize::from(piece.name == name.as_str());
            piece.name != name.as_str() || seen == 1
        });
        // the first of the name has nothing of the name before it, so that its place is the same
        if let Some(first) = self.pieces.get_mut(at) {
            *first = piece;
        }
        self.close_lines();
    }

    /// Adds an attribute: behind those of its name, or where its class has it.
    pub fn add(&mut self, name: AttributeName, value: &str) {
        let piece = self.piece(name, value);
        let at = match self.pieces.iter().rposition(|piece| piece.name == name.as_str()) {
            Some(last) => last + 1,
            None => order::place(self.template, name, &self.pieces),
        };
        self.insert(at, piece);
    }

    /// Adds an attribute behind the last of another name; without one of those, as [`Writer::add`] does.
    pub fn insert_after(&mut self, other: AttributeName, name: AttributeName, value: &str) {
        match self.pieces.iter().rposition(|piece| piece.name == other.as_str()) {
            Some(last) => {
                let piece = self.piece(name, value);
                self.insert(last + 1, piece);
            }
            None => self.add(name, value),
        }
    }

    /// Takes out all attributes of a name, in any case, also of one that no template knows (`delete`, `password`).
    /// Gives how many there were.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.pieces.len();
        self.pieces.retain(|piece| piece.name.is_empty() || !piece.name.eq_ignore_ascii_case(name));
        before - self.pieces.len()
    }

    /// Puts one word in the place of another (in any case) within the values of an attribute, such as a handle in the
    /// place of `AUTO-1`; comments and everything else stay. Gives how often.
    pub fn replace_item(&mut self, name: AttributeName, from: &str, to: &str) -> usize {
        let named = self.pieces.iter_mut().filter(|piece| piece.name == name.as_str());
        named.map(|piece| line::replace_item(&mut piece.raw, from, to)).sum()
    }

    /// Puts the attributes into the order of their template. Routing policy keeps the order that its author gave it;
    /// comments stay before the attribute that follows them; what the class does not know comes last.
    pub fn sort(&mut self) {
        let Some(template) = self.template else { return };
        order::sort(template, &mut self.pieces);
        self.close_lines();
    }

    /// Whether an attribute of this name (in any case) stands.
    pub fn has(&self, name: &str) -> bool {
        self.position(&name.to_ascii_lowercase()).is_some()
    }

    /// The object's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces.iter().flat_map(|piece| piece.raw.iter().copied()).collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.pieces.iter().position(|piece| piece.name == name)
    }

    fn piece(&self, name: AttributeName, value: &str) -> Piece {
        let mut raw = line(name.as_str(), value);
        if self.end == "\r\n" {
            raw = raw.replace('\n', "\r\n");
        }
        Piece { name: name.as_str().to_owned(), raw: raw.into_bytes() }
    }

    fn insert(&mut self, at: usize, piece: Piece) {
        self.pieces.insert(at.min(self.pieces.len()), piece);
        self.close_lines();
    }

    /// Ends the lines of all pieces but the last: something follows them now.
    fn close_lines(&mut self) {
        let end = self.end.as_bytes();
        let last = self.pieces.len().saturating_sub(1);
        for piece in self.pieces.iter_mut().take(last).filter(|piece| !piece.raw.ends_with(b"\n")) {
            piece.raw.extend_from_slice(end);
        }
    }
}
