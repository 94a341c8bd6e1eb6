//! The document that a team signs, and its signature.

use askama::Template;
use identity::{Granted, LookUp, ManageTeam};
use kit::clock::SECOND;
use kit::{Digest, Error, Id, Result};
use mail::pgp::{PublicKey, signed_over, was_signed_over};
use teams::Team;

use crate::Trust;
use crate::by_certificate::is_cms;
use crate::process::{Acceptance, Listing, Phase, Represent, Stage, State};
use crate::service::Done;

/// Longest signature, or signed document, that is looked at.
const LONGEST: usize = 256 << 10;

/// The rules of the community as one team signs them. The number makes each invitation's document another one, so that an
/// old signature does not fit a new invitation.
#[derive(Template)]
#[template(path = "letters/rules-to-sign.txt", escape = "none")]
struct RulesToSign<'a> {
    community: &'a str,
    team: &'a Team,
    day: String,
    number: String,
    accreditation: bool,
    confirmation: String,
    grace: String,
}

impl Trust {
    /// Writes the document that `team` is to sign now and keeps it; its digest.
    pub(crate) fn put_document(&self, team: &Team, accreditation: bool) -> Result<String> {
        let (node, rules) = (self.node(), &self.settings().rules);
        let document = RulesToSign {
            community: self.settings().community(),
            team,
            day: ui::format::date(node.now()),
            number: node.id().to_string(),
            accreditation,
            confirmation: rules.confirmation.to_string(),
            grace: rules.grace.to_string(),
        };
        let text = document.render().map_err(|error| Error::Corrupt(error.to_string()))?;
        Ok(node.blobs.put(text.as_bytes())?.to_string())
    }

    /// The exact bytes of the document that the asker's team is to sign.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn document_to_sign(&self, granted: &Granted<LookUp>) -> Result<Vec<u8>> {
        let state = self.state(granted.team()).await?;
        let document = to_sign(&state).ok_or_else(|| Error::not_found("a document to be signed"))?;
        self.node().blobs.get(digest(document)?)
    }

    /// Hands in the signature of the asker's team over the document: by OpenPGP, detached (armoured or binary) or with the
    /// document in it, or by a certificate (CMS, detached). The key must be one of the team's record, the certificate one of
    /// its people's; good when it signed and good now.
    ///
    /// # Errors
    /// [`Error::Invalid`] says what is wrong with the signature; [`Error::Conflict`] as [`Trust::represent`].
    pub async fn sign(
        &self,
        granted: &Granted<ManageTeam>,
        signature: Vec<u8>,
        seen: Option<i64>,
    ) -> Result<Done> {
        if signature.len() > LONGEST {
            return Err(refused("it is larger than 256 KiB: send the signature alone"));
        }
        let team = self.subject(granted.team())?;
        let state = self.state(team.id).await?;
        let Some(named) = to_sign(&state) else {
            return Err(Error::Conflict(
                "There is nothing to be signed now. The document comes with the invitation.".into(),
            ));
        };
        let document = self.node().blobs.get(digest(named)?)?;
        let (by, at) = if is_cms(&signature) {
            let signed = self.signed_by_certificate(&team, document, signature.clone()).await?;
            (signed.fingerprint, signed.at)
        } else {
            let keys: Vec<PublicKey> = team.keys_in_use().cloned().collect();
            if keys.is_empty() {
                return Err(refused("the team's record has no OpenPGP key: enter it first"));
            }
            let signed = signed_over(&document, &signature, &keys, self.node().now() / SECOND);
            let signed = signed.map_err(|why| refused(&why))?;
            (signed.fingerprint, signed.signed_at.saturating_mul(SECOND))
        };
        let kept = self.node().blobs.put(&signature)?;
        let acceptance = Acceptance { document: named.to_owned(), signature: kept.to_string(), by, at };
        self.represent(granted, Represent::Sign(acceptance), seen).await
    }

    /// Why the signature of a candidate does not hold any more; `None` when it holds, or the team is no candidate.
    pub(crate) async fn signature_lost(&self, team: &Team) -> Result<Option<String>> {
        let state = self.state(team.id).await?;
        let Phase::Candidate(candidacy) = &state.phase else { return Ok(None) };
        let document = self.node().blobs.get(digest(&candidacy.signed.document)?)?;
        let signature = self.node().blobs.get(digest(&candidacy.signed.signature)?)?;
        if is_cms(&signature) {
            return self.certificate_lost(document, signature).await;
        }
        // Also keys that were withdrawn since: what they signed while they were good is judged by the key itself.
        let keys: Vec<PublicKey> = team.keys.iter().map(|key| key.key.clone()).collect();
        let keys: Vec<PublicKey> =
            keys.into_iter().filter(|key| key.fingerprint() == candidacy.signed.by).collect();
        Ok(was_signed_over(&document, &signature, &keys, self.node().now() / SECOND).err())
    }
}

/// The document that the team is to sign now.
pub(crate) fn to_sign(state: &State) -> Option<&str> {
    match &state.phase {
        Phase::Listing(Listing { stage: Stage::Rules { document, .. }, .. }) => Some(document),
        Phase::Invited(invitation) => Some(&invitation.document),
        _ => None,
    }
}

fn refused(why: &str) -> Error {
    Error::invalid("signature", why)
}

/// The blob that entries name by its digest in hex.
pub(crate) fn digest(hex: &str) -> Result<Digest> {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
    Digest::from_slice(&bytes.map_err(|_| Error::Corrupt(format!("{hex:?} is no digest")))?)
}

/// The id of a team, as entries have it.
pub(crate) fn id(text: &str) -> Option<Id> {
    text.parse().ok()
}
