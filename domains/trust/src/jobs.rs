//! What the process does by itself: every hour it looks what is due.

use std::collections::BTreeSet;

use contracts::trust::record::By;
use kit::clock::HOUR;
use kit::jobs::{self, Handler};
use kit::{Id, Result, Time, Write};

use crate::hand_over::Word;
use crate::record::{self, Author};
use crate::{Trust, letters, store};

pub(crate) const TICK: &str = "trust.tick";
/// Teams that are read together.
const AT_ONCE: i64 = 50;
/// More steps of one team at one moment than any rules can want.
const MOST_STEPS: usize = 20;

pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    let ticking = trust.clone();
    let tick = Handler::repeated(trust.node(), TICK, HOUR, move || {
        let trust = ticking.clone();
        async move {
            trust.pass_time().await?;
            trust.daily_checkpoint().await?;
            trust.forget_strangers().await.map(drop)
        }
    });
    vec![tick, letters::handler(trust)]
}

pub(crate) async fn start(trust: &Trust) -> Result<()> {
    let (node, now) = (trust.node().clone(), trust.node().now());
    trust.node().db.write(move |tx| jobs::plan(&node, tx, TICK, HOUR, now)).await
}

impl Trust {
    /// Takes all steps that are due by now: reminders, lapses, the ends of consultations and ballots. Returns how many
    /// entries were made. A clock that was put back does nothing, until it has come to where it was.
    ///
    /// # Errors
    /// The database is gone; what was done is done.
    pub async fn pass_time(&self) -> Result<usize> {
        let now = self.node().now();
        let last = self.node().db.read(|c| store::clock(c, "tick")).await?;
        if now < last {
            tracing::warn!("the clock was put back: limits wait until it has come to where it was");
            return Ok(0);
        }
        if matches!(self.word().await?, Word::Gone(_)) {
            return Ok(0); // the record goes on elsewhere
        }
        let mut made = 0;
        let mut seen = BTreeSet::new();
        loop {
            let limit = AT_ONCE + seen.len() as i64; // fits: so many teams are in memory
            let mut due = self.node().db.read(move |c| store::due(c, now, limit)).await?;
            due.retain(|team| !seen.contains(team));
            if due.is_empty() {
                break;
            }
            for team in due {
                // A team whose step goes wrong rests for an hour and does not keep the others from theirs.
                made += self.step_in_time(team, now).await.unwrap_or_else(|error| {
                    tracing::error!(%team, %error, "time did not pass for this team");
                    0
                });
                seen.insert(team);
            }
        }
        self.node().db.write(move |tx| store::set_clock(tx, "tick", now)).await?;
        if made > 0 {
            self.teams().reload().await?;
        }
        Ok(made)
    }

    /// The steps of one team that are due, in a transaction of their own.
    async fn step_in_time(&self, team: Id, now: Time) -> Result<usize> {
        // A directory that is behind is read anew before an entry is written without a name.
        let handle = match self.subject(team) {
            Ok(subject) => subject.handle.clone(),
            Err(_) => {
                self.teams().refresh().await?;
                self.subject(team)?.handle.clone()
            }
        };
        let this = self.clone();
        self.node().db.write(move |tx| this.tick_one(tx, team, &handle, now)).await
    }

    fn tick_one(&self, tx: &Write<'_>, team: Id, handle: &str, now: Time) -> Result<usize> {
        let rules = &self.settings().rules;
        let mut state = store::state(tx, team)?;
        let mut made = 0;
        for _ in 0..MOST_STEPS {
            let steps = crate::process::tick(rules, &state, now);
            if steps.is_empty() {
                break;
            }
            let at = now.max(state.updated);
            let author = Author { team, handle: handle.to_owned(), by: By::NODE, name: "node".into(), at };
            let entries = record::write(self.node(), tx, rules, &author, &mut state, &steps)?;
            letters::plan(self.node(), tx, &entries)?;
            made += entries.len();
        }
        if made == 0 {
            // The rules have changed since the row was written: note when it is due by them.
            let next = crate::process::next_at(rules, &state).map(|at| at.max(now + HOUR));
            store::put_state(tx, team, &state, next)?;
        }
        Ok(made)
    }
}
