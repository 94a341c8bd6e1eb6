//! Public keys as teams publish and mail them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use pgp::{
    armor::BlockType,
    composed::{PublicOrSecret, SignedPublicKey},
    packet::Signature,
    ser::Serialize,
    types::{EncryptionKey, Fingerprint, KeyDetails, KeyId, VerifyingKey},
};

use super::{
    armor,
    history::{Component, History},
    limits,
    validity::{Purpose, Validity},
    words,
};

/// An OpenPGP public key (RFC 4880 section 11.1) with all its user ids, subkeys and signatures.
///
/// Reading one is cheap. Its self-signatures are checked at the first question that needs them, and the result is
/// kept, so that a key in memory is judged for a thousand mails at the price of one. A clone shares it.
#[derive(Clone)]
pub struct PublicKey(Arc<Inner>);

struct Inner {
    key: SignedPublicKey,
    /// Of the main key, then of the subkeys; the library hashes the key packet each time it is asked.
    ids: Vec<(Fingerprint, KeyId)>,
    history: OnceLock<History>,
}

/// What a file of keys held.
#[derive(Debug)]
pub struct Parsed {
    /// The readable keys, in the order of the file.
    pub keys: Vec<PublicKey>,
    /// In words, what was left out and why.
    pub left_out: Vec<String>,
}

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not OpenPGP, damaged, or beyond a limit; the text says which.
    #[error("no key could be read: {0}")]
    Unreadable(String),
    /// OpenPGP data without the kind of key that was asked for.
    #[error("there is no {0} in it")]
    Missing(&'static str),
    /// A secret key protected by a passphrase that was not given, or a wrong one.
    #[error("the secret key is protected, and the passphrase does not open it")]
    Passphrase,
    /// The library could not make a key with these parameters.
    #[error("the key could not be made: {0}")]
    NotMade(String),
}

impl PublicKey {
    /// All public keys in `bytes`, armoured (any text around the blocks) or binary; of a secret key, its public half.
    /// Limits: [`limits::KEY_FILE_BYTES`], [`limits::KEYS_PER_FILE`], [`limits::SELF_SIGNATURES`].
    ///
    /// # Errors
    /// [`KeyError`] when not a single key is readable.
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<PublicKey>, KeyError> {
        Ok(Self::parse_file(bytes)?.keys)
    }

    /// As [`PublicKey::parse_all`], and says what else was in the file.
    ///
    /// # Errors
    /// [`KeyError`] when not a single key is readable.
    pub fn parse_file(bytes: &[u8]) -> Result<Parsed, KeyError> {
        let mut parsed = Parsed { keys: Vec::new(), left_out: Vec::new() };
        for key in read(bytes)? {
            if parsed.keys.len() == limits::KEYS_PER_FILE {
                parsed.left_out.push(format!("all after the first {} keys", limits::KEYS_PER_FILE));
                break;
            }
            let public = match key {
                Ok(PublicOrSecret::Public(key)) => PublicKey::from_rpgp(key),
                Ok(PublicOrSecret::Secret(key)) => PublicKey::from_rpgp(key.into()),
                Err(why) => Err(why),
            };
            match public {
                Ok(key) => parsed.keys.push(key),
                // Bounded, because a file can be damaged in a million places
                Err(why) if parsed.left_out.len() < 20 => parsed.left_out.push(why),
                Err(_) => break,
            }
        }
        match (parsed.keys.is_empty(), parsed.left_out.first()) {
            (false, _) => Ok(parsed),
            (true, Some(why)) => Err(KeyError::Unreadable(why.clone())),
            (true, None) => Err(KeyError::Missing("public key")),
        }
    }

