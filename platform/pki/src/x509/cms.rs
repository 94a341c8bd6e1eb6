//! Signatures over a document by a certificate's key (CMS SignedData, RFC 5652): one signer, the document beside the
//! signature, the certificate in it, and the time.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::Certificate;
use x509_cert::attr::Attributes;
use x509_cert::der::asn1::{Any, Null, ObjectIdentifier, OctetString};
use x509_cert::der::{Decode as _, DecodeOwned, Encode as _};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::spki::{Key, verify};
use super::{blocks, micros};

/// A signature is at most so many bytes long, as PEM or DER.
pub const LARGEST: usize = 128 * 1024;
/// More certificates than this are not looked at.
const MOST_CERTIFICATES: usize = 16;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// How it is made, as words about what is wrong end.
const COMMAND: &str = "openssl cms -sign -binary -in DOCUMENT -signer CERTIFICATE -inkey KEY -outform PEM";

/// A signature that was read. Nothing about it is proven before [`Signature::is_over`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    certificate: Certificate,
    der: Vec<u8>,
    at: kit::Time,
    hash: Hash,
    digest: Vec<u8>,
    /// The DER of the signed attributes as a set, which is what the key has signed (section 5.4).
    attributes: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

/// Hash functions that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Signature {
    /// Reads a detached signature in PEM or DER.
    ///
    /// # Errors
    /// Why it is not taken, and what to do, in words for the one who made it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LARGEST {
            return Err(format!("it has {} bytes: at most {LARGEST} are read", bytes.len()));
        }
        let der = match std::str::from_utf8(bytes) {
            Ok(text) if text.contains("-----BEGIN ") => {
                let found =
                    blocks(text).into_iter().find(|(label, _)| matches!(label.as_str(), "CMS" | "PKCS7"));
                found.ok_or("there is no signature (CMS or PKCS7) in this text")?.1
            }
            Ok(text) if is_mail(text) => {
                return Err(format!(
                    "this is a signed mail (S/MIME): write the signature alone, by {COMMAND}"
                ));
            }
            _ => bytes.to_vec(),
        };
        Self::from_der(&der)
    }

    fn from_der(der: &[u8]) -> Result<Self, String> {
        let unread = |error| {
            format!(
                "this is no signature by a certificate (CMS, DER without lengths left open): {error}. Make it by {COMMAND}"
            )
        };
        let outside = ContentInfo::from_der(der).map_err(unread)?;
        if outside.content_type != SIGNED_DATA {
            return Err(format!("this is no signature but something else of CMS. Make it by {COMMAND}"));
        }
        let data: SignedData = outside.content.decode_as().map_err(unread)?;
        if data.encap_content_info.econtent.is_some() {
            return Err("the document is inside the signature: leave out -nodetach, so that it is the exact document \
                        here that was signed"
                .into());
        }
        let [signer] = data.signer_infos.0.as_slice() else {
            let count = data.signer_infos.0.len();
            return Err(format!(
                "it has {count} signers: one person signs, each by a signature of their own"
            ));
        };
        let attributes =
            signer.signed_attrs.as_ref().ok_or("it does not say when it was made: leave out -noattr")?;
        if data.encap_content_info.econtent_type != DATA
            || one::<ObjectIdentifier>(attributes, CONTENT_TYPE, "the type of what is signed")? != DATA
        {
            return Err(format!("it signs something else than plain data. Make it by {COMMAND}"));
        }
        let time: Time = one(attributes, SIGNING_TIME, "the time when it was made")?;
        let digest: OctetString = one(attributes, MESSAGE_DIGEST, "the digest of the document")?;
        let certificate = certificate(&data, signer)?;
        let hash = Hash::of(&signer.digest_alg)?;
        let key = Key::of(&certificate.tbs_certificate.subject_public_key_info)?;
        Ok(Self {
            at: micros(&time),
            hash,
            digest: digest.as_bytes().to_vec(),
            attributes: attributes.to_der().map_err(unread)?,
            algorithm: algorithm(key, hash, &signer.signature_algorithm)?,
            signature: signer.signature.as_bytes().to_vec(),
            der: certificate.to_der().map_err(unread)?,
            certificate,
        })
    }

    /// The signer's certificate (DER). It is not judged here.
    pub fn certificate(&self) -> &[u8] {
        &self.der
    }

    /// The certificate's subject (RFC 4514).
    pub fn subject(&self) -> String {
        self.certificate.tbs_certificate.subject.to_string()
    }

    /// When the signer says that it was made.
    pub fn at(&self) -> kit::Time {
        self.at
    }

    /// Verifies that the certificate's key has signed exactly `document`.
    ///
    /// # Errors
    /// Why it has not, in words for the one who signed.
    pub fn is_over(&self, document: &[u8]) -> Result<(), String> {
        if self.hash.digest(document) != self.digest {
            let other_ends = String::from_utf8_lossy(document).replace('\n', "\r\n");
            return Err(if self.hash.digest(other_ends.as_bytes()) == self.digest {
                "the ends of lines were changed when it was signed: sign with -binary".into()
            } else {
                "it is over another document: download the document again and sign exactly these bytes".into()
            });
        }
        let key = &self.certificate.tbs_certificate.subject_public_key_info;
        verify(key, &self.algorithm, &self.attributes, &self.signature).map(drop)
    }
}

