//! The keys of the registry's `key-cert` objects, ready to check signatures with.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use kit::{Db, Result, Time};
use mail::pgp::{PublicKey, Validity};
use rpsl::{KeyCert, Notes, Object};

use crate::store::proofs;

/// What of the database the keys were read from.
type State = (String, (i64, Time, i64));

/// The keys as they were last read. They are read anew when an object was changed, whoever changed it.
#[derive(Default)]
pub(crate) struct Keys(ArcSwapOption<(State, Arc<Vec<PublicKey>>)>);

impl Keys {
    /// The keys of all `key-cert` objects of `source` at `at`, Unix seconds. Blocks.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn of(&self, db: &Db, source: &str, at: i64) -> Result<Arc<Vec<PublicKey>>> {
        let asked = source.to_owned();
        let state = db.read_now(move |c| proofs::key_state(c, &asked))?;
        let state = (source.to_owned(), state);
        if let Some(known) = self.0.load().as_deref().filter(|known| known.0 == state) {
            return Ok(known.1.clone());
        }
        let asked = source.to_owned();
        let objects = db.read_now(move |c| proofs::key_certs(c, &asked))?;
        let keys = Arc::new(in_order(objects.iter().flat_map(|raw| keys_of(raw)).collect(), at));
        self.0.store(Some(Arc::new((state, keys.clone()))));
        Ok(keys)
    }
}

/// The keys in a `key-cert`; none when it holds a certificate or cannot be read.
fn keys_of(raw: &[u8]) -> Vec<PublicKey> {
    let Ok(object) = Object::parse(raw) else { return Vec::new() };
    let Ok(cert) = KeyCert::read(&object, &mut Notes::default()) else { return Vec::new() };
    PublicKey::parse_all(cert.armor.as_bytes()).unwrap_or_default()
}

/// Copies of one key stand together, the one that decides first: one that is revoked, for then the others are only not
/// up to date; else the one that lasts longest.
fn in_order(keys: Vec<PublicKey>, at: i64) -> Vec<PublicKey> {
    let mut copies: BTreeMap<String, Vec<PublicKey>> = BTreeMap::new();
    for key in keys {
        copies.entry(key.fingerprint()).or_default().push(key);
    }
    let decides = |mut copies: Vec<PublicKey>| {
        // Judging a key costs some cryptography, and hardly any has a second copy.
        if copies.len() > 1 {
            copies.sort_by_cached_key(|key| match key.validity(at) {
                Validity::Revoked { .. } => (0, 0),
                Validity::Valid { until: None } => (1, 0),
                Validity::Valid { until: Some(until) } => (2, -until),
                _ => (3, 0),
            });
            copies.truncate(1);
        }
        copies
    };
    copies.into_values().flat_map(decides).collect()
}
