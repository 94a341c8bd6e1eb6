//! A clock that had jumped ahead: what it has dated in the future is seen, and the operator sets it right.

use contracts::trust::record::{Capacity, Change};
use identity::{Introduce, StepUp};
use kit::clock::{HOUR, MINUTE};
use kit::{Error, Read, Result, Time, Write};

use super::act::by;
use crate::jobs::TICK;
use crate::process::{Paragraph, Step};
use crate::record::{self, Author};
use crate::{Trust, store};

/// Clocks differ by so much, and nobody minds.
const SLACK: Time = 5 * MINUTE;

/// What a clock that was ahead has left behind; or the clock is behind now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The place of the first entry that is dated in the future; 0: none is, but time has passed there.
    pub since: i64,
    /// How many entries are.
    pub entries: i64,
    /// Up to when: until then limits wait.
    pub until: Time,
    /// What the clock shows.
    pub now: Time,
}

impl Ahead {
    /// What is the matter, in a sentence or two.
    pub fn words(&self) -> String {
        let (now, until) = (ui::format::iso(self.now), ui::format::iso(self.until));
        let dated = match self.entries {
            0 => String::new(),
            count => {
                let entries = ui::format::plural(count, "entry", "entries");
                format!(
                    ", and {entries} of the record, from entry {} on, are dated in the future",
                    self.since
                )
            }
        };
        format!(
            "The clock shows {now}, and time has passed here up to {until}{dated}: limits wait until then. Either the clock was \
             ahead, or it is behind now."
        )
    }
}

fn ahead(c: &Read<'_>, now: Time) -> Result<Option<Ahead>> {
    let (since, newest, entries) = store::dated_after(c, now + SLACK, "trust.clock_set_right")?;
    let until = newest.max(store::clock(c, "tick")?);
    Ok((until > now + SLACK).then_some(Ahead { since, entries, until, now }))
}

impl Trust {
    /// Whether time has passed here that is still to come by the clock: limits wait for it.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn ahead(&self) -> Result<Option<Ahead>> {
        let now = self.node().now();
        self.node().db.read(move |c| ahead(c, now)).await
    }

    /// Whether limits run, for the operator: nothing while they do, what is the matter otherwise.
    ///
    /// # Errors
    /// The database is gone.
    pub(super) async fn limits_wait(&self) -> Result<Option<String>> {
        let ahead = self.ahead().await?;
        Ok(ahead.map(|ahead| {
            format!("{} When it is right now: wardmote trust clock --set-right REASON", ahead.words())
        }))
    }

    /// The clock was ahead and is right now: what is dated later than now counts from now on as of now, and limits run
    /// again. An entry says so for the community, and one for each team whether or not it was concerned, so that none shows
    /// that something sealed happened about a team. No standing changes; what is written stays as it is.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason; [`Error::Conflict`] when nothing is dated in the future, or the record is closed.
    pub async fn set_clock_right(&self, granted: &StepUp<Introduce>, reason: &str) -> Result<Ahead> {
        let reason = record::reason(reason, "what happened to the clock")?;
        let capacity = if granted.is_node() { Capacity::Node } else { Capacity::Operator };
        let (this, by, name) = (self.clone(), by(granted, capacity), granted.actor().name.clone());
        let directory = self.teams().directory();
        let work = move |tx: &Write<'_>| {
            let (node, rules) = (this.node(), &this.settings().rules);
            let now = node.now();
            let Some(found) = ahead(tx, now)? else {
                return Err(Error::Conflict(
                    "Nothing is dated in the future: there is nothing to set right.".into(),
                ));
            };
            let change =
                Change::ClockSetRight { since: found.since, until: found.until, reason: reason.clone() };
            record::of_the_community(node, tx, &by, "", Paragraph::Clock, change.clone())?;
            for (team, mut state) in store::states(tx)?.into_iter().filter(|(_, state)| state.number != 0) {
                let handle = directory.by_id(team).map(|team| team.handle.clone()).unwrap_or_default();
                let author = Author { team, handle, by: by.clone(), name: name.clone(), at: now };
                let step = Step::new(Paragraph::Clock, change.clone());
                record::write(node, tx, rules, &author, &mut state, &[step])?;
            }
            store::set_clock(tx, "tick", now)?;
            // The next look was planned by the clock as it was.
            kit::jobs::plan(node, tx, TICK, HOUR, now)?;
            Ok(found)
        };
        let found = self.node().db.write(work).await?;
        self.teams().reload().await?;
        Ok(found)
    }
}
