//! Signatures over documents by people's certificates: whose they are, and what they are worth.

use contracts::trust::{DocumentSigned, SignatureJudge};
use kit::Time;
use kit::clock::{MINUTE, SECOND};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::Pki;
use crate::issue::hex;
use crate::model::{Known, Purpose};
use crate::state::State;
use crate::x509::cms::Signature;
use crate::x509::crl::Reason;
use crate::x509::fingerprint;
use crate::x509::ocsp::Status;

/// A signer's clock may be ahead by this much.
pub(crate) const AHEAD: Time = 5 * MINUTE;

impl SignatureJudge for Pki {
    fn signed(&self, document: &[u8], signature: &[u8], at: Time) -> Result<DocumentSigned, String> {
        let signature = Signature::parse(signature)?;
        signature.is_over(document)?;
        if signature.at() > at.saturating_add(AHEAD) {
            return Err("it is dated in the future: set the clock right and sign anew".into());
        }
        let state = self.state();
        let der = signature.certificate();
        let fingerprint = fingerprint(der);
        match state.by_fingerprint.get(&fingerprint) {
            Some(known) => {
                self.may_sign(&state, known)?;
                in_time(known, signature.at())?;
                in_time(known, at)?;
                match self.status(&state, known, at) {
                    Status::Good => {}
                    Status::Revoked(_, Reason::Hold) => {
                        let why = self.entitled(known).err().unwrap_or_else(|| Reason::Hold.words().into());
                        return Err(format!("the certificate rests: {why}"));
                    }
                    Status::Revoked(since, reason) => {
                        return Err(format!(
                            "the certificate was revoked on {}: {}",
                            ui::format::date(since),
                            reason.words()
                        ));
                    }
                    Status::Unknown => return Err("the certificate is not known here".into()),
                }
            }
            None => {
                foreign(&state, der, signature.at().min(at))?;
                foreign(&state, der, at)?;
            }
        }
        let holder = self.node().db.read_now(move |c| identity::certificate_holder(c, &fingerprint));
        let holder = holder.map_err(|error| format!("it cannot be judged now ({error}): try again"))?;
        let holder = holder.ok_or(
            "the certificate is tied to no account here: its owner adds it to their account first (Your account)",
        )?;
        if holder.disabled {
            return Err(format!("the account of {} is shut", holder.login));
        }
        Ok(DocumentSigned {
            fingerprint: hex(&fingerprint),
            subject: signature.subject(),
            organisation: holder.organisation.to_string(),
            at: signature.at(),
        })
    }

    fn still_signed(&self, document: &[u8], signature: &[u8]) -> Result<(), String> {
        let signature = Signature::parse(signature)?;
        signature.is_over(document)?;
        let state = self.state();
        let Some(known) = state.by_fingerprint.get(&fingerprint(signature.certificate())) else {
            return foreign(&state, signature.certificate(), signature.at());
        };
        self.may_sign(&state, known)?;
        in_time(known, signature.at())?;
        match known.revoked {
            // When a key came into other hands nobody knows: what it signed before is doubted, too.
            Some((since, reason)) if reason == Reason::KeyCompromise || since <= signature.at() => {
                let date = ui::format::date(since);
                Err(format!("the certificate that signed was revoked on {date}: {}", reason.words()))
            }
            _ => Ok(()),
        }
    }
}

impl Pki {
    /// Whether `known` is a person's, of an authority that was not revoked.
    fn may_sign(&self, state: &State, known: &Known) -> Result<(), String> {
        if known.purpose != Purpose::Person {
            return Err("the certificate is a server's: a person signs, with their own".into());
        }
        match state.authority(known.authority) {
            Some(authority) if authority.stored.state != crate::Standing::Revoked => Ok(()),
            _ => Err("the authority that issued the certificate was revoked".into()),
        }
    }
}

/// Whether `known` is in its time at `at`.
fn in_time(known: &Known, at: Time) -> Result<(), String> {
    // Certificates and signatures count whole seconds.
    if at.saturating_add(SECOND) <= known.from {
        let date = ui::format::date(known.from);
        return Err(format!(
            "the certificate is good from {date} on only: look at the clock of your machine"
        ));
    }
    if known.until.saturating_add(SECOND) <= at {
        return Err(format!("the certificate ended on {}", ui::format::date(known.until)));
    }
    Ok(())
}

/// Whether the certificate is of a trusted authority and good at `at`. The team's standing is not asked: the signature says
/// who signs, not what they may use.
fn foreign(state: &State, der: &[u8], at: Time) -> Result<(), String> {
    let certificate = Certificate::from_der(der).map_err(|_| "the certificate cannot be read".to_owned())?;
    let mut why =
        "the certificate is of no authority that is trusted here: sign with one of this community's"
            .to_owned();
    for authority in state.trusted.iter().filter(|authority| authority.is_of_clients(&certificate)) {
        match authority.verify(der, at) {
            Ok(()) => return Ok(()),
            Err(reason) => why = format!("the certificate is not accepted: {reason}"),
        }
    }
    Err(why)
}
