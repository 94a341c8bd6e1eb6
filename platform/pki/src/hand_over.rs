//! What authorities leave to those who come after them, when the operation is handed over.

use identity::{Granted, ManageNode};
use kit::clock::{DAY, HOUR};
use kit::{Id, Result, Time, Write};

use crate::publish::entries_now;
use crate::x509::crl;
use crate::{Pki, store};

/// A revocation list that is to be good as long as any certificate that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastList {
    /// Of which authority.
    pub authority: Id,
    /// The list.
    pub der: Vec<u8>,
    /// Its number.
    pub number: i64,
    /// Until when it is good.
    pub until: Time,
}

/// Notes that another part of the program has put something into this crate's tables: every node that runs reads them anew.
///
/// # Errors
/// The database refuses it.
pub fn touched(tx: &Write<'_>) -> Result<()> {
    store::bump(tx)
}

impl Pki {
    /// The last list of each issuing authority whose key is here. It is not published by this node: where the key does not
    /// go along, the other node shows it as long as somebody may ask.
    ///
    /// # Errors
    /// A list cannot be signed.
    pub fn last_lists(&self, _granted: &Granted<ManageNode>) -> Result<Vec<LastList>> {
        let (state, now) = (self.state(), self.node().now());
        let mut lists = Vec::new();
        for authority in state.authorities.iter().filter(|one| !one.stored.root && one.until > now) {
            let Some(key) = &authority.key else { continue };
            let of = state.by_fingerprint.values().filter(|known| known.authority == authority.stored.id);
            let longest = of.map(|known| known.until + DAY).max().unwrap_or_default();
            let lasts = Time::from(self.settings().crl_hours) * HOUR;
            let until = longest.max(now + lasts).min(authority.until);
            let number = authority.stored.crl_number + 1;
            let entries = entries_now(&state, authority, now, lasts);
            let der = crl::sign(&entries, number.unsigned_abs(), now, until, &authority.issuer, key)?;
            lists.push(LastList { authority: authority.stored.id, der, number, until });
        }
        Ok(lists)
    }

    /// Shows what another part of the program has put into the database.
    ///
    /// # Errors
    /// The database is gone, or an authority's key was sealed under another key.
    pub async fn show_anew(&self) -> Result<()> {
        self.reload().await
    }
}
