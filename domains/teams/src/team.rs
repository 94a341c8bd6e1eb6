//! A team as the directory knows it: its own record, and what stands about it on this node.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use kit::{Error, Id, Time};
use mail::pgp::{PublicKey, Validity};

use crate::claims::{Claim, Proof};
use crate::record::{Audience, Channel, Network, TeamRecord, Usage};

/// How far the community trusts a team. A team that is not listed has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrustStatus {
    /// It left, or was taken off.
    Withdrawn,
    /// Its standing rests until a review is over.
    Suspended,
    /// Known, by the word of others.
    Listed,
    /// On its way to accreditation.
    Candidate,
    /// Its presentation was verified and is kept up to date.
    Accredited,
    /// Its maturity was assessed.
    Certified,
}

impl TrustStatus {
    /// All of them, the lowest first.
    pub const ALL: [Self; 6] =
        [Self::Withdrawn, Self::Suspended, Self::Listed, Self::Candidate, Self::Accredited, Self::Certified];

    /// Its name in the database, in files and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Suspended => "suspended",
            Self::Listed => "listed",
            Self::Candidate => "candidate",
            Self::Accredited => "accredited",
            Self::Certified => "certified",
        }
    }
}

impl fmt::Display for TrustStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TrustStatus {
    type Err = Error;

    /// Its name, or the letter that the Trusted Introducer's export has.
    fn from_str(text: &str) -> Result<Self, Error> {
        let by_letter = match text {
            "l" => Some(Self::Listed),
            "a" => Some(Self::Accredited),
            "c" => Some(Self::Certified),
            _ => None,
        };
        by_letter.or_else(|| Self::ALL.into_iter().find(|status| status.name() == text)).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::invalid("status", format!("{text:?} is no trust status; choose among {known}"))
        })
    }
}

/// A trust status and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: TrustStatus,
    /// Since when.
    pub since: Time,
}

/// A public key of a team.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamKey {
    /// The key; its own self-signatures say from when to when it is good.
    pub key: PublicKey,
    /// When it was entered here.
    pub added: Time,
    /// Since when it is not to be used any more.
    pub withdrawn: Option<Time>,
}

/// A team of the directory. It reads like its [`TeamRecord`] (`team.name`, `team.irt`, …), with what the team itself
/// does not say: standing, keys as judged, whether its desk is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    /// Its id: that of its organisation.
    pub id: Id,
    /// What it says about itself.
    pub record: TeamRecord,
    /// How far the community trusts it; `None`: it is not listed.
    pub standing: Option<Standing>,
    /// What proves the claims of its record.
    pub proofs: Vec<Proof>,
    /// Its public keys, the one added last first.
    pub keys: Vec<TeamKey>,
    /// Whether this node runs its desk.
    pub desk: bool,
    /// The addresses at which its desk's mail comes in, the main one first.
    pub mailboxes: Vec<String>,
    /// When anything of this was changed last.
    pub updated: Time,
}

impl Deref for Team {
    type Target = TeamRecord;

    fn deref(&self) -> &TeamRecord {
        &self.record
    }
}

/// A team as one audience may see it. Pages, API and exports are made of this, and it is had from
/// [`Team::seen_by`] only; so what somebody may not see cannot get into them.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    team: Team,
    audience: Audience,
}

impl Seen {
    /// For whom it was made.
    pub fn audience(&self) -> Audience {
        self.audience
    }
}

impl Deref for Seen {
    type Target = Team;

    fn deref(&self) -> &Team {
        &self.team
    }
}

