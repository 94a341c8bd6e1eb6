//! Millions of short texts in one buffer, each once.

use std::collections::HashMap;

/// A text of one [`Texts`]. The first is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub(crate) struct Text(u32);

/// The texts of an index.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    buffer: String,
    ends: Vec<u32>,
}

impl Texts {
    /// The text itself.
    pub(crate) fn get(&self, text: Text) -> &str {
        let Some(before) = text.0.checked_sub(1) else { return "" };
        let at = before as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.buffer[start..self.ends[at] as usize]
    }

    fn push(&mut self, text: &str) -> Text {
        // An index of more than 4 GiB of names would be no index of registries; what is beyond stays nameless.
        let Ok(end) = u32::try_from(self.buffer.len() + text.len()) else { return Text::default() };
        self.buffer.push_str(text);
        self.ends.push(end);
        Text(self.ends.len() as u32) // fits: each has an end of its own below 2^32, and none is empty
    }
}

/// Makes [`Texts`]; equal texts become one.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    texts: Texts,
    known: HashMap<Box<str>, Text>,
}

impl Interner {
    /// Bytes of a text that are kept: names and descriptions are shorter, or nobody reads them on a line.
    const LONGEST: usize = 160;

    /// Takes a text, cut after 160 bytes.
    pub(crate) fn add(&mut self, text: &str) -> Text {
        let text = &text[..text.floor_char_boundary(Self::LONGEST)];
        if text.is_empty() {
            return Text::default();
        }
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let new = self.texts.push(text);
        self.known.insert(text.into(), new);
        new
    }

    pub(crate) fn finish(mut self) -> Texts {
        self.texts.buffer.shrink_to_fit();
        self.texts.ends.shrink_to_fit();
        self.texts
    }
}

/// The names of objects, without regard to case: small numbers for what refers to what.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    known: HashMap<Box<str>, Handle>,
}

/// A name by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Handle(pub(crate) u32);

impl Handles {
    /// The number of `name`.
    pub(crate) fn add(&mut self, name: &str) -> Handle {
        let key = name.to_ascii_uppercase();
        let next = Handle(self.known.len() as u32); // fits: each costs more than a byte
        *self.known.entry(key.into_boxed_str()).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_and_come_back_as_they_were() {
        let mut interner = Interner::default();
        let (a, none, b, again) = (
            interner.add("SKERRY-CAMPUS"),
            interner.add(""),
            interner.add("Škofja Loka"),
            interner.add("SKERRY-CAMPUS"),
        );
        let long = interner.add(&"č".repeat(100));
        let texts = interner.finish();
        assert_eq!(a, again);
        assert_eq!([a, none, b].map(|text| texts.get(text)), ["SKERRY-CAMPUS", "", "Škofja Loka"]);
        assert_eq!(texts.get(long), "č".repeat(80));
    }
}
