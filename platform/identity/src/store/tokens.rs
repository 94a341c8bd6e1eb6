//! Tokens of persons and of teams.

use std::collections::BTreeSet;

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

use super::roles;
use crate::actor::{Actor, Rights, Role};

statements! {
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
