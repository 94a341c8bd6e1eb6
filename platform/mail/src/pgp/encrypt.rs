//! Encrypting what we send: with integrity (SEIPD v1, AES-256), which GnuPG 2.2 and everything newer reads.

use pgp::{
    armor::BlockType,
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    errors::Result,
    packet::{LiteralData, OnePassSignature, Packet, PacketHeader, Signature, SymEncryptedProtectedData},
    ser::Serialize,
    types::Tag,
};
use rand::rngs::StdRng;

use super::{
    PublicKey, SecretKey, Seed, SignError, SignatureMode, Validity, armor, public::Part, validity::Purpose,
};

const CIPHER: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;

/// Why nothing was encrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The list of recipients is empty.
    #[error("not encrypted: there is no recipient")]
    NoRecipient,
    /// A recipient's key cannot be used at that time.
    #[error("not encrypted: key {fingerprint} ({user_id}) {why}")]
    Recipient {
        /// Upper-case hex.
        fingerprint: String,
        /// Main user id.
        user_id: String,
        /// What is wrong with it.
        why: Validity,
    },
    /// Our own key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The library refused; in its words.
    #[error("encryption failed: {0}")]
    Failed(String),
}

/// Encrypts `data` to all `recipients`, whose keys must be valid at `at`, Unix seconds. The armoured message names
/// them by key id. Add our own key if we want to read it again.
///
/// # Errors
/// [`EncryptError`], which names the key and the date when a recipient's key is expired, revoked or too weak.
pub fn encrypt(
    recipients: &[&PublicKey],
    data: &[u8],
    at: i64,
    seed: Seed,
) -> std::result::Result<String, EncryptError> {
    seal(recipients, &[], data, at, seed)
}

/// As [`encrypt`], with a signature by `signer` inside, over the bytes as they are (RFC 3156 section 6.2).
///
/// # Errors
/// As [`encrypt`], and when `signer` cannot sign at `at`.
pub fn encrypt_and_sign(
    recipients: &[&PublicKey],
    signer: &SecretKey,
    data: &[u8],
    at: i64,
    seed: Seed,
) -> std::result::Result<String, EncryptError> {
    let signature = signer.signature(data, SignatureMode::Binary, at)?;
    seal(recipients, &[signature], data, at, seed)
}

fn seal(
    recipients: &[&PublicKey],
    signatures: &[Signature],
    data: &[u8],
    at: i64,
    seed: Seed,
) -> std::result::Result<String, EncryptError> {
    if recipients.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    let parts = recipients.iter().map(|key| match key.history().best(Purpose::Encrypt, at) {
        Ok((component, _)) => Ok(key.part(component)),
        Err(why) => Err(EncryptError::Recipient {
            fingerprint: key.fingerprint(),
            user_id: key.user_ids().into_iter().next().unwrap_or_default(),
            why,
        }),
    });
    let parts = parts.collect::<std::result::Result<Vec<_>, _>>()?;
    let sealed =
        plaintext(signatures, data).and_then(|plain| encrypted(&parts, &plain, &mut seed.into_rng()));
    let sealed = sealed.map_err(|why| EncryptError::Failed(why.to_string()))?;
    Ok(armor::close(&sealed, BlockType::Message))
}

/// The packets inside: announcements of the signatures, the data, the signatures (RFC 4880 section 11.3).
fn plaintext(signatures: &[Signature], data: &[u8]) -> Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(data.len() + 1_000);
    for signature in signatures {
        let (Some(kind), Some(config)) = (signature.typ(), signature.config()) else { continue };
        let Some(issuer) = config.issuer_key_id().first().copied().copied() else { continue };
        let announcement = OnePassSignature::v3(kind, HashAlgorithm::Sha512, config.pub_alg, issuer);
        Packet::OnePassSignature(announcement).to_writer(&mut plain)?;
    }
    Packet::LiteralData(literal(data)?).to_writer(&mut plain)?;
    for signature in signatures {
        Packet::Signature(signature.clone()).to_writer(&mut plain)?;
    }
    Ok(plain)
}

/// Binary data without a name and without a date: the library would put the system clock there.
fn literal(data: &[u8]) -> Result<LiteralData> {
    let body = [b"b\0\0\0\0\0", data].concat();
    let header = PacketHeader::new_fixed(Tag::LiteralData, u32::try_from(body.len())?);
    LiteralData::try_from_reader(header, &body[..])
}

fn encrypted(recipients: &[Part<'_>], plain: &[u8], rng: &mut StdRng) -> Result<Vec<u8>> {
    let session_key = CIPHER.new_session_key(&mut *rng);
    let mut out = Vec::with_capacity(plain.len() + 600 * recipients.len() + 100);
    for recipient in recipients {
        let wrapped = recipient.wrap(&session_key, CIPHER, rng)?;
        Packet::PublicKeyEncryptedSessionKey(wrapped).to_writer(&mut out)?;
    }
    let data = SymEncryptedProtectedData::encrypt_seipdv1(rng, CIPHER, session_key.as_ref(), plain)?;
    Packet::SymEncryptedProtectedData(data).to_writer(&mut out)?;
    Ok(out)
}
