//! An account whose factors are lost: its owner comes back in with two halves of a code, which two people hold.
//!
//! ```text
//! administrator or introducer ── begins it, sees one half ──────────► owner ──► both halves: in, factors gone,
//!                nominator ── sees it, knows the owner, one half ───► owner      a new password is set
//! ```
//!
//! Neither of the two can come in alone, nor anybody who has both in their own team: the nominator is on record, or of
//! another team. Each must give their half by a way on which they know the owner's voice or
//! face. A half is shown once, and is stored as its digest; after three days it is void.

use contracts::identity::CredentialsChanged;
use kit::clock::DAY;
use kit::events::Stamp;
use kit::{Error, Id, Node, Read, Result, Time, Write, events};

use crate::accounts::{normal_login, own_id};
use crate::actor::{Actor, Role};
use crate::login::{From, Refused, begun, note_login, seconds};
use crate::permission::{Granted, Introduce, ManageTeam, OwnAccount, Permission};
use crate::rights::{is_lost, may_recover, team_account};
use crate::service::{Identity, digest};
use crate::step_up::StepUp;
use crate::store::recovery::{self as rows, NewRecovery, RecoveryView};
use crate::store::{self, AccountRow, NewSession};
use crate::throttle::{self, Gate};
use crate::totp;

/// A recovery can be used for so long.
pub const RECOVERY_LASTS: Time = 3 * DAY;

/// A recovery that has been begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryBegun {
    /// The half of whoever began it; it is not shown again.
    pub half: String,
    /// The login of the nominator, who has the other one.
    pub nominator: String,
}

impl Identity {
    /// Begins the recovery of an account of the asker's team. The other half is `nominator`'s: whoever nominated the owner of
    /// the account, where that is known, and may be left out then; else an account of another team. An earlier recovery of
    /// the account is void.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team's account; [`Error::Forbidden`] for accounts with an office of the community, and
    /// of the node's administrators; [`Error::Invalid`] for a nominator who cannot be one.
    pub async fn begin_recovery(
        &self,
        fresh: &StepUp<ManageTeam>,
        account: Id,
        nominator: Option<Id>,
    ) -> Result<RecoveryBegun> {
        let granted = fresh.granted().clone();
        let find = move |c: &Read<'_>| {
            let row = team_account(c, &granted, account)?;
            may_recover(&granted, &row, &store::roles(c, row.id)?)?;
            Ok(row)
        };
        let (by, stamp) = (fresh.actor().clone(), fresh.stamp(self.node().now()));
        self.begin(by, stamp, (account, nominator), find).await
    }

    /// The same by the community's operator, for the account with this login, of any team. For an account with an office of
    /// the community, or of a node's administrator, the nominator on record has the other half, or somebody whom the operator
    /// did not bring in: the owner of the community, one of the board, or a node's administrator.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `login` or `nominator`.
    pub async fn begin_members_recovery(
        &self,
        fresh: &StepUp<Introduce>,
        login: &str,
        nominator: Option<Id>,
    ) -> Result<RecoveryBegun> {
        let account = self.named("login", login).await?;
        let find = move |c: &Read<'_>| store::account_must(c, account);
        let (by, stamp) = (fresh.actor().clone(), fresh.stamp(self.node().now()));
        self.begin(by, stamp, (account, nominator), find).await
    }

    async fn begin(
        &self,
        by: Actor,
        stamp: Stamp,
        (account, named): (Id, Option<Id>),
        find: impl Fn(&Read<'_>) -> Result<AccountRow> + Send + 'static,
    ) -> Result<RecoveryBegun> {
        let node = self.node().clone();
        let now = node.now();
        let (shown, stored) = half(&node);
        let id = node.id();
        let known = match self.nominators() {
            Some(known) => known.nominator_of(&account.to_string()).await.map_err(Error::Unavailable)?,
            None => None,
        };
        let known: Option<Id> = known.map(|known| known.parse()).transpose()?;
        let work = move |tx: &Write<'_>| {
            let row = find(tx)?;
            is_lost(&by, &row)?;
            let vouches = nominator(tx, &by, &row, named, known)?;
            rows::begin(
                tx,
                &NewRecovery {
                    id,
                    account: row.id,
                    nominator: vouches.id,
                    begun_by: by.name.clone(),
                    operators_half: stored,
                    begun: now,
                    expires: now + RECOVERY_LASTS,
                },
            )?;
            let what = format!("recovery begun by {}, nominator {}", by.name, vouches.login);
            note(&node, tx, &stamp, row.id, what)?;
            Ok(vouches.login)
        };
        let nominator = self.node().db.write(work).await?;
        Ok(RecoveryBegun { half: shown, nominator })
    }

    /// The account with this login, of any team: whoever begins a recovery names the nominator so; none for an empty one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the field `nominator`.
    pub async fn nominator<P: Permission>(&self, _: &Granted<P>, login: &str) -> Result<Option<Id>> {
        if login.trim().is_empty() {
            return Ok(None);
        }
        self.named("nominator", login).await.map(Some)
    }

    async fn named(&self, field: &'static str, login: &str) -> Result<Id> {
        let unknown = move || Error::invalid(field, "there is no account with this login");
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

/// Who has the other half of the recovery of `row` that `by` begins: of those `named` and `known`, who may.
fn nominator(
    c: &Read<'_>,
    by: &Actor,
    row: &AccountRow,
    named: Option<Id>,
    known: Option<Id>,
) -> Result<AccountRow> {
    let refused = |why: &str| Error::invalid("nominator", why);
    let open = |account| -> Result<Option<AccountRow>> {
        Ok(store::account_by_id(c, account)?.filter(|other| !other.disabled))
    };
    // A team makes as many accounts for one person as it likes: two of one team are not two people.
    let apart = |other: &AccountRow| {
        other.id != row.id
            && Some(other.id) != by.account
            && other.organisation != row.organisation
            && other.organisation != by.team
    };
    let known = known.map(open).transpose()?.flatten().filter(apart);
    let named = match named {
        Some(named) => Some(open(named)?.ok_or_else(|| refused("there is no such account, or it is shut"))?),
        None => None,
    };
    match (named, known) {
        (Some(named), Some(known)) if named.id != known.id => {
            Err(refused(&format!("{} nominated {}: the other half is theirs", known.login, row.login)))
        }
        (_, Some(known)) => Ok(known),
        (None, None) => {
            Err(refused("nobody is known to have nominated them: name an account of another team"))
        }
        (Some(named), None) if !apart(&named) => Err(refused(
            "the halves are for two people: name an account of a team that is neither yours nor theirs",
        )),
        (Some(named), None) if is_above(c, row.id)? && !is_judge(c, named.id)? => Err(refused(
            "for this account it is the owner of the community, one of the board, or a node's administrator",
        )),
        (Some(named), None) => Ok(named),
    }
}

/// Whether the account may do more than its team can give.
fn is_above(c: &Read<'_>, account: Id) -> Result<bool> {
    Ok(store::roles(c, account)?.iter().any(|role| role.is_above()))
}

/// Whether the account has a role that the operator neither has nor gives.
fn is_judge(c: &Read<'_>, account: Id) -> Result<bool> {
    let roles = store::roles(c, account)?;
    Ok([Role::Owner, Role::Board, Role::NodeAdmin].iter().any(|role| roles.contains(role)))
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
