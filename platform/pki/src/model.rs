//! What the authority keeps.

use std::str::FromStr;

use kit::{Error, Id, Time};

use crate::x509::crl::Reason;

/// How an authority stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has a key, and waits for its certificate from the root.
    Requested,
    /// It issues; of a root: it is the community's.
    Active,
    /// It issues nothing any more; what it has issued is good, and it answers for it.
    Retired,
    /// The root has revoked it: nothing that it issued is good.
    Revoked,
}

impl Standing {
    /// Its name in the database, in files and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for Standing {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [Self::Requested, Self::Active, Self::Retired, Self::Revoked];
        let found = all.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| Error::Corrupt(format!("an authority stands as {text:?}")))
    }
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A person logs in with it.
    Person,
    /// A server shows it.
    Server,
    /// The node's own listener shows it.
    Node,
}

impl Purpose {
    /// Its name in the database and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Server => "server",
            Self::Node => "node",
        }
    }

    /// What a team must be entitled to; the node serves whatever its operator's standing is.
    pub const fn service(self) -> Option<contracts::trust::Service> {
        match self {
            Self::Person => Some(contracts::trust::Service::PersonCertificates),
            Self::Server => Some(contracts::trust::Service::ServerCertificates),
            Self::Node => None,
        }
    }
}

impl FromStr for Purpose {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "person" => Ok(Self::Person),
            "server" => Ok(Self::Server),
            "node" => Ok(Self::Node),
            _ => Err(Error::Corrupt(format!("a certificate is for {text:?}"))),
        }
    }
}

/// An authority as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) root: bool,
    pub(crate) state: Standing,
    pub(crate) certificate: Option<Vec<u8>>,
    pub(crate) key_sealed: Option<Vec<u8>>,
    pub(crate) crl: Option<Vec<u8>>,
    pub(crate) crl_number: i64,
    pub(crate) crl_until: Time,
}

/// What is kept in memory of a certificate: all that its verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// SHA-256 of its bytes.
    pub fingerprint: [u8; 32],
    /// The authority that signed it.
    pub authority: Id,
    /// Its number, hex.
    pub serial: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The organisation it was issued to.
    pub organisation: Id,
    /// The account it logs in.
    pub account: Option<Id>,
    /// From when it is valid.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Since when it is revoked for good, and why.
    pub revoked: Option<(Time, Reason)>,
    /// Since when the list says that its team is not entitled to it.
    pub held: Option<Time>,
}

/// A certificate that was just issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// What counts.
    pub known: Known,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// The names of hosts in it.
    pub names: Vec<String>,
    /// Who is told before it ends.
    pub notify: Option<String>,
    /// The certificate (DER).
    pub der: Vec<u8>,
    /// The certificate and the authorities above it but the root, in PEM: what a server sends.
    pub chain: String,
}

/// A certificate with all that is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What counts.
    pub known: Known,
    /// Its subject (RFC 4514).
    pub subject: String,
    /// The names of hosts in it.
    pub names: Vec<String>,
    /// When it was issued.
    pub issued: Time,
    /// Who is told before it ends.
    pub notify: Option<String>,
    /// The certificate (DER).
    pub der: Vec<u8>,
    /// Whose it is.
    pub organisation_name: String,
    /// The authority that signed it, by its name here.
    pub authority_name: String,
}

/// What another's authority is trusted for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Serves {
    /// People log in and sign with its certificates.
    #[default]
    Clients,
    /// Its certificates prove what teams claim.
    Claims,
    /// Both.
    Both,
}

impl Serves {
    /// Its name in the database and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Claims => "claims",
            Self::Both => "both",
        }
    }

    /// In words that follow "trusted".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Clients => "for clients",
            Self::Claims => "to prove claims",
            Self::Both => "for clients, and to prove claims",
        }
    }

    /// Whether its certificates log in and sign.
    pub const fn clients(self) -> bool {
        matches!(self, Self::Clients | Self::Both)
    }

    /// Whether its certificates prove what teams claim.
    pub const fn claims(self) -> bool {
        matches!(self, Self::Claims | Self::Both)
    }
}

impl FromStr for Serves {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [Self::Clients, Self::Claims, Self::Both];
        let found = all.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| Error::Corrupt(format!("an authority is trusted for {text:?}")))
    }
}

/// Another's authority that is trusted here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// The name it has here.
    pub name: String,
    /// Its certificate (DER).
    pub certificate: Vec<u8>,
    /// Its newest revocation list (DER).
    pub crl: Option<Vec<u8>>,
    /// From when the list is.
    pub crl_from: Option<Time>,
    /// Until when it is good.
    pub crl_until: Option<Time>,
    /// Where it is fetched; `None`: it is brought by hand.
    pub crl_url: Option<String>,
    /// Whether its certificates are taken also without a list that is in its time.
    pub accept_without_crl: bool,
    /// What it is trusted for.
    pub serves: Serves,
    /// Since when it is trusted.
    pub added: Time,
}
