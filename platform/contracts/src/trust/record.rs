//! The record of trust: each change of a team's standing, and each step towards one, is one entry of the stream `trust`.
//!
//! Times are microseconds since 1970 UTC. Limits stand in the entries as moments, not as lengths: whoever replays the
//! record needs no configuration. People are named by the id of their account: an opaque name that says nothing once
//! the account is erased.

use serde::{Deserialize, Serialize};

/// The stream that all entries stand in.
pub const STREAM: &str = "trust";

/// The kind under which the chain names entries whose particulars are sealed: it does not tell them apart.
pub const SEALED: &str = "trust.sealed";

/// Who is shown the particulars of an entry. A later one is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody.
    Public,
    /// Members of the community, and the team concerned.
    Members,
    /// The team concerned, the operator, the review board.
    Team,
    /// The operator and the review board; their kind does not show either.
    Sealed,
}

impl Audience {
    /// All of them, the widest first.
    pub const ALL: [Self; 4] = [Self::Public, Self::Members, Self::Team, Self::Sealed];

    /// Its name in the database and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
            Self::Team => "team",
            Self::Sealed => "sealed",
        }
    }
}

/// In which capacity somebody acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// The operator of the community, called introducer.
    Operator,
    /// A member of the review board.
    Board,
    /// The owner of the community.
    Owner,
    /// The team concerned.
    Team,
    /// Another team of the community.
    Member,
    /// The node itself, when a limit is over.
    Node,
}

impl Capacity {
    /// Its name, as the chain has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Board => "board",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::Member => "member",
            Self::Node => "node",
        }
    }
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// In which capacity.
    pub capacity: Capacity,
    /// The id of their team.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team: Option<String>,
    /// The id of their account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
}

impl By {
    /// The node itself.
    pub const NODE: Self = Self { capacity: Capacity::Node, team: None, account: None };
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The id of the team concerned; empty: the community itself.
    pub team: String,
    /// Its handle then.
    pub handle: String,
    /// Its place among the entries about this team, from 1.
    pub number: i64,
    /// The team's standing before: `unknown`, `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
    pub from: String,
    /// The team's standing after.
    pub to: String,
    /// The paragraph of the rules under which it happened.
    pub rule: String,
    /// Who acted.
    pub by: By,
    /// SHA-256 of the documents it rests on, lower-case hex.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<String>,
    /// The fingerprint of the key (or SHA-256 of the certificate) whose signature is among the evidence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signature: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

/// What a limit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Signing the community's rules.
    Acceptance,
    /// Filling in the data of a listing.
    ListingData,
    /// Completing the record as a candidate.
    Completion,
    /// Confirming the record again.
    Confirmation,
    /// The grace after a confirmation that did not come.
    Grace,
    /// The end of a certification.
    Certification,
}

/// What the review board is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matter {
    /// Special review: whether the team keeps its standing.
    Review,
    /// A motion to suspend the team.
    Suspension,
    /// Whether a suspended team is reinstated.
    Reinstatement,
    /// Whether the team is certified, or certified again.
    Certification,
    /// Whether a team that was rejected too often may apply again.
    Leave,
}

impl Matter {
    /// Its name in files and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Suspension => "suspension",
            Self::Reinstatement => "reinstatement",
            Self::Certification => "certification",
            Self::Leave => "leave",
        }
    }
}

/// What a ballot can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The team keeps the standing that it has; a request is declined.
    Keep,
    /// It is suspended.
    Suspend,
    /// It falls back to level 0.
    FallBack,
    /// It is taken off the list.
    Withdraw,
    /// Its standing is given back.
    Reinstate,
    /// It is certified.
    Certify,
    /// It may apply again.
    Allow,
    /// No opinion; counts for the quorum alone.
    Abstain,
}

impl Choice {
    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Suspend => "suspend",
            Self::FallBack => "fall-back",
            Self::Withdraw => "withdraw",
            Self::Reinstate => "reinstate",
            Self::Certify => "certify",
            Self::Allow => "allow",
            Self::Abstain => "abstain",
        }
    }
}

/// How many votes a choice got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The choice.
    pub choice: Choice,
    /// Votes for it.
    pub votes: u32,
}

/// Why something ended without success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The limit went by.
    Lapsed,
    /// The team took its request back.
    TakenBack,
    /// The operator declined it; the reason went to the team.
    Declined,
    /// The consultation did not find for it.
    Consultation,
}

