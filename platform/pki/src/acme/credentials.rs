//! Credentials: a key identifier and an HMAC key with which the accounts of a team's servers are bound to it (external
//! account binding, RFC 8555, section 7.3.4). Made by the team's administrator, shown once.

use contracts::acme::{CredentialMade, CredentialWithdrawn};
use contracts::trust::Service;
use data_encoding::BASE64URL_NOPAD;
use identity::{Granted, ManageTeam};
use kit::clock::DAY;
use kit::{Error, Id, Result, Write, events};

use super::jws::Signed;
use super::problem::{Kind, Problem};
use super::store::{self, CredentialView};
use crate::Pki;

/// Credentials of a team that are in force at the same time.
const MOST: usize = 50;
/// How long one may bind accounts, in days.
const DAYS: std::ops::RangeInclusive<i64> = 1..=365;

/// A credential that was just made: the only time that its key is seen.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// Its name, which clients call the key identifier.
    pub kid: String,
    /// The HMAC key, in base64url as clients take it.
    pub key: String,
    /// Until when it binds new accounts, µs since 1970 UTC.
    pub expires: kit::Time,
}

impl std::fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "credential {}", self.kid)
    }
}

impl Pki {
    /// Makes a credential for the asker's team, called `label`, that binds accounts for `days`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `label` or `days`; [`Error::Forbidden`] when the team is not entitled to certificates for
    /// servers; [`Error::Conflict`] when it has too many.
    pub async fn make_acme_credential(
        &self,
        granted: &Granted<ManageTeam>,
        label: &str,
        days: i64,
    ) -> Result<NewCredential> {
        let label = label.trim().to_owned();
        if label.is_empty() || label.chars().count() > 80 || label.chars().any(char::is_control) {
            return Err(Error::invalid("label", "say in 1 to 80 letters which server or person it is for"));
        }
        if !DAYS.contains(&days) {
            return Err(Error::invalid("days", "take 1 to 365 days"));
        }
        let team = granted.team();
        let entitled = self.entitlements().entitled(&team.to_string(), Service::ServerCertificates);
        entitled.map_err(Error::Forbidden)?;

        let (node, now) = (self.node().clone(), self.node().now());
        let mut key = [0; 32];
        node.random().fill(&mut key);
        let view = CredentialView {
            kid: node.token::<15>(),
            label,
            made: now,
            made_by: granted.actor().name.clone(),
            expires: now + days * DAY,
            withdrawn: None,
            accounts: 0,
        };
        let sealed = node.secrets.seal(&purpose(&view.kid), &key, node.random());
        let made =
            NewCredential { kid: view.kid.clone(), key: BASE64URL_NOPAD.encode(&key), expires: view.expires };
        let stamp = kit::events::Stamp { team: Some(team), ..granted.stamp(now) };
        let work = move |tx: &Write<'_>| {
            let known = store::credentials(tx, team)?;
            if known.iter().filter(|one| one.withdrawn.is_none() && one.expires > now).count() >= MOST {
                let advice =
                    format!("the team has {MOST} credentials in force: withdraw those that nobody needs");
                return Err(Error::Conflict(advice));
            }
            store::add_credential(tx, team, &view, &sealed)?;
            let event = CredentialMade {
                organisation: team.to_string(),
                kid: view.kid.clone(),
                label: view.label.clone(),
                until: ui::format::date(view.expires),
            };
            events::record(&node, tx, &stamp, &event)
        };
        self.node().db.write(work).await?;
        Ok(made)
    }

    /// The credentials of the asker's team, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn acme_credentials(&self, granted: &Granted<ManageTeam>) -> Result<Vec<CredentialView>> {
        let team = granted.team();
        self.node().db.read(move |c| store::credentials(c, team)).await
    }

    /// Withdraws a credential of the asker's team and shuts out the accounts that it has bound: how many. Certificates
    /// that they have stay good until somebody revokes them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn withdraw_acme_credential(&self, granted: &Granted<ManageTeam>, kid: &str) -> Result<u64> {
        let (node, team, kid) = (self.node().clone(), granted.team(), kid.to_owned());
        let now = node.now();
        let stamp = kit::events::Stamp { team: Some(team), ..granted.stamp(now) };
        let work = move |tx: &Write<'_>| {
            let accounts = store::withdraw_credential(tx, team, &kid, now)?;
            let accounts =
                accounts.ok_or_else(|| Error::not_found(format!("a credential {kid:?} in force")))?;
            let event = CredentialWithdrawn { organisation: team.to_string(), kid: kid.clone() };
            events::record(&node, tx, &stamp, &event)?;
            Ok(accounts)
        };
        self.node().db.write(work).await
    }
}

/// The team of the credential `kid`, when `binding` was made with its key.
///
/// # Errors
/// One sentence for all that can be wrong with it: a stranger learns nothing about credentials.
pub(super) async fn opened_by(pki: &Pki, kid: &str, binding: &Signed) -> Result<Id, Problem> {
    let name = kid.to_owned();
    let found = pki.node().db.read(move |c| store::credential(c, &name)).await?;
    let refused = || {
        let detail = "the external account binding does not fit a credential in force: look whether key identifier and \
            HMAC key are those that your team's administrator was shown, and whether they have ended or been withdrawn";
        Problem::new(Kind::Unauthorized, detail)
    };
    let in_force = found.filter(|one| one.withdrawn.is_none() && one.expires > pki.node().now());
    let credential = in_force.ok_or_else(refused)?;
    let key = pki.node().secrets.open(&purpose(kid), &credential.sealed)?;
    binding.verify_mac(&key).map_err(|_| refused())?;
    Ok(credential.organisation)
}

/// What a credential is sealed for.
pub(crate) fn purpose(kid: &str) -> String {
    format!("acme-credential:{kid}")
}
