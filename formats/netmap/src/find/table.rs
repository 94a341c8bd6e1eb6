//! IPv6: the last range that begins at or before an address, and from there up to the first that reaches it.
//!
//! Segments as for IPv4 would double the memory of a range; there are a fifth as many of them, and most are prefixes
//! that lie close together.

use super::Find;
use crate::address::Wide;
use crate::tree::{Item, NONE};

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// For each cell of the leading bits the number of ranges that begin before it; at the end the number of all.
    cells: Vec<u32>,
    bits: u32,
}

/// All IPv6 unicast addresses in use lie in 2000::/3 (RFC 4291 section 2.4): its three bits tell nothing,
/// so the table goes over the bits behind them. Lower addresses fall into the first cell, higher into the last.
const GLOBAL_UNICAST: u64 = 0x2000 << 48;

impl Table {
    fn cell(&self, address: Wide) -> usize {
        let cell = address.high.saturating_sub(GLOBAL_UNICAST) >> (61 - self.bits);
        cell.min((1 << self.bits) - 1) as usize
    }
}

impl Find<Wide> for Table {
    const EMPTY: Self = Self { cells: Vec::new(), bits: 0 };

    fn over(items: &[Item<Wide>]) -> Self {
        if items.is_empty() {
            return Self::EMPTY;
        }
        let bits = match items.len() {
            0..2_000 => 8,
            2_000..100_000 => 16,
            _ => 20,
        };
        let mut table = Self { cells: Vec::with_capacity((1 << bits) + 1), bits };
        for (index, item) in (0..).zip(items) {
            let cell = table.cell(item.first);
            if table.cells.len() <= cell {
                table.cells.resize(cell + 1, index);
            }
        }
        table.cells.resize((1 << bits) + 1, items.len() as u32); // fits: 2^30 at most
        table
    }

    fn find(&self, items: &[Item<Wide>], address: Wide) -> u32 {
        if items.is_empty() {
            return 0;
        }
        let cell = self.cell(address);
        let (from, to) = (self.cells[cell] as usize, self.cells[cell + 1] as usize);
        let begun = from + items[from..to].partition_point(|item| item.first <= address);
        let Some(last) = begun.checked_sub(1) else { return 0 };
        // Whatever reaches the address began no later, so it is this one or lies around it.
        let mut range = last as u32;
        while range != NONE && items[range as usize].last < address {
            range = items[range as usize].parent();
        }
        if range == NONE { 0 } else { range + 1 }
    }
}
