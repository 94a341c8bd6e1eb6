//! The verdict on a client's certificate, given at every request: in memory, and from the team's standing as it is now.

use contracts::trust::{CertificateJudge, CertificateVerdict, Service};
use kit::Time;
use kit::clock::SECOND;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::Pki;
use crate::model::{Known, Purpose, Standing};
use crate::state::State;
use crate::x509::crl::Reason;
use crate::x509::fingerprint;
use crate::x509::ocsp::Status;

/// A client's certificate is at most so large.
const LARGEST: usize = 64 * 1024;

impl CertificateJudge for Pki {
    fn judge(&self, der: &[u8], at: Time, organisation: Option<&str>) -> CertificateVerdict {
        match self.accepts(der, at, organisation) {
            Ok(()) => CertificateVerdict::Good,
            Err(why) => CertificateVerdict::Refused(why),
        }
    }
}

impl Pki {
    fn accepts(&self, der: &[u8], at: Time, organisation: Option<&str>) -> Result<(), String> {
        let state = self.state();
        let fingerprint = fingerprint(der);
        // What we have issued is known by its very bytes: no signature needs to be verified.
        if let Some(known) = state.by_fingerprint.get(&fingerprint) {
            return self.accepts_own(&state, known, at);
        }
        if der.len() > LARGEST {
            return Err(format!("the certificate is larger than {LARGEST} bytes"));
        }
        let certificate =
            Certificate::from_der(der).map_err(|_| "the certificate cannot be read".to_owned())?;
        let mut why = "this certificate is of no authority that is trusted here: get one of this community's"
            .to_owned();
        for foreign in state.trusted.iter().filter(|foreign| foreign.is_of_clients(&certificate)) {
            match foreign.verify(der, at) {
                Ok(()) => {
                    return match organisation {
                        Some(team) => self.entitlements().entitled(team, Service::PersonCertificates),
                        None => Ok(()), // tied to nobody, it logs nobody in
                    };
                }
                Err(reason) => why = format!("this certificate is not accepted: {reason}"),
            }
        }
        Err(why)
    }

    fn accepts_own(&self, state: &State, known: &Known, at: Time) -> Result<(), String> {
        if known.purpose != Purpose::Person {
            return Err("this certificate is a server's: people log in with one of their own".into());
        }
        if at < known.from {
            return Err(
                "the time of this certificate has not begun: look at the clock of your machine".into()
            );
        }
        if known.until.saturating_add(SECOND) <= at {
            let date = ui::format::date(known.until);
            return Err(format!("this certificate ended on {date}: log in otherwise and get a new one"));
        }
        let authority = state.authority(known.authority).ok_or("its authority is not known here any more")?;
        if at < authority.from || authority.until <= at {
            return Err(format!("the authority {} is not in its time", authority.stored.name));
        }
        match self.status(state, known, at) {
            Status::Good => Ok(()),
            Status::Revoked(_, Reason::Hold) => {
                let entitled = self.entitled(known);
                Err(format!(
                    "this certificate rests: {}",
                    entitled.err().unwrap_or_else(|| Reason::Hold.words().into())
                ))
            }
            Status::Revoked(since, reason) => {
                let date = ui::format::date(since);
                Err(format!("this certificate was revoked on {date}: {}. Get a new one", reason.words()))
            }
            Status::Unknown => Err("this certificate is not known here".into()),
        }
    }

    /// What lists and answers say of `known` at `at`: revoked for good, or held while the team is not entitled. This is
    /// derived now; the list follows within seconds.
    pub(crate) fn status(&self, state: &State, known: &Known, at: Time) -> Status {
        let revoked =
            state.authority(known.authority).is_none_or(|one| one.stored.state == Standing::Revoked);
        match known.revoked {
            Some((since, reason)) => Status::Revoked(since, reason),
            None if revoked => Status::Revoked(known.from, Reason::AuthorityCompromise),
            None if self.entitled(known).is_err() => Status::Revoked(known.held.unwrap_or(at), Reason::Hold),
            None => Status::Good,
        }
    }

    pub(crate) fn entitled(&self, known: &Known) -> Result<(), String> {
        if known.purpose == Purpose::Person && known.account.is_some_and(|account| self.is_shut(account)) {
            return Err("the account of its holder is shut: ask the team's administrator".into());
        }
        self.may_have(&known.organisation.to_string(), known.purpose)
    }

    /// Whether `organisation` may have certificates for `purpose` now.
    pub(crate) fn may_have(&self, organisation: &str, purpose: Purpose) -> Result<(), String> {
        purpose.service().map_or(Ok(()), |service| self.entitlements().entitled(organisation, service))
    }
}
