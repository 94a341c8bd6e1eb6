//! Work that must happen, later or again: one table, at least once, with back-off.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::clock::{HOUR, MINUTE, SECOND};
use crate::db::{Row, Sql, Write};
use crate::{Error, Id, Node, Result, Time, params, statements};

statements! {
    ENQUEUE = "INSERT INTO job (id, kind, key, payload, run_at, attempts, locked_until, failed)
        VALUES ($1, $2, $3, $4, $5, 0, 0, FALSE) ON CONFLICT (kind, key) DO NOTHING";
    CANCEL = "DELETE FROM job WHERE kind = $1 AND key = $2 AND locked_until <= $3";
    DONE = "DELETE FROM job WHERE id = $1 AND attempts = $2";
    AGAIN = "UPDATE job SET run_at = $3, locked_until = 0, lost = 0, last_error = $4, failed = $5
        WHERE id = $1 AND attempts = $2";
    RENEW = "UPDATE job SET locked_until = $3 WHERE id = $1 AND attempts = $2";
    GIVE_UP = "UPDATE job SET failed = TRUE, last_error = $3
        WHERE failed = FALSE AND locked_until > 0 AND locked_until <= $1 AND lost >= $2";
    TAKE_UP = "UPDATE job SET failed = FALSE, run_at = $2 WHERE kind = $1 AND failed = TRUE AND lost = 0";
    NEXT = "SELECT run_at FROM job WHERE failed = FALSE ORDER BY run_at LIMIT 1";
    FAILED = "SELECT count(*) FROM job WHERE failed = TRUE";
}

const CLAIM: Sql = Sql::by_engine(
    "UPDATE job SET locked_until = $2, attempts = attempts + 1, lost = lost + CASE WHEN locked_until > 0 THEN 1 ELSE 0 END
     WHERE id IN (
        SELECT id FROM job WHERE failed = FALSE AND run_at <= $1 AND locked_until <= $1 ORDER BY run_at LIMIT $3)
     RETURNING id, kind, key, payload, attempts",
    "UPDATE job SET locked_until = $2, attempts = attempts + 1, lost = lost + CASE WHEN locked_until > 0 THEN 1 ELSE 0 END
     WHERE id IN (
        SELECT id FROM job WHERE failed = FALSE AND run_at <= $1 AND locked_until <= $1 ORDER BY run_at LIMIT $3
        FOR UPDATE SKIP LOCKED)
     RETURNING id, kind, key, payload, attempts",
);

/// After this many tries a job rests as failed until somebody looks at it (`wardmote doctor` counts them).
const TRIES: i64 = 20;
/// A job whose node has not said for this long that it works on it belongs to a node that died.
const LEASE: Time = 10 * MINUTE;
/// So often a node says so.
const RENEWED: Duration = Duration::from_secs(200);
/// A job during which the node has died so often in a row rests as failed: it may be what kills it.
const DEATHS: i64 = 5;
const AT_ONCE: usize = 32;

/// A job as its handler gets it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its row.
    pub id: Id,
    /// Which handler it is for.
    pub kind: String,
    /// What makes it the same job when it is asked for twice.
    pub key: String,
    /// What it needs to know, as JSON.
    pub payload: serde_json::Value,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// How a run of a job ended when not with success.
#[derive(Debug)]
pub enum Retry {
    /// Try again after the usual back-off; the text goes into the job's row.
    Later(String),
    /// Try again at this time.
    At(Time, String),
    /// Never again: the reason was written where people see it.
    Never(String),
}

impl From<Error> for Retry {
    fn from(error: Error) -> Self {
        Self::Later(error.to_string())
    }
}

type Run = dyn Fn(Job) -> Pin<Box<dyn Future<Output = std::result::Result<(), Retry>> + Send>> + Send + Sync;

/// What to do with jobs of one kind.
#[derive(Clone)]
pub struct Handler {
    /// The kind of job.
    pub kind: &'static str,
    run: Arc<Run>,
    taken_up: bool,
}

