//! Contact addresses of the registry's own objects: whether somebody reads there, how and when that was last seen.
//!
//! Every address in an `irt` (`e-mail`, `abuse-mailbox`, `irt-nfy`) and in a `role` (`abuse-mailbox`) is asked by mail
//! when nobody has answered there for [`Settings::contact_check`](crate::Settings): by a link to a page with one button,
//! or by an answer to the mail. Asked again after 7 and after 14 days, it then counts as unanswered; one that mail cannot
//! be delivered to counts as unreachable. What is known is shown with every answer that names the address.

mod ask;
mod found;
mod job;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use contracts::registry::ContactConfirmed;
use identity::{Granted, KeepContacts};
use kit::clock::HOUR;
use kit::{Digest, Error, Result, Time, Write, events};

use crate::Registry;
use crate::store::{Confirmation, contacts};

pub(crate) use found::addresses;
pub(crate) use job::handler;
pub use state::{ContactState, Standing};

/// What mails about an address are about; see [`mail::queue::about`].
const ABOUT: &str = "registry-contact:";

/// What is known of all addresses, in memory, and the state of the database that it shows.
#[derive(Default)]
pub(crate) struct Known {
    states: ArcSwap<HashMap<String, ContactState>>,
    shown: ArcSwap<((i64, Time), Time)>,
}

impl Registry {
    /// What is known of a contact address, in any case; `None` when no object of this node's own registry has it and it
    /// is none of those that are known to be withheld. From memory.
    pub fn contact_state(&self, address: &str) -> Option<ContactState> {
        state_in(&self.known().states.load(), address)
    }

    /// What is known of all addresses at this moment, for many questions.
    pub fn contact_states(&self) -> Arc<HashMap<String, ContactState>> {
        self.known().states.load_full()
    }

    /// Reads what is known of contacts, if another process has changed that. Blocks.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn refresh_contacts(&self) -> Result<()> {
        // Time alone makes somebody who was asked one who did not answer.
        let state = (self.node().db.read_now(contacts::state)?, self.now() / HOUR);
        if *self.known().shown.load_full() == state { Ok(()) } else { self.load_contacts() }
    }

    /// Reads what is known of contacts. Blocks.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn load_contacts(&self) -> Result<()> {
        let now = self.now();
        let read = self.node().db.read_now(|c| Ok((contacts::state(c)?, contacts::all(c)?)));
        let (state, all) = read?;
        let states = all.into_iter().map(|contact| (contact.address.clone(), ContactState::of(contact, now)));
        self.known().states.store(Arc::new(states.collect()));
        self.known().shown.store(Arc::new((state, now / HOUR)));
        Ok(())
    }

    /// [`Registry::load_contacts`] from async code.
    pub(crate) async fn contacts_changed(&self) -> Result<()> {
        let own = self.clone();
        let refreshed = tokio::task::spawn_blocking(move || own.load_contacts()).await;
        refreshed.map_err(|_| Error::Corrupt("reading the contacts failed".into()))?
    }

    /// The address whose link carries `token`, if it is the link of the last mail to it.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn contact_of_link(&self, token: &str) -> Result<Option<String>> {
        let digest = Digest::of(token.as_bytes());
        let found = self.node().db.read(move |c| contacts::by_token(c, digest)).await?;
        Ok(found.map(|contact| contact.address))
    }

    /// Somebody holds the secret of the last mail to an address: confirms the address and returns it.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn confirm_by_token(&self, token: &str) -> Result<Option<String>> {
        let (digest, now) = (Digest::of(token.as_bytes()), self.now());
        let confirmed = self.node().db.write(move |tx| {
            let Some(contact) = contacts::by_token(tx, digest)? else { return Ok(None) };
            contacts::confirm(tx, &contact.address, Confirmation::Mail, now)?;
            Ok(Some(contact.address))
        });
        let confirmed = confirmed.await?;
        self.contacts_changed().await?;
        Ok(confirmed)
    }

    /// Confirms addresses because the node's people say so; returns how many of them are known.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn confirm_by_hand(
        &self,
        granted: &Granted<KeepContacts>,
        addresses: Vec<String>,
    ) -> Result<usize> {
        let now = self.now();
        let (node, stamp) = (self.node().clone(), granted.stamp(now));
        let confirmed = self.node().db.write(move |tx| {
            let mut count = 0;
            for address in addresses.iter().map(|address| address.to_lowercase()) {
                if contacts::confirm(tx, &address, Confirmation::Hand, now)? {
                    count += 1;
                    events::record(&node, tx, &stamp, &ContactConfirmed { address })?;
                }
            }
            Ok(count)
        });
        let count = confirmed.await?;
        self.contacts_changed().await?;
        Ok(count)
    }
}

/// What is known of `address`, in any case, by `states`.
pub(crate) fn state_in(states: &HashMap<String, ContactState>, address: &str) -> Option<ContactState> {
    let address = address.to_lowercase();
    match rpsl::is_withheld(&address) {
        true => Some(ContactState::withheld(address)),
        false => states.get(&address).cloned(),
    }
}

/// Notes that an object was saved with somebody's signature: its addresses are theirs. Call it in the transaction that
/// saves it.
///
/// # Errors
/// The database refuses it.
pub(crate) fn saved_with_signature(tx: &Write<'_>, raw: &[u8], now: Time) -> Result<()> {
    for address in addresses(raw) {
        contacts::seen(tx, &address, now)?;
        contacts::confirm(tx, &address, Confirmation::Update, now)?;
    }
    Ok(())
}

/// The contact that a mail about `about` is to.
pub(crate) fn asked_address(about: &str) -> Option<&str> {
    about.strip_prefix(ABOUT)
}

/// Notes that a mail to `address` was not delivered.
///
/// # Errors
/// The database refuses it.
pub(crate) fn undelivered(tx: &Write<'_>, address: &str, words: &str, now: Time) -> Result<bool> {
    let words: String = words.chars().filter(|c| !c.is_control()).take(300).collect();
    contacts::fail(tx, address, &words, now)
}
