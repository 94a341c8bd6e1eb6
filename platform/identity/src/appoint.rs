//! The offices of the community: who introduces, who judges, who owns. Its owner gives and takes them, for people of any
//! team; no team gives them to its own.

use std::collections::BTreeSet;

use contracts::identity::AccessChanged;
use kit::{Error, Id, Node, Result, Write, events};

use crate::accounts::normal_login;
use crate::store;
use crate::{Govern, Granted, Identity, Role};

/// Somebody with an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointed {
    /// Their login.
    pub login: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their team's name.
    pub team: String,
    /// Their offices.
    pub offices: Vec<Role>,
    /// They are shut out.
    pub disabled: bool,
}

impl Identity {
    /// Everybody with an office, by login.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn appointed(&self, _granted: &Granted<Govern>) -> Result<Vec<Appointed>> {
        let read = |c: &kit::Read<'_>| {
            let found = c.query(store::IN_OFFICE, &[], |row| {
                Ok((row.get::<Id>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
            let one = |(account, login, name, disabled, team): (Id, String, String, bool, String)| {
                let offices = store::roles(c, account)?.into_iter().filter(|role| role.is_office()).collect();
                Ok(Appointed { login, name, team, offices, disabled })
            };
            found.into_iter().map(one).collect()
        };
        self.node().db.read(read).await
    }

    /// Gives the office to the account with this login, or takes it. The account's sessions end, so that it holds at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an account; [`Error::Invalid`] for a role that is no office; [`Error::Conflict`]
    /// when nothing would change, or an owner would remove themselves.
    pub async fn appoint(
        &self,
        granted: &Granted<Govern>,
        login: &str,
        office: Role,
        give: bool,
    ) -> Result<()> {
        let (node, login, granted) = (self.node().clone(), login.to_owned(), granted.clone());
        let work = move |tx: &Write<'_>| appoint(&node, tx, &granted, &login, office, give).map(drop);
        self.node().db.write(work).await
    }
}

/// Whose office was given or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// The account.
    pub account: Id,
    /// Its team.
    pub organisation: Id,
    /// Its roles before.
    pub before: BTreeSet<Role>,
}

/// [`Identity::appoint`] in the transaction of a use case that has more to write about it.
///
/// # Errors
/// As [`Identity::appoint`].
pub fn appoint(
    node: &Node,
    tx: &Write<'_>,
    granted: &Granted<Govern>,
    login: &str,
    office: Role,
    give: bool,
) -> Result<Appointment> {
    if !office.is_office() {
        return Err(Error::invalid("office", format!("{office} is given by the account's own team")));
    }
    let (login, own) = (normal_login(login)?, granted.actor().account);
    let row = store::account_by_login(tx, &login)?;
    let row = row.ok_or_else(|| Error::not_found(format!("the account {login}")))?;
    if !give && office == Role::Owner && own == Some(row.id) {
        return Err(Error::Conflict(
            "you would leave the community without you: appoint another owner, who removes you".into(),
        ));
    }
    let before = store::roles(tx, row.id)?;
    let mut roles = before.clone();
    let changed = if give { roles.insert(office) } else { roles.remove(&office) };
    if !changed {
        let has = if give { "has" } else { "does not have" };
        return Err(Error::Conflict(format!("{login} {has} the role {office}: nothing was changed")));
    }
    store::set_roles(tx, row.id, &roles)?;
    if own != Some(row.id) {
        store::end_sessions(tx, row.id, None)?;
    }
    let roles = roles.iter().map(|role| role.name().to_owned()).collect();
    let event = AccessChanged { account: row.id.to_string(), roles, disabled: row.disabled };
    events::record(node, tx, &granted.stamp(node.now()), &event)?;
    Ok(Appointment { account: row.id, organisation: row.organisation, before })
}
