//! Setting up and removing the second factor.

use contracts::identity::CredentialsChanged;
use kit::{Error, Result, Write, events};

use crate::accounts::{in_field, own_id};
use crate::login::unchanged;
use crate::permission::{Granted, OwnAccount};
use crate::service::Identity;
use crate::store;
use crate::throttle::{self, Gate};
use crate::totp::{self, Enrolment};

impl Identity {
    /// Makes a seed for one-time codes and shows it to its owner. It counts once [`Identity::confirm_totp`] has seen
    /// a code; until then an earlier one stays in force.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn offer_totp(&self, granted: &Granted<OwnAccount>) -> Result<Enrolment> {
        let account = self.own(granted).await?;
        let (sealed, enrolment) = totp::offer(self.node(), account.id, &account.login)?;
        self.node().db.write(move |tx| store::offer_totp(tx, account.id, &sealed)).await?;
        Ok(enrolment)
    }

    /// The seed that is offered and not confirmed yet, as [`Identity::offer_totp`] showed it.
    ///
    /// # Errors
    /// The database is gone, or the seed cannot be unsealed.
    pub async fn offered_totp(&self, granted: &Granted<OwnAccount>) -> Result<Option<Enrolment>> {
        let account = self.own(granted).await?;
        let sealed = account.totp_unconfirmed.as_deref();
        sealed.map(|sealed| totp::shown(self.node(), account.id, &account.login, sealed)).transpose()
    }

    /// Puts the offered seed into force when `code` is right, ends the other sessions, and returns ten recovery
    /// codes: this is the only time they can be seen.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `code`; [`Error::Conflict`] when no seed was offered.
    pub async fn confirm_totp(&self, granted: &Granted<OwnAccount>, code: &str) -> Result<Vec<String>> {
        let account = self.own(granted).await?;
        let node = self.node().clone();
        let now = node.now();
        let nothing = "no second factor is being set up: begin again on the account page";
        let sealed = account.totp_unconfirmed.clone().ok_or_else(|| Error::Conflict(nothing.into()))?;
        let Some(step) = totp::step_of(&node, account.id, &sealed, code, now)? else {
            let advice =
                "this code is not right. Check the clock of your device, and type the code it shows now.";
            return Err(Error::invalid("code", advice));
        };
        let (shown, digests): (Vec<_>, Vec<_>) = totp::recovery_codes(node.random()).into_iter().unzip();
        let stamp = granted.stamp(now);
        let session = granted.actor().session.as_ref().and_then(|session| session.way.id());
        let work = move |tx: &Write<'_>| {
            // Another window may have made another offer since.
            if store::account_must(tx, account.id)?.totp_unconfirmed.as_ref() != Some(&sealed) {
                return Err(Error::Conflict(nothing.into()));
            }
            store::keep_totp(tx, account.id, step)?;
            store::set_recovery(tx, account.id, &digests)?;
            store::end_sessions(tx, account.id, session)?;
            let what = "second factor set".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.id.to_string(), what })
        };
        self.node().db.write(work).await?;
        Ok(shown)
    }

    /// Removes the asker's second factor; their password is asked for again.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `current` when the password is wrong, or was tried too often.
    pub async fn remove_totp(&self, granted: &Granted<OwnAccount>, password: String) -> Result<()> {
        let account = self.own(granted).await?;
        let wrong = || {
            Error::invalid("current", "this is not your password. The second factor stays. Type it again.")
        };
        if !self.is_own_password(&account, password).await.map_err(in_field)? {
            return Err(wrong());
        }
        let node = self.node().clone();
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            unchanged(tx, &account)?.ok_or_else(wrong)?;
            throttle::forgive(tx, &[Gate::login(&account.login)])?;
            store::drop_totp(tx, account.id)?;
            let what = "second factor removed".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.id.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// How many recovery codes the asker has left; `None` without a second factor.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn recovery_codes_left(&self, granted: &Granted<OwnAccount>) -> Result<Option<i64>> {
        let account = own_id(granted)?;
        let work = move |c: &kit::Read<'_>| match store::account_must(c, account)?.totp_sealed {
            Some(_) => Ok(Some(store::count_recovery(c, account)?)),
            None => Ok(None),
        };
        self.node().db.read(work).await
    }
}
