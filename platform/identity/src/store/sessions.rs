//! Sessions: whose they are, how they stand, their end.

use std::collections::BTreeSet;

use kit::{Id, Read, Result, Time, Write, params, statements};

use super::roles;
use crate::actor::{Actor, Rights, Session, Way};

statements! {
    INSERT_SESSION = "INSERT INTO session (digest, id, account, created, last_seen, expires, unfinished,
        by_link, second_factor_at, peer, agent, proven_at, host) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    SESSION_ACTOR = "SELECT s.id, s.account, s.last_seen, s.expires, s.unfinished, s.second_factor_at,
        a.login, a.disabled, a.organisation, o.name, s.by_link, s.proven_at, s.host
        FROM session s JOIN account a ON a.id = s.account JOIN organisation o ON o.id = a.organisation
        WHERE s.digest = $1";
    TOUCH_SESSION = "UPDATE session SET last_seen = $2 WHERE digest = $1";
    SESSIONS = "SELECT id, created, last_seen, expires, peer, agent FROM session
        WHERE account = $1 AND unfinished = FALSE AND expires > $2 AND last_seen > $3 ORDER BY last_seen DESC LIMIT 100";
    PROVE_SESSION = "UPDATE session SET proven_at = $2 WHERE id = $1";
    PROVE_SESSION_TWICE = "UPDATE session SET proven_at = $2, second_factor_at = $2 WHERE id = $1";
    PROVE_CERTIFICATE = "UPDATE account_certificate SET proven_at = $2 WHERE fingerprint = $1";
    FORGET_LINK = "UPDATE session SET by_link = FALSE WHERE id = $1";
    END_SESSION = "UPDATE session SET expires = 0 WHERE digest = $1";
    END_SESSION_BY_ID = "UPDATE session SET expires = 0 WHERE id = $1 AND account = $2 AND expires > 0";
    END_SESSIONS = "UPDATE session SET expires = 0 WHERE account = $1 AND expires > 0";
    END_OTHER_SESSIONS = "UPDATE session SET expires = 0 WHERE account = $1 AND id <> $2 AND expires > 0";
    PURGE_SESSIONS = "DELETE FROM session WHERE last_seen <= $1";
}

/// A session as it is begun.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub digest: [u8; 32],
    pub id: Id,
    pub account: Id,
    pub created: Time,
    pub expires: Time,
    pub unfinished: bool,
    pub by_link: bool,
    pub second_factor_at: Option<Time>,
    pub proven_at: Option<Time>,
    pub peer: String,
    pub agent: String,
    /// The name of the host at which it is valid; `None`: at any.
    pub host: Option<String>,
}

pub(crate) fn insert_session(tx: &Write<'_>, s: &NewSession) -> Result<()> {
    tx.execute(
        INSERT_SESSION,
        params![
            s.digest.as_slice(),
            s.id,
            s.account,
            s.created,
            s.expires,
            s.unfinished,
            s.by_link,
            s.second_factor_at,
            s.peer,
            s.agent,
            s.proven_at,
            s.host
        ],
    )
    .map(drop)
}

/// Whose session it is, and how it stands.
pub(crate) struct SessionActor {
    pub actor: Actor,
    pub account: Id,
    pub last_seen: Time,
    pub expires: Time,
    pub unfinished: bool,
    pub disabled: bool,
    pub host: Option<String>,
}

pub(crate) fn session_actor(c: &Read<'_>, digest: &[u8; 32]) -> Result<Option<SessionActor>> {
    let found = c.query_opt(SESSION_ACTOR, params![digest.as_slice()], |row| {
        let account: Id = row.get(1)?;
        let session = Session {
            way: Way::Cookie(row.get(0)?),
            second_factor_at: row.get(5)?,
            proven_at: row.get(11)?,
            by_link: row.get(10)?,
        };
        Ok(SessionActor {
            actor: Actor {
                account: Some(account),
                team: row.get(8)?,
                team_name: row.get(9)?,
                name: row.get(6)?,
                login: Some(row.get(6)?),
                session: Some(session),
                rights: Rights::Roles { roles: BTreeSet::new(), scopes: None },
            },
            account,
            last_seen: row.get(2)?,
            expires: row.get(3)?,
            unfinished: row.get(4)?,
            disabled: row.get(7)?,
            host: row.get(12)?,
        })
    })?;
    let Some(mut found) = found else { return Ok(None) };
    found.actor.rights = Rights::Roles { roles: roles(c, found.account)?, scopes: None };
    Ok(Some(found))
}

pub(crate) fn touch_session(tx: &Write<'_>, digest: &[u8; 32], now: Time) -> Result<()> {
    tx.execute(TOUCH_SESSION, params![digest.as_slice(), now]).map(drop)
}

/// Notes that all that the account asks for was given at `now`, by a second factor or without.
pub(crate) fn prove_session(tx: &Write<'_>, way: &Way, by_second_factor: bool, now: Time) -> Result<()> {
    match way {
        Way::Cookie(id) if by_second_factor => tx.execute(PROVE_SESSION_TWICE, params![*id, now]),
        Way::Cookie(id) => tx.execute(PROVE_SESSION, params![*id, now]),
        Way::Certificate(fingerprint) => tx.execute(PROVE_CERTIFICATE, params![fingerprint.as_slice(), now]),
    }
    .map(drop)
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Names it to end it.
    pub id: Id,
    /// When it began.
    pub created: Time,
    /// When a page was last asked for, to five minutes.
    pub last_seen: Time,
    /// When it ends whatever happens.
    pub expires: Time,
    /// The network address that logged in.
    pub peer: String,
    /// What the browser called itself.
    pub agent: String,
}

/// The sessions of `account` that have not expired at `now` nor rested since `idle_since`.
pub(crate) fn sessions(c: &Read<'_>, account: Id, now: Time, idle_since: Time) -> Result<Vec<SessionView>> {
    c.query(SESSIONS, params![account, now, idle_since], |row| {
        Ok(SessionView {
            id: row.get(0)?,
            created: row.get(1)?,
            last_seen: row.get(2)?,
            expires: row.get(3)?,
            peer: row.get(4)?,
            agent: row.get(5)?,
        })
    })
}

/// From now on this session is like one that began with a password.
pub(crate) fn forget_link(tx: &Write<'_>, session: Id) -> Result<()> {
    tx.execute(FORGET_LINK, params![session]).map(drop)
}

/// Ends the session. Its row stays for a while, so that it is known whose the form is that comes too late.
pub(crate) fn end_session(tx: &Write<'_>, digest: &[u8; 32]) -> Result<()> {
    tx.execute(END_SESSION, params![digest.as_slice()]).map(drop)
}

pub(crate) fn end_session_by_id(tx: &Write<'_>, id: Id, account: Id) -> Result<bool> {
    Ok(tx.execute(END_SESSION_BY_ID, params![id, account])? == 1)
}

/// Ends the sessions of `account`, all or all but one.
pub(crate) fn end_sessions(tx: &Write<'_>, account: Id, but: Option<Id>) -> Result<u64> {
    match but {
        Some(session) => tx.execute(END_OTHER_SESSIONS, params![account, session]),
        None => tx.execute(END_SESSIONS, params![account]),
    }
}

/// Forgets the sessions that were last seen before `unseen_since`.
pub(crate) fn purge_sessions(tx: &Write<'_>, unseen_since: Time) -> Result<u64> {
    tx.execute(PURGE_SESSIONS, params![unseen_since])
}
