//! Coming in: password, one-time link, second factor.

use std::net::IpAddr;

use contracts::identity::{CredentialsChanged, LoggedIn};
use kit::clock::{MINUTE, SECOND};
use kit::events::Stamp;
use kit::{Error, Id, Node, Result, Time, Write, events};

use crate::accounts::normal_login;
use crate::actor::Actor;
use crate::permission::{Granted, ManageTeam, OwnAccount};
use crate::rights::{may_help_in, team_account};
use crate::service::{Identity, LONGEST, digest};
use crate::store::{self, AccountRow, NewSession};
use crate::throttle::{self, Gate};
use crate::totp;

/// After the password there is this long for the code.
const CODE_WITHIN: Time = 10 * MINUTE;
/// A one-time link is good for this long.
pub const LINK_LASTS: Time = 10 * MINUTE;

/// From where somebody tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// Their network address.
    pub peer: IpAddr,
    /// What their browser calls itself, cut to 200 characters when stored.
    pub agent: String,
    /// The name of the host that they reached: the session is valid there alone. Empty: at any.
    pub host: String,
}

/// What follows from a right password or link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// In. The value is for the cookie.
    In(String),
    /// The code of the second factor is still to come, within ten minutes. The value is for the cookie.
    CodeNeeded(String),
}

