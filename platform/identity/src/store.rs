//! All SQL of this crate.

pub(crate) mod certificates;
pub(crate) mod hand_over;
pub(crate) mod institutes;
pub(crate) mod kept;
pub(crate) mod openpgp;
pub(crate) mod passkeys;
pub(crate) mod recovery;

use std::collections::BTreeSet;

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};

use crate::Certificate;
use crate::actor::{Actor, Rights, Role, Session, Way};

statements! {
    ORGANISATION_BY_HANDLE = "SELECT id, name FROM organisation WHERE handle = $1";
    INSERT_ORGANISATION = "INSERT INTO organisation (id, handle, name) VALUES ($1, $2, $3)";
    ORGANISATION_NAME = "SELECT name FROM organisation WHERE id = $1";
    RENAME_ORGANISATION = "UPDATE organisation SET name = $2 WHERE id = $1";

    ACCOUNT_BY_LOGIN = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE login = $1";
    ACCOUNT_BY_ID = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE id = $1";
    ACCOUNTS = "SELECT id, organisation, login, name, password_hash, totp_sealed, totp_unconfirmed,
        disabled, created, last_login FROM account WHERE organisation = $1 ORDER BY login LIMIT 1000";
    INSERT_ACCOUNT = "INSERT INTO account (id, organisation, login, name, password_hash, totp_last_step, disabled, created)
        VALUES ($1, $2, $3, $4, $5, 0, FALSE, $6)";
    SET_PASSWORD = "UPDATE account SET password_hash = $2 WHERE id = $1";
    CLEAR_PASSWORD = "UPDATE account SET password_hash = NULL WHERE id = $1";
    SET_DISABLED = "UPDATE account SET disabled = $2 WHERE id = $1";
    SET_LAST_LOGIN = "UPDATE account SET last_login = $2 WHERE id = $1";
    ROLES = "SELECT role FROM account_role WHERE account = $1 ORDER BY role";
    SHUT = "SELECT id FROM account WHERE disabled = TRUE";
    IN_OFFICE = "SELECT DISTINCT a.id, a.login, a.name, a.disabled, o.name FROM account a
        JOIN account_role r ON r.account = a.id JOIN organisation o ON o.id = a.organisation
        WHERE r.role IN ('introducer', 'board', 'owner') ORDER BY a.login LIMIT 1000";
    CLEAR_ROLES = "DELETE FROM account_role WHERE account = $1";
    ADD_ROLE = "INSERT INTO account_role (account, role) VALUES ($1, $2)";

    OFFER_TOTP = "UPDATE account SET totp_unconfirmed = $2 WHERE id = $1";
    KEEP_TOTP = "UPDATE account SET totp_sealed = totp_unconfirmed, totp_unconfirmed = NULL, totp_last_step = $2
        WHERE id = $1";
    DROP_TOTP = "UPDATE account SET totp_sealed = NULL, totp_unconfirmed = NULL WHERE id = $1";
    USE_TOTP_STEP = "UPDATE account SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2";
    CLEAR_RECOVERY = "DELETE FROM recovery_code WHERE account = $1";
    ADD_RECOVERY = "INSERT INTO recovery_code (account, digest) VALUES ($1, $2)";
    USE_RECOVERY = "DELETE FROM recovery_code WHERE account = $1 AND digest = $2";
    COUNT_RECOVERY = "SELECT count(*) FROM recovery_code WHERE account = $1";

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

    BIND_CERTIFICATE = "INSERT INTO account_certificate (fingerprint, account, subject, issuer, serial, not_before,
        not_after, added) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (fingerprint) DO NOTHING";

    INSERT_TOKEN = "INSERT INTO api_token (id, digest, organisation, account, name, scopes, created, expires)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    TOKEN_ACTOR = "SELECT t.id, t.account, t.name, t.scopes, t.expires, t.revoked, t.last_used, t.organisation, o.name,
        a.disabled, a.login FROM api_token t JOIN organisation o ON o.id = t.organisation LEFT JOIN account a ON a.id = t.account
        WHERE t.digest = $1";
    TOUCH_TOKEN = "UPDATE api_token SET last_used = $2 WHERE id = $1";
    TOKENS_OF_ACCOUNT = "SELECT id, account, name, scopes, created, expires, last_used FROM api_token
        WHERE organisation = $1 AND account = $2 AND revoked IS NULL ORDER BY name, id LIMIT 200";
    TOKENS_OF_TEAM = "SELECT id, account, name, scopes, created, expires, last_used FROM api_token
        WHERE organisation = $1 AND account IS NULL AND revoked IS NULL ORDER BY name, id LIMIT 200";
    REVOKE_OWN_TOKEN = "UPDATE api_token SET revoked = $3 WHERE id = $1 AND account = $2 AND revoked IS NULL";
    REVOKE_TOKENS_OF = "UPDATE api_token SET revoked = $2 WHERE account = $1 AND revoked IS NULL";
    REVOKE_TEAM_TOKEN = "UPDATE api_token SET revoked = $3 WHERE id = $1 AND organisation = $2 AND revoked IS NULL";

    INSERT_LINK = "INSERT INTO one_time_login (digest, account, expires) VALUES ($1, $2, $3)";
    LINK = "SELECT account FROM one_time_login WHERE digest = $1 AND expires > $2";
    USE_LINK = "DELETE FROM one_time_login WHERE digest = $1";
    DROP_LINKS = "DELETE FROM one_time_login WHERE account = $1";

    THROTTLE = "SELECT failures, not_before, last FROM login_throttle WHERE name = $1";
    SET_THROTTLE = "INSERT INTO login_throttle (name, failures, not_before, last) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO UPDATE SET failures = $2, not_before = $3, last = $4";
    CLEAR_THROTTLE = "DELETE FROM login_throttle WHERE name = $1";
    EASE_THROTTLE = "UPDATE login_throttle SET failures = failures - 1 WHERE name = $1 AND failures > 0";

    PURGE_SESSIONS = "DELETE FROM session WHERE last_seen <= $1";
    PURGE_LINKS = "DELETE FROM one_time_login WHERE expires <= $1";
    PURGE_THROTTLE = "DELETE FROM login_throttle WHERE last <= $1";
}

