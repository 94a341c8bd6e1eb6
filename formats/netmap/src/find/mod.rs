//! How the most specific range around an address is found.

pub(crate) mod segments;
pub(crate) mod table;

use crate::tree::Item;

/// A search structure over the ranges of a tree, made of them alone.
pub(crate) trait Find<A>: Default + Clone + std::fmt::Debug {
    /// Over no range.
    const EMPTY: Self;

    /// For `items`, which are in the order of a tree and nest.
    fn over(items: &[Item<A>]) -> Self;

    /// The most specific range around `address`: one more than its index, 0 when there is none.
    fn find(&self, items: &[Item<A>], address: A) -> u32;
}
