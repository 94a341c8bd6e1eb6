//! The record of trust: each change of a team's standing, and each step towards one, is one entry of the stream `trust`.
//!
//! Times are microseconds since 1970 UTC. Limits stand in the entries as moments, not as lengths: whoever replays the
//! record needs no configuration. People are named by the id of their account: an opaque name that says nothing once
//! the account is erased.

mod change;

use serde::{Deserialize, Serialize};

pub use change::{Change, KINDS};

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
    /// Its place among the entries about this team, from 1; sealed ones count apart, from -1 downwards, so that nobody
    /// learns from the numbers of others that there are any.
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
