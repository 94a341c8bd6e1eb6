//! IPv4: the tree flattened into disjoint segments, each with the most specific range that holds all of it.
//!
//! A look-up is one read of a table over the leading bits, where the answer stands when one range holds all of that cell;
//! else it tells which segments begin in the cell, and a few steps among them lead to the answer. What takes time is the
//! waiting for memory: so a segment has its range beside its start, and the table is small enough to stay in the
//! processor's cache while the segments do not.

use super::Find;
use crate::tree::{Item, NONE};

#[derive(Debug, Clone, Default)]
pub(crate) struct Segments {
    /// For each cell of the leading bits: with [`WHOLE`] what [`Find::find`] gives; else the first segment that begins in
    /// it, behind its start, with [`LONG`] when many do.
    table: Vec<u32>,
    /// How many of an address's bits are not leading.
    low_bits: u32,
    /// In the order of their starts; the first begins at address 0.
    segments: Vec<Segment>,
}

/// One range holds all of a cell, and there it is.
const WHOLE: u32 = 1 << 31;
/// More segments begin in a cell than are walked over: for few that is quicker than to halve them.
const LONG: u32 = 1 << 30;
const WALK: usize = 16;

#[derive(Debug, Clone, Copy)]
struct Segment {
    start: u32,
    /// As [`Find::find`] gives it.
    found: u32,
}

impl Find<u32> for Segments {
    const EMPTY: Self = Self { table: Vec::new(), low_bits: 0, segments: Vec::new() };

    fn over(items: &[Item<u32>]) -> Self {
        if items.is_empty() {
            return Self::EMPTY;
        }
        // nearly two for each range
        let mut making = Making { segments: Vec::with_capacity(2 * items.len() + 1) };
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
        let mut segments = making.segments;
        segments.shrink_to_fit();
        let low_bits = if items.len() < 200_000 { 16 } else { 10 };
        Self { table: table(&segments, low_bits), low_bits, segments }
    }

    #[inline]
    fn find(&self, _items: &[Item<u32>], address: u32) -> u32 {
        let Some(&cell) = self.table.get((address >> self.low_bits) as usize) else { return 0 };
        if cell & WHOLE != 0 {
            return cell & !WHOLE;
        }
        if cell & LONG != 0 {
            return self.find_long((cell & !LONG) as usize, address);
        }
        let mut behind = cell as usize;
        while behind < self.segments.len() && self.segments[behind].start <= address {
            behind += 1;
        }
        // the first segment begins at address 0, and no cell tells of it
        self.segments[behind - 1].found
    }
}

impl Segments {
    /// What is found in a cell with many segments, of which the first behind its start is at `from`.
    #[cold]
    fn find_long(&self, from: usize, address: u32) -> u32 {
        let most = self.segments.len().min(from + (1 << self.low_bits));
        let begun = self.segments[from..most].partition_point(|segment| segment.start <= address);
        self.segments[from + begun - 1].found
    }
}

fn table(segments: &[Segment], low_bits: u32) -> Vec<u32> {
    let mut behind = 1;
    (0..1u32 << (32 - low_bits))
        .map(|cell| {
            let (first, last) = (cell << low_bits, (cell << low_bits) | ((1 << low_bits) - 1));
            while segments.get(behind).is_some_and(|segment| segment.start <= first) {
                behind += 1;
            }
            let begins = |place: usize| segments.get(place).is_some_and(|segment| segment.start <= last);
            match (begins(behind), begins(behind + WALK)) {
                (false, _) => WHOLE | segments[behind - 1].found,
                (true, false) => behind as u32, // fits: two for each of 2^28 ranges
                (true, true) => LONG | behind as u32,
            }
        })
        .collect()
}

/// Segments on their way, in the order of their starts.
struct Making {
    segments: Vec<Segment>,
}

impl Making {
    /// From `start` on, `owner` is the most specific range. What would be empty is overwritten.
    fn begin(&mut self, start: u32, owner: u32) {
        let found = if owner == NONE { 0 } else { owner + 1 };
        match self.segments.last_mut() {
            Some(latest) if latest.start == start => latest.found = found,
            _ => self.segments.push(Segment { start, found }),
        }
    }

    /// A range ends at `last`; behind it the one around it goes on.
    fn end(&mut self, last: u32, around: Option<&u32>) {
        if let Some(next) = last.checked_add(1) {
            self.begin(next, around.copied().unwrap_or(NONE));
        }
    }
}
