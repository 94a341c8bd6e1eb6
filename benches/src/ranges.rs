//! Invented ranges of IPv4 addresses that nest and are no prefixes, over the whole address space.

use std::net::Ipv4Addr;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// First and last address, and whether it is marked.
pub type Range = (u32, u32, bool);

/// `count` ranges or a few less, in random order: blocks in which ranges of any size lie up to nine deep, with gaps
/// between them; two in five are marked. The same for the same `seed`.
pub fn ranges(count: usize, seed: u64) -> Vec<Range> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut ranges = Vec::with_capacity(count);
    let blocks = (count / 250).max(1) as u64;
    for block in 0..blocks {
        let edge = |block: u64| (block << 32) / blocks;
        let (first, last) = (edge(block) as u32, (edge(block + 1) - 1) as u32);
        ranges.push((first, last, random.gen_bool(0.4)));
        let inside =
            count * (block as usize + 1) / blocks as usize - count * block as usize / blocks as usize - 1;
        fill(&mut ranges, &mut random, (first, last), inside, 1);
    }
    for place in (1..ranges.len()).rev() {
        ranges.swap(place, random.gen_range(0..=place));
    }
    ranges
}

/// Puts up to `count` ranges into `first` to `last`.
fn fill(ranges: &mut Vec<Range>, random: &mut StdRng, (first, last): (u32, u32), count: usize, depth: u32) {
    if count == 0 || last - first < 4 || depth > 8 {
        return;
    }
    let children = random.gen_range(1..=20usize).min(count);
    let span = u64::from(last - first) + 1;
    let mut left = count - children;
    for child in 0..children as u64 {
        let edge = |child: u64| u64::from(first) + span * child / children as u64;
        let (from, to) = (edge(child) as u32, (edge(child + 1) - 1) as u32);
        if to - from < 2 {
            continue;
        }
        let room = (to - from) / 4 + 1;
        let own = (from + random.gen_range(0..room), to - random.gen_range(0..room));
        ranges.push((own.0, own.1, random.gen_bool(0.4)));
        let inside = left / (children - child as usize);
        left -= inside;
        fill(ranges, random, own, inside, depth + 1);
    }
}

/// `count` prefixes of /10 to /28, each once.
pub fn prefixes(count: usize, seed: u64) -> Vec<(u32, u8)> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut known = std::collections::HashSet::with_capacity(count);
    while known.len() < count {
        let length = random.gen_range(10..=28u8);
        known.insert((random.gen_range(0..=u32::MAX) >> (32 - length) << (32 - length), length));
    }
    let mut prefixes: Vec<_> = known.into_iter().collect();
    prefixes.sort_unstable();
    prefixes
}

/// The fewest prefixes that make up a range.
pub fn cut(first: u32, last: u32) -> impl Iterator<Item = (u32, u8)> {
    let mut next = Some(u64::from(first));
    std::iter::from_fn(move || {
        let from = next?;
        let mut bits = if from == 0 { 32 } else { from.trailing_zeros().min(32) };
        while from + (1 << bits) - 1 > u64::from(last) {
            bits -= 1;
        }
        next = Some(from + (1 << bits)).filter(|next| *next <= u64::from(last));
        Some((from as u32, 32 - bits as u8))
    })
}

/// Addresses over the whole space, without end.
pub fn addresses(seed: u64) -> impl Iterator<Item = Ipv4Addr> {
    let mut random = StdRng::seed_from_u64(seed ^ 0x5eed);
    std::iter::repeat_with(move || Ipv4Addr::from_bits(random.gen_range(0..=u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_nest_and_are_as_many_as_asked() {
        let mut ranges = ranges(20_000, 1);
        assert!((18_000..=20_000).contains(&ranges.len()), "{}", ranges.len());
        ranges.sort_unstable_by_key(|range| (range.0, !range.1));
        let mut open: Vec<u32> = Vec::new();
        for (first, last, _) in ranges {
            while open.last().is_some_and(|end| *end < first) {
                open.pop();
            }
            assert!(open.last().is_none_or(|end| last <= *end));
            open.push(last);
        }
    }

    #[test]
    fn a_range_is_cut_into_prefixes_that_make_it_up() {
        for (first, last) in [(0, u32::MAX), (5, 77), (0x0a00_0001, 0x0a00_0001), (u32::MAX - 4, u32::MAX)] {
            let mut next = u64::from(first);
            for (from, length) in cut(first, last) {
                assert_eq!(u64::from(from), next);
                next += 1 << (32 - length);
            }
            assert_eq!(next, u64::from(last) + 1);
        }
    }
}
