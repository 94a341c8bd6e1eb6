//! The keys of our own authorities.

use kit::{Error, Random, Result};
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use p384::ecdsa::signature::Signer as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfo, PrivateKeyInfo};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::{armour, blocks, unencoded};

/// The label of an encrypted key in PEM (RFC 7468 section 11).
pub(crate) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The curve of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256, signs with SHA-256: what authorities use that sign every day.
    P256,
    /// NIST P-384, signs with SHA-384: what a root uses.
    P384,
}

/// A key of an authority. It is wiped from memory when it is dropped.
#[derive(Clone)]
pub enum CaKey {
    /// NIST P-256.
    P256(p256::ecdsa::SigningKey),
    /// NIST P-384.
    P384(p384::ecdsa::SigningKey),
}

impl std::fmt::Debug for CaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaKey")
    }
}

impl CaKey {
    /// A new key on `curve`.
    pub fn make(curve: Curve, random: &dyn Random) -> Self {
        // All but one of 2^32 (P-256) or 2^190 (P-384) random numbers are keys.
        loop {
            match curve {
                Curve::P256 => {
                    let mut bytes = [0; 32];
                    random.fill(&mut bytes);
                    if let Ok(key) = p256::ecdsa::SigningKey::from_slice(&bytes) {
                        return Self::P256(key);
                    }
                }
                Curve::P384 => {
                    let mut bytes = [0; 48];
                    random.fill(&mut bytes);
                    if let Ok(key) = p384::ecdsa::SigningKey::from_slice(&bytes) {
                        return Self::P384(key);
                    }
                }
            }
        }
    }

    /// A signature over `message` (RFC 6979, so the same each time), as certificates carry it.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }

    /// The algorithm of its signatures (RFC 5758 section 3.2).
    pub fn algorithm(&self) -> AlgorithmIdentifierOwned {
        let oid = match self {
            Self::P256(_) => ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
            Self::P384(_) => ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
        };
        AlgorithmIdentifierOwned { oid, parameters: None }
    }

    /// Its public half.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub fn public(&self) -> Result<SubjectPublicKeyInfoOwned> {
        let der = match self {
            Self::P256(key) => key.verifying_key().to_public_key_der(),
            Self::P384(key) => key.verifying_key().to_public_key_der(),
        };
        let der = der.map_err(|error| Error::Corrupt(format!("a public key: {error}")))?;
        SubjectPublicKeyInfoOwned::from_der(der.as_bytes()).map_err(unencoded)
    }

    /// The key as PKCS#8 (RFC 5958). It is secret.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub fn to_pkcs8(&self) -> Result<Vec<u8>> {
        let der = match self {
            Self::P256(key) => key.to_pkcs8_der(),
            Self::P384(key) => key.to_pkcs8_der(),
        };
        Ok(der.map_err(|error| Error::Corrupt(format!("a private key: {error}")))?.as_bytes().to_vec())
    }

    /// The key in PKCS#8.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no key on P-256 or P-384.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(der) {
            return Ok(Self::P256(key));
        }
        let key = p384::ecdsa::SigningKey::from_pkcs8_der(der);
        key.map(Self::P384).map_err(|_| Error::invalid("key", "this is no key on P-256 or P-384 (PKCS#8)"))
    }

    /// The key under `passphrase`: PEM of PKCS#8 with PBES2, scrypt and AES-256 (RFC 8018, RFC 7914), which openssl
    /// reads, too.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub fn encrypted(&self, passphrase: &str, random: &dyn Random) -> Result<String> {
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        random.fill(&mut salt);
        random.fill(&mut iv);
        let bad = |error: &dyn std::fmt::Display| Error::Corrupt(format!("a private key: {error}"));
        // 16 MiB, ten times over: as dear as 128 MiB once, and within the 32 MiB at which openssl stops.
        let cost = scrypt::Params::new(14, 8, 10, 32).map_err(|error| bad(&error))?;
        let scheme = pbes2::Parameters::scrypt_aes256cbc(cost, &salt, &iv).map_err(|error| bad(&error))?;
        let plain = self.to_pkcs8()?;
        let key = PrivateKeyInfo::from_der(&plain).map_err(unencoded)?;
        let sealed = key.encrypt_with_params(scheme, passphrase).map_err(|error| bad(&error))?;
        Ok(armour(ENCRYPTED, sealed.as_bytes()))
    }

    /// The key out of a file that [`CaKey::encrypted`] or openssl made.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is none in it, or the passphrase is another.
    pub fn decrypted(pem: &str, passphrase: &str) -> Result<Self> {
        let found = blocks(pem).into_iter().find(|(label, _)| label == ENCRYPTED);
        let (_, sealed) = found
            .ok_or_else(|| Error::invalid("key", format!("there is no \"{ENCRYPTED}\" in this file")))?;
        let sealed = EncryptedPrivateKeyInfo::from_der(&sealed)
            .map_err(|error| Error::invalid("key", format!("the encrypted key cannot be read ({error})")))?;
        let plain = sealed.decrypt(passphrase);
        let plain =
            plain.map_err(|_| Error::invalid("passphrase", "this passphrase does not open the key"))?;
        Self::from_pkcs8(plain.as_bytes())
    }
}

/// The DER of what was signed, put together with its signature: a certificate, a list or a request.
pub(crate) fn signed(tbs: &impl x509_cert::der::Encode, key: &CaKey) -> Result<Vec<u8>> {
    use x509_cert::der::asn1::{Any, BitString};
    let tbs = tbs.to_der().map_err(unencoded)?;
    let signature = BitString::from_bytes(&key.sign(&tbs)).map_err(unencoded)?;
    let parts = [tbs, key.algorithm().to_der().map_err(unencoded)?, signature.to_der().map_err(unencoded)?];
    Any::new(x509_cert::der::Tag::Sequence, parts.concat()).and_then(|all| all.to_der()).map_err(unencoded)
}

#[cfg(test)]
mod tests {
    use kit::SeededRandom;

    use super::*;

    #[test]
    fn a_root_key_opens_with_its_passphrase_and_no_other() {
        let random = SeededRandom::new(1);
        for curve in [Curve::P256, Curve::P384] {
            let key = CaKey::make(curve, &random);
            let file = key.encrypted("correct horse", &random).unwrap();
            let again = CaKey::decrypted(&file, "correct horse").unwrap();
            assert_eq!(again.public().unwrap(), key.public().unwrap());
            assert!(CaKey::decrypted(&file, "correct horsf").unwrap_err().to_string().contains("passphrase"));
        }
        assert!(CaKey::decrypted("nothing", "x").is_err());
    }
}
