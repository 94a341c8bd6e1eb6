//! Opening an OpenPGP message: encryption, compression and signatures, layer by layer and with limits.
//!
//! Done on packets and not with the library's message reader, which hashes the data once per announced signature, of
//! which a message may announce any number, and gives no verdict per signature.

use std::io::Read;

use pgp::{
    composed::PlainSessionKey,
    packet::{
        CompressedData, LiteralData, Packet, PublicKeyEncryptedSessionKey, Signature,
        SymEncryptedProtectedData, SymEncryptedProtectedDataConfig,
    },
    types::Seipdv1ReadMode,
};

use super::{PublicKey, SecretKey, Verdict, armor, check::check, limits, packets, words};

/// What a message held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decrypted {
    /// The content.
    pub bytes: Vec<u8>,
    /// One verdict per signature on it; empty when it is not signed.
    pub signatures: Vec<Verdict>,
    /// Key ids (upper-case hex) of those who can read it too; `0000000000000000` for each hidden one.
    pub recipients: Vec<String>,
    /// How it was protected against reading and altering.
    pub protection: Protection,
}

/// How a message was protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not encrypted: signed, compressed or neither.
    None,
    /// Encrypted, and its modification detection code is right (SEIPD v1).
    ModificationDetected,
    /// Encrypted and authenticated (AEAD, SEIPD v2).
    Authenticated,
}

/// Why a message stays closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Encrypted to keys that we do not have.
    #[error("encrypted, but not for a key of ours; its keys: {}", .0.join(", "))]
    NotForUs(
        /// Key ids, upper-case hex.
        Vec<String>,
    ),
    /// Encrypted to a password.
    #[error("encrypted with a password, which nobody here knows")]
    Password,
    /// Encrypted in the old way that anybody could alter unseen.
    #[error(
        "encrypted without protection against alteration; not opened, because it could be forged (EFAIL)"
    )]
    NoIntegrity,
    /// Encrypted for us, but damaged or altered on the way.
    #[error("encrypted for us, but altered or damaged on the way")]
    Altered,
    /// More than we are ready to unpack.
    #[error("not opened: it holds {0}")]
    TooMuch(String),
    /// Not an OpenPGP message, or a damaged one.
    #[error("not a readable OpenPGP message: {0}")]
    Malformed(String),
}

/// Opens `message` (armoured or binary; encrypted, signed or both) with our keys in `secrets`, and judges the
/// signatures in it against `candidates` as read at `at`, Unix seconds.
///
/// Limits: [`limits::MESSAGE_BYTES`], [`limits::DECOMPRESSED_BYTES`], [`limits::DEPTH`], [`limits::SIGNATURES`],
/// [`limits::SESSION_KEY_TRIALS`].
///
/// # Errors
/// [`OpenError`], in words for the handler.
pub fn decrypt(
    message: &[u8],
    secrets: &[SecretKey],
    candidates: &[PublicKey],
    at: i64,
) -> Result<Decrypted, OpenError> {
    let bounds = Bounds { message: limits::MESSAGE_BYTES, unpacked: limits::DECOMPRESSED_BYTES };
    decrypt_within(message, secrets, candidates, at, bounds)
}

/// How much [`decrypt_within`] is ready to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of the message as it arrives.
    pub message: usize,
    /// Bytes of all that comes out of its compressed layers.
    pub unpacked: u64,
}

/// As [`decrypt`], for a file that somebody named on purpose: `bounds` stand instead of those for mail.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_within(
    message: &[u8],
    secrets: &[SecretKey],
    candidates: &[PublicKey],
    at: i64,
    bounds: Bounds,
) -> Result<Decrypted, OpenError> {
    let bytes = armor::open(message, bounds.message, 1).map_err(OpenError::Malformed)?;
    let mut opening = Opening {
        bounds,
        secrets,
        recipients: Vec::new(),
        protection: Protection::None,
        signatures: Vec::new(),
        left: bounds.unpacked,
    };
    let content = opening.layers(bytes)?;
    let bytes = content.into_bytes().to_vec();
    let signatures = opening.signatures.iter().map(|s| check(s, &[&bytes], candidates, at)).collect();
    Ok(Decrypted { bytes, signatures, recipients: opening.recipients, protection: opening.protection })
}

struct Opening<'a> {
    bounds: Bounds,
    secrets: &'a [SecretKey],
    recipients: Vec<String>,
    protection: Protection,
    signatures: Vec<Signature>,
    /// Bytes that may still come out of compressed layers.
    left: u64,
}

/// What a layer is wrapped around.
enum Core {
    Encrypted(SymEncryptedProtectedData),
    Compressed(CompressedData),
    Literal(LiteralData),
}

