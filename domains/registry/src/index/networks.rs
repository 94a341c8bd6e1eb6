//! What the index keeps of networks: the ranges, and a few numbers beside each.

use std::sync::Arc;

use netmap::{Layer, NetMap, Overlaid};

use super::numbers::Numbers;
use super::packed::{Netname, PackedNames, Packer};
use super::texts::{NameAt, Names};

/// What is kept of a network that came after the large part was made, or of an AS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its row in the database; 0 when it came from a file.
    pub(crate) row: i64,
    pub(crate) name: NameAt,
    /// Place in the table of profiles.
    pub(crate) profile: u32,
}

/// The networks of one moment that does not change: columns in the order of the map.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// Rows of the database.
    pub(crate) rows: Numbers,
    /// Places in the table of profiles.
    pub(crate) profiles: Numbers,
    pub(crate) names: PackedNames,
}

/// Columns in the order in which networks come.
#[derive(Debug, Default)]
pub(crate) struct Coming {
    rows: Numbers,
    names: Packer,
    profiles: Numbers,
}

impl Coming {
    pub(crate) fn push(&mut self, row: i64, name: &str, profile: u32) {
        self.rows.push(row.cast_unsigned());
        self.names.push(name);
        self.profiles.push(profile.into());
    }

    /// In the order of a map: for each place the number that what stands there came with. One column after another, so
    /// that only one stands twice in memory.
    pub(crate) fn ordered(self, order: &[u32]) -> Columns {
        let came = self.names.finish();
        let mut names = Packer::default();
        order.iter().for_each(|number| names.push(&came.get(*number as usize)));
        drop(came);
        let rows = self.rows.ordered(order);
        drop(self.rows);
        Columns { rows, profiles: self.profiles.ordered(order), names: names.finish() }
    }
}

/// The networks with what has changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Networks {
    pub(crate) map: Overlaid,
    pub(crate) columns: Arc<Columns>,
    /// By the numbers of what was added to the map; what has gone again stays until all is merged.
    pub(crate) added: Vec<Held>,
    /// Of what was added, and of AS numbers.
    pub(crate) names: Names,
}

impl Networks {
    pub(crate) fn of(map: NetMap, columns: Columns, names: Names) -> Self {
        Self { map: Overlaid::new(Arc::new(map)), columns: Arc::new(columns), added: Vec::new(), names }
    }

    pub(crate) fn row(&self, layer: Layer) -> i64 {
        match layer {
            Layer::Base(place) => self.columns.rows.get(place).cast_signed(),
            Layer::Added(number) => self.added[number as usize].row,
        }
    }

    pub(crate) fn profile(&self, layer: Layer) -> u32 {
        match layer {
            Layer::Base(place) => self.columns.profiles.get(place) as u32, // fits: it was one
            Layer::Added(number) => self.added[number as usize].profile,
        }
    }

    pub(crate) fn name(&self, layer: Layer) -> Netname {
        match layer {
            Layer::Base(place) => self.columns.names.get(place),
            Layer::Added(number) => Netname::new(self.names.get(self.added[number as usize].name)),
        }
    }

    /// With all changes in the large part.
    pub(crate) fn merged(&self) -> Self {
        let (map, order) = self.map.merged();
        let old = &self.columns;
        let mut rows = Numbers::like(&old.rows, order.len());
        let mut profiles = Numbers::like(&old.profiles, order.len());
        let mut names = Packer::default();
        for layer in order {
            rows.push(self.row(layer).cast_unsigned());
            profiles.push(self.profile(layer).into());
            names.push(&self.name(layer));
        }
        Self::of(map, Columns { rows, profiles, names: names.finish() }, self.names.merged())
    }
}