    pub(super) fn from_rpgp(key: SignedPublicKey) -> Result<PublicKey, String> {
        let subkeys = key.public_subkeys.iter().map(|s| (s.key.fingerprint(), s.key.legacy_key_id()));
        let primary = (key.primary_key.fingerprint(), key.primary_key.legacy_key_id());
        let ids = std::iter::once(primary).chain(subkeys).collect();
        let public = PublicKey(Arc::new(Inner { key, ids, history: OnceLock::new() }));
        match public.self_signatures() > limits::SELF_SIGNATURES {
            true => Err(format!(
                "key {} claims more than {} signatures over itself",
                public.fingerprint(),
                limits::SELF_SIGNATURES
            )),
            false => Ok(public),
        }
    }

    /// Fingerprint in upper-case hex: 40 digits (v4) or 64 (v6).
    pub fn fingerprint(&self) -> String {
        words::fingerprint(&self.0.ids[0].0)
    }

    /// Key id in upper-case hex, 16 digits. Two keys can be made to share one; the fingerprint is the name.
    pub fn key_id(&self) -> String {
        words::key_id(&self.0.ids[0].1)
    }

    /// True when `id` (hex, any case, blanks and `0x` allowed, at least 16 digits) is the fingerprint or key id of this
    /// key or of one of its subkeys.
    pub fn has_id(&self, id: &str) -> bool {
        let id: String = id.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let id = id.strip_prefix("0X").unwrap_or(&id);
        self.0
            .ids
            .iter()
            .any(|(fingerprint, key_id)| words::fingerprint(fingerprint) == id || words::key_id(key_id) == id)
    }

    /// The user ids that the key itself certifies and has not revoked, the main one first. An id that somebody else
    /// added to the key is not among them.
    pub fn user_ids(&self) -> Vec<String> {
        self.history().user_ids().into_iter().map(str::to_owned).collect()
    }

    /// The mail addresses in [`PublicKey::user_ids`], lower-case, the main one first, each once.
    pub fn emails(&self) -> Vec<String> {
        let mut emails = Vec::new();
        for address in self.history().user_ids().into_iter().filter_map(words::address) {
            if !emails.contains(&address) {
                emails.push(address);
            }
        }
        emails
    }

    /// When the key was made, Unix seconds.
    pub fn created(&self) -> i64 {
        words::seconds(self.0.key.primary_key.created_at())
    }

    /// When the key expires, Unix seconds, by the last word of its owner; none when it does not, or has no valid
    /// self-signature.
    pub fn expires(&self) -> Option<i64> {
        match self.validity(i64::MAX) {
            Validity::Expired { on } => Some(on),
            _ => None,
        }
    }

    /// May the key as a whole be used at `at`, Unix seconds?
    pub fn validity(&self, at: i64) -> Validity {
        self.history().validity(at)
    }

    /// May a signature of this key made at `at` be believed? Takes its signing subkeys into account.
    pub fn can_sign(&self, at: i64) -> Validity {
        self.capability(Purpose::Sign, at)
    }

    /// May one encrypt to this key at `at`? When a rotated subkey has run out while the key is in order, it says so.
    pub fn can_encrypt(&self, at: i64) -> Validity {
        self.capability(Purpose::Encrypt, at)
    }

