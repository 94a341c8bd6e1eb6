//! From ranges in any order to a map: sort, and one sweep with a stack.

use std::fmt;
use std::net::IpAddr;

use crate::NetMap;
use crate::address::{Address, NoPair, Pair, Wide, pair};
use crate::tree::{Entered, Item, MOST, Sweep, Tree};

/// Collects ranges; [`Builder::build`] makes the map.
#[derive(Debug, Default)]
pub struct Builder {
    v4: Vec<Item<u32>>,
    v6: Vec<Item<Wide>>,
}

/// Why a range was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RangeError {
    /// One end is IPv4, written as such or mapped to IPv6, the other IPv6.
    Mixed,
    /// The last address comes before the first.
    Reversed,
    /// The map holds 2^28 ranges already.
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

/// Ranges in the order of their map, which is still to be made. Who has little memory and keeps something beside the ranges
/// puts that into order now: the map takes as much again as the ranges alone.
#[derive(Debug)]
pub struct Sorted {
    /// See [`Built::order`].
    pub order: Vec<u32>,
    v4: Vec<Item<u32>>,
    v6: Vec<Item<Wide>>,
    report: Report,
}

impl Sorted {
    /// Makes the map.
    pub fn build(self) -> Built {
        let map = NetMap { v4: Tree::of(self.v4), v6: Tree::of(self.v6) };
        Built { map, order: self.order, report: self.report }
    }
}

/// A map, and what belongs to which of its ranges.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The map.
    pub map: NetMap,
    /// For each place in the map ([`NetMap::place`]) the number of the range that stands there: how many were pushed
    /// before it. Whoever keeps something beside the ranges puts it into this order once, and then needs no number
    /// for each range.
    pub order: Vec<u32>,
    /// What was odd.
    pub report: Report,
}

/// What was odd about the ranges of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Ranges left out, since they cross the border of another.
    pub overlaps: Vec<Overlap>,
    /// Ranges that were pushed more than once. All are in the map.
    pub duplicates: Vec<Duplicate>,
    /// Numbers of ranges left out, since 256 others lie around each.
    pub too_deep: Vec<u32>,
}

impl Report {
    /// How many ranges are not in the map.
    pub fn left_out(&self) -> usize {
        self.overlaps.len() + self.too_deep.len()
    }
}

/// A range that was left out because it lies partly inside, partly outside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// First and last address of the range that is in the map: the one that starts earlier.
    pub kept: (IpAddr, IpAddr),
    /// Its number: how many ranges were pushed before it.
    pub kept_number: u32,
    /// First and last address of the range that was left out.
    pub left_out: (IpAddr, IpAddr),
    /// Its number.
    pub left_out_number: u32,
}

/// A range that equals one pushed before it and became its child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// First and last address.
    pub range: (IpAddr, IpAddr),
    /// Number of the one pushed earlier, now less specific.
    pub earlier: u32,
    /// Number of the one pushed later, which look-ups find.
    pub later: u32,
}

impl Builder {
    /// Adds the range from `first` to `last`, both included; `marked` makes it one that [`Ranges::nearest_marked`](crate::Ranges::nearest_marked)
    /// stops at. Its number is how many were pushed before it. An end within the IPv6-mapped IPv4 addresses
    /// (`::ffff:0:0/96`) counts as IPv4.
    ///
    /// # Errors
    /// [`RangeError`]; nothing is added.
    pub fn push(&mut self, first: IpAddr, last: IpAddr, marked: bool) -> Result<(), RangeError> {
        if self.len() >= MOST {
            return Err(RangeError::Full);
        }
        let number = self.len() as u32;
        match pair(first, last) {
            Ok(Pair::V4(first, last)) => self.v4.push(Item::new(first, last, number, marked)),
            Ok(Pair::V6(first, last)) => self.v6.push(Item::new(first, last, number, marked)),
            Err(NoPair::Mixed) => return Err(RangeError::Mixed),
            Err(NoPair::Reversed) => return Err(RangeError::Reversed),
        }
        Ok(())
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
    /// 5 million ranges take about half a second.
    pub fn build(self) -> Built {
        self.sort().build()
    }

    /// The first half of [`Builder::build`].
    pub fn sort(self) -> Sorted {
        let mut order = Vec::with_capacity(self.len());
        let mut report = Report::default();
        let v4 = family(self.v4, &mut order, &mut report);
        let v6 = family(self.v6, &mut order, &mut report);
        Sorted { order, v4, v6, report }
    }
}

/// Sorts, and gives each range its parent in the place of its number: in place, since millions of ranges stand twice in
/// memory otherwise.
fn family<A: Address>(mut items: Vec<Item<A>>, order: &mut Vec<u32>, report: &mut Report) -> Vec<Item<A>> {
    // a range comes before those inside it, and equal ranges keep their order
    items.sort_unstable_by_key(|item| (item.first, std::cmp::Reverse(item.last), item.number()));
    let base = order.len();
    let mut sweep = Sweep::default();
    let mut kept = 0;
    for at in 0..items.len() {
        let item = items[at];
        let (this, number) = ((item.first, item.last), item.number());
        let parent = match sweep.enter(&items[..kept], item.first, item.last) {
            Entered::Under(parent) => parent,
            Entered::Crosses(top) => {
                let around = &items[top as usize];
                report.overlaps.push(Overlap {
                    kept: ends((around.first, around.last)),
                    kept_number: order[base + top as usize],
                    left_out: ends(this),
                    left_out_number: number,
                });
                continue;
            }
            Entered::TooDeep => {
                report.too_deep.push(number);
                continue;
            }
        };
        if let Some(around) = items[..kept].get(parent as usize)
            && (around.first, around.last) == this
        {
            let earlier = order[base + parent as usize];
            report.duplicates.push(Duplicate { range: ends(this), earlier, later: number });
        }
        items[kept] = Item::new(item.first, item.last, parent, item.is_marked());
        order.push(number);
        sweep.taken(kept as u32); // fits: below NONE
        kept += 1;
    }
    items.truncate(kept);
    items.shrink_to_fit();
    items
}

fn ends<A: Address>((first, last): (A, A)) -> (IpAddr, IpAddr) {
    (first.to_ip(), last.to_ip())
}
