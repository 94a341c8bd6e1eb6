#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod build;
mod bulk;
mod find;
mod overlay;
mod ranges;
mod snapshot;
mod tree;

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

pub use build::{Builder, Built, Duplicate, Overlap, RangeError, Report, Sorted};
pub use overlay::{Addition, Changed, Layer, Overlaid};
pub use ranges::Ranges;
pub use snapshot::{Restore, SnapshotError};

use address::{Address as _, Pair, Wide, pair};
use tree::Tree;

/// An immutable map from addresses to nested ranges. Made by [`Builder`]. `Send` and `Sync`: share it
/// behind an `Arc` and swap it for a newer one. What is asked of it stands in [`Ranges`], too.
#[derive(Debug, Clone, Default)]
pub struct NetMap {
    v4: Tree<u32>,
    v6: Tree<Wide>,
}

/// A range of one map. Means nothing to another map, and may make it panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RangeIdx(NonZeroU32);

impl RangeIdx {
    const V6: u32 = 1 << 31;
    /// The range stands in the small map over another; see [`Overlaid`].
    const ADDED: u32 = 1 << 30;

    /// `index` is below [`tree::NONE`], so that it and one more fit 30 bits.
    #[inline]
    fn new(index: u32, family: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(index) | family)
    }

    #[inline]
    fn v4(index: u32) -> Self {
        Self::new(index, 0)
    }

    fn v6(index: u32) -> Self {
        Self::new(index, Self::V6)
    }

    #[inline]
    fn index(self) -> u32 {
        (self.0.get() & !(Self::V6 | Self::ADDED)) - 1
    }

    #[inline]
    fn family(self) -> u32 {
        self.0.get() & Self::V6
    }

    #[inline]
    fn is_v6(self) -> bool {
        self.family() != 0
    }

    fn is_added(self) -> bool {
        self.0.get() & Self::ADDED != 0
    }

    fn added(self) -> Self {
        Self(self.0 | Self::ADDED)
    }

    fn within_its_map(self) -> Self {
        Self::new(self.index(), self.family())
    }
}

/// What lies over a map that was not changed.
static EMPTY: NetMap = NetMap { v4: Tree::EMPTY, v6: Tree::EMPTY };

/// Does the same in the family of the range, with the index in that family.
macro_rules! in_family {
    ($map:expr, $range:expr, |$tree:ident, $index:ident| $body:expr) => {{
        let $index = $range.index();
        if $range.is_v6() {
            let $tree = &$map.v6;
            $body
        } else {
            let $tree = &$map.v4;
            $body
        }
    }};
}

impl Ranges for NetMap {
    #[inline]
    fn most_specific(&self, address: IpAddr) -> Option<RangeIdx> {
        match address.to_canonical() {
            IpAddr::V4(address) => self.most_specific_v4(address),
            IpAddr::V6(address) => self.v6.most_specific(Wide::of(address)).map(RangeIdx::v6),
        }
    }

    fn most_specific_covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        match pair(first, last).ok()? {
            Pair::V4(first, last) => self.v4.around(first, last).map(RangeIdx::v4),
            Pair::V6(first, last) => self.v6.around(first, last).map(RangeIdx::v6),
        }
    }

    fn inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_> {
        overlay::walk([self, &EMPTY], &[], first, last, overlay::Depth::All)
    }

    fn outermost_inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_> {
        overlay::walk([self, &EMPTY], &[], first, last, overlay::Depth::Outermost)
    }

    fn range(&self, range: RangeIdx) -> (IpAddr, IpAddr) {
        in_family!(self, range, |tree, index| {
            let item = tree.item(index);
            (item.first.to_ip(), item.last.to_ip())
        })
    }

    fn is_marked(&self, range: RangeIdx) -> bool {
        in_family!(self, range, |tree, index| tree.item(index).is_marked())
    }

    fn parent(&self, range: RangeIdx) -> Option<RangeIdx> {
        let parent = in_family!(self, range, |tree, index| tree.parent(index));
        parent.map(|index| RangeIdx::new(index, range.family()))
    }

    fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
        bulk::bulk(self, addresses)
    }
}

impl NetMap {
    /// [`Ranges::most_specific`] for those who have IPv4 addresses only, and many.
    #[inline]
    pub fn most_specific_v4(&self, address: Ipv4Addr) -> Option<RangeIdx> {
        // A range of IPv4 has no sign of its family, and one more than its index in its place.
        NonZeroU32::new(self.v4.found(address.to_bits())).map(RangeIdx)
    }

    /// The place of a range among all: IPv4 before IPv6, by start, then the larger first; from 0 to below
    /// [`NetMap::len`]. See [`Built::order`].
    #[inline]
    pub fn place(&self, range: RangeIdx) -> usize {
        range.index() as usize + if range.is_v6() { self.v4.len() } else { 0 }
    }

    /// The range at a place; `None` beyond the last.
    pub fn at(&self, place: usize) -> Option<RangeIdx> {
        match place.checked_sub(self.v4.len()) {
            None => Some(RangeIdx::v4(place as u32)), // fits: there are 2^28 at most
            Some(place) => (place < self.v6.len()).then(|| RangeIdx::v6(place as u32)),
        }
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
