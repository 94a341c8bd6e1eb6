//! What a `key-cert` object holds, out of the key itself.

use kit::Digest;
use mail::pgp::PublicKey;
use rpsl::{KeyCert, KeyReference, Notes, Object};

/// What a `key-cert` object holds.
pub(crate) enum Key {
    /// An OpenPGP key.
    Pgp(Box<PublicKey>),
    /// A certificate, in DER.
    X509(Vec<u8>),
}

impl Key {
    /// Reads the key out of `certif`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn of(object: &Object<'_>) -> Result<Self, String> {
        let cert = KeyCert::read(object, &mut Notes::default()).map_err(|error| error.to_string())?;
        if cert.armor.starts_with("-----BEGIN CERTIFICATE") {
            let der = der(&cert.armor).ok_or("the certificate in certif cannot be read: copy it as PEM")?;
            return Ok(Self::X509(der));
        }
        let mut keys = PublicKey::parse_all(cert.armor.as_bytes()).map_err(|error| error.to_string())?;
        match (keys.pop(), keys.is_empty()) {
            (Some(key), true) => Ok(Self::Pgp(Box::new(key))),
            _ => Err("certif holds several keys: one object is for one key".to_owned()),
        }
    }

    /// `PGP` or `X509`.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Pgp(_) => "PGP",
            Self::X509(_) => "X509",
        }
    }

    /// The user ids that the key certifies. Of a certificate none: it is not taken apart.
    pub(crate) fn owners(&self) -> Vec<String> {
        match self {
            Self::Pgp(key) => key.user_ids(),
            Self::X509(_) => Vec::new(),
        }
    }

    /// The whole fingerprint in upper-case hexadecimal digits: of a certificate its SHA-256.
    pub(crate) fn fingerprint(&self) -> String {
        match self {
            Self::Pgp(key) => key.fingerprint(),
            Self::X509(der) => Digest::of(der).to_string().to_uppercase(),
        }
    }
}

/// The fingerprint of the OpenPGP key in the text of a `key-cert` object.
pub(crate) fn fingerprint(text: &[u8]) -> Option<String> {
    match Key::of(&Object::parse(text).ok()?).ok()? {
        Key::Pgp(key) => Some(key.fingerprint()),
        Key::X509(_) => None,
    }
}

/// All names by which a key with this fingerprint is referred to: the whole one first, then its aliases.
pub(crate) fn aliases(fingerprint: &str) -> Vec<String> {
    let id = match fingerprint.len() {
        // RFC 9580 section 5.5.4: of version 4 the end, of version 6 the beginning
        40 => fingerprint.get(24..),
        _ => fingerprint.get(..16),
    };
    let mut names = vec![fingerprint.to_owned()];
    if let Some(id) = id {
        names.push(id.to_owned());
        names.extend(id.get(8..).map(str::to_owned));
        if fingerprint.len() == 64 {
            names.extend(id.get(..8).map(str::to_owned));
        }
    }
    names.into_iter().map(|name| KeyReference::Pgp(name).to_string()).collect()
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    data_encoding::BASE64.decode(body.as_bytes()).ok()
}