/// Why somebody did not come in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Login, password, code or link is wrong; which one is not said.
    #[error("{0}")]
    Wrong(&'static str),
    /// Too many attempts.
    #[error("too many attempts: try again in {0} s")]
    Wait(i64),
    /// The node failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

const WRONG_PASSWORD: &str = "Login and password do not belong together. Try again, or ask your team's administrator for a one-time link.";
pub(crate) const WRONG_CODE: &str =
    "This code is not right, or was used before. Wait for the next one, or use a recovery code.";
const CHANGED: &str = "The account was changed at this moment. Begin again.";
const WRONG_LINK: &str = "This link is used up or older than ten minutes. Ask for a new one.";

impl Identity {
    /// Tries a password. A wrong one, an unknown login and a shut account get the same answer after the same time.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn log_in(&self, login: &str, password: String, from: &From) -> Result<Entered, Refused> {
        // A text that can be no login still costs an attempt and the same time.
        let login = normal_login(login).unwrap_or_else(|_| "?".into());
        let gates = vec![Gate::login(&login), Gate::peer(from.peer)];
        let account =
            self.count_attempt(gates.clone(), move |tx| store::account_by_login(tx, &login)).await?;
        let stored = account.as_ref().and_then(|account| account.password_hash.clone());
        let matched = self.matches(password, stored).await?;
        let Some(account) = account.filter(|account| matched && !account.disabled) else {
            tracing::warn!(peer = %from.peer, "a log-in was refused");
            return Err(Refused::Wrong(WRONG_PASSWORD));
        };
        self.enter(account, "password", from, gates).await
    }

    /// A link that lets the owner of `account` in once within [`LINK_LASTS`]; returns what stands in its address
    /// after `/login/once/`. An earlier link of the account is void.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team's account; [`Error::Forbidden`] when its roles are more than the asker may give:
    /// whoever has the link acts with them; [`Error::Conflict`] when it is shut.
    pub async fn one_time_login(&self, granted: &Granted<ManageTeam>, account: Id) -> Result<String> {
        let (node, granted) = (self.node().clone(), granted.clone());
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let row = team_account(tx, &granted, account)?;
            may_help_in(&granted, &row, &store::roles(tx, row.id)?)?;
            add_link(&node, tx, &stamp, account)
        };
        self.node().db.write(work).await
    }

    /// Whether the link would let somebody in now; looking does not use it up, because mail programs look.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn link_is_good(&self, secret: &str) -> Result<bool> {
        let (stored, now) = (digest(secret), self.node().now());
        self.node().db.read(move |c| Ok(store::link(c, &stored, now)?.is_some())).await
    }

    /// Uses up a one-time link. It stands for the password, not for the second factor.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn log_in_once(&self, secret: &str, from: &From) -> Result<Entered, Refused> {
        let (stored, now) = (digest(secret), self.node().now());
        let gates = vec![Gate::peer(from.peer)];
        let account = self
            .count_attempt(gates.clone(), move |tx| match store::link(tx, &stored, now)? {
                Some(account) if store::use_link(tx, &stored)? => store::account_by_id(tx, account),
                _ => Ok(None),
            })
            .await?;
        match account.filter(|account| !account.disabled) {
            Some(account) => self.enter(account, "link", from, gates).await,
            None => Err(Refused::Wrong(WRONG_LINK)),
        }
    }

    /// The second step: `cookie` is what [`Entered::CodeNeeded`] gave, `code` six digits or a recovery code.
    /// Returns the cookie of a new session.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn log_in_code(&self, cookie: &str, code: &str, from: &From) -> Result<String, Refused> {
        let (node, stored, code) = (self.node().clone(), digest(cookie), code.to_owned());
        let (now, cookie) = (node.now(), node.token::<32>());
        let fresh = digest(&cookie);
        let from = from.clone();
        let work = move |tx: &Write<'_>| {
            let Some(session) = store::session_actor(tx, &stored)? else { return Ok(Attempt::Wrong) };
            if !session.unfinished || session.expires <= now || session.disabled {
                return Ok(Attempt::Wrong);
            }
            let gates = [Gate::code(session.account)];
            if let Some(wait) = throttle::count(tx, &gates, now)? {
                return Ok(Attempt::Wait(wait));
            }
            let account = store::account_must(tx, session.account)?;
            if !takes_code(&node, tx, &account, &code, now)? {
                return Ok(Attempt::Wrong);
            }
            throttle::forgive(tx, &gates)?;
            store::end_session(tx, &stored)?;
            let session = NewSession {
                second_factor_at: Some(now),
                proven_at: Some(now),
                by_link: session.actor.session.as_ref().is_some_and(|session| session.by_link),
                ..begun(&node, fresh, account.id, now, &from)
            };
            store::insert_session(tx, &session)?;
            store::set_last_login(tx, account.id, now)?;
            note_login(&node, tx, &account, &from.peer.to_string(), "code", now)?;
            Ok(Attempt::Right)
        };
        match self.node().db.write(work).await? {
            Attempt::Right => Ok(cookie),
            Attempt::Wrong => Err(Refused::Wrong(WRONG_CODE)),
            Attempt::Wait(wait) => Err(Refused::Wait(seconds(wait))),
        }
    }

    /// Ends the session of this cookie.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn log_out(&self, cookie: &str) -> Result<()> {
        let stored = digest(cookie);
        self.node().db.write(move |tx| store::end_session(tx, &stored)).await
    }

    /// Ends all sessions of the asker, this one too; returns how many.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn log_out_everywhere(&self, granted: &Granted<OwnAccount>) -> Result<u64> {
        let account = crate::accounts::own_id(granted)?;
        let node = self.node().clone();
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let what = "logged out everywhere".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })?;
            store::end_sessions(tx, account, None)
        };
        self.node().db.write(work).await
    }

    /// Counts the attempt at the gates and, in the same transaction, finds the account.
    pub(crate) async fn count_attempt<F>(
        &self,
        gates: Vec<Gate>,
        find: F,
    ) -> Result<Option<AccountRow>, Refused>
    where
        F: Fn(&Write<'_>) -> Result<Option<AccountRow>> + Send + 'static,
    {
        let now = self.node().now();
        let work = move |tx: &Write<'_>| match throttle::count(tx, &gates, now)? {
            Some(wait) => Ok(Err(wait)),
            None => Ok(Ok(find(tx)?)),
        };
        self.node().db.write(work).await?.map_err(|wait| Refused::Wait(seconds(wait)))
    }

    /// Lets `account` in `by` what it was asked for; a session, or half of one where the second factor is to come. What was
    /// read of the account before the password was compared does not count: it is read again.
    pub(crate) async fn enter(
        &self,
        account: AccountRow,
        by: &'static str,
        from: &From,
        gates: Vec<Gate>,
    ) -> Result<Entered, Refused> {
        let node = self.node().clone();
        let (cookie, now) = (node.token::<32>(), node.now());
        let (stored, from) = (digest(&cookie), from.clone());
        let work = move |tx: &Write<'_>| {
            let Some(account) = unchanged(tx, &account)? else { return Ok(None) };
            let has_passkey = store::passkeys::count_passkeys(tx, account.id)? > 0;
            let needs_code = account.totp_sealed.is_some() || has_passkey;
            let mut session = begun(&node, stored, account.id, now, &from);
            session.by_link = by == "link";
            throttle::forgive(tx, &gates)?;
            if needs_code {
                session = NewSession { unfinished: true, expires: now + CODE_WITHIN, ..session };
            } else {
                store::set_last_login(tx, account.id, now)?;
                note_login(&node, tx, &account, &from.peer.to_string(), by, now)?;
                session.proven_at = Some(now);
            }
            store::insert_session(tx, &session)?;
            Ok(Some(needs_code))
        };
        match self.node().db.write(work).await? {
            Some(true) => Ok(Entered::CodeNeeded(cookie)),
            Some(false) => Ok(Entered::In(cookie)),
            None => Err(Refused::Wrong(CHANGED)),
        }
    }

    /// Whether `password` is that of the asker's own account, counted as at a log-in. What follows from it is done where
    /// [`unchanged`] still finds the account as `own`.
    pub(crate) async fn is_own_password(&self, own: &AccountRow, password: String) -> Result<bool, Refused> {
        let (gates, now) = ([Gate::login(&own.login)], self.node().now());
        let wait = self.node().db.write(move |tx| throttle::count(tx, &gates, now)).await?;
        match wait {
            Some(wait) => Err(Refused::Wait(seconds(wait))),
            None => Ok(self.matches(password, own.password_hash.clone()).await?),
        }
    }
}

