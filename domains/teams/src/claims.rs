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

/// Whether the operator took back what would prove `claim` in this way: a claim cut otherwise is no other claim.
pub(crate) fn is_taken_back(taken_back: &[(Claim, ProofKind)], claim: &Claim, kind: ProofKind) -> bool {
    taken_back.iter().any(|(other, by)| *by == kind && other.takes_along(claim))
}

impl Claim {
    /// Whether `other` is doubted with it: a network that has an address in common, a domain below.
    fn takes_along(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Network(one), Self::Network(other)) => {
                let ((first, last), (from, to)) =
                    ((one.range.first(), one.range.last()), (other.range.first(), other.range.last()));
                first <= to && from <= last
            }
            (Self::Domain(one), Self::Domain(other)) => {
                let (one, other) = (bare(one).to_ascii_lowercase(), bare(other).to_ascii_lowercase());
                one == other || other.ends_with(&format!(".{one}"))
            }
            _ => self == other,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn network(range: &str) -> Claim {
        Claim::Network(Network { range: rpsl::range::parse_range(range).unwrap() })
    }

    #[test]
    fn what_was_taken_back_is_not_had_again_by_a_claim_cut_otherwise() {
        let taken_back = [
            (network("192.0.2.0/24"), ProofKind::Registry),
            (Claim::Domain("uni.example".into()), ProofKind::Dns),
        ];
        for (claim, kind, is_it) in [
            (network("192.0.2.0/24"), ProofKind::Registry, true),
            (network("192.0.2.0/25"), ProofKind::Registry, true),
            (network("192.0.2.255 - 192.0.3.7"), ProofKind::Registry, true),
            (network("192.0.3.0/24"), ProofKind::Registry, false),
            (network("2001:db8::/32"), ProofKind::Registry, false),
            (network("192.0.2.0/25"), ProofKind::Dns, false),
            (Claim::Domain("*.UNI.example".into()), ProofKind::Dns, true),
            (Claim::Domain("lab.uni.example".into()), ProofKind::Dns, true),
            (Claim::Domain("example".into()), ProofKind::Dns, false),
            (Claim::Domain("otheruni.example".into()), ProofKind::Dns, false),
        ] {
            assert_eq!(is_taken_back(&taken_back, &claim, kind), is_it, "{claim} by {kind:?}");
        }
    }
}
