//! A team declares that it keeps to a version, with or without a signature.

use contracts::upkeep::ConductDeclared;
use identity::{Granted, ManageTeam};
use kit::clock::SECOND;
use kit::{Error, Result, Time, events};
use mail::pgp::{PublicKey, signed_over};
use teams::Team;

use super::store::{self, Declaration, Document};
use crate::Trust;
use crate::by_certificate::{as_text, is_cms};

/// Longest signature, in bytes: a signed text holds the document, too.
const SIGNATURE: usize = 500_000;

/// What is said of a signature that is older than the document.
const STALE: &str = "it was made before the document was published: sign it anew";

/// A signature that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signed {
    fingerprint: String,
    words: String,
}

impl Trust {
    /// The asker's team declares that it keeps to `version`, which must be the one in force. `signature` (may be empty) is
    /// a signature over the document's exact bytes: by OpenPGP, detached or around the text, with a key of the team; or by a
    /// certificate of one of its people (CMS, detached).
    ///
    /// # Errors
    /// [`Error::Conflict`] for another version than the one in force, or when it was declared before; [`Error::Invalid`] for
    /// a signature that proves nothing, with what is wrong; [`Error::Forbidden`] for who is of no team.
    pub async fn declare_conduct(
        &self,
        granted: &Granted<ManageTeam>,
        version: i64,
        signature: &[u8],
    ) -> Result<()> {
        let team = self.teams().directory().by_id(granted.team());
        let team =
            team.ok_or_else(|| Error::Forbidden("teams declare, and yours is not in the directory".into()))?;
        let document = self.node().db.read(store::documents).await?.into_iter().next();
        let document = document.filter(|document| document.version == version).ok_or_else(|| {
            Error::Conflict("this version is not in force: read the one that is, and declare that".into())
        })?;
        let (signature, now) = (signature.trim_ascii().to_vec(), self.node().now());
        if signature.is_empty() && self.settings().conduct.signed {
            let advice = "a signature is asked for: sign the document with a key of your team";
            return Err(Error::invalid("signature", advice));
        }
        let signed = if signature.is_empty() {
            None
        } else {
            Some(self.judged(&document, &signature, &team, now).await?)
        };
        let stamp = events::Stamp { team: Some(team.id), ..granted.stamp(now) };
        let declaration = Declaration {
            team: team.id,
            version,
            at: now,
            by: stamp.actor.clone(),
            signature: as_text(&signature),
            fingerprint: signed.as_ref().map(|signed| signed.fingerprint.clone()).unwrap_or_default(),
            verdict: signed.as_ref().map(|signed| signed.words.clone()).unwrap_or_default(),
        };
        let (node, digest) = (self.node().clone(), document.digest.to_string());
        self.node()
            .db
            .write(move |tx| {
                // A newer one may have come while the signature was looked at.
                if store::documents(tx)?.first().is_none_or(|newest| newest.version != version) {
                    return Err(Error::Conflict("a newer version is in force by now: read that one".into()));
                }
                if !store::declare(tx, &declaration)? {
                    return Err(Error::Conflict("your team has declared this version already".into()));
                }
                let event = ConductDeclared {
                    team: declaration.team.to_string(),
                    version,
                    digest: digest.clone(),
                    fingerprint: signed.as_ref().map(|signed| signed.fingerprint.clone()),
                };
                events::record(&node, tx, &stamp, &event)
            })
            .await
    }
}

impl Trust {
    /// The signature over `document` by a key of `team`, or a certificate of its people, judged at `now`.
    ///
    /// # Errors
    /// [`Error::Invalid`]: why it proves nothing.
    async fn judged(&self, document: &Document, signature: &[u8], team: &Team, now: Time) -> Result<Signed> {
        let refused = |why: String| Error::invalid("signature", why);
        if signature.len() > SIGNATURE {
            return Err(refused("this is too large for a signature".into()));
        }
        if !is_cms(signature) {
            return by_openpgp(document, signature, team, now).map_err(refused);
        }
        let signed = self.signed_by_certificate(team, document.bytes.clone(), signature.to_vec()).await?;
        // A signature counts whole seconds.
        if signed.at < document.published_at - SECOND {
            return Err(refused(STALE.into()));
        }
        let words = format!("good, by the certificate of {}", signed.subject);
        Ok(Signed { fingerprint: signed.fingerprint, words })
    }
}

/// The signature over `document` by a key of `team`, judged at `now`.
///
/// # Errors
/// Why it proves nothing.
fn by_openpgp(document: &Document, signature: &[u8], team: &Team, now: Time) -> Result<Signed, String> {
    let keys: Vec<PublicKey> = team.keys_in_use().cloned().collect();
    if keys.is_empty() {
        return Err(format!("{} has no key in the directory: add it first", team.name));
    }
    let signed = signed_over(&document.bytes, signature, &keys, now / SECOND)
        .map_err(|why| format!("it proves nothing: {why}"))?;
    if signed.signed_at < document.published_at / SECOND {
        return Err(STALE.into());
    }
    Ok(Signed { fingerprint: signed.fingerprint, words: signed.words })
}
