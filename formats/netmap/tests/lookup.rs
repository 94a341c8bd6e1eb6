//! Look-ups as the registry asks them.

#![allow(clippy::unwrap_used)]

use std::net::IpAddr;

use netmap::{Builder, Built, NetMap, RangeError, RangeIdx, Ranges, Report, Restore, SnapshotError};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Ranges as `first last [marked]`; each is called by its place in the list.
fn map(ranges: &[&str]) -> Built {
    let mut builder = Builder::default();
    for range in ranges {
        let words: Vec<_> = range.split(' ').collect();
        builder.push(ip(words[0]), ip(words[1]), words.get(2) == Some(&"marked")).unwrap();
    }
    builder.build()
}

fn number(built: &Built, range: RangeIdx) -> u32 {
    built.order[built.map.place(range)]
}

fn chain(built: &Built, address: &str) -> Vec<u32> {
    built.map.chain(ip(address)).map(|range| number(built, range)).collect()
}

const NETS: [&str; 6] = [
    "0.0.0.0 255.255.255.255",
    "10.0.0.0 10.255.255.255 marked",
    "10.1.0.0 10.1.255.255 marked",
    "10.1.2.0 10.1.2.255",
    "10.1.2.3 10.1.2.77",
    "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff marked",
];

#[test]
fn the_team_is_that_of_the_most_specific_range_that_names_one() {
    let built = map(&NETS);
    assert_eq!(built.report, Report::default());
    let team = |address| built.map.nearest_marked(ip(address)).map(|range| number(&built, range));
    assert_eq!(team("10.1.2.50"), Some(2), "not the /8's, and not none because the /24 names none");
    assert_eq!(team("10.200.0.1"), Some(1));
    assert_eq!(team("192.0.2.1"), None);
    assert_eq!(team("2001:db8::1"), Some(5));
    assert_eq!(team("::ffff:10.1.2.50"), Some(2), "mapped IPv4 is IPv4");
}

#[test]
fn a_range_with_one_end_among_the_mapped_ipv4_addresses_is_refused() {
    let mut builder = Builder::default();
    let push = |builder: &mut Builder, first, last| builder.push(ip(first), ip(last), false);
    assert_eq!(push(&mut builder, "::", "::ffff:192.0.2.255"), Err(RangeError::Mixed));
    assert_eq!(push(&mut builder, "::ffff:192.0.2.0", "::1:0:0:0"), Err(RangeError::Mixed));
    assert_eq!(push(&mut builder, "::", "::1:0:0:0"), Ok(()), "one around all of them is not");
}

#[test]
fn bytes_with_ipv4_addresses_in_the_place_of_ipv6_are_no_map() {
    let mut bytes = [0u32.to_le_bytes(), 1u32.to_le_bytes()].concat();
    for end in ["::ffff:192.0.2.0", "::ffff:192.0.2.255"] {
        let IpAddr::V6(end) = ip(end) else { panic!("written as IPv6") };
        bytes.extend(((end.to_bits() >> 64) as u64).to_le_bytes());
        bytes.extend((end.to_bits() as u64).to_le_bytes());
    }
    bytes.push(0);
    let mut restore = Restore::default();
    restore.feed(&bytes);
    assert_eq!(restore.finish().unwrap_err(), SnapshotError::Range);
}

#[test]
fn the_chain_goes_from_the_smallest_range_to_the_top() {
    let built = map(&NETS);
    assert_eq!(chain(&built, "10.1.2.3"), [4, 3, 2, 1, 0]);
    assert_eq!(chain(&built, "10.1.2.77"), [4, 3, 2, 1, 0]);
    assert_eq!(chain(&built, "10.1.2.78"), [3, 2, 1, 0]);
    assert_eq!(chain(&built, "255.255.255.255"), [0]);
    assert_eq!(chain(&built, "2001:db9::"), [0; 0]);
    let top = built.map.chain(ip("10.1.2.3")).last().unwrap();
    assert_eq!(built.map.range(top), (ip("0.0.0.0"), ip("255.255.255.255")));
    assert!(!built.map.is_marked(top));
}

#[test]
fn a_range_is_looked_up_as_a_whole() {
    let built = map(&NETS);
    let map = &built.map;
    let covering =
        |first, last| map.most_specific_covering(ip(first), ip(last)).map(|range| number(&built, range));
    assert_eq!(covering("10.1.2.4", "10.1.2.5"), Some(4));
    assert_eq!(covering("10.1.2.0", "10.1.2.255"), Some(3));
    assert_eq!(covering("10.1.2.4", "10.1.3.0"), Some(2));
    assert_eq!(covering("10.1.2.4", "11.0.0.0"), Some(0));
    assert_eq!(covering("2001:db8::", "2001:db9::"), None);
    assert_eq!((covering("10.0.0.2", "10.0.0.1"), covering("10.0.0.0", "2001:db8::")), (None, None));

    let exact = |first, last| map.exact(ip(first), ip(last)).map(|range| number(&built, range));
    assert_eq!((exact("10.1.2.3", "10.1.2.77"), exact("10.1.2.3", "10.1.2.78")), (Some(4), None));
}

