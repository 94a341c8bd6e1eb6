//! The ranges of one family as a tree: in the order (start ascending, end descending), so that each stands before
//! those inside it.

use crate::address::Address;
use crate::find::Find;

/// In place of an index: there is no such range.
pub(crate) const NONE: u32 = (1 << 30) - 1;

/// How many ranges a map may have: two such maps, one over the other, have fewer than there are indexes, and twice as many segments fit 30 bits.
pub(crate) const MOST: usize = 1 << 28;

/// How many ranges may lie around one, itself included. Registries have some ten levels; a dump that is made to have
/// thousands must not make each look-up walk over them.
pub(crate) const DEEPEST: usize = 256;

/// A range, with the place of the one around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<A> {
    pub(crate) first: A,
    pub(crate) last: A,
    /// Below: the parent's index, or [`NONE`]; in the highest bit: whether it is marked.
    link: u32,
}

const MARK: u32 = 1 << 31;

impl<A> Item<A> {
    /// `number` is below 2^30: a parent, or while a map is made the place in the order of pushing.
    pub(crate) fn new(first: A, last: A, number: u32, marked: bool) -> Self {
        Self { first, last, link: number | if marked { MARK } else { 0 } }
    }

    pub(crate) fn parent(&self) -> u32 {
        self.link & !MARK
    }

    pub(crate) fn number(&self) -> u32 {
        self.link & !MARK
    }

    pub(crate) fn with_mark(self) -> Self
    where
        A: Copy,
    {
        Self { link: self.link | MARK, ..self }
    }

    pub(crate) fn is_marked(&self) -> bool {
        self.link & MARK != 0
    }
}

/// The ranges, and how one is found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree<A: Address> {
    items: Vec<Item<A>>,
    find: A::Find,
}

impl<A: Address> Tree<A> {
    /// Without any range.
    pub(crate) const EMPTY: Self = Self { items: Vec::new(), find: A::Find::EMPTY };

    /// Of ranges in their order, each with its parent.
    pub(crate) fn of(items: Vec<Item<A>>) -> Self {
        let find = A::Find::over(&items);
        Self { items, find }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn items(&self) -> &[Item<A>] {
        &self.items
    }

    #[inline]
    pub(crate) fn item(&self, index: u32) -> &Item<A> {
        &self.items[index as usize]
    }

    #[inline]
    pub(crate) fn most_specific(&self, address: A) -> Option<u32> {
        self.found(address).checked_sub(1)
    }

    /// [`Tree::most_specific`] with one added; 0 when there is none.
    #[inline]
    pub(crate) fn found(&self, address: A) -> u32 {
        self.find.find(&self.items, address)
    }

    #[inline]
    pub(crate) fn parent(&self, index: u32) -> Option<u32> {
        some(self.item(index).parent())
    }

    /// The smallest range with both ends in it.
    pub(crate) fn around(&self, first: A, last: A) -> Option<u32> {
        let mut range = self.most_specific(first)?;
        while self.item(range).last < last {
            range = self.parent(range)?;
        }
        Some(range)
    }

    /// The first range in the tree's order that begins at or behind `first`.
    pub(crate) fn from(&self, first: A) -> u32 {
        self.items.partition_point(|item| item.first < first) as u32 // fits: below NONE
    }

    /// The first range behind `at` in the tree's order that begins behind `last`: with `last` its end, its next
    /// sibling, or the next of one around it.
    pub(crate) fn behind(&self, at: u32, last: A) -> u32 {
        let rest = &self.items[at as usize..];
        // Most have few inside them: look near first, in steps that grow.
        let mut step = 1;
        while step < rest.len() && rest[step].first <= last {
            step *= 2;
        }
        let low = step / 2;
        let near = &rest[low..step.min(rest.len())];
        at + (low + near.partition_point(|item| item.first <= last)) as u32 // fits: below NONE
    }
}

#[inline]
pub(crate) fn some(index: u32) -> Option<u32> {
    (index != NONE).then_some(index)
}

/// Goes over ranges in their order and tells each its parent.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    /// The ranges around the point that was reached, the outermost first.
    open: Vec<u32>,
}

/// What a range is to those before it.
pub(crate) enum Entered {
    /// Inside this one, or [`NONE`].
    Under(u32),
    /// It begins inside this one and ends outside.
    Crosses(u32),
    /// As many ranges as may be lie around it already.
    TooDeep,
}

impl Sweep {
    /// Where the range `first` to `last`, which comes behind all `items` in their order, stands.
    pub(crate) fn enter<A: Address>(&mut self, items: &[Item<A>], first: A, last: A) -> Entered {
        while let Some(&top) = self.open.last()
            && items[top as usize].last < first
        {
            self.open.pop();
        }
        match self.open.last() {
            Some(&top) if items[top as usize].last < last => Entered::Crosses(top),
            _ if self.open.len() >= DEEPEST => Entered::TooDeep,
            Some(&top) => Entered::Under(top),
            None => Entered::Under(NONE),
        }
    }

    /// The range just entered stands at `index`.
    pub(crate) fn taken(&mut self, index: u32) {
        self.open.push(index);
    }
}
