//! How a newcomer gets in: the operator makes its team and the account of its first person.

use std::collections::BTreeSet;

use identity::{Granted, Introduce, NewAccount, Role};
use kit::events::Stamp;
use kit::{Error, Id, Result, Write};
use teams::import::Entry;
use teams::{Email, TeamRecord, Usage};

use crate::Trust;

/// Who comes.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
pub struct Newcomer {
    /// The team's short name in the directory: 1 to 40 of `a-z 0-9 -`.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub mail: String,
    /// The name with which its first person logs in.
    pub login: String,
    /// The person's name.
    pub person: String,
}

/// Who came.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Admitted {
    /// The team's id.
    #[schema(value_type = String)]
    pub team: Id,
    /// What stands after `/login/once/` in the link that lets the person in once. It is shown here and never again.
    pub link: String,
}

impl Trust {
    /// Makes a team that is not listed, and the account of the person who fills in its record and applies. It has no
    /// standing, and no right but to keep its own record.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the directory has the team; [`Error::Invalid`] for a field.
    pub async fn admit(&self, granted: &Granted<Introduce>, newcomer: Newcomer) -> Result<Admitted> {
        let Newcomer { handle, name, mail, login, person } = newcomer;
        let record = TeamRecord {
            handle,
            official_name: name.clone(),
            name,
            emails: vec![Email { address: mail, usage: Usage::Report }],
            ..TeamRecord::default()
        };
        let record = record.checked()?;
        let (this, by) = (self.clone(), granted.actor().name.clone());
        let work = move |tx: &Write<'_>| this.add_newcomer(tx, &by, &record, &login, &person);
        let (team, account) = self.node().db.write(work).await?;
        self.teams().reload().await?;
        let link = self.identity().one_time_login(&Granted::for_node_in(team), account).await?;
        Ok(Admitted { team, link })
    }

    /// Makes the team and the account of its first person. Returns both ids.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the handle or the login is taken; [`Error::Invalid`] for a field, or a name that reads like
    /// another team's.
    pub(crate) fn add_newcomer(
        &self,
        tx: &Write<'_>,
        by: &str,
        record: &TeamRecord,
        login: &str,
        person: &str,
    ) -> Result<(Id, Id)> {
        let node = self.node();
        if identity::knows_organisation(tx, &record.handle)? {
            return Err(Error::Conflict(format!(
                "The directory has {} already: choose another handle. Accounts for its people are made by its \
                 administrator.",
                record.handle
            )));
        }
        if let Some((field, other)) = self.teams().directory().same_name(None, record) {
            let advice = "take one by which people tell the two apart";
            return Err(Error::invalid(field, format!("it reads like the name of {}: {advice}", other.name)));
        }
        let entry = Entry { record: record.clone(), standing: None, own: false, key: None };
        let team = teams::enter(node, tx, by, &entry)?;
        let roles = BTreeSet::from([Role::TeamAdmin]);
        let new = NewAccount { login: login.to_owned(), name: person.to_owned(), roles, password: None };
        let stamp = Stamp { at: node.now(), team: Some(team), actor: by.to_owned() };
        let account = identity::add_account(node, tx, &stamp, team, &new)?;
        Ok((team, account))
    }
}
