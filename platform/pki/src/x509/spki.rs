//! Public keys of others: which are taken, and what they have signed.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest as _, Sha256, Sha512};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{self, Reader as _, SliceReader, Tag, Tagged as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// ecdsa-with-SHA512 (RFC 5758 section 3.2), which ring does not have.
const ECDSA_SHA512: &str = "1.2.840.10045.4.3.4";

/// A public key that certificates are issued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSA with so many bits, 2048 to 8192.
    Rsa(usize),
}

impl Key {
    /// Which key `spki` is.
    ///
    /// # Errors
    /// Why it is not taken, and which would be.
    pub fn of(spki: &SubjectPublicKeyInfoOwned) -> Result<Self, String> {
        let curve =
            spki.algorithm.parameters.as_ref().and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        match (spki.algorithm.oid, curve) {
            // A point that is not on its curve is no key: the signature under the request would not verify.
            (EC, Some(P256)) => Ok(Self::P256),
            (EC, Some(P384)) => Ok(Self::P384),
            (ED25519, None) => Ok(Self::Ed25519),
            (RSA, _) => match rsa(spki.subject_public_key.raw_bytes()) {
                Some((bits @ 2048..=8192, exponent)) if exponent >= 3 => Ok(Self::Rsa(bits)),
                Some((bits, _)) => Err(format!(
                    "an RSA key of {bits} bits is not taken: 2048 to 8192 are, and 3072 are better"
                )),
                None => Err("the RSA key cannot be read".into()),
            },
            (oid, _) => Err(format!(
                "keys of this kind ({oid}) are not taken: take P-256, P-384, Ed25519, or RSA of at least 2048 bits"
            )),
        }
    }

    /// Its kind, for people.
    pub fn words(self) -> String {
        match self {
            Self::P256 => "P-256".into(),
            Self::P384 => "P-384".into(),
            Self::Ed25519 => "Ed25519".into(),
            Self::Rsa(bits) => format!("RSA {bits}"),
        }
    }

    /// How a signature by `algorithm` under this key is verified.
    fn verifier(self, algorithm: ObjectIdentifier) -> Result<&'static dyn VerificationAlgorithm, String> {
        let oid = algorithm.to_string();
        Ok(match (self, oid.as_str()) {
            (Self::P256, "1.2.840.10045.4.3.2") => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::P256, "1.2.840.10045.4.3.3") => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::P384, "1.2.840.10045.4.3.2") => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::P384, "1.2.840.10045.4.3.3") => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::Ed25519, "1.3.101.112") => &signature::ED25519,
            (Self::Rsa(_), "1.2.840.113549.1.1.11") => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Self::Rsa(_), "1.2.840.113549.1.1.12") => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Self::Rsa(_), "1.2.840.113549.1.1.13") => &signature::RSA_PKCS1_2048_8192_SHA512,
            (_, "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.113549.1.1.4") => {
                return Err("it is signed with SHA-1 or MD5, which can be forged: sign with SHA-256".into());
            }
            _ => {
                return Err(format!(
                    "signatures by {oid} under a key of {} are not taken: use SHA-256 or SHA-384",
                    self.words()
                ));
            }
        })
    }
}

/// Verifies that `spki` has signed `message`.
///
/// # Errors
/// Why not: the key or the algorithm is not taken, or the signature is another's.
pub fn verify(
    spki: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    message: &[u8],
    signature: &[u8],
) -> Result<Key, String> {
    let key = Key::of(spki)?;
    // RFC 4055 section 5 and RFC 5758 section 3.2: NULL for RSA, nothing for the others.
    let plain = match (&algorithm.parameters, key) {
        (None, _) => true,
        (Some(parameters), Key::Rsa(_)) => parameters.tag() == Tag::Null,
        (Some(_), _) => false,
    };
    if !plain {
        return Err("the algorithm of the signature has parameters that it does not have".into());
    }
    let public = spki.subject_public_key.raw_bytes();
    let fits = match key {
        Key::P256 | Key::P384 if algorithm.oid.to_string() == ECDSA_SHA512 => {
            ecdsa_sha512(key, public, message, signature)
        }
        _ => UnparsedPublicKey::new(key.verifier(algorithm.oid)?, public).verify(message, signature).is_ok(),
    };
    if fits { Ok(key) } else { Err("the signature does not fit the key".into()) }
}

/// Whether `signature` (DER) is one of `key` over the SHA-512 of `message`, cut to the length of the curve's numbers
/// (FIPS 186-5 section 6.4.2).
fn ecdsa_sha512(key: Key, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
    let digest = Sha512::digest(message);
    let verified = match key {
        Key::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(public)
            .and_then(|public| public.verify_prehash(&digest, &p256::ecdsa::Signature::from_der(signature)?)),
        Key::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(public)
            .and_then(|public| public.verify_prehash(&digest, &p384::ecdsa::Signature::from_der(signature)?)),
        Key::Ed25519 | Key::Rsa(_) => return false,
    };
    verified.is_ok()
}

/// Bits and exponent of an RSA key (RFC 8017 appendix A.1.1).
fn rsa(key: &[u8]) -> Option<(usize, u64)> {
    let mut reader = SliceReader::new(key).ok()?;
    let (modulus, exponent) = reader
        .sequence(|reader| -> der::Result<_> { Ok((UintRef::decode(reader)?, UintRef::decode(reader)?)) })
        .ok()?;
    let first = modulus.as_bytes().first()?;
    let bits = modulus.as_bytes().len() * 8 - usize::try_from(first.leading_zeros()).ok()?;
    let exponent = exponent.as_bytes();
    let exponent = if exponent.len() > 8 {
        return None;
    } else {
        exponent.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
    };
    Some((bits, exponent))
}

/// SHA-256 of a certificate's or a key's bytes.
pub(crate) fn fingerprint(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

/// The identifier of a key: the first 160 bits of its SHA-256 (RFC 7093 section 2, method 1).
pub(crate) fn key_id(spki: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    Sha256::digest(spki.subject_public_key.raw_bytes())[..20].to_vec()
}
