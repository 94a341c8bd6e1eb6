//! Our own keys.

use std::fmt;

use pgp::{
    armor::BlockType,
    composed::{PublicOrSecret, SignedSecretKey},
    packet::{PublicKeyEncryptedSessionKey, SignatureConfig},
    ser::Serialize,
    types::{DecryptionKey, EskType, KeyDetails, Password, PkeskVersion, SigningKey},
};

use super::{
    KeyError, KeyParams, PublicKey, Seed, armor, generate,
    public::{self, Part},
};

/// A secret key, open in memory. Its export is not protected by a passphrase either: whoever stores it seals it.
#[derive(Clone)]
pub struct SecretKey {
    key: SignedSecretKey,
    public: PublicKey,
}

impl SecretKey {
    /// Makes a new key pair: v4, Ed25519 and Curve25519, readable by GnuPG 2.2. `seed` is its whole secret.
    ///
    /// # Errors
    /// [`KeyError::NotMade`], in words.
    pub fn generate(params: &KeyParams, seed: Seed) -> Result<SecretKey, KeyError> {
        if params.user_id.trim().is_empty() || params.user_id.chars().any(char::is_control) {
            return Err(KeyError::NotMade("it needs a user id, on one line".into()));
        }
        let key = generate::generate(params, &mut seed.into_rng())
            .map_err(|why| KeyError::NotMade(why.to_string()))?;
        SecretKey::from_rpgp(key).map_err(KeyError::NotMade)
    }

    /// The first secret key in `bytes`, armoured or binary, opened with `passphrase` when it is protected. Parts that
    /// are missing (a main key kept offline, `gpg --export-secret-subkeys`) or have another passphrase stay unusable.
    ///
    /// # Errors
    /// [`KeyError`] when there is none, or no part of it opens.
    pub fn parse(bytes: &[u8], passphrase: Option<&str>) -> Result<SecretKey, KeyError> {
        let keys = public::read(bytes)?;
        let secret = keys.filter_map(Result::ok).find_map(|key| match key {
            PublicOrSecret::Secret(key) => Some(key),
            PublicOrSecret::Public(_) => None,
        });
        let mut key = secret.ok_or(KeyError::Missing("secret key"))?;
        let passphrase = Password::from(passphrase.unwrap_or_default());
        if key.primary_key.secret_params().is_encrypted() {
            let _ = key.primary_key.remove_password(&passphrase); // what stays locked is looked at below
        }
        for subkey in &mut key.secret_subkeys {
            if subkey.key.secret_params().is_encrypted() {
                let _ = subkey.key.remove_password(&passphrase); // likewise
            }
        }
        let locked_subkey = |s: &pgp::composed::SignedSecretSubKey| s.key.secret_params().is_encrypted();
        if key.primary_key.secret_params().is_encrypted() && key.secret_subkeys.iter().all(locked_subkey) {
            return Err(KeyError::Passphrase);
        }
        SecretKey::from_rpgp(key).map_err(KeyError::Unreadable)
    }

    fn from_rpgp(key: SignedSecretKey) -> Result<SecretKey, String> {
        let public = PublicKey::from_rpgp(key.to_public_key())?;
        Ok(SecretKey { key, public })
    }

    /// What others may have.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public key with its withdrawal: the owner says at `at`, Unix seconds, that it is not to be used any more,
    /// because its secret is in other hands; `reason` says how.
    ///
    /// # Errors
    /// [`KeyError::NotMade`], in words.
    pub fn revoked(&self, at: i64, reason: &str) -> Result<PublicKey, KeyError> {
        let withdrawal = generate::revocation(&self.key.primary_key, at, reason)
            .map_err(|why| KeyError::NotMade(why.to_string()))?;
        let mut key = self.key.to_public_key();
        key.details.revocation_signatures.push(withdrawal);
        PublicKey::from_rpgp(key).map_err(KeyError::NotMade)
    }

    /// The secret key in ASCII armour, not protected by a passphrase: seal it before it is stored.
    pub fn to_armored(&self) -> String {
        armor::close(&self.to_bytes(), BlockType::PrivateKey)
    }

    /// The secret key in binary, not protected by a passphrase: seal it before it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.key.to_bytes().expect("writing into memory does not fail")
    }

    /// Signs `data` as `config` says with the secret half of `part`; none when that half is not here.
    pub(super) fn sign_with(
        &self,
        part: Part<'_>,
        config: SignatureConfig,
        data: &[u8],
    ) -> Option<pgp::errors::Result<pgp::packet::Signature>> {
        fn sign(
            key: &impl SigningKey,
            config: SignatureConfig,
            data: &[u8],
        ) -> pgp::errors::Result<pgp::packet::Signature> {
            config.sign(key, &Password::empty(), data)
        }
        let fingerprint = part.fingerprint();
        if let Part::Primary(_) = part {
            let open = !self.key.primary_key.secret_params().is_encrypted();
            return open.then(|| sign(&self.key.primary_key, config, data));
        }
        let open = self.key.secret_subkeys.iter().filter(|s| !s.key.secret_params().is_encrypted());
        let subkey = open.map(|s| &s.key).find(|s| s.public_key().fingerprint() == fingerprint)?;
        Some(sign(subkey, config, data))
    }

    /// How many parts of this key the session key may be meant for.
    pub(super) fn matches(&self, wrapped: &PublicKeyEncryptedSessionKey) -> usize {
        let subkeys = self.key.secret_subkeys.iter().filter(|s| wrapped.match_identity(s.key.public_key()));
        usize::from(wrapped.match_identity(self.key.primary_key.public_key())) + subkeys.count()
    }

    /// The session key in `wrapped`, when a part of this key opens it.
    pub(super) fn unwrap(
        &self,
        wrapped: &PublicKeyEncryptedSessionKey,
    ) -> Option<pgp::composed::PlainSessionKey> {
        let kind = match wrapped.version() {
            PkeskVersion::V3 => EskType::V3_4,
            PkeskVersion::V6 => EskType::V6,
            PkeskVersion::Other(_) => return None,
        };
        let values = wrapped.values().ok()?;
        let open = |key: &dyn DecryptionKey| key.decrypt(&Password::empty(), values, kind).ok()?.ok();
        let primary = &self.key.primary_key;
        let by_primary = wrapped.match_identity(primary.public_key()).then(|| open(primary)).flatten();
        by_primary.or_else(|| {
            let subkeys = self.key.secret_subkeys.iter().map(|s| &s.key);
            subkeys.filter(|s| wrapped.match_identity(s.public_key())).find_map(|s| open(s))
        })
    }
}

impl fmt::Debug for SecretKey {
    /// Never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public.fingerprint())
    }
}
