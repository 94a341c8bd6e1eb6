//! What is kept in memory: the authorities with their keys, and what every verdict rests on.

use std::collections::HashMap;
use std::sync::Arc;

use kit::{Error, Id, Node, Read, Result, Time};
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};

use crate::model::{Authority, Known, Standing, Trusted};
use crate::store;
use crate::x509::ocsp::Hashes;
use crate::x509::{CaKey, Issuer, Limits, armour, key_id, micros, unencoded};

/// For so long after its end a certificate is still known to lists and answers.
pub(crate) const REMEMBERED: Time = 90 * kit::clock::DAY;

/// An authority, ready to work.
pub(crate) struct Working {
    pub(crate) stored: Authority,
    pub(crate) certificate: Certificate,
    pub(crate) der: Vec<u8>,
    pub(crate) issuer: Issuer,
    pub(crate) hashes: Hashes,
    pub(crate) key: Option<CaKey>,
    pub(crate) from: Time,
    pub(crate) until: Time,
}

/// All of it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) version: i64,
    /// In the order in which they were made.
    pub(crate) authorities: Vec<Arc<Working>>,
    /// Those that wait for their certificate.
    pub(crate) requested: Vec<Authority>,
    pub(crate) by_fingerprint: HashMap<[u8; 32], Arc<Known>>,
    pub(crate) by_serial: HashMap<(Id, String), Arc<Known>>,
    pub(crate) trusted: Vec<Arc<crate::trusted::Foreign>>,
    /// What the node's own listener shows.
    pub(crate) own: Option<crate::own::Own>,
}

impl State {
    pub(crate) fn read(node: &Node, c: &Read<'_>) -> Result<Self> {
        let now = node.now();
        let mut state = Self { version: store::version(c)?, ..Self::default() };
        for stored in store::authorities(c)? {
            match &stored.certificate {
                Some(der) => state.authorities.push(Arc::new(Working::new(node, stored.clone(), der)?)),
                None => state.requested.push(stored),
            }
        }
        for known in store::live(c, now - REMEMBERED)? {
            let known = Arc::new(known);
            state.by_serial.insert((known.authority, known.serial.clone()), known.clone());
            state.by_fingerprint.insert(known.fingerprint, known);
        }
        let trusted: Vec<Trusted> = store::trusted(c)?;
        state.trusted = trusted.into_iter().map(|one| Arc::new(crate::trusted::Foreign::new(one))).collect();
        state.own = crate::own::read(node, c, &state.authorities)?;
        Ok(state)
    }

    pub(crate) fn authority(&self, id: Id) -> Option<&Arc<Working>> {
        self.authorities.iter().find(|one| one.stored.id == id)
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&Arc<Working>> {
        self.authorities.iter().find(|one| one.stored.name == name)
    }

    /// The authority that issues: the one that was made last of those that are active.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there is none.
    pub(crate) fn issuing(&self, now: Time) -> Result<&Arc<Working>> {
        let able = |one: &&Arc<Working>| {
            !one.stored.root && one.stored.state == Standing::Active && one.key.is_some()
        };
        let found = self.authorities.iter().rev().find(able);
        let found = found.ok_or_else(|| {
            Error::Unavailable(
                "this community has no certification authority yet: its operator makes one with `wardmote cert init`"
                    .into(),
            )
        })?;
        if now < found.from || found.until <= now {
            return Err(Error::Unavailable(format!(
                "the authority {} is not in its time: its operator renews it with `wardmote cert issuing request`",
                found.stored.name
            )));
        }
        Ok(found)
    }
}

impl Working {
    fn new(node: &Node, stored: Authority, der: &[u8]) -> Result<Self> {
        let unread =
            |error| Error::Corrupt(format!("the certificate of the authority {}: {error}", stored.name));
        let certificate = Certificate::from_der(der).map_err(unread)?;
        let tbs = &certificate.tbs_certificate;
        let key = match &stored.key_sealed {
            Some(sealed) => Some(CaKey::from_pkcs8(&node.secrets.open(&purpose(stored.id), sealed)?)?),
            None => None,
        };
        let issuer = Issuer { name: tbs.subject.clone(), key_id: key_id(&tbs.subject_public_key_info) };
        let name = tbs.subject.to_der().map_err(unencoded)?;
        let hashes = Hashes::of(&name, &tbs.subject_public_key_info);
        let (from, until) = (micros(&tbs.validity.not_before), micros(&tbs.validity.not_after));
        Ok(Self { der: der.to_vec(), issuer, hashes, key, from, until, certificate, stored })
    }

    /// Whether a certificate with certain names keeps to the limits that stand in this authority's own.
    ///
    /// # Errors
    /// Why not, in words for the one who asked for it.
    pub(crate) fn keeps_to(&self, keeps: impl Fn(&Limits) -> Result<(), String>) -> Result<(), String> {
        let asked = Limits::of(&self.certificate).and_then(|limits| keeps(&limits));
        let name = &self.stored.name;
        asked.map_err(|why| format!("the authority {name} {why}: ask the community's operator"))
    }

    /// Its certificate in PEM.
    pub(crate) fn pem(&self) -> String {
        armour("CERTIFICATE", &self.der)
    }
}

/// For what the key of an authority is sealed.
pub(crate) fn purpose(authority: Id) -> String {
    format!("pki-authority:{authority}")
}