impl Team {
    /// The team as `audience` may see it: the record by [`TeamRecord::view_for`], proofs of what is shown, and the
    /// mailboxes of its desk for itself.
    pub fn seen_by(&self, audience: Audience) -> Seen {
        let record = self.record.view_for(audience);
        let shown = |proof: &&Proof| match &proof.claim {
            Claim::Network(Network { range }) => record
                .networks
                .iter()
                .any(|network| range.contains(network.range.first()) && range.contains(network.range.last())),
            Claim::Domain(name) => record.domains.iter().any(|domain| {
                let domain = crate::claims::bare(domain);
                domain.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }),
            Claim::Irt(name) => record.irt.as_ref() == Some(name),
            Claim::Asn(number) => record.asns.contains(number),
        };
        let proofs = self.proofs.iter().filter(shown).cloned();
        let proofs = proofs.map(|mut proof| {
            // On whose word and which evidence is between the team and the operator.
            if audience < Audience::Team {
                (proof.by, proof.evidence) = (String::new(), String::new());
            }
            proof
        });
        let team = Self {
            id: self.id,
            proofs: proofs.collect(),
            standing: self.standing,
            keys: self.keys.clone(),
            desk: self.desk,
            mailboxes: if audience >= Audience::Team { self.mailboxes.clone() } else { Vec::new() },
            updated: self.updated,
            record,
        };
        Seen { team, audience }
    }

    /// The version of its record, SHA-256 in upper-case hex: who confirms the record confirms this.
    pub fn record_digest(&self) -> String {
        self.record.digest()
    }

    /// The name of its trust status; `not listed` without one.
    pub fn status_name(&self) -> &'static str {
        self.standing.map_or("not listed", |standing| standing.status.name())
    }

    /// Its keys that were not withdrawn, the one added last first.
    pub fn keys_in_use(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().filter(|key| key.withdrawn.is_none()).map(|key| &key.key)
    }

    /// Whether `id` (a fingerprint or key id, hex) names a key of its own that was not withdrawn, or a part of one.
    pub fn has_key(&self, id: &str) -> bool {
        self.keys_in_use().any(|key| key.has_id(id))
    }

    /// The key to encrypt to at `at` (Unix seconds, as everywhere about keys): of those that are good then, the one
    /// made last.
    ///
    /// # Errors
    /// Why there is none, in words that follow "cannot be encrypted:".
    pub fn encryption_key(&self, at: i64) -> Result<&PublicKey, String> {
        let good = self.keys_in_use().filter(|key| key.can_encrypt(at).is_valid());
        if let Some(key) = good.max_by_key(|key| key.created()) {
            return Ok(key);
        }
        let newest = self.keys_in_use().max_by_key(|key| key.created());
        Err(match newest {
            None if self.keys.is_empty() => format!("{} has no key in the directory", self.name),
            None => format!("every key of {} was withdrawn", self.name),
            Some(key) => {
                let end = ui::format::fingerprint_end(&key.fingerprint());
                let why = match key.can_encrypt(at) {
                    // Said of a part of a key, it would read as if nothing were wrong.
                    Validity::Valid { .. } => "cannot be used".to_owned(),
                    verdict => verdict.to_string(),
                };
                format!("the key {end} of {} {why}", self.name)
            }
        })
    }

    /// The address to which incident reports go; without one of that kind, any other of the team's.
    pub fn report_address(&self) -> Option<&str> {
        let of = |usage: Usage| self.emails.iter().find(move |email| email.usage == usage);
        let email = of(Usage::Report).or_else(|| of(Usage::Team)).or_else(|| self.emails.first());
        email.map(|email| email.address.as_str())
    }

    /// The main address of its desk, if this node runs it.
    pub fn mailbox(&self) -> Option<&str> {
        self.mailboxes.first().map(String::as_str).filter(|_| self.desk)
    }

    /// How it wants to be told before all; mail when it does not say.
    pub fn preferred_channel(&self) -> Channel {
        self.channels.first().copied().unwrap_or(Channel::Mail)
    }

    /// Whether it wants rows as an attachment.
    pub fn wants_csv(&self) -> bool {
        self.channels.contains(&Channel::Csv)
    }

    /// The language to write to it in, ISO 639-1; English when it does not say.
    pub fn language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }

    /// The number to call in an emergency.
    pub fn emergency_phone(&self) -> Option<&str> {
        self.phones.iter().find(|phone| phone.usage == Usage::Emergency).map(|phone| phone.number.as_str())
    }

    /// Its standing at a glance, for [`ui::trust`].
    pub fn trust(&self) -> &'static str {
        self.standing.map_or("", |standing| standing.status.name())
    }
}
