//! Routes and reverse domains among addresses, blocks among AS numbers: where they lie, and their rows.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kit::{Read, Result};
use rpsl::parse_reverse_domain;
use rpsl::range::{parse_as_number, parse_range};

use crate::live::Applied;
use crate::store::placed;

/// All of them. A change costs what finding one costs.
#[derive(Debug, Default)]
pub(in crate::whois) struct Placed {
    routes: Both,
    domains: Both,
    /// First and last AS number, and the row.
    blocks: BTreeSet<(u32, u32, i64)>,
}

/// Prefixes of both families.
#[derive(Debug, Default)]
struct Both {
    v4: Prefixes,
    v6: Prefixes,
}

/// The prefixes of one family.
#[derive(Debug, Default)]
struct Prefixes {
    /// First address, length, row.
    all: BTreeSet<(u128, u8, i64)>,
    /// How many there are of each length: most lengths have none and need not be looked for.
    of_length: Vec<u32>,
}

static NOTHING: Prefixes = Prefixes { all: BTreeSet::new(), of_length: Vec::new() };
/// The classes that are found so.
const CLASSES: [&str; 4] = ["route", "route6", "domain", "as-block"];
/// Keys that are read together.
const PAGE: i64 = 5_000;

impl Placed {
    /// Reads those of `sources`.
    pub(in crate::whois) fn read<'s>(c: &Read<'_>, sources: impl Iterator<Item = &'s str>) -> Result<Self> {
        let mut all = Self::default();
        for source in sources {
            for class in CLASSES {
                let mut after = String::new();
                loop {
                    let page = placed::page(c, source, class, &after, PAGE)?;
                    for (row, key) in &page {
                        all.put(class, key, *row);
                    }
                    match page.into_iter().next_back() {
                        Some((_, key)) => after = key,
                        None => break,
                    }
                }
            }
        }
        Ok(all)
    }

    /// Takes over a change; one of another class changes nothing here.
    pub(in crate::whois) fn apply(&mut self, change: &Applied) {
        match change.raw {
            Some(_) => self.put(&change.class, &change.key, change.row),
            None => self.remove(&change.class, &change.key, change.row),
        }
    }

    fn put(&mut self, class: &str, key: &str, row: i64) {
        match Place::of(class, key) {
            Some(Place::Route(prefix)) => self.routes.put(prefix, row),
            Some(Place::Domain(prefix)) => self.domains.put(prefix, row),
            Some(Place::Block(first, last)) => {
                self.blocks.insert((first, last, row));
            }
            None => {}
        }
    }

    fn remove(&mut self, class: &str, key: &str, row: i64) {
        match Place::of(class, key) {
            Some(Place::Route(prefix)) => self.routes.remove(prefix, row),
            Some(Place::Domain(prefix)) => self.domains.remove(prefix, row),
            Some(Place::Block(first, last)) => {
                self.blocks.remove(&(first, last, row));
            }
            None => {}
        }
    }

    /// The routes whose prefixes contain all of `first` to `last`, the most specific first: prefix and row.
    pub(in crate::whois) fn around(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = Placement> + '_ {
        self.routes.around(first, last)
    }

    /// The routes that lie within `first` to `last`, in the order of their addresses, the larger first.
    pub(in crate::whois) fn inside(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = Placement> + '_ {
        self.routes.inside(first, last)
    }

    /// As [`Placed::around`] for reverse domains.
    pub(in crate::whois) fn domains_around(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = Placement> + '_ {
        self.domains.around(first, last)
    }

    /// As [`Placed::inside`] for reverse domains.
    pub(in crate::whois) fn domains_inside(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = Placement> + '_ {
        self.domains.inside(first, last)
    }

    /// The blocks around an AS number, the smallest first: their rows.
    pub(in crate::whois) fn blocks(&self, asn: u32) -> Vec<i64> {
        let around = self.blocks.range(..=(asn, u32::MAX, i64::MAX)).filter(|(_, last, _)| *last >= asn);
        let mut around: Vec<_> = around.map(|(first, last, row)| (last - first, *row)).collect();
        around.sort_unstable();
        around.into_iter().map(|(_, row)| row).collect()
    }
}

impl Both {
    fn put(&mut self, prefix: Prefix, row: i64) {
        self.family_mut(prefix.is_v4).put(prefix.first, prefix.length, row);
    }

    fn remove(&mut self, prefix: Prefix, row: i64) {
        self.family_mut(prefix.is_v4).remove(prefix.first, prefix.length, row);
    }

    fn family_mut(&mut self, is_v4: bool) -> &mut Prefixes {
        if is_v4 { &mut self.v4 } else { &mut self.v6 }
    }

    fn around(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = Placement> + '_ {
        let (prefixes, width, first, last) = self.family(first, last);
        let common = width - (u128::BITS - (first ^ last).leading_zeros()) as u8;
        (0..=common).rev().filter(|length| prefixes.has(*length)).flat_map(move |length| {
            let start = first & !host(width, length);
            let same = (start, length, i64::MIN)..=(start, length, i64::MAX);
            prefixes.all.range(same).map(move |(start, length, row)| (address(width, *start), *length, *row))
        })
    }

