//! One object, and which of the objects that it names exist.

use std::collections::HashMap;

use identity::{Granted, LookUp};
use kit::{Read, Result};
use rpsl::Object;
use rpsl::template::{AttributeName, normal_key};

use super::Id;
use crate::Registry;
use crate::store::changes;
use crate::store::objects::{self, Name, Stored};

/// References of one object that are followed.
const MOST: usize = 400;

/// An object with what is known around it.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) stored: Stored,
    /// The text as anybody is shown it.
    pub(crate) shown: Vec<u8>,
    pub(crate) names: Names,
    /// Versions in the journal; 0 when it never changed here.
    pub(crate) versions: i64,
}

/// What an object is known as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    /// It exists.
    There(Id),
    /// There is none.
    Missing,
}

/// The objects that an object names: attribute and name in upper case, to what there is.
pub(crate) type Names = HashMap<(AttributeName, String), Known>;

impl Registry {
    /// An object of the registry; `None` when there is none of this name.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn object(&self, _granted: &Granted<LookUp>, id: Id) -> Result<Option<Whole>> {
        let read = self.node().db.read(move |c| {
            let Some(stored) = objects::by_key(c, id.name())? else { return Ok(None) };
            let names = names(c, &stored.source, &stored.raw)?;
            let newest = changes::versions(c, id.name(), 1)?;
            Ok(Some((stored, names, newest.first().map_or(0, |change| change.version))))
        });
        let Some((stored, names, versions)) = read.await? else { return Ok(None) };
        let directory = self.teams().directory();
        let shown = super::masked(&stored.raw, false);
        let shown = crate::trust::shown(&shown, &directory, self.settings()).into_owned();
        Ok(Some(Whole { stored, shown, names, versions }))
    }
}

/// Which of the objects that a text names there are in `source`.
pub(crate) fn names(c: &Read<'_>, source: &str, raw: &[u8]) -> Result<Names> {
    let mut names = Names::new();
    let Ok(object) = Object::parse(raw) else { return Ok(names) };
    for attribute in object.attributes() {
        let Some(name) = AttributeName::long(attribute.name()) else { continue };
        let classes = name.references();
        for item in attribute.items().filter(|_| !classes.is_empty()) {
            let place = (name, item.to_uppercase());
            if names.len() == MOST || names.contains_key(&place) || !is_name(name, &item) {
                continue;
            }
            let mut known = Known::Missing;
            for class in classes {
                let Ok(key) = normal_key(class, &item) else { continue };
                if let Some(stored) = objects::by_key(c, Name { source, class, key: &key })? {
                    known = Known::There(Id::from(&stored));
                    break;
                }
            }
            names.insert(place, known);
        }
    }
    Ok(names)
}

/// Whether an item of `auth` and `mnt-routes` names an object at all.
fn is_name(attribute: AttributeName, item: &str) -> bool {
    match attribute {
        AttributeName::Auth => rpsl::KeyReference::parse(item).is_some(),
        AttributeName::MntRoutes => {
            !item.starts_with(['{', '^']) && !item.contains('/') && !item.ends_with('}')
        }
        _ => true,
    }
}
