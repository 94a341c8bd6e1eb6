//! The registry in memory: which networks lie around an address, and to whom their objects point.
//!
//! Immutable. Made by [`Builder`] from objects, whether these come from a database or from files.

mod build;
mod load;
mod texts;

use std::collections::HashMap;
use std::net::IpAddr;

use netmap::{NetMap, RangeIdx, Ranges as _};
use serde::Serialize;

pub(crate) use build::Builder;
use texts::{Text, Texts};

/// In place of a number: there is none.
const NONE: u32 = u32::MAX;

/// The objects that say who is responsible, in a form in which an answer takes a microsecond.
#[derive(Debug, Default)]
pub struct Index {
    texts: Texts,
    sources: Vec<String>,
    /// Place of a range: place in `networks`; mark: a team is named.
    map: NetMap,
    networks: Vec<Network>,
    /// Lists of teams that networks name; most networks of a holder share one.
    irt_lists: Vec<Box<[IrtRef]>>,
    irts: Vec<(rpsl::Irt, Place)>,
    contacts: Vec<AbuseContact>,
    keys: HashMap<String, Key>,
    as_numbers: HashMap<u32, Network>,
    report: Report,
}

/// Where an object stands: its source and its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) source: u16,
    /// Row in the database; 0 when the index was made from files.
    pub(crate) row: i64,
}

/// What the index keeps of an `inetnum`, `inet6num` or `aut-num`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    netname: Text,
    descr: Text,
    country: Text,
    status: Text,
    /// The teams it names: place in `irt_lists`.
    irts: u32,
    /// Its own abuse contact or its organisation's: place in `contacts`.
    abuse: u32,
    /// The nearest of itself and the networks around it that has an abuse contact.
    abuse_from: u32,
    /// Whether the contact is the organisation's: its name.
    abuse_org: Text,
    place: Place,
}

/// A team that a network names in `mnt-irt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct IrtRef {
    name: Text,
    /// Place in `irts`; [`NONE`] when no such object exists.
    irt: u32,
}

/// The role that `abuse-c` points at.
#[derive(Debug, Clone)]
pub(crate) struct AbuseContact {
    /// Its handle.
    pub(crate) handle: String,
    /// Its name.
    pub(crate) name: String,
    /// Where complaints go.
    pub(crate) mailbox: String,
    /// Whether that is its `e-mail`, since it has no `abuse-mailbox`.
    pub(crate) by_email: bool,
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
    network: &'a Network,
}

impl Index {
    /// The smallest network that contains all of `first` to `last`.
    pub(crate) fn covering(&self, first: IpAddr, last: IpAddr) -> Option<RangeIdx> {
        if first == last {
            self.map.most_specific(first)
        } else {
            self.map.most_specific_covering(first, last)
        }
    }

    /// [`Index::covering`] for many single addresses at once.
    pub(crate) fn bulk(&self, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
        self.map.bulk(addresses)
    }

    /// The network itself when it names a team, else the nearest around it that does.
    pub(crate) fn naming_irt(&self, range: RangeIdx) -> Option<RangeIdx> {
        self.map.marked(range)
    }

    /// The network around this one.
    pub(crate) fn parent(&self, range: RangeIdx) -> Option<RangeIdx> {
        self.map.parent(range)
    }

