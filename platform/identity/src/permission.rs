//! Permissions as types: what a use case demands is part of its signature.
//!
//! A [`Granted<P>`] can be had only by [`Granted::check`] (which the extractor in [`crate::web`] calls) or, for the
//! node's own work, by [`Granted::for_node`]. A service that takes `&Granted<WorkIncidents>` cannot be reached by a
//! handler that forgot to ask.

use std::fmt;
use std::marker::PhantomData;

use kit::events::Stamp;
use kit::{Error, Id, Result, Time};

use crate::actor::{Actor, NO_TEAM, Rights, Role};

/// Something that not everybody may do.
pub trait Permission: Send + Sync + 'static {
    /// Its name: what a token carries as a scope.
    const NAME: &'static str;
    /// What it lets one do, in words that follow "may".
    const MEANING: &'static str;
    /// The roles that have it; one of them suffices.
    const ROLES: &'static [Role];

    /// Whether `actor` has it.
    fn allows(actor: &Actor) -> bool {
        match &actor.rights {
            Rights::Node => true,
            Rights::Roles { roles, scopes } => {
                let by_role = Self::ROLES.iter().any(|role| roles.contains(role));
                by_role && scopes.as_ref().is_none_or(|scopes| scopes.contains(Self::NAME))
            }
        }
    }
}

macro_rules! permissions {
    ($($name:ident $text:literal $meaning:literal [$($role:ident),+];)*) => {
        $(
            #[doc = concat!("May ", $meaning, ".")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl Permission for $name {
                const NAME: &'static str = $text;
                const MEANING: &'static str = $meaning;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )*

        /// Every permission that a token may carry: name and meaning.
        pub const SCOPES: &[(&str, &str)] = &[$(($text, $meaning)),*];

        /// Those of [`SCOPES`] that a token of `actor` may carry: what they may do themselves.
        pub(crate) fn scopes_of(actor: &Actor) -> Vec<(&'static str, &'static str)> {
            let all = [$(($name::allows(actor), ($text, $meaning))),*];
            all.into_iter().filter(|(may, _)| *may).map(|(_, scope)| scope).collect()
        }
    };
}

permissions! {
    LookUp "lookup" "look up who is responsible, and read the directory" [Reader, Handler, TeamAdmin, NodeAdmin, Introducer, Board, Owner];
    ReadCases "cases:read" "read reports, incidents and investigations" [Reader, Handler];
    TriageReports "reports:triage" "open, link and reject reports" [Handler];
    WorkIncidents "incidents:work" "work on incidents and investigations" [Handler];
    SendMail "mail:send" "write to other teams" [Handler];
    ManageTeam "team:manage" "keep the team's record, keys and accounts" [TeamAdmin];
    ManageNode "node:manage" "keep the node and all its teams" [NodeAdmin];
    Introduce "trust:introduce" "operate the community: list, verify, accredit, write its letters" [Introducer];
    JudgeCases "trust:judge" "decide special cases on the review board" [Board];
    Govern "trust:govern" "appoint the community's board and operator, and hand the operation over" [Owner];
    RequestCertificates "certificates:request" "get certificates that log in as themselves, and revoke them" [Reader, Handler, TeamAdmin, NodeAdmin, Introducer, Board, Owner];
    KeepContacts "contacts:keep" "ask the registry's contacts whether they read their mail, and confirm them" [TeamAdmin, NodeAdmin];
    ImportRegistry "registry:import" "load registries" [NodeAdmin];
    UpdateRegistry "registry:update" "send changes to the registry; its own rules say who may change what" [Handler, TeamAdmin, NodeAdmin];
}

/// May change their own account: password, second factor, sessions, tokens. Not for programs.
#[derive(Debug, Clone, Copy)]
pub struct OwnAccount;

impl Permission for OwnAccount {
    const NAME: &'static str = "account:own";
    const MEANING: &'static str = "change their own account, logged in by the browser";
    const ROLES: &'static [Role] = &Role::ALL;

    fn allows(actor: &Actor) -> bool {
        actor.account.is_some() && actor.session.is_some()
    }
}

/// An actor who was found to have the permission `P`.
///
/// ```compile_fail
/// use identity::{Granted, SendMail, ReadCases};
/// fn send(_: &Granted<SendMail>) {}
/// fn only_reads(granted: Granted<ReadCases>) { send(&granted) } // another permission: does not compile
/// ```
pub struct Granted<P> {
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Granted<P> {
    /// Grants `P` to `actor` if their roles, and a token's scopes, allow it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] says which role is needed.
    pub fn check(actor: &Actor) -> Result<Self> {
        if P::allows(actor) {
            return Ok(Self { actor: actor.clone(), permission: PhantomData });
        }
        let roles = P::ROLES.iter().map(|role| role.name()).collect::<Vec<_>>().join(" or ");
        let whom = match P::ROLES.iter().all(|role| role.is_office()) {
            true => "Ask the owner of the community",
            false => "Ask the team's administrator",
        };
        Err(Error::Forbidden(format!(
            "{} may not {}: it needs the role {roles}{}. {whom} for it.",
            actor.name,
            P::MEANING,
            match &actor.rights {
                Rights::Roles { scopes: Some(_), .. } => format!(", and a token needs the scope {}", P::NAME),
                _ => String::new(),
            }
        )))
    }

    /// For the work of the node itself, on no team's behalf: the command line, imports at start.
    ///
    /// Only the binary and what runs by itself call this; a handler never does.
    pub fn for_node() -> Self {
        Self::for_node_in(NO_TEAM)
    }

    /// For the work of the node on behalf of `team`: its incoming mail, its reminders.
    ///
    /// Only the binary and what runs by itself call this; a handler never does.
    pub fn for_node_in(team: Id) -> Self {
        Self { actor: Actor::node(team), permission: PhantomData }
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The team they act for.
    pub fn team(&self) -> Id {
        self.actor.team
    }

    /// How the record names them at `now`.
    pub fn stamp(&self, now: Time) -> Stamp {
        self.actor.stamp(now)
    }

    /// Whether this is the node itself, which acts for any team.
    pub fn is_node(&self) -> bool {
        self.actor.rights == Rights::Node
    }
}

impl<P> Clone for Granted<P> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), permission: PhantomData }
    }
}