/// An account as stored.
#[derive(Debug, Clone)]
pub(crate) struct AccountRow {
    pub id: Id,
    pub organisation: Id,
    pub login: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub totp_sealed: Option<Vec<u8>>,
    pub totp_unconfirmed: Option<Vec<u8>>,
    pub disabled: bool,
    pub created: Time,
    pub last_login: Option<Time>,
}

fn account(row: &Row<'_>) -> Result<AccountRow> {
    Ok(AccountRow {
        id: row.get(0)?,
        organisation: row.get(1)?,
        login: row.get(2)?,
        name: row.get(3)?,
        password_hash: row.get(4)?,
        totp_sealed: row.get(5)?,
        totp_unconfirmed: row.get(6)?,
        disabled: row.get(7)?,
        created: row.get(8)?,
        last_login: row.get(9)?,
    })
}

pub(crate) fn organisation(c: &Read<'_>, handle: &str) -> Result<Option<(Id, String)>> {
    c.query_opt(ORGANISATION_BY_HANDLE, params![handle], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(crate) fn organisation_name(c: &Read<'_>, id: Id) -> Result<Option<String>> {
    c.query_opt(ORGANISATION_NAME, params![id], |row| row.get(0))
}

pub(crate) fn insert_organisation(tx: &Write<'_>, id: Id, handle: &str, name: &str) -> Result<()> {
    tx.execute(INSERT_ORGANISATION, params![id, handle, name]).map(drop)
}

pub(crate) fn rename_organisation(tx: &Write<'_>, id: Id, name: &str) -> Result<()> {
    tx.execute(RENAME_ORGANISATION, params![id, name]).map(drop)
}

pub(crate) fn account_by_login(c: &Read<'_>, login: &str) -> Result<Option<AccountRow>> {
    c.query_opt(ACCOUNT_BY_LOGIN, params![login], account)
}

pub(crate) fn account_by_id(c: &Read<'_>, id: Id) -> Result<Option<AccountRow>> {
    c.query_opt(ACCOUNT_BY_ID, params![id], account)
}

pub(crate) fn accounts(c: &Read<'_>, organisation: Id) -> Result<Vec<AccountRow>> {
    c.query(ACCOUNTS, params![organisation], account)
}

pub(crate) fn insert_account(tx: &Write<'_>, row: &AccountRow) -> Result<()> {
    tx.execute(
        INSERT_ACCOUNT,
        params![row.id, row.organisation, row.login, row.name, row.password_hash, row.created],
    )
    .map(drop)
}

pub(crate) fn set_password(tx: &Write<'_>, account: Id, hash: &str) -> Result<()> {
    tx.execute(SET_PASSWORD, params![account, hash]).map(drop)
}

pub(crate) fn clear_password(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(CLEAR_PASSWORD, params![account]).map(drop)
}

pub(crate) fn set_disabled(tx: &Write<'_>, account: Id, disabled: bool) -> Result<()> {
    tx.execute(SET_DISABLED, params![account, disabled]).map(drop)
}

pub(crate) fn shut(c: &Read<'_>) -> Result<Vec<Id>> {
    c.query(SHUT, &[], |row| row.get(0))
}

pub(crate) fn set_last_login(tx: &Write<'_>, account: Id, now: Time) -> Result<()> {
    tx.execute(SET_LAST_LOGIN, params![account, now]).map(drop)
}

pub(crate) fn roles(c: &Read<'_>, account: Id) -> Result<BTreeSet<Role>> {
    let roles = c.query(ROLES, params![account], |row| row.get::<String>(0)?.parse())?;
    Ok(roles.into_iter().collect())
}

pub(crate) fn set_roles(tx: &Write<'_>, account: Id, roles: &BTreeSet<Role>) -> Result<()> {
    tx.execute(CLEAR_ROLES, params![account])?;
    for role in roles {
        tx.execute(ADD_ROLE, params![account, role.name()])?;
    }
    Ok(())
}

pub(crate) fn offer_totp(tx: &Write<'_>, account: Id, sealed: &[u8]) -> Result<()> {
    tx.execute(OFFER_TOTP, params![account, sealed]).map(drop)
}

/// Makes the offered seed the one that counts; `step` is that of the code that confirmed it.
pub(crate) fn keep_totp(tx: &Write<'_>, account: Id, step: i64) -> Result<()> {
    tx.execute(KEEP_TOTP, params![account, step]).map(drop)
}

pub(crate) fn drop_totp(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(DROP_TOTP, params![account])?;
    tx.execute(CLEAR_RECOVERY, params![account]).map(drop)
}

/// Notes that the code of `step` was taken; `false` when it, or a later one, was taken before.
pub(crate) fn use_totp_step(tx: &Write<'_>, account: Id, step: i64) -> Result<bool> {
    Ok(tx.execute(USE_TOTP_STEP, params![account, step])? == 1)
}

pub(crate) fn set_recovery(tx: &Write<'_>, account: Id, digests: &[[u8; 32]]) -> Result<()> {
    tx.execute(CLEAR_RECOVERY, params![account])?;
    for digest in digests {
        tx.execute(ADD_RECOVERY, params![account, digest.as_slice()])?;
    }
    Ok(())
}

/// Takes a recovery code; `false` when there is none such (any more).
pub(crate) fn use_recovery(tx: &Write<'_>, account: Id, digest: &[u8; 32]) -> Result<bool> {
    Ok(tx.execute(USE_RECOVERY, params![account, digest.as_slice()])? == 1)
}

pub(crate) fn count_recovery(c: &Read<'_>, account: Id) -> Result<i64> {
    c.query_one(COUNT_RECOVERY, params![account], |row| row.get(0))
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

pub(crate) fn bind_certificate(tx: &Write<'_>, certificate: &Certificate, now: Time) -> Result<()> {
    let Certificate { fingerprint, account, subject, issuer, serial, not_before, not_after } = certificate;
    let row =
        params![fingerprint.as_slice(), *account, subject, issuer, serial, *not_before, *not_after, now];
    tx.execute(BIND_CERTIFICATE, row).map(drop)
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

/// A token as it is made.
pub(crate) struct NewToken {
    pub id: Id,
    pub digest: [u8; 32],
    pub organisation: Id,
    pub account: Option<Id>,
    pub name: String,
    pub scopes: Vec<String>,
    pub created: Time,
    pub expires: Option<Time>,
}

pub(crate) fn insert_token(tx: &Write<'_>, t: &NewToken) -> Result<()> {
    tx.execute(
        INSERT_TOKEN,
        params![
            t.id,
            t.digest.as_slice(),
            t.organisation,
            t.account,
            t.name,
            t.scopes.join(" "),
            t.created,
            t.expires
        ],
    )
    .map(drop)
}

/// Whose token it is, and how it stands.
pub(crate) struct TokenActor {
    pub id: Id,
    pub actor: Actor,
    pub expires: Option<Time>,
    pub revoked: bool,
    pub last_used: Option<Time>,
    pub disabled: bool,
}

pub(crate) fn token_actor(c: &Read<'_>, digest: &[u8; 32]) -> Result<Option<TokenActor>> {
    let found = c.query_opt(TOKEN_ACTOR, params![digest.as_slice()], |row| {
        let scopes: String = row.get(3)?;
        let scopes: BTreeSet<String> = scopes.split_whitespace().map(str::to_owned).collect();
        // A team's own token may do what handlers may, as far as its scopes go; it administers nothing.
        let roles = [Role::Reader, Role::Handler].into_iter().collect();
        Ok(TokenActor {
            id: row.get(0)?,
            actor: Actor {
                account: row.get(1)?,
                team: row.get(7)?,
                team_name: row.get(8)?,
                name: format!("token:{}", row.get::<String>(2)?),
                login: row.get(10)?,
                session: None,
                rights: Rights::Roles { roles, scopes: Some(scopes) },
            },
            expires: row.get(4)?,
            revoked: row.get::<Option<Time>>(5)?.is_some(),
            last_used: row.get(6)?,
            disabled: row.get::<Option<bool>>(9)?.unwrap_or(false),
        })
    })?;
    let Some(mut found) = found else { return Ok(None) };
    if let (Some(account), Rights::Roles { roles: of, .. }) = (found.actor.account, &mut found.actor.rights) {
        *of = roles(c, account)?;
    }
    Ok(Some(found))
}

pub(crate) fn touch_token(tx: &Write<'_>, id: Id, now: Time) -> Result<()> {
    tx.execute(TOUCH_TOKEN, params![id, now]).map(drop)
}

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// Names it to revoke it.
    pub id: Id,
    /// Whose it is; `None`: the team's own.
    pub account: Option<Id>,
    /// What people call it.
    pub name: String,
    /// The permissions it carries.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Option<Time>,
    /// When it was last used, to five minutes.
    pub last_used: Option<Time>,
}

/// The tokens of `account`, or the team's own.
pub(crate) fn tokens(c: &Read<'_>, organisation: Id, account: Option<Id>) -> Result<Vec<TokenView>> {
    let make = |row: &Row<'_>| {
        Ok(TokenView {
            id: row.get(0)?,
            account: row.get(1)?,
            name: row.get(2)?,
            scopes: row.get::<String>(3)?.split_whitespace().map(str::to_owned).collect(),
            created: row.get(4)?,
            expires: row.get(5)?,
            last_used: row.get(6)?,
        })
    };
    match account {
        Some(account) => c.query(TOKENS_OF_ACCOUNT, params![organisation, account], make),
        None => c.query(TOKENS_OF_TEAM, params![organisation], make),
    }
}

pub(crate) fn revoke_own_token(tx: &Write<'_>, id: Id, account: Id, now: Time) -> Result<bool> {
    Ok(tx.execute(REVOKE_OWN_TOKEN, params![id, account, now])? == 1)
}

/// Revokes all tokens of `account`.
pub(crate) fn revoke_tokens_of(tx: &Write<'_>, account: Id, now: Time) -> Result<()> {
    tx.execute(REVOKE_TOKENS_OF, params![account, now]).map(drop)
}

pub(crate) fn revoke_team_token(tx: &Write<'_>, id: Id, organisation: Id, now: Time) -> Result<bool> {
    Ok(tx.execute(REVOKE_TEAM_TOKEN, params![id, organisation, now])? == 1)
}

pub(crate) fn insert_link(tx: &Write<'_>, digest: &[u8; 32], account: Id, expires: Time) -> Result<()> {
    drop_links(tx, account)?;
    tx.execute(INSERT_LINK, params![digest.as_slice(), account, expires]).map(drop)
}

pub(crate) fn drop_links(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(DROP_LINKS, params![account]).map(drop)
}

pub(crate) fn link(c: &Read<'_>, digest: &[u8; 32], now: Time) -> Result<Option<Id>> {
    c.query_opt(LINK, params![digest.as_slice(), now], |row| row.get(0))
}

/// Uses up the link; `false` when somebody else was faster.
pub(crate) fn use_link(tx: &Write<'_>, digest: &[u8; 32]) -> Result<bool> {
    Ok(tx.execute(USE_LINK, params![digest.as_slice()])? == 1)
}

/// Failures so far, not before when to try again, and when the last attempt was.
pub(crate) fn throttle(c: &Read<'_>, name: &str) -> Result<Option<(i64, Time, Time)>> {
    c.query_opt(THROTTLE, params![name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(crate) fn set_throttle(
    tx: &Write<'_>,
    name: &str,
    failures: i64,
    not_before: Time,
    now: Time,
) -> Result<()> {
    tx.execute(SET_THROTTLE, params![name, failures, not_before, now]).map(drop)
}

pub(crate) fn clear_throttle(tx: &Write<'_>, name: &str) -> Result<()> {
    tx.execute(CLEAR_THROTTLE, params![name]).map(drop)
}

pub(crate) fn ease_throttle(tx: &Write<'_>, name: &str) -> Result<()> {
    tx.execute(EASE_THROTTLE, params![name]).map(drop)
}

/// Deletes what has ended: links by `now`, sessions that were last seen before `unseen_since`, counts of attempts by
/// `forgotten`.
pub(crate) fn purge(tx: &Write<'_>, now: Time, unseen_since: Time, forgotten: Time) -> Result<u64> {
    let sessions = tx.execute(PURGE_SESSIONS, params![unseen_since])?;
    let links = tx.execute(PURGE_LINKS, params![now])?
        + passkeys::purge_ceremonies(tx, now)?
        + kept::purge_kept(tx, now)?
        + recovery::purge(tx, now)?;
    Ok(sessions + links + tx.execute(PURGE_THROTTLE, params![forgotten])?)
}

/// As [`account_by_id`], for an account that must exist.
pub(crate) fn account_must(c: &Read<'_>, id: Id) -> Result<AccountRow> {
    account_by_id(c, id)?.ok_or_else(|| Error::not_found("the account"))
}
