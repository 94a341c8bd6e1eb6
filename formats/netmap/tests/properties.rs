//! The map agrees with going through all ranges, on random ranges of both families, nested or not.

#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netmap::{Builder, Built, RangeIdx, Ranges};
use proptest::prelude::*;

type Range = (u128, u128, bool);

/// Small numbers spread over the whole space, so that ranges meet and the table's cells are crossed.
#[derive(Debug, Clone, Copy)]
enum Space {
    V4,
    V6,
    /// Around 2000::/3, where the table's cells are.
    V6Unicast,
}

impl Space {
    fn ip(self, number: u128) -> IpAddr {
        let number = number.min(255);
        match self {
            Space::V4 => Ipv4Addr::from_bits((number as u32) * 0x0101_0101).into(),
            Space::V6 => Ipv6Addr::from_bits((number << 120) | (number << 60)).into(),
            Space::V6Unicast => Ipv6Addr::from_bits((0x1fff_ff00 + number * 0x0020_0001) << 96).into(),
        }
    }
}

fn space() -> impl Strategy<Value = Space> {
    prop::sample::select(vec![Space::V4, Space::V6, Space::V6Unicast])
}

fn any_ranges() -> impl Strategy<Value = Vec<Range>> {
    let range = (0u128..256, 0u128..256, any::<bool>());
    let range = range.prop_map(|(a, b, mark)| (a.min(b), a.max(b), mark));
    prop::collection::vec(range, 0..40)
}

/// Ranges of which any two are apart or one inside the other, in random order.
fn nested() -> impl Strategy<Value = Vec<Range>> {
    any_ranges().prop_map(|ranges| {
        let mut kept: Vec<Range> = Vec::new();
        for range in ranges {
            if kept.iter().all(|other| !crosses(range, *other)) {
                kept.push(range);
            }
        }
        kept
    })
}

fn crosses(a: Range, b: Range) -> bool {
    let (a, b) = if (a.0, b.1) <= (b.0, a.1) { (a, b) } else { (b, a) };
    a.0 < b.0 && b.0 <= a.1 && a.1 < b.1
}

fn build(space: Space, ranges: &[Range]) -> (Built, Vec<usize>) {
    let mut builder = Builder::default();
    for (first, last, marked) in ranges {
        builder.push(space.ip(*first), space.ip(*last), *marked).unwrap();
    }
    let built = builder.build();
    for overlap in &built.report.overlaps {
        let (kept, left) = (ranges[overlap.kept_number as usize], ranges[overlap.left_out_number as usize]);
        assert!(crosses(kept, left) && kept.0 < left.0);
    }
    let left_out = built.report.overlaps.iter().map(|overlap| overlap.left_out_number as usize).collect();
    (built, left_out)
}

/// By going through all: numbers of the ranges around both ends, smallest first, of equal ones the later first.
fn around(ranges: &[Range], left_out: &[usize], first: u128, last: u128) -> Vec<u32> {
    let mut found: Vec<_> = (0..ranges.len())
        .filter(|at| !left_out.contains(at) && ranges[*at].0 <= first && last <= ranges[*at].1)
        .collect();
    found.sort_by_key(|at| (ranges[*at].1 - ranges[*at].0, std::cmp::Reverse(*at)));
    found.into_iter().map(|at| at as u32).collect()
}

fn agrees(space: Space, ranges: &[Range], built: &Built, left_out: &[usize]) {
    let map = &built.map;
    let number_of = |range: RangeIdx| built.order[map.place(range)];
    let numbers =
        |ranges: Box<dyn Iterator<Item = RangeIdx> + '_>| -> Vec<u32> { ranges.map(number_of).collect() };
    let addresses: Vec<_> = (0..256).map(|number| space.ip(number)).collect();
    let bulk = map.bulk(&addresses);
    for number in 0..256u128 {
        let address = addresses[number as usize];
        let expected = around(ranges, left_out, number, number);
        assert_eq!(map.chain(address).map(number_of).collect::<Vec<_>>(), expected);
        assert_eq!(map.most_specific(address).map(number_of), expected.first().copied());
        let marked = expected.iter().copied().find(|at| ranges[*at as usize].2);
        assert_eq!(map.nearest_marked(address).map(number_of), marked);
        assert_eq!(bulk[number as usize], map.most_specific(address));
        let last = (number * 7 + 3).min(255);
        if number <= last {
            let end = space.ip(last);
            let whole = around(ranges, left_out, number, last).first().copied();
            assert_eq!(map.most_specific_covering(address, end).map(number_of), whole);
            let exact = whole.filter(|at| (ranges[*at as usize].0, ranges[*at as usize].1) == (number, last));
            assert_eq!(map.exact(address, end).map(number_of), exact);
            let inside = inside(ranges, left_out, number, last);
            let outermost: Vec<u32> = outermost(ranges, &inside, (number, last));
            assert_eq!(numbers(map.inside(address, end)), inside);
            assert_eq!(numbers(map.outermost_inside(address, end)), outermost);
            let crossing = (0..ranges.len())
                .any(|at| !left_out.contains(&at) && crosses(ranges[at], (number, last, false)));
            let told = map.crossing(address, end).map(number_of);
            assert_eq!(told.is_some(), crossing);
            assert!(told.is_none_or(|at| crosses(ranges[at as usize], (number, last, false))));
        }
    }
}

