//! A map with changes agrees with going through all ranges, whatever was added and removed; merging changes nothing; and
//! bytes become the map they came from, or none.

#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use netmap::{Addition, Builder, Layer, NetMap, Overlaid, RangeIdx, Ranges, Restore, SnapshotError};
use proptest::prelude::*;

/// Sixty-four addresses spread over all there are.
fn ip(number: u8, v6: bool) -> IpAddr {
    match v6 {
        false => Ipv4Addr::from_bits(u32::from(number) * 0x0400_0000 + 0x1234).into(),
        true => Ipv6Addr::from_bits((0x2000_0000 + u128::from(number) * 0x0070_0000) << 96).into(),
    }
}

/// A range as the test knows it, in the order of coming.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    first: u8,
    last: u8,
    v6: bool,
    marked: bool,
    number: u32,
}

impl Known {
    fn crosses(&self, other: &Known) -> bool {
        let (a, b) =
            if (self.first, other.last) <= (other.first, self.last) { (self, other) } else { (other, self) };
        self.v6 == other.v6 && a.first < b.first && b.first <= a.last && a.last < b.last
    }

    fn addition(&self) -> Addition {
        let (first, last) = (ip(self.first, self.v6), ip(self.last, self.v6));
        Addition { first, last, marked: self.marked, number: self.number }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Add(Vec<(u8, u8, bool, bool)>),
    /// Those at these places of what is there.
    Remove(Vec<usize>),
    /// The mark of the one at this place is turned, as when a network names a team or does so no more.
    Mark(usize),
    Merge,
}

fn range() -> impl Strategy<Value = (u8, u8, bool, bool)> {
    (0u8..64, 0u8..64, any::<bool>(), any::<bool>())
        .prop_map(|(a, b, v6, mark)| (a.min(b), a.max(b), v6, mark))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(range(), 1..6).prop_map(Step::Add),
        3 => prop::collection::vec(any::<usize>(), 1..4).prop_map(Step::Remove),
        2 => any::<usize>().prop_map(Step::Mark),
        1 => Just(Step::Merge),
    ]
}

/// The map, what is in it by going through all, and what its large map's places mean.
struct World {
    map: Overlaid,
    base: Vec<u32>,
    all: Vec<Known>,
    next: u32,
}

impl World {
    fn number(&self, range: RangeIdx) -> u32 {
        match self.map.layer(range) {
            Layer::Base(place) => self.base[place],
            Layer::Added(number) => number,
        }
    }

    fn known(&self, number: u32) -> Known {
        *self.all.iter().find(|known| known.number == number).unwrap()
    }

    fn range_of(&self, known: &Known) -> RangeIdx {
        let addition = known.addition();
        let mut equal = self.map.equal(addition.first, addition.last);
        equal.find(|range| self.number(*range) == known.number).unwrap()
    }

    fn add(&mut self, ranges: &[(u8, u8, bool, bool)], gone: &[RangeIdx]) {
        let new: Vec<Known> = (self.next..)
            .zip(ranges)
            .map(|(number, &(first, last, v6, marked))| Known { first, last, v6, marked, number })
            .collect();
        self.next += new.len() as u32;
        let additions: Vec<Addition> = new.iter().map(Known::addition).collect();
        let changed = self.map.changed(gone, &additions);
        self.map = changed.map;
        for known in &new {
            let refused = changed.refused.contains(&known.number);
            // Of two that came together and cross, the later one goes; it may take one along that crossed it alone.
            let crosses = self.all.iter().any(|other| other.crosses(known));
            let in_company = new.iter().any(|other| other.crosses(known));
            assert!(refused || !crosses, "{known:?} crosses and was taken");
            assert!(!refused || crosses || in_company, "{known:?} nests and was refused");
            if !refused {
                self.all.push(*known);
            }
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Add(ranges) => self.add(ranges, &[]),
            Step::Remove(places) => {
                let mut gone = Vec::new();
                for place in places {
                    if !self.all.is_empty() {
                        let known = self.all[place % self.all.len()];
                        gone.push(self.range_of(&known));
                        self.all.retain(|other| *other != known);
                        self.map = self.map.changed(&gone[gone.len() - 1..], &[]).map;
                    }
                }
            }
            Step::Mark(place) if !self.all.is_empty() => {
                let known = self.all.remove(place % self.all.len());
                let Known { first, last, v6, marked, .. } = known;
                let gone = {
                    self.all.push(known);
                    let gone = self.range_of(&known);
                    self.all.pop();
                    gone
                };
                self.add(&[(first, last, v6, !marked)], &[gone]);
            }
            Step::Mark(_) => {}
            Step::Merge => {
                let (map, order) = self.map.merged();
                self.base = order
                    .into_iter()
                    .map(|layer| match layer {
                        Layer::Base(place) => self.base[place],
                        Layer::Added(number) => number,
                    })
                    .collect();
                self.map = Overlaid::new(Arc::new(map));
            }
        }
    }