    /// The networks within a range, those with exactly its ends too; by start, then the larger first.
    pub(crate) fn inside(&self, first: IpAddr, last: IpAddr) -> impl Iterator<Item = RangeIdx> + '_ {
        self.map.inside(first, last)
    }

    /// First and last address of a network.
    pub(crate) fn ends(&self, range: RangeIdx) -> (IpAddr, IpAddr) {
        self.map.range(range)
    }

    /// Place of a network among all; a small number for tables beside the index.
    pub(crate) fn number(&self, range: RangeIdx) -> u32 {
        self.map.place(range) as u32 // fits: a map has 2^29 at most
    }

    pub(crate) fn network(&self, range: RangeIdx) -> NetworkView<'_> {
        self.view(&self.networks[self.number(range) as usize])
    }

    /// The country of the network or of the nearest around it that tells one; empty when none does.
    pub(crate) fn country(&self, range: RangeIdx) -> &str {
        let mut chain = std::iter::successors(Some(range), |range| self.parent(*range));
        chain
            .find_map(|range| Some(self.network(range).country()).filter(|text| !text.is_empty()))
            .unwrap_or("")
    }

    /// The abuse contact of the network or of the nearest around it that has one.
    pub(crate) fn abuse(&self, range: RangeIdx) -> Option<Abuse<'_>> {
        let from = self.networks[self.number(range) as usize].abuse_from;
        let network = self.view(self.networks.get(from as usize)?);
        let (number, contact) = network.abuse()?;
        Some(Abuse { from, network, number, contact })
    }

    pub(crate) fn as_number(&self, asn: u32) -> Option<NetworkView<'_>> {
        self.as_numbers.get(&asn).map(|network| self.view(network))
    }

    pub(crate) fn irt(&self, number: u32) -> Option<(&rpsl::Irt, Place)> {
        self.irts.get(number as usize).map(|(irt, place)| (irt, *place))
    }

    pub(crate) fn contacts(&self) -> &[AbuseContact] {
        &self.contacts
    }

    pub(crate) fn irt_lists(&self) -> &[Box<[IrtRef]>] {
        &self.irt_lists
    }

    /// The `key-cert` of this name.
    pub(crate) fn key(&self, name: &rpsl::KeyReference) -> Option<&Key> {
        self.keys.get(&name.to_string())
    }

    pub(crate) fn irt_name(&self, irt: IrtRef) -> &str {
        self.texts.get(irt.name)
    }

    pub(crate) fn source(&self, place: Place) -> &str {
        self.sources.get(usize::from(place.source)).map_or("", String::as_str)
    }

    /// The names of the registries in it.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// What it holds, and what was odd.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn view<'a>(&'a self, network: &'a Network) -> NetworkView<'a> {
        NetworkView { index: self, network }
    }
}

/// An abuse contact, and which network led to it.
pub(crate) struct Abuse<'a> {
    /// The number of that network.
    pub(crate) from: u32,
    pub(crate) network: NetworkView<'a>,
    /// Place of the contact in [`Index::contacts`].
    pub(crate) number: u32,
    pub(crate) contact: &'a AbuseContact,
}

impl IrtRef {
    /// The number of its object.
    pub(crate) fn number(self) -> Option<u32> {
        (self.irt != NONE).then_some(self.irt)
    }
}

impl<'a> NetworkView<'a> {
    /// `netname`; of an AS number `as-name`.
    pub(crate) fn netname(self) -> &'a str {
        self.index.texts.get(self.network.netname)
    }

    /// First line of `descr`.
    pub(crate) fn descr(self) -> &'a str {
        self.index.texts.get(self.network.descr)
    }

    /// The first `country`.
    pub(crate) fn country(self) -> &'a str {
        self.index.texts.get(self.network.country)
    }

    pub(crate) fn status(self) -> &'a str {
        self.index.texts.get(self.network.status)
    }

    /// The teams it names, in its order.
    pub(crate) fn irts(self) -> &'a [IrtRef] {
        self.index.irt_lists.get(self.network.irts as usize).map_or(&[], |list| list)
    }

    /// Their names, as it writes them.
    pub(crate) fn irt_names(self) -> impl Iterator<Item = &'a str> {
        self.irts().iter().map(|irt| self.index.irt_name(*irt))
    }

    /// The registry it stands in.
    pub(crate) fn source(self) -> &'a str {
        self.index.source(self.network.place)
    }

    /// Place of that list in [`Index::irt_lists`].
    pub(crate) fn irt_list(self) -> Option<usize> {
        (self.network.irts != NONE).then_some(self.network.irts as usize)
    }

    /// Its own abuse contact, or its organisation's, with its place in [`Index::contacts`].
    pub(crate) fn abuse(self) -> Option<(u32, &'a AbuseContact)> {
        Some((self.network.abuse, self.index.contacts.get(self.network.abuse as usize)?))
    }

    /// The organisation whose abuse contact that is; empty when it is the network's own.
    pub(crate) fn abuse_org(self) -> &'a str {
        self.index.texts.get(self.network.abuse_org)
    }

    pub(crate) fn place(self) -> Place {
        self.network.place
    }
}
