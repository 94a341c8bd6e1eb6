//! Look-ups as the registry asks them.

#![allow(clippy::unwrap_used)]

use std::net::IpAddr;

use netmap::{Builder, NetMap, RangeError, Report};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Ranges as `first last payload [mark]`.
fn map(ranges: &[&str]) -> (NetMap, Report) {
    let mut builder = Builder::default();
    for range in ranges {
        let words: Vec<_> = range.split(' ').collect();
        let mark = words.get(3).map(|mark| mark.parse().unwrap());
        builder.push(ip(words[0]), ip(words[1]), words[2].parse().unwrap(), mark).unwrap();
    }
    builder.build()
}

fn chain(map: &NetMap, address: &str) -> Vec<u32> {
    map.chain(ip(address)).map(|range| map.payload(range)).collect()
}

const NETS: [&str; 6] = [
    "0.0.0.0 255.255.255.255 0",
    "10.0.0.0 10.255.255.255 8 1",
    "10.1.0.0 10.1.255.255 16 2",
    "10.1.2.0 10.1.2.255 24",
    "10.1.2.3 10.1.2.77 99",
    "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 6 3",
];

#[test]
fn the_team_is_that_of_the_most_specific_range_that_names_one() {
    let (map, report) = map(&NETS);
    assert_eq!(report, Report::default());
    let team =
        |address| map.nearest_marked(ip(address)).map(|range| (map.payload(range), map.mark(range).unwrap()));
    assert_eq!(team("10.1.2.50"), Some((16, 2)), "not the /8's, and not none because the /24 names none");
    assert_eq!(team("10.200.0.1"), Some((8, 1)));
    assert_eq!(team("192.0.2.1"), None);
    assert_eq!(team("2001:db8::1"), Some((6, 3)));
    assert_eq!(team("::ffff:10.1.2.50"), Some((16, 2)), "mapped IPv4 is IPv4");
}

#[test]
fn the_chain_goes_from_the_smallest_range_to_the_top() {
    let (map, _) = map(&NETS);
    assert_eq!(chain(&map, "10.1.2.3"), [99, 24, 16, 8, 0]);
    assert_eq!(chain(&map, "10.1.2.77"), [99, 24, 16, 8, 0]);
    assert_eq!(chain(&map, "10.1.2.78"), [24, 16, 8, 0]);
    assert_eq!(chain(&map, "255.255.255.255"), [0]);
    assert_eq!(chain(&map, "2001:db9::"), [0; 0]);
    let top = map.chain(ip("10.1.2.3")).last().unwrap();
    assert_eq!(map.range(top), (ip("0.0.0.0"), ip("255.255.255.255")));
    assert_eq!(map.mark(top), None);
}

#[test]
fn a_range_is_looked_up_as_a_whole() {
    let (map, _) = map(&NETS);
    let covering =
        |first, last| map.most_specific_covering(ip(first), ip(last)).map(|range| map.payload(range));
    assert_eq!(covering("10.1.2.4", "10.1.2.5"), Some(99));
    assert_eq!(covering("10.1.2.0", "10.1.2.255"), Some(24));
    assert_eq!(covering("10.1.2.4", "10.1.3.0"), Some(16));
    assert_eq!(covering("10.1.2.4", "11.0.0.0"), Some(0));
    assert_eq!(covering("2001:db8::", "2001:db9::"), None);
    assert_eq!((covering("10.0.0.2", "10.0.0.1"), covering("10.0.0.0", "2001:db8::")), (None, None));

    let exact = |first, last| map.exact(ip(first), ip(last)).map(|range| map.payload(range));
    assert_eq!((exact("10.1.2.3", "10.1.2.77"), exact("10.1.2.3", "10.1.2.78")), (Some(99), None));
    let inside: Vec<_> = map.inside(ip("10.1.0.0"), ip("10.2.0.0")).map(|range| map.payload(range)).collect();
    assert_eq!(inside, [16, 24, 99]);
    assert_eq!(map.inside(ip("10.1.2.10"), ip("10.1.2.200")).count(), 0);
}

#[test]
fn a_range_across_a_border_is_left_out_and_told() {
    let (map, report) = map(&[
        "10.0.0.0 10.0.0.99 1",
        "10.0.0.50 10.0.0.150 2 7",
        "10.0.0.60 10.0.0.70 3",
        "10.0.0.120 10.0.0.130 4",
    ]);
    assert_eq!(report.overlaps.len(), 1);
    let overlap = report.overlaps[0];
    assert_eq!((overlap.kept_payload, overlap.left_out_payload), (1, 2));
    assert_eq!(overlap.kept, (ip("10.0.0.0"), ip("10.0.0.99")));
    assert_eq!(overlap.left_out, (ip("10.0.0.50"), ip("10.0.0.150")));
    assert_eq!(
        (chain(&map, "10.0.0.65"), chain(&map, "10.0.0.125"), chain(&map, "10.0.0.140")),
        (vec![3, 1], vec![4], vec![])
    );
    assert_eq!(map.len(), 3);
}

#[test]
fn of_equal_ranges_the_last_is_found_first_and_none_is_lost() {
    let (map, report) = map(&["10.0.0.0 10.0.0.9 1 5", "10.0.0.0 10.0.0.9 2", "10.0.0.0 10.0.0.9 3"]);
    assert_eq!(chain(&map, "10.0.0.4"), [3, 2, 1]);
    assert_eq!(map.payload(map.nearest_marked(ip("10.0.0.4")).unwrap()), 1);
    let told: Vec<_> = report.duplicates.iter().map(|d| (d.earlier_payload, d.later_payload)).collect();
    assert_eq!(told, [(1, 2), (2, 3)]);
}

#[test]
fn what_is_no_range_is_refused() {
    let mut builder = Builder::default();
    assert_eq!(builder.push(ip("10.0.0.1"), ip("10.0.0.0"), 0, None), Err(RangeError::Reversed));
    assert_eq!(builder.push(ip("10.0.0.1"), ip("2001:db8::"), 0, None), Err(RangeError::Mixed));
    assert!(builder.is_empty());
    let (map, _) = builder.build();
    assert!(
        map.is_empty()
            && map.most_specific(ip("10.0.0.1")).is_none()
            && map.nearest_marked(ip("::1")).is_none()
    );
    assert_eq!(map.bulk(&[ip("10.0.0.1"), ip("::1")]), [None, None]);
    assert!(NetMap::default().bulk(&[ip("10.0.0.1")])[0].is_none());
}

#[test]
fn marks_may_have_any_value() {
    let (map, _) = map(&["10.0.0.0 10.0.0.9 4294967295 4294967295", "10.0.0.1 10.0.0.2 0 0"]);
    let found = |address| map.most_specific(ip(address)).map(|range| (map.payload(range), map.mark(range)));
    assert_eq!(found("10.0.0.0"), Some((u32::MAX, Some(u32::MAX))));
    assert_eq!(found("10.0.0.1"), Some((0, Some(0))));
}
