//! What the index keeps of networks: the ranges, and a few numbers beside each.

use std::sync::Arc;

use netmap::{Layer, NetMap, Overlaid};

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
    pub(crate) rows: Rows,
    pub(crate) profiles: Vec<u32>,
    pub(crate) names: PackedNames,
}

/// Rows of a database, narrow as long as they fit: they do for years.
#[derive(Debug)]
pub(crate) enum Rows {
    Narrow(Vec<u32>),
    Wide(Vec<i64>),
}

impl Default for Rows {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Rows {
    pub(crate) fn get(&self, place: usize) -> i64 {
        match self {
            Self::Narrow(rows) => i64::from(rows[place]),
            Self::Wide(rows) => rows[place],
        }
    }

    pub(crate) fn push(&mut self, row: i64) {
        match self {
            Self::Wide(rows) => rows.push(row),
            Self::Narrow(rows) => match u32::try_from(row) {
                Ok(row) => rows.push(row),
                Err(_) => {
                    let mut wide: Vec<i64> = rows.iter().map(|row| i64::from(*row)).collect();
                    wide.push(row);
                    *self = Self::Wide(wide);
                }
            },
        }
    }

    fn with_room(count: usize) -> Self {
        Self::Narrow(Vec::with_capacity(count))
    }

    fn ordered(&self, order: &[u32]) -> Self {
        match self {
            Self::Narrow(rows) => Self::Narrow(order.iter().map(|number| rows[*number as usize]).collect()),
            Self::Wide(rows) => Self::Wide(order.iter().map(|number| rows[*number as usize]).collect()),
        }
    }
}

/// Columns in the order in which networks come.
#[derive(Debug, Default)]
pub(crate) struct Coming {
    rows: Rows,
    names: Packer,
    profiles: Vec<u32>,
}

impl Coming {
    pub(crate) fn push(&mut self, row: i64, name: &str, profile: u32) {
        self.rows.push(row);
        self.names.push(name);
        self.profiles.push(profile);
    }

    /// In the order of a map: for each place the number that what stands there came with. One column after another, so
    /// that only one stands twice in memory.
    pub(crate) fn ordered(self, order: &[u32]) -> Columns {
        let came = self.names.finish();
        let mut names = Packer::default();
        order.iter().for_each(|number| names.push(&came.get(*number as usize)));
        drop(came);
        let rows = self.rows.ordered(order);
        let profiles = order.iter().map(|number| self.profiles[*number as usize]).collect();
        Columns { rows, profiles, names: names.finish() }
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
            Layer::Base(place) => self.columns.rows.get(place),
            Layer::Added(number) => self.added[number as usize].row,
        }
    }

    pub(crate) fn profile(&self, layer: Layer) -> u32 {
        match layer {
            Layer::Base(place) => self.columns.profiles[place],
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
        let mut columns = Columns {
            rows: Rows::with_room(order.len()),
            profiles: order.iter().map(|layer| self.profile(*layer)).collect(),
            names: PackedNames::default(),
        };
        let mut packer = Packer::default();
        for layer in order {
            columns.rows.push(self.row(layer));
            packer.push(&self.name(layer));
        }
        columns.names = packer.finish();
        Self::of(map, columns, self.names.merged())
    }
}
