//! Networks, routes and reverse domains by the addresses that they are about.

use std::net::IpAddr;
use std::sync::Arc;

use netmap::RangeIdx;

use super::Found;
use crate::whois::memory::{Card, Objects, Placed, Stop};
use crate::whois::request::{How, Request};

/// Objects of one class in one answer. Whoever needs more wants a copy of the registry, and the answer says so.
pub(super) const MOST: usize = 10_000;

/// The objects about the addresses from `first` to `last`.
pub(super) fn about(
    objects: &Objects<'_, '_>,
    request: &Request,
    (first, last): (IpAddr, IpAddr),
) -> Result<Found, Stop> {
    // Much may lie within: not in the time of those who wait for an address.
    if matches!(request.how, How::OneMore | How::AllMore) {
        objects.database()?;
    }
    let mut found = Found::default();
    let (network, route) = if first.is_ipv4() { ("inetnum", "route") } else { ("inet6num", "route6") };
    if request.wants_class(network) {
        networks(objects, request, first, last, &mut found)?;
    }
    if request.wants_class(route) {
        let rows = objects.placed(|placed| routes(placed, request, first, last))?;
        found.take(objects, request, rows)?;
    }
    if request.reverse && request.wants_class("domain") {
        let rows = objects.placed(|placed| reverse(placed, request, first, last))?;
        found.take(objects, request, rows)?;
    }
    Ok(found)
}

fn networks(
    objects: &Objects<'_, '_>,
    request: &Request,
    first: IpAddr,
    last: IpAddr,
    found: &mut Found,
) -> Result<(), Stop> {
    let index = &objects.view.index;
    let wanted = |range: &RangeIdx| request.wants_source(index.network(*range).source());
    let same = |range: &RangeIdx| index.ends(*range) == (first, last);
    let row = |range: RangeIdx| index.network(range).place().row;
    let around = || chain(objects, first, last).filter(wanted);
    let rows: Vec<i64> = match request.how {
        // Of several registries all that have this network.
        How::Nearest => {
            let nearest = around().next().map(|range| index.ends(range));
            around().take_while(|range| Some(index.ends(*range)) == nearest).map(row).collect()
        }
        How::Exact => around().take_while(same).map(row).collect(),
        How::OneLess => around().find(|range| !same(range)).map(row).into_iter().collect(),
        How::AllLess => {
            let mut rows: Vec<i64> = around().map(row).collect();
            rows.reverse();
            rows
        }
        How::AllMore => {
            let within = index.inside(first, last).filter(|range| wanted(range) && !same(range));
            within.map(row).take(MOST + 1).collect()
        }
        How::OneMore => {
            // In the order of addresses, the larger first: what ends before the last one that was taken lies in it.
            let mut until: Option<IpAddr> = None;
            let within = index.inside(first, last).filter(|range| wanted(range) && !same(range));
            let direct = within.filter(|range| {
                let (_, end) = index.ends(*range);
                let is_direct = until.is_none_or(|until| end > until);
                if is_direct {
                    until = Some(end);
                }
                is_direct
            });
            direct.map(row).take(MOST + 1).collect()
        }
    };
    found.take(objects, request, rows)
}

/// The networks around all of `first` to `last`, themselves first, the smallest first.
pub(super) fn chain<'o>(
    objects: &Objects<'o, '_>,
    first: IpAddr,
    last: IpAddr,
) -> impl Iterator<Item = RangeIdx> + use<'o> {
    let index = &objects.view.index;
    std::iter::successors(index.covering(first, last), move |range| index.parent(*range))
}

fn routes(placed: &Placed, request: &Request, first: IpAddr, last: IpAddr) -> Vec<i64> {
    pick(request.how, first, last, |how| match how {
        Side::Around => placed.around(first, last).collect(),
        Side::Within => placed.inside(first, last).take(MOST + 1).collect(),
    })
}

fn reverse(placed: &Placed, request: &Request, first: IpAddr, last: IpAddr) -> Vec<i64> {
    pick(request.how, first, last, |how| match how {
        Side::Around => placed.domains_around(first, last).collect(),
        Side::Within => placed.domains_inside(first, last).take(MOST + 1).collect(),
    })
}

enum Side {
    Around,
    Within,
}

/// The rows of the prefixes that are meant. Those around come the smallest first, those within the larger first.
fn pick(how: How, first: IpAddr, last: IpAddr, ask: impl Fn(Side) -> Vec<(IpAddr, u8, i64)>) -> Vec<i64> {
    let asked = rpsl::AddressRange::new(first, last).ok().and_then(rpsl::AddressRange::prefix_length);
    let is_same = |one: &(IpAddr, u8, i64)| one.0 == first && Some(one.1) == asked;
    let same_length = |all: Vec<(IpAddr, u8, i64)>| -> Vec<i64> {
        let nearest = all.first().map(|one| one.1);
        all.into_iter().take_while(|one| Some(one.1) == nearest).map(|one| one.2).collect()
    };
    match how {
        How::Nearest => same_length(ask(Side::Around)),
        How::Exact => ask(Side::Around).into_iter().filter(is_same).map(|one| one.2).collect(),
        How::OneLess => same_length(ask(Side::Around).into_iter().filter(|one| !is_same(one)).collect()),
        How::AllLess => ask(Side::Around).into_iter().rev().map(|one| one.2).collect(),
        How::AllMore => ask(Side::Within).into_iter().filter(|one| !is_same(one)).map(|one| one.2).collect(),
        How::OneMore => {
            let mut direct: Vec<(IpAddr, IpAddr)> = Vec::new();
            let mut rows = Vec::new();
            for one in ask(Side::Within).into_iter().filter(|one| !is_same(one)) {
                let Some(last) = end(one.0, one.1) else { continue };
                let in_last =
                    direct.last().is_some_and(|before| last <= before.1 && (one.0, last) != *before);
                if !in_last {
                    direct.push((one.0, last));
                    rows.push(one.2);
                }
            }
            rows
        }
    }
}

fn end(first: IpAddr, length: u8) -> Option<IpAddr> {
    let range = rpsl::range::parse_range(&format!("{first}/{length}")).ok()?;
    Some(range.last())
}

impl Found {
    /// Takes the objects in these rows, those of the registries asked for.
    pub(super) fn take(
        &mut self,
        objects: &Objects<'_, '_>,
        request: &Request,
        rows: Vec<i64>,
    ) -> Result<(), Stop> {
        self.cut |= rows.len() > MOST;
        for row in rows.into_iter().take(MOST) {
            if let Some(card) = objects.row(row)? {
                self.add(request, card);
            }
        }
        Ok(())
    }

    /// Takes an object, when its registry and class are asked for; each once.
    pub(super) fn add(&mut self, request: &Request, card: Arc<Card>) {
        let is_wanted = request.wants_source(&card.source) && request.wants_class(&card.class);
        if is_wanted && self.cards.len() < 2 * MOST && self.rows.insert(card.row) {
            self.cards.push(card);
        }
    }
}
