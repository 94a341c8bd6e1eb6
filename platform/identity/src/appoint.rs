//! The offices of the community: who introduces, who judges, who owns. Its owner gives and takes them, for people of any
//! team; no team gives them to its own.

use contracts::identity::AccessChanged;
use kit::{Error, Id, Node, Result, Write, events};

use crate::accounts::normal_login;
use crate::store;
use crate::{AccountCard, Govern, Granted, Identity, Role};

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
}

/// Gives `office` to the account with this login, or takes it, in the transaction that notes it. The account's sessions
/// end, so that it holds at once; not those of `by`, who does it.
///
/// # Errors
/// [`Error::NotFound`] without such an account; [`Error::Invalid`] for a role that is no office; [`Error::Conflict`] when
/// nothing would change, when an owner would remove themselves, or when who owns the community would operate or judge it.
pub fn appoint(
    node: &Node,
    tx: &Write<'_>,
    by: &Granted<Govern>,
    login: &str,
    office: Role,
    give: bool,
) -> Result<AccountCard> {
    if !office.is_office() {
        return Err(Error::invalid("office", format!("{office} is given by the account's own team")));
    }
    let (login, own) = (normal_login(login)?, by.actor().account);
    let row = store::account_by_login(tx, &login)?;
    let row = row.ok_or_else(|| Error::not_found(format!("the account {login}")))?;
    if !give && office == Role::Owner && own == Some(row.id) {
        let why = "you would leave the community without you: appoint another owner, who removes you";
        return Err(Error::Conflict(why.into()));
    }
    let mut roles = store::roles(tx, row.id)?;
    let changed = if give { roles.insert(office) } else { roles.remove(&office) };
    if !changed {
        let has = if give { "has" } else { "does not have" };
        return Err(Error::Conflict(format!("{login} {has} the role {office}: nothing was changed")));
    }
    if give
        && roles.contains(&Role::Owner)
        && (roles.contains(&Role::Introducer) || roles.contains(&Role::Board))
    {
        return Err(Error::Conflict(format!(
            "owner, operator and board are different people, and {login} would be two of them: appoint somebody else"
        )));
    }
    store::set_roles(tx, row.id, &roles)?;
    if own != Some(row.id) {
        store::end_sessions(tx, row.id, None)?;
    }
    let roles = roles.iter().map(|role| role.name().to_owned()).collect();
    let event = AccessChanged { account: row.id.to_string(), roles, disabled: row.disabled };
    events::record(node, tx, &by.stamp(node.now()), &event)?;
    let card = AccountCard::by_id(tx, row.id)?;
    card.ok_or_else(|| Error::not_found(format!("the account {login}")))
}
