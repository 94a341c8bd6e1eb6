//! The past of the community: its standings were taken over list by list, months ago.

use std::sync::atomic::{AtomicI64, Ordering};

use identity::Granted;
use kit::clock::{Clock, DAY, SystemClock};
use kit::{Id, Time};
use teams::import::Entry;

use crate::Stage;

/// The lists from which the standings come: how many days ago each was taken over, its name, and how many of the sample's
/// teams stood in it. Nobody has to confirm a record before the demo is looked at.
const LISTS: [(i64, &str, usize); 3] = [
    (85, "the list as it was kept on paper until today", 26),
    (52, "the list of the universities, kept on paper, too", 8),
    (21, "the list of the islands, kept by a team that has retired", usize::MAX),
];

/// The machine's clock, put back: what the demo tells of the past is dated as it would have been.
#[derive(Debug, Default)]
pub struct Past(AtomicI64);

impl Past {
    fn days_ago(&self, days: i64) {
        self.0.store(days * DAY, Ordering::Relaxed);
    }
}

impl Clock for Past {
    fn now(&self) -> Time {
        SystemClock.now() - self.0.load(Ordering::Relaxed)
    }
}

/// Imports `entries` list by list, and takes their standings over; then it is today. Returns the teams in the same order,
/// and how many standings were taken over.
pub(crate) async fn take_over(
    house: &Stage,
    clock: &Past,
    entries: &[Entry],
) -> anyhow::Result<(Vec<Id>, usize)> {
    let (mut ids, mut taken, mut rest) = (Vec::with_capacity(entries.len()), 0, entries);
    for (days, source, count) in LISTS {
        clock.days_ago(days);
        let (list, later) = rest.split_at(count.min(rest.len()));
        rest = later;
        ids.extend(house.teams.import(&Granted::for_node(), list.to_vec()).await?);
        taken += house.trust.take_over(&Granted::for_node(), source).await?;
    }
    clock.days_ago(0);
    Ok((ids, taken))
}
