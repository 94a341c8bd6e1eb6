//! A person's OpenPGP keys, beside their passkeys and certificates: tied to the account by a text that they signed for it.
//!
//! A key logs nobody in. It says that letters signed by it are this person's.

use contracts::identity::CredentialsChanged;
use data_encoding::BASE64URL_NOPAD;
use kit::clock::{HOUR, SECOND};
use kit::{Error, Id, Read, Result, Time, Write, events};
use mail::pgp::{PublicKey, signed_over};
use serde::{Deserialize, Serialize};

use crate::accounts::own_id;
use crate::permission::{Granted, OwnAccount};
use crate::service::Identity;
use crate::step_up::StepUp;
use crate::store::openpgp as rows;

/// A text is to be signed within this.
const OPEN: Time = HOUR;
/// Longer keys and signed texts are not read.
const LONGEST: usize = 256 * 1024;

/// A key as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPgpView {
    /// Its fingerprint, hex.
    pub fingerprint: String,
    /// The names in it.
    pub names: String,
    /// When its owner proved it.
    pub added: Time,
}

/// What is to be signed; it lies sealed in the form.
#[derive(Serialize, Deserialize)]
struct Asked {
    text: String,
    expires: Time,
}

impl Identity {
    /// The text that the asker is to sign with the key, and the same sealed, for the form.
    ///
    /// # Errors
    /// The asker has no account.
    pub fn ask_for_openpgp(&self, granted: &Granted<OwnAccount>) -> Result<(String, String)> {
        let (account, node) = (own_id(granted)?, self.node());
        let text =
            format!("This key belongs to the account {} ({}).", granted.actor().name, node.token::<15>());
        let asked = Asked { text: text.clone(), expires: node.now() + OPEN };
        let plain = serde_json::to_vec(&asked).unwrap_or_default(); // strings always become JSON
        let sealed = node.secrets.seal(&purpose(account), &plain, node.random());
        Ok((text, BASE64URL_NOPAD.encode(&sealed)))
    }

    /// Ties `key` (armoured) to the asker's account when `signed` is the text of [`Identity::ask_for_openpgp`],
    /// clear-signed with it. Returns the fingerprint.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `key` or `signed`; [`Error::Conflict`] when the key is another account's.
    pub async fn add_openpgp(
        &self,
        fresh: &StepUp<OwnAccount>,
        sealed: &str,
        key: &str,
        signed: &str,
    ) -> Result<String> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let now = node.now();
        let late = || {
            Error::invalid(
                "signed",
                "the text is older than an hour, or another account's: sign the new one below",
            )
        };
        let asked = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok();
        let asked = asked.and_then(|sealed| node.secrets.open(&purpose(account), &sealed).ok());
        let asked: Option<Asked> = asked.and_then(|plain| serde_json::from_slice(&plain).ok());
        let asked = asked.filter(|asked| asked.expires > now).ok_or_else(late)?;
        if key.len() > LONGEST || signed.len() > LONGEST {
            return Err(Error::invalid("key", "larger than 256 KiB: export the key without its photographs"));
        }
        let unread =
            |_| Error::invalid("key", "no key can be read here: paste what gpg --armor --export prints");
        let keys = PublicKey::parse_all(key.as_bytes()).map_err(unread)?;
        let [key] = keys.as_slice() else {
            return Err(Error::invalid("key", format!("{} keys: paste one", keys.len())));
        };
        let keys = std::slice::from_ref(key);
        if let Err(why) = signed_over(asked.text.as_bytes(), signed.as_bytes(), keys, now / SECOND) {
            let advice = "gpg --clear-sign makes the text below with a signature of a key that is in force";
            return Err(Error::invalid("signed", format!("{why}. {advice}")));
        }
        let (fingerprint, names) = (key.fingerprint(), key.user_ids().join(", "));
        let names: String = names.chars().take(500).collect();
        let stamp = fresh.stamp(now);
        let shown = fingerprint.clone();
        let work = move |tx: &Write<'_>| {
            if rows::owner(tx, &fingerprint)?.is_some_and(|owner| owner != account) {
                return Err(Error::Conflict("this key is tied to another account".into()));
            }
            rows::add(tx, account, &fingerprint, &names, now)?;
            let what = format!("OpenPGP key {fingerprint} added");
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await?;
        Ok(shown)
    }

    /// The asker's keys, the oldest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn openpgp_keys(&self, granted: &Granted<OwnAccount>) -> Result<Vec<OpenPgpView>> {
        let account = own_id(granted)?;
        self.node().db.read(move |c: &Read<'_>| rows::of_account(c, account)).await
    }

    /// Unties one of the asker's keys.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn remove_openpgp(&self, fresh: &StepUp<OwnAccount>, fingerprint: &str) -> Result<()> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let stamp = fresh.stamp(node.now());
        let fingerprint = fingerprint.to_owned();
        let work = move |tx: &Write<'_>| {
            if !rows::remove(tx, account, &fingerprint)? {
                return Err(Error::not_found("the key"));
            }
            let what = format!("OpenPGP key {fingerprint} removed");
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }
}

/// It is sealed for one account.
fn purpose(account: Id) -> String {
    format!("openpgp:{account}")
}
