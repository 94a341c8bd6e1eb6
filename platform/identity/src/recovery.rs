//! An account whose factors are lost: its owner comes back in with two halves of a code, which two people hold.
//!
//! ```text
//! administrator or introducer ── begins it, sees one half ──────────► owner ──► both halves: in, factors gone,
//!                nominator ── sees it, knows the owner, one half ───► owner      a new password is set
//! ```
//!
//! Neither of the two can come in alone, and each must give their half by a way on which they know the owner's voice or
//! face. A half is shown once, and is stored as its digest; after three days it is void.

use contracts::identity::CredentialsChanged;
use kit::clock::DAY;
use kit::events::Stamp;
use kit::{Error, Id, Node, Read, Result, Time, Write, events};

use crate::accounts::{normal_login, own_id, team_account};
use crate::actor::{Actor, Role};
use crate::login::{From, Refused, begun, note_login, seconds};
use crate::permission::{Granted, Introduce, ManageTeam, OwnAccount};
use crate::service::{Identity, digest};
use crate::step_up::StepUp;
use crate::store::recovery::{self as rows, NewRecovery, RecoveryView};
use crate::store::{self, AccountRow, NewSession};
use crate::throttle::{self, Gate};
use crate::totp;

/// A recovery can be used for so long.
pub const RECOVERY_LASTS: Time = 3 * DAY;

impl Identity {
    /// Begins the recovery of an account of the asker's team, vouched for by `nominator` (an account of any team);
    /// returns the operator's half, which is not shown again. An earlier recovery of the account is void.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team's account; [`Error::Invalid`] for a nominator who cannot be one.
    pub async fn begin_recovery(
        &self,
        fresh: &StepUp<ManageTeam>,
        account: Id,
        nominator: Id,
    ) -> Result<String> {
        let granted = fresh.granted().clone();
        let find = move |c: &Read<'_>| {
            let row = team_account(c, &granted, account)?;
            let is_above = store::roles(c, account)?.contains(&Role::NodeAdmin);
            if is_above && !granted.actor().has(Role::NodeAdmin) {
                let why = "the account of a node's administrator is recovered by another one";
                return Err(Error::Forbidden(why.into()));
            }
            Ok(row)
        };
        let actor = fresh.actor();
        self.begin(actor.clone(), fresh.stamp(self.node().now()), nominator, find).await
    }

    /// The same by the community's operator, for an account of any team.
    ///
    /// # Errors
    /// As [`Identity::begin_recovery`].
    pub async fn begin_members_recovery(
        &self,
        fresh: &StepUp<Introduce>,
        account: Id,
        nominator: Id,
    ) -> Result<String> {
        let find = move |c: &Read<'_>| {
            let roles = store::roles(c, account)?;
            // The operator is no way to the owner's rights, nor to the node's.
            if [Role::NodeAdmin, Role::Owner, Role::Board].iter().any(|role| roles.contains(role)) {
                let why = "accounts of the node's administrators, of the board and of the owner are not the operator's to recover";
                return Err(Error::Forbidden(why.into()));
            }
            store::account_must(c, account)
        };
        let actor = fresh.actor();
        self.begin(actor.clone(), fresh.stamp(self.node().now()), nominator, find).await
    }

    async fn begin(
        &self,
        by: Actor,
        stamp: Stamp,
        nominator: Id,
        find: impl Fn(&Read<'_>) -> Result<AccountRow> + Send + 'static,
    ) -> Result<String> {
        let node = self.node().clone();
        let now = node.now();
        let (shown, stored) = half(&node);
        let id = node.id();
        let work = move |tx: &Write<'_>| {
            let row = find(tx)?;
            if row.disabled {
                return Err(Error::Conflict("the account is shut: open it first".into()));
            }
            let vouches = store::account_by_id(tx, nominator)?.filter(|other| !other.disabled);
            let unknown = || Error::invalid("nominator", "there is no such account");
            let vouches = vouches.ok_or_else(unknown)?;
            if vouches.id == row.id || Some(vouches.id) == by.account {
                let advice = "the halves are for two people, and for neither the owner of the account";
                return Err(Error::invalid("nominator", advice));
            }
            rows::begin(
                tx,
                &NewRecovery {
                    id,
                    account: row.id,
                    nominator,
                    begun_by: by.name.clone(),
                    operators_half: stored,
                    begun: now,
                    expires: now + RECOVERY_LASTS,
                },
            )?;
            let what = format!("recovery begun by {}, nominator {}", by.name, vouches.login);
            note(&node, tx, &stamp, row.id, what)
        };
        self.node().db.write(work).await?;
        Ok(shown)
    }

    /// The account with this login, of any team: whoever begins a recovery names the nominator so.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `nominator`.
    pub async fn nominator(&self, _: &Granted<ManageTeam>, login: &str) -> Result<Id> {
        let unknown = || Error::invalid("nominator", "there is no account with this login");
        let login = normal_login(login).map_err(|_| unknown())?;
        let found = self.node().db.read(move |c| store::account_by_login(c, &login)).await?;
        found.map(|row| row.id).ok_or_else(unknown)
    }

    /// The recoveries that wait for the asker's half.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn recoveries(&self, granted: &Granted<OwnAccount>) -> Result<Vec<RecoveryView>> {
        let (nominator, now) = (own_id(granted)?, self.node().now());
        self.node().db.read(move |c| rows::recoveries_for(c, nominator, now)).await
    }

    /// Shows the nominator their half, once.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it was shown before, has expired, or is not theirs.
    pub async fn show_recovery_half(&self, fresh: &StepUp<OwnAccount>, recovery: Id) -> Result<String> {
        let nominator = own_id(fresh)?;
        let node = self.node().clone();
        let (now, stamp) = (node.now(), fresh.stamp(node.now()));
        let (shown, stored) = half(&node);
        let work = move |tx: &Write<'_>| {
            let waiting = rows::recoveries_for(tx, nominator, now)?;
            let account = waiting.iter().find(|one| one.id == recovery).map(|one| one.account);
            match account {
                Some(account) if rows::show_half(tx, recovery, nominator, &stored, now)? => {
                    note(&node, tx, &stamp, account, format!("recovery: half shown to {}", stamp.actor))
                }
                _ => {
                    let gone = "this half was shown before, or has expired: the recovery must be begun anew";
                    Err(Error::Conflict(gone.into()))
                }
            }
        };
        self.node().db.write(work).await?;
        Ok(shown)
    }

    /// Both halves let the owner in: second factors and sessions of the account are gone, and a new password can be set.
    /// Returns the cookie of the session.
    ///
    /// # Errors
    /// [`Refused`] says what to tell the person.
    pub async fn recover(&self, login: &str, halves: [&str; 2], from: &From) -> Result<String, Refused> {
        const WRONG: &str = "Login and halves do not belong together, or are older than three days. Type them again, in either \
                             order; both are needed.";
        let login = normal_login(login).unwrap_or_else(|_| "?".into());
        let given = halves.map(totp::recovery_digest);
        let gates = [Gate::login(&login), Gate::peer(from.peer)];
        let node = self.node().clone();
        let (cookie, now, from) = (node.token::<32>(), node.now(), from.clone());
        let stored = digest(&cookie);
        let work = move |tx: &Write<'_>| {
            if let Some(wait) = throttle::count(tx, &gates, now)? {
                return Ok(Err(Refused::Wait(seconds(wait))));
            }
            let Some(account) = store::account_by_login(tx, &login)?.filter(|row| !row.disabled) else {
                return Ok(Err(Refused::Wrong(WRONG)));
            };
            let fits = match rows::of_account(tx, account.id, now)? {
                Some((one, Some(other), _)) => {
                    // Digests of random halves: comparing them tells nothing of the halves.
                    let [a, b] = &given;
                    (one == a && other == b) || (one == b && other == a)
                }
                _ => false,
            };
            if !fits {
                return Ok(Err(Refused::Wrong(WRONG)));
            }
            throttle::forgive(tx, &gates)?;
            rows::drop_of(tx, account.id)?;
            shut_all_ways(tx, account.id, now)?;
            let session = NewSession {
                by_link: true,
                proven_at: Some(now),
                ..begun(&node, stored, account.id, now, &from)
            };
            store::insert_session(tx, &session)?;
            store::set_last_login(tx, account.id, now)?;
            let stamp = Actor { name: account.login.clone(), ..Actor::node(account.organisation) }.stamp(now);
            note(
                &node,
                tx,
                &stamp,
                account.id,
                "recovered by two halves: all earlier ways in are shut".into(),
            )?;
            note_login(&node, tx, &account, &from.peer.to_string(), "recovery", now)?;
            Ok(Ok(()))
        };
        self.node().db.write(work).await??;
        Ok(cookie)
    }
}

