//! The round: what came back by mail, whose time is over, whether the next drill is due.

use kit::clock::{DAY, HOUR, MINUTE};
use kit::events::Stamp;
use kit::jobs::{self, Handler};
use kit::{Error, Node, Result, Time, Write};
use mail::queue;

use super::model::{Check, State};
use super::{NewDrill, run, store};
use crate::Trust;

/// The kind of the round's jobs.
const ROUND: &str = "trust.drill_round";
/// How often is looked while a drill is open, and otherwise.
const OFTEN: Time = 5 * MINUTE;
const SELDOM: Time = HOUR;
/// Tests looked after in one round.
const LOOKED_AFTER: i64 = 20_000;
/// An answer to a test that ended without one is noted for this long.
const LATELY: Time = 60 * DAY;

/// Plans a round. The key says when, because the one that runs still has its row; and it has a slot's length, so that
/// rounds begun by several starts of the node become one.
fn plan(node: &Node, tx: &Write<'_>, at: Time, every: Time) -> Result<()> {
    jobs::enqueue(node, tx, ROUND, &format!("{every}/{}", at / every), &(), at)
}

/// Plans a look at what comes back of a drill that begins at `now`.
pub(super) fn plan_soon(node: &Node, tx: &Write<'_>, now: Time) -> Result<()> {
    plan(node, tx, now + OFTEN, OFTEN)
}

pub(super) async fn start(trust: &Trust) -> Result<()> {
    let (node, now) = (trust.node().clone(), trust.node().now());
    trust.node().db.write(move |tx| plan(&node, tx, now, SELDOM)).await
}

pub(super) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(ROUND, move |_| {
        let trust = trust.clone();
        async move { Ok(trust.drill_round().await?) }
    })
}

impl Trust {
    async fn drill_round(&self) -> Result<()> {
        // First: whatever goes wrong now, there is a next round.
        let (node, now) = (self.node().clone(), self.node().now());
        self.node().db.write(move |tx| plan(&node, tx, now + SELDOM, SELDOM)).await?;
        let own = self.clone();
        let looked = tokio::task::spawn_blocking(move || own.look_after_drills()).await;
        let open = looked.map_err(|_| Error::Unavailable("the round over the drills broke off".into()))??;
        if open {
            let node = self.node().clone();
            self.node().db.write(move |tx| plan_soon(&node, tx, now)).await?;
        }
        self.begin_if_due(now).await
    }

    /// Notes answers, bounces and silence; whether tests are still open.
    fn look_after_drills(&self) -> Result<bool> {
        let now = self.node().now();
        let read = self.node().db.read_now(move |c| {
            Ok((
                store::in_state(c, State::Asked, LOOKED_AFTER)?,
                store::lately(c, now - LATELY, LOOKED_AFTER)?,
            ))
        });
        let (asked, lately) = read?;
        for check in asked.iter().chain(&lately) {
            let (own, check) = (self.clone(), check.clone());
            self.node().db.write_now(move |tx| look_after(&own, tx, &check, now))?;
        }
        let open = self.node().db.read_now(|c| store::in_state(c, State::Asked, 1))?;
        Ok(!open.is_empty())
    }

    async fn begin_if_due(&self, now: Time) -> Result<()> {
        let rules = &self.settings().drill;
        if rules.every_days == 0 {
            return Ok(());
        }
        let last = self.node().db.read(|c| store::newest(c, 1)).await?;
        if last.first().is_some_and(|last| now < last.started_at + i64::from(rules.every_days) * DAY) {
            return Ok(());
        }
        let new = NewDrill { reason: "a regular test".into(), scope: rules.scope.clone(), hours: None };
        match self.begin_drill(Stamp { at: now, team: None, actor: "node".into() }, new).await {
            // Nobody to ask, nobody to ask for it: said once in an hour, and not tried again before.
            Err(Error::Conflict(why)) => {
                tracing::warn!(why, "the regular drill was not held");
                Ok(())
            }
            begun => begun.map(drop),
        }
    }
}

/// What the queue knows of a test's mail, then the deadline.
fn look_after(trust: &Trust, tx: &Write<'_>, check: &Check, now: Time) -> Result<()> {
    let mails = queue::about(tx, &check.about())?;
    if let Some(answered) = mails.iter().find(|mail| mail.state == queue::State::Answered) {
        run::answer(trust, tx, check.id, answered.state_at, "mail")?;
        return Ok(());
    }
    if check.state != State::Asked {
        return Ok(());
    }
    let failed = mails.last().filter(|mail| mail.state == queue::State::Failed);
    let deadline = store::by_id(tx, check.drill)?.map_or(now, |drill| drill.deadline_at);
    let (state, words) = match failed {
        Some(mail) => (State::Bounced, mail.reply.as_str()),
        None if now > deadline => (State::Silent, "no answer by the deadline"),
        None => return Ok(()),
    };
    if store::ended(tx, check.id, State::Asked, state, words)? {
        run::ended(trust.node(), tx, check, state, words, now)?;
    }
    Ok(())
}
