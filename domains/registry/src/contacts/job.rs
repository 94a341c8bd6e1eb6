//! The hourly round: which addresses there are, which mails did not arrive, whom to ask.

use identity::{Granted, KeepContacts};
use kit::clock::HOUR;
use kit::jobs::{self, Handler};
use kit::{Error, Result, Time};
use mail::queue::{self, State};

use super::state::BETWEEN;
use super::{ABOUT, addresses, ask};
use crate::Registry;
use crate::store::contacts::{self, Contact, When};
use crate::store::proofs;
use crate::update::proof::REMEMBERED;

/// The kind of the round's jobs.
const HOURLY: &str = "registry.hourly";

/// Mails that ask in one round: a registry that is new here must not write to thousands at once.
const AT_ONCE: i64 = 100;
/// Asked contacts whose mails are looked after.
const LOOKED_AFTER: i64 = 10_000;
/// Objects read together.
const PAGE: i64 = 500;

/// The handler of the round.
pub(crate) fn handler(registry: &Registry) -> Handler {
    let own = registry.clone();
    Handler::repeated(registry.node(), HOURLY, HOUR, move || {
        let registry = own.clone();
        async move { registry.hourly().await }
    })
}

impl Registry {
    /// Plans the registry's housekeeping. Call it once.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn start(&self) -> Result<()> {
        let (node, now) = (self.node().clone(), self.now());
        self.node().db.write(move |tx| jobs::plan(&node, tx, HOURLY, HOUR, now)).await?;
        self.start_mirroring().await?;
        self.contacts_changed().await
    }

    async fn hourly(&self) -> Result<()> {
        let own = self.clone();
        let round = tokio::task::spawn_blocking(move || own.round());
        round.await.map_err(|_| Error::Unavailable("the round over the contacts broke off".into()))?
    }

    fn round(&self) -> Result<()> {
        let now = self.now();
        self.node().db.write_now(move |tx| proofs::forget(tx, now - REMEMBERED))?;
        if self.settings().update_address().is_none() {
            return Ok(());
        }
        self.find_contacts(now)?;
        self.note_undelivered(now)?;
        if self.settings().contact_check > 0 {
            let when = When {
                seen_since: now,
                good_until: now - self.settings().contact_check,
                asked_by: now - BETWEEN,
            };
            let due = self.node().db.read_now(move |c| contacts::due(c, when, AT_ONCE))?;
            self.ask(due, now)?;
        }
        self.load_contacts()
    }

    /// Notes which addresses stand in objects of this node's own registry at `now`.
    fn find_contacts(&self, now: Time) -> Result<()> {
        let Some(source) = self.settings().source.clone() else { return Ok(()) };
        for class in ["irt", "role"] {
            let mut after = 0;
            loop {
                let of = source.clone();
                let page = self.node().db.read_now(move |c| contacts::objects(c, &of, class, after, PAGE))?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                let found: Vec<String> = page.iter().flat_map(|(_, raw)| addresses(raw)).collect();
                self.node().db.write_now(move |tx| {
                    found.iter().try_for_each(|address| contacts::seen(tx, address, now))
                })?;
            }
        }
        Ok(())
    }

    /// Notes for whom the mail that asked was refused for good.
    fn note_undelivered(&self, now: Time) -> Result<()> {
        let waiting = self.node().db.read_now(|c| contacts::waiting(c, LOOKED_AFTER))?;
        for Contact { address, .. } in waiting {
            let about = format!("{ABOUT}{address}");
            let mails = self.node().db.read_now(move |c| queue::about(c, &about))?;
            if let Some(mail) = mails.last().filter(|mail| mail.state == State::Failed) {
                let words = mail.reply.clone();
                self.node().db.write_now(move |tx| super::undelivered(tx, &address, &words, now))?;
            }
        }
        Ok(())
    }

    fn ask(&self, contacts: Vec<Contact>, now: Time) -> Result<()> {
        for contact in contacts {
            // Those who never answered are asked anew after months: again from the first mail on.
            let number = contact.asks % super::state::ASKS + 1;
            let question = match ask::write(self, &contact.address, number) {
                Ok(question) => question,
                Err(error @ (Error::StorageFull | Error::Unavailable(_))) => return Err(error),
                // An address that cannot be written to is one that cannot be reached.
                Err(error) => {
                    let (address, words) = (contact.address, error.to_string());
                    self.node().db.write_now(move |tx| super::undelivered(tx, &address, &words, now))?;
                    continue;
                }
            };
            let registry = self.clone();
            self.node().db.write_now(move |tx| {
                contacts::asked(tx, &contact.address, number, now, question.token)?;
                registry.send_letter(tx, &question.letter, now).map(drop)
            })?;
        }
        Ok(())
    }

    /// Asks addresses now, whenever they were asked last; returns how many mails go out, [`AT_ONCE`] at most.
    ///
    /// # Errors
    /// The node sends no mails for its registry; the database is gone.
    pub(crate) async fn ask_again(
        &self,
        _granted: &Granted<KeepContacts>,
        asked: Vec<String>,
    ) -> Result<usize> {
        let own = self.clone();
        let asking = tokio::task::spawn_blocking(move || {
            let now = own.now();
            let known = own.node().db.read_now(move |c| {
                let found =
                    asked.iter().take(AT_ONCE as usize).map(|a| contacts::by_address(c, &a.to_lowercase()));
                found.collect::<Result<Vec<_>>>()
            })?;
            let known: Vec<Contact> = known.into_iter().flatten().collect();
            let count = known.len();
            own.ask(known, now)?;
            own.load_contacts()?;
            Ok(count)
        });
        asking.await.map_err(|_| Error::Unavailable("asking broke off".into()))?
    }
}
