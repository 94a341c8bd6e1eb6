//! What the operator, the board, the nominee and time decide, and what follows from it.

use std::collections::BTreeSet;

use contracts::upkeep::PersonMoved;
use identity::{AccountCard, Granted, Introduce, JudgeCases, NewAccount, Role, StepUp};
use kit::clock::HOUR;
use kit::events::{self, Stamp};
use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Id, Node, Result, Write};

use super::state::{Command, Refused, State};
use super::store::{self, Person};
use super::{letters, nominate};
use crate::Trust;

/// The kind of the jobs that let an account in or shut it out.
const ACCESS: &str = "trust.person_access";
/// The kind of the round's jobs.
const ROUND: &str = "trust.people_round";

/// Does `command` to the person `id` in this transaction; `version` is what the asker saw, where that matters.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] says why it cannot be done, or that somebody was faster.
pub(super) fn step(
    trust: &Trust,
    tx: &Write<'_>,
    stamp: &Stamp,
    id: Id,
    version: Option<i64>,
    command: Command,
    why: &str,
) -> Result<Person> {
    let before = store::by_id(tx, id)?.ok_or_else(|| Error::not_found("the person"))?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::Conflict("somebody else has changed something meanwhile: look again".into()));
    }
    let refused = |Refused(why)| Error::Conflict(why);
    let standing =
        before.standing.clone().after(&trust.settings().people, command, stamp.at).map_err(refused)?;
    if standing == before.standing {
        return Ok(before);
    }
    let after = Person { standing, ..before.clone() };
    if !store::save(tx, &after)? {
        return Err(Error::Conflict("somebody else was faster: look again".into()));
    }
    follow(trust, tx, stamp, before.standing.state, &after, why)?;
    Ok(after)
}

/// What follows from a new state: the event, a letter, the account.
pub(super) fn follow(
    trust: &Trust,
    tx: &Write<'_>,
    stamp: &Stamp,
    from: State,
    person: &Person,
    why: &str,
) -> Result<()> {
    let to = person.standing.state;
    if from == to {
        return Ok(());
    }
    let event = PersonMoved {
        person: person.id.to_string(),
        from: from.name().into(),
        to: to.name().into(),
        why: why.to_owned(),
    };
    events::record(trust.node(), tx, stamp, &event)?;
    letters::plan(trust.node(), tx, person, from)?;
    let at = stamp.at;
    // The state of now is looked up when the job runs; so one that waits already does for this change, too.
    jobs::enqueue(trust.node(), tx, ACCESS, &format!("{}/{}", person.id, to.name()), &person.id, at)
}

