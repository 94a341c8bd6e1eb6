//! Accounts: made and kept by a team's administrator, or on the command line.

use std::collections::BTreeSet;

use contracts::identity::{AccessChanged, AccountCreated, CredentialsChanged};
use kit::{Error, Id, Node, Result, Time, Write, events};

use crate::actor::Role;
use crate::login::{Refused, unchanged};
use crate::password::check_strength;
use crate::permission::{Granted, ManageTeam, OwnAccount};
use crate::rights::{MayDo, may_give, may_reset, own_team, team_account};
use crate::service::Identity;
use crate::step_up::StepUp;
use crate::store::{self, AccountRow};
use crate::throttle::{self, Gate};

/// Whether there is an account with this login (in any case); for those who let it authorise something.
///
/// # Errors
/// The database is gone.
pub fn is_login(c: &kit::Read<'_>, login: &str) -> Result<bool> {
    Ok(store::account_by_login(c, &login.trim().to_lowercase())?.is_some())
}

/// What other crates need to know of an account, in their own transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCard {
    /// Its id.
    pub id: Id,
    /// Its organisation.
    pub organisation: Id,
    /// The name to log in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Whether it is shut out.
    pub disabled: bool,
    /// When somebody last logged in with it.
    pub last_login: Option<Time>,
}

impl AccountCard {
    /// The account with this id.
    ///
    /// # Errors
    /// The database is gone.
    pub fn by_id(c: &kit::Read<'_>, id: Id) -> Result<Option<Self>> {
        Ok(store::account_by_id(c, id)?.map(Self::of))
    }

    /// The account with this login, in any case.
    ///
    /// # Errors
    /// The database is gone.
    pub fn by_login(c: &kit::Read<'_>, login: &str) -> Result<Option<Self>> {
        Ok(store::account_by_login(c, &login.trim().to_lowercase())?.map(Self::of))
    }

    fn of(row: AccountRow) -> Self {
        Self {
            id: row.id,
            organisation: row.organisation,
            login: row.login,
            name: row.name,
            disabled: row.disabled,
            last_login: row.last_login,
        }
    }
}

/// An account to be made.
#[derive(Debug, Clone, Default)]
pub struct NewAccount {
    /// The name to log in with: 1–64 of `a-z 0-9 . _ - @`; capitals are made small.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Their password; `None`: they get in by a one-time link first and choose one.
    pub password: Option<String>,
}

/// An account as its team's administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// Its id.
    pub id: Id,
    /// The name to log in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Their roles.
    pub roles: BTreeSet<Role>,
    /// Whether it is shut out.
    pub disabled: bool,
    /// Whether a second factor is set.
    pub second_factor: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// When it was made.
    pub created: Time,
    /// When somebody last logged in with it.
    pub last_login: Option<Time>,
    /// What the asker may do with it.
    pub may: MayDo,
}

impl Identity {
    /// Finds or makes the organisation `handle`; see [`crate::ensure_organisation`].
    ///
    /// # Errors
    /// As there.
    pub async fn organisation(&self, handle: &str, name: &str) -> Result<Id> {
        let (node, handle, name) = (self.node().clone(), handle.to_owned(), name.to_owned());
        self.node().db.write(move |tx| crate::ensure_organisation(&node, tx, &handle, &name)).await
    }

