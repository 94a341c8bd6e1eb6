//! Who acts: a person, a program with a token, or the node itself.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use kit::events::Stamp;
use kit::{Error, Id, Time};

/// What an account may do in its team. Roles add up; none contains another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks at cases, changes nothing.
    Reader,
    /// Works on reports and incidents and writes to other teams.
    Handler,
    /// Keeps the team's record, keys and accounts.
    TeamAdmin,
    /// Keeps the node: its registry, its teams, its operation.
    NodeAdmin,
    /// Operates the community: accreditation, verification, letters.
    Introducer,
    /// Sits on the community's review board.
    Board,
    /// Owns the community: appoints board and operator, hands the operation over. Neither operator nor administrator.
    Owner,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 7] = [
        Self::Reader,
        Self::Handler,
        Self::TeamAdmin,
        Self::NodeAdmin,
        Self::Introducer,
        Self::Board,
        Self::Owner,
    ];

    /// Whether it is an office of the community: no team gives it to its own people.
    pub const fn is_office(self) -> bool {
        matches!(self, Self::Introducer | Self::Board | Self::Owner)
    }

    /// Whether it is more than a team's own administrator decides about: an office, or the node's administration.
    pub(crate) const fn is_above(self) -> bool {
        self.is_office() || matches!(self, Self::NodeAdmin)
    }

    /// Its name in the database, in forms and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Handler => "handler",
            Self::TeamAdmin => "team-admin",
            Self::NodeAdmin => "node-admin",
            Self::Introducer => "introducer",
            Self::Board => "board",
            Self::Owner => "owner",
        }
    }

    /// What it means, in words that follow its name.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Reader => "looks at cases",
            Self::Handler => "works on reports and incidents, writes to other teams",
            Self::TeamAdmin => "keeps the team's record, keys and accounts",
            Self::NodeAdmin => "keeps the node, its teams and its registry",
            Self::Introducer => "operates the community: accreditation, verification, letters",
            Self::Board => "sits on the review board: special cases, motions",
            Self::Owner => "owns the community: appoints board and operator, hands the operation over",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::invalid("roles", format!("{text:?} is not a role; choose among {known}"))
        })
    }
}

/// The team of the node itself: no record belongs to it.
pub const NO_TEAM: Id = Id::from_bytes([0; 16]);

/// Who acts, for which team, with which rights.
///
/// Only this crate makes one, from a session, a token, or for the node's own work; so whoever holds one has been
/// told apart from a stranger.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// The person's account; `None` for a team's token and for the node.
    pub account: Option<Id>,
    /// The team they act for; [`NO_TEAM`] for the node's own work.
    pub team: Id,
    /// The team's name for people.
    pub team_name: String,
    /// The login, `token:NAME`, or `node`.
    pub name: String,
    /// The login of the account, also where one of its tokens acts.
    pub login: Option<String>,
    pub(crate) session: Option<Session>,
    pub(crate) rights: Rights,
}

/// What an actor may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rights {
    /// What the roles allow; with scopes only what stands in both.
    Roles { roles: BTreeSet<Role>, scopes: Option<BTreeSet<String>> },
    /// The node's own work: the command line and what runs by itself.
    Node,
}

/// The session by which a person came in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) way: Way,
    /// When the second factor was last given, if ever.
    pub(crate) second_factor_at: Option<Time>,
    /// When all that the account asks for was last given.
    pub(crate) proven_at: Option<Time>,
    /// Begun with a one-time link: a new password may be set without the old one.
    pub(crate) by_link: bool,
}

/// How each request of a session shows that it belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the cookie of the session with this id.
    Cookie(Id),
    /// By the certificate with this fingerprint (SHA-256), shown in the handshake and judged at each request.
    Certificate([u8; 32]),
}

impl Way {
    /// The session's id; a certificate has none.
    pub(crate) fn id(&self) -> Option<Id> {
        match self {
            Self::Cookie(id) => Some(*id),
            Self::Certificate(_) => None,
        }
    }

    /// What a question to an authenticator is bound to.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Cookie(id) => id.as_bytes().to_vec(),
            Self::Certificate(fingerprint) => fingerprint.to_vec(),
        }
    }
}

impl Actor {
    pub(crate) fn node(team: Id) -> Self {
        Self {
            account: None,
            team,
            team_name: String::new(),
            name: "node".into(),
            login: None,
            session: None,
            rights: Rights::Node,
        }
    }

    /// How the record names this actor: `now` is when they act.
    pub fn stamp(&self, now: Time) -> Stamp {
        Stamp { at: now, team: (self.team != NO_TEAM).then_some(self.team), actor: self.name.clone() }
    }

    /// Whether they have this role. A token has it only for what its scopes allow.
    pub fn has(&self, role: Role) -> bool {
        match &self.rights {
            Rights::Roles { roles, .. } => roles.contains(&role),
            Rights::Node => true,
        }
    }

    /// Their roles, the least first; none for the node.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        let roles = match &self.rights {
            Rights::Roles { roles, .. } => Some(roles),
            Rights::Node => None,
        };
        roles.into_iter().flatten().copied()
    }

    /// Whether they are here by a certificate, and not by a log-in.
    pub fn by_certificate(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.way.id().is_none())
    }

    /// When this session's second factor was last given; `None` without session or second factor.
    pub fn second_factor_at(&self) -> Option<Time> {
        self.session.as_ref().and_then(|session| session.second_factor_at)
    }
}
