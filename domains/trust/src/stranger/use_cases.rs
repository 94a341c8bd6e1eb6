//! Apply, confirm, take, refuse, come in.

use std::net::IpAddr;

use identity::{Granted, Introduce};
use kit::clock::{DAY, HOUR};
use kit::{Digest, Error, Id, Result, Write};

use super::model::{Applicant, State, Told};
use super::{letters, store};
use crate::Trust;

/// Most letters that ask one address for a confirmation in a day.
const LETTERS_A_DAY: i64 = 2;
/// How long a decided application is kept, for the operator to look at.
const KEPT: kit::Time = 90 * DAY;
/// For [`kit::secrets::Secrets::mark`].
const PEER: &str = "trust.stranger.peer";

/// What came of an application that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Whatever can be done is under way; more is not told to a stranger.
    UnderWay,
    /// Too many came from there within the hour.
    TooMany,
    /// The desk is full.
    Full,
}

impl Trust {
    /// Whether strangers can apply here: it is switched on, letters can be written, and links in them lead here.
    pub fn takes_strangers(&self) -> bool {
        self.settings().apply.enabled && !self.settings().base_url.is_empty() && self.operator().is_ok()
    }

    /// Somebody without an account applies from the network address `peer`. The answer does not depend on what is known
    /// here of the team, the person or the sponsors.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field; [`Error::Conflict`] when strangers cannot apply here.
    pub async fn apply_as_stranger(&self, told: Told, peer: IpAddr) -> Result<Sent> {
        if !self.takes_strangers() {
            return Err(Error::Conflict("Applications are not taken on this page.".into()));
        }
        let told = told.checked()?;
        let (node, rules) = (self.node().clone(), self.settings().apply.clone());
        let mark = node.secrets.mark(PEER, network(peer).as_bytes());
        let peer: String = mark[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        let now = node.now();
        let one = Applicant {
            id: node.id(),
            state: State::Typed,
            told,
            at: now,
            until: now + i64::from(rules.confirm_days) * DAY,
            decided_by: String::new(),
            reason: String::new(),
            team: None,
            account: None,
        };
        let work = move |tx: &Write<'_>| {
            let (open, here, mails) =
                store::counts(tx, now, (&peer, now - HOUR), (&one.told.email, now - DAY))?;
            if open >= i64::from(rules.open) {
                return Ok(Sent::Full);
            }
            if here >= i64::from(rules.per_hour) {
                return Ok(Sent::TooMany);
            }
            // Nobody's mailbox is filled by strangers, and nobody learns that it was tried before.
            if mails < LETTERS_A_DAY {
                store::insert(tx, &one, &peer)?;
                letters::plan(&node, tx, &one)?;
            }
            Ok(Sent::UnderWay)
        };
        self.node().db.write(work).await
    }

