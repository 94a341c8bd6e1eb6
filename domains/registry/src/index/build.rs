//! From objects in any order to an index.

use std::collections::HashSet;

use rpsl::Record;
use smol_str::{SmolStr, format_smolstr};

use super::meaning::{AbuseContact, Irt, Meaning};
use super::named::{Entry, Named};
use super::networks::{Coming, Held, Networks};
use super::profile::{Facts, TableBuilder, Tables, Take as _};
use super::texts::Names;
use super::{Index, Key, People, Report};

/// Collects objects; [`Builder::build`] makes the index.
#[derive(Default)]
pub(crate) struct Builder {
    tables: TableBuilder,
    ranges: netmap::Builder,
    /// Parallel to the numbers of `ranges`.
    columns: Coming,
    irts: Vec<Entry<Irt>>,
    contacts: Vec<Entry<AbuseContact>>,
    organisations: Vec<Entry<SmolStr>>,
    keys: Vec<Entry<Key>>,
    as_numbers: Vec<Entry<Held>>,
    /// Of AS numbers.
    names: Names,
}

/// Problems kept in the report.
pub(super) const MOST: usize = 100;

impl Builder {
    /// Takes an object; classes that say nothing about who is responsible are passed over. `row` is its row in
    /// the database, 0 when it has none.
    pub(crate) fn add(&mut self, record: Record, row: i64) {
        let (meaning, source) = Meaning::of(record);
        match meaning {
            Meaning::Network(inetnum) => {
                // The range was checked when it was read; only a map with 2^28 ranges refuses it.
                let (first, last) = (inetnum.range.first(), inetnum.range.last());
                if self.ranges.push(first, last, !inetnum.mnt_irt.is_empty()).is_ok() {
                    let name = inetnum.netname.as_deref().unwrap_or_default();
                    let profile = self.tables.facts_number(&Facts::of_network(&inetnum, &source));
                    self.columns.push(row, name, profile);
                }
            }
            Meaning::AsNumber(aut_num) => {
                let name = aut_num.as_name.as_deref().unwrap_or_default();
                let profile = self.tables.facts_number(&Facts::of_as(&aut_num, &source));
                let object = Held { row, name: self.names.push(name), profile };
                let name = format_smolstr!("AS{}", aut_num.asn);
                let source = self.tables.source_number(&source);
                self.as_numbers.push(Entry { name, source, row, object });
            }
            Meaning::Irt(name, object) => {
                let source = self.tables.source_number(&source);
                self.irts.push(Entry { name: name.into(), source, row, object });
            }
            Meaning::Contact(name, Some(object)) => {
                let source = self.tables.source_number(&source);
                self.contacts.push(Entry { name: name.into(), source, row, object });
            }
            Meaning::Organisation(name, object) => {
                let source = self.tables.source_number(&source);
                self.organisations.push(Entry { name: name.into(), source, row, object });
            }
            Meaning::Key(name, object) => {
                let source = self.tables.source_number(&source);
                self.keys.push(Entry { name: name.into(), source, row, object });
            }
            Meaning::Contact(_, None) | Meaning::Nothing => {}
        }
    }

    /// Makes the index.
    pub(crate) fn build(self) -> Index {
        let tables = self.tables.finish();
        let sorted = self.ranges.sort();
        let columns = self.columns.ordered(&sorted.order);
        let netmap::Built { map, report: odd, .. } = sorted.build();
        let people = People {
            irts: Named::of(self.irts),
            contacts: Named::of(self.contacts),
            organisations: Named::of(self.organisations),
            keys: Named::of(self.keys),
            as_numbers: Named::of(self.as_numbers),
        };
        let report = Report {
            networks: map.len(),
            irts: people.irts.len(),
            overlapping: odd.overlaps.len(),
            overlaps: odd.overlaps.iter().take(MOST).map(overlap_in_words).collect(),
            duplicates: odd.duplicates.len(),
            unknown_irts: unknown_irts(&tables, &people.irts),
        };
        Index { networks: Networks::of(map, columns, self.names.merged()), tables, people, report }
    }
}

/// Names in `mnt-irt` without an object in any registry.
fn unknown_irts(tables: &Tables, irts: &Named<Irt>) -> Vec<String> {
    let names: HashSet<&str> =
        tables.lists.iter().flat_map(|list| list.iter()).map(|name| tables.text(*name)).collect();
    let unknown = names.into_iter().filter(|name| irts.anywhere(&name.to_ascii_uppercase()).is_none());
    let mut unknown: Vec<String> = unknown.map(str::to_owned).collect();
    unknown.sort_unstable();
    unknown.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    unknown.truncate(MOST);
    unknown
}

fn overlap_in_words(overlap: &netmap::Overlap) -> String {
    format!(
        "{} - {} was left out: it lies partly inside, partly outside {} - {}",
        overlap.left_out.0, overlap.left_out.1, overlap.kept.0, overlap.kept.1
    )
}
