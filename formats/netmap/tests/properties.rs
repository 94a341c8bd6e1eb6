//! The map agrees with going through all ranges, on random ranges of both families, nested or not.

#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netmap::{Builder, NetMap, RangeIdx};
use proptest::prelude::*;

type Range = (u128, u128, Option<u32>);

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
    let range = (0u128..256, 0u128..256, prop::option::of(any::<u32>()));
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

fn build(space: Space, ranges: &[Range]) -> (NetMap, Vec<usize>) {
    let mut builder = Builder::default();
    for (number, (first, last, mark)) in ranges.iter().enumerate() {
        builder.push(space.ip(*first), space.ip(*last), number as u32, *mark).unwrap();
    }
    let (map, report) = builder.build();
    for overlap in &report.overlaps {
        let (kept, left) = (ranges[overlap.kept_payload as usize], ranges[overlap.left_out_payload as usize]);
        assert!(crosses(kept, left) && kept.0 < left.0);
    }
    (map, report.overlaps.iter().map(|overlap| overlap.left_out_payload as usize).collect())
}

/// By going through all: numbers of the ranges around both ends, smallest first, of equal ones the later first.
fn around(ranges: &[Range], left_out: &[usize], first: u128, last: u128) -> Vec<u32> {
    let mut found: Vec<_> = (0..ranges.len())
        .filter(|at| !left_out.contains(at) && ranges[*at].0 <= first && last <= ranges[*at].1)
        .collect();
    found.sort_by_key(|at| (ranges[*at].1 - ranges[*at].0, std::cmp::Reverse(*at)));
    found.into_iter().map(|at| at as u32).collect()
}

fn agrees(space: Space, ranges: &[Range], map: &NetMap, left_out: &[usize]) {
    let payload = |range: Option<RangeIdx>| range.map(|range| map.payload(range));
    let addresses: Vec<_> = (0..256).map(|number| space.ip(number)).collect();
    let bulk = map.bulk(&addresses);
    for number in 0..256u128 {
        let address = addresses[number as usize];
        let expected = around(ranges, left_out, number, number);
        assert_eq!(map.chain(address).map(|range| map.payload(range)).collect::<Vec<_>>(), expected);
        assert_eq!(payload(map.most_specific(address)), expected.first().copied());
        let marked = expected.iter().copied().find(|at| ranges[*at as usize].2.is_some());
        assert_eq!(payload(map.nearest_marked(address)), marked);
        assert_eq!(bulk[number as usize], map.most_specific(address));
        let last = (number * 7 + 3).min(255);
        if number <= last {
            let whole = around(ranges, left_out, number, last).first().copied();
            assert_eq!(payload(map.most_specific_covering(address, space.ip(last))), whole);
            let exact = whole.filter(|at| (ranges[*at as usize].0, ranges[*at as usize].1) == (number, last));
            assert_eq!(payload(map.exact(address, space.ip(last))), exact);
            let inside = (0..ranges.len())
                .filter(|at| !left_out.contains(at) && number <= ranges[*at].0 && ranges[*at].1 <= last);
            assert_eq!(map.inside(address, space.ip(last)).count(), inside.count());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nested_ranges_are_all_kept_and_found(space in space(), ranges in nested()) {
        let (map, left_out) = build(space, &ranges);
        prop_assert!(left_out.is_empty());
        prop_assert_eq!(map.len(), ranges.len());
        agrees(space, &ranges, &map, &left_out);
        for (number, (first, last, mark)) in ranges.iter().enumerate() {
            let range = map.exact(space.ip(*first), space.ip(*last)).unwrap();
            prop_assert_eq!(map.range(range), (space.ip(*first), space.ip(*last)));
            let same = |other: &Range| (other.0, other.1) == (*first, *last);
            let last_of_equals = ranges.iter().rposition(same).unwrap();
            prop_assert_eq!(map.payload(range) as usize, last_of_equals);
            if last_of_equals == number {
                prop_assert_eq!(map.mark(range), *mark);
            }
        }
    }

    #[test]
    fn what_remains_of_any_ranges_nests_and_is_found(space in space(), ranges in any_ranges()) {
        let (map, left_out) = build(space, &ranges);
        prop_assert_eq!(map.len() + left_out.len(), ranges.len());
        agrees(space, &ranges, &map, &left_out);
    }

    #[test]
    fn many_ranges_agree_too(seeds in prop::collection::vec((0u32..0x0100_0000, 0u32..9), 2_000..2_400)) {
        // prefixes always nest; more than 2,000 make the table larger
        let mut builder = Builder::default();
        let prefixes: Vec<_> = seeds.iter().map(|(seed, size)| {
            let host = (1u32 << (size + 4)) - 1;
            (0x0A00_0000 + (seed & !host), 0x0A00_0000 + (seed | host))
        }).collect();
        for (number, (first, last)) in prefixes.iter().enumerate() {
            builder.push(Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into(), number as u32, None).unwrap();
        }
        let (map, report) = builder.build();
        prop_assert!(report.overlaps.is_empty());
        let addresses: Vec<IpAddr> = prefixes.iter().map(|(first, last)| Ipv4Addr::from_bits(first.midpoint(*last)).into()).collect();
        let bulk = map.bulk(&addresses);
        for ((address, (first, last)), answer) in addresses.iter().zip(&prefixes).zip(bulk).take(50) {
            let point = first.midpoint(*last);
            let smallest = (0..prefixes.len()).filter(|at| (prefixes[*at].0..=prefixes[*at].1).contains(&point))
                .min_by_key(|at| (prefixes[*at].1 - prefixes[*at].0, std::cmp::Reverse(*at)));
            prop_assert_eq!(map.most_specific(*address).map(|range| map.payload(range) as usize), smallest);
            prop_assert_eq!(map.most_specific(*address), answer);
        }
    }
}