impl<P: Permission> fmt::Debug for Granted<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} may {}", self.actor.name, P::MEANING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(roles: &[Role], scopes: Option<&[&str]>) -> Actor {
        let scopes = scopes.map(|scopes| scopes.iter().map(|s| (*s).to_owned()).collect());
        let rights = Rights::Roles { roles: roles.iter().copied().collect(), scopes };
        Actor { name: "kes".into(), rights, ..Actor::node(Id::from_bytes([1; 16])) }
    }

    #[test]
    fn a_role_grants_what_it_should_and_nothing_more() {
        let reader = actor(&[Role::Reader], None);
        assert!(Granted::<ReadCases>::check(&reader).is_ok());
        assert!(Granted::<LookUp>::check(&reader).is_ok());
        let why = Granted::<SendMail>::check(&reader).unwrap_err().to_string();
        assert!(why.contains("kes") && why.contains("handler"), "{why}");
        // The administrator of a team does not read its cases by that alone.
        let admin = actor(&[Role::TeamAdmin], None);
        assert!(Granted::<ManageTeam>::check(&admin).is_ok());
        assert!(Granted::<ReadCases>::check(&admin).is_err());
        assert!(Granted::<ManageNode>::check(&admin).is_err());
    }

    #[test]
    fn a_token_may_do_what_both_its_scopes_and_its_owners_roles_allow() {
        let token = actor(&[Role::Handler], Some(&["cases:read", "node:manage"]));
        assert!(Granted::<ReadCases>::check(&token).is_ok());
        assert!(Granted::<SendMail>::check(&token).is_err());
        assert!(Granted::<ManageNode>::check(&token).is_err());
        assert!(Granted::<OwnAccount>::check(&token).is_err());
    }

    #[test]
    fn the_names_of_permissions_are_distinct() {
        let names: std::collections::BTreeSet<_> = SCOPES.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), SCOPES.len());
    }
}
