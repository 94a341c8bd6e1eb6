//! "Signed by the team": a signature that the team made with its own key, on its own machine, over exactly the text
//! that is served.

use contracts::teams::{DescriptionSignatureDropped, DescriptionSigned};
use identity::{Granted, ManageTeam};
use kit::blobs::Digest;
use kit::clock::SECOND;
use kit::{Error, Id, Result, Time, Write, events};
use mail::pgp::{PublicKey, signed_over, was_signed_over};
use rfc2350::Section;

use super::{describe, store};
use crate::exports::Exports;
use crate::service::own;
use crate::{Audience, Team};

/// Largest signature or clear-signed text, in bytes.
const TOO_LARGE: usize = 1 << 20;

/// The description of a team as its own key signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The signature in armour, or the clear-signed text.
    pub bytes: Vec<u8>,
    /// Whether it is a clear-signed text; otherwise a signature over the description as it is served.
    pub is_clear: bool,
    /// Fingerprint of the key.
    pub fingerprint: String,
    /// When it came here.
    pub added: Time,
    /// Why it is not served any more; none while it is good.
    pub stale: Option<String>,
}

impl Exports {
    /// The public description of `team` as it is served: the signed text while its signature is good, else as the record
    /// is now. With it the signature, if there is one.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn description(&self, team: &Team) -> Result<(Vec<u8>, Option<Signed>)> {
        let id = team.id;
        let row = self.teams().node().db.read(move |c| store::signed(c, id)).await?;
        let now = self.text(team);
        let Some(row) = row else { return Ok((now, None)) };
        let stale = match () {
            () if !same(&row.text, &now) => Some("the record was changed since it was signed".to_owned()),
            () if !team.has_key(&row.fingerprint) => Some("its key was withdrawn by the team".to_owned()),
            () => self.no_more(team, &row),
        };
        let text = if stale.is_none() { row.text } else { now };
        let signed = Signed {
            bytes: row.signed,
            is_clear: row.is_clear,
            fingerprint: row.fingerprint,
            added: row.added,
            stale,
        };
        Ok((text, Some(signed)))
    }

    /// Takes what the team signed: a detached signature in armour over the description as it is served, or the whole
    /// text clear-signed. Verified over exactly these bytes with the team's keys, then served beside the text.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `signature`: why it does not serve; [`Error::NotFound`] for another team.
    pub async fn sign_description(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        bytes: Vec<u8>,
    ) -> Result<String> {
        own(granted, team)?;
        let directory = self.teams().directory();
        let record = directory.by_id(team).ok_or_else(|| Error::not_found("the team"))?;
        if bytes.len() > TOO_LARGE {
            return Err(Error::invalid("signature", "it is larger than 1 MiB"));
        }
        // What is signed is what was fetched: a signature that is there already does not change the text below it.
        let (text, _) = self.description(&record).await?;
        let keys: Vec<PublicKey> = record.keys_in_use().cloned().collect();
        let signed = signed_over(&text, &bytes, &keys, self.teams().node().now() / SECOND);
        let mail::pgp::Signed { fingerprint, is_clear, .. } =
            signed.map_err(|why| Error::invalid("signature", why))?;
        let (node, stamp) = (self.teams().node().clone(), self.teams().stamp(granted, team));
        let (digest, noted) = (Digest::of(&text).to_string(), fingerprint.clone());
        let row =
            store::Row { text, signed: bytes, is_clear, fingerprint: fingerprint.clone(), added: stamp.at };
        let work = move |tx: &Write<'_>| {
            store::put(tx, team, &row)?;
            let event = DescriptionSigned {
                team: team.to_string(),
                fingerprint: noted.clone(),
                digest: digest.clone(),
            };
            events::record(&node, tx, &stamp, &event)
        };
        self.teams().node().db.write(work).await?;
        Ok(fingerprint)
    }

    /// Serves the team's signature no more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none, or for another team.
    pub async fn drop_signature(&self, granted: &Granted<ManageTeam>, team: Id) -> Result<()> {
        own(granted, team)?;
        let (node, stamp) = (self.teams().node().clone(), self.teams().stamp(granted, team));
        let work = move |tx: &Write<'_>| {
            if !store::drop_one(tx, team)? {
                return Err(Error::not_found("the signature"));
            }
            events::record(&node, tx, &stamp, &DescriptionSignatureDropped { team: team.to_string() })
        };
        self.teams().node().db.write(work).await
    }

    /// The description as the record is now.
    fn text(&self, team: &Team) -> Vec<u8> {
        let at = self.teams().node().now() / SECOND;
        describe(&team.seen_by(Audience::Public), at).to_text().into_bytes()
    }

    /// Why a signature that was good when it came is so no more: a key can be revoked for all times.
    fn no_more(&self, team: &Team, row: &store::Row) -> Option<String> {
        let keys: Vec<PublicKey> = team.keys_in_use().cloned().collect();
        was_signed_over(&row.text, &row.signed, &keys, self.teams().node().now() / SECOND).err()
    }
}

/// Whether two descriptions say the same. The day of the last update, where the team names none, follows every change
/// of its standing; it alone makes no signature stale.
fn same(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let read = |text: &[u8]| {
        let mut document = rfc2350::parse(text).ok()?.document;
        document.set(Section::LastUpdate, "");
        Some(document)
    };
    read(one).is_some_and(|one| Some(one) == read(other))
}
