//! What a key says about itself, once its self-signatures are checked: the same at any time of reading, so it is worked
//! out once per key and [`super::validity`] answers from it without cryptography.

use pgp::{
    composed::SignedPublicKey,
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{RevocationCode, Signature, SignatureType, SubpacketData},
    ser::Serialize,
    types::{KeyDetails, KeyVersion, PublicParams, Tag},
};
use rpgpie::certificate::{Certificate, Checked};

use super::words;

/// The checked past of one key.
pub(super) struct History {
    pub primary: Component,
    /// Direct-key signatures.
    pub direct: Vec<Statement>,
    pub users: Vec<User>,
    /// In the order of the key's subkey packets.
    pub subkeys: Vec<Component>,
    /// Why the self-signatures that were left out do not count, when there were any: "made with SHA1".
    pub refused: Option<String>,
}

/// The primary key or a subkey.
pub(super) struct Component {
    /// Unix seconds.
    pub created: i64,
    /// Position among the key's subkey packets; none for the primary key.
    pub subkey: Option<usize>,
    /// What the binding signatures say; of the primary key, nothing: there the user ids' signatures speak.
    pub bindings: Vec<Statement>,
    pub revocations: Vec<Revocation>,
    /// What its algorithm can do at all.
    pub abilities: Abilities,
    /// Why its algorithm must not be relied on: "RSA of 1024 bits".
    pub weakness: Option<String>,
}

/// A user id and what the key's owner said about it.
pub(super) struct User {
    pub id: String,
    pub certifications: Vec<Statement>,
    pub revocations: Vec<Revocation>,
}

/// One self-signature.
#[derive(Clone)]
pub(super) struct Statement {
    /// When it was made, Unix seconds.
    pub made: i64,
    /// From when on it says nothing any more.
    pub ends: Option<i64>,
    /// When it lets the key expire.
    pub key_expires: Option<i64>,
    /// The purposes it names; none when it names none, then the algorithm decides.
    pub purposes: Option<Abilities>,
    /// Names its user id as the main one.
    pub is_primary_user: bool,
    /// Carries the subkey's own consent (RFC 4880 11.1), without which it cannot sign for this key.
    pub has_consent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    pub sign: bool,
    pub encrypt: bool,
}

/// A revocation by the key itself.
#[derive(Clone)]
pub(super) struct Revocation {
    /// Unix seconds.
    pub made: i64,
    /// The secret may be in other hands, or no reason is given: then nothing the key ever signed is to be believed.
    /// Otherwise (superseded, retired) what it signed before stays good (RFC 4880 5.2.3.23).
    pub is_hard: bool,
    /// In words.
    pub reason: String,
}

impl History {
    /// Checks all self-signatures of `key`: the one expensive step, about a public-key operation for each.
    pub(super) fn of(key: &SignedPublicKey) -> History {
        // rpgpie leaves only self-signatures that are mathematically right and not made with broken digests
        let checked = Checked::new(Certificate::from(key.clone()));
        let good = checked.as_signed_public_key();
        let created = words::seconds(key.primary_key.created_at());

        // Revocations come from the key as it is: one made with SHA-1 is still a warning worth heeding
        let own = |s: &&Signature| {
            s.typ() == Some(SignatureType::KeyRevocation) && s.verify_key(&key.primary_key).is_ok()
        };
        let primary = Component {
            created,
            subkey: None,
            bindings: Vec::new(),
            revocations: key.details.revocation_signatures.iter().filter(own).map(Revocation::of).collect(),
            abilities: abilities(key.primary_key.algorithm()),
            weakness: weakness(key.primary_key.version(), key.primary_key.public_params()),
        };
        let direct = statements(&good.details.direct_signatures, created);
        let users = good.details.users.iter().zip(&key.details.users).map(|(user, as_is)| User {
            id: words::user_id(user.id.id()),
            certifications: statements(&user.signatures, created),
            revocations: as_is
                .signatures
                .iter()
                .filter(|s| s.typ() == Some(SignatureType::CertRevocation))
                .filter(|s| s.verify_certification(&key.primary_key, Tag::UserId, &as_is.id).is_ok())
                .map(Revocation::of)
                .collect(),
        });
        let subkeys = key.public_subkeys.iter().enumerate().map(|(at, subkey)| {
            let created = words::seconds(subkey.key.created_at());
            // Missing there when no binding signature was good
            let bindings =
                good.public_subkeys.iter().find(|s| s.key == subkey.key).map(|s| &s.signatures[..]);
            Component {
                created,
                subkey: Some(at),
                bindings: statements(bindings.unwrap_or_default(), created),
                revocations: subkey
                    .signatures
                    .iter()
                    .filter(|s| s.typ() == Some(SignatureType::SubkeyRevocation))
                    .filter(|s| s.verify_subkey_binding(&key.primary_key, &subkey.key).is_ok())
                    .map(Revocation::of)
                    .collect(),
                abilities: abilities(subkey.key.algorithm()),
                weakness: weakness(subkey.key.version(), subkey.key.public_params()),
            }
        });
        History { direct, users: users.collect(), subkeys: subkeys.collect(), primary, refused: refused(key) }
    }
}

