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

/// Names behind one another with their lengths in front: of AS numbers, and of networks that came since the large part was
/// made.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    base: Arc<Vec<u8>>,
    more: Vec<u8>,
}

/// Where a name stands. The first place has the empty name.
pub(crate) type NameAt = u32;

impl Default for Names {
    fn default() -> Self {
        Self::of(vec![0])
    }
}

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
        let name = &name.as_bytes()[..name.floor_char_boundary(Self::LONGEST)];
        // An index of more than 4 GiB of names would be no index of registries; what is beyond stays nameless.
        let at = u32::try_from(self.base.len() + self.more.len()).unwrap_or(0);
        if at == 0 || name.is_empty() {
            return 0;
        }
        self.more.push(name.len() as u8); // fits: 255 at most
        self.more.extend_from_slice(name);
        at
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were() {
        let mut all = Names::default();
        let names = ["SKERRY-CAMPUS", "", "Škofja Loka", "SKERRY-CAMPUS"];
        let places = names.map(|name| all.push(name));
        let long = all.push(&"č".repeat(200));
        let mut all = all.merged();
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