/// As [`Identity::one_time_login`], in the transaction of a use case that has just made `account`.
///
/// # Errors
/// The database refuses it: there is no such account.
pub fn add_link(node: &Node, tx: &Write<'_>, stamp: &Stamp, account: Id) -> Result<String> {
    let secret = node.token::<32>();
    store::insert_link(tx, &digest(&secret), account, stamp.at + LINK_LASTS)?;
    let what = "one-time link made".into();
    events::record(node, tx, stamp, &CredentialsChanged { account: account.to_string(), what })?;
    Ok(secret)
}

/// The account as it is now; `None` when it was shut or got another password since it was read as `account`.
pub(crate) fn unchanged(tx: &Write<'_>, account: &AccountRow) -> Result<Option<AccountRow>> {
    let now = store::account_must(tx, account.id)?;
    Ok((!now.disabled && now.password_hash == account.password_hash).then_some(now))
}

enum Attempt {
    Right,
    Wrong,
    Wait(Time),
}

/// A code counts once; a recovery code is used up.
pub(crate) fn takes_code(
    node: &kit::Node,
    tx: &Write<'_>,
    account: &AccountRow,
    code: &str,
    now: Time,
) -> Result<bool> {
    let Some(sealed) = &account.totp_sealed else { return Ok(false) };
    match totp::step_of(node, account.id, sealed, code, now)? {
        Some(step) => store::use_totp_step(tx, account.id, step),
        None => store::use_recovery(tx, account.id, &totp::recovery_digest(code)),
    }
}

pub(crate) fn begun(node: &kit::Node, digest: [u8; 32], account: Id, now: Time, from: &From) -> NewSession {
    NewSession {
        digest,
        id: node.id(),
        account,
        created: now,
        expires: now + LONGEST,
        unfinished: false,
        by_link: false,
        second_factor_at: None,
        proven_at: None,
        peer: from.peer.to_string(),
        agent: cut(&from.agent),
        host: (!from.host.is_empty()).then(|| from.host.clone()),
    }
}

pub(crate) fn note_login(
    node: &kit::Node,
    tx: &Write<'_>,
    account: &AccountRow,
    peer: &str,
    by: &str,
    now: Time,
) -> Result<()> {
    let stamp = Actor { name: account.login.clone(), ..Actor::node(account.organisation) }.stamp(now);
    log_login(tx, account.id, by);
    let event = LoggedIn { account: account.id.to_string(), peer: peer.to_owned(), by: by.to_owned() };
    events::record(node, tx, &stamp, &event)
}

/// A line in the log of the node when the log-in is on disk: which account, and how.
pub(crate) fn log_login(tx: &Write<'_>, account: Id, by: &str) {
    let by = by.to_owned();
    tx.after_commit(move || tracing::info!(%account, by, "somebody logged in"));
}

pub(crate) fn cut(agent: &str) -> String {
    agent.chars().take(200).collect()
}

/// Whole seconds, rounded up: whoever waits so long is not sent away again.
pub(crate) fn seconds(wait: Time) -> i64 {
    (wait + SECOND - 1) / SECOND
}