    fn agrees(&self) {
        assert_eq!(self.map.len(), self.all.len());
        for v6 in [false, true] {
            let addresses: Vec<IpAddr> = (0..64).map(|number| ip(number, v6)).collect();
            let bulk = self.map.bulk(&addresses);
            for first in 0..64u8 {
                let asked = addresses[usize::from(first)];
                let chain: Vec<Known> =
                    self.map.chain(asked).map(|range| self.known(self.number(range))).collect();
                self.is_chain(&chain, first, first, v6);
                assert_eq!(bulk[usize::from(first)], self.map.most_specific(asked));
                let marked = chain.iter().find(|known| known.marked).map(|known| known.number);
                assert_eq!(self.map.nearest_marked(asked).map(|range| self.number(range)), marked);
                let last = first.saturating_add(first % 7 * 3).min(63);
                let end = addresses[usize::from(last)];
                let around = std::iter::successors(self.map.most_specific_covering(asked, end), |range| {
                    self.map.parent(*range)
                });
                let around: Vec<Known> = around.map(|range| self.known(self.number(range))).collect();
                self.is_chain(&around, first, last, v6);
                let asked_for = Known { first, last, v6, marked: false, number: 0 };
                assert_eq!(
                    self.map.crossing(asked, end).is_some(),
                    self.all.iter().any(|known| known.crosses(&asked_for))
                );
                self.is_inside(asked, end, &asked_for);
            }
        }
    }

    /// The chain has all ranges around the ends, each inside the next.
    fn is_chain(&self, chain: &[Known], first: u8, last: u8, v6: bool) {
        let around = |known: &&Known| known.v6 == v6 && known.first <= first && last <= known.last;
        assert_eq!(chain.len(), self.all.iter().filter(around).count());
        assert!(chain.iter().all(|known| around(&known)));
        assert!(chain.windows(2).all(|pair| pair[1].first <= pair[0].first && pair[0].last <= pair[1].last));
    }

    fn is_inside(&self, first: IpAddr, last: IpAddr, asked: &Known) {
        let within = |known: &&Known, of: &Known| {
            known.v6 == of.v6 && of.first <= known.first && known.last <= of.last
        };
        let found: Vec<Known> =
            self.map.inside(first, last).map(|range| self.known(self.number(range))).collect();
        assert_eq!(found.len(), self.all.iter().filter(|known| within(known, asked)).count());
        let order = |known: &Known| (known.first, std::cmp::Reverse(known.last));
        assert!(found.iter().all(|known| within(&known, asked)) && found.is_sorted_by_key(order));
        let outermost: Vec<Known> =
            self.map.outermost_inside(first, last).map(|range| self.known(self.number(range))).collect();
        let smaller: Vec<&Known> =
            found.iter().filter(|known| (known.first, known.last) != (asked.first, asked.last)).collect();
        let expected = smaller.iter().filter(|known| {
            !smaller
                .iter()
                .any(|other| (other.first, other.last) != (known.first, known.last) && within(known, other))
        });
        let mut expected: Vec<(u8, u8)> = expected.map(|known| (known.first, known.last)).collect();
        expected.dedup();
        assert_eq!(outermost.iter().map(|known| (known.first, known.last)).collect::<Vec<_>>(), expected);
    }
}

