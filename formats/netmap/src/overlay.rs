//! Two layers: a large map that stays as it is, and over it what has changed since it was made.

use std::net::IpAddr;
use std::sync::Arc;

use crate::address::{Address, Pair, pair};
use crate::tree::{Entered, Item, Sweep, Tree};
use crate::{Builder, NetMap, RangeIdx, Ranges};

/// A map with changes. Immutable too: [`Overlaid::changed`] makes another one that shares the large map. What was added
/// should stay some thousands of ranges, since each change copies them; then [`Overlaid::merged`] makes a new large map.
#[derive(Debug, Clone, Default)]
pub struct Overlaid {
    base: Arc<NetMap>,
    /// Ranges of the base that are no more; sorted.
    gone: Arc<Vec<RangeIdx>>,
    added: Arc<Added>,
}

#[derive(Debug, Default)]
struct Added {
    map: NetMap,
    /// For each place of the map the number that the caller gave.
    numbers: Vec<u32>,
}

/// A range to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition {
    /// Its first address.
    pub first: IpAddr,
    /// Its last address.
    pub last: IpAddr,
    /// Whether [`Ranges::nearest_marked`] stops at it.
    pub marked: bool,
    /// The caller's own.
    pub number: u32,
}

/// What became of a change.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The map with it.
    pub map: Overlaid,
    /// Numbers of additions that are no range, or cross a range that was there before them: they are not in the map.
    pub refused: Vec<u32>,
}

/// Where a range of an [`Overlaid`] map stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// At this place of the large map.
    Base(usize),
    /// It was added under this number.
    Added(u32),
}

impl Overlaid {
    /// The map without changes.
    pub fn new(base: Arc<NetMap>) -> Self {
        Self { base, ..Self::default() }
    }

    /// Without the ranges `gone`, and with those of `additions`, in their order.
    pub fn changed(&self, gone: &[RangeIdx], additions: &[Addition]) -> Changed {
        let mut without: Vec<RangeIdx> = self.gone.to_vec();
        without.extend(gone.iter().filter(|range| !range.is_added()));
        without.sort_unstable();
        without.dedup();
        let left = |range: &RangeIdx| !gone.contains(&range.added());
        let mut all: Vec<Addition> = (0..)
            .map_while(|place| self.added.map.at(place))
            .filter(left)
            .map(|range| self.addition(range))
            .collect();
        let mut map = Self { base: self.base.clone(), gone: Arc::new(without), added: Arc::default() };
        let mut refused = Vec::new();
        for addition in additions {
            if map.crossing(addition.first, addition.last).is_some() {
                refused.push(addition.number);
            } else {
                all.push(*addition);
            }
        }
        map.added = Arc::new(Added::of(all, &mut refused));
        Changed { map, refused }
    }

    fn addition(&self, range: RangeIdx) -> Addition {
        let (first, last) = self.added.map.range(range);
        let number = self.added.numbers[self.added.map.place(range)];
        Addition { first, last, marked: self.added.map.is_marked(range), number }
    }

    /// The large map.
    pub fn base(&self) -> &Arc<NetMap> {
        &self.base
    }

    /// How many ranges were added or are gone since the large map was made.
    pub fn changes(&self) -> usize {
        self.gone.len() + self.added.map.len()
    }

    /// Number of ranges.
    pub fn len(&self) -> usize {
        self.base.len() - self.gone.len() + self.added.map.len()
    }

    /// Whether there is no range.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a range stands.
    pub fn layer(&self, range: RangeIdx) -> Layer {
        if range.is_added() {
            Layer::Added(self.added.numbers[self.added.map.place(range.within_its_map())])
        } else {
            Layer::Base(self.base.place(range))
        }
    }

    /// Both layers as one map, and for each of its places where the range stood. 5 million ranges take a fifth of a
    /// second.
    pub fn merged(&self) -> (NetMap, Vec<Layer>) {
        let mut order = Vec::with_capacity(self.len());
        let v4 = self.merge(|map| &map.v4, RangeIdx::v4, &mut order);
        let v6 = self.merge(|map| &map.v6, RangeIdx::v6, &mut order);
        (NetMap { v4, v6 }, order)
    }

