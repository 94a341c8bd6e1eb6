//! Objects by name: teams, roles, organisations, keys. Some hundred thousand, changed one by one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use smol_str::SmolStr;

/// Parts of a table. A change copies the part that it touches.
const PARTS: usize = 256;

/// Objects by name without regard to case, and by registry: a name means the object of the same registry first.
#[derive(Debug, Clone)]
pub(crate) struct Named<T> {
    parts: Vec<Arc<Vec<Entry<T>>>>,
}

/// An object of one registry.
#[derive(Debug, Clone)]
pub(crate) struct Entry<T> {
    /// Its name in upper case.
    pub(crate) name: SmolStr,
    /// The number of its registry.
    pub(crate) source: u16,
    /// Its row in the database; 0 when it came from a file.
    pub(crate) row: i64,
    pub(crate) object: T,
}

impl<T> Entry<T> {
    fn key(&self) -> (&str, u16) {
        (&self.name, self.source)
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        let empty = Arc::new(Vec::new());
        Self { parts: vec![empty; PARTS] }
    }
}

impl<T: Clone> Named<T> {
    /// Of objects in the order in which they were read. Of two with one name in one registry the later one counts.
    pub(crate) fn of(entries: Vec<Entry<T>>) -> Self {
        let mut parts: Vec<Vec<Entry<T>>> = (0..PARTS).map(|_| Vec::new()).collect();
        for entry in entries {
            parts[part(&entry.name)].push(entry);
        }
        let in_order = |mut part: Vec<Entry<T>>| {
            part.sort_by(|one, other| one.key().cmp(&other.key()));
            part.dedup_by(|later, earlier| {
                let again = later.key() == earlier.key();
                if again {
                    std::mem::swap(later, earlier);
                }
                again
            });
            part.shrink_to_fit();
            Arc::new(part)
        };
        Self { parts: parts.into_iter().map(in_order).collect() }
    }

    /// All objects of this name (in upper case).
    fn all(&self, name: &str) -> &[Entry<T>] {
        let part = &self.parts[part(name)];
        let from = part.partition_point(|entry| *entry.name < *name);
        let count = part[from..].iter().take_while(|entry| *entry.name == *name).count();
        &part[from..from + count]
    }

    /// The object of this name (in upper case) of registry `source`; else the one that was read first.
    pub(crate) fn get(&self, name: &str, source: u16) -> Option<&Entry<T>> {
        self.all(name).iter().find(|entry| entry.source == source).or_else(|| self.anywhere(name))
    }

    /// The object of this name (in upper case) that was read first.
    pub(crate) fn anywhere(&self, name: &str) -> Option<&Entry<T>> {
        self.all(name).iter().min_by_key(|entry| entry.row)
    }

    /// Takes an object in place of the one of the same name and registry.
    pub(crate) fn put(&mut self, new: Entry<T>) {
        let part = Arc::make_mut(&mut self.parts[part(&new.name)]);
        match part.binary_search_by(|entry| entry.key().cmp(&new.key())) {
            Ok(place) => part[place] = new,
            Err(place) => part.insert(place, new),
        }
    }

    /// Removes the object of this name (in upper case) and registry; whether there was one.
    pub(crate) fn remove(&mut self, name: &str, source: u16) -> bool {
        if !self.all(name).iter().any(|entry| entry.source == source) {
            return false;
        }
        let part = Arc::make_mut(&mut self.parts[part(name)]);
        part.retain(|entry| !(*entry.name == *name && entry.source == source));
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }
}

fn part(name: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish() as usize % PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, source: u16, row: i64, object: char) -> Entry<char> {
        Entry { name: name.into(), source, row, object }
    }

    #[test]
    fn a_name_means_the_object_of_the_same_registry_first() {
        let mut named = Named::of(vec![
            entry("A", 1, 7, 'x'),
            entry("A", 0, 3, 'y'),
            entry("B", 0, 1, 'z'),
            entry("A", 0, 4, 'w'),
        ]);
        let get = |named: &Named<char>, name: &str, source| named.get(name, source).map(|entry| entry.object);
        assert_eq!(get(&named, "A", 1), Some('x'));
        assert_eq!(get(&named, "A", 0), Some('w'), "the later one of one registry");
        assert_eq!(get(&named, "A", 9), Some('w'), "of others the one that was read first");
        assert_eq!(get(&named, "C", 0), None);
        assert_eq!(named.len(), 3);
        let before = named.clone();
        named.put(entry("C", 2, 9, 'c'));
        named.put(entry("A", 1, 7, 'X'));
        assert!(named.remove("B", 0) && !named.remove("B", 1));
        assert_eq!(
            (get(&named, "C", 0), get(&named, "A", 1), get(&named, "B", 0)),
            (Some('c'), Some('X'), None)
        );
        assert_eq!(
            (get(&before, "C", 0), get(&before, "A", 1), get(&before, "B", 0)),
            (None, Some('x'), Some('z'))
        );
        assert_eq!(named.iter().count(), named.len());
    }
}
