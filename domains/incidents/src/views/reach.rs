//! Who will be able to read what is written to somebody.

use identity::handling::{Protection, Sending, may_send, readers};
use kit::clock::SECOND;
use taxonomy::Tlp;

use crate::Desk;

/// A recipient, and how a mail to them is protected.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// Their address.
    pub(crate) address: String,
    /// What they are called.
    pub(crate) name: String,
    /// The fingerprint of their key, when there is a valid one.
    pub(crate) key: Option<String>,
    /// Why there is none, in words.
    pub(crate) why_not: String,
}

impl Reach {
    /// How far what is written to `address` reaches today. `name`: how they call themselves.
    pub(crate) fn of(desk: &Desk, address: &str, name: &str) -> Self {
        let at = desk.node().now() / SECOND;
        let directory = desk.teams().directory();
        let team = directory.by_address(address);
        let key = match &team {
            Some(team) => team.encryption_key(at).map(|key| key.fingerprint()),
            None => Err("they are not in the directory, and no key is known".into()),
        };
        let called = team.as_ref().map_or(name, |team| &team.name);
        Self {
            address: address.to_owned(),
            name: if called.is_empty() { address.to_owned() } else { called.to_owned() },
            why_not: key.as_ref().err().cloned().unwrap_or_default(),
            key: key.ok(),
        }
    }

    fn protection(&self) -> Protection {
        if self.key.is_some() { Protection::Encrypted } else { Protection::Clear }
    }

    /// Who can read a mail to them that carries `label`, in words; empty for an unknown label.
    pub(crate) fn words(&self, label: &str) -> String {
        Tlp::parse(label).map_or_else(String::new, |tlp| readers(tlp, self.protection(), &self.name))
    }

    /// Whether a mail that carries `label` leaves only when the handler confirms.
    pub(crate) fn must_confirm(&self, label: &str) -> bool {
        Tlp::parse(label)
            .is_some_and(|tlp| may_send(tlp, self.protection(), false) == Sending::NeedsConfirmation)
    }
}