    fn merge<A: Address>(
        &self,
        tree: impl for<'m> Fn(&'m NetMap) -> &'m Tree<A>,
        range: fn(u32) -> RangeIdx,
        order: &mut Vec<Layer>,
    ) -> Tree<A> {
        let trees = [tree(&self.base), tree(&self.added.map)];
        let mut items = Vec::with_capacity(trees[0].len() + trees[1].len());
        let mut sweep = Sweep::default();
        let walk = Walk { trees, at: [0, 0], gone: &self.gone, range, within: None, depth: Depth::All };
        for found in walk {
            let item = trees[usize::from(found.is_added())].item(found.index());
            // What nests in two layers nests in one; only more than 256 levels are cut.
            let Entered::Under(parent) = sweep.enter(&items, item.first, item.last) else { continue };
            sweep.taken(items.len() as u32); // fits: two maps of 2^28 at most
            items.push(Item::new(item.first, item.last, parent, item.is_marked()));
            order.push(self.layer(found));
        }
        Tree::of(items)
    }

    fn is_untouched(&self) -> bool {
        self.gone.is_empty() && self.added.map.is_empty()
    }

    /// The range of the base, or the nearest around it that is not gone.
    fn left(&self, range: Option<RangeIdx>) -> Option<RangeIdx> {
        let mut range = range?;
        while self.gone.binary_search(&range).is_ok() {
            range = self.base.parent(range)?;
        }
        Some(range)
    }

    /// The smaller one of two ranges that nest; of equal ones that which was added.
    fn smaller(&self, base: Option<RangeIdx>, added: Option<RangeIdx>) -> Option<RangeIdx> {
        let (Some(below), Some(above)) = (base, added) else { return base.or(added.map(RangeIdx::added)) };
        let (below_ends, above_ends) = (self.base.range(below), self.added.map.range(above));
        let above_is_inside = below_ends.0 <= above_ends.0 && above_ends.1 <= below_ends.1;
        Some(if above_is_inside { above.added() } else { below })
    }
}

impl Added {
    /// Of additions in their order. Of two that cross one another the later one is refused.
    fn of(mut all: Vec<Addition>, refused: &mut Vec<u32>) -> Self {
        loop {
            let mut builder = Builder::default();
            let mut bad = Vec::new();
            for (place, addition) in all.iter().enumerate() {
                if builder.push(addition.first, addition.last, addition.marked).is_err() {
                    bad.push(place);
                }
            }
            if bad.is_empty() {
                let built = builder.build();
                let report = &built.report;
                bad.extend(
                    report
                        .overlaps
                        .iter()
                        .map(|overlap| overlap.kept_number.max(overlap.left_out_number) as usize),
                );
                bad.extend(report.too_deep.iter().map(|number| *number as usize));
                if bad.is_empty() {
                    let numbers = built.order.iter().map(|place| all[*place as usize].number).collect();
                    return Self { map: built.map, numbers };
                }
            }
            bad.sort_unstable();
            bad.dedup();
            for place in bad.into_iter().rev() {
                refused.push(all.remove(place).number);
            }
        }
    }
}

impl Ranges for Overlaid {
    fn most_specific(&self, address: IpAddr) -> Option<RangeIdx> {
        let base = self.base.most_specific(address);
        if self.is_untouched() {
            return base;
        }
        self.smaller(self.left(base), self.added.map.most_specific(address))
    }

    fn most_specific_covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        let base = self.base.most_specific_covering(first, last);
        if self.is_untouched() {
            return base;
        }
        self.smaller(self.left(base), self.added.map.most_specific_covering(first, last))
    }

    fn inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_> {
        walk([&self.base, &self.added.map], &self.gone, first, last, Depth::All)
    }

    fn outermost_inside(&self, first: IpAddr, last: IpAddr) -> Box<dyn Iterator<Item = RangeIdx> + '_> {
        walk([&self.base, &self.added.map], &self.gone, first, last, Depth::Outermost)
    }

    fn range(&self, range: RangeIdx) -> (IpAddr, IpAddr) {
        if range.is_added() { self.added.map.range(range.within_its_map()) } else { self.base.range(range) }
    }

    fn is_marked(&self, range: RangeIdx) -> bool {
        if range.is_added() {
            self.added.map.is_marked(range.within_its_map())
        } else {
            self.base.is_marked(range)
        }
    }

    fn parent(&self, range: RangeIdx) -> Option<RangeIdx> {
        if self.is_untouched() {
            return self.base.parent(range);
        }
        let (first, last) = self.range(range);
        if range.is_added() {
            // Of equal ranges those of the base are the less specific ones.
            let base = self.left(self.base.most_specific_covering(first, last));
            return self.smaller(base, self.added.map.parent(range.within_its_map()));
        }
        let base = self.left(self.base.parent(range));
        let around = self.added.map.most_specific_covering(first, last);
        let mut larger = std::iter::successors(around, |around| self.added.map.parent(*around));
        let added = larger.find(|around| self.added.map.range(*around) != (first, last));
        // An equal range of the base that came before this one lies nearer around it than what was added around both.
        self.smaller(base, added)
    }

    fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
        let mut answers = self.base.bulk(addresses);
        if !self.is_untouched() {
            for (address, answer) in addresses.iter().zip(&mut answers) {
                *answer = self.smaller(self.left(*answer), self.added.map.most_specific(*address));
            }
        }
        answers
    }
}