#[test]
fn more_specific_ranges_are_told_one_level_or_all() {
    let built = map(&[
        "10.0.0.0 10.0.255.255",
        "10.0.0.0 10.0.0.255",
        "10.0.0.16 10.0.0.31",
        "10.0.1.0 10.0.1.99",
        "10.0.1.7 10.0.1.7",
    ]);
    let numbers = |ranges: Box<dyn Iterator<Item = RangeIdx> + '_>| -> Vec<u32> {
        ranges.map(|range| number(&built, range)).collect()
    };
    let (first, last) = (ip("10.0.0.0"), ip("10.0.255.255"));
    assert_eq!(numbers(built.map.inside(first, last)), [0, 1, 2, 3, 4]);
    assert_eq!(numbers(built.map.outermost_inside(first, last)), [1, 3]);
    assert_eq!(numbers(built.map.outermost_inside(ip("10.0.0.0"), ip("10.255.255.255"))), [0]);
    assert_eq!(numbers(built.map.inside(ip("10.0.0.10"), ip("10.0.1.98"))), [2, 4], "crossing is not inside");
    assert!(numbers(built.map.inside(ip("10.0.0.40"), ip("10.0.0.41"))).is_empty());
}

#[test]
fn a_range_that_would_cross_another_is_told_before_it_is_added() {
    let built = map(&["10.0.0.0 10.0.0.255", "10.0.0.16 10.0.0.31"]);
    let crossed = |first, last| built.map.crossing(ip(first), ip(last)).map(|range| number(&built, range));
    assert_eq!(crossed("10.0.0.20", "10.0.0.40"), Some(1));
    assert_eq!(crossed("10.0.0.4", "10.0.0.20"), Some(1));
    assert_eq!(crossed("10.0.0.40", "10.0.1.40"), Some(0));
    assert_eq!(crossed("9.255.255.255", "10.0.0.40"), Some(0));
    for (first, last) in [
        ("10.0.0.16", "10.0.0.31"),
        ("10.0.0.16", "10.0.0.40"),
        ("10.0.0.4", "10.0.0.31"),
        ("10.0.0.20", "10.0.0.22"),
        ("9.0.0.0", "11.0.0.0"),
        ("10.0.1.0", "10.0.1.255"),
    ] {
        assert_eq!(crossed(first, last), None, "{first} - {last}");
    }
}

#[test]
fn a_range_across_a_border_is_left_out_and_told() {
    let built = map(&[
        "10.0.0.0 10.0.0.99",
        "10.0.0.50 10.0.0.150 marked",
        "10.0.0.60 10.0.0.70",
        "10.0.0.120 10.0.0.130",
    ]);
    assert_eq!(built.report.overlaps.len(), 1);
    let overlap = built.report.overlaps[0];
    assert_eq!((overlap.kept_number, overlap.left_out_number), (0, 1));
    assert_eq!(overlap.kept, (ip("10.0.0.0"), ip("10.0.0.99")));
    assert_eq!(overlap.left_out, (ip("10.0.0.50"), ip("10.0.0.150")));
    assert_eq!(
        (chain(&built, "10.0.0.65"), chain(&built, "10.0.0.125"), chain(&built, "10.0.0.140")),
        (vec![2, 0], vec![3], vec![])
    );
    assert_eq!(built.map.len(), 3);
}

#[test]
fn of_equal_ranges_the_last_is_found_first_and_none_is_lost() {
    let built = map(&["10.0.0.0 10.0.0.9 marked", "10.0.0.0 10.0.0.9", "10.0.0.0 10.0.0.9"]);
    assert_eq!(chain(&built, "10.0.0.4"), [2, 1, 0]);
    assert_eq!(number(&built, built.map.nearest_marked(ip("10.0.0.4")).unwrap()), 0);
    let equal: Vec<_> =
        built.map.equal(ip("10.0.0.0"), ip("10.0.0.9")).map(|range| number(&built, range)).collect();
    assert_eq!(equal, [2, 1, 0]);
    let told: Vec<_> = built.report.duplicates.iter().map(|d| (d.earlier, d.later)).collect();
    assert_eq!(told, [(0, 1), (1, 2)]);
}

#[test]
fn a_nest_that_is_made_to_be_deep_does_not_slow_the_look_up() {
    let ranges: Vec<String> =
        (0..300).map(|n| format!("10.0.0.0 10.{}.{}.0", 40 - n / 250, 250 - n % 250)).collect();
    let built = map(&ranges.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((built.map.len(), built.report.left_out()), (256, 44));
    assert_eq!(chain(&built, "10.0.0.0").len(), 256);
}

#[test]
fn what_is_no_range_is_refused() {
    let mut builder = Builder::default();
    assert_eq!(builder.push(ip("10.0.0.1"), ip("10.0.0.0"), false), Err(RangeError::Reversed));
    assert_eq!(builder.push(ip("10.0.0.1"), ip("2001:db8::"), false), Err(RangeError::Mixed));
    assert!(builder.is_empty());
    let map = builder.build().map;
    assert!(
        map.is_empty()
            && map.most_specific(ip("10.0.0.1")).is_none()
            && map.nearest_marked(ip("::1")).is_none()
    );
    assert_eq!(map.bulk(&[ip("10.0.0.1"), ip("::1")]), [None, None]);
    assert!(NetMap::default().bulk(&[ip("10.0.0.1")])[0].is_none());
    assert_eq!(map.at(0), None);
}