impl Handler {
    /// Jobs of `kind` are handed to `run`. It may be called twice for the same job (a node may die between
    /// doing and saying so), so it looks before it leaps.
    pub fn new<F, Fut>(kind: &'static str, run: F) -> Self
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = std::result::Result<(), Retry>> + Send + 'static,
    {
        Self { kind, run: Arc::new(move |job| Box::pin(run(job))), taken_up: false }
    }

    /// Jobs that rest as failed are taken up again when a node starts, for work that has a limit of its own: it is not
    /// over because it was tried often. One that rests because nodes died of it is left alone.
    #[must_use]
    pub fn taken_up_at_start(self) -> Self {
        Self { taken_up: true, ..self }
    }

    /// Work that comes again `every` so often, from the first [`plan`] on. The next time is planned before anything is
    /// done, in a transaction of its own, so that no failure and no panic ends it. A failure is tried again before that
    /// time comes, as long as there is time.
    pub fn repeated<F, Fut>(node: &Node, kind: &'static str, every: Time, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let node = node.clone();
        let run = Arc::new(run);
        Self::new(kind, move |job| {
            let (node, run) = (node.clone(), run.clone());
            async move {
                let next = node.now() + every;
                let planner = node.clone();
                node.db.write(move |tx| plan(&planner, tx, kind, every, next)).await?;
                match run().await {
                    Err(error) if back_off(job.attempts) < every => Err(error.into()),
                    Err(error) => {
                        tracing::warn!(kind, %error, "a job was not done; it comes again by itself");
                        Ok(())
                    }
                    Ok(()) => Ok(()),
                }
            }
        })
    }
}

/// Asks for work of a [`Handler::repeated`] at `at`: once in each span of `every`, whoever asks and however often.
///
/// # Errors
/// The database refuses it.
pub fn plan(node: &Node, tx: &Write<'_>, kind: &'static str, every: Time, at: Time) -> Result<()> {
    // The key says which span it is for, because the job that runs still has its row.
    enqueue(node, tx, kind, &(at / every).to_string(), &(), at)
}

/// Asks for a job at `run_at` (or as soon as possible after it), in the transaction that makes it necessary.
/// A job of the same `kind` and `key` that still waits is left as it is.
///
/// # Errors
/// The database refuses it.
pub fn enqueue(
    node: &Node,
    tx: &Write<'_>,
    kind: &'static str,
    key: &str,
    payload: &impl serde::Serialize,
    run_at: Time,
) -> Result<()> {
    let payload =
        serde_json::to_string(payload).map_err(|error| Error::Corrupt(format!("job {kind}: {error}")))?;
    tx.execute(ENQUEUE, params![node.id(), kind, key, payload, run_at])?;
    let wake = node.wake_jobs.clone();
    tx.after_commit(move || wake.notify_one());
    Ok(())
}

/// Takes a waiting job back; `false` when it is gone or already running.
///
/// # Errors
/// The database refuses it.
pub fn cancel(tx: &Write<'_>, kind: &'static str, key: &str, now: Time) -> Result<bool> {
    Ok(tx.execute(CANCEL, params![kind, key, now])? > 0)
}

/// How many jobs have given up.
///
/// # Errors
/// The database is gone.
pub async fn failed(node: &Node) -> Result<i64> {
    node.db.read(|c| c.query_one(FAILED, &[], |row| row.get(0))).await
}

/// Runs jobs until `stop` is notified; those under way are finished first.
pub async fn run(node: Node, handlers: Vec<Handler>, stop: Arc<Notify>) {
    take_up(&node, &handlers).await;
    let handlers: Arc<HashMap<&str, Handler>> = Arc::new(handlers.into_iter().map(|h| (h.kind, h)).collect());
    let mut running = JoinSet::new();
    let stopped = stop.notified();
    tokio::pin!(stopped);
    loop {
        while running.try_join_next().is_some() {}
        let free = AT_ONCE - running.len().min(AT_ONCE);
        let due = if free > 0 { claim(&node, free).await } else { Vec::new() };
        let got_some = !due.is_empty();
        for job in due {
            running.spawn(one(node.clone(), handlers.clone(), job, RENEWED));
        }
        if got_some {
            continue;
        }
        let rest = until_next(&node).await;
        tokio::select! {
            () = &mut stopped => break,
            () = node.wake_jobs.notified() => {}
            () = tokio::time::sleep(rest) => {}
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// Runs all jobs that are due now, one after the other, and returns how many: for tests and one-off commands.
///
/// # Errors
/// The database is gone.
pub async fn run_due(node: &Node, handlers: &[Handler]) -> Result<usize> {
    let handlers: Arc<HashMap<&str, Handler>> =
        Arc::new(handlers.iter().map(|h| (h.kind, h.clone())).collect());
    let mut count = 0;
    loop {
        let due = claim(node, AT_ONCE).await;
        if due.is_empty() {
            return Ok(count);
        }
        count += due.len();
        for job in due {
            one(node.clone(), handlers.clone(), job, RENEWED).await;
        }
    }
}

async fn take_up(node: &Node, handlers: &[Handler]) {
    let now = node.now();
    for kind in handlers.iter().filter(|handler| handler.taken_up).map(|handler| handler.kind) {
        match node.db.write(move |tx| tx.execute(TAKE_UP, params![kind, now])).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(kind, count, "jobs that had failed are taken up again"),
            Err(error) => tracing::error!(kind, %error, "jobs that had failed are not taken up again"),
        }
    }
}

async fn claim(node: &Node, limit: usize) -> Vec<Job> {
    let (now, limit) = (node.now(), limit as i64);
    let work = move |tx: &Write<'_>| {
        let why = "the node stopped each time while it worked on this";
        if tx.execute(GIVE_UP, params![now, DEATHS - 1, why])? > 0 {
            tracing::error!("a job rests as failed: {why}");
        }
        tx.query(CLAIM, params![now, now + LEASE, limit], job)
    };
    let claimed = node.db.write(work).await;
    claimed.unwrap_or_else(|error| {
        tracing::error!(%error, "jobs cannot be read; trying again");
        Vec::new()
    })
}

fn job(row: &Row<'_>) -> Result<Job> {
    let payload: String = row.get(3)?;
    Ok(Job {
        id: row.get(0)?,
        kind: row.get(1)?,
        key: row.get(2)?,
        payload: serde_json::from_str(&payload).unwrap_or_default(),
        attempts: row.get(4)?,
    })
}

async fn one(node: Node, handlers: Arc<HashMap<&str, Handler>>, job: Job, renewed: Duration) {
    let outcome = match handlers.get(job.kind.as_str()) {
        Some(handler) => {
            let work = caught((handler.run.clone(), job.clone()));
            tokio::select! {
                outcome = work => outcome,
                never = renew(&node, &job, renewed) => match never {},
            }
        }
        None => Err(Retry::Later(format!("this node has no handler for {:?}", job.kind))),
    };
    // Said of this run only: when the lease was lost, another node's run is under way.
    let (id, attempts) = (job.id, job.attempts);
    let noted = match outcome {
        Ok(()) => node.db.write(move |tx| tx.execute(DONE, params![id, attempts])).await,
        Err(retry) => {
            let (at, error, failed) = match retry {
                Retry::Later(error) => (node.now() + back_off(job.attempts), error, job.attempts >= TRIES),
                Retry::At(at, error) => (at, error, false),
                Retry::Never(error) => (node.now(), error, true),
            };
            tracing::warn!(
                kind = job.kind,
                key = job.key,
                attempts = job.attempts,
                error,
                "a job was not done"
            );
            node.db.write(move |tx| tx.execute(AGAIN, params![id, attempts, at, error, failed])).await
        }
    };
    if let Err(error) = noted {
        tracing::error!(%error, kind = job.kind, "the end of a job was not noted; it will run again");
    }
}

/// Runs the job; a panic is a failure like others.
async fn caught((run, job): (Arc<Run>, Job)) -> std::result::Result<(), Retry> {
    let mut work = Box::pin(async move { run(job).await });
    let outcome = std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.map_or_else(|panic| Poll::Ready(Err(panic)), |ready| ready.map(Ok))
    });
    outcome.await.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(Retry::Later(format!("it panicked: {text}")))
    })
}

