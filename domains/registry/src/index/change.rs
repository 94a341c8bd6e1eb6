//! Changes of single objects, without reading the others again.

use netmap::{Addition, RangeIdx, Ranges as _};
use rpsl::{AddressRange, Notes, Object, Record};

use super::meaning::Meaning;
use super::named::Entry;
use super::networks::Held;
use super::packed::Netname;
use super::profile::{Facts, Take as _};
use super::{Index, build};

/// A change of one object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change<'a> {
    /// Its row in the database.
    pub(crate) row: i64,
    /// Its registry, in upper case.
    pub(crate) source: &'a str,
    pub(crate) class: &'a str,
    /// Its key in its one spelling.
    pub(crate) key: &'a str,
    /// Its text; `None` when it is gone.
    pub(crate) raw: Option<&'a [u8]>,
}

impl Index {
    /// With these changes, in their order. Shares all that did not change; what it copies is some thousands of
    /// changes, see [`Index::changes`].
    ///
    /// An object that cannot be read is gone from the answers, as it would be after reading all anew. A network that lies
    /// partly outside another is left out and told in the report.
    pub(crate) fn changed<'a>(&self, changes: impl IntoIterator<Item = Change<'a>>) -> Self {
        let mut new = self.clone();
        for change in changes {
            new.change(&change);
        }
        new.report.networks = new.networks.map.len();
        new.report.irts = new.people.irts.len();
        new
    }

    /// How many networks have changed since all was put into one: what a further change copies.
    pub(crate) fn changes(&self) -> usize {
        self.networks.map.changes().max(self.networks.added.len())
    }

    /// The same with all changes in the large part. Takes a second for millions of networks.
    pub(crate) fn merged(&self) -> Self {
        Self {
            networks: self.networks.merged(),
            tables: self.tables.merged(),
            people: self.people.clone(),
            report: self.report.clone(),
        }
    }

    fn change(&mut self, change: &Change<'_>) {
        let object = change.raw.and_then(|raw| Object::parse(raw).ok());
        let record = object.and_then(|object| Record::read(&object, &mut Notes::default()).ok());
        let source = self.tables.source_number(change.source);
        match record.map(|record| Meaning::of(record).0) {
            Some(Meaning::Network(inetnum)) => self.put_network(change, &inetnum),
            Some(Meaning::AsNumber(aut_num)) => {
                let name = aut_num.as_name.as_deref().unwrap_or_default();
                let object = self.held(name, &Facts::of_as(&aut_num, change.source), change.row);
                self.people.as_numbers.put(entry(format!("AS{}", aut_num.asn), source, change.row, object));
            }
            Some(Meaning::Irt(name, object)) => {
                self.people.irts.put(entry(name, source, change.row, object));
            }
            Some(Meaning::Contact(name, Some(object))) => {
                self.people.contacts.put(entry(name, source, change.row, object));
            }
            Some(Meaning::Organisation(name, object)) => {
                self.people.organisations.put(entry(name, source, change.row, object));
            }
            Some(Meaning::Key(name, object)) => {
                self.people.keys.put(entry(name, source, change.row, object));
            }
            Some(Meaning::Contact(_, None) | Meaning::Nothing) | None => self.remove(change, source),
        }
    }

    fn remove(&mut self, change: &Change<'_>, source: u16) {
        let key = change.key.to_ascii_uppercase();
        match change.class {
            "inetnum" | "inet6num" => {
                if let Some(gone) = range_of(change).and_then(|range| self.standing(range, source)) {
                    self.networks.map = self.networks.map.changed(&[gone], &[]).map;
                }
            }
            "irt" => drop(self.people.irts.remove(&key, source)),
            "person" | "role" => drop(self.people.contacts.remove(&key, source)),
            "organisation" => drop(self.people.organisations.remove(&key, source)),
            "key-cert" => drop(self.people.keys.remove(&key, source)),
            "aut-num" => drop(self.people.as_numbers.remove(&key, source)),
            _ => {}
        }
    }

    /// The network with exactly this range in one registry.
    fn standing(&self, range: AddressRange, source: u16) -> Option<RangeIdx> {
        let mut equal = self.networks.map.equal(range.first(), range.last());
        equal.find(|range| self.network(*range).place().source == source)
    }

    fn put_network(&mut self, change: &Change<'_>, inetnum: &rpsl::Inetnum) {
        let name = inetnum.netname.as_deref().unwrap_or_default();
        let facts = Facts::of_network(inetnum, change.source);
        let source = self.tables.source_number(change.source);
        let standing = self.standing(inetnum.range, source);
        let profile = self.tables.facts_number(&facts);
        if let Some(range) = standing {
            let known = self.network(range);
            // A change may come twice: from the process itself, and from the journal.
            let same = self.tables.profile(known.profile_number()) == self.tables.profile(profile);
            if same && known.netname() == Netname::new(name) && known.place().row == change.row {
                return;
            }
        }
        let marked = !inetnum.mnt_irt.is_empty();
        let new = Held { row: change.row, name: self.networks.names.push(name), profile };
        let mut gone: Vec<RangeIdx> = standing.into_iter().collect();
        let mut additions = vec![self.addition(inetnum.range, marked, new)];
        // Of equal networks the one with the latest row is the most specific, as after reading all anew.
        let later: Vec<RangeIdx> = self
            .networks
            .map
            .equal(inetnum.range.first(), inetnum.range.last())
            .filter(|range| Some(*range) != standing && self.network(*range).place().row > change.row)
            .collect();
        for range in later.into_iter().rev() {
            let held = self.held_again(range);
            let marked = self.networks.map.is_marked(range);
            additions.push(self.addition(inetnum.range, marked, held));
            gone.push(range);
        }
        let changed = self.networks.map.changed(&gone, &additions);
        self.networks.map = changed.map;
        if !changed.refused.is_empty() {
            self.report.overlapping += 1;
            if self.report.overlaps.len() < build::MOST {
                let words = "was left out: it lies partly inside, partly outside another network";
                self.report.overlaps.push(format!("{} {words}", inetnum.range));
            }
        }
    }

    fn addition(&mut self, range: AddressRange, marked: bool, held: Held) -> Addition {
        self.networks.added.push(held);
        let number = (self.networks.added.len() - 1) as u32; // fits: all is merged long before
        Addition { first: range.first(), last: range.last(), marked, number }
    }

    /// What is kept of a network, to keep it in another place.
    fn held_again(&mut self, range: RangeIdx) -> Held {
        let layer = self.networks.map.layer(range);
        let name = self.networks.name(layer);
        Held {
            row: self.networks.row(layer),
            name: self.networks.names.push(&name),
            profile: self.networks.profile(layer),
        }
    }

    fn held(&mut self, name: &str, facts: &Facts<'_>, row: i64) -> Held {
        Held { row, name: self.networks.names.push(name), profile: self.tables.facts_number(facts) }
    }
}

fn entry<T>(name: String, source: u16, row: i64, object: T) -> Entry<T> {
    Entry { name: name.into(), source, row, object }
}

fn range_of(change: &Change<'_>) -> Option<AddressRange> {
    match change.class {
        "inetnum" => rpsl::range::parse_inetnum(change.key).ok(),
        _ => rpsl::range::parse_inet6num(change.key).ok(),
    }
}