    /// The key in OpenPGP's binary form, as read.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.key.to_bytes().expect("writing into memory does not fail")
    }

    /// The key in ASCII armour, lines ending with LF.
    pub fn to_armored(&self) -> String {
        armor::close(&self.to_bytes(), BlockType::PublicKey)
    }

    fn capability(&self, purpose: Purpose, at: i64) -> Validity {
        match self.history().best(purpose, at) {
            Ok((_, until)) => Validity::Valid { until },
            Err(why) => why,
        }
    }

    pub(super) fn history(&self) -> &History {
        self.0.history.get_or_init(|| History::of(&self.0.key))
    }

    /// As the library has it.
    pub(super) fn rpgp(&self) -> &SignedPublicKey {
        &self.0.key
    }

    /// Fingerprint and key id of the main key, then of the subkeys.
    pub(super) fn ids(&self) -> &[(Fingerprint, KeyId)] {
        &self.0.ids
    }

    /// The main key and the subkeys, each with its ids and with what is known about it.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&(Fingerprint, KeyId), &Component)> {
        let history = self.history();
        self.0.ids.iter().zip(std::iter::once(&history.primary).chain(&history.subkeys))
    }

    pub(super) fn part(&self, component: &Component) -> Part<'_> {
        match component.subkey {
            None => Part::Primary(&self.0.key.primary_key),
            Some(at) => Part::Subkey(&self.0.key.public_subkeys[at].key),
        }
    }

    fn self_signatures(&self) -> usize {
        let key = &self.0.key;
        let id = key.primary_key.legacy_key_id();
        let details = &key.details;
        let claims = |s: &&Signature| {
            let issuers = s.issuer_key_id();
            issuers.is_empty() || issuers.contains(&&id)
        };
        let all = details.revocation_signatures.iter().chain(&details.direct_signatures);
        let all = all.chain(details.users.iter().flat_map(|user| &user.signatures));
        let all = all.chain(details.user_attributes.iter().flat_map(|attribute| &attribute.signatures));
        all.chain(key.public_subkeys.iter().flat_map(|subkey| &subkey.signatures)).filter(claims).count()
    }
}

impl PartialEq for PublicKey {
    /// The same packets; two states of one key differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// One key packet, for cryptography.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Primary(&'a pgp::packet::PublicKey),
    Subkey(&'a pgp::packet::PublicSubkey),
}

impl Part<'_> {
    pub(super) fn fingerprint(&self) -> pgp::types::Fingerprint {
        match self {
            Part::Primary(key) => key.fingerprint(),
            Part::Subkey(key) => key.fingerprint(),
        }
    }

    pub(super) fn key_id(&self) -> pgp::types::KeyId {
        match self {
            Part::Primary(key) => key.legacy_key_id(),
            Part::Subkey(key) => key.legacy_key_id(),
        }
    }

    /// Is `signature` over `data` by this key, mathematically?
    pub(super) fn verifies(&self, signature: &Signature, data: &[u8]) -> bool {
        fn check(key: &impl VerifyingKey, signature: &Signature, data: &[u8]) -> bool {
            signature.verify(key, data).is_ok()
        }
        match self {
            Part::Primary(key) => check(key, signature, data),
            Part::Subkey(key) => check(key, signature, data),
        }
    }

    /// A session key packet (RFC 4880 5.1) for this key.
    pub(super) fn wrap(
        &self,
        session_key: &pgp::composed::RawSessionKey,
        cipher: pgp::crypto::sym::SymmetricKeyAlgorithm,
        rng: &mut rand::rngs::StdRng,
    ) -> pgp::errors::Result<pgp::packet::PublicKeyEncryptedSessionKey> {
        fn wrap<K: EncryptionKey>(
            key: &K,
            session_key: &pgp::composed::RawSessionKey,
            cipher: pgp::crypto::sym::SymmetricKeyAlgorithm,
            rng: &mut rand::rngs::StdRng,
        ) -> pgp::errors::Result<pgp::packet::PublicKeyEncryptedSessionKey> {
            pgp::packet::PublicKeyEncryptedSessionKey::from_session_key_v3(rng, session_key, cipher, key)
        }
        match self {
            Part::Primary(key) => wrap(*key, session_key, cipher, rng),
            Part::Subkey(key) => wrap(*key, session_key, cipher, rng),
        }
    }
}

/// The keys in `bytes`, one after the other, as the library reads them.
pub(super) fn read(bytes: &[u8]) -> Result<impl Iterator<Item = Result<PublicOrSecret, String>>, KeyError> {
    let packets =
        armor::open(bytes, limits::KEY_FILE_BYTES, limits::KEYS_PER_FILE).map_err(KeyError::Unreadable)?;
    let keys = PublicOrSecret::from_bytes_many(std::io::Cursor::new(packets));
    let keys = keys.map_err(|why| KeyError::Unreadable(why.to_string()))?;
    Ok(keys.map(|key| key.map_err(|why| format!("a key packet is damaged: {why}"))))
}
