//! A new key pair for a team: v4, Ed25519 to sign and certify, Curve25519 to decrypt, as GnuPG 2.2 makes and reads them.

use pgp::{
    composed::{KeyType, SignedKeyDetails, SignedSecretKey, SignedSecretSubKey},
    crypto::{ecc_curve::ECCCurve, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    errors::Result,
    packet::{
        Features, KeyFlags, PubKeyInner, PublicKey, PublicSubkey, RevocationCode, SecretKey, SecretSubkey,
        Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId,
    },
    types::{
        CompressionAlgorithm, Duration, KeyDetails, KeyVersion, PacketHeaderVersion, Password, Tag, Timestamp,
    },
};
use rand::rngs::StdRng;

use super::words;

/// What a new key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyParams {
    /// `Name <address>`, as it is shown to others.
    pub user_id: String,
    /// Unix seconds; from then on it is valid.
    pub created: i64,
    /// Unix seconds of its end, after `created`; none for a key that does not expire.
    pub expires: Option<i64>,
}

// The library's own builder takes the time of its signatures from the system clock and cannot let a key expire;
// so the self-signatures are put together here.
pub(super) fn generate(params: &KeyParams, rng: &mut StdRng) -> Result<SignedSecretKey> {
    let created = words::timestamp(params.created);
    let lifetime = params.expires.map(|end| Duration::from_secs(lifetime(params.created, end)));

    let (public, secret) = KeyType::Ed25519Legacy.generate(&mut *rng)?;
    let public = PubKeyInner::new(KeyVersion::V4, KeyType::Ed25519Legacy.to_alg(), created, None, public)?;
    let public = PublicKey::from_inner(public)?;
    let primary = SecretKey::new(public.clone(), secret)?;

    let id = UserId::from_str(PacketHeaderVersion::New, &params.user_id)?;
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut statement = statement(&primary, SignatureType::CertPositive, created, flags, lifetime)?;
    statement.hashed_subpackets.extend(preferences()?);
    let certification =
        statement.sign_certification(&primary, &public, &Password::empty(), Tag::UserId, &id)?;

    let encryption = KeyType::ECDH(ECCCurve::Curve25519Legacy);
    let (sub_public, sub_secret) = encryption.generate(&mut *rng)?;
    let sub_public = PubKeyInner::new(KeyVersion::V4, encryption.to_alg(), created, None, sub_public)?;
    let sub_public = PublicSubkey::from_inner(sub_public)?;
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let binding = self::statement(&primary, SignatureType::SubkeyBinding, created, flags, lifetime)?;
    let binding = binding.sign_subkey_binding(&primary, &public, &Password::empty(), &sub_public)?;
    let subkey = SignedSecretSubKey::new(SecretSubkey::new(sub_public, sub_secret)?, vec![binding]);

    let details = SignedKeyDetails::new(vec![], vec![], vec![id.into_signed(certification)], vec![]);
    Ok(SignedSecretKey::new(primary, details, vec![], vec![subkey]))
}

/// Seconds from `created` to `end`; zero would mean "never" (RFC 4880 5.2.3.6), so an end before the beginning
/// becomes one second.
fn lifetime(created: i64, end: i64) -> u32 {
    u32::try_from(end.saturating_sub(created).max(1)).unwrap_or(u32::MAX)
}

fn statement(
    primary: &SecretKey,
    kind: SignatureType,
    made: Timestamp,
    flags: KeyFlags,
    lifetime: Option<Duration>,
) -> Result<SignatureConfig> {
    let mut statement = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha512);
    statement.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
        Subpacket::regular(SubpacketData::SignatureCreationTime(made))?,
        Subpacket::regular(SubpacketData::KeyFlags(flags))?,
    ];
    if let Some(lifetime) = lifetime {
        statement.hashed_subpackets.push(Subpacket::regular(SubpacketData::KeyExpirationTime(lifetime))?);
    }
    statement.unhashed_subpackets =
        vec![Subpacket::regular(SubpacketData::IssuerKeyId(primary.legacy_key_id()))?];
    Ok(statement)
}

/// The owner's word that the key's secret is in other hands (RFC 4880 section 5.2.3.23).
pub(super) fn revocation(primary: &SecretKey, at: i64, reason: &str) -> Result<Signature> {
    let mut statement =
        SignatureConfig::v4(SignatureType::KeyRevocation, primary.algorithm(), HashAlgorithm::Sha512);
    let code = RevocationCode::KeyCompromised;
    statement.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
        Subpacket::regular(SubpacketData::SignatureCreationTime(words::timestamp(at)))?,
        Subpacket::regular(SubpacketData::RevocationReason(code, reason.as_bytes().to_vec().into()))?,
    ];
    statement.unhashed_subpackets =
        vec![Subpacket::regular(SubpacketData::IssuerKeyId(primary.legacy_key_id()))?];
    statement.sign_key(primary, &Password::empty(), primary.public_key())
}

/// What senders may use for this key: what this crate can read.
fn preferences() -> Result<Vec<Subpacket>> {
    use SymmetricKeyAlgorithm::{AES128, AES192, AES256};
    let digests = [HashAlgorithm::Sha512, HashAlgorithm::Sha384, HashAlgorithm::Sha256];
    let compression =
        [CompressionAlgorithm::ZLIB, CompressionAlgorithm::ZIP, CompressionAlgorithm::Uncompressed];
    let mut features = Features::new();
    features.set_seipd_v1(true);
    Ok(vec![
        Subpacket::regular(SubpacketData::PreferredSymmetricAlgorithms(
            [AES256, AES192, AES128].into_iter().collect(),
        ))?,
        Subpacket::regular(SubpacketData::PreferredHashAlgorithms(digests.into_iter().collect()))?,
        Subpacket::regular(SubpacketData::PreferredCompressionAlgorithms(compression.into_iter().collect()))?,
        Subpacket::regular(SubpacketData::Features(features))?,
        Subpacket::regular(SubpacketData::IsPrimary(true))?,
    ])
}
