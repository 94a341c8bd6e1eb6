//! What a client showed.

use std::sync::Arc;

use kit::Time;
use kit::clock::SECOND;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// The certificate of a client, which has proven in the handshake that it has the key. Only this crate makes one; a
/// request has it as an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    der: Arc<[u8]>,
    /// From and to, microseconds since 1970 UTC; `None` when it cannot be read.
    valid: Option<(Time, Time)>,
}

impl ClientCertificate {
    pub(crate) fn new(der: &[u8]) -> Self {
        Self { der: der.into(), valid: validity(der) }
    }

    /// Its bytes (DER), by which it is known.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What stands in it; `None` when it cannot be read.
    pub fn facts(&self) -> Option<Facts> {
        let read = Certificate::from_der(&self.der).ok()?.tbs_certificate;
        let (not_before, not_after) = self.valid?;
        let serial = read.serial_number.as_bytes().iter().map(|byte| format!("{byte:02X}")).collect();
        Some(Facts {
            subject: read.subject.to_string(),
            issuer: read.issuer.to_string(),
            serial,
            not_before,
            not_after,
        })
    }

    /// As if a client had shown `der`: for the tests of those who stand on this crate.
    #[cfg(feature = "testing")]
    pub fn for_tests(der: &[u8]) -> Self {
        Self::new(der)
    }

    /// Whether it is in its time at `now` (RFC 5280 section 4.1.2.5: both ends belong to it).
    pub fn is_valid(&self, now: Time) -> bool {
        self.valid.is_some_and(|(from, to)| from <= now && now < to.saturating_add(SECOND))
    }
}

/// What stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is (RFC 4514).
    pub subject: String,
    /// Who issued it (RFC 4514).
    pub issuer: String,
    /// Its serial number, hex.
    pub serial: String,
    /// From when it is valid.
    pub not_before: Time,
    /// Until when.
    pub not_after: Time,
}

/// The first and the last second in which the certificate `der` is valid.
pub(crate) fn validity(der: &[u8]) -> Option<(Time, Time)> {
    let validity = Certificate::from_der(der).ok()?.tbs_certificate.validity;
    let micros = |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_micros()).ok();
    Some((micros(validity.not_before)?, micros(validity.not_after)?))
}

/// The DNS names of the certificate `der`, out of its extension for them (RFC 5280 section 4.2.1.6).
pub(crate) fn names(der: &[u8]) -> Vec<String> {
    use x509_cert::ext::pkix::SubjectAltName;
    use x509_cert::ext::pkix::name::GeneralName;
    let Ok(read) = Certificate::from_der(der) else { return Vec::new() };
    let Ok(Some((_, SubjectAltName(all)))) = read.tbs_certificate.get::<SubjectAltName>() else {
        return Vec::new();
    };
    let dns = |name: GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        _ => None,
    };
    all.into_iter().filter_map(dns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_no_certificate_is_never_valid(der: Vec<u8>, now: i64) {
            proptest::prop_assert!(!ClientCertificate::new(&der).is_valid(now));
        }
    }
}
