//! What an administrator may do with the accounts of their team: the service asks here before it does it, and the page before it
//! offers it.

use std::collections::BTreeSet;

use kit::{Error, Id, Result};

use crate::actor::{Actor, Role};
use crate::permission::{Granted, ManageTeam};
use crate::service::Identity;
use crate::store::{self, AccountRow};

/// What an administrator may do with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayDo {
    /// Set its roles, and shut it out.
    pub change: bool,
    /// Make a one-time link into it.
    pub link: bool,
    /// Take its second factors off.
    pub reset: bool,
    /// Begin its recovery.
    pub recover: bool,
}

impl MayDo {
    pub(crate) fn of(
        identity: &Identity,
        granted: &Granted<ManageTeam>,
        row: &AccountRow,
        roles: &BTreeSet<Role>,
    ) -> Self {
        Self {
            change: may_give(granted, roles).is_ok(),
            link: may_help_in(granted, row, roles).is_ok(),
            reset: row.totp_sealed.is_some() && may_reset(identity, granted, roles).is_ok(),
            recover: may_recover(granted, row, roles).is_ok(),
        }
    }
}

/// Nobody gives the node's administration but who has it, nor an office of the community for their own team.
pub(crate) fn may_give(granted: &Granted<ManageTeam>, roles: &BTreeSet<Role>) -> Result<()> {
    if roles.contains(&Role::NodeAdmin) && !granted.actor().has(Role::NodeAdmin) {
        let why = "the role node-admin is given and taken only by somebody who has it";
        return Err(Error::Forbidden(why.into()));
    }
    if roles.iter().any(|role| role.is_office()) && !granted.is_node() {
        let why =
            "the roles introducer, board and owner are given and taken by the owner of the community alone";
        return Err(Error::Forbidden(why.into()));
    }
    Ok(())
}

/// Whether the asker makes a one-time link into this account: whoever has the link acts with its roles. It lets nobody into an
/// account that is shut.
pub(crate) fn may_help_in(
    granted: &Granted<ManageTeam>,
    row: &AccountRow,
    roles: &BTreeSet<Role>,
) -> Result<()> {
    may_give(granted, roles)?;
    if row.disabled {
        return Err(Error::Conflict(format!("{} is shut: open the account again first", row.login)));
    }
    Ok(())
}

/// Whether the asker begins the recovery of an account of their team.
pub(crate) fn may_recover(
    granted: &Granted<ManageTeam>,
    row: &AccountRow,
    roles: &BTreeSet<Role>,
) -> Result<()> {
    if roles.iter().any(|role| role.is_above()) && !granted.is_node() {
        let why = "accounts with an office of the community, and of the node's administrators, are recovered by the \
                   community's operator";
        return Err(Error::Forbidden(why.into()));
    }
    is_lost(granted.actor(), row)
}

/// Whether there is anything to recover, for whoever asks.
pub(crate) fn is_lost(by: &Actor, row: &AccountRow) -> Result<()> {
    if row.disabled {
        return Err(Error::Conflict("the account is shut: open it first".into()));
    }
    if by.account == Some(row.id) {
        return Err(Error::Conflict("it is your own account, and you are in: nothing is lost".into()));
    }
    Ok(())
}

/// Whether the asker takes the second factors off an account with these roles.
pub(crate) fn may_reset(
    identity: &Identity,
    granted: &Granted<ManageTeam>,
    roles: &BTreeSet<Role>,
) -> Result<()> {
    if identity.settings().split_recovery && !granted.is_node() {
        let why = "here nobody takes second factors off alone: begin a recovery, in which a nominator has the other half";
        return Err(Error::Forbidden(why.into()));
    }
    may_give(granted, roles)
}

/// The account, if it belongs to the asker's team.
pub(crate) fn team_account(
    c: &kit::Read<'_>,
    granted: &Granted<ManageTeam>,
    account: Id,
) -> Result<AccountRow> {
    let row = store::account_by_id(c, account)?.filter(|row| own_team(granted, row.organisation).is_ok());
    row.ok_or_else(|| Error::not_found("the account"))
}

pub(crate) fn own_team(granted: &Granted<ManageTeam>, organisation: Id) -> Result<()> {
    if granted.is_node() || granted.team() == organisation {
        return Ok(());
    }
    Err(Error::not_found("the team"))
}