impl Trust {
    /// Approves the person `id`, whom enough teams vouch for and who wants it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn approve_person(&self, granted: &StepUp<Introduce>, id: Id, version: i64) -> Result<()> {
        let by = granted.actor().account;
        self.do_to(granted.stamp(self.node().now()), id, Some(version), Command::Approve(by), "approved")
            .await
    }

    /// Notes that the person `id` has died.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`].
    pub async fn bury_person(&self, granted: &StepUp<Introduce>, id: Id, version: i64) -> Result<()> {
        let stamp = granted.stamp(self.node().now());
        self.do_to(stamp, id, Some(version), Command::Bury, "they have died").await
    }

    async fn do_to(
        &self,
        stamp: Stamp,
        id: Id,
        version: Option<i64>,
        command: Command,
        why: &'static str,
    ) -> Result<()> {
        let own = self.clone();
        self.node().db.write(move |tx| step(&own, tx, &stamp, id, version, command, why).map(drop)).await
    }

    /// The board decides an objection: right, and the person's way ends here, or nothing to it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] when it was decided before.
    pub async fn judge_objection(
        &self,
        granted: &StepUp<JudgeCases>,
        id: Id,
        objection: Id,
        upheld: bool,
    ) -> Result<()> {
        if !self.is_inside(granted.actor()) {
            return Err(Error::Forbidden("your team has no vote now: others of the board decide it".into()));
        }
        let (own, stamp) = (self.clone(), granted.stamp(self.node().now()));
        let (team, account) = (granted.team(), granted.actor().account);
        self.node()
            .db
            .write(move |tx| {
                let person = store::by_id(tx, id)?.ok_or_else(|| Error::not_found("the person"))?;
                if person.is_of(account, team) {
                    let why = "it is about you or somebody of your team: others of the board decide it";
                    return Err(Error::Forbidden(why.into()));
                }
                if own.objector(tx, id, objection)?.is_some_and(|said| said.team == team) {
                    let why = "it was raised by somebody of your own team: others of the board decide it";
                    return Err(Error::Forbidden(why.into()));
                }
                let (command, outcome, why) = match upheld {
                    true => (Command::Uphold, "upheld", "the board found the objection right"),
                    false => (Command::Dismiss, "dismissed", "the board found nothing in the objection"),
                };
                // First the state, which counts the objections that are open.
                step(&own, tx, &stamp, id, None, command, why)?;
                if !store::decide(tx, id, objection, outcome, stamp.at, &stamp.actor)? {
                    return Err(Error::Conflict("this objection was decided before".into()));
                }
                if upheld {
                    store::decide_all(tx, id, "closed", stamp.at, &stamp.actor)?;
                }
                Ok(())
            })
            .await
    }

    /// The person whose link carries `token`: state and name. Looking changes nothing.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn person_of_link(&self, token: &str) -> Result<Option<Person>> {
        let digest = Digest::of(token.as_bytes());
        self.node().db.read(move |c| store::by_token(c, digest)).await
    }

    /// The nominee answers, by the link that they got.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link of nobody; [`Error::Conflict`] when nothing is asked.
    pub(super) async fn answer_nomination(&self, token: &str, wants: bool) -> Result<()> {
        let digest = Digest::of(token.as_bytes());
        let own = self.clone();
        let stamp = Stamp { at: self.node().now(), team: None, actor: "nominee".into() };
        let (command, why) = match wants {
            true => (Command::Consent, "they said yes"),
            false => (Command::Decline, "they said no"),
        };
        self.node()
            .db
            .write(move |tx| {
                let person =
                    store::by_token(tx, digest)?.ok_or_else(|| Error::not_found("the nomination"))?;
                step(&own, tx, &stamp, person.id, None, command, why)?;
                if !wants {
                    store::set_token(tx, person.id, None)?;
                }
                Ok(())
            })
            .await
    }

    /// Lets somebody who was approved in for the first time: makes their account and the one-time link into it, whose
    /// path is returned, all or nothing. The link by which they came is used up. Who has an account already logs in with
    /// it: the address to which the invitation went is the nominator's word, and opens nobody's account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link of nobody; [`Error::Conflict`] when they are not approved, or were in before.
    pub(super) async fn first_entry(&self, token: &str) -> Result<String> {
        let digest = Digest::of(token.as_bytes());
        let own = self.clone();
        let stamp = Stamp { at: self.node().now(), team: None, actor: "nominee".into() };
        let work = move |tx: &Write<'_>| {
            let person = store::by_token(tx, digest)?.ok_or_else(|| Error::not_found("the invitation"))?;
            if person.standing.state != State::Approved {
                return Err(Error::Conflict(
                    "this invitation is not in force: nobody is let in by it now".into(),
                ));
            }
            let (account, path) = match person.standing.account {
                Some(account) => (account, "/login".to_owned()),
                None => {
                    let account = account_for(own.node(), tx, &stamp, &person)?;
                    let secret = identity::add_link(own.node(), tx, &stamp, account)?;
                    (account, format!("/login/once/{secret}"))
                }
            };
            step(&own, tx, &stamp, person.id, None, Command::Enter(account), "they came in")?;
            store::set_token(tx, person.id, None)?;
            Ok(path)
        };
        self.node().db.write(work).await
    }

    /// Who nominated the person to whom `account` belongs, once they were approved.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn nominator(&self, account: Id) -> Result<Option<Id>> {
        self.node().db.read(move |c| store::nominator_of(c, account)).await
    }

    /// Lets an account that was made for a person in, or shuts it out, by where the person stands now.
    async fn follow_access(&self, id: Id) -> Result<()> {
        let (handle, name) = nominate::organisation();
        let organisation = self.identity().organisation(handle, name).await?;
        let found = self.node().db.read(move |c| {
            let Some(person) = store::by_id(c, id)? else { return Ok(None) };
            let Some(account) = person.standing.account else { return Ok(None) };
            Ok(AccountCard::by_id(c, account)?.map(|card| (person.standing.state, card)))
        });
        let Some((state, card)) = found.await? else { return Ok(()) };
        // The accounts of a team are the team's: it is told, and decides itself.
        if card.organisation != organisation || card.disabled != state.comes_in() {
            return Ok(());
        }
        let granted = Granted::for_node_in(organisation);
        let roles = BTreeSet::from([Role::Reader]);
        self.identity().set_access(&granted, card.id, roles, !state.comes_in()).await
    }

    /// Time has passed for everybody: deadlines, and who was seen.
    async fn people_round(&self) -> Result<()> {
        let (own, now) = (self.clone(), self.node().now());
        let everybody = self.node().db.read(store::running).await?;
        for id in everybody {
            let (own, stamp) = (own.clone(), Stamp { at: now, team: None, actor: "node".into() });
            let work = move |tx: &Write<'_>| {
                let Some(person) = store::by_id(tx, id)? else { return Ok(()) };
                let account = person.standing.account;
                let card = account.map(|account| AccountCard::by_id(tx, account)).transpose()?.flatten();
                let seen = card.and_then(|card| card.last_login);
                let command = seen.map_or(Command::Tick, Command::Seen);
                step(&own, tx, &stamp, id, None, command, "time has passed").map(drop)
            };
            // One whose turn goes wrong does not keep the others from theirs.
            if let Err(error) = self.node().db.write(work).await {
                tracing::error!(person = %id, %error, "time did not pass for this person");
            }
        }
        Ok(())
    }
}

/// The account of a person without a team; their login is their mail address.
fn account_for(node: &Node, tx: &Write<'_>, stamp: &Stamp, person: &Person) -> Result<Id> {
    let (handle, name) = nominate::organisation();
    let organisation = identity::ensure_organisation(node, tx, handle, name)?;
    if let Some(card) = AccountCard::by_login(tx, &person.email)?
        && card.organisation == organisation
    {
        return Ok(card.id); // they were here before
    }
    let new = NewAccount {
        login: person.email.clone(),
        name: person.name.clone(),
        roles: BTreeSet::from([Role::Reader]),
        password: None,
    };
    identity::add_account(node, tx, stamp, organisation, &new)
}

pub(super) async fn start(trust: &Trust) -> Result<()> {
    let (node, now) = (trust.node().clone(), trust.node().now());
    trust.node().db.write(move |tx| jobs::plan(&node, tx, ROUND, HOUR, now)).await
}

pub(super) fn round_handler(trust: &Trust) -> Handler {
    let own = trust.clone();
    Handler::repeated(trust.node(), ROUND, HOUR, move || {
        let trust = own.clone();
        async move { trust.people_round().await }
    })
}

pub(super) fn access_handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(ACCESS, move |job| {
        let trust = trust.clone();
        async move {
            let id: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            Ok(trust.follow_access(id).await?)
        }
    })
}