impl Revocation {
    fn of(signature: &Signature) -> Revocation {
        let code = signature.revocation_reason_code();
        let named = match code {
            Some(RevocationCode::KeySuperseded) => "replaced by another key",
            Some(RevocationCode::KeyCompromised) => "the secret key may be in other hands",
            Some(RevocationCode::KeyRetired) => "no longer used",
            Some(RevocationCode::CertUserIdInvalid) => "this user id is no longer valid",
            _ => "no reason given",
        };
        let comment =
            signature.revocation_reason_string().map(|text| words::user_id(text)).unwrap_or_default();
        let is_soft = matches!(
            code,
            Some(
                RevocationCode::KeySuperseded
                    | RevocationCode::KeyRetired
                    | RevocationCode::CertUserIdInvalid
            )
        );
        Revocation {
            made: signature.created().map_or(0, words::seconds),
            is_hard: !is_soft,
            reason: if comment.is_empty() { named.to_owned() } else { format!("{named} ({comment})") },
        }
    }
}

fn statements(signatures: &[Signature], key_created: i64) -> Vec<Statement> {
    let is_revocation = |s: &Signature| {
        matches!(
            s.typ(),
            Some(
                SignatureType::KeyRevocation
                    | SignatureType::CertRevocation
                    | SignatureType::SubkeyRevocation
            )
        )
    };
    let usable = signatures
        .iter()
        .filter(|s| !is_revocation(s) && broken_digest(s).is_none() && !has_unknown_demand(s));
    let mut statements: Vec<_> = usable.filter_map(|s| Statement::of(s, key_created)).collect();
    statements.sort_by_key(|s| s.made);
    statements
}

impl Statement {
    fn of(signature: &Signature, key_created: i64) -> Option<Statement> {
        let made = words::seconds(signature.created()?);
        let after = |start: i64, length: Option<pgp::types::Duration>| {
            length.filter(|d| d.as_secs() != 0).map(|d| start + i64::from(d.as_secs()))
        };
        let purposes = signature.config()?.hashed_subpackets().find_map(|packet| match &packet.data {
            SubpacketData::KeyFlags(flags) => Some(Abilities {
                sign: flags.sign(),
                encrypt: flags.encrypt_comms() || flags.encrypt_storage(),
            }),
            _ => None,
        });
        Some(Statement {
            made,
            ends: after(made, signature.signature_expiration_time()),
            key_expires: after(key_created, signature.key_expiration_time()),
            purposes,
            is_primary_user: signature.is_primary(),
            has_consent: signature.embedded_signature().is_some(),
        })
    }
}

/// The digest of a signature, in words, when it is one that can be forged today or soon (RFC 9580 9.5).
pub(super) fn weak_digest(signature: &Signature) -> Option<String> {
    match signature.hash_alg() {
        Some(digest @ (HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160)) => {
            Some(digest.to_string())
        }
        _ => None,
    }
}

/// As [`weak_digest`], without SHA-1: rpgpie lets a self-signature with SHA-1 stand if it is from before
/// February 2023, and many long-lived keys have one.
fn broken_digest(signature: &Signature) -> Option<String> {
    weak_digest(signature).filter(|_| signature.hash_alg() != Some(HashAlgorithm::Sha1))
}

/// A part marked "must be understood" that is not understood here makes a signature void (RFC 4880 5.2.3.1).
pub(super) fn has_unknown_demand(signature: &Signature) -> bool {
    signature.config().is_none_or(|config| {
        config.hashed_subpackets().any(|packet| {
            let unknown = matches!(
                packet.data,
                SubpacketData::Notation(_) | SubpacketData::Experimental(..) | SubpacketData::Other(..)
            );
            packet.is_critical && unknown
        })
    })
}

fn abilities(algorithm: PublicKeyAlgorithm) -> Abilities {
    use PublicKeyAlgorithm as A;
    Abilities {
        sign: matches!(
            algorithm,
            A::RSA | A::RSASign | A::DSA | A::ECDSA | A::EdDSALegacy | A::Ed25519 | A::Ed448
        ),
        // ElGamal is missing on purpose: the cryptographic library does not encrypt with it
        encrypt: matches!(algorithm, A::RSA | A::RSAEncrypt | A::ECDH | A::X25519 | A::X448),
    }
}

fn weakness(version: KeyVersion, params: &PublicParams) -> Option<String> {
    if version < KeyVersion::V4 {
        return Some("its format, version 3, lets others make a key with the same id".into());
    }
    match params {
        PublicParams::RSA(_) => {
            // A public RSA key starts with its modulus, and that with its length in bits (RFC 4880 3.2)
            let bytes = params.to_bytes().ok()?;
            let bits = bytes.get(..2).map_or(0, |n| u32::from(n[0]) << 8 | u32::from(n[1]));
            (bits < 2048).then(|| format!("RSA of {bits} bits is too short"))
        }
        PublicParams::DSA(_) => Some("DSA is withdrawn (FIPS 186-5)".into()),
        PublicParams::Elgamal(_) => Some("ElGamal is not supported".into()),
        PublicParams::Unknown { .. } => Some("its algorithm is not known here".into()),
        _ => None,
    }
}

/// Why self-signatures were refused: for the words about a key that has no usable one.
fn refused(key: &SignedPublicKey) -> Option<String> {
    let id = key.primary_key.legacy_key_id();
    let own =
        key.details.users.iter().flat_map(|user| &user.signatures).chain(&key.details.direct_signatures);
    let own = own.filter(|s| s.issuer_key_id().into_iter().any(|issuer| *issuer == id));
    own.filter_map(weak_digest).next().map(|digest| format!("its self-signatures are made with {digest}"))
}