    /// The application of a link, unless it is over.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn stranger_of_link(&self, token: &str) -> Result<Option<Applicant>> {
        let (token, now) = (Digest::of(token.as_bytes()), self.node().now());
        self.node().db.read(move |c| store::by_token(c, token, now)).await
    }

    /// The one who got the mail says that the application is theirs, or (`yes` is false) that it is not.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link of nothing.
    pub(super) async fn confirm_stranger(&self, token: &str, yes: bool) -> Result<()> {
        let found = self.stranger_of_link(token).await?;
        let found = found.ok_or_else(|| Error::not_found("the application"))?;
        let (node, days) = (self.node().clone(), i64::from(self.settings().apply.desk_days));
        let work = move |tx: &Write<'_>| {
            if !yes {
                return store::drop_typed(tx, found.id).map(drop);
            }
            let now = node.now();
            let one = Applicant { state: State::Open, at: now, until: now + days * DAY, ..found.clone() };
            if store::change(tx, &one, State::Typed)? {
                letters::plan(&node, tx, &one)?;
            }
            Ok(())
        };
        self.node().db.write(work).await
    }

    /// The applications that wait for the operator, the oldest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn strangers(&self, _granted: &Granted<Introduce>) -> Result<Vec<Applicant>> {
        let now = self.node().now();
        self.node().db.read(move |c| store::open(c, now)).await
    }

    /// One application, for the operator; those that nobody has confirmed are not shown.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn stranger(&self, _granted: &Granted<Introduce>, id: Id) -> Result<Applicant> {
        let found = self.node().db.read(move |c| store::by_id(c, id)).await?;
        found.filter(|one| one.state != State::Typed).ok_or_else(|| Error::not_found("the application"))
    }

    /// The operator takes an application: team and account are made in one step, and the person gets a link that lets
    /// them in once. The team has no standing. Handle and login may be others than were wished for. Returns the team.
    ///
    /// # Errors
    /// [`Error::Conflict`] when handle or login are taken, or it was decided before; [`Error::Invalid`] for a field;
    /// [`Error::NotFound`].
    pub async fn take_stranger(
        &self,
        granted: &Granted<Introduce>,
        id: Id,
        handle: &str,
        login: &str,
    ) -> Result<Id> {
        let found = self.stranger(granted, id).await?;
        let told = Told { handle: handle.to_owned(), ..found.told.clone() };
        let record = told.record()?;
        let (login, by) = (login.to_owned(), granted.actor().name.clone());
        let (this, days) = (self.clone(), i64::from(self.settings().apply.invitation_days));
        let work = move |tx: &Write<'_>| {
            let (node, now) = (this.node(), this.node().now());
            let (team, account) = this.add_newcomer(tx, &by, &record, &login, &found.told.person)?;
            let one = Applicant {
                state: State::Taken,
                at: now,
                until: now + days * DAY,
                decided_by: by.clone(),
                team: Some(team),
                account: Some(account),
                ..found.clone()
            };
            decided(store::change(tx, &one, State::Open)?)?;
            letters::plan(node, tx, &one)?;
            Ok(team)
        };
        let team = self.node().db.write(work).await?;
        self.teams().reload().await?;
        Ok(team)
    }

    /// The operator refuses an application; the person is told why.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; [`Error::Conflict`] when it was decided before; [`Error::NotFound`].
    pub async fn refuse_stranger(&self, granted: &Granted<Introduce>, id: Id, reason: &str) -> Result<()> {
        let reason: String = reason.trim().chars().take(1_000).collect();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "say why: the person is told"));
        }
        let found = self.stranger(granted, id).await?;
        let (node, by) = (self.node().clone(), granted.actor().name.clone());
        let work = move |tx: &Write<'_>| {
            let now = node.now();
            let one = Applicant {
                state: State::Refused,
                at: now,
                until: now + KEPT,
                decided_by: by.clone(),
                reason: reason.clone(),
                ..found.clone()
            };
            decided(store::change(tx, &one, State::Open)?)?;
            letters::plan(&node, tx, &one)
        };
        self.node().db.write(work).await
    }

    /// Lets the person of a taken application in for the first time; returns where to. The link is used up.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a link of nothing; [`Error::Conflict`] when there is no account to come into.
    pub(super) async fn stranger_enters(&self, token: &str) -> Result<String> {
        let found = self.stranger_of_link(token).await?;
        let found = found.ok_or_else(|| Error::not_found("the invitation"))?;
        let (State::Taken, Some(account)) = (found.state, found.account) else {
            return Err(Error::Conflict(
                "this application is not decided yet: nobody is let in by it".into(),
            ));
        };
        let secret = self.identity().one_time_login(&Granted::for_node(), account).await?;
        self.node().db.write(move |tx| store::set_token(tx, found.id, None)).await?;
        Ok(format!("/login/once/{secret}"))
    }

    /// Deletes the applications that are over. Returns how many.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn forget_strangers(&self) -> Result<usize> {
        let now = self.node().now();
        self.node().db.write(move |tx| store::forget(tx, now)).await
    }
}

fn decided(is_mine: bool) -> Result<()> {
    if is_mine {
        return Ok(());
    }
    Err(Error::Conflict("Somebody was faster: the application is decided. Nothing was changed.".into()))
}

/// One network of IPv6 is one person's.
fn network(peer: IpAddr) -> String {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}