/// Whoever may have stolen what was lost comes in by nothing of it: not by password, code or passkey, nor by a link,
/// certificate, institute or token, and no session of theirs lasts.
fn shut_all_ways(tx: &Write<'_>, account: Id, now: Time) -> Result<()> {
    store::clear_password(tx, account)?;
    store::drop_totp(tx, account)?;
    store::passkeys::drop_passkeys(tx, account)?;
    store::drop_links(tx, account)?;
    store::certificates::withdraw_all(tx, account, now)?;
    store::institutes::unlink_all(tx, account)?;
    store::revoke_tokens_of(tx, account, now)?;
    store::end_sessions(tx, account, None).map(drop)
}

/// A half as it is shown, and as it is stored: 100 bits.
fn half(node: &Node) -> (String, [u8; 32]) {
    let mut bytes = [0; 13];
    node.random().fill(&mut bytes);
    let raw = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
    let groups: Vec<_> = raw.as_bytes()[..20].chunks(5).map(String::from_utf8_lossy).collect();
    let shown = groups.join("-");
    let stored = totp::recovery_digest(&shown);
    (shown, stored)
}

fn note(node: &Node, tx: &Write<'_>, stamp: &Stamp, account: Id, what: String) -> Result<()> {
    events::record(node, tx, stamp, &CredentialsChanged { account: account.to_string(), what })
}
