//! Where answers get objects from: memory, and behind it the database where waiting is allowed.

use std::sync::Arc;

use kit::{Error, Read, Result, Time};
use rpsl::template::AttributeName;

use super::{Card, Memory, Placed};
use crate::answer::View;
use crate::contacts::ContactState;
use crate::store::changes::{self, Change};
use crate::store::objects::{self, Name, Stored};
use crate::{Registry, trust};

/// Why an answer could not be given here.
#[derive(Debug)]
pub(in crate::whois) enum Stop {
    /// Memory does not have everything: ask again with the database.
    NotInMemory,
    /// The database failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The objects of one moment.
pub(in crate::whois) struct Objects<'a, 'c> {
    registry: &'a Registry,
    memory: &'a Memory,
    pub(in crate::whois) view: &'a View,
    database: Option<&'a Read<'c>>,
    /// What the memory knew when this began.
    generation: u64,
}

/// Objects of one term that are read together.
const PAGE: i64 = 500;

impl<'a, 'c> Objects<'a, 'c> {
    /// Those in memory; with `database` all.
    pub(in crate::whois) fn new(
        registry: &'a Registry,
        generation: u64,
        view: &'a View,
        database: Option<&'a Read<'c>>,
    ) -> Self {
        Self { registry, memory: registry.memory(), view, database, generation }
    }

    /// What is known of a contact's address.
    pub(in crate::whois) fn contact(&self, address: &str) -> Option<ContactState> {
        self.registry.contact_state(address)
    }

    /// The database; an answer that cannot do without begins with this.
    pub(in crate::whois) fn database(&self) -> Result<&'a Read<'c>, Stop> {
        self.database.ok_or(Stop::NotInMemory)
    }

    /// The object in this row; `None` when it is gone.
    pub(in crate::whois) fn row(&self, row: i64) -> Result<Option<Arc<Card>>, Stop> {
        if let Some(card) = self.memory.row(row) {
            return Ok(Some(card));
        }
        Ok(objects::by_row(self.database()?, row)?.map(|stored| self.card(&stored)))
    }

    /// The objects of this class and key (in its one spelling), one of each registry that has it.
    pub(in crate::whois) fn named(&self, class: &str, key: &str) -> Result<Vec<Arc<Card>>, Stop> {
        if let Some(rows) = self.memory.rows(class, key) {
            let cards = rows.iter().map(|row| self.row(*row));
            return Ok(cards.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
        }
        let database = self.database()?;
        let mut cards = Vec::new();
        for source in self.sources() {
            if let Some(stored) = objects::by_key(database, Name { source, class, key })? {
                cards.push(self.card(&stored));
            }
        }
        let rows = cards.iter().map(|card| card.row).collect();
        self.memory.keep_rows(class, key, rows, self.generation);
        Ok(cards)
    }

    /// Up to `limit` objects that have `value` (in its one spelling) in the attribute.
    pub(in crate::whois) fn with_term(
        &self,
        attribute: AttributeName,
        value: &str,
        limit: usize,
    ) -> Result<Vec<Arc<Card>>, Stop> {
        let database = self.database()?;
        let mut cards: Vec<Arc<Card>> = Vec::new();
        while cards.len() < limit {
            let after = cards.last().map_or(0, |card| card.row);
            let page = objects::by_term(database, attribute.short(), value, after, PAGE)?;
            let whole = page.len() < PAGE as usize;
            cards.extend(page.iter().map(|stored| self.card(stored)));
            if whole {
                break;
            }
        }
        cards.truncate(limit);
        Ok(cards)
    }

    /// Asks the routes and blocks; reads them first when nobody has asked yet.
    pub(in crate::whois) fn placed<T>(&self, ask: impl Fn(&Placed) -> T) -> Result<T, Stop> {
        if let Some(placed) = self.memory.placed().as_ref() {
            return Ok(ask(placed));
        }
        let placed = Placed::read(self.database()?, self.sources())?;
        let answer = ask(&placed);
        self.memory.keep_placed(placed, self.generation);
        Ok(answer)
    }

    /// The last `limit` versions of an object, the newest first; none when it never changed here.
    pub(in crate::whois) fn versions(&self, name: Name<'_>, limit: i64) -> Result<Vec<Change>, Stop> {
        Ok(changes::versions(self.database()?, name, limit)?)
    }

    /// A version of an object as a plain query shows it.
    pub(in crate::whois) fn past(&self, name: Name<'_>, raw: &[u8], since: Time) -> Card {
        let owned = |text: &str| text.to_owned();
        let (source, class, key) = (owned(name.source), owned(name.class), owned(name.key));
        Card::new(&Stored { row: 0, source, class, key, raw: raw.to_vec(), since }, raw)
    }

    /// The registries that have objects here, our own first.
    pub(in crate::whois) fn sources(&self) -> impl Iterator<Item = &'a str> {
        let own = self.registry.settings().source.as_deref();
        let others = self.view.index.sources().iter().map(String::as_str);
        own.into_iter().chain(others.filter(move |source| Some(*source) != own))
    }

    fn card(&self, stored: &Stored) -> Arc<Card> {
        let raw = trust::shown(&stored.raw, &self.view.directory, self.registry.settings());
        let card = Arc::new(Card::new(stored, &raw));
        self.memory.keep(&card, self.generation);
        card
    }
}
