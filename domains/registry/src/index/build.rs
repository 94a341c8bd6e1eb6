//! From objects in any order to an index: names become numbers first, and are resolved when all are known.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netmap::{NetMap, Ranges as _};
use rpsl::{AutNum, Contact, ContactKind, Inetnum, KeyCert, Organisation, Record, Registration};

use super::texts::{Handle, Handles, Interner, Text};
use super::{AbuseContact, Index, IrtRef, Key, NONE, Network, Place, Report};

/// Collects objects; [`Builder::build`] makes the index.
#[derive(Default)]
pub(crate) struct Builder {
    texts: Interner,
    handles: Handles,
    sources: Vec<String>,
    ranges: netmap::Builder,
    /// Parallel to the numbers of `ranges`.
    networks: Vec<Unresolved>,
    as_numbers: HashMap<u32, Unresolved>,
    /// By source too: a name means the object of the same registry first.
    lists: HashMap<(u16, Vec<Named>), u32>,
    irts: Vec<(rpsl::Irt, Place)>,
    irt_handles: Handles,
    irts_by_handle: HashMap<(Handle, u16), u32>,
    contacts: Vec<AbuseContact>,
    contacts_by_handle: HashMap<(Handle, u16), u32>,
    organisations: HashMap<(Handle, u16), Option<Handle>>,
    keys: HashMap<String, Key>,
}

/// A network whose references are names still.
#[derive(Clone, Copy)]
struct Unresolved {
    network: Network,
    abuse_c: Option<Handle>,
    org: Option<Named>,
}

/// A name as written and as a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Named {
    name: Text,
    handle: Handle,
}

/// What networks and AS numbers have in common.
struct Held<'a> {
    name: Option<&'a str>,
    descr: &'a [String],
    country: &'a [String],
    status: Option<&'a str>,
    mnt_irt: &'a [rpsl::Handle],
    abuse_c: Option<&'a rpsl::Handle>,
    org: Option<&'a rpsl::Handle>,
    registration: &'a Registration,
}

impl<'a> Held<'a> {
    fn by_network(object: &'a Inetnum) -> Self {
        Self {
            name: object.netname.as_deref(),
            descr: &object.descr,
            country: &object.country,
            status: object.status.as_deref(),
            mnt_irt: &object.mnt_irt,
            abuse_c: object.abuse_c.as_ref(),
            org: object.org.as_ref(),
            registration: &object.registration,
        }
    }

    fn by_as(object: &'a AutNum) -> Self {
        Self {
            name: object.as_name.as_deref(),
            descr: &object.descr,
            country: &object.country,
            status: None,
            mnt_irt: &object.mnt_irt,
            abuse_c: object.abuse_c.as_ref(),
            org: object.org.as_ref(),
            registration: &object.registration,
        }
    }
}

/// Problems kept in the report.
const MOST: usize = 100;

impl Builder {
    /// Takes an object; classes that say nothing about who is responsible are passed over. `row` is its row in
    /// the database, 0 when it has none.
    pub(crate) fn add(&mut self, record: Record, row: i64) {
        match record {
            Record::Inetnum(inetnum) => self.network(&inetnum, row),
            Record::AutNum(aut_num) => {
                let unresolved = self.unresolved(&Held::by_as(&aut_num), row);
                self.as_numbers.insert(aut_num.asn, unresolved);
            }
            Record::Irt(irt) => {
                let place = self.place(irt.registration.source.as_ref(), row);
                let handle = self.irt_handles.add(irt.name.as_str());
                let number = self.irts.len() as u32; // fits: an object has more than a byte
                self.irts_by_handle.insert((handle, place.source), number);
                self.irts.push((*irt, place));
            }
            Record::Contact(contact) => self.contact(&contact, row),
            Record::Organisation(organisation) => self.organisation(&organisation, row),
            Record::KeyCert(key) => self.key(&key),
            _ => {}
        }
    }

    fn network(&mut self, inetnum: &Inetnum, row: i64) {
        let unresolved = self.unresolved(&Held::by_network(inetnum), row);
        let names_irt = unresolved.network.irts != NONE;
        // The range was checked when it was read; only a map with 2^29 ranges refuses it.
        if self.ranges.push(inetnum.range.first(), inetnum.range.last(), names_irt).is_ok() {
            self.networks.push(unresolved);
        }
    }

