//! How a newcomer gets in: the operator makes its team and the account of its first person.

use std::collections::BTreeSet;

use identity::{Granted, Introduce, NewAccount, Role};
use kit::{Error, Id, Result};
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
    pub async fn admit(&self, _granted: &Granted<Introduce>, newcomer: Newcomer) -> Result<Admitted> {
        let Newcomer { handle, name, mail, login, person } = newcomer;
        if self.teams().directory().by_handle(&handle).is_some() {
            return Err(Error::Conflict(format!(
                "The directory has {handle} already. Its administrator makes accounts for its people."
            )));
        }
        let record = TeamRecord {
            handle,
            official_name: name.clone(),
            name,
            emails: vec![Email { address: mail, usage: Usage::Report }],
            ..TeamRecord::default()
        };
        let entry = Entry { record: record.checked()?, standing: None, own: false, key: None };
        // The operator may make teams without a standing; what a node's administrator may besides, it may not.
        let made = self.teams().import(&Granted::for_node(), vec![entry]).await?;
        let team = made.first().copied().ok_or_else(|| Error::Corrupt("the team was not made".into()))?;
        let roles = BTreeSet::from([Role::TeamAdmin]);
        let account = NewAccount { login, name: person, roles, password: None };
        let account = self.identity().create_account(&Granted::for_node(), team, account).await?;
        let link = self.identity().one_time_login(&Granted::for_node_in(team), account).await?;
        Ok(Admitted { team, link })
    }
}
