//! The registry in memory: which networks lie around an address, and to whom their objects point.
//!
//! Immutable. Made by [`Builder`] from objects, whether these come from a database or from files; a change of single
//! objects makes another one that shares all that did not change ([`Index::changed`]).

mod build;
mod change;
mod file;
mod load;
mod meaning;
mod named;
mod networks;
mod numbers;
mod packed;
mod profile;
mod texts;

use std::net::IpAddr;

use netmap::{Layer, RangeIdx, Ranges as _};
use serde::Serialize;
use smol_str::SmolStr;

pub(crate) use build::Builder;
pub(crate) use change::Change;
pub(crate) use file::Unusable;
pub(crate) use meaning::{AbuseContact, Irt};
pub(crate) use named::Entry;
use named::Named;
use networks::{Held, Networks};
pub use packed::Netname;
use profile::{Profile, Tables};

/// The objects that say who is responsible, in a form in which an answer takes a microsecond.
#[derive(Debug, Clone, Default)]
pub struct Index {
    networks: Networks,
    tables: Tables,
    people: People,
    report: Report,
}

/// The objects that networks refer to, and the AS numbers.
#[derive(Debug, Clone, Default)]
struct People {
    irts: Named<Irt>,
    contacts: Named<AbuseContact>,
    /// The role that an organisation names for abuse, in upper case; empty when it names none.
    organisations: Named<SmolStr>,
    keys: Named<Key>,
    as_numbers: Named<Held>,
}

/// Where an object stands: the number of its registry, and its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) source: u16,
    /// Row in the database; 0 when the index was made from files.
    pub(crate) row: i64,
}

/// A public key of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Key {
    /// The `key-cert`'s name.
    pub name: String,
    /// Its fingerprint as the registry wrote it: hexadecimal digits.
    pub fingerprint: Option<String>,
}

/// What was odd about the networks of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Networks in the index.
    pub networks: usize,
    /// Teams (`irt` objects) in the index.
    pub irts: usize,
    /// Networks left out since each lies partly inside, partly outside another; the first hundred, in words.
    pub overlaps: Vec<String>,
    /// How many were left out in all.
    pub overlapping: usize,
    /// Networks that stand more than once; the one that came last is the most specific.
    pub duplicates: usize,
    /// Names in `mnt-irt` without an `irt` object; the first hundred.
    pub unknown_irts: Vec<String>,
}

/// A network of an index, with its texts.
#[derive(Clone, Copy)]
pub(crate) struct NetworkView<'a> {
    index: &'a Index,
    object: Object,
    profile: Profile,
}

/// A network or an AS number.
#[derive(Clone, Copy)]
enum Object {
    Network(Layer),
    AsNumber(Held),
}