    fn unresolved(&mut self, held: &Held<'_>, row: i64) -> Unresolved {
        let place = self.place(held.registration.source.as_ref(), row);
        let network = Network {
            netname: self.texts.add(held.name.unwrap_or_default()),
            descr: self.texts.add(held.descr.first().map_or("", String::as_str)),
            country: self.texts.add(held.country.first().map_or("", String::as_str)),
            status: self.texts.add(held.status.unwrap_or_default()),
            irts: self.list(held.mnt_irt, place.source),
            abuse: NONE,
            abuse_from: NONE,
            abuse_org: Text::default(),
            place,
        };
        let abuse_c = held.abuse_c.map(|handle| self.handles.add(handle.as_str()));
        let org = held.org.map(|handle| Named {
            name: self.texts.add(handle.as_str()),
            handle: self.handles.add(handle.as_str()),
        });
        Unresolved { network, abuse_c, org }
    }

    fn contact(&mut self, contact: &Contact, row: i64) {
        let by_email = contact.abuse_mailboxes.is_empty();
        if by_email && contact.kind == ContactKind::Person {
            return; // a human being whom nobody named for complaints
        }
        let Some(mailbox) = contact.abuse_mailboxes.first().or_else(|| contact.emails.first()) else {
            return;
        };
        let place = self.place(contact.registration.source.as_ref(), row);
        let handle = self.handles.add(contact.nic_hdl.as_str());
        self.contacts_by_handle.insert((handle, place.source), self.contacts.len() as u32);
        self.contacts.push(AbuseContact {
            handle: contact.nic_hdl.as_str().to_owned(),
            name: contact.name.clone(),
            mailbox: mailbox.clone(),
            by_email,
        });
    }

    fn organisation(&mut self, organisation: &Organisation, row: i64) {
        let place = self.place(organisation.registration.source.as_ref(), row);
        let abuse_c = organisation.abuse_c.as_ref().map(|handle| self.handles.add(handle.as_str()));
        let handle = self.handles.add(organisation.handle.as_str());
        self.organisations.insert((handle, place.source), abuse_c);
    }

    fn key(&mut self, key: &KeyCert) {
        let name = key.name.to_string();
        self.keys.insert(name.clone(), Key { name, fingerprint: key.fingerprint.clone() });
    }

    fn list(&mut self, irts: &[rpsl::Handle], source: u16) -> u32 {
        if irts.is_empty() {
            return NONE;
        }
        let names: Vec<Named> = irts
            .iter()
            .map(|irt| Named {
                name: self.texts.add(irt.as_str()),
                handle: self.irt_handles.add(irt.as_str()),
            })
            .collect();
        let next = self.lists.len() as u32;
        *self.lists.entry((source, names)).or_insert(next)
    }

    fn place(&mut self, source: Option<&rpsl::Handle>, row: i64) -> Place {
        let name = source.map_or_else(|| crate::import::UNSTATED.to_owned(), rpsl::Handle::to_key);
        let source = self.sources.iter().position(|known| *known == name).unwrap_or_else(|| {
            // More registries than there are countries: what comes later counts as the last.
            if self.sources.len() < usize::from(u16::MAX) {
                self.sources.push(name);
            }
            self.sources.len() - 1
        });
        Place { source: source as u16, row }
    }