impl Hash {
    fn of(algorithm: &AlgorithmIdentifierOwned) -> Result<Self, String> {
        let plain = algorithm.parameters.as_ref().is_none_or(|parameters| *parameters == Any::from(Null));
        match algorithm.oid.to_string().as_str() {
            "2.16.840.1.101.3.4.2.1" if plain => Ok(Self::Sha256),
            "2.16.840.1.101.3.4.2.2" if plain => Ok(Self::Sha384),
            "2.16.840.1.101.3.4.2.3" if plain => Ok(Self::Sha512),
            "1.3.14.3.2.26" | "1.2.840.113549.2.5" => {
                Err("it is made with SHA-1 or MD5, which can be forged: sign with -md sha256".into())
            }
            other => Err(format!("digests by {other} are not taken: sign with -md sha256, sha384 or sha512")),
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// Whether `text` begins like a mail.
fn is_mail(text: &str) -> bool {
    text.lines().take(3).any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with("mime-version:") || line.starts_with("content-type:")
    })
}

/// The one value of the one attribute `oid`.
fn one<T: DecodeOwned>(attributes: &Attributes, oid: ObjectIdentifier, what: &str) -> Result<T, String> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    let (Some(attribute), None) = (found.next(), found.next()) else {
        return Err(format!("it does not say {what} once. Make it by {COMMAND}"));
    };
    let [value] = attribute.values.as_slice() else {
        return Err(format!("it does not say {what} once. Make it by {COMMAND}"));
    };
    let read = value.to_der().and_then(|der| T::from_der(&der));
    read.map_err(|_| format!("{what} cannot be read"))
}

/// The certificate of the signer, out of those that the signature brings; it may sign documents.
fn certificate(data: &SignedData, signer: &SignerInfo) -> Result<Certificate, String> {
    let all = data.certificates.as_ref().map(|certificates| certificates.0.as_slice()).unwrap_or_default();
    if all.len() > MOST_CERTIFICATES {
        return Err(format!(
            "it brings {} certificates: at most {MOST_CERTIFICATES} are looked at",
            all.len()
        ));
    }
    let is_signers = |one: &&Certificate| {
        let tbs = &one.tbs_certificate;
        match &signer.sid {
            SignerIdentifier::IssuerAndSerialNumber(named) => {
                tbs.issuer == named.issuer && tbs.serial_number == named.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(named) => {
                matches!(tbs.get::<SubjectKeyIdentifier>(), Ok(Some((_, own))) if own == *named)
            }
        }
    };
    let certificates = all.iter().filter_map(|one| match one {
        CertificateChoices::Certificate(certificate) => Some(certificate),
        CertificateChoices::Other(_) => None,
    });
    let found = certificates.into_iter().find(is_signers);
    let found = found.ok_or("the signer's certificate is not in it: leave out -nocerts")?;
    let unread = |_| "the extensions of the certificate cannot be read".to_owned();
    let tbs = &found.tbs_certificate;
    if tbs.get::<BasicConstraints>().map_err(unread)?.is_some_and(|(_, constraints)| constraints.ca) {
        return Err("it is signed by an authority: a person signs, with their own certificate".into());
    }
    let signs = |usage: KeyUsage| {
        usage.0.contains(KeyUsages::DigitalSignature) || usage.0.contains(KeyUsages::NonRepudiation)
    };
    if !tbs.get::<KeyUsage>().map_err(unread)?.is_none_or(|(_, usage)| signs(usage)) {
        return Err("the certificate is not for signatures (key usage): sign with one that is".into());
    }
    Ok(found.clone())
}

/// How the signature under `key` is verified: RSA signatures may name their hash function beside them (RFC 3370 section
/// 3.2), and Ed25519 goes with SHA-512 (RFC 8419 section 2.3).
fn algorithm(
    key: Key,
    hash: Hash,
    said: &AlgorithmIdentifierOwned,
) -> Result<AlgorithmIdentifierOwned, String> {
    let with = match hash {
        Hash::Sha256 => "1.2.840.113549.1.1.11",
        Hash::Sha384 => "1.2.840.113549.1.1.12",
        Hash::Sha512 => "1.2.840.113549.1.1.13",
    };
    match key {
        Key::Rsa(_) if said.oid == RSA => {
            Ok(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap(with), ..said.clone() })
        }
        Key::Ed25519 if hash != Hash::Sha512 => Err("with Ed25519 the digest is SHA-512 (RFC 8419)".into()),
        _ => Ok(said.clone()),
    }
}
