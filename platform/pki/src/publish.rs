//! What everybody may fetch: revocation lists, answers by OCSP, the authorities' certificates.

use std::collections::BTreeSet;

use kit::clock::{HOUR, MINUTE};
use kit::jobs::{self, Handler};
use kit::{Result, Time, Write};
use x509_cert::crl::CertificateList;
use x509_cert::der::Decode as _;

use crate::model::Known;
use crate::state::{State, Working};
use crate::x509::crl::{self, Entry, Reason};
use crate::x509::ocsp::{self, NoAnswer, Question, Status};
use crate::{Pki, store};

/// Makes the lists anew, where they are not right any more.
pub(crate) const LISTS: &str = "pki.lists";
/// Looks at the standing of all teams.
pub(crate) const FOLLOW: &str = "pki.follow";

impl Pki {
    /// The revocation list (DER) of the authority called `name`; `None` when there is no such authority, or no list yet.
    pub fn crl(&self, name: &str) -> Option<Vec<u8>> {
        self.state().by_name(name).and_then(|one| one.stored.crl.clone())
    }

    /// The certificate (DER) of the authority called `name`.
    pub fn authority_certificate(&self, name: &str) -> Option<Vec<u8>> {
        self.state().by_name(name).map(|one| one.der.clone())
    }

    /// The answer (DER) to a question by OCSP (RFC 6960). It is right at this moment: the standing of teams is asked for.
    pub fn answer(&self, question: &[u8]) -> Vec<u8> {
        let answered = Question::parse(question).and_then(|question| self.answer_to(&question));
        answered.unwrap_or_else(ocsp::refusal)
    }

    fn answer_to(&self, question: &Question) -> Result<Vec<u8>, NoAnswer> {
        let (state, now) = (self.state(), self.node().now());
        let asked = question.about.first().ok_or(NoAnswer::Malformed)?;
        let able = |one: &&std::sync::Arc<Working>| one.key.is_some() && asked.is_of(&one.hashes);
        let authority = state.authorities.iter().find(able).ok_or(NoAnswer::NotOurs)?;
        let key = authority.key.as_ref().ok_or(NoAnswer::NotOurs)?;
        let mut statuses = Vec::with_capacity(question.about.len());
        for asked in &question.about {
            let serial = data_encoding::HEXLOWER.encode(asked.serial());
            let known = state
                .by_serial
                .get(&(authority.stored.id, serial))
                .filter(|_| asked.is_of(&authority.hashes));
            statuses.push(known.map_or(Status::Unknown, |known| self.status(&state, known, now)));
        }
        let until = now + Time::from(self.settings().ocsp_minutes) * MINUTE;
        ocsp::sign(question, &statuses, now, until, &authority.issuer, key).map_err(|error| {
            tracing::error!(%error, "an answer by OCSP could not be signed");
            NoAnswer::Later
        })
    }

    /// Makes the list of each authority anew whose list is not right any more, or soon out of its time. Returns how many.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn make_lists(&self) -> Result<usize> {
        self.refresh().await?;
        let (state, now) = (self.state(), self.node().now());
        let lasts = Time::from(self.settings().crl_hours) * HOUR;
        let mut made = 0;
        for authority in state.authorities.iter().filter(|one| one.until > now) {
            let Some(key) = &authority.key else { continue };
            let entries = entries(&state, authority, now);
            let stored = &authority.stored;
            let fresh = stored.crl_until - now > lasts / 2;
            if fresh && stored.crl.as_deref().is_some_and(|list| says(list, &entries)) {
                continue;
            }
            let number = stored.crl_number + 1;
            let until = (now + lasts).min(authority.until);
            let list = crl::sign(&entries, number.unsigned_abs(), now, until, &authority.issuer, key)?;
            let id = stored.id;
            // Another node may have been faster; its list says the same.
            let set = self.node().db.write(move |tx| store::set_crl(tx, id, &list, number, until)).await?;
            made += usize::from(set);
        }
        if made > 0 {
            self.reload().await?;
        }
        Ok(made)
    }

    /// Asks for new lists, in the transaction that makes them necessary; `key` tells this change from others.
    pub(crate) fn plan_lists(&self, tx: &Write<'_>, at: Time, key: &str) -> Result<()> {
        jobs::enqueue(self.node(), tx, LISTS, key, &(), at)
    }

    /// Lists, and what follows from standings: with each change, and every minute by itself.
    pub(crate) fn list_jobs(&self) -> Vec<Handler> {
        let (lists, follow) = (self.clone(), self.clone());
        vec![
            Handler::new(LISTS, move |_| {
                let this = lists.clone();
                async move { Ok(this.make_lists().await.map(drop)?) }
            }),
            Handler::new(FOLLOW, move |_| {
                let this = follow.clone();
                async move {
                    this.refresh().await?;
                    this.follow().await?;
                    this.make_lists().await?;
                    let (node, at) = (this.node().clone(), this.node().now() + MINUTE);
                    Ok(this.node().db.write(move |tx| plan_follow(&node, tx, at)).await?)
                }
            }),
        ]
    }
}

/// One job for each minute: the key says which, because the one that runs still has its row.
pub(crate) fn plan_follow(node: &kit::Node, tx: &Write<'_>, at: Time) -> Result<()> {
    jobs::enqueue(node, tx, FOLLOW, &(at / MINUTE).to_string(), &(), at)
}

/// All that the list of `authority` says: what is revoked or held, until it would have ended anyway.
fn entries(state: &State, authority: &Working, now: Time) -> Vec<Entry> {
    let of = |known: &&std::sync::Arc<Known>| known.authority == authority.stored.id && known.until >= now;
    let mut all: Vec<Entry> = state
        .by_fingerprint
        .values()
        .filter(of)
        .filter_map(|known| {
            let (since, reason) = known.revoked.or(known.held.map(|since| (since, Reason::Hold)))?;
            let serial = data_encoding::HEXLOWER.decode(known.serial.as_bytes()).ok()?;
            Some(Entry { serial, since, reason })
        })
        .collect();
    all.sort_by(|one, other| one.serial.cmp(&other.serial));
    all
}

/// Whether the list `der` says just this.
fn says(der: &[u8], entries: &[Entry]) -> bool {
    let Ok(list) = CertificateList::from_der(der) else { return false };
    let listed = list.tbs_cert_list.revoked_certificates.unwrap_or_default();
    let listed: BTreeSet<_> = listed
        .iter()
        .map(|one| (one.serial_number.as_bytes().to_vec(), crl::reason(one).map(Reason::number)))
        .collect();
    let wanted: BTreeSet<_> =
        entries.iter().map(|one| (one.serial.clone(), Some(one.reason.number()))).collect();
    listed == wanted
}
