//! The document that a team signs, and its signature.

use askama::Template;
use identity::{Granted, LookUp, ManageTeam};
use kit::clock::SECOND;
use kit::{Digest, Error, Id, Result};
use mail::pgp::{PublicKey, Verdict, verify_cleartext, verify_detached};
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
            let (by, seconds) = judge(&document, &signature, &keys, self.node().now() / SECOND)?;
            (by, seconds.saturating_mul(SECOND))
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
        let verdicts = verdicts(&document, &signature, &keys, self.node().now() / SECOND)?;
        let holds = verdicts.iter().any(|verdict| {
            matches!(verdict, Verdict::Good { signer, .. } if signer.fingerprint == candidacy.signed.by)
        });
        Ok((!holds).then(|| verdicts.first().map_or_else(String::new, ToString::to_string)))
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

/// The fingerprint of the key that made a good signature over `document`, and when (Unix seconds).
///
/// # Errors
/// [`Error::Invalid`]: why the signature does not count.
fn judge(document: &[u8], signature: &[u8], keys: &[PublicKey], now: i64) -> Result<(String, i64)> {
    if keys.is_empty() {
        return Err(refused("the team's record has no OpenPGP key: enter it first"));
    }
    let verdicts = verdicts(document, signature, keys, now)?;
    for verdict in &verdicts {
        let Verdict::Good { signer, signed_at, .. } = verdict else { continue };
        let Some(key) = keys.iter().find(|key| key.fingerprint() == signer.fingerprint) else { continue };
        let validity = key.can_sign(now);
        if !validity.is_valid() {
            return Err(refused(&format!(
                "the key {} {validity} now: sign with a key that is good",
                signer.fingerprint
            )));
        }
        return Ok((signer.fingerprint.clone(), *signed_at));
    }
    let why: Vec<String> = verdicts.iter().map(ToString::to_string).collect();
    Err(refused(&why.join("; ")))
}

/// The verdicts on a detached signature, or on the document with its signature in it.
fn verdicts(document: &[u8], signature: &[u8], keys: &[PublicKey], now: i64) -> Result<Vec<Verdict>> {
    let marked = b"-----BEGIN PGP SIGNED MESSAGE-----";
    if !signature.windows(marked.len()).any(|window| window == marked) {
        return Ok(verify_detached(document, signature, keys, now));
    }
    let signed =
        verify_cleartext(signature, keys, now).ok_or_else(|| refused("the signed text cannot be read"))?;
    if !same_text(&signed.text, document) {
        return Err(refused(
            "the text in it is not the document: download it again and sign exactly these bytes",
        ));
    }
    Ok(signed.verdicts)
}

/// Line ends and spaces at the ends of lines are not signed in clear-signed texts (RFC 4880, section 7.1).
fn same_text(signed: &[u8], document: &[u8]) -> bool {
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
    };
    lines(signed) == lines(document)
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
