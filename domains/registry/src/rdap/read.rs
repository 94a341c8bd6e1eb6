//! An object with those that it names, out of the database in one go.

use kit::{Read, Result};
use rdap::Role;
use rpsl::Object;

use crate::store::objects::{self, Name, Stored};

/// Objects that one object names and that are told with it.
const MOST: usize = 60;

/// The classes that are entities, in the order in which a handle is looked for.
pub(super) const ENTITIES: [&str; 5] = ["irt", "organisation", "role", "person", "mntner"];

/// An object, and those that it names with what they are for it.
#[derive(Debug)]
pub(super) struct Lot {
    pub(super) main: Stored,
    pub(super) named: Vec<(Vec<Role>, Stored)>,
}

/// References by attribute: what they are for the object, and of which classes.
const REFERENCES: [(&str, Role, &[&str]); 5] = [
    ("org", Role::Registrant, &["organisation"]),
    ("admin-c", Role::Administrative, &["role", "person"]),
    ("tech-c", Role::Technical, &["role", "person"]),
    ("zone-c", Role::Technical, &["role", "person"]),
    ("mnt-by", Role::Registrant, &["mntner"]),
];

impl Lot {
    /// `main` with those that it names; `abuse` are the names of the teams and roles that answer for it.
    pub(super) fn read(c: &Read<'_>, main: Stored, abuse: Vec<Stored>) -> Result<Self> {
        let mut lot = Self { main, named: Vec::new() };
        for stored in abuse {
            lot.add(Role::Abuse, stored);
        }
        for (role, classes, handle) in references(&lot.main.raw) {
            if let Some(stored) = find(c, &lot.main.source, classes, &handle)? {
                lot.add(role, stored);
            }
        }
        Ok(lot)
    }

    fn add(&mut self, role: Role, stored: Stored) {
        if let Some((roles, _)) = self.named.iter_mut().find(|(_, known)| known.row == stored.row) {
            if !roles.contains(&role) {
                roles.push(role);
            }
            return;
        }
        if self.named.len() < MOST {
            self.named.push((vec![role], stored));
        }
    }
}

fn references(raw: &[u8]) -> Vec<(Role, &'static [&'static str], String)> {
    let Ok(object) = Object::parse(raw) else { return Vec::new() };
    let mut found = Vec::new();
    for (attribute, role, classes) in REFERENCES {
        for value in object.all(attribute) {
            found.extend(value.items().map(|item| (role, classes, item.to_uppercase())));
        }
    }
    found.truncate(4 * MOST);
    found
}

fn find(c: &Read<'_>, source: &str, classes: &[&str], key: &str) -> Result<Option<Stored>> {
    for class in classes {
        let found = objects::by_key(c, Name { source, class, key })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The first object called `key` of one of `classes`, looking through `sources` in their order.
pub(super) fn anywhere(
    c: &Read<'_>,
    sources: &[String],
    classes: &[&str],
    key: &str,
) -> Result<Option<Stored>> {
    for source in sources {
        let found = find(c, source, classes, key)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
