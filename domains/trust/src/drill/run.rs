//! Holding a drill: begin, send the messages, take the answers.

use contracts::upkeep::{DrillAsked, DrillEnded, DrillStarted};
use identity::{Granted, Introduce};
use kit::clock::HOUR;
use kit::events::{self, Stamp};
use kit::jobs::{self, Handler, Retry};
use kit::{Digest, Error, Id, Result, Time, Write};

use super::model::{Check, Drill, State, Way};
use super::{letter, round, store};
use crate::Trust;

/// The kind of the jobs that send a drill's messages.
const ASK: &str = "trust.drill_ask";
/// Messages written before the next are looked for.
const PAGE: i64 = 20;
/// Longest reason.
const REASON: usize = 500;

/// A drill to be held.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
pub struct NewDrill {
    /// Why, in the words that teams read.
    pub reason: String,
    /// The least standing of the teams that are tested: listed, candidate, accredited or certified.
    pub scope: String,
    /// Hours that teams have to answer; what is configured when missing.
    pub hours: Option<u32>,
}

impl Trust {
    /// Begins a drill: each team in scope gets a test message within minutes. Returns its id.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a field; [`Error::Conflict`] while another drill is open, when no team is in scope, or as
    /// [`Trust::operator`].
    pub async fn start_drill(&self, granted: &Granted<Introduce>, new: NewDrill) -> Result<Id> {
        let stamp = granted.stamp(self.node().now());
        self.begin_drill(stamp, new).await
    }

    pub(super) async fn begin_drill(&self, stamp: Stamp, new: NewDrill) -> Result<Id> {
        let reason = new.reason.trim().to_owned();
        if reason.is_empty() || reason.len() > REASON || reason.contains(char::is_control) {
            return Err(Error::invalid(
                "reason",
                format!("say in one line, {REASON} bytes at most, why the drill is held"),
            ));
        }
        let scope = super::scope(&new.scope)?;
        let hours = new.hours.unwrap_or(self.settings().drill.answer_hours);
        if !(1..=2_160).contains(&hours) {
            return Err(Error::invalid("hours", "teams have from 1 hour to 2160 hours (90 days) to answer"));
        }
        let operator = self.operator()?;
        let directory = self.teams().directory();
        let in_scope = |team: &&std::sync::Arc<teams::Team>| {
            team.id != operator.id && team.standing.is_some_and(|standing| standing.status >= scope)
        };
        let node = self.node().clone();
        let drill = Drill {
            id: node.id(),
            reason,
            scope: scope.name().into(),
            started_at: stamp.at,
            started_by: stamp.actor.clone(),
            deadline_at: stamp.at + i64::from(hours) * HOUR,
        };
        let checks: Vec<Check> = directory
            .teams()
            .iter()
            .filter(in_scope)
            .flat_map(|team| Way::ALL.iter().map(|way| (team.id, *way, way.address(team))))
            .map(|(team, way, address)| Check {
                id: node.id(),
                drill: drill.id,
                team,
                way,
                protection: String::new(),
                state: if address.is_some() { State::Waiting } else { State::Unreachable },
                failure: if address.is_some() { String::new() } else { "its record has no address".into() },
                address: address.unwrap_or_default(),
                asked_at: None,
                answered_at: None,
                answered_by: String::new(),
            })
            .collect();
        if checks.is_empty() {
            return Err(Error::Conflict(format!("no other team is {scope} or more: there is nobody to ask")));
        }
        let id = drill.id;
        self.node()
            .db
            .write(move |tx| {
                refuse_second(tx, stamp.at)?;
                store::insert(tx, &drill)?;
                let event = DrillStarted {
                    drill: id.to_string(),
                    reason: drill.reason.clone(),
                    teams: checks.len(),
                    deadline: ui::format::iso(drill.deadline_at),
                };
                events::record(&node, tx, &stamp, &event)?;
                for check in &checks {
                    store::insert_check(tx, check)?;
                    if check.state == State::Unreachable {
                        ended(&node, tx, check, State::Unreachable, &check.failure, stamp.at)?;
                    }
                }
                round::plan_soon(&node, tx, stamp.at)?;
                jobs::enqueue(&node, tx, ASK, &id.to_string(), &id, stamp.at)
            })
            .await?;
        Ok(id)
    }

    /// Writes and sends the messages of the drill `id` that are not sent yet.
    fn ask(&self, id: Id) -> Result<()> {
        let Some(drill) = self.node().db.read_now(move |c| store::by_id(c, id))? else { return Ok(()) };
        loop {
            let page = self.node().db.read_now(move |c| store::waiting(c, id, PAGE))?;
            if page.is_empty() {
                return Ok(());
            }
            for check in page {
                self.ask_one(&drill, check)?;
            }
        }
    }

