//! What the index keeps of networks: the ranges, and a few numbers beside each.

use std::sync::Arc;

use netmap::{Layer, NetMap, Overlaid};

use super::texts::{NameAt, Names};

/// What is kept of one network, or of an AS number.
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
    pub(crate) names: Vec<NameAt>,
    pub(crate) profiles: Vec<u32>,
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

impl Columns {
    pub(crate) fn with_room(count: usize) -> Self {
        Self {
            rows: Rows::with_room(count),
            names: Vec::with_capacity(count),
            profiles: Vec::with_capacity(count),
        }
    }

    pub(crate) fn push(&mut self, held: Held) {
        self.rows.push(held.row);
        self.names.push(held.name);
        self.profiles.push(held.profile);
    }

    pub(crate) fn get(&self, place: usize) -> Held {
        Held { row: self.rows.get(place), name: self.names[place], profile: self.profiles[place] }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// In the order of a map: for each place the number that what stands there has now. One column after another, so
    /// that only one stands twice in memory.
    pub(crate) fn ordered(mut self, order: &[u32]) -> Self {
        self.rows = self.rows.ordered(order);
        for column in [&mut self.names, &mut self.profiles] {
            *column = order.iter().map(|number| column[*number as usize]).collect();
        }
        self
    }
}

/// The networks with what has changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Networks {
    pub(crate) map: Overlaid,
    pub(crate) columns: Arc<Columns>,
    /// By the numbers of what was added to the map; what has gone again stays until all is merged.
    pub(crate) added: Vec<Held>,
    pub(crate) names: Names,
}

impl Networks {
    pub(crate) fn of(map: NetMap, columns: Columns, names: Names) -> Self {
        Self { map: Overlaid::new(Arc::new(map)), columns: Arc::new(columns), added: Vec::new(), names }
    }

    pub(crate) fn get(&self, layer: Layer) -> Held {
        match layer {
            Layer::Base(place) => self.columns.get(place),
            Layer::Added(number) => self.added[number as usize],
        }
    }

    /// With all changes in the large part.
    pub(crate) fn merged(&self) -> Self {
        let (map, order) = self.map.merged();
        let mut columns = Columns::with_room(order.len());
        for layer in order {
            columns.push(self.get(layer));
        }
        Self::of(map, columns, self.names.merged())
    }
}