    /// Resolves all names and makes the index.
    pub(crate) fn build(mut self) -> Index {
        let mut lists: Vec<_> = self.lists.drain().collect();
        lists.sort_unstable_by_key(|(_, number)| *number);
        let irts_anywhere = anywhere(&self.irts_by_handle);
        let (mut unknown, mut unknown_names) = (HashSet::new(), Vec::new());
        let mut refer = |named: Named, source: u16| {
            let same = self.irts_by_handle.get(&(named.handle, source));
            let irt = same.or_else(|| irts_anywhere.get(&named.handle)).copied().unwrap_or(NONE);
            if irt == NONE && unknown.insert(named.handle) {
                unknown_names.push(named.name);
            }
            IrtRef { name: named.name, irt }
        };
        let irt_lists: Vec<Box<[IrtRef]>> = lists
            .into_iter()
            .map(|((source, names), _)| names.into_iter().map(|named| refer(named, source)).collect())
            .collect();
        let contacts = Resolver {
            contacts_anywhere: anywhere(&self.contacts_by_handle),
            contacts: &self.contacts_by_handle,
            organisations_anywhere: self
                .organisations
                .iter()
                .map(|((handle, _), abuse_c)| (*handle, *abuse_c))
                .collect(),
            organisations: &self.organisations,
        };
        let as_numbers =
            self.as_numbers.iter().map(|(asn, network)| (*asn, contacts.resolve(network))).collect();
        let netmap::Built { map, order, report: odd } = self.ranges.build();
        let mut networks: Vec<Network> =
            order.iter().map(|number| contacts.resolve(&self.networks[*number as usize])).collect();
        inherit_abuse(&map, &mut networks);
        let texts = self.texts.finish();
        let report = Report {
            networks: map.len(),
            irts: self.irts.len(),
            overlapping: odd.overlaps.len(),
            overlaps: odd.overlaps.iter().take(MOST).map(overlap_in_words).collect(),
            duplicates: odd.duplicates.len(),
            unknown_irts: unknown_names.iter().take(MOST).map(|name| texts.get(*name).to_owned()).collect(),
        };
        Index {
            texts,
            sources: self.sources,
            map,
            networks,
            irt_lists,
            irts: self.irts,
            contacts: self.contacts,
            keys: self.keys,
            as_numbers,
            report,
        }
    }
}

/// What names of contacts and organisations mean. A name of the same registry goes before one of another.
struct Resolver<'a> {
    contacts: &'a HashMap<(Handle, u16), u32>,
    /// For a name that its own registry does not know.
    contacts_anywhere: HashMap<Handle, u32>,
    organisations: &'a HashMap<(Handle, u16), Option<Handle>>,
    organisations_anywhere: HashMap<Handle, Option<Handle>>,
}

impl Resolver<'_> {
    fn resolve(&self, unresolved: &Unresolved) -> Network {
        let mut network = unresolved.network;
        let source = network.place.source;
        let contact = |handle: Handle| {
            let same = self.contacts.get(&(handle, source));
            same.or_else(|| self.contacts_anywhere.get(&handle)).copied()
        };
        if let Some(own) = unresolved.abuse_c.and_then(contact) {
            network.abuse = own;
        } else if let Some(named) = unresolved.org
            && let Some(organisation) = self
                .organisations
                .get(&(named.handle, source))
                .or_else(|| self.organisations_anywhere.get(&named.handle))
            && let Some(of_org) = organisation.and_then(contact)
        {
            network.abuse = of_org;
            network.abuse_org = named.name;
        }
        network
    }
}

/// For a name that its own registry does not know: the object of the registry that was read first.
fn anywhere(by_handle: &HashMap<(Handle, u16), u32>) -> HashMap<Handle, u32> {
    let mut anywhere = HashMap::new();
    for ((handle, _), number) in by_handle {
        anywhere
            .entry(*handle)
            .and_modify(|known: &mut u32| *known = (*known).min(*number))
            .or_insert(*number);
    }
    anywhere
}

/// Gives each network the nearest abuse contact: its own, or that of the nearest around it that has one.
fn inherit_abuse(map: &NetMap, networks: &mut [Network]) {
    let all: [(IpAddr, IpAddr); 2] = [
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into()),
        (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from_bits(u128::MAX).into()),
    ];
    for (first, last) in all {
        // parents come before their children
        for range in map.inside(first, last) {
            let number = map.place(range);
            let inherited = map.parent(range).map_or(NONE, |parent| networks[map.place(parent)].abuse_from);
            let network = &mut networks[number];
            network.abuse_from = if network.abuse == NONE { inherited } else { number as u32 };
        }
    }
}

fn overlap_in_words(overlap: &netmap::Overlap) -> String {
    format!(
        "{} - {} was left out: it lies partly inside, partly outside {} - {}",
        overlap.left_out.0, overlap.left_out.1, overlap.kept.0, overlap.kept.1
    )
}
