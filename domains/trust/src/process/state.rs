//! Where a team is in the process: a value in which wrong states cannot be written. It is the fold of the team's entries
//! in the record and nothing else; what is stored of it is a copy to read quickly.

use std::collections::{BTreeMap, BTreeSet};

use contracts::trust::record::{Limit, Matter};
use kit::Time;
use serde::{Deserialize, Serialize};
use teams::TrustStatus;

use super::ballot::Ballot;

/// A team's way through the process. Teams and accounts are named by the text of their ids. What is stored of it must be read
/// by every later version: a field that comes later has its default in what was stored before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// How many entries the record has about it that are not sealed.
    pub number: i64,
    /// How many are sealed. It counts those that were erased since, which a replay does not.
    pub sealed: i64,
    /// When the last of them was made.
    pub updated: Time,
    /// Where it is.
    pub phase: Phase,
    /// Since when it has its standing.
    pub standing_since: Time,
    /// How many of its applications were rejected in a row.
    pub rejections: u32,
    /// The board lets it apply although it was rejected too often.
    pub leave: bool,
    /// Before this it may not apply, or ask for accreditation, again.
    pub again_from: Time,
    /// Its open cases before the review board, by number.
    pub cases: BTreeMap<u32, Case>,
    /// The number of its last case.
    pub last_case: u32,
}

/// Where a team is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Not listed; it may have been rejected.
    #[default]
    Unknown,
    /// It applies for listing.
    Listing(Listing),
    /// Level 0.
    Listed {
        /// It asked for accreditation then; 0: it did not.
        requested: Time,
        /// The account that asked.
        applicant: Option<String>,
    },
    /// It has the invitation package; still level 0.
    Invited(Invitation),
    /// Level 1.
    Candidate(Candidacy),
    /// Level 2.
    Accredited(Accreditation),
    /// Its standing rests.
    Suspended {
        /// The accreditation that it gets back when it is reinstated; `None`: it was listed or a candidate.
        was: Option<Accreditation>,
    },
    /// It left, or was taken off.
    Withdrawn,
}

/// An application for listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// When it came.
    pub applied: Time,
    /// It was withdrawn before: its standing stays so until it is listed.
    pub returns: bool,
    /// The account that applied.
    pub applicant: Option<String>,
    /// The teams that it names as sponsors.
    pub named: BTreeSet<String>,
    /// Those of them that stand up for it.
    pub sponsors: BTreeSet<String>,
    /// Those of them that have said that they do not.
    #[serde(default)]
    pub declined: BTreeSet<String>,
    /// How far it has got.
    pub stage: Stage,
}

/// How far an application has got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// The operator is to answer it.
    Applied,
    /// The rules are to be signed.
    Rules {
        /// SHA-256 of the exact document.
        document: String,
        /// Until when.
        deadline: Deadline,
    },
    /// The record is to be filled in.
    Data {
        /// Until when.
        deadline: Deadline,
    },
    /// The operator is to open the consultation.
    Ready {
        /// Since when.
        since: Time,
    },
    /// The community is consulted.
    Consultation {
        /// Until when.
        until: Time,
        /// Who supports it.
        supports: BTreeSet<String>,
        /// Who objects. Sealed.
        objections: BTreeSet<String>,
    },
}

/// An invitation to become accredited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// When it went out.
    pub invited: Time,
    /// The account that asked for it, if the team asked.
    pub applicant: Option<String>,
    /// SHA-256 of the exact document to be signed.
    pub document: String,
    /// Until when.
    pub deadline: Deadline,
    /// When the whole process is over at the latest.
    pub whole_until: Time,
}

/// A signature that was checked when it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// SHA-256 of the exact document.
    pub document: String,
    /// SHA-256 of the signature's own bytes.
    pub signature: String,
    /// The key's fingerprint, or the certificate's.
    pub by: String,
    /// When it was made.
    pub at: Time,
}

/// A team on its way to accreditation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidacy {
    /// Since when.
    pub began: Time,
    /// What it signed.
    pub signed: Signed,
    /// The accounts that asked and signed for the team: none of them verifies it.
    pub applicants: BTreeSet<String>,
    /// Until when it is to be accredited.
    pub deadline: Deadline,
    /// The record that it declared complete.
    pub completed: Option<String>,
    /// The verifier's questions by number, and whether each is answered.
    pub questions: BTreeMap<u32, bool>,
    /// The verification, if it passed.
    pub verified: Option<Verification>,
}

/// A verification that passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The digest of the record that was verified.
    pub record: String,
    /// The account that verified it.
    pub verifier: String,
    /// The verifier's team.
    pub team: String,
}

/// What an accreditation rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "kebab-case")]
pub enum Basis {
    /// The process of this record.
    Process {
        /// What the team signed.
        signed: Signed,
        /// The accounts that asked and signed for it.
        applicants: BTreeSet<String>,
        /// Who verified its record.
        verification: Verification,
    },
    /// A standing from before this record.
    TakenOver {
        /// On whose word.
        source: String,
    },
}

/// An accredited team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accreditation {
    /// Since when.
    pub since: Time,
    /// On what it rests.
    pub basis: Basis,
    /// When it confirmed its record last; 0: not since it was accredited.
    pub confirmed: Time,
    /// Until when it is to confirm its record: [`Limit::Confirmation`], or [`Limit::Grace`] when that is over.
    pub deadline: Deadline,
    /// Its certification.
    pub certified: Option<Certification>,
}

