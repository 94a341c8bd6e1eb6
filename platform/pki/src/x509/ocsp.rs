//! Questions and answers about single certificates (OCSP, RFC 6960; nonces by RFC 9654).

use kit::{Result, Time};
use ring::digest;
use x509_cert::der::asn1::{BitString, Null};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_ocsp::ext::Nonce;
use x509_ocsp::{
    BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspRequest, OcspResponse, ResponderId,
    ResponseData, RevokedInfo, SingleResponse, Version,
};

use super::crl::Reason;
use super::key::CaKey;
use super::profile::{Issuer, extension};
use super::{date, unencoded};

/// A question is at most so many bytes long: about one certificate it has a hundred.
pub const LARGEST: usize = 8 * 1024;
/// More certificates than this are not asked about at once.
const MOST: usize = 32;
/// A nonce is 1 to 128 bytes long (RFC 9654 section 2.1).
const LONGEST_NONCE: usize = 128;

/// A question: about which certificates, and what the answer must repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The certificates, by issuer and number.
    pub about: Vec<Asked>,
    nonce: Option<Nonce>,
}

/// One certificate that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked(CertId);

/// What an issuer is called in questions: digests of its name and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashes([(&'static str, Vec<u8>, Vec<u8>); 2]);

/// The state of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Issued by us and not revoked.
    Good,
    /// Revoked since then.
    Revoked(Time, Reason),
    /// Not issued by this authority.
    Unknown,
}

/// Why there is no answer (RFC 6960 section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The question cannot be read.
    Malformed,
    /// This responder knows nothing of that authority.
    NotOurs,
    /// Something failed here; ask again.
    Later,
}

impl Question {
    /// Reads a question. A signature on it is not looked at: everybody may ask.
    ///
    /// # Errors
    /// [`NoAnswer::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoAnswer> {
        if bytes.len() > LARGEST {
            return Err(NoAnswer::Malformed);
        }
        let request = OcspRequest::from_der(bytes).map_err(|_| NoAnswer::Malformed)?;
        let nonce = request.nonce();
        let list = request.tbs_request.request_list;
        let nonce_fits =
            nonce.as_ref().is_none_or(|nonce| (1..=LONGEST_NONCE).contains(&nonce.0.as_bytes().len()));
        if list.is_empty() || list.len() > MOST || !nonce_fits {
            return Err(NoAnswer::Malformed);
        }
        Ok(Self { about: list.into_iter().map(|one| Asked(one.req_cert)).collect(), nonce })
    }
}

impl Asked {
    /// The certificate's number, big-endian.
    pub fn serial(&self) -> &[u8] {
        self.0.serial_number.as_bytes()
    }

    /// Whether it is of the issuer with these hashes.
    pub fn is_of(&self, issuer: &Hashes) -> bool {
        let oid = self.0.hash_algorithm.oid.to_string();
        issuer.0.iter().any(|(algorithm, name, key)| {
            *algorithm == oid
                && self.0.issuer_name_hash.as_bytes() == name
                && self.0.issuer_key_hash.as_bytes() == key
        })
    }
}

impl Hashes {
    /// Of the issuer with this name (DER) and key, by SHA-1, which most clients use, and by SHA-256. Nothing rests on
    /// their strength: they only name the issuer.
    pub fn of(name: &[u8], spki: &SubjectPublicKeyInfoOwned) -> Self {
        let key = spki.subject_public_key.raw_bytes();
        let hash = |algorithm, bytes| digest::digest(algorithm, bytes).as_ref().to_vec();
        let (sha1, sha256) = (&digest::SHA1_FOR_LEGACY_USE_ONLY, &digest::SHA256);
        Self([
            ("1.3.14.3.2.26", hash(sha1, name), hash(sha1, key)),
            ("2.16.840.1.101.3.4.2.1", hash(sha256, name), hash(sha256, key)),
        ])
    }
}

/// The answer (DER) to `question` with the status of each certificate in its order, good from `at` until `until`.
///
/// # Errors
/// A time cannot be written.
pub fn sign(
    question: &Question,
    statuses: &[Status],
    at: Time,
    until: Time,
    issuer: &Issuer,
    key: &CaKey,
) -> Result<Vec<u8>> {
    let when = |time| Ok::<_, kit::Error>(OcspGeneralizedTime::from(date(time)?));
    let mut responses = Vec::with_capacity(statuses.len());
    for (asked, status) in question.about.iter().zip(statuses) {
        let cert_status = match status {
            Status::Good => CertStatus::Good(Null),
            Status::Unknown => CertStatus::Unknown(Null),
            Status::Revoked(since, reason) => CertStatus::Revoked(RevokedInfo {
                revocation_time: when(*since)?,
                revocation_reason: Some(reason.code()),
            }),
        };
        responses.push(SingleResponse {
            cert_id: asked.0.clone(),
            cert_status,
            this_update: when(at)?,
            next_update: Some(when(until)?),
            single_extensions: None,
        });
    }
    let response_extensions = match &question.nonce {
        Some(nonce) => Some(vec![extension(nonce, false)?]),
        None => None,
    };
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByName(issuer.name.clone()),
        produced_at: when(at)?,
        responses,
        response_extensions,
    };
    let signature = key.sign(&data.to_der().map_err(unencoded)?);
    let basic = BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: key.algorithm(),
        signature: BitString::from_bytes(&signature).map_err(unencoded)?,
        certs: None, // the authority's own key signs, and whoever asks has its certificate
    };
    OcspResponse::successful(basic).and_then(|answer| answer.to_der()).map_err(unencoded)
}

/// The answer (DER) that is none.
pub fn refusal(why: NoAnswer) -> Vec<u8> {
    let answer = match why {
        NoAnswer::Malformed => OcspResponse::malformed_request(),
        NoAnswer::NotOurs => OcspResponse::unauthorized(),
        NoAnswer::Later => OcspResponse::try_later(),
    };
    answer.to_der().unwrap_or_default()
}
