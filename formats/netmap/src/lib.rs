#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod build;
mod family;

use std::net::IpAddr;

use address::Address;
pub use build::{Builder, Duplicate, Overlap, RangeError, Report};
use family::Family;

/// An immutable map from addresses to nested ranges. Made by [`Builder`]. `Send` and `Sync`: share it
/// behind an `Arc` and swap it for a newer one.
#[derive(Debug, Clone, Default)]
pub struct NetMap {
    v4: Family<u32>,
    v6: Family<u128>,
}

/// A range of one map. Means nothing to another map, and may make it panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RangeIdx(u32);

impl RangeIdx {
    const V6: u32 = 1 << 31;

    fn v4(index: u32) -> Self {
        Self(index)
    }

    fn v6(index: u32) -> Self {
        Self(index | Self::V6)
    }
}

/// Does the same in the family of the index, with the index in that family.
macro_rules! in_family {
    ($map:expr, $range:expr, |$family:ident, $index:ident| $body:expr) => {{
        if $range.0 & RangeIdx::V6 == 0 {
            let ($family, $index) = (&$map.v4, $range.0);
            $body
        } else {
            let ($family, $index) = (&$map.v6, $range.0 & !RangeIdx::V6);
            $body
        }
    }};
}

impl NetMap {
    /// The smallest range that contains the address.
    pub fn most_specific(&self, address: IpAddr) -> Option<RangeIdx> {
        match address.to_canonical() {
            IpAddr::V4(address) => self.v4.most_specific(address.to_bits()).map(RangeIdx::v4),
            IpAddr::V6(address) => self.v6.most_specific(address.to_bits()).map(RangeIdx::v6),
        }
    }

    /// The smallest range with a mark that contains the address.
    pub fn nearest_marked(&self, address: IpAddr) -> Option<RangeIdx> {
        self.marked(self.most_specific(address)?)
    }

    /// All ranges that contain the address, the most specific first.
    pub fn chain(&self, address: IpAddr) -> impl Iterator<Item = RangeIdx> + '_ {
        std::iter::successors(self.most_specific(address), |&range| self.parent(range))
    }

    /// The smallest range that contains all of `first` to `last`; none when these are of two families or
    /// reversed. For a range that was pushed, that is itself.
    pub fn most_specific_covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        match pair(first, last)? {
            Pair::V4(first, last) => self.v4.around(first, last).map(RangeIdx::v4),
            Pair::V6(first, last) => self.v6.around(first, last).map(RangeIdx::v6),
        }
    }

    /// The range with exactly these ends; of several, the one pushed last.
    pub fn exact(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        match pair(first, last)? {
            Pair::V4(first, last) => self.v4.exact(first, last).map(RangeIdx::v4),
            Pair::V6(first, last) => self.v6.exact(first, last).map(RangeIdx::v6),
        }
    }

    /// All ranges that lie within `first` to `last`, those with exactly these ends too; by start, then
    /// the larger first.
    pub fn inside(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = RangeIdx> + '_ {
        let (v4, v6) = match pair(first, last) {
            Some(Pair::V4(first, last)) => (Some((first, last)), None),
            Some(Pair::V6(first, last)) => (None, Some((first, last))),
            None => (None, None),
        };
        let v4 = v4.into_iter().flat_map(|(first, last)| self.v4.inside(first, last)).map(RangeIdx::v4);
        let v6 = v6.into_iter().flat_map(|(first, last)| self.v6.inside(first, last)).map(RangeIdx::v6);
        v4.chain(v6)
    }

    /// [`NetMap::most_specific`] for many addresses at once, answers in their order: they are sorted and
    /// merged with the ranges, which for thousands of addresses is several times faster than one by one.
    pub fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
        /// Addresses sorted together: their places fit 32 bits, and the copy stays small.
        const TOGETHER: usize = 1 << 20;
        let mut answers = vec![None; addresses.len()];
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (addresses, answers) in addresses.chunks(TOGETHER).zip(answers.chunks_mut(TOGETHER)) {
            v4.clear();
            v6.clear();
            for (place, address) in (0u32..).zip(addresses) {
                match address.to_canonical() {
                    IpAddr::V4(address) => v4.push((address.to_bits(), place)),
                    IpAddr::V6(address) => v6.push((address.to_bits(), place)),
                }
            }
            v4.sort_unstable_by_key(|(address, _)| *address);
            v6.sort_unstable_by_key(|(address, _)| *address);
            self.v4.merge(&v4, |&place, range| answers[place as usize] = Some(RangeIdx::v4(range)));
            self.v6.merge(&v6, |&place, range| answers[place as usize] = Some(RangeIdx::v6(range)));
        }
        answers
    }

    /// First and last address of a range.
    pub fn range(&self, range: RangeIdx) -> (IpAddr, IpAddr) {
        in_family!(self, range, |family, index| {
            let item = family.item(index);
            (item.first.to_ip(), item.last.to_ip())
        })
    }

    /// What was pushed with the range.
    pub fn payload(&self, range: RangeIdx) -> u32 {
        in_family!(self, range, |family, index| family.item(index).payload)
    }

    /// The range's own mark.
    pub fn mark(&self, range: RangeIdx) -> Option<u32> {
        in_family!(self, range, |family, index| family.item(index).mark)
    }

    /// The smallest range that contains this one.
    pub fn parent(&self, range: RangeIdx) -> Option<RangeIdx> {
        let parent = in_family!(self, range, |family, index| family.parent(index));
        parent.map(|index| RangeIdx(index | range.0 & RangeIdx::V6))
    }

    /// The range itself when it has a mark, else the nearest around it that has one.
    pub fn marked(&self, range: RangeIdx) -> Option<RangeIdx> {
        let marked = in_family!(self, range, |family, index| family.marked(index));
        marked.map(|index| RangeIdx(index | range.0 & RangeIdx::V6))
    }

    /// Number of ranges in the map.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether the map has no range.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

enum Pair {
    V4(u32, u32),
    V6(u128, u128),
}

/// Both ends as numbers of one family, in order.
fn pair(first: IpAddr, last: IpAddr) -> Option<Pair> {
    match (first.to_canonical(), last.to_canonical()) {
        (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
            Some(Pair::V4(first.to_bits(), last.to_bits()))
        }
        _ => match (first, last) {
            (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                Some(Pair::V6(first.to_bits(), last.to_bits()))
            }
            _ => None,
        },
    }
}