impl Opening<'_> {
    fn layers(&mut self, mut bytes: Vec<u8>) -> Result<LiteralData, OpenError> {
        for _ in 0..limits::DEPTH {
            let (wrapped, core) = self.layer(&bytes)?;
            bytes = match core {
                Core::Literal(literal) => return Ok(literal),
                Core::Compressed(compressed) => self.decompress(&compressed)?,
                // What is signed outside an encryption is the ciphertext, which says nothing about the content
                Core::Encrypted(data) if self.signatures.is_empty() => self.decrypt(&wrapped, &data)?,
                Core::Encrypted(_) => {
                    return Err(OpenError::Malformed("a signature stands outside the encryption".into()));
                }
            };
        }
        Err(OpenError::TooMuch(format!("more than {} layers inside each other", limits::DEPTH)))
    }

    /// Takes one layer apart. The grammar (RFC 4880 11.3) knows exactly one core per layer; anything beside it could be
    /// shown as if it were signed.
    fn layer(&mut self, bytes: &[u8]) -> Result<(Vec<PublicKeyEncryptedSessionKey>, Core), OpenError> {
        let malformed = |why: &str| OpenError::Malformed(why.into());
        let mut wrapped = Vec::new();
        let mut by_password = false;
        let mut core = None;
        for packet in packets::parse(bytes).map_err(|why| self.unreadable(why))? {
            let found = match packet {
                Packet::PublicKeyEncryptedSessionKey(packet) => {
                    wrapped.push(packet);
                    continue;
                }
                Packet::SymKeyEncryptedSessionKey(_) => {
                    by_password = true;
                    continue;
                }
                Packet::Signature(signature) => {
                    if self.signatures.len() == limits::SIGNATURES {
                        return Err(OpenError::TooMuch(format!(
                            "more than {} signatures",
                            limits::SIGNATURES
                        )));
                    }
                    self.signatures.push(signature);
                    continue;
                }
                Packet::OnePassSignature(_) => continue, // announces what the signature itself says
                Packet::SymEncryptedProtectedData(data) => Core::Encrypted(data),
                Packet::CompressedData(data) => Core::Compressed(data),
                Packet::LiteralData(data) => Core::Literal(data),
                Packet::SymEncryptedData(_) => return Err(OpenError::NoIntegrity),
                Packet::GnupgAeadData(_) => return Err(malformed("it is in a format of GnuPG's own, OCB")),
                _ => return Err(malformed("a packet stands in it that does not belong into a message")),
            };
            if core.replace(found).is_some() {
                return Err(malformed("two messages stand in it"));
            }
        }
        let core = core.ok_or_else(|| malformed("there is no content in it"))?;
        if by_password && wrapped.is_empty() {
            return Err(OpenError::Password);
        }
        Ok((wrapped, core))
    }

    fn decrypt(
        &mut self,
        wrapped: &[PublicKeyEncryptedSessionKey],
        data: &SymEncryptedProtectedData,
    ) -> Result<Vec<u8>, OpenError> {
        let recipients: Vec<_> = wrapped.iter().map(recipient).collect();
        let mut trials = limits::SESSION_KEY_TRIALS;
        let mut is_ours = false;
        let mut plain = None;
        for (packet, secret) in
            wrapped.iter().flat_map(|packet| self.secrets.iter().map(move |key| (packet, key)))
        {
            let matches = secret.matches(packet);
            if matches == 0 || plain.is_some() {
                continue;
            }
            if trials < matches {
                return Err(OpenError::TooMuch(format!(
                    "more than {} hidden recipients",
                    limits::SESSION_KEY_TRIALS
                )));
            }
            trials -= matches;
            is_ours |= !is_hidden(packet);
            plain =
                secret.unwrap(packet).and_then(|session_key| open(data, &session_key, self.bounds.message));
        }
        if self.recipients.is_empty() {
            self.recipients.clone_from(&recipients);
        }
        self.protection = match data.config() {
            SymEncryptedProtectedDataConfig::V1 => Protection::ModificationDetected,
            SymEncryptedProtectedDataConfig::V2 { .. } => Protection::Authenticated,
        };
        plain.ok_or(if is_ours { OpenError::Altered } else { OpenError::NotForUs(recipients) })
    }

    fn decompress(&mut self, data: &CompressedData) -> Result<Vec<u8>, OpenError> {
        let reader = data.decompress().map_err(|why| self.unreadable(why.to_string()))?;
        let mut plain = Vec::new();
        let taken = reader.take(self.left + 1).read_to_end(&mut plain);
        taken.map_err(|why| self.unreadable(why.to_string()))?;
        self.left = self.left.checked_sub(plain.len() as u64).ok_or_else(|| {
            OpenError::TooMuch(format!("more than {} MiB when it is unpacked", self.bounds.unpacked >> 20))
        })?;
        Ok(plain)
    }

    fn unreadable(&self, why: String) -> OpenError {
        // A sender who can alter an encrypted mail must not learn from our words what became of it
        if self.protection == Protection::None { OpenError::Malformed(why) } else { OpenError::Altered }
    }
}

/// The content, when the session key fits and nothing was altered.
fn open(data: &SymEncryptedProtectedData, session_key: &PlainSessionKey, most: usize) -> Option<Vec<u8>> {
    let first = Seipdv1ReadMode::CheckFirst { max_message_size: most };
    match (data.config(), session_key) {
        (SymEncryptedProtectedDataConfig::V1, PlainSessionKey::V3_4 { sym_alg, key }) => {
            data.decrypt(key.as_ref(), Some(*sym_alg), first).ok()
        }
        (SymEncryptedProtectedDataConfig::V2 { .. }, PlainSessionKey::V6 { key }) => {
            data.decrypt(key.as_ref(), None, first).ok()
        }
        _ => None,
    }
}

fn recipient(packet: &PublicKeyEncryptedSessionKey) -> String {
    match (packet.id(), packet.fingerprint()) {
        (Ok(id), _) => words::key_id(id),
        (_, Ok(Some(fingerprint))) => words::fingerprint(fingerprint),
        _ => "0000000000000000".into(),
    }
}

fn is_hidden(packet: &PublicKeyEncryptedSessionKey) -> bool {
    recipient(packet).bytes().all(|digit| digit == b'0')
}
