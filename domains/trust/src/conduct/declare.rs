//! A team declares that it keeps to a version, with or without a signature.

use contracts::upkeep::ConductDeclared;
use identity::{Granted, ManageTeam};
use kit::clock::SECOND;
use kit::{Error, Result, Time, events};
use mail::pgp::{PublicKey, Verdict, verify_cleartext, verify_detached};
use teams::Team;

use super::store::{self, Declaration, Document};
use crate::Trust;

/// Longest signature, in bytes: a signed text holds the document, too.
const SIGNATURE: usize = 500_000;

/// A signature that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signed {
    fingerprint: String,
    words: String,
}

impl Trust {
    /// The asker's team declares that it keeps to `version`, which must be the one in force. `signature` (may be empty) is
    /// an OpenPGP signature over the document's exact bytes, detached or around the text, by a key of the team.
    ///
    /// # Errors
    /// [`Error::Conflict`] for another version than the one in force, or when it was declared before; [`Error::Invalid`] for
    /// a signature that proves nothing, with what is wrong; [`Error::Forbidden`] for who is of no team.
    pub async fn declare_conduct(
        &self,
        granted: &Granted<ManageTeam>,
        version: i64,
        signature: &str,
    ) -> Result<()> {
        let team = self.teams().directory().by_id(granted.team());
        let team =
            team.ok_or_else(|| Error::Forbidden("teams declare, and yours is not in the directory".into()))?;
        let document = self.node().db.read(store::documents).await?.into_iter().next();
        let document = document.filter(|document| document.version == version).ok_or_else(|| {
            Error::Conflict("this version is not in force: read the one that is, and declare that".into())
        })?;
        let (signature, now) = (signature.trim().to_owned(), self.node().now());
        if signature.is_empty() && self.settings().conduct.signed {
            let advice = "a signature is asked for: sign the document with a key of your team";
            return Err(Error::invalid("signature", advice));
        }
        let signed = match signature.as_str() {
            "" => None,
            text => {
                Some(judged(&document, text, &team, now).map_err(|why| Error::invalid("signature", why))?)
            }
        };
        let stamp = events::Stamp { team: Some(team.id), ..granted.stamp(now) };
        let declaration = Declaration {
            team: team.id,
            version,
            at: now,
            by: stamp.actor.clone(),
            signature,
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

/// The signature over `document` by a key of `team`, judged at `now`.
///
/// # Errors
/// Why it proves nothing.
fn judged(document: &Document, signature: &str, team: &Team, now: Time) -> Result<Signed, String> {
    if signature.len() > SIGNATURE {
        return Err("this is too large for a signature".into());
    }
    let keys: Vec<PublicKey> = team.keys_in_use().cloned().collect();
    if keys.is_empty() {
        return Err(format!("{} has no key in the directory: add it first", team.name));
    }
    let at = now / SECOND;
    let verdicts = match verify_cleartext(signature.as_bytes(), &keys, at) {
        Some(found) if found.text != as_signed(&document.bytes) => {
            return Err("this signs another text than the document: take its exact bytes".into());
        }
        Some(found) => found.verdicts,
        None => verify_detached(&document.bytes, signature.as_bytes(), &keys, at),
    };
    let good = verdicts.iter().find_map(|verdict| match verdict {
        Verdict::Good { signer, signed_at, since: None, .. } => Some((signer, *signed_at, verdict)),
        _ => None,
    });
    let Some((signer, signed_at, verdict)) = good else {
        let why = verdicts.first().map(ToString::to_string).unwrap_or_default();
        return Err(format!("it proves nothing: {why}"));
    };
    if !team.has_key(&signer.fingerprint) {
        return Err(format!("{signer} is no key of {}", team.name));
    }
    if signed_at < document.published_at / SECOND {
        return Err("it was made before the document was published: sign it anew".into());
    }
    Ok(Signed { fingerprint: signer.fingerprint.clone(), words: verdict.to_string() })
}

/// The text as a cleartext signature has it (RFC 4880, section 7.1): lines end with CRLF, blanks at their ends are gone,
/// and so is the last line end.
fn as_signed(bytes: &[u8]) -> Vec<u8> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end()).collect();
    lines.join(&b"\r\n"[..])
}
