//! Merges hits: the same observable twice is one entry with a count.

use crate::find::Hit;
use crate::refang::Refanged;
use crate::{Kind, Observable};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

pub(crate) struct Collector<'r, 't> {
    refanged: &'r Refanged<'t>,
    found: Vec<Observable>,
    /// From the keyed hash of kind and value to the place in `found`: nothing is allocated for a repeated value. The
    /// hash is keyed, so that no sender can make values collide.
    places: HashMap<u64, u32>,
    hasher: RandomState,
    max: usize,
    full: bool,
}

impl<'r, 't> Collector<'r, 't> {
    pub(crate) fn new(refanged: &'r Refanged<'t>, max: usize) -> Self {
        // places are u32
        let max = max.min(u32::MAX as usize);
        Self {
            refanged,
            found: Vec::new(),
            places: HashMap::new(),
            hasher: RandomState::new(),
            max,
            full: false,
        }
    }

    /// Takes one hit; `false` when there is no room for more.
    pub(crate) fn add(&mut self, hit: Hit<'_>) -> bool {
        let mut key = self.hasher.hash_one((hit.kind, hit.value));
        while let Some(place) = self.places.get(&key) {
            let known = &mut self.found[*place as usize];
            if known.kind == hit.kind && known.value == hit.value {
                known.count = known.count.saturating_add(1);
                known.port = known.port.or(hit.port);
                return true;
            }
            key = key.wrapping_add(1);
        }
        if self.found.len() >= self.max {
            self.full = true;
            return false;
        }
        self.places.insert(key, self.found.len() as u32);
        let (span, defanged) = self.refanged.original(&hit.span);
        self.found.push(Observable {
            kind: hit.kind,
            value: hit.value.to_owned(),
            span,
            port: hit.port,
            defanged,
            range: hit.range,
            special: hit.special,
            count: 1,
        });
        true
    }

    /// The observables, and whether some had to be left out.
    pub(crate) fn finish(self) -> (Vec<Observable>, bool) {
        debug_assert!(
            self.found.iter().all(|one| one.range.is_some() == matches!(one.kind, Kind::Ip | Kind::IpRange))
        );
        (self.found, self.full)
    }
}