/// A certification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certification {
    /// Since when.
    pub since: Time,
    /// Its end.
    pub deadline: Deadline,
}

/// A moment by which something is to be done, and what was said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// For what.
    pub limit: Limit,
    /// When it was set.
    pub from: Time,
    /// When it is over.
    pub due: Time,
    /// How many of the reminders are past.
    pub reminded: u32,
    /// When the last one was sent; 0: none was.
    pub reminded_at: Time,
}

impl Deadline {
    /// A limit that was set at `from` and is over at `due`.
    pub const fn new(limit: Limit, from: Time, due: Time) -> Self {
        Self { limit, from, due, reminded: 0, reminded_at: 0 }
    }
}

/// An open case before the review board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What the board is asked.
    pub matter: Matter,
    /// Since when.
    pub opened: Time,
    /// The team that opened it.
    pub opener: String,
    /// How many seconders it needs before a ballot.
    pub needs: u32,
    /// Who seconds it.
    pub seconders: BTreeSet<String>,
    /// Teams of the board with a conflict of interest. Sealed.
    pub conflicts: BTreeSet<String>,
    /// The ballot that is open.
    pub ballot: Option<Ballot>,
    /// How many ballots were held without a decision.
    pub undecided: u32,
}

impl Listing {
    /// So many of the teams that it names may still stand up for it, or do.
    pub fn in_question(&self) -> usize {
        self.named.difference(&self.declined).count()
    }

    /// Sponsors come and go until the community is consulted.
    pub const fn takes_sponsors(&self) -> bool {
        !matches!(self.stage, Stage::Consultation { .. })
    }
}

impl State {
    /// The team's standing, as the directory shows it; `None`: it is not listed.
    pub fn standing(&self) -> Option<TrustStatus> {
        Some(match &self.phase {
            Phase::Listing(listing) if listing.returns => TrustStatus::Withdrawn,
            Phase::Unknown | Phase::Listing(_) => return None,
            Phase::Listed { .. } | Phase::Invited(_) => TrustStatus::Listed,
            Phase::Candidate(_) => TrustStatus::Candidate,
            Phase::Accredited(accreditation) if accreditation.certified.is_some() => TrustStatus::Certified,
            Phase::Accredited(_) => TrustStatus::Accredited,
            Phase::Suspended { .. } => TrustStatus::Suspended,
            Phase::Withdrawn => TrustStatus::Withdrawn,
        })
    }

    /// The standing's name, as entries have it.
    pub fn standing_name(&self) -> &'static str {
        self.standing().map_or("unknown", TrustStatus::name)
    }

    /// Its accreditation, if it has one that counts now.
    pub fn accreditation(&self) -> Option<&Accreditation> {
        match &self.phase {
            Phase::Accredited(accreditation) => Some(accreditation),
            _ => None,
        }
    }

    /// Its open case about `matter`.
    pub fn case_about(&self, matter: Matter) -> Option<(u32, &Case)> {
        self.cases.iter().find(|(_, case)| case.matter == matter).map(|(number, case)| (*number, case))
    }

    /// Whether it is under special review.
    pub fn is_under_review(&self) -> bool {
        self.case_about(Matter::Review).is_some()
    }

    /// What the team, or somebody about it, is to do by when; without ballots and consultations.
    pub fn deadlines(&self) -> Vec<&Deadline> {
        match &self.phase {
            Phase::Listing(Listing {
                stage: Stage::Rules { deadline, .. } | Stage::Data { deadline },
                ..
            }) => {
                vec![deadline]
            }
            Phase::Invited(Invitation { deadline, .. }) | Phase::Candidate(Candidacy { deadline, .. }) => {
                vec![deadline]
            }
            Phase::Accredited(accreditation) => {
                let certified = accreditation.certified.as_ref().map(|certified| &certified.deadline);
                [&accreditation.deadline].into_iter().chain(certified).collect()
            }
            Phase::Suspended { was: Some(accreditation) } => {
                accreditation.certified.iter().map(|certified| &certified.deadline).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn deadline_mut(&mut self, limit: Limit) -> Option<&mut Deadline> {
        let deadline = match &mut self.phase {
            Phase::Listing(Listing {
                stage: Stage::Rules { deadline, .. } | Stage::Data { deadline },
                ..
            }) => deadline,
            Phase::Invited(Invitation { deadline, .. }) | Phase::Candidate(Candidacy { deadline, .. }) => {
                deadline
            }
            Phase::Accredited(accreditation) | Phase::Suspended { was: Some(accreditation) } => {
                match (&mut accreditation.certified, limit) {
                    (Some(certified), Limit::Certification) => &mut certified.deadline,
                    _ => &mut accreditation.deadline,
                }
            }
            _ => return None,
        };
        (deadline.limit == limit).then_some(deadline)
    }
}

impl Phase {
    /// Its name in the database, in addresses and in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Listing(_) => "listing",
            Self::Listed { .. } => "listed",
            Self::Invited(_) => "invited",
            Self::Candidate(_) => "candidate",
            Self::Accredited(_) => "accredited",
            Self::Suspended { .. } => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }
}
