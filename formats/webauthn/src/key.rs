//! Public keys as authenticators give them (COSE, RFC 9052 section 7, RFC 9053, RFC 8230).

use ciborium::Value;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

use crate::Error;
use crate::authenticator_data::read_value;

/// The algorithms that are taken, by their COSE numbers, the one liked best first: ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA on P-256 with SHA-256: the uncompressed point.
    Es256([u8; 65]),
    /// Ed25519.
    Ed25519([u8; 32]),
    /// RSASSA-PKCS1-v1_5 with SHA-256: modulus and exponent, big-endian.
    Rs256 {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}

/// Members of a COSE key: its kind, its algorithm, and those that belong to its kind.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;

impl PublicKey {
    /// Reads a COSE key, as it stands in the data of a new credential.
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::UnknownKey`] for algorithms that are not in [`ALGORITHMS`].
    pub fn parse(cose: &[u8]) -> Result<Self, Error> {
        let mut rest = cose;
        let value = read_value(&mut rest)?;
        if !rest.is_empty() {
            return Err(Error::Malformed("something follows the public key"));
        }
        Self::of(&value)
    }

    pub(crate) fn of(value: &Value) -> Result<Self, Error> {
        let Value::Map(members) = value else { return Err(Error::Malformed("the public key")) };
        let member = |name: i64| {
            let is = |key: &Value| key.as_integer().is_some_and(|key| i128::from(key) == i128::from(name));
            members.iter().find(|(key, _)| is(key)).map(|(_, value)| value)
        };
        let number = |name| member(name).and_then(Value::as_integer).map(i128::from);
        let bytes = |name| member(name).and_then(Value::as_bytes).map(Vec::as_slice);
        match (number(KIND), number(ALGORITHM)) {
            (Some(2), Some(-7)) if number(-1) == Some(1) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&exact(bytes(-2))?);
                point[33..].copy_from_slice(&exact(bytes(-3))?);
                Ok(Self::Es256(point))
            }
            (Some(1), Some(-8)) if number(-1) == Some(6) => Ok(Self::Ed25519(exact(bytes(-2))?)),
            (Some(3), Some(-257)) => {
                let modulus = |n: &&[u8]| (256..=1024).contains(&n.len());
                let exponent = |e: &&[u8]| (1..=8).contains(&e.len());
                match (bytes(-1).filter(modulus), bytes(-2).filter(exponent)) {
                    (Some(n), Some(e)) => Ok(Self::Rs256 { n: n.to_vec(), e: e.to_vec() }),
                    _ => Err(Error::Malformed("the RSA key")),
                }
            }
            (Some(_), Some(_)) => Err(Error::UnknownKey),
            _ => Err(Error::Malformed("the public key")),
        }
    }

    /// Whether `signature` over `message` is by this key.
    ///
    /// # Errors
    /// [`Error::BadSignature`], also for a key that is no point of its curve.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let verified = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&signature::ED25519, key).verify(message, signature),
            Self::Rs256 { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        verified.map_err(|_| Error::BadSignature)
    }
}

fn exact(bytes: Option<&[u8]>) -> Result<[u8; 32], Error> {
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(Error::Malformed("a coordinate of the key"))
}
