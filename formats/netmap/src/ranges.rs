//! What is asked of nested ranges, whether they stand in one map or in two layers.

use std::net::IpAddr;

use crate::RangeIdx;

/// Nested ranges of addresses.
pub trait Ranges {
    /// The smallest range that contains the address.
    fn most_specific(&self, address: IpAddr) -> Option<RangeIdx>;

    /// The smallest range that contains all of `first` to `last`; none when these are of two families or
    /// reversed. For a range of the map, that is itself.
    fn most_specific_covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx>;

    /// All ranges that lie within `first` to `last`, those with exactly these ends too; by start, then
    /// the larger first.
    fn inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_>;

    /// Of the ranges that lie within `first` to `last`, but not with exactly these ends, those that lie in no other of
    /// them: one level more specific.
    fn outermost_inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_>;

    /// First and last address of a range.
    fn range(&self, range: RangeIdx) -> (IpAddr, IpAddr);

    /// Whether the range itself is marked.
    fn is_marked(&self, range: RangeIdx) -> bool;

    /// The smallest range that contains this one.
    fn parent(&self, range: RangeIdx) -> Option<RangeIdx>;

    /// [`Ranges::most_specific`] for many addresses at once, answers in their order: they are brought into the order
    /// of the ranges first, which for thousands of addresses is several times faster than one by one.
    fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>>;

    /// The range itself when it is marked, else the nearest around it that is.
    fn marked(&self, range: RangeIdx) -> Option<RangeIdx> {
        let mut at = range;
        while !self.is_marked(at) {
            at = self.parent(at)?;
        }
        Some(at)
    }

    /// The smallest range with a mark that contains the address.
    fn nearest_marked(&self, address: IpAddr) -> Option<RangeIdx> {
        self.marked(self.most_specific(address)?)
    }

    /// All ranges that contain the address, the most specific first.
    fn chain(&self, address: IpAddr) -> impl Iterator<Item = RangeIdx> + '_
    where
        Self: Sized,
    {
        std::iter::successors(self.most_specific(address), |&range| self.parent(range))
    }

    /// The ranges with exactly these ends; of several, the one that came last first.
    fn equal(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = RangeIdx> + '_
    where
        Self: Sized,
    {
        let (first, last) = (first.to_canonical(), last.to_canonical());
        let around = self.most_specific_covering(first, last);
        let is_equal = move |range: &RangeIdx| self.range(*range) == (first, last);
        std::iter::successors(around, |&range| self.parent(range)).take_while(is_equal)
    }

    /// The range with exactly these ends; of several, the one that came last.
    fn exact(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx>
    where
        Self: Sized,
    {
        self.equal(first, last).next()
    }

    /// A range that lies partly inside, partly outside `first` to `last`, if any: with it these ends do not nest.
    fn crossing(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx>
    where
        Self: Sized,
    {
        let (first, last) = (first.to_canonical(), last.to_canonical());
        let mut around_first =
            self.chain(first).map(|range| (range, self.range(range))).take_while(|(_, ends)| ends.1 < last);
        if let Some((range, _)) = around_first.find(|(_, ends)| ends.0 < first) {
            return Some(range);
        }
        let mut around_last =
            self.chain(last).map(|range| (range, self.range(range))).take_while(|(_, ends)| ends.0 > first);
        around_last.find(|(_, ends)| ends.1 > last).map(|(range, _)| range)
    }
}