    fn ask_one(&self, drill: &Drill, check: Check) -> Result<()> {
        let (node, now) = (self.node().clone(), self.node().now());
        let team = self.teams().directory().by_id(check.team);
        let team = team.ok_or_else(|| Error::invalid("team", "it is not in the directory any more"));
        match team.and_then(|team| letter::write(self, drill, &check, &team)) {
            Ok(message) => {
                let own = self.clone();
                node.clone().db.write_now(move |tx| {
                    if !store::asked(tx, check.id, now, message.token, message.letter.protection)? {
                        return Ok(());
                    }
                    own.send_letter(tx, &message.letter, now)?;
                    let event = DrillAsked {
                        team: check.team.to_string(),
                        drill: check.drill.to_string(),
                        channel: check.way.name().into(),
                        address: check.address.clone(),
                    };
                    events::record(&node, tx, &by_node(&check, now), &event)
                })
            }
            // An address that cannot be written to is one that cannot be reached; a full disk is the node's trouble.
            Err(Error::Invalid { message, .. }) => node.clone().db.write_now(move |tx| {
                if store::ended(tx, check.id, State::Waiting, State::Unreachable, &message)? {
                    ended(&node, tx, &check, State::Unreachable, &message, now)?;
                }
                Ok(())
            }),
            Err(error) => Err(error),
        }
    }

    /// The test whose link carries `token`, with its drill; looking changes nothing.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn drill_of_link(&self, token: &str) -> Result<Option<(Check, Drill)>> {
        let digest = Digest::of(token.as_bytes());
        let work = move |c: &kit::Read<'_>| {
            let Some(check) = store::by_token(c, digest)? else { return Ok(None) };
            Ok(store::by_id(c, check.drill)?.map(|drill| (check, drill)))
        };
        self.node().db.read(work).await
    }

    /// Somebody holds the secret of a test's message: they read there. Returns the test as it is then.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn answer_by_link(&self, token: &str) -> Result<Option<(Check, Drill)>> {
        if let Some((check, _)) = self.drill_of_link(token).await? {
            let (own, now) = (self.clone(), self.node().now());
            self.node().db.write(move |tx| answer(&own, tx, check.id, now, "link").map(drop)).await?;
        }
        self.drill_of_link(token).await
    }
}

/// Notes an answer that came at `at`, with its event; `false` when it changes nothing.
pub(super) fn answer(trust: &Trust, tx: &Write<'_>, check: Id, at: Time, by: &str) -> Result<bool> {
    let Some(check) = store::check_by_id(tx, check)? else { return Ok(false) };
    let Some(drill) = store::by_id(tx, check.drill)? else { return Ok(false) };
    let Some(state) = check.after_answer(at, drill.deadline_at) else { return Ok(false) };
    if !store::answered(tx, check.id, state, at, by)? {
        return Ok(false);
    }
    let check = Check { answered_at: Some(at), ..check };
    ended(trust.node(), tx, &check, state, by, trust.node().now())?;
    Ok(true)
}

/// Writes how a test ended into the team's record.
pub(super) fn ended(
    node: &kit::Node,
    tx: &Write<'_>,
    check: &Check,
    outcome: State,
    words: &str,
    now: Time,
) -> Result<()> {
    let event = DrillEnded {
        team: check.team.to_string(),
        drill: check.drill.to_string(),
        outcome: outcome.name().into(),
        seconds: check.seconds().unwrap_or_default(),
        words: words.to_owned(),
    };
    events::record(node, tx, &by_node(check, now), &event)
}

fn by_node(check: &Check, now: Time) -> Stamp {
    Stamp { at: now, team: Some(check.team), actor: "node".into() }
}

/// Two drills at once would make a team answer one and be silent in the other.
fn refuse_second(tx: &Write<'_>, now: Time) -> Result<()> {
    let open = store::newest(tx, 1)?.into_iter().find(|drill| drill.deadline_at > now);
    let Some(open) = open else { return Ok(()) };
    let undecided =
        store::checks(tx, open.id)?.iter().any(|check| matches!(check.state, State::Waiting | State::Asked));
    if !undecided {
        return Ok(());
    }
    let until = ui::format::iso(open.deadline_at);
    Err(Error::Conflict(format!("a drill is open until {until}: begin the next one when it is over")))
}

/// The handler that sends a drill's messages.
pub(super) fn handler(trust: &Trust) -> Handler {
    let trust = trust.clone();
    Handler::new(ASK, move |job| {
        let trust = trust.clone();
        async move {
            let id: Id =
                serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
            let asking = tokio::task::spawn_blocking(move || trust.ask(id)).await;
            Ok(asking.map_err(|_| Error::Unavailable("sending the test messages broke off".into()))??)
        }
    })
}
