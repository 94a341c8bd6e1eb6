//! The keys that sign the notification file, sealed in the database.

use kit::{Node, Result, Time};
use nrtm::{SigningKey, Source};

use super::refused;
use crate::store::publication::{self, KeyPlace};

/// The keys of a published registry.
pub(super) struct SigningKeys {
    pub(super) current: SigningKey,
    /// Announced, with the time since when.
    pub(super) next: Option<(SigningKey, Time)>,
}

/// The keys of `source`; the first one is made now if there is none.
pub(super) fn of(node: &Node, source: &Source) -> Result<SigningKeys> {
    let current = match read(node, source, KeyPlace::Current)? {
        Some((key, _)) => key,
        None => make(node, source, KeyPlace::Current)?.0,
    };
    Ok(SigningKeys { current, next: read(node, source, KeyPlace::Next)? })
}

/// A new key in a place that is free; the one that is there, if it is not.
pub(super) fn make(node: &Node, source: &Source, place: KeyPlace) -> Result<(SigningKey, Time)> {
    let key = std::iter::repeat_with(|| {
        let mut bytes = [0; 32];
        node.random().fill(&mut bytes);
        SigningKey::from_random(bytes)
    });
    let key = key.flatten().next().expect("all but a few random numbers are keys");
    let sealed = node.secrets.seal(&purpose(source), key.to_pem().as_bytes(), node.random());
    let (own, name) = (node.clone(), source.to_string());
    node.db.write_now(move |tx| publication::add_key(tx, &name, place, &sealed, own.now()))?;
    // Another process may have been faster: its key counts.
    read(node, source, place)?
        .ok_or_else(|| kit::Error::Corrupt(format!("the signing key of {source} is gone")))
}

fn read(node: &Node, source: &Source, place: KeyPlace) -> Result<Option<(SigningKey, Time)>> {
    let name = source.to_string();
    let Some((sealed, since)) = node.db.read_now(move |c| publication::key(c, &name, place))? else {
        return Ok(None);
    };
    let pem = node.secrets.open(&purpose(source), &sealed)?;
    let key = SigningKey::from_pem(&String::from_utf8_lossy(&pem)).map_err(|error| refused(&error))?;
    Ok(Some((key, since)))
}

fn purpose(source: &Source) -> String {
    format!("nrtm-signing-key:{source}")
}
