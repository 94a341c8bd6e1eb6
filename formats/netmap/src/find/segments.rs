//! IPv4: the tree flattened into disjoint segments, each with the most specific range that holds all of it.
//!
//! A look-up is one read of a table over the leading bits, a few steps among the segments that begin in that cell, and
//! one read of the owner. With 22 leading bits a cell has 1,024 addresses, so where a segment begins takes 16 bits, and
//! a cache line has 32 of them: that the memory is small and dense makes the difference to a binary search.

use super::Find;
use crate::tree::{Item, NONE};

#[derive(Debug, Clone, Default)]
pub(crate) struct Segments {
    /// For each cell of the leading bits the number of segments that begin before it; at the end the number of all.
    table: Vec<u32>,
    /// How many of an address's bits are not leading: at most 16.
    low_bits: u32,
    /// Where each segment begins within its cell; the first begins at address 0.
    starts: Vec<u16>,
    owners: Vec<u32>,
}

impl Find<u32> for Segments {
    const EMPTY: Self = Self { table: Vec::new(), low_bits: 0, starts: Vec::new(), owners: Vec::new() };

    fn over(items: &[Item<u32>]) -> Self {
        if items.is_empty() {
            return Self::EMPTY;
        }
        let mut making = Making::new(items.len());
        making.begin(0, NONE);
        let mut open: Vec<u32> = Vec::new();
        for (index, item) in (0..).zip(items) {
            while let Some(&top) = open.last()
                && items[top as usize].last < item.first
            {
                open.pop();
                making.end(items[top as usize].last, open.last());
            }
            making.begin(item.first, index);
            open.push(index);
        }
        while let Some(top) = open.pop() {
            making.end(items[top as usize].last, open.last());
        }
        making.finish()
    }

    #[inline]
    fn find(&self, _items: &[Item<u32>], address: u32) -> u32 {
        /// Up to so many segments are walked over: for few that is quicker than to halve them.
        const WALK: usize = 16;
        let cell = (address >> self.low_bits) as usize;
        let Some(&[from, to]) = self.table.get(cell..cell + 2) else { return NONE };
        let (mut at, to) = (from as usize, to as usize);
        let low = (address & ((1 << self.low_bits) - 1)) as u16;
        if to - at <= WALK {
            while at < to && self.starts[at] <= low {
                at += 1;
            }
        } else {
            at += self.starts[at..to].partition_point(|start| *start <= low);
        }
        // the first segment begins at address 0, so at least one has begun
        self.owners[at - 1]
    }
}

/// Segments on their way, in the order of their starts.
struct Making {
    made: Segments,
    latest: Option<u32>,
}

impl Making {
    fn new(ranges: usize) -> Self {
        let low_bits = if ranges < 200_000 { 16 } else { 10 };
        let made = Segments {
            table: Vec::with_capacity((1 << (32 - low_bits)) + 1),
            low_bits,
            // nearly two for each range
            starts: Vec::with_capacity(2 * ranges + 1),
            owners: Vec::with_capacity(2 * ranges + 1),
        };
        Self { made, latest: None }
    }

    /// From `start` on, `owner` is the most specific range. What would be empty is overwritten.
    fn begin(&mut self, start: u32, owner: u32) {
        let made = &mut self.made;
        if self.latest == Some(start)
            && let Some(last) = made.owners.last_mut()
        {
            *last = owner;
            return;
        }
        self.latest = Some(start);
        let cell = (start >> made.low_bits) as usize;
        if made.table.len() <= cell {
            made.table.resize(cell + 1, made.starts.len() as u32); // fits: two for each of 2^30 ranges at most
        }
        made.starts.push((start & ((1 << made.low_bits) - 1)) as u16);
        made.owners.push(owner);
    }

    /// A range ends at `last`; behind it the one around it goes on.
    fn end(&mut self, last: u32, around: Option<&u32>) {
        if let Some(next) = last.checked_add(1) {
            self.begin(next, around.copied().unwrap_or(NONE));
        }
    }

    fn finish(mut self) -> Segments {
        let made = &mut self.made;
        made.table.resize((1 << (32 - made.low_bits)) + 1, made.starts.len() as u32);
        made.starts.shrink_to_fit();
        made.owners.shrink_to_fit();
        self.made
    }
}