/// Which ranges a walk takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    All,
    /// Not those inside one that it has taken, nor one with exactly the ends asked for.
    Outermost,
}

/// The ranges of two layers within `first` to `last`, in the order of one tree.
pub(crate) fn walk<'m>(
    maps: [&'m NetMap; 2],
    gone: &'m [RangeIdx],
    first: IpAddr,
    last: IpAddr,
    depth: Depth,
) -> Box<dyn Iterator<Item = RangeIdx> + 'm> {
    let [base, added] = maps;
    match pair(first, last) {
        Ok(Pair::V4(first, last)) => {
            Box::new(Walk::new([&base.v4, &added.v4], gone, RangeIdx::v4, (first, last), depth))
        }
        Ok(Pair::V6(first, last)) => {
            Box::new(Walk::new([&base.v6, &added.v6], gone, RangeIdx::v6, (first, last), depth))
        }
        Err(_) => Box::new(std::iter::empty()),
    }
}

struct Walk<'m, A: Address> {
    trees: [&'m Tree<A>; 2],
    /// The next range of each.
    at: [u32; 2],
    gone: &'m [RangeIdx],
    range: fn(u32) -> RangeIdx,
    within: Option<(A, A)>,
    depth: Depth,
}

impl<'m, A: Address> Walk<'m, A> {
    fn new(
        trees: [&'m Tree<A>; 2],
        gone: &'m [RangeIdx],
        range: fn(u32) -> RangeIdx,
        within: (A, A),
        depth: Depth,
    ) -> Self {
        Self { trees, at: trees.map(|tree| tree.from(within.0)), gone, range, within: Some(within), depth }
    }

    /// The layer with the next range of both.
    fn nearest(&self) -> Option<usize> {
        let key = |layer: usize| {
            let item = self.trees[layer].items().get(self.at[layer] as usize)?;
            self.within.is_none_or(|within| item.first <= within.1).then_some((
                item.first,
                std::cmp::Reverse(item.last),
                layer,
            ))
        };
        match (key(0), key(1)) {
            (Some(base), Some(added)) => Some(usize::from(added < base)),
            (Some(_), None) => Some(0),
            (None, Some(_)) => Some(1),
            (None, None) => None,
        }
    }

    fn is_wanted(&self, layer: usize, index: u32) -> bool {
        let item = self.trees[layer].item(index);
        let inside = self.within.is_none_or(|(first, last)| {
            item.last <= last && (self.depth == Depth::All || (item.first, item.last) != (first, last))
        });
        inside && (layer == 1 || self.gone.binary_search(&(self.range)(index)).is_err())
    }
}

impl<A: Address> Iterator for Walk<'_, A> {
    type Item = RangeIdx;

    fn next(&mut self) -> Option<RangeIdx> {
        loop {
            let layer = self.nearest()?;
            let index = self.at[layer];
            self.at[layer] += 1;
            if !self.is_wanted(layer, index) {
                continue;
            }
            if self.depth == Depth::Outermost {
                let last = self.trees[layer].item(index).last;
                for (tree, at) in self.trees.iter().zip(&mut self.at) {
                    *at = tree.behind(*at, last);
                }
            }
            let range = (self.range)(index);
            return Some(if layer == 1 { range.added() } else { range });
        }
    }
}
