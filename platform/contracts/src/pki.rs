//! What the community's certification authority did. All of it stands in one stream, the issuance log.

use crate::Event;
use serde::{Deserialize, Serialize};

macro_rules! in_the_log {
    ($($name:ident $kind:literal;)*) => {$(
        impl Event for $name {
            const KIND: &'static str = $kind;

            fn stream(&self) -> String {
                "pki".into()
            }
        }
    )*};
}

in_the_log! {
    AuthorityChanged "pki.authority_changed";
    CertificateIssued "pki.certificate_issued";
    CertificateRevoked "pki.certificate_revoked";
    CertificateHeld "pki.certificate_held";
    CertificateReleased "pki.certificate_released";
    IssuerTrusted "pki.issuer_trusted";
}

/// An authority of the community was made, took up its work, gave it up or was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityChanged {
    /// Its name in addresses, such as `issuing-1`.
    pub authority: String,
    /// What it is from now on: `requested`, `active`, `retired`, `revoked`.
    pub state: String,
    /// SHA-256 of its certificate, hex; empty while it has none.
    pub fingerprint: String,
}

/// A certificate was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateIssued {
    /// The authority that signed it.
    pub authority: String,
    /// Its number, hex.
    pub serial: String,
    /// SHA-256 of it, hex.
    pub fingerprint: String,
    /// `person` or `server`.
    pub purpose: String,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// The names of hosts in it.
    pub names: Vec<String>,
    /// The organisation it was issued to, by id.
    pub organisation: String,
    /// The account it logs in, by id.
    pub account: Option<String>,
    /// Until when it is valid (RFC 3339).
    pub until: String,
}

/// A certificate was revoked for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRevoked {
    /// The authority that signed it.
    pub authority: String,
    /// Its number, hex.
    pub serial: String,
    /// Why, by its name in RFC 5280.
    pub reason: String,
}

/// A certificate is not good for now: the team's standing does not entitle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateHeld {
    /// The authority that signed it.
    pub authority: String,
    /// Its number, hex.
    pub serial: String,
    /// What the team lacks.
    pub why: String,
}

/// A certificate that was held is good again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateReleased {
    /// The authority that signed it.
    pub authority: String,
    /// Its number, hex.
    pub serial: String,
}

/// Another's authority is trusted here, or is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerTrusted {
    /// The name it has here.
    pub name: String,
    /// SHA-256 of its certificate, hex.
    pub fingerprint: String,
    /// Whether it is trusted from now on.
    pub trusted: bool,
    /// For what: `clients`, `claims`, `both`. What stands in the record without it was for clients.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serves: String,
}
