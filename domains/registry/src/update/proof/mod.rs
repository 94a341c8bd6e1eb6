//! Proof by OpenPGP: which texts of a mail or a form are signed, by whom, and whether that counts now.
//!
//! A signature counts when its key is in a `key-cert` of this registry and is good now, neither expired nor revoked; when
//! it was made within the last hour ([`FRESH`]); and when nobody has used it before ([`Registry::first_use`]). What counts
//! as the same signature is what was signed, by whom, in which second: re-wrapping the text, other armor headers, or one
//! of the ways in which a signature's bytes can be altered without breaking it do not make it a new one.
//!
//! Only the signed text is acted on. What stands around it, the mail's header included, proves nothing.

mod certificate;
mod copy;
mod keys;
#[cfg(test)]
mod tests;

use kit::clock::{HOUR, MINUTE, SECOND};
use kit::{Digest, Id, Result, Time, Write};
use mail::Limits;
use mail::open::{Seal, SignedText, signed_plain, signed_texts};
use mail::pgp::Verdict;

use crate::Registry;
use crate::store::proofs::{self, Use};

pub(crate) use certificate::certificate;
pub(crate) use keys::Keys;

/// A signature is fresh for so long.
pub(crate) const FRESH: Time = HOUR;
/// The signer's clock may be ahead of ours by this much.
pub(crate) const AHEAD: Time = 5 * MINUTE;
/// Used signatures are remembered for so long: well beyond the time in which they are fresh, clocks set back included.
pub(crate) const REMEMBERED: Time = 30 * kit::clock::DAY;

/// A signature that counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OpenPgp {
    /// Of the primary key, whole, in upper-case hex.
    pub(crate) fingerprint: String,
    /// When it was made, as the signature says.
    pub(crate) made_at: Time,
    /// Of signer, time and text: two signatures are the same when it is.
    pub(crate) digest: Digest,
}

/// A text and what is proven about who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The text, and nothing but what all of `proven` cover.
    pub(crate) text: String,
    /// Signatures that count; several when several people have signed.
    pub(crate) proven: Vec<OpenPgp>,
    /// In words, why other signatures on it do not.
    pub(crate) refused: Vec<String>,
}

impl Signed {
    /// Whether somebody has signed it at all.
    pub(crate) fn has_signature(&self) -> bool {
        !self.proven.is_empty() || !self.refused.is_empty()
    }
}

impl Registry {
    /// The texts of a mail with their signatures, as received at `received`. Blocks.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn signed_mail(&self, raw: &[u8], received: Time) -> Result<Vec<Signed>> {
        self.signed(received, |keys, at| signed_texts(raw, &Limits::default(), keys, at))
    }

    /// The texts in a form's or a request's text with their signatures, as received at `received`. Blocks.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn signed_text(&self, text: &str, received: Time) -> Result<Vec<Signed>> {
        self.signed(received, |keys, at| signed_plain(text.as_bytes(), &Limits::default(), keys, at))
    }

    fn signed(
        &self,
        received: Time,
        read: impl FnOnce(&[mail::pgp::PublicKey], i64) -> Vec<SignedText>,
    ) -> Result<Vec<Signed>> {
        let (node, now) = (self.node(), self.now() / SECOND);
        let source = self.settings().source.clone().unwrap_or_default();
        let keys = self.keys().of(&node.db, &source, now)?;
        Ok(read(&keys, now).into_iter().map(|text| judged(text, received)).collect())
    }

    /// Notes that the signatures `proven` are used by the mail or request `by`; see [`first_use`].
    pub(crate) async fn first_use(&self, proven: Vec<OpenPgp>, by: Id) -> Result<Option<Time>> {
        let now = self.now();
        self.node().db.write(move |tx| first_use(tx, &proven, by, now)).await
    }
}

/// Notes that the signatures `proven` are used by the mail or request `by`. When another one had one of them before, the
/// time of that: the text is a copy, by whomever, and must not be acted on again.
pub(crate) fn first_use(tx: &Write<'_>, proven: &[OpenPgp], by: Id, now: Time) -> Result<Option<Time>> {
    let mut before = None;
    for proof in proven {
        let of = Use { digest: proof.digest, fingerprint: &proof.fingerprint, made_at: proof.made_at, by };
        before = before.or(proofs::take(tx, of, now)?);
    }
    Ok(before)
}

/// Which signatures of `text` count for something that was received at `received`.
fn judged(text: SignedText, received: Time) -> Signed {
    let mut signed = Signed { text: text.text, proven: Vec::new(), refused: Vec::new() };
    for seal in text.seals {
        match counts(&seal, received) {
            Ok(proof) if !signed.proven.contains(&proof) => signed.proven.push(proof),
            Ok(_) => {}
            Err(why) => signed.refused.push(why),
        }
    }
    signed
}

fn counts(seal: &Seal, received: Time) -> std::result::Result<OpenPgp, String> {
    let (signer, signed_at) = match &seal.verdict {
        Verdict::Good { signer, signed_at, since: None, .. } => (signer, *signed_at),
        other => return Err(other.to_string()),
    };
    let made_at = signed_at.saturating_mul(SECOND);
    let age = received.saturating_sub(made_at);
    if age > FRESH {
        let minutes = age / MINUTE;
        return Err(format!(
            "signed by {signer}, but {minutes} minutes before it came: a signature counts for one hour. Sign it again and send it at once"
        ));
    }
    if age < -AHEAD {
        let minutes = -age / MINUTE;
        return Err(format!(
            "signed by {signer}, but dated {minutes} minutes in the future: set the clock of the computer that signs, and sign it again"
        ));
    }
    let fingerprint = signer.fingerprint.clone();
    let digest = Digest::of(
        &[fingerprint.as_bytes(), b"\n", signed_at.to_string().as_bytes(), b"\n", &seal.content].concat(),
    );
    Ok(OpenPgp { fingerprint, made_at, digest })
}
