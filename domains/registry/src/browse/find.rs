//! Whatever somebody is looking for: a handle, a name, a range, a mail address, a word of a name.

use std::collections::BTreeSet;

use identity::{Granted, LookUp};
use kit::{Read, Result};
use rpsl::Object;
use rpsl::template::{AttributeName, Template, normal_key, normal_terms};

use super::Id;
use crate::Registry;
use crate::store::objects::{self, Name, Stored};
use crate::store::search;

/// Hits that are told.
const MOST: usize = 100;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// There are more.
    pub(crate) more: bool,
}

/// An object that was found.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) id: Id,
    /// What it is about, in a few words.
    pub(crate) about: String,
    /// By what it was found: `name`, or an attribute.
    pub(crate) by: &'static str,
}

impl Registry {
    /// Objects that `text` means, the best first: those of this name, then those that have it as a value, then those
    /// whose name begins so.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn find(&self, _granted: &Granted<LookUp>, text: &str) -> Result<Found> {
        let text = text.trim().to_owned();
        let sources = self.snapshot().sources().to_vec();
        let own = self.settings().source.clone().into_iter();
        let mut sources: Vec<String> = own.chain(sources).collect();
        let mut seen = BTreeSet::new();
        sources.retain(|source| seen.insert(source.clone()));
        if text.is_empty() || text.len() > 255 {
            return Ok(Found::default());
        }
        self.node().db.read(move |c| Search { c, sources: &sources, text: &text }.all()).await
    }
}

struct Search<'a, 'c> {
    c: &'a Read<'c>,
    sources: &'a [String],
    text: &'a str,
}

impl Search<'_, '_> {
    fn all(&self) -> Result<Found> {
        let mut hits = Hits::default();
        self.named(&mut hits)?;
        self.by_value(&mut hits)?;
        self.beginning(&mut hits)?;
        let more = hits.list.len() > MOST;
        hits.list.truncate(MOST);
        Ok(Found { hits: hits.list, more })
    }

    /// Objects whose key it is.
    fn named(&self, hits: &mut Hits) -> Result<()> {
        for template in Template::all() {
            let Ok(key) = normal_key(template.class(), self.text) else { continue };
            for source in self.sources {
                let name = Name { source, class: template.class(), key: &key };
                hits.extend(objects::by_key(self.c, name)?, "name");
            }
        }
        Ok(())
    }

    /// Objects that have it, or all of its words, as a value.
    fn by_value(&self, hits: &mut Hits) -> Result<()> {
        for attribute in AttributeName::ALL {
            let terms = normal_terms(*attribute, self.text);
            let Some(longest) = terms.iter().max_by_key(|term| term.len()) else { continue };
            let found = objects::by_term(self.c, attribute.short(), longest, 0, MOST as i64 + 1)?;
            let whole = found.into_iter().filter(|stored| {
                terms.len() == 1 || {
                    let Ok(object) = Object::parse(&stored.raw) else { return false };
                    let own = rpsl::template::terms(&object);
                    terms.iter().all(|term| {
                        own.iter().any(|known| known.attribute == attribute.as_str() && known.value == *term)
                    })
                }
            });
            hits.extend(whole, attribute.as_str());
        }
        Ok(())
    }

    /// Objects whose key, or a word of whose name, begins so.
    fn beginning(&self, hits: &mut Hits) -> Result<()> {
        let prefix = self.text.trim_end_matches('*');
        if prefix.chars().count() < 3 || hits.list.len() > MOST {
            return Ok(());
        }
        let upper = prefix.to_uppercase();
        for class in ["irt", "organisation", "mntner", "role", "person", "domain", "as-set"] {
            // What people call a team is the end of its name here.
            let usual = match class {
                "irt" => "IRT-",
                "mntner" => "MNT-",
                _ => "",
            };
            for source in self.sources {
                hits.extend(search::keys_from(self.c, source, class, &upper, 20)?, "name");
                if !usual.is_empty() {
                    let whole = format!("{usual}{upper}");
                    hits.extend(search::keys_from(self.c, source, class, &whole, 20)?, "name");
                }
            }
        }
        for attribute in [AttributeName::OrgName, AttributeName::Role, AttributeName::Person] {
            if let [word] = normal_terms(attribute, prefix).as_slice() {
                hits.extend(search::terms_from(self.c, attribute.short(), word, 20)?, attribute.as_str());
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Hits {
    list: Vec<Hit>,
    seen: BTreeSet<i64>,
}

impl Hits {
    fn extend(&mut self, found: impl IntoIterator<Item = Stored>, by: &'static str) {
        for stored in found {
            if self.seen.insert(stored.row) && self.list.len() <= MOST {
                self.list.push(Hit { id: Id::from(&stored), about: about(&stored.raw), by });
            }
        }
    }
}

/// What an object is about, in a few words: its name, else the first line of its description or address.
pub(super) fn about(raw: &[u8]) -> String {
    let Ok(object) = Object::parse(raw) else { return String::new() };
    let names = ["person", "role", "org-name", "netname", "as-name", "descr", "address", "owner", "origin"];
    let value = names.iter().find_map(|name| object.get(name));
    let text = value
        .and_then(|value| value.text_lines().find(|line| !line.is_empty()).map(|line| line.into_owned()));
    text.unwrap_or_default().chars().take(80).collect()
}
