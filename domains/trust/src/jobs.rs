//! What the process does by itself: every hour it looks what is due.

use contracts::trust::record::By;
use kit::clock::HOUR;
use kit::jobs::{self, Handler};
use kit::{Id, Node, Result, Time, Write};

use crate::hand_over::Word;
use crate::record::{self, Author};
use crate::{Trust, letters, store};

const TICK: &str = "trust.tick";
/// Teams in one transaction.
const AT_ONCE: i64 = 50;
/// More steps of one team at one moment than any rules can want.
const MOST_STEPS: usize = 20;

pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    let ticking = trust.clone();
    let tick = Handler::new(TICK, move |_| {
        let trust = ticking.clone();
        async move {
            trust.pass_time().await?;
            trust.daily_checkpoint().await?;
            trust.forget_strangers().await?;
            let (node, at) = (trust.node().clone(), trust.node().now() + HOUR);
            Ok(trust.node().db.write(move |tx| plan(&node, tx, at)).await?)
        }
    });
    vec![tick, letters::handler(trust)]
}

pub(crate) async fn start(trust: &Trust) -> Result<()> {
    let (node, now) = (trust.node().clone(), trust.node().now());
    trust.node().db.write(move |tx| plan(&node, tx, now)).await
}

/// One job for each hour: the key says which, because the one that runs still has its row.
fn plan(node: &Node, tx: &Write<'_>, at: Time) -> Result<()> {
    jobs::enqueue(node, tx, TICK, &(at / HOUR).to_string(), &(), at)
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
        loop {
            let due = self.node().db.read(move |c| store::due(c, now, AT_ONCE)).await?;
            if due.is_empty() {
                break;
            }
            let this = self.clone();
            let handles: Vec<(Id, String)> = due
                .into_iter()
                .map(|team| (team, self.subject(team).map(|team| team.handle.clone()).unwrap_or_default()))
                .collect();
            let work = move |tx: &Write<'_>| {
                let mut count = 0;
                for (team, handle) in &handles {
                    count += this.tick_one(tx, *team, handle, now)?;
                }
                Ok(count)
            };
            made += self.node().db.write(work).await?;
        }
        self.node().db.write(move |tx| store::set_clock(tx, "tick", now)).await?;
        if made > 0 {
            self.teams().reload().await?;
        }
        Ok(made)
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