impl Index {
    /// The smallest network that contains all of `first` to `last`.
    pub(crate) fn covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        if first == last {
            self.networks.map.most_specific(first)
        } else {
            self.networks.map.most_specific_covering(first, last)
        }
    }

    /// [`Index::covering`] for many single addresses at once.
    pub(crate) fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
        self.networks.map.bulk(addresses)
    }

    /// The networks inside these ends, those with exactly these ends too; each before those inside it.
    pub(crate) fn inside(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = RangeIdx> + '_ {
        self.networks.map.inside(first, last)
    }

    /// A network that lies partly inside, partly outside these ends: with it they do not nest.
    #[cfg(test)]
    pub(crate) fn crossing(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        self.networks.map.crossing(first, last)
    }

    /// The network itself when it names a team, else the nearest around it that does.
    pub(crate) fn naming_irt(&self, range: RangeIdx) -> Option<RangeIdx> {
        self.networks.map.marked(range)
    }

    /// The network around this one.
    pub(crate) fn parent(&self, range: RangeIdx) -> Option<RangeIdx> {
        self.networks.map.parent(range)
    }

    /// The network, then those around it, up to the largest.
    pub(crate) fn chain(&self, range: RangeIdx) -> impl Iterator<Item = RangeIdx> + '_ {
        std::iter::successors(Some(range), |range| self.parent(*range))
    }

    /// First and last address of a network.
    pub(crate) fn ends(&self, range: RangeIdx) -> (IpAddr, IpAddr) {
        self.networks.map.range(range)
    }

    /// A small number of a network, for tables beside the index.
    pub(crate) fn number(&self, range: RangeIdx) -> u32 {
        match self.networks.map.layer(range) {
            Layer::Base(place) => place as u32, // fits: a map has 2^28 at most
            Layer::Added(number) => self.networks.columns.profiles.len() as u32 + number,
        }
    }

    pub(crate) fn network(&self, range: RangeIdx) -> NetworkView<'_> {
        self.view(Object::Network(self.networks.map.layer(range)), self.profile_number(range))
    }

    pub(crate) fn netname(&self, range: RangeIdx) -> Netname {
        self.networks.name(self.networks.map.layer(range))
    }

    /// The number of what a network has in common with others: all but range, name and row.
    pub(crate) fn profile_number(&self, range: RangeIdx) -> u32 {
        self.networks.profile(self.networks.map.layer(range))
    }

    /// The country of the network or of the nearest around it that tells one; empty when none does.
    pub(crate) fn country(&self, range: RangeIdx) -> &str {
        let mut countries =
            self.chain(range).map(|range| self.tables.profile(self.profile_number(range)).country);
        self.tables.text(countries.find(|country| *country != 0).unwrap_or(0))
    }

    /// The abuse contact of the network or of the nearest around it that has one.
    pub(crate) fn abuse(&self, range: RangeIdx) -> Option<(RangeIdx, Abuse<'_>)> {
        self.chain(range).find_map(|range| Some((range, self.network(range).abuse()?)))
    }

    pub(crate) fn as_number(&self, asn: u32) -> Option<NetworkView<'_>> {
        self.people
            .as_numbers
            .anywhere(&format!("AS{asn}"))
            .map(|entry| self.view(Object::AsNumber(entry.object), entry.object.profile))
    }

    /// The team's object of this name (in any case), of registry number `source` first.
    pub(crate) fn irt(&self, name: &str, source: u16) -> Option<&Entry<Irt>> {
        self.people.irts.get(&name.to_ascii_uppercase(), source)
    }

    /// The `key-cert` of this name.
    pub(crate) fn key(&self, name: &rpsl::KeyReference) -> Option<&Key> {
        self.people.keys.anywhere(&name.to_string()).map(|entry| &entry.object)
    }

    /// The name of registry number `source`.
    pub(crate) fn source(&self, source: u16) -> &str {
        self.tables.source(source)
    }

    /// The names of the registries in it.
    pub fn sources(&self) -> &[String] {
        &self.tables.sources
    }

    /// What it holds, and what was odd.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn view(&self, object: Object, profile: u32) -> NetworkView<'_> {
        NetworkView { index: self, object, profile: self.tables.profile(profile) }
    }
}

/// The abuse contact of a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abuse<'a> {
    /// The role's handle.
    pub(crate) handle: &'a str,
    pub(crate) contact: &'a AbuseContact,
    /// The organisation whose contact it is; empty when it is the network's own.
    pub(crate) org: &'a str,
}

impl<'a> NetworkView<'a> {
    /// `netname`; of an AS number `as-name`.
    pub(crate) fn netname(self) -> Netname {
        match self.object {
            Object::Network(layer) => self.index.networks.name(layer),
            Object::AsNumber(held) => Netname::new(self.index.networks.names.get(held.name)),
        }
    }

    /// The first `country`.
    pub(crate) fn country(self) -> &'a str {
        self.index.tables.text(self.profile.country)
    }

    pub(crate) fn status(self) -> &'a str {
        self.index.tables.text(self.profile.status)
    }

    /// The teams it names, in its order, as it writes them.
    pub(crate) fn irt_names(self) -> impl Iterator<Item = &'a str> {
        let index = self.index;
        index.tables.list(self.profile.irts).iter().map(|name| index.tables.text(*name))
    }

    /// The registry it stands in.
    pub(crate) fn source(self) -> &'a str {
        self.index.tables.source(self.profile.source)
    }

    /// The number of what it has in common with others: all but range, name and row.
    pub(crate) fn profile_number(self) -> u32 {
        match self.object {
            Object::Network(layer) => self.index.networks.profile(layer),
            Object::AsNumber(held) => held.profile,
        }
    }

    pub(crate) fn place(self) -> Place {
        let row = match self.object {
            Object::Network(layer) => self.index.networks.row(layer),
            Object::AsNumber(held) => held.row,
        };
        Place { source: self.profile.source, row }
    }

    /// Its own abuse contact, or its organisation's.
    pub(crate) fn abuse(self) -> Option<Abuse<'a>> {
        let (index, source) = (self.index, self.profile.source);
        let role = |handle: &str, org: &'a str| {
            let entry = index.people.contacts.get(handle, source)?;
            Some(Abuse { handle: &entry.name, contact: &entry.object, org })
        };
        let own = index.tables.text(self.profile.abuse_c);
        if !own.is_empty()
            && let Some(own) = role(&own.to_ascii_uppercase(), "")
        {
            return Some(own);
        }
        let org = index.tables.text(self.profile.org);
        if org.is_empty() {
            return None;
        }
        let organisation = index.people.organisations.get(&org.to_ascii_uppercase(), source)?;
        role(&organisation.object, org)
    }
}
