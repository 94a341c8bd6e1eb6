//! What can be asked of the process: one enumeration for each capacity, so that the permission of a use case and what it
//! can ask for stand in one signature.

use std::collections::BTreeSet;
use std::fmt;

use contracts::trust::record::{Change, Choice};
use kit::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Paragraph;

/// What the operator can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Operate {
    /// List a team that it knows.
    ListKnown {
        /// By whom, or from what, it knows it.
        source: String,
    },
    /// Answer an application: the rules go to the team, to be signed.
    SendRules,
    /// Decline an application, an invitation or a candidacy.
    Decline {
        /// Why, for the team.
        reason: String,
    },
    /// Consult the community about an application.
    OpenConsultation,
    /// Send the invitation package.
    Invite,
    /// Ask the candidate.
    Ask {
        /// The question.
        text: String,
    },
    /// The candidate's record was verified as it is now.
    Verify {
        /// What was found, for the team.
        finding: String,
    },
    /// Accredit the candidate.
    Accredit,
    /// Put the team under special review.
    OpenReview {
        /// Why, for the case file.
        grounds: String,
    },
    /// Put something into a case file.
    File {
        /// The case's number.
        case: u32,
        /// What.
        text: String,
    },
    /// Have the board vote.
    OpenBallot {
        /// The case's number.
        case: u32,
    },
    /// Move the limit that runs, or the wait. An override.
    MoveLimit {
        /// When it is over instead.
        #[serde(with = "moment")]
        #[schema(value_type = String, format = DateTime)]
        until: Time,
        /// Why, for the report.
        reason: String,
    },
    /// Suspend at once; the board has a case about it with it. An override.
    SuspendAtOnce {
        /// Why, for the report and the case file.
        reason: String,
    },
}

/// What a member of the review board can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Judge {
    /// Put the team under special review.
    OpenReview {
        /// Why, for the case file.
        grounds: String,
    },
    /// Ask whether a suspended team is reinstated.
    OpenReinstatement {
        /// Why, for the case file.
        grounds: String,
    },
    /// Put something into a case file.
    File {
        /// The case's number.
        case: u32,
        /// What.
        text: String,
    },
    /// Declare that one's team has a conflict of interest.
    DeclareConflict {
        /// The case's number.
        case: u32,
        /// Which.
        reason: String,
    },
    /// Begin the ballot.
    OpenBallot {
        /// The case's number.
        case: u32,
    },
    /// Cast the ballot of one's team.
    Vote {
        /// The case's number.
        case: u32,
        /// For what.
        #[schema(value_type = String)]
        choice: Choice,
    },
    /// Close a case without a ballot.
    CloseCase {
        /// The case's number.
        case: u32,
        /// Why, for members.
        reason: String,
    },
}

/// What the team concerned can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Represent {
    /// Apply for listing.
    Apply {
        /// The ids of the teams that sponsor it.
        sponsors: Vec<String>,
    },
    /// Ask another team to be a sponsor.
    NameSponsor {
        /// Its id.
        sponsor: String,
    },
    /// Declare the record filled in, for the consultation.
    Submit,
    /// Ask for accreditation.
    RequestAccreditation,
    /// Hand in the signed rules. Only a signature that was verified becomes this.
    #[serde(skip)]
    Sign(Acceptance),
    /// Declare the record complete.
    Complete,
    /// Answer the verifier.
    Answer {
        /// The question's number.
        question: u32,
        /// The answer.
        text: String,
    },
    /// Confirm the record as one has seen it.
    Confirm {
        /// The digest of what one has seen.
        record: String,
    },
    /// Ask for certification, or for another one.
    RequestCertification {
        /// On what: the self-assessment, a workshop; for the case file.
        report: String,
    },
    /// Ask the board to give the standing back.
    RequestReinstatement {
        /// Why, for the case file.
        grounds: String,
    },
    /// Ask the board for leave to apply again.
    RequestLeave {
        /// Why, for the case file.
        grounds: String,
    },
    /// Take back an application, an invitation or a candidacy.
    TakeBack,
    /// Leave the community.
    Depart,
}

/// What another team of the community can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Join {
    /// Stand up as sponsor.
    Sponsor,
    /// Say that one's team, which was named, is no sponsor; or not any more.
    DeclineToSponsor {
        /// Why; the applicant and the operator read it.
        reason: String,
    },
    /// Support an application.
    Support {
        /// What members may read; may be empty.
        note: String,
    },
    /// Object to an application.
    Object {
        /// Why; only operator and board read it.
        reason: String,
    },
    /// Take the objection back.
    WithdrawObjection,
    /// Move that the team be suspended.
    ProposeSuspension {
        /// Why, for the case file.
        grounds: String,
    },
    /// Second a motion.
    Second {
        /// The case's number.
        case: u32,
    },
}

/// Anything that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// By the operator.
    Operate(Operate),
    /// By the review board.
    Judge(Judge),
    /// By the team concerned.
    Represent(Represent),
    /// By another team.
    Join(Join),
}

/// The rules, signed: there is none but by the module `signing`, which checks the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// SHA-256 of the exact document that was signed.
    pub(crate) document: String,
    /// SHA-256 of the signature's bytes, which are kept.
    pub(crate) signature: String,
    /// The fingerprint of the key, or the SHA-256 of the certificate.
    pub(crate) by: String,
    /// When it was made.
    pub(crate) at: Time,
}

/// What is so outside of the team's own state when something is asked.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The team's id.
    pub team: String,
    /// The digest of its record.
    pub record: String,
    /// What its record lacks, in words.
    pub missing: Vec<String>,
    /// Why the signature of a candidate does not hold any more, if so.
    pub signature_lost: Option<String>,
    /// SHA-256 of the document that would go to the team now.
    pub document: String,
    /// The team's newest assessment of itself.
    pub assessed: Option<Assessed>,
    /// The teams that are entitled to a vote.
    pub voters: BTreeSet<String>,
    /// The teams that judge: with a seat on the review board, and entitled to a vote.
    pub board: BTreeSet<String>,
}

/// A team's assessment of itself, as a case file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// SHA-256 of the statement about it.
    pub document: String,
    /// The day on which it was finished.
    pub day: String,
}

impl Facts {
    /// With the board: of the teams that have a seat those that are entitled to a vote now. A seat outlives a
    /// suspension, its rights do not.
    pub fn with_seats(mut self, seats: &BTreeSet<String>) -> Self {
        self.board = seats.intersection(&self.voters).cloned().collect();
        self
    }
}

/// One entry to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub change: Change,
    /// Under which paragraph.
    pub paragraph: Paragraph,
    /// SHA-256 of the documents it rests on.
    pub evidence: Vec<String>,
    /// The fingerprint of the key whose signature is among them.
    pub signature: Option<String>,
}

impl Step {
    pub(crate) fn new(paragraph: Paragraph, change: Change) -> Self {
        Self { change, paragraph, evidence: Vec::new(), signature: None }
    }
}

/// Why something is not done, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is the matter.
    pub why: String,
    /// What helps.
    pub todo: String,
}

impl Refused {
    pub(super) fn new(why: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { why: why.into(), todo: todo.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.why, self.todo)
    }
}

impl From<Refused> for kit::Error {
    fn from(refused: Refused) -> Self {
        Self::Conflict(refused.to_string())
    }
}

/// Moments as RFC 3339 in JSON.
mod moment {
    use kit::Time;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&ui::format::iso(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = text
            .parse::<jiff::Timestamp>()
            .map_err(|_| D::Error::custom(format!("{text:?} is no moment: write 2026-12-24T12:00:00Z")))?;
        Ok(time.as_microsecond())
    }
}