    fn inside(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = Placement> + '_ {
        let (prefixes, width, first, last) = self.family(first, last);
        let begin_there = prefixes.all.range((first, 0, i64::MIN)..=(last, u8::MAX, i64::MAX));
        begin_there
            .filter(move |(start, length, _)| start | host(width, *length) <= last)
            .map(move |(start, length, row)| (address(width, *start), *length, *row))
    }

    fn family(&self, first: IpAddr, last: IpAddr) -> (&Prefixes, u8, u128, u128) {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                (&self.v4, 32, first.to_bits().into(), last.to_bits().into())
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => (&self.v6, 128, first.to_bits(), last.to_bits()),
            // of two families: nothing lies around both
            _ => (&NOTHING, 32, 0, 0),
        }
    }
}

impl Prefixes {
    fn put(&mut self, first: u128, length: u8, row: i64) {
        if self.all.insert((first, length, row)) {
            if self.of_length.len() <= usize::from(length) {
                self.of_length.resize(usize::from(length) + 1, 0);
            }
            self.of_length[usize::from(length)] += 1;
        }
    }

    fn remove(&mut self, first: u128, length: u8, row: i64) {
        if self.all.remove(&(first, length, row)) {
            self.of_length[usize::from(length)] -= 1;
        }
    }

    fn has(&self, length: u8) -> bool {
        self.of_length.get(usize::from(length)).is_some_and(|count| *count > 0)
    }
}

/// First address, length and row of a prefix.
pub(in crate::whois) type Placement = (IpAddr, u8, i64);

#[derive(Clone, Copy)]
struct Prefix {
    is_v4: bool,
    first: u128,
    length: u8,
}

enum Place {
    Route(Prefix),
    Domain(Prefix),
    Block(u32, u32),
}

impl Place {
    fn of(class: &str, key: &str) -> Option<Self> {
        match class {
            "route" | "route6" => {
                let end = key.find(|char: char| char.eq_ignore_ascii_case(&'S'))?.checked_sub(1)?;
                Prefix::of(parse_range(key.get(..end)?.trim()).ok()?).map(Self::Route)
            }
            "domain" => Prefix::of(parse_reverse_domain(key)?).map(Self::Domain),
            "as-block" => {
                let (first, last) = key.split_once('-')?;
                Some(Self::Block(parse_as_number(first)?, parse_as_number(last)?))
            }
            _ => None,
        }
    }
}

impl Prefix {
    /// None when the range is no prefix.
    fn of(range: rpsl::AddressRange) -> Option<Self> {
        let first = match range.first() {
            IpAddr::V4(first) => first.to_bits().into(),
            IpAddr::V6(first) => first.to_bits(),
        };
        Some(Self { is_v4: range.is_ipv4(), first, length: range.prefix_length()? })
    }
}

/// The bits behind a prefix of `length` among `width` bits.
fn host(width: u8, length: u8) -> u128 {
    1u128.checked_shl(u32::from(width.saturating_sub(length))).map_or(u128::MAX, |bits| bits - 1)
}

fn address(width: u8, bits: u128) -> IpAddr {
    if width == 32 { IpAddr::V4((bits as u32).into()) } else { IpAddr::V6(bits.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(class: &str, key: &str, row: i64, there: bool) -> Applied {
        let raw = there.then(Vec::new);
        Applied { row, source: "WARD".into(), class: class.into(), key: key.into(), raw }
    }

    fn rows(found: impl Iterator<Item = Placement>) -> Vec<i64> {
        found.map(|(_, _, row)| row).collect()
    }

    #[test]
    fn routes_around_and_inside_are_found_the_most_specific_first() {
        let mut placed = Placed::default();
        for (key, row) in [
            ("192.0.2.0/24AS64496", 1),
            ("192.0.2.0/25AS64497", 2),
            ("192.0.0.0/16AS64496", 3),
            ("192.0.2.0/24AS64499", 4),
            ("0.0.0.0/0AS64496", 5),
        ] {
            placed.apply(&change("route", key, row, true));
        }
        placed.apply(&change("route6", "2001:db8::/32AS64496", 6, true));
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(rows(placed.around(at("192.0.2.77"), at("192.0.2.77"))), [2, 1, 4, 3, 5]);
        assert_eq!(rows(placed.around(at("192.0.2.0"), at("192.0.2.255"))), [1, 4, 3, 5]);
        assert_eq!(rows(placed.around(at("2001:db8::1"), at("2001:db8::1"))), [6]);
        assert_eq!(rows(placed.around(at("192.0.2.0"), at("2001:db8::1"))), Vec::<i64>::new());
        assert_eq!(rows(placed.inside(at("192.0.2.0"), at("192.0.2.255"))), [1, 4, 2]);
        placed.apply(&change("route", "192.0.2.0/25AS64497", 2, false));
        assert_eq!(rows(placed.around(at("192.0.2.77"), at("192.0.2.77"))), [1, 4, 3, 5]);
    }

    #[test]
    fn blocks_around_a_number_are_found_the_smallest_first() {
        let mut placed = Placed::default();
        placed.apply(&change("as-block", "AS64496 - AS64511", 1, true));
        placed.apply(&change("as-block", "AS64500 - AS64502", 2, true));
        assert_eq!(placed.blocks(64_501), [2, 1]);
        assert_eq!(placed.blocks(64_503), [1]);
        assert_eq!(placed.blocks(1), Vec::<i64>::new());
    }
}
