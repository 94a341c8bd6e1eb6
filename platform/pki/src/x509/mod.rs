//! Certificates, requests, revocation lists and answers by OCSP: bytes in, types out. No clock, no database, no sockets.
//!
//! What comes from outside is bounded before it is read: see [`csr::LARGEST`], [`ocsp::LARGEST`], [`cms::LARGEST`]
//! and [`resources::LARGEST`].

pub mod cms;
pub mod crl;
pub mod csr;
mod key;
mod limits;
mod name;
pub mod ocsp;
mod pem;
mod profile;
pub mod resources;
mod spki;

pub use key::{CaKey, Curve};
pub(crate) use limits::Limits;
pub(crate) use name::{CN, O, UID, attributes, dns_name, names_alike, subject};
pub use pem::{armour, blocks};
pub use profile::{Draft, Issuer, Places, Profile, serial, sign};
pub use spki::{Key, verify};
pub(crate) use spki::{fingerprint, key_id};

use std::time::Duration;

use kit::{Error, Result};
use x509_cert::der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::der::{self, DateTime};
use x509_cert::time::Time;

/// The time of a certificate (RFC 5280 section 4.1.2.5: two digits of the year until 2049), cut to whole seconds.
pub(crate) fn time(at: kit::Time) -> Result<Time> {
    let date = date(at)?;
    let time = if date.year() <= 2049 {
        Time::UtcTime(UtcTime::from_date_time(date).map_err(unencoded)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date))
    };
    Ok(time)
}

/// The date of an answer by OCSP, cut to whole seconds.
pub(crate) fn date(at: kit::Time) -> Result<DateTime> {
    let seconds = u64::try_from(at / kit::clock::SECOND).unwrap_or(0);
    DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(unencoded)
}

/// Microseconds since 1970 UTC.
pub(crate) fn micros(time: &Time) -> kit::Time {
    i64::try_from(time.to_unix_duration().as_micros()).unwrap_or(i64::MAX)
}

/// What the encoder refused: a name that is too long, a time beyond the year 9999.
pub(crate) fn unencoded(error: der::Error) -> Error {
    Error::invalid("certificate", format!("this cannot be written into a certificate ({error})"))
}
