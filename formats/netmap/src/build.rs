//! From ranges in any order to a map: sort, one sweep with a stack, segments, table.

use std::fmt;
use std::net::IpAddr;

use crate::NetMap;
use crate::address::Address;
use crate::family::{Family, NONE};

/// Collects ranges; [`Builder::build`] makes the map.
#[derive(Debug, Default)]
pub struct Builder {
    v4: Vec<Item<u32>>,
    v6: Vec<Item<u128>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<A> {
    pub(crate) first: A,
    pub(crate) last: A,
    pub(crate) payload: u32,
    pub(crate) mark: Option<u32>,
}

/// Why a range was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeError {
    /// One end is IPv4, the other IPv6.
    Mixed,
    /// The last address comes before the first.
    Reversed,
    /// The map holds 2^31 - 1 ranges of this family already.
    Full,
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mixed => "one end of the range is IPv4, the other IPv6",
            Self::Reversed => "the range ends before it begins",
            Self::Full => "the map holds as many ranges as it can",
        })
    }
}

impl std::error::Error for RangeError {}

/// What was odd about the ranges of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Ranges left out, since they cross the border of another.
    pub overlaps: Vec<Overlap>,
    /// Ranges that were pushed more than once. All are in the map.
    pub duplicates: Vec<Duplicate>,
}

/// A range that was left out because it lies partly inside, partly outside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// First and last address of the range that is in the map: the one that starts earlier.
    pub kept: (IpAddr, IpAddr),
    /// Its payload.
    pub kept_payload: u32,
    /// First and last address of the range that was left out.
    pub left_out: (IpAddr, IpAddr),
    /// Its payload.
    pub left_out_payload: u32,
}

/// A range that equals one pushed before it and became its child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// First and last address.
    pub range: (IpAddr, IpAddr),
    /// Payload of the one pushed earlier, now less specific.
    pub earlier_payload: u32,
    /// Payload of the one pushed later, which look-ups find.
    pub later_payload: u32,
}

impl Builder {
    /// Adds the range from `first` to `last`, both included. `payload` is the caller's own (an index or a
    /// row), `mark` makes it one that [`NetMap::nearest_marked`] stops at. A range within the IPv6-mapped
    /// IPv4 addresses (`::ffff:0:0/96`) counts as IPv4.
    ///
    /// # Errors
    /// [`RangeError`]; nothing is added.
    pub fn push(
        &mut self,
        first: IpAddr,
        last: IpAddr,
        payload: u32,
        mark: Option<u32>,
    ) -> Result<(), RangeError> {
        let (first, last) = match (first.to_canonical(), last.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(last)) => (first.into(), last.into()),
            _ => (first, last),
        };
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                add(&mut self.v4, Item { first: first.to_bits(), last: last.to_bits(), payload, mark })
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                add(&mut self.v6, Item { first: first.to_bits(), last: last.to_bits(), payload, mark })
            }
            _ => Err(RangeError::Mixed),
        }
    }

    /// Number of ranges pushed so far.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the map, and tells which ranges were left out of it or stand in it twice.
    /// 5 million ranges take about a second.
    pub fn build(self) -> (NetMap, Report) {
        let mut report = Report::default();
        let map = NetMap { v4: family(self.v4, &mut report), v6: family(self.v6, &mut report) };
        (map, report)
    }
}

fn add<A: Address>(items: &mut Vec<Item<A>>, item: Item<A>) -> Result<(), RangeError> {
    if item.last < item.first {
        return Err(RangeError::Reversed);
    }
    // one bit of an index tells the family, and the highest index means none
    if items.len() >= (NONE >> 1) as usize {
        return Err(RangeError::Full);
    }
    items.push(item);
    Ok(())
}

fn family<A: Address>(mut items: Vec<Item<A>>, report: &mut Report) -> Family<A> {
    // a range comes before those inside it; the sort is stable, so equal ranges keep their order
    items.sort_by_key(|item| (item.first, std::cmp::Reverse(item.last)));
    let mut family = Family::with_capacity(items.len());
    let mut sweep = Sweep::default();
    for item in items {
        sweep.leave(&family, item.first);
        if let Some(&top) = sweep.open.last() {
            let around = family.item(top);
            if around.last < item.last {
                report.overlaps.push(Overlap {
                    kept: ends(&around),
                    kept_payload: around.payload,
                    left_out: ends(&item),
                    left_out_payload: item.payload,
                });
                continue;
            }
            if (around.first, around.last) == (item.first, item.last) {
                report.duplicates.push(Duplicate {
                    range: ends(&item),
                    earlier_payload: around.payload,
                    later_payload: item.payload,
                });
            }
        }
        let parent = sweep.open.last().copied();
        let index = family.push(item, parent);
        sweep.open.push(index);
        sweep.segment(item.first, index);
    }
    sweep.leave_all(&family);
    family.finish(sweep.starts, sweep.owners);
    family
}

fn ends<A: Address>(item: &Item<A>) -> (IpAddr, IpAddr) {
    (item.first.to_ip(), item.last.to_ip())
}

/// The ranges around the point that the sweep has reached, outermost first, and the segments behind it.
struct Sweep<A> {
    open: Vec<u32>,
    starts: Vec<A>,
    owners: Vec<u32>,
}

impl<A: Address> Default for Sweep<A> {
    fn default() -> Self {
        Self { open: Vec::new(), starts: vec![A::default()], owners: vec![NONE] }
    }
}

impl<A: Address> Sweep<A> {
    /// Closes the ranges that end before `first`; behind each, its parent goes on.
    fn leave(&mut self, family: &Family<A>, first: A) {
        while let Some(&top) = self.open.last()
            && family.item(top).last < first
        {
            self.close(family, top);
        }
    }

    fn leave_all(&mut self, family: &Family<A>) {
        while let Some(&top) = self.open.last() {
            self.close(family, top);
        }
    }

    fn close(&mut self, family: &Family<A>, top: u32) {
        self.open.pop();
        if let Some(next) = family.item(top).last.next() {
            self.segment(next, self.open.last().copied().unwrap_or(NONE));
        }
    }

    /// From `start` on, `owner` is the most specific range. What would be empty is overwritten.
    fn segment(&mut self, start: A, owner: u32) {
        if let (Some(last), Some(of)) = (self.starts.last(), self.owners.last_mut())
            && *last == start
        {
            *of = owner;
        } else {
            self.starts.push(start);
            self.owners.push(owner);
        }
    }
}
