//! What a team says it is responsible for is a claim until something proves it. What proves it stands apart from the
//! record: a team proves nothing by saying so.

use std::fmt;
use std::str::FromStr;

use kit::{Error, Result, Time};
use rpsl::range::AddressRange;

use crate::record::Network;
use crate::team::Team;

/// Something that a team claims in its record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// A network of its constituency.
    Network(Network),
    /// A domain of its constituency, as it stands in the record or without `*.`.
    Domain(String),
    /// That the `irt` object of this name is the team's.
    Irt(String),
    /// An AS number of its constituency.
    Asn(u32),
}

impl Claim {
    /// The kind of claim, as stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Domain(_) => "domain",
            Self::Irt(_) => "irt",
            Self::Asn(_) => "asn",
        }
    }

    /// What is claimed, in the one spelling in which it is stored.
    pub fn text(&self) -> String {
        match self {
            Self::Network(network) => network.to_string(),
            Self::Domain(domain) => bare(domain).to_owned(),
            Self::Irt(name) => name.to_ascii_uppercase(),
            Self::Asn(number) => format!("AS{number}"),
        }
    }

    /// Reads a claim of `kind` from its text.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `claim`.
    pub fn parse(kind: &str, text: &str) -> Result<Self> {
        let text = text.trim();
        match kind {
            "network" => text
                .parse()
                .map(Self::Network)
                .map_err(|error| Error::invalid("claim", format!("{text:?}: {error}"))),
            "domain" => Ok(Self::Domain(bare(&text.to_lowercase()).to_owned())),
            "irt" => Ok(Self::Irt(text.to_ascii_uppercase())),
            "asn" => {
                let number = text.to_ascii_uppercase();
                let number = number.strip_prefix("AS").unwrap_or(&number).parse();
                let wrong = |_| Error::invalid("claim", format!("{text:?} is no AS number: write AS64496"));
                number.map(Self::Asn).map_err(wrong)
            }
            _ => Err(Error::invalid("claim", format!("{kind:?} is none: network, domain, irt or asn"))),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// What proves a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProofKind {
    /// An object of the registry.
    Registry,
    /// A record in the domain name system.
    Dns,
    /// A certificate for the name, network or number.
    Certificate,
    /// The operator's decision, on evidence that is named.
    Operator,
}

impl ProofKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Registry, Self::Dns, Self::Certificate, Self::Operator];

    /// Its name in the database and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Dns => "dns",
            Self::Certificate => "certificate",
            Self::Operator => "operator",
        }
    }

    /// In words that follow "proven by".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Registry => "the registry",
            Self::Dns => "the domain name system",
            Self::Certificate => "a certificate",
            Self::Operator => "the operator's decision",
        }
    }
}

impl FromStr for ProofKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| Error::invalid("proof", format!("{text:?} is no kind of proof")))
    }
}

/// That a claim holds: since when, by what, on whose word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The claim.
    pub claim: Claim,
    /// By what.
    pub kind: ProofKind,
    /// When it was found.
    pub at: Time,
    /// Who found it, as the record names them.
    pub by: String,
    /// On what evidence, in words: the object's name, the record's text, the letter's number.
    pub evidence: String,
    /// Since when what it rests on was not found any more; the proof counts until it is withdrawn.
    pub missing: Option<Time>,
}

impl Team {
    /// What proves the network: a proof of the range itself, or of one around it.
    pub fn network_proof(&self, network: &Network) -> Option<&Proof> {
        let covers = |range: AddressRange| {
            range.contains(network.range.first()) && range.contains(network.range.last())
        };
        self.proofs
            .iter()
            .find(|proof| matches!(&proof.claim, Claim::Network(proven) if covers(proven.range)))
    }

    /// What proves the domain (`*.` in front or not): a proof of the name itself, or of one above it, the closest
    /// first. Whoever holds a name holds what is below it.
    pub fn domain_proof(&self, domain: &str) -> Option<&Proof> {
        let mut name = bare(domain);
        loop {
            let proves = |proof: &&Proof| matches!(&proof.claim, Claim::Domain(proven) if proven == name);
            if let Some(found) = self.proofs.iter().find(proves) {
                return Some(found);
            }
            name = name.split_once('.')?.1;
        }
    }

    /// What proves that the AS number is the team's.
    pub fn number_proof(&self, number: u32) -> Option<&Proof> {
        self.proofs.iter().find(|proof| proof.claim == Claim::Asn(number))
    }

    /// What proves that the `irt` object which the record names is the team's.
    pub fn irt_proof(&self) -> Option<&Proof> {
        let name = self.irt.as_deref()?;
        self.proofs.iter().find(|proof| matches!(&proof.claim, Claim::Irt(proven) if proven == name))
    }
}

/// The domain without `*.` and final dot.
pub(crate) fn bare(domain: &str) -> &str {
    domain.strip_prefix("*.").unwrap_or(domain).trim_end_matches('.')
}
