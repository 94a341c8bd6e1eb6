//! Which certificate is whose: the tie between a person's certificate and their account.

use kit::{Id, Result, Time, Write};

use crate::store;

/// A certificate of a person, as it is tied to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its bytes (DER).
    pub fingerprint: [u8; 32],
    /// Whose it is.
    pub account: Id,
    /// Its subject (RFC 4514).
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

/// Ties a certificate to its account, in the transaction that issues or accepts it. Tied already, it stays as it is.
///
/// # Errors
/// The database refuses it: there is no such account.
pub fn bind_certificate(tx: &Write<'_>, certificate: &Certificate, now: Time) -> Result<()> {
    store::bind_certificate(tx, certificate, now)
}
