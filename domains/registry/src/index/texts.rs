//! Texts and small tables that grow at the end: a large part that is shared, and a little that came since.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Values by number. Cheap to clone while few came since the large part was made.
#[derive(Debug, Clone)]
pub(crate) struct Grown<T> {
    base: Arc<Vec<T>>,
    more: Vec<T>,
}

impl<T> Default for Grown<T> {
    fn default() -> Self {
        Self { base: Arc::default(), more: Vec::new() }
    }
}

impl<T: Clone> Grown<T> {
    pub(crate) fn of(mut base: Vec<T>) -> Self {
        base.shrink_to_fit();
        Self { base: Arc::new(base), more: Vec::new() }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let number = number as usize;
        self.base.get(number).or_else(|| self.more.get(number - self.base.len()))
    }

    /// Takes a value; its number.
    pub(crate) fn push(&mut self, value: T) -> u32 {
        self.more.push(value);
        (self.len() - 1) as u32 // fits: each value came with an object of its own
    }

    /// The number of a value that came since the large part was made.
    pub(crate) fn recent(&self, is: impl Fn(&T) -> bool) -> Option<u32> {
        let place = self.more.iter().rposition(is)?;
        Some((self.base.len() + place) as u32) // fits: it was pushed
    }

    pub(crate) fn len(&self) -> usize {
        self.base.len() + self.more.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.base.iter().chain(&self.more)
    }

    /// With all in the large part.
    pub(crate) fn merged(&self) -> Self {
        if self.more.is_empty() { self.clone() } else { Self::of(self.iter().cloned().collect()) }
    }
}

/// Makes a [`Grown`] in which each value stands once.
#[derive(Debug)]
pub(crate) struct Once<T> {
    values: Vec<T>,
    known: HashMap<T, u32>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { values: Vec::new(), known: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    /// The number of `value`.
    pub(crate) fn add(&mut self, value: &T) -> u32 {
        if let Some(known) = self.known.get(value) {
            return *known;
        }
        let number = self.values.len() as u32; // fits: each costs more than a byte of a dump
        self.values.push(value.clone());
        self.known.insert(value.clone(), number);
        number
    }

    pub(crate) fn finish(self) -> Grown<T> {
        Grown::of(self.values)
    }
}

/// The names of networks: millions, most of them once, behind one another with their lengths in front.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    base: Arc<Vec<u8>>,
    more: Vec<u8>,
}

/// Where a name stands. The first place has the empty name.
pub(crate) type NameAt = u32;

impl Names {
    /// Bytes of a name that are kept: registries allow 80.
    const LONGEST: usize = 255;

    pub(crate) fn of(mut base: Vec<u8>) -> Self {
        base.shrink_to_fit();
        Self { base: Arc::new(base), more: Vec::new() }
    }

    pub(crate) fn get(&self, at: NameAt) -> &str {
        let at = at as usize;
        let rest = match at.checked_sub(self.base.len()) {
            None => &self.base[at..],
            Some(at) => self.more.get(at..).unwrap_or_default(),
        };
        let name = rest.split_first().and_then(|(length, rest)| rest.get(..usize::from(*length)));
        std::str::from_utf8(name.unwrap_or_default()).unwrap_or_default()
    }

    /// Takes a name, cut after 255 bytes.
    pub(crate) fn push(&mut self, name: &str) -> NameAt {
        let base = self.base.len();
        put_name(&mut self.more, base, name)
    }

    /// With all in the large part.
    pub(crate) fn merged(&self) -> Self {
        if self.more.is_empty() {
            return self.clone();
        }
        let mut all = Vec::with_capacity(self.base.len() + self.more.len());
        all.extend_from_slice(&self.base);
        all.extend_from_slice(&self.more);
        Self::of(all)
    }

    /// The bytes of both parts, for a file.
    pub(crate) fn parts(&self) -> [&[u8]; 2] {
        [&self.base, &self.more]
    }
}

fn put_name(buffer: &mut Vec<u8>, before: usize, name: &str) -> NameAt {
    let name = &name.as_bytes()[..name.floor_char_boundary(Names::LONGEST)];
    // An index of more than 4 GiB of names would be no index of registries; what is beyond stays nameless.
    let Ok(at) = u32::try_from(before + buffer.len()) else { return 0 };
    buffer.push(name.len() as u8);
    buffer.extend_from_slice(name);
    at
}

/// Makes [`Names`]. A name that came shortly before is not taken again: the networks of a holder stand together in a dump,
/// and a table of all names would be larger than what it saves.
#[derive(Debug)]
pub(crate) struct NameBuilder {
    buffer: Vec<u8>,
    recent: Vec<NameAt>,
}

impl Default for NameBuilder {
    fn default() -> Self {
        Self { buffer: vec![0], recent: vec![0; 1 << Self::RECENT_BITS] }
    }
}

impl NameBuilder {
    const RECENT_BITS: u32 = 16;

    pub(crate) fn add(&mut self, name: &str) -> NameAt {
        if name.is_empty() {
            return 0;
        }
        // FNV-1a: short, and a collision costs some bytes only.
        let hash = name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let slot = (hash ^ (hash >> 16)) as usize & (self.recent.len() - 1);
        let at = self.recent[slot] as usize;
        let known = self.buffer.get(at + 1..at + 1 + usize::from(self.buffer[at]));
        if known == Some(name.as_bytes()) {
            return at as u32; // fits: it was one
        }
        let at = put_name(&mut self.buffer, 0, name);
        self.recent[slot] = at;
        at
    }

    pub(crate) fn finish(self) -> Names {
        Names::of(self.buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_and_recent_ones_stand_once() {
        let mut builder = NameBuilder::default();
        let names = ["SKERRY-CAMPUS", "", "Škofja Loka", "SKERRY-CAMPUS"];
        let places = names.map(|name| builder.add(name));
        let long = builder.add(&"č".repeat(200));
        let mut all = builder.finish();
        assert_eq!(places[0], places[3]);
        assert_eq!(places.map(|at| all.get(at)), names);
        assert_eq!(all.get(long), "č".repeat(127));
        let later = all.push("LATER");
        assert_eq!((all.get(later), all.get(places[2])), ("LATER", "Škofja Loka"));
        assert_eq!(all.merged().get(later), "LATER");
        assert_eq!(all.get(u32::MAX), "");
    }

    #[test]
    fn a_table_grows_and_keeps_its_numbers() {
        let mut once = Once::default();
        assert_eq!(["a", "b", "a"].map(|text| once.add(&text)), [0, 1, 0]);
        let mut grown = once.finish();
        assert_eq!(grown.push("c"), 2);
        assert_eq!(
            (0..4).map(|number| grown.get(number).copied()).collect::<Vec<_>>(),
            [Some("a"), Some("b"), Some("c"), None]
        );
        assert_eq!(grown.merged().get(2), Some(&"c"));
    }
}
