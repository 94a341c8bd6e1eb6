//! What everybody may fetch: revocation lists, answers by OCSP, the authorities' certificates.

use std::collections::BTreeMap;

use kit::clock::{HOUR, MINUTE};
use kit::jobs::{self, Handler};
use kit::{Error, Id, Result, Time, Write};
use x509_cert::crl::CertificateList;
use x509_cert::der::Decode as _;

use crate::state::{State, Working};
use crate::x509::crl::{self, Entry, Reason};
use crate::x509::micros;
use crate::x509::ocsp::{self, NoAnswer, Question, Status};
use crate::{Pki, store};

/// Makes the lists anew, where they are not right any more.
pub(crate) const LISTS: &str = "pki.lists";
/// So often in a row another node may have been faster.
const RACES: usize = 8;
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
        let (mut made, mut failed) = (0, Ok(()));
        for authority in state.authorities.iter().filter(|one| one.until > now && one.key.is_some()) {
            match self.make_list(authority.stored.id).await {
                Ok(new) => made += usize::from(new),
                // The lists of the others are made nevertheless.
                Err(error) => failed = Err(error),
            }
        }
        failed.map(|()| made)
    }

    /// Makes the list of the authority `id` anew when it is not right any more; `false` when it is.
    async fn make_list(&self, id: Id) -> Result<bool> {
        let lasts = Time::from(self.settings().crl_hours) * HOUR;
        let mut made = false;
        for _ in 0..RACES {
            let (state, now) = (self.state(), self.node().now());
            let Some(authority) = state.authority(id) else { return Ok(made) };
            let Some(key) = &authority.key else { return Ok(made) };
            let stored = &authority.stored;
            let listed = stored.crl.as_deref().and_then(Listed::read);
            let entries = entries(&state, authority, listed.as_ref(), now, lasts);
            // No list outlives its authority: the last one is not made again until then.
            let fresh = stored.crl_until - now > lasts / 2 || stored.crl_until >= authority.until;
            if fresh && listed.is_some_and(|listed| listed.says(&entries)) {
                return Ok(made);
            }
            let number = stored.crl_number + 1;
            let until = (now + lasts).min(authority.until);
            let list = crl::sign(&entries, number.unsigned_abs(), now, until, &authority.issuer, key)?;
            made = self.node().db.write(move |tx| store::set_crl(tx, id, &list, number, until)).await?;
            self.reload().await?;
            if made {
                return Ok(true);
            }
            // Another node was faster. What it did not know yet is looked for once more.
        }
        let why = "other nodes make this list all the time; it is looked at again in a minute";
        Err(Error::Unavailable(why.into()))
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
            Handler::repeated(self.node(), FOLLOW, MINUTE, move || {
                let this = follow.clone();
                async move {
                    this.refresh().await?;
                    // The lists are made also when a standing cannot be followed, and the other way round.
                    let followed = this.follow().await;
                    this.make_lists().await?;
                    followed.map(drop)
                }
            }),
        ]
    }
}

/// The first of the looks at standings and lists: one each minute.
pub(crate) fn plan_follow(node: &kit::Node, tx: &Write<'_>, at: Time) -> Result<()> {
    jobs::plan(node, tx, FOLLOW, MINUTE, at)
}

/// All that the list of `authority` says: what is revoked or held. What has ended meanwhile stays on until a list was
/// issued after its end (RFC 5280 section 3.3), and as long as that list lasts; `listed` is the list before.
fn entries(
    state: &State,
    authority: &Working,
    listed: Option<&Listed>,
    now: Time,
    lasts: Time,
) -> Vec<Entry> {
    let mut all = Vec::new();
    for known in state.by_fingerprint.values().filter(|known| known.authority == authority.stored.id) {
        let Some((since, reason)) = known.revoked.or(known.held.map(|since| (since, Reason::Hold))) else {
            continue;
        };
        let Ok(serial) = data_encoding::HEXLOWER.decode(known.serial.as_bytes()) else { continue };
        let not_told_after = || listed.is_some_and(|list| list.issued <= known.until && list.names(&serial));
        if known.until + lasts >= now || not_told_after() {
            all.push(Entry { serial, since, reason });
        }
    }
    all.sort_by(|one, other| one.serial.cmp(&other.serial));
    all
}

/// All that a list of `authority` made now says, after the one that is published.
pub(crate) fn entries_now(state: &State, authority: &Working, now: Time, lasts: Time) -> Vec<Entry> {
    let listed = authority.stored.crl.as_deref().and_then(Listed::read);
    entries(state, authority, listed.as_ref(), now, lasts)
}

/// What a published list says.
struct Listed {
    issued: Time,
    /// Numbers, with their reasons.
    entries: BTreeMap<Vec<u8>, Option<i64>>,
}

impl Listed {
    fn read(der: &[u8]) -> Option<Self> {
        let list = CertificateList::from_der(der).ok()?.tbs_cert_list;
        let entries = list.revoked_certificates.unwrap_or_default();
        let entries = entries
            .iter()
            .map(|one| (one.serial_number.as_bytes().to_vec(), crl::reason(one).map(Reason::number)));
        Some(Self { issued: micros(&list.this_update), entries: entries.collect() })
    }

    fn names(&self, serial: &[u8]) -> bool {
        self.entries.contains_key(serial)
    }

    /// Whether it says just this.
    fn says(&self, entries: &[Entry]) -> bool {
        let wanted = entries.iter().map(|one| (one.serial.clone(), Some(one.reason.number())));
        self.entries == wanted.collect()
    }
}
