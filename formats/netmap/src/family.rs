//! The ranges of one family, and the look-ups in them.

use crate::address::Address;
use crate::build::Item;

/// In place of an index: there is no such range.
pub(crate) const NONE: u32 = u32::MAX;

/// Ranges in the order (start ascending, end descending); parallel vectors, so that each look-up touches
/// only what it needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Family<A> {
    first: Vec<A>,
    last: Vec<A>,
    payload: Vec<u32>,
    mark: Vec<u32>,
    parent: Vec<u32>,
    /// The nearest of itself and its ancestors that has a mark.
    marked: Vec<u32>,

    /// Where each segment begins; the first begins at address 0. A segment ends where the next begins.
    starts: Vec<A>,
    owners: Vec<u32>,
    /// For each cell of the leading bits the segment in which it begins, and the last segment at the end.
    table: Vec<u32>,
    bits: u32,
}

impl<A: Address> Family<A> {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self {
            first: Vec::with_capacity(count),
            last: Vec::with_capacity(count),
            payload: Vec::with_capacity(count),
            mark: Vec::with_capacity(count),
            parent: Vec::with_capacity(count),
            marked: Vec::with_capacity(count),
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, item: Item<A>, parent: Option<u32>) -> u32 {
        let index = self.first.len() as u32; // fits: the builder refuses more
        let inherited = parent.map_or(NONE, |parent| self.marked[parent as usize]);
        self.first.push(item.first);
        self.last.push(item.last);
        self.payload.push(item.payload);
        self.mark.push(item.mark.unwrap_or_default());
        self.parent.push(parent.unwrap_or(NONE));
        self.marked.push(if item.mark.is_some() { index } else { inherited });
        index
    }

    pub(crate) fn finish(&mut self, starts: Vec<A>, owners: Vec<u32>) {
        self.bits = table_bits(self.first.len(), size_of::<A>());
        let cells = 1 << self.bits;
        self.table.reserve_exact(cells + 1);
        let mut segment = 0;
        for cell in 0..cells {
            let start = A::cell_start(cell, self.bits);
            while starts.get(segment + 1).is_some_and(|next| *next <= start) {
                segment += 1;
            }
            self.table.push(segment as u32);
        }
        self.table.push(starts.len() as u32 - 1);
        (self.starts, self.owners) = (starts, owners);
        self.starts.shrink_to_fit();
        self.owners.shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.first.len()
    }

    pub(crate) fn item(&self, index: u32) -> Item<A> {
        let at = index as usize;
        let mark = (self.marked[at] == index).then(|| self.mark[at]);
        Item { first: self.first[at], last: self.last[at], payload: self.payload[at], mark }
    }

    pub(crate) fn parent(&self, index: u32) -> Option<u32> {
        some(self.parent[index as usize])
    }

    pub(crate) fn marked(&self, index: u32) -> Option<u32> {
        some(self.marked[index as usize])
    }

    pub(crate) fn most_specific(&self, address: A) -> Option<u32> {
        if self.first.is_empty() {
            return None;
        }
        some(self.owners[self.segment(address)])
    }

    fn segment(&self, address: A) -> usize {
        let cell = address.cell(self.bits);
        let (from, to) = (self.table[cell] as usize, self.table[cell + 1] as usize);
        // the segment at `from` begins at or before the cell, so at least one start is not above
        from + self.starts[from..=to].partition_point(|start| *start <= address) - 1
    }

    /// The smallest range with both ends in it.
    pub(crate) fn around(&self, first: A, last: A) -> Option<u32> {
        let mut range = self.most_specific(first)?;
        while self.last[range as usize] < last {
            range = self.parent(range)?;
        }
        Some(range)
    }

    /// The last pushed of the ranges with exactly these ends.
    pub(crate) fn exact(&self, first: A, last: A) -> Option<u32> {
        let range = self.around(first, last)?;
        (self.first[range as usize] == first && self.last[range as usize] == last).then_some(range)
    }

    /// The ranges inside these ends, in their order; those with exactly these ends too.
    pub(crate) fn inside(&self, first: A, last: A) -> impl Iterator<Item = u32> + '_ {
        let from = self.first.partition_point(|start| *start < first);
        let to = from + self.first[from..].partition_point(|start| *start <= last);
        (from..to).filter(move |&at| self.last[at] <= last).map(|at| at as u32)
    }

    /// Calls `found` with the owner for each of the addresses, which must be sorted.
    pub(crate) fn merge<T>(&self, sorted: &[(A, T)], mut found: impl FnMut(&T, u32)) {
        /// Segments to walk over before a new look-up is cheaper.
        const NEAR: usize = 8;
        if self.first.is_empty() {
            return;
        }
        let mut at = 0;
        for (address, question) in sorted {
            let next = self.starts[at..].iter().take(NEAR).take_while(|start| *start <= address).count();
            at = if next < NEAR { (at + next).saturating_sub(1) } else { self.segment(*address) };
            if let Some(range) = some(self.owners[at]) {
                found(question, range);
            }
        }
    }
}

fn some(index: u32) -> Option<u32> {
    (index != NONE).then_some(index)
}

/// Leading bits in the table: enough that a cell holds few segments, not so many that a small map is large
/// (2^8: 1 kB, 2^16: 256 kB, 2^20: 4 MB, 2^24: 64 MB).
fn table_bits(ranges: usize, address_bytes: usize) -> u32 {
    match ranges {
        0..2_000 => 8,
        2_000..1_000_000 => 16,
        1_000_000..3_000_000 => 20,
        _ if address_bytes == 4 => 24,
        _ => 20,
    }
}
