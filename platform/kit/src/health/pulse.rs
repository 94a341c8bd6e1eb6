//! Whether the node works, for whoever watches it from outside.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::{BEAT, BEATEN};
use crate::clock::SECOND;
use crate::{Error, Id, Node, Result, Time, params};

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// So long it counts: who asks more often makes no work.
const COUNTS: Time = SECOND;
/// With less room than this nothing can be taken, in bytes.
const NO_SPACE: u64 = 16 * 1024 * 1024;

/// Feels whether database and disk do their work. Cheap to clone; all clones share what was felt.
#[derive(Clone)]
pub struct Pulse {
    node: Node,
    felt: Arc<Mutex<Felt>>,
}

#[derive(Default)]
struct Felt {
    last: Option<(Time, bool)>,
    /// One that has not ended yet: a second one is not begun beside it.
    feeling: Option<JoinHandle<Result<()>>>,
}

impl Pulse {
    /// The pulse of `node`.
    pub fn new(node: Node) -> Self {
        Self { node, felt: Arc::default() }
    }

    /// Whether the node can read, write and take mails: felt at most once a second, answered within two.
    pub async fn beats(&self) -> bool {
        let mut felt = self.felt.lock().await;
        let now = self.node.now();
        if let Some((at, beats)) = felt.last
            && (at..at + COUNTS).contains(&now)
        {
            return beats;
        }
        let feeling = felt.feeling.get_or_insert_with(|| tokio::spawn(feel(self.node.clone())));
        let outcome = match tokio::time::timeout(PATIENCE, feeling).await {
            Ok(ended) => {
                felt.feeling = None;
                ended.unwrap_or_else(|_| Err(Error::Unavailable("the node is shutting down".into())))
            }
            Err(_) => Err(Error::Unavailable(format!("no answer within {} s", PATIENCE.as_secs()))),
        };
        if let Err(error) = &outcome
            && felt.last.is_none_or(|(_, beats)| beats)
        {
            tracing::error!(%error, "the node is not well: see `wardmote doctor`");
        }
        felt.last = Some((self.node.now(), outcome.is_ok()));
        outcome.is_ok()
    }

    /// The same as the answer to a request: one word, and no particulars for strangers.
    pub async fn answer(self) -> (StatusCode, &'static str) {
        match self.beats().await {
            true => (StatusCode::OK, "ok\n"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "unwell\n"),
        }
    }
}

async fn feel(node: Node) -> Result<()> {
    let (nobody, now) = (Id::from_bytes([0; 16]), node.now());
    node.db.write(move |tx| tx.execute(BEAT, params![nobody, now])).await?;
    node.db.read(move |c| c.query_one(BEATEN, params![nobody], |row| row.get::<Time>(0))).await?;
    let blobs = node.blobs.clone();
    let space = tokio::task::spawn_blocking(move || blobs.space()).await;
    let space = space.map_err(|_| Error::Unavailable("the node is shutting down".into()))??;
    if space.free < NO_SPACE {
        return Err(Error::StorageFull);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_node_whose_database_has_stopped_is_not_called_well_for_longer_than_a_second() {
        let node = testing::node(&[]);
        let pulse = Pulse::new(node.node.clone());
        assert_eq!(pulse.clone().answer().await, (StatusCode::OK, "ok\n"));
        node.db.close();
        assert!(pulse.beats().await, "it was felt a moment ago");
        node.clock.advance(SECOND);
        assert_eq!(pulse.clone().answer().await, (StatusCode::SERVICE_UNAVAILABLE, "unwell\n"));
    }

    #[tokio::test]
    async fn who_asks_a_thousand_times_in_a_second_makes_the_work_of_one() {
        let node = testing::node(&[]);
        let pulse = Pulse::new(node.node.clone());
        const SPOIL: crate::Sql = crate::Sql::new("UPDATE counter SET last = 7 WHERE kind = 'health'");
        assert!(pulse.beats().await);
        node.db.write(|tx| tx.execute(SPOIL, &[])).await.unwrap();
        for _ in 0..1_000 {
            assert!(pulse.beats().await);
        }
        let nobody = Id::from_bytes([0; 16]);
        let last = node.db.read(move |c| c.query_one(BEATEN, params![nobody], |row| row.get::<Time>(0)));
        assert_eq!(last.await.unwrap(), 7, "nothing was written");
    }

    #[tokio::test]
    async fn a_database_that_hangs_is_told_in_time_and_gets_no_heap_of_questions() {
        let node = testing::node(&[]);
        let pulse = Pulse::new(node.node.clone());
        static HELD: Held = Held { on: AtomicBool::new(true), busy: AtomicUsize::new(0) };
        let released = Release(&HELD);
        let held = tokio::spawn(node.db.clone().hold(&HELD));
        while HELD.busy.load(Ordering::Relaxed) < node.db.engine().writers() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..2 {
            let told = tokio::time::timeout(Duration::from_secs(20), pulse.beats()).await;
            assert!(!told.unwrap());
            node.clock.advance(SECOND);
        }
        assert!(pulse.felt.lock().await.feeling.is_some(), "the first question still waits, alone");
        drop(released);
        held.await.unwrap();
        let well = async {
            while !pulse.beats().await {
                node.clock.advance(SECOND);
            }
        };
        tokio::time::timeout(Duration::from_secs(20), well).await.unwrap();
    }

    /// Whether the writers are kept busy, and how many are.
    struct Held {
        on: AtomicBool,
        busy: AtomicUsize,
    }

    /// Lets them go at the latest when the test ends.
    struct Release(&'static Held);

    impl Drop for Release {
        fn drop(&mut self) {
            self.0.on.store(false, Ordering::Relaxed);
        }
    }

    impl crate::Db {
        /// Keeps all writers busy for as long as `held` says.
        async fn hold(self, held: &'static Held) {
            let all = (0..8).map(|_| {
                let db = self.clone();
                tokio::spawn(async move {
                    let work = |_: &crate::Write<'_>| {
                        held.busy.fetch_add(1, Ordering::Relaxed);
                        while held.on.load(Ordering::Relaxed) {
                            std::thread::sleep(Duration::from_millis(5));
                        }
                        Ok(())
                    };
                    db.write(work).await
                })
            });
            for one in all.collect::<Vec<_>>() {
                one.await.unwrap().unwrap();
            }
        }
    }
}
