//! Log-in by an institute that knows its people (OpenID Connect): code flow with PKCE and a nonce.
//!
//! An institute says who somebody is *there*, and nothing else is believed: a person is tied to an account by their own
//! act while logged in here, never by a mail address; groups and roles are ours. It counts as one factor, as a password.

mod known;
mod provider;

use contracts::identity::CredentialsChanged;
use kit::{Error, Result, Time, Write, events};
use serde::{Deserialize, Serialize};

use crate::accounts::own_id;
use crate::login::{Entered, From, Refused, seconds};
use crate::permission::{Granted, OwnAccount};
use crate::service::Identity;
use crate::step_up::StepUp;
use crate::store::{self, institutes as rows};
use crate::throttle::{self, Gate};

pub(crate) use known::Known;
pub(crate) use provider::Flow;
pub use provider::Institute;

/// A person at an institute, who is tied to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstituteLink {
    /// The institute (its issuer).
    pub issuer: String,
    /// What it calls the person.
    pub subject: String,
    /// In words, for its owner.
    pub shown: String,
    /// Since when.
    pub added: Time,
    /// When it last let them in.
    pub last_used: Option<Time>,
}

/// Who somebody is at an institute, as it has just said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vouched {
    pub issuer: String,
    pub subject: String,
    pub shown: String,
}

const UNBOUND: &str = "Your institute knows you; nobody here does by its word yet. Log in another way, and tie it to your \
                       account on the account page.";

impl Identity {
    /// The institute called `name` in the configuration.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) fn institute(&self, name: &str) -> Result<&Institute> {
        let found = self.settings().institutes.iter().find(|institute| institute.name == name);
        found.ok_or_else(|| Error::not_found(format!("the institute {name}")))
    }

    /// Counts that a stranger makes the node talk to an institute.
    ///
    /// # Errors
    /// [`Refused::Wait`] when they have done so too often.
    pub(crate) async fn may_ask_institute(&self, from: &From) -> Result<(), Refused> {
        let (gates, now) = ([Gate::institute(from.peer)], self.node().now());
        let wait = self.node().db.write(move |tx| throttle::count(tx, &gates, now)).await?;
        wait.map_or(Ok(()), |wait| Err(Refused::Wait(seconds(wait))))
    }

    /// The address at the institute to which the browser goes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the institute does not answer as it should.
    pub(crate) async fn institute_address(
        &self,
        institute: Institute,
        flow: Flow,
        back: String,
    ) -> Result<String> {
        let (this, now) = (self.clone(), self.node().now());
        self.known_institutes()
            .talk(move || institute.address(this.known_institutes(), &flow, &back, now))
            .await
    }

    /// Takes the code to the institute, and checks its word.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer; [`Error::Forbidden`] when its word is not good.
    pub(crate) async fn institute_says(
        &self,
        institute: Institute,
        flow: Flow,
        code: String,
        back: String,
    ) -> Result<Vouched> {
        let (this, now) = (self.clone(), self.node().now());
        self.known_institutes()
            .talk(move || institute.vouched(this.known_institutes(), &flow, &code, &back, now))
            .await
    }

    /// Lets in whoever is tied to the person for whom an institute vouches.
    pub(crate) async fn log_in_by_institute(
        &self,
        vouched: Vouched,
        from: &From,
    ) -> Result<Entered, Refused> {
        let gates = vec![Gate::peer(from.peer)];
        let now = self.node().now();
        let account = self
            .count_attempt(gates.clone(), move |tx| {
                let Some(account) = rows::owner(tx, &vouched.issuer, &vouched.subject)? else {
                    return Ok(None);
                };
                rows::touch(tx, &vouched.issuer, &vouched.subject, now)?;
                store::account_by_id(tx, account)
            })
            .await?;
        match account.filter(|account| !account.disabled) {
            Some(account) => {
                let gates = [gates, vec![Gate::institute(from.peer)]].concat();
                self.enter(account, "institute", from, gates).await
            }
            None => Err(Refused::Wrong(UNBOUND)),
        }
    }

    /// Ties a person at an institute to the asker's account.
    pub(crate) async fn link_institute(&self, fresh: &StepUp<OwnAccount>, vouched: Vouched) -> Result<()> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let (now, stamp) = (node.now(), fresh.stamp(node.now()));
        let work = move |tx: &Write<'_>| {
            let person = (vouched.issuer.as_str(), vouched.subject.as_str());
            if !rows::link(tx, person, account, &vouched.shown, now)? {
                return Err(Error::Conflict(
                    "this person of the institute is tied to an account already".into(),
                ));
            }
            let what = format!("institute {} added", vouched.issuer);
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }

    /// The asker's institutes, the oldest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn institute_links(&self, granted: &Granted<OwnAccount>) -> Result<Vec<InstituteLink>> {
        let account = own_id(granted)?;
        self.node().db.read(move |c| rows::links(c, account)).await
    }

    /// Unties one of the asker's institutes.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn unlink_institute(
        &self,
        fresh: &StepUp<OwnAccount>,
        issuer: &str,
        subject: &str,
    ) -> Result<()> {
        let account = own_id(fresh)?;
        let node = self.node().clone();
        let stamp = fresh.stamp(node.now());
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let work = move |tx: &Write<'_>| {
            if !rows::unlink(tx, &issuer, &subject, account)? {
                return Err(Error::not_found("the institute"));
            }
            let what = format!("institute {issuer} removed");
            events::record(&node, tx, &stamp, &CredentialsChanged { account: account.to_string(), what })
        };
        self.node().db.write(work).await
    }
}