macro_rules! changes {
    ($($(#[$meta:meta])* $name:ident $kind:literal $audience:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "what", rename_all = "kebab-case")]
        pub enum Change {
            $($(#[$meta])* $name { $($(#[$field_meta])* $field: $type),* },)*
        }

        impl Change {
            /// Its kind, whoever may see it.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => $kind),* }
            }

            /// Who is shown its particulars.
            pub const fn audience(&self) -> Audience {
                match self { $(Self::$name { .. } => Audience::$audience),* }
            }

            /// Its kind as the chain names it.
            pub const fn kind(&self) -> &'static str {
                match self.audience() {
                    Audience::Sealed => SEALED,
                    _ => self.name(),
                }
            }
        }

        /// Every kind of change, with who is shown it.
        pub const KINDS: &[(&str, Audience)] = &[$(($kind, Audience::$audience)),*];
    };
}

changes! {
    /// The standing that a team had when this record began was taken over.
    TakenOver "trust.taken_over" Public {
        /// `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
        standing: String,
        /// Since when it had it.
        since: i64,
        /// On whose word.
        source: String,
        /// When its record is to be confirmed, for an accredited team.
        due: i64,
        /// When its certification ends, for a certified team.
        certified_until: i64,
    }
    /// The operator listed the team as known.
    Known "trust.known" Public {
        /// By whom, or from what, the operator knows it.
        source: String,
    }
    /// The team asks to be listed.
    Applied "trust.applied" Members {
        /// The ids of the teams that it names as sponsors.
        sponsors: Vec<String>,
    }
    /// A sponsor stands up for the team.
    Sponsored "trust.sponsored" Members {
        /// The sponsor's id.
        sponsor: String,
    }
    /// The operator sent the rules to be signed.
    RulesSent "trust.rules_sent" Team {
        /// SHA-256 of the exact document.
        document: String,
        /// Until when it is to be signed.
        until: i64,
    }
    /// The team signed the rules for its listing.
    RulesSigned "trust.rules_signed" Members {
        /// When the signature was made.
        signed_at: i64,
        /// Until when the data are to be complete.
        until: i64,
    }
    /// The team declares the data of its application complete.
    DataSubmitted "trust.data_submitted" Team {
        /// The digest of its record then.
        record: String,
    }
    /// The community is consulted.
    ConsultationOpened "trust.consultation_opened" Members {
        /// Until when supports and objections count.
        until: i64,
    }
    /// A team supports the listing.
    Supported "trust.supported" Members {
        /// Its id.
        supporter: String,
        /// What it says to members.
        note: String,
    }
    /// A team objects to the listing.
    Objected "trust.objected" Sealed {
        /// Its id.
        objector: String,
        /// Why, for operator and board.
        reason: String,
    }
    /// An objection was taken back.
    ObjectionWithdrawn "trust.objection_withdrawn" Sealed {
        /// Whose.
        objector: String,
    }
    /// The consultation found for the team: it is listed.
    Listed "trust.listed" Public {
        /// How many teams supported it.
        supports: u32,
    }
    /// An application ended without listing.
    ListingEnded "trust.listing_ended" Members {
        /// Why.
        ending: Ending,
        /// What the team was told.
        reason: String,
        /// How many times in a row it was rejected by now.
        rejections: u32,
        /// From when it may apply again.
        again_from: i64,
    }
    /// The board lets a team apply that was rejected too often.
    LeaveGiven "trust.leave_given" Members {}
    /// The team asks for accreditation.
    AccreditationRequested "trust.accreditation_requested" Members {}
    /// The invitation package went to the team.
    Invited "trust.invited" Members {
        /// SHA-256 of the exact document to be signed.
        document: String,
        /// Until when it is to be signed.
        until: i64,
        /// When the whole process is over at the latest.
        whole_until: i64,
    }
    /// An invitation ended without a signature.
    InvitationEnded "trust.invitation_ended" Members {
        /// Why.
        ending: Ending,
        /// What the team was told.
        reason: String,
        /// From when it may ask again.
        again_from: i64,
    }
    /// The team signed the rules: it is a candidate.
    CandidacyBegun "trust.candidacy_begun" Public {
        /// When the signature was made.
        signed_at: i64,
        /// Until when it is to be accredited.
        until: i64,
    }
    /// The verifier asks.
    Asked "trust.asked" Team {
        /// The question's number.
        question: u32,
        /// Its text.
        text: String,
    }
    /// The team answers.
    Answered "trust.answered" Team {
        /// The question's number.
        question: u32,
        /// Its text.
        text: String,
    }
    /// The team declares its record complete.
    Completed "trust.completed" Members {
        /// The digest of its record then.
        record: String,
    }
    /// Somebody of the operator has verified the record.
    Verified "trust.verified" Members {
        /// The digest of the record that was verified.
        record: String,
        /// What was found, for the team.
        finding: String,
    }
    /// The team is accredited.
    Accredited "trust.accredited" Public {
        /// When its record is to be confirmed.
        due: i64,
    }
    /// A candidacy ended: the team is listed as before.
    CandidacyEnded "trust.candidacy_ended" Public {
        /// Why.
        ending: Ending,
        /// From when it may ask again.
        again_from: i64,
    }
    /// Those concerned were reminded of a limit.
    Reminded "trust.reminded" Team {
        /// Of which.
        limit: Limit,
        /// Which reminder it was, from 1.
        step: u32,
        /// When the limit is over.
        due: i64,
    }
    /// The team confirmed its record.
    Confirmed "trust.confirmed" Members {
        /// The digest of what it confirmed.
        record: String,
        /// When it is to be confirmed next.
        due: i64,
    }
    /// The confirmation did not come in time.
    Overdue "trust.overdue" Members {
        /// Until when it is waited for.
        grace_until: i64,
    }
    /// The team does not comply any more: it is listed, at level 0.
    FellBack "trust.fell_back" Public {
        /// The board's case, if it decided it; 0: by the rules alone.
        case: u32,
    }
    /// The team is certified.
    Certified "trust.certified" Public {
        /// Until when.
        until: i64,
    }
    /// The certification is over; the team is accredited still.
    CertificationEnded "trust.certification_ended" Public {}
    /// The review board has a case.
    CaseOpened "trust.case_opened" Members {
        /// The case's number, for this team.
        case: u32,
        /// What the board is asked.
        matter: Matter,
        /// How many seconders it needs before a ballot.
        seconders: u32,
    }
    /// Something was put into the case file.
    Filed "trust.filed" Sealed {
        /// The case's number.
        case: u32,
        /// What.
        text: String,
    }
    /// A team seconds a motion.
    Seconded "trust.seconded" Members {
        /// The case's number.
        case: u32,
        /// The team's id.
        seconder: String,
    }
    /// A member of the board declares a conflict of interest.
    Conflicted "trust.conflicted" Sealed {
        /// The case's number.
        case: u32,
        /// The id of the member's team.
        member: String,
        /// Which, for the board.
        reason: String,
    }
    /// The board votes.
    BallotOpened "trust.ballot_opened" Members {
        /// The case's number.
        case: u32,
        /// Until when votes count.
        until: i64,
        /// The ids of the teams on the board, one ballot each.
        roll: Vec<String>,
        /// The quorum: so many of every …
        quorum: u32,
        /// … so many on the roll without a conflict.
        of: u32,
    }
    /// A team of the board casts its ballot.
    Voted "trust.voted" Sealed {
        /// The case's number.
        case: u32,
        /// The team's id.
        voter: String,
        /// For what.
        choice: Choice,
    }
    /// The ballot is closed.
    BallotClosed "trust.ballot_closed" Members {
        /// The case's number.
        case: u32,
        /// What was decided; none: there was no quorum or no majority, and another ballot can be opened.
        outcome: Option<Choice>,
        /// What was cast.
        counts: Vec<Count>,
        /// How many ballots a quorum needed.
        needed: u32,
        /// Whether the case is closed with it.
        closes: bool,
    }
    /// A case was closed without a ballot.
    CaseClosed "trust.case_closed" Members {
        /// The case's number.
        case: u32,
        /// Why.
        reason: String,
    }
    /// The team's standing rests.
    Suspended "trust.suspended" Public {
        /// The board's case; 0: by the operator at once, to be confirmed by the board.
        case: u32,
    }
    /// A suspended team has its standing again.
    Reinstated "trust.reinstated" Public {
        /// When its record is to be confirmed, for an accredited team.
        due: i64,
    }
    /// The team left, or was taken off.
    Withdrawn "trust.withdrawn" Public {
        /// The board's case; 0: the team itself.
        case: u32,
        /// From when it may apply again.
        again_from: i64,
    }
    /// The operator did what the rules alone would not do; it stands in the report to the board.
    Overridden "trust.overridden" Members {
        /// What was overridden.
        deed: String,
        /// Why.
        reason: String,
        /// The limit instead, where a limit was moved; else 0.
        until: i64,
    }
    /// A team got a seat on the review board.
    SeatGiven "trust.seat_given" Public {
        /// The team's id.
        member: String,
    }
    /// Somebody was appointed: to the board, or to the operator's desk.
    RoleGiven "trust.role_given" Members {
        /// The id of the account.
        appointee: String,
        /// The id of its team.
        member: String,
        /// `board` or `introducer`.
        role: String,
    }
    /// An appointment ended.
    RoleTaken "trust.role_taken" Members {
        /// The id of the account.
        appointee: String,
        /// The id of its team.
        member: String,
        /// `board` or `introducer`.
        role: String,
    }
    /// A team's seat on the review board ended.
    SeatTaken "trust.seat_taken" Public {
        /// The team's id.
        member: String,
    }
}
