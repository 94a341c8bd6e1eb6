//! A form that came too late, or too early: what was typed is kept until its owner has logged in, or proven themselves.
//!
//! It lies sealed in the database under a secret that only the browser has, for half an hour, and nobody but the owner of
//! the session, that lasts or has ended, gets it back. Strangers' forms are not kept: anybody could fill the disk with
//! them. Passwords and codes are never kept.

use kit::clock::MINUTE;
use kit::{Id, Read, Result, Time, Write};
use serde::{Deserialize, Serialize};

use crate::accounts::own_id;
use crate::permission::{Granted, OwnAccount};
use crate::service::{Identity, digest};
use crate::store::{self, kept as rows};

/// A form is kept for so long.
pub(crate) const KEPT: Time = 30 * MINUTE;
/// So many forms of an account are kept at once; the next one takes the place of the oldest.
pub(crate) const MOST: i64 = 20;
const PURPOSE: &str = "kept-form";
/// What is never kept.
pub(crate) const SECRET: [&str; 5] = ["password", "again", "current", "code", "secret"];

/// A form as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptForm {
    /// Where it goes, on this site.
    pub path: String,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
}

impl Identity {
    /// Whose session this cookie is or was: those that have ended are known for [`crate::service::ENDED_KNOWN`].
    pub(crate) async fn once_of(&self, cookie: &str) -> Result<Option<Id>> {
        let stored = digest(cookie);
        let found = self.node().db.read(move |c| store::session_actor(c, &stored)).await?;
        Ok(found.filter(|session| !session.disabled).map(|session| session.account))
    }

    /// Keeps a form of `account`; returns the secret for the browser.
    pub(crate) async fn keep_form(&self, mut form: KeptForm, account: Id) -> Result<String> {
        form.fields.retain(|(name, _)| !SECRET.contains(&name.as_str()));
        let node = self.node();
        let (secret, expires) = (node.token::<32>(), node.now() + KEPT);
        let plain = serde_json::to_vec(&form).unwrap_or_default(); // strings always become JSON
        let sealed = node.secrets.seal(PURPOSE, &plain, node.random());
        let stored = digest(&secret);
        let work = move |tx: &Write<'_>| {
            rows::make_room(tx, account, MOST - 1)?;
            rows::keep(tx, &stored, account, &sealed, expires)
        };
        self.node().db.write(work).await?;
        Ok(secret)
    }

    /// The form that was kept for the asker's browser; `None` when it is gone, or somebody else's.
    pub(crate) async fn kept_form(
        &self,
        granted: &Granted<OwnAccount>,
        secret: &str,
    ) -> Result<Option<KeptForm>> {
        let (asker, stored, now) = (own_id(granted)?, digest(secret), self.node().now());
        let found = self.node().db.read(move |c: &Read<'_>| rows::kept(c, &stored, now)).await?;
        let Some((_, sealed)) = found.filter(|(whose, _)| *whose == Some(asker)) else { return Ok(None) };
        let plain = self.node().secrets.open(PURPOSE, &sealed)?;
        Ok(serde_json::from_slice(&plain).ok())
    }

    /// Forgets it.
    pub(crate) async fn forget_form(&self, secret: &str) -> Result<()> {
        let stored = digest(secret);
        self.node().db.write(move |tx| rows::forget(tx, &stored)).await
    }
}
