//! The desk at a glance: what to decide, my clocks, who is silent, what came by mail.

use identity::{Granted, ReadCases};
use kit::clock::DAY;
use kit::{Id, Result, Time};

use super::store::{self, Asked};
use crate::Desk;
use crate::model::{Incident, IncidentStatus, Outcome, Report};
use crate::store::{incidents, reports};

/// How many rows each list has.
const ROWS: i64 = 8;

/// What the first page shows.
#[derive(Debug, Clone)]
pub(crate) struct Overview {
    /// Reports to decide, soonest clock first.
    pub(crate) decide: Vec<Report>,
    /// How many there are.
    pub(crate) to_decide: i64,
    /// How many of machines.
    pub(crate) machine: i64,
    /// What the reader has taken, soonest clock first.
    pub(crate) mine: Vec<Report>,
    /// Open incidents, newest first.
    pub(crate) incidents: Vec<Incident>,
    /// How many there are.
    pub(crate) open: i64,
    /// Investigations whose answer is overdue.
    pub(crate) silent: Vec<Asked>,
    /// Investigations that were answered and wait for us.
    pub(crate) answered: Vec<Asked>,
    /// Mails of the last 24 hours by what became of them.
    pub(crate) mail: Vec<(Outcome, i64)>,
}

impl Overview {
    /// How many mails came in the last 24 hours.
    pub(crate) fn mails(&self) -> i64 {
        self.mail.iter().map(|(_, count)| count).sum()
    }
}

impl Desk {
    /// The desk of the reader's team at a glance.
    pub(crate) async fn overview(&self, by: &Granted<ReadCases>) -> Result<Overview> {
        let (team, me, now) = (by.team(), by.actor().account, self.node().now());
        let none = Id::from_bytes([0; 16]);
        let read = self.node().db.read(move |c| {
            Ok(Overview {
                decide: reports::to_decide(c, team, false, (i64::MIN, none), ROWS)?,
                to_decide: reports::count_to_decide(c, team, false)?,
                machine: reports::count_to_decide(c, team, true)?,
                mine: me.map_or(Ok(Vec::new()), |me| reports::mine(c, team, me, (i64::MIN, none), ROWS))?,
                incidents: incidents::list(
                    c,
                    team,
                    IncidentStatus::Open,
                    (i64::MAX, Id::from_bytes([0xff; 16])),
                    ROWS,
                )?,
                open: incidents::count(c, team, IncidentStatus::Open)?,
                silent: store::silent(c, team, now, ROWS)?,
                answered: store::answered(c, team, ROWS)?,
                mail: store::mail_since(c, team, first_id(now - DAY))?,
            })
        });
        read.await
    }
}

/// The smallest identifier that can have been made at `at`: identifiers begin with their time (UUIDv7).
pub(crate) fn first_id(at: Time) -> Id {
    let millis = u64::try_from(at / 1_000).unwrap_or(0).to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis[2..]);
    Id::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::{ManualClock, SeededRandom};

    #[test]
    fn identifiers_made_at_a_time_are_not_before_its_first() {
        let at = kit::testing::START;
        let made = Id::new(&ManualClock::new(at), &SeededRandom::new(3));
        assert!(first_id(at) <= made && made < first_id(at + 1_000));
    }
}