fn bytes_of(map: &NetMap) -> Vec<u8> {
    let mut bytes = Vec::new();
    map.write(&mut |piece| bytes.extend_from_slice(piece));
    bytes
}

fn restored(bytes: &[u8], piece: usize) -> Result<NetMap, SnapshotError> {
    let mut restore = Restore::default();
    bytes.chunks(piece.max(1)).for_each(|piece| restore.feed(piece));
    restore.finish()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_map_with_changes_answers_as_if_it_were_made_anew(
        base in prop::collection::vec(range(), 0..24),
        steps in prop::collection::vec(step(), 1..8),
    ) {
        let mut world = World { map: Overlaid::default(), base: Vec::new(), all: Vec::new(), next: 0 };
        world.add(&base, &[]);
        world.take(&Step::Merge);
        world.agrees();
        for step in &steps {
            world.take(step);
            world.agrees();
        }
    }

    #[test]
    fn a_map_comes_back_from_its_bytes(ranges in prop::collection::vec(range(), 0..40), piece in 1usize..50) {
        let mut builder = Builder::default();
        for (first, last, v6, marked) in &ranges {
            builder.push(ip(*first, *v6), ip(*last, *v6), *marked).unwrap();
        }
        let map = builder.build().map;
        let bytes = bytes_of(&map);
        let back = restored(&bytes, piece).unwrap();
        prop_assert_eq!(bytes_of(&back), bytes.clone());
        for range in (0..).map_while(|place| map.at(place)) {
            prop_assert_eq!(back.range(range), map.range(range));
            prop_assert_eq!((back.parent(range), back.is_marked(range)), (map.parent(range), map.is_marked(range)));
        }
        prop_assert_eq!(restored(&bytes[..bytes.len() - 1], piece).err(), Some(SnapshotError::Length));
    }

    #[test]
    fn damaged_bytes_are_refused_or_another_map(mut bytes in Just(()).prop_flat_map(|()| prop::collection::vec(any::<u8>(), 0..200)), small in any::<bool>()) {
        if small && bytes.len() >= 8 {
            bytes[1..4].fill(0);
            bytes[5..8].fill(0);
            bytes[0] %= 8;
            bytes[4] %= 4;
        }
        if let Ok(map) = restored(&bytes, 7) {
            let addresses: Vec<IpAddr> = (0..64).flat_map(|number| [ip(number, false), ip(number, true)]).collect();
            let bulk = map.bulk(&addresses);
            for (address, found) in addresses.iter().zip(bulk) {
                prop_assert_eq!(map.most_specific(*address), found);
                map.chain(*address).for_each(|range| assert!(map.range(range).0 <= *address));
            }
        }
    }
}

#[test]
fn many_addresses_are_answered_in_their_order() {
    let mut builder = Builder::default();
    for number in 0..=255 {
        builder
            .push(Ipv4Addr::new(10, number, 0, 0).into(), Ipv4Addr::new(10, number, 99, 255).into(), false)
            .unwrap();
    }
    let map = builder.build().map;
    let addresses: Vec<IpAddr> = (0..100_000u32)
        .map(|n| Ipv4Addr::from_bits(0x0a00_0000 | n.wrapping_mul(2_654_435_761) >> 8).into())
        .collect();
    let expected: Vec<_> = addresses.iter().map(|address| map.most_specific(*address)).collect();
    assert_eq!(map.bulk(&addresses), expected);
    let mut sorted = addresses.clone();
    sorted.sort();
    let expected: Vec<_> = sorted.iter().map(|address| map.most_specific(*address)).collect();
    assert_eq!(map.bulk(&sorted), expected);
}
