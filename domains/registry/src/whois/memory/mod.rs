//! The objects that are asked for, in memory.

mod card;
mod objects;
mod placed;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};
use teams::Directory;

pub(in crate::whois) use card::{Card, value};
pub(in crate::whois) use objects::{Objects, Stop};
pub(in crate::whois) use placed::Placed;

use crate::live::Applied;

/// Objects by row and by name, within a bound; also that there is none of a name. Read without a lock that anybody
/// holds for long.
#[derive(Debug)]
pub(crate) struct Memory {
    cards: Cache<i64, Arc<Card>, Weight>,
    /// The rows of all objects of a class and key, one of each source.
    names: Cache<Named, Arc<[i64]>, Weight>,
    /// `None` until somebody asks.
    placed: RwLock<Option<Placed>>,
    /// Counted up by every change: what was read before it is not kept.
    generation: AtomicU64,
    /// The directory that the cards were made with: introducers' remarks come from it.
    directory: arc_swap::ArcSwap<Directory>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Named {
    class: Box<str>,
    key: Box<str>,
}

#[derive(Hash)]
struct NameOf<'a> {
    class: &'a str,
    key: &'a str,
}

impl Equivalent<Named> for NameOf<'_> {
    fn equivalent(&self, named: &Named) -> bool {
        *self.class == *named.class && *self.key == *named.key
    }
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<i64, Arc<Card>> for Weight {
    fn weight(&self, _: &i64, card: &Arc<Card>) -> u64 {
        card.weight()
    }
}

impl Weighter<Named, Arc<[i64]>> for Weight {
    fn weight(&self, name: &Named, rows: &Arc<[i64]>) -> u64 {
        (name.class.len() + name.key.len() + 8 * rows.len() + 96) as u64
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(64 << 20)
    }
}

impl Memory {
    /// Room for `bytes` of objects, and a quarter of that for names.
    pub(crate) fn new(bytes: u64) -> Self {
        let entries = (bytes / 16_384) as usize; // to begin with
        Self {
            cards: Cache::with_weighter(entries, bytes, Weight),
            names: Cache::with_weighter(entries, bytes / 4, Weight),
            placed: RwLock::default(),
            generation: AtomicU64::new(0),
            directory: arc_swap::ArcSwap::default(),
        }
    }

    /// Forgets what was made with another directory.
    pub(in crate::whois) fn follow(&self, directory: &Arc<Directory>) {
        if !Arc::ptr_eq(&self.directory.load(), directory) {
            self.directory.store(directory.clone());
            self.generation.fetch_add(1, Ordering::SeqCst);
            self.cards.clear();
        }
    }

    /// Forgets what these changes concern.
    pub(crate) fn forget(&self, changes: &[Applied]) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        for change in changes {
            self.cards.remove(&change.row);
            self.names.remove(&NameOf { class: &change.class, key: &change.key });
        }
        let mut placed = self.placed.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(placed) = placed.as_mut() {
            changes.iter().for_each(|change| placed.apply(change));
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.cards.clear();
        self.names.clear();
        *self.placed.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The routes and blocks, when they were read.
    pub(in crate::whois) fn placed(&self) -> RwLockReadGuard<'_, Option<Placed>> {
        self.placed.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `placed`, which was read when the memory was at `generation`. When there were changes since, the next
    /// question reads it again.
    pub(in crate::whois) fn keep_placed(&self, placed: Placed, generation: u64) {
        let mut kept = self.placed.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() == generation {
            *kept = Some(placed);
        }
    }

    /// What is known now: hand it to [`Memory::keep`] of what is read later.
    pub(in crate::whois) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(in crate::whois) fn row(&self, row: i64) -> Option<Arc<Card>> {
        self.cards.get(&row)
    }

    /// The rows of all objects of this class and key; `None`: not known.
    pub(in crate::whois) fn rows(&self, class: &str, key: &str) -> Option<Arc<[i64]>> {
        self.names.get(&NameOf { class, key })
    }

    /// Keeps a card that was read when the memory was at `generation`.
    pub(in crate::whois) fn keep(&self, card: &Arc<Card>, generation: u64) {
        if self.generation() == generation {
            self.cards.insert(card.row, card.clone());
            if self.generation() != generation {
                self.cards.remove(&card.row);
            }
        }
    }

    /// As [`Memory::keep`] for the rows of a name.
    pub(in crate::whois) fn keep_rows(&self, class: &str, key: &str, rows: Arc<[i64]>, generation: u64) {
        if self.generation() == generation {
            self.names.insert(Named { class: class.into(), key: key.into() }, rows);
            if self.generation() != generation {
                self.names.remove(&NameOf { class, key });
            }
        }
    }
}
