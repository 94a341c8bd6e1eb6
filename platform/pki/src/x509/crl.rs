//! Revocation lists (RFC 5280 section 5).

use kit::{Result, Time};
use x509_cert::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::Uint;
use x509_cert::der::oid::AssociatedOid as _;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::crl::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::key::{CaKey, signed};
use super::profile::{Issuer, extension, octets};
use super::{time, unencoded};

/// Why a certificate is not good any more (RFC 5280 section 5.3.1); of all reasons those that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No reason is told.
    Unspecified,
    /// Somebody else may have the key.
    KeyCompromise,
    /// The authority's own key was lost or stolen.
    AuthorityCompromise,
    /// Its holder is not with the team any more, or is called otherwise.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is not needed any more, or the team has left the community.
    CessationOfOperation,
    /// For now only: the team's standing does not entitle it. It may become good again.
    Hold,
}

impl Reason {
    /// All of them, by their numbers.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AuthorityCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::Hold,
    ];

    /// Its number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AuthorityCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::Hold => 6,
        }
    }

    /// The reason with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.number() == number)
    }

    /// Its name as openssl and our forms have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AuthorityCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::Hold => "certificateHold",
        }
    }

    /// In words that follow "because".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unspecified => "no reason was told",
            Self::KeyCompromise => "somebody else may have the key",
            Self::AuthorityCompromise => "the authority's key may be in other hands",
            Self::AffiliationChanged => "its holder has left the team or changed name",
            Self::Superseded => "another certificate took its place",
            Self::CessationOfOperation => "it is not needed any more",
            Self::Hold => "the team's standing does not entitle it for now",
        }
    }

    pub(super) const fn code(self) -> CrlReason {
        match self {
            Self::Unspecified => CrlReason::Unspecified,
            Self::KeyCompromise => CrlReason::KeyCompromise,
            Self::AuthorityCompromise => CrlReason::CaCompromise,
            Self::AffiliationChanged => CrlReason::AffiliationChanged,
            Self::Superseded => CrlReason::Superseded,
            Self::CessationOfOperation => CrlReason::CessationOfOperation,
            Self::Hold => CrlReason::CertificateHold,
        }
    }
}

/// A revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, big-endian.
    pub serial: Vec<u8>,
    /// Since when.
    pub since: Time,
    /// Why.
    pub reason: Reason,
}

/// Why a listed certificate is revoked; `None` for a reason that we do not give.
pub(crate) fn reason(listed: &RevokedCert) -> Option<Reason> {
    let found = listed.crl_entry_extensions.iter().flatten().find(|one| one.extn_id == CrlReason::OID);
    let Some(found) = found else { return Some(Reason::Unspecified) };
    let code = CrlReason::from_der(found.extn_value.as_bytes()).ok()?;
    Reason::ALL.into_iter().find(|reason| reason.code() == code)
}

/// The number of a list (RFC 5280 section 5.2.3); `None` when it has none, or one beyond 63 bits.
pub(crate) fn number(list: &CertificateList) -> Option<i64> {
    let all = list.tbs_cert_list.crl_extensions.as_ref()?;
    let found = all.iter().find(|one| one.extn_id == CrlNumber::OID)?;
    let number = CrlNumber::from_der(found.extn_value.as_bytes()).ok()?;
    let bytes = number.0.as_bytes();
    let number = (bytes.len() <= 8).then(|| bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte)))?;
    i64::try_from(number).ok()
}

/// The list (DER) with the number `number` of all `entries`, good from `from` until `until`.
///
/// # Errors
/// A time or number cannot be written.
pub fn sign(
    entries: &[Entry],
    number: u64,
    from: Time,
    until: Time,
    issuer: &Issuer,
    key: &CaKey,
) -> Result<Vec<u8>> {
    let mut revoked = Vec::with_capacity(entries.len());
    for entry in entries {
        let reason = match entry.reason {
            Reason::Unspecified => None, // is to be left out (RFC 5280 section 5.3.1)
            reason => Some(vec![extension(&reason.code(), false)?]),
        };
        revoked.push(RevokedCert {
            serial_number: SerialNumber::new(&entry.serial).map_err(unencoded)?,
            revocation_date: time(entry.since)?,
            crl_entry_extensions: reason,
        });
    }
    let key_identifier = Some(octets(&issuer.key_id)?);
    let authority = AuthorityKeyIdentifier {
        key_identifier,
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    let number = CrlNumber(Uint::new(&number.to_be_bytes()).map_err(unencoded)?);
    let list = TbsCertList {
        version: Version::V2,
        signature: key.algorithm(),
        issuer: issuer.name.clone(),
        this_update: time(from)?,
        next_update: Some(time(until)?),
        // An empty list is left out (RFC 5280 section 5.1.2.6).
        revoked_certificates: (!revoked.is_empty()).then_some(revoked),
        crl_extensions: Some(vec![extension(&authority, false)?, extension(&number, false)?]),
    };
    signed(&list, key)
}