/// Says for ever, once each `every`, that this node works on the job.
async fn renew(node: &Node, job: &Job, every: Duration) -> Infallible {
    let (id, attempts) = (job.id, job.attempts);
    loop {
        tokio::time::sleep(every).await;
        let until = node.now() + LEASE;
        if let Err(error) = node.db.write(move |tx| tx.execute(RENEW, params![id, attempts, until])).await {
            tracing::warn!(%error, kind = job.kind, "the lease of a job was not renewed");
        }
    }
}

/// How long after a failed try, the `attempts`th, the next one comes: 15 s, 30 s, 1 min, … 4 h.
pub fn back_off(attempts: i64) -> Time {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    ((15 * SECOND) << doublings).min(4 * HOUR)
}

async fn until_next(node: &Node) -> Duration {
    let next = node.db.read(|c| c.query_opt(NEXT, &[], |row| row.get::<Time>(0))).await;
    // On several nodes the other ones' jobs are noticed by looking; a second is soon enough for a mail.
    let wait = next.ok().flatten().map_or(SECOND, |at| (at - node.now()).clamp(SECOND / 50, SECOND));
    Duration::from_micros(wait.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_job_that_takes_long_is_not_begun_a_second_time_meanwhile() {
        let node = testing::node(&[]);
        let own = node.node.clone();
        let now = node.now();
        node.db.write(move |tx| enqueue(&own, tx, "long", "a", &(), now)).await.unwrap();
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tells, waits) = (begun.clone(), go_on.clone());
        let handler = Handler::new("long", move |_| {
            let (tells, waits) = (tells.clone(), waits.clone());
            async move {
                tells.notify_one();
                waits.notified().await;
                Ok(())
            }
        });
        let handlers = Arc::new(HashMap::from([("long", handler)]));
        let job = claim(&node, 1).await.remove(0);
        let id = job.id;
        let running = tokio::spawn(one(node.node.clone(), handlers, job, Duration::from_millis(1)));
        begun.notified().await;
        node.clock.advance(LEASE - SECOND);
        let until = node.now() + LEASE;
        const LOCKED: Sql = Sql::new("SELECT locked_until FROM job WHERE id = $1");
        let locked = || node.db.read(move |c| c.query_one(LOCKED, params![id], |row| row.get::<Time>(0)));
        while locked().await.unwrap() < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        node.clock.advance(LEASE - SECOND);
        assert!(claim(&node, 1).await.is_empty(), "it is under way");
        go_on.notify_one();
        running.await.unwrap();
        node.clock.advance(HOUR);
        assert!(claim(&node, 1).await.is_empty(), "it was done");
    }

    #[tokio::test]
    async fn a_run_whose_lease_was_lost_says_nothing_about_the_next() {
        let node = testing::node(&[]);
        let (own, now) = (node.node.clone(), node.now());
        node.db.write(move |tx| enqueue(&own, tx, "slow", "a", &(), now)).await.unwrap();
        let first = claim(&node, 1).await.remove(0);
        node.clock.advance(LEASE + SECOND);
        let second = claim(&node, 1).await.remove(0);
        assert_eq!((first.id, second.attempts), (second.id, 2));
        let handlers = Arc::new(HashMap::from([("slow", Handler::new("slow", |_| async { Ok(()) }))]));
        one(node.node.clone(), handlers.clone(), first, RENEWED).await;
        node.clock.advance(LEASE + SECOND);
        assert_eq!(claim(&node, 1).await.len(), 1, "the second run is not over");
    }
}
