//! Who refers to an object.

use identity::{Granted, LookUp};
use kit::Result;
use rpsl::template::AttributeName;

use super::Id;
use crate::Registry;
use crate::store::objects;

/// Objects of one kind of reference that are told at once.
const PAGE: i64 = 25;

/// Objects that name an object in one attribute.
#[derive(Debug)]
pub(crate) struct Referring {
    pub(crate) attribute: AttributeName,
    pub(crate) objects: Vec<(Id, String)>,
    /// Where to go on, when there are more.
    pub(crate) next: Option<i64>,
}

/// The attributes by which an object of `class` is named.
pub(crate) fn by_what(class: &str) -> impl Iterator<Item = AttributeName> {
    AttributeName::ALL.iter().copied().filter(move |attribute| attribute.references().contains(&class))
}

impl Registry {
    /// Who names the object, by attribute; only `by`, and those behind row `after`, if that is asked.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn referring(
        &self,
        _granted: &Granted<LookUp>,
        id: Id,
        by: Option<(AttributeName, i64)>,
    ) -> Result<Vec<Referring>> {
        self.node()
            .db
            .read(move |c| {
                let mut all = Vec::new();
                for attribute in by_what(&id.class) {
                    let after = match by {
                        Some((wanted, _)) if wanted != attribute => continue,
                        Some((_, after)) => after,
                        None => 0,
                    };
                    let mut rows = objects::by_term(c, attribute.short(), &id.key, after, PAGE + 1)?;
                    let more = rows.len() as i64 > PAGE;
                    rows.truncate(PAGE as usize);
                    let next = rows.last().map(|stored| stored.row).filter(|_| more);
                    // A reference means the object of the same registry.
                    rows.retain(|stored| stored.source == id.source);
                    if !rows.is_empty() || next.is_some() {
                        let objects =
                            rows.iter().map(|stored| (Id::from(stored), super::find::about(&stored.raw)));
                        all.push(Referring { attribute, objects: objects.collect(), next });
                    }
                }
                Ok(all)
            })
            .await
    }
}
