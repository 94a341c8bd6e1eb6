//! Two copies of one key brought together.

use std::collections::HashSet;

use pgp::{packet::Signature, ser::Serialize, types::KeyDetails};

use super::{KeyError, PublicKey};

impl PublicKey {
    /// This key with all user ids, subkeys and signatures of `other`, another copy of it. What a key has said of itself it
    /// has said: a revocation that stands in one of the two copies stands in the result, whichever is newer.
    ///
    /// # Errors
    /// [`KeyError`] when they are not the same key, or have more self-signatures together than
    /// [`super::limits::SELF_SIGNATURES`].
    pub fn merged(&self, other: &Self) -> Result<Self, KeyError> {
        if self.fingerprint() != other.fingerprint() {
            let why = format!("{} is another key than {}", other.fingerprint(), self.fingerprint());
            return Err(KeyError::Unreadable(why));
        }
        let (mut key, more) = (self.rpgp().clone(), other.rpgp());
        let (details, more_details) = (&mut key.details, &more.details);
        add(&mut details.revocation_signatures, &more_details.revocation_signatures);
        add(&mut details.direct_signatures, &more_details.direct_signatures);
        for user in &more_details.users {
            match details.users.iter_mut().find(|known| known.id.id() == user.id.id()) {
                Some(known) => add(&mut known.signatures, &user.signatures),
                None => details.users.push(user.clone()),
            }
        }
        for attribute in &more_details.user_attributes {
            match details.user_attributes.iter_mut().find(|known| known.attr == attribute.attr) {
                Some(known) => add(&mut known.signatures, &attribute.signatures),
                None => details.user_attributes.push(attribute.clone()),
            }
        }
        for subkey in &more.public_subkeys {
            let fingerprint = subkey.key.fingerprint();
            match key.public_subkeys.iter_mut().find(|known| known.key.fingerprint() == fingerprint) {
                Some(known) => add(&mut known.signatures, &subkey.signatures),
                None => key.public_subkeys.push(subkey.clone()),
            }
        }
        Self::from_rpgp(key).map_err(KeyError::Unreadable)
    }
}

/// Adds those of `more` that are not there, told apart by their bytes.
fn add(all: &mut Vec<Signature>, more: &[Signature]) {
    let bytes = |signature: &Signature| signature.to_bytes().unwrap_or_default();
    let mut known: HashSet<Vec<u8>> = all.iter().map(bytes).collect();
    all.extend(more.iter().filter(|signature| known.insert(bytes(signature))).cloned());
}