    /// The organisation called `handle`, if it is known here.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn organisation_by_handle(&self, handle: &str) -> Result<Option<Id>> {
        let handle = handle.to_owned();
        self.node().db.read(move |c| Ok(store::organisation(c, &handle)?.map(|(id, _)| id))).await
    }

    /// Makes an account in the team of `granted`, or in `organisation` when the node itself asks.
    ///
    /// # Errors
    /// [`Error::Invalid`] for login, roles or password; [`Error::Conflict`] when the login is taken;
    /// [`Error::Forbidden`] when the roles are more than the asker may give.
    pub async fn create_account(
        &self,
        granted: &Granted<ManageTeam>,
        organisation: Id,
        new: NewAccount,
    ) -> Result<Id> {
        own_team(granted, organisation)?;
        may_give(granted, &new.roles)?;
        let login = normal_login(&new.login)?;
        if let Some(password) = &new.password {
            check_strength(password, &login)?;
        }
        let password_hash = match new.password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        let node = self.node().clone();
        let row = AccountRow { password_hash, ..row_of(&node, organisation, login, &new.name) };
        let (roles, stamp) = (new.roles, granted.stamp(node.now()));
        self.node().db.write(move |tx| insert(&node, tx, &stamp, &row, &roles)).await
    }

    /// The accounts of the asker's team by login.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn accounts(&self, granted: &Granted<ManageTeam>) -> Result<Vec<AccountView>> {
        let (this, granted) = (self.clone(), granted.clone());
        let work = move |c: &kit::Read<'_>| {
            let rows = store::accounts(c, granted.team())?;
            rows.into_iter().map(|row| Ok(this.view(&granted, &row, store::roles(c, row.id)?))).collect()
        };
        self.node().db.read(work).await
    }

    /// The account with this login, for the command line.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is another team's.
    pub async fn account_by_login(&self, granted: &Granted<ManageTeam>, login: &str) -> Result<AccountView> {
        let (this, granted, login) = (self.clone(), granted.clone(), normal_login(login)?);
        let work = move |c: &kit::Read<'_>| {
            let row = store::account_by_login(c, &login)?
                .filter(|row| own_team(&granted, row.organisation).is_ok());
            let row = row.ok_or_else(|| Error::not_found(format!("the account {login}")))?;
            Ok(this.view(&granted, &row, store::roles(c, row.id)?))
        };
        self.node().db.read(work).await
    }

    fn view(&self, granted: &Granted<ManageTeam>, row: &AccountRow, roles: BTreeSet<Role>) -> AccountView {
        let may = MayDo::of(self, granted, row, &roles);
        AccountView {
            id: row.id,
            login: row.login.clone(),
            name: row.name.clone(),
            roles,
            disabled: row.disabled,
            second_factor: row.totp_sealed.is_some(),
            has_password: row.password_hash.is_some(),
            created: row.created,
            last_login: row.last_login,
            may,
        }
    }

    /// Sets an account's roles and whether it may log in. Its sessions end, so that the change holds at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team's account; [`Error::Forbidden`] when the roles are more than the asker
    /// may give; [`Error::Conflict`] when somebody would shut themselves out.
    pub async fn set_access(
        &self,
        granted: &Granted<ManageTeam>,
        account: Id,
        roles: BTreeSet<Role>,
        disabled: bool,
    ) -> Result<()> {
        may_give(granted, &roles)?;
        if granted.actor().account == Some(account) && (disabled || !roles.contains(&Role::TeamAdmin)) {
            let advice = "you would shut yourself out of this page: have another administrator do it";
            return Err(Error::Conflict(advice.into()));
        }
        let (node, granted) = (self.node().clone(), granted.clone());
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let row = team_account(tx, &granted, account)?;
            // What only a node's administrator may give, only they may take.
            may_give(&granted, &store::roles(tx, row.id)?)?;
            store::set_roles(tx, account, &roles)?;
            store::set_disabled(tx, account, disabled)?;
            store::end_sessions(tx, account, None)?;
            if disabled {
                // Opened again it has none: one of them may be why it was shut.
                store::revoke_tokens_of(tx, account, stamp.at)?;
            }
            let changed = AccessChanged { account: account.to_string(), roles: names(&roles), disabled };
            events::record(&node, tx, &stamp, &changed)
        };
        self.node().db.write(work).await
    }

    /// Takes the second factors off an account whose owner has lost them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for another team's account; [`Error::Forbidden`] where that takes two.
    pub async fn reset_second_factor(&self, granted: &Granted<ManageTeam>, account: Id) -> Result<()> {
        let (this, node, granted) = (self.clone(), self.node().clone(), granted.clone());
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let row = team_account(tx, &granted, account)?;
            may_reset(&this, &granted, &store::roles(tx, row.id)?)?;
            store::drop_totp(tx, account)?;
            store::passkeys::drop_passkeys(tx, account)?;
            store::end_sessions(tx, account, None)?;
            let what = "second factors removed".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// Changes the asker's own password; their other sessions end. `current` is not looked at when
    /// none is set yet, or when this session began with a one-time link: that is how a forgotten password is mended.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `current`, also when it was tried too often, or `password`.
    pub async fn change_password(
        &self,
        fresh: &StepUp<OwnAccount>,
        current: String,
        new: String,
    ) -> Result<()> {
        let account = self.own(fresh).await?;
        check_strength(&new, &account.login)?;
        let session = fresh.actor().session.clone();
        let by_link = session.as_ref().is_some_and(|session| session.by_link);
        let asked = account.password_hash.is_some() && !by_link;
        let wrong = || {
            let advice = "this is not your current password. Type it again, or ask your administrator for a one-time link.";
            Error::invalid("current", advice)
        };
        if asked && !self.is_own_password(&account, current).await.map_err(in_field)? {
            return Err(wrong());
        }
        let hash = self.hash(new).await?;
        let node = self.node().clone();
        let stamp = fresh.stamp(node.now());
        let session = session.and_then(|session| session.way.id());
        let work = move |tx: &Write<'_>| {
            unchanged(tx, &account)?.ok_or_else(wrong)?;
            if asked {
                throttle::forgive(tx, &[Gate::login(&account.login)])?;
            }
            store::set_password(tx, account.id, &hash)?;
            store::end_sessions(tx, account.id, session)?;
            session.map_or(Ok(()), |session| store::forget_link(tx, session))?;
            let what = "password set".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.id.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// Sets an account's password without knowing the old one: for the command line. All its sessions end.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a weak password; [`Error::Forbidden`] when the account's roles are more
    /// than the asker may give.
    pub async fn set_password(&self, granted: &Granted<ManageTeam>, account: Id, new: String) -> Result<()> {
        let row = {
            let granted = granted.clone();
            self.node().db.read(move |c| team_account(c, &granted, account)).await?
        };
        check_strength(&new, &row.login)?;
        let hash = self.hash(new).await?;
        let (node, granted) = (self.node().clone(), granted.clone());
        let stamp = granted.stamp(node.now());
        let work = move |tx: &Write<'_>| {
            let row = team_account(tx, &granted, account)?;
            may_give(&granted, &store::roles(tx, row.id)?)?;
            store::set_password(tx, account, &hash)?;
            store::end_sessions(tx, account, None)?;
            let what = "password set".into();
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// The asker's own row.
    pub(crate) async fn own(&self, granted: &Granted<OwnAccount>) -> Result<AccountRow> {
        let account = own_id(granted)?;
        self.node().db.read(move |c| store::account_must(c, account)).await
    }
}

/// A refusal that is shown beside the field for the present password.
pub(crate) fn in_field(refused: Refused) -> Error {
    match refused {
        Refused::Failed(error) => error,
        refused => Error::invalid("current", refused.to_string()),
    }
}

/// The asker's account id: [`OwnAccount`] is granted only to who has one.
pub(crate) fn own_id(granted: &Granted<OwnAccount>) -> Result<Id> {
    granted.actor().account.ok_or_else(|| Error::Forbidden("this belongs to a person's account".into()))
}

/// Makes an account in the transaction of a use case that makes its team, too. It has no password: its owner comes in by a
/// one-time link first, and chooses one. Returns its id.
///
/// # Errors
/// [`Error::Invalid`] for the login; [`Error::Conflict`] when that is taken; [`Error::Forbidden`] for a role that is not the
/// team's own to give.
pub fn add_account(
    node: &Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    organisation: Id,
    new: &NewAccount,
) -> Result<Id> {
    if new.roles.iter().any(|role| *role == Role::NodeAdmin || role.is_office()) {
        return Err(Error::Forbidden("a new account gets the roles of its own team alone".into()));
    }
    let row = row_of(node, organisation, normal_login(&new.login)?, &new.name);
    insert(node, tx, stamp, &row, &new.roles)
}

fn row_of(node: &Node, organisation: Id, login: String, name: &str) -> AccountRow {
    AccountRow {
        id: node.id(),
        organisation,
        login,
        name: name.trim().chars().take(200).collect(),
        password_hash: None,
        totp_sealed: None,
        totp_unconfirmed: None,
        disabled: false,
        created: node.now(),
        last_login: None,
    }
}

fn insert(
    node: &Node,
    tx: &Write<'_>,
    stamp: &events::Stamp,
    row: &AccountRow,
    roles: &BTreeSet<Role>,
) -> Result<Id> {
    if store::account_by_login(tx, &row.login)?.is_some() {
        return Err(Error::Conflict(format!("the login {} is taken: choose another", row.login)));
    }
    store::insert_account(tx, row)?;
    store::set_roles(tx, row.id, roles)?;
    let created =
        AccountCreated { account: row.id.to_string(), login: row.login.clone(), roles: names(roles) };
    events::record(node, tx, stamp, &created)?;
    Ok(row.id)
}

/// A login as it is stored: 1–64 of `a-z 0-9 . _ - @`, from any case.
///
/// # Errors
/// [`Error::Invalid`] for the field `login`.
pub fn normal_login(login: &str) -> Result<String> {
    let login = login.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c);
    if login.is_empty() || login.len() > 64 || !login.chars().all(fits) {
        return Err(Error::invalid("login", "a login is 1 to 64 of a-z, 0-9, dot, hyphen, underline and @"));
    }
    Ok(login)
}

fn names(roles: &BTreeSet<Role>) -> Vec<String> {
    roles.iter().map(|role| role.name().to_owned()).collect()
}