/// By going through all: numbers of the ranges inside, in the order of a map.
fn inside(ranges: &[Range], left_out: &[usize], first: u128, last: u128) -> Vec<u32> {
    let mut found: Vec<_> = (0..ranges.len())
        .filter(|at| !left_out.contains(at) && first <= ranges[*at].0 && ranges[*at].1 <= last)
        .collect();
    found.sort_by_key(|at| (ranges[*at].0, std::cmp::Reverse(ranges[*at].1), *at));
    found.into_iter().map(|at| at as u32).collect()
}

/// Of those inside `ends` the ones that lie in no other, and are not it.
fn outermost(ranges: &[Range], inside: &[u32], ends: (u128, u128)) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for at in inside {
        let range = ranges[*at as usize];
        let within = |other: &u32| ranges[*other as usize].1 >= range.1;
        if (range.0, range.1) != ends && !found.iter().any(within) {
            found.push(*at);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nested_ranges_are_all_kept_and_found(space in space(), ranges in nested()) {
        let (built, left_out) = build(space, &ranges);
        prop_assert!(left_out.is_empty());
        prop_assert_eq!(built.map.len(), ranges.len());
        agrees(space, &ranges, &built, &left_out);
        let map = &built.map;
        for (number, (first, last, marked)) in ranges.iter().enumerate() {
            let range = map.exact(space.ip(*first), space.ip(*last)).unwrap();
            prop_assert_eq!(map.range(range), (space.ip(*first), space.ip(*last)));
            let same = |other: &Range| (other.0, other.1) == (*first, *last);
            let last_of_equals = ranges.iter().rposition(same).unwrap();
            prop_assert_eq!(built.order[map.place(range)] as usize, last_of_equals);
            if last_of_equals == number {
                prop_assert_eq!(map.is_marked(range), *marked);
            }
        }
    }

    #[test]
    fn what_remains_of_any_ranges_nests_and_is_found(space in space(), ranges in any_ranges()) {
        let (built, left_out) = build(space, &ranges);
        prop_assert_eq!(built.map.len() + left_out.len(), ranges.len());
        agrees(space, &ranges, &built, &left_out);
    }

    #[test]
    fn many_ranges_agree_too(seeds in prop::collection::vec((0u32..0x0100_0000, 0u32..9), 2_000..2_400)) {
        // prefixes always nest; more than 2,000 make the table larger
        let mut builder = Builder::default();
        let prefixes: Vec<_> = seeds.iter().map(|(seed, size)| {
            let host = (1u32 << (size + 4)) - 1;
            (0x0A00_0000 + (seed & !host), 0x0A00_0000 + (seed | host))
        }).collect();
        for (first, last) in &prefixes {
            builder.push(Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into(), false).unwrap();
        }
        let built = builder.build();
        let map = &built.map;
        prop_assert!(built.report.overlaps.is_empty());
        let addresses: Vec<IpAddr> = prefixes.iter().map(|(first, last)| Ipv4Addr::from_bits(first.midpoint(*last)).into()).collect();
        let bulk = map.bulk(&addresses);
        for ((address, (first, last)), answer) in addresses.iter().zip(&prefixes).zip(bulk).take(50) {
            let point = first.midpoint(*last);
            let smallest = (0..prefixes.len()).filter(|at| (prefixes[*at].0..=prefixes[*at].1).contains(&point))
                .min_by_key(|at| (prefixes[*at].1 - prefixes[*at].0, std::cmp::Reverse(*at)));
            prop_assert_eq!(map.most_specific(*address).map(|range| built.order[map.place(range)] as usize), smallest);
            prop_assert_eq!(map.most_specific(*address), answer);
        }
    }
}
