//! Work that must happen, later or again: one table, at least once, with back-off.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
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
    DONE = "DELETE FROM job WHERE id = $1";
    AGAIN = "UPDATE job SET run_at = $2, locked_until = 0, last_error = $3, failed = $4 WHERE id = $1";
    NEXT = "SELECT run_at FROM job WHERE failed = FALSE ORDER BY run_at LIMIT 1";
    FAILED = "SELECT count(*) FROM job WHERE failed = TRUE";
}

const CLAIM: Sql = Sql::by_engine(
    "UPDATE job SET locked_until = $2, attempts = attempts + 1 WHERE id IN (
        SELECT id FROM job WHERE failed = FALSE AND run_at <= $1 AND locked_until <= $1 ORDER BY run_at LIMIT $3)
     RETURNING id, kind, key, payload, attempts",
    "UPDATE job SET locked_until = $2, attempts = attempts + 1 WHERE id IN (
        SELECT id FROM job WHERE failed = FALSE AND run_at <= $1 AND locked_until <= $1 ORDER BY run_at LIMIT $3
        FOR UPDATE SKIP LOCKED)
     RETURNING id, kind, key, payload, attempts",
);

/// After this many tries a job rests as failed until somebody looks at it (`wardmote doctor` counts them).
const TRIES: i64 = 20;
/// A job that was taken and not finished for this long belongs to a node that died.
const LEASE: Time = 10 * MINUTE;
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
}

impl Handler {
    /// Jobs of `kind` are handed to `run`. It may be called twice for the same job (a node may die between
    /// doing and saying so), so it looks before it leaps.
    pub fn new<F, Fut>(kind: &'static str, run: F) -> Self
    where
        F: Fn(Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = std::result::Result<(), Retry>> + Send + 'static,
    {
        Self { kind, run: Arc::new(move |job| Box::pin(run(job))) }
    }
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
            running.spawn(one(node.clone(), handlers.clone(), job));
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
            one(node.clone(), handlers.clone(), job).await;
        }
    }
}

async fn claim(node: &Node, limit: usize) -> Vec<Job> {
    let (now, limit) = (node.now(), limit as i64);
    let claimed = node.db.write(move |tx| tx.query(CLAIM, params![now, now + LEASE, limit], job)).await;
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

async fn one(node: Node, handlers: Arc<HashMap<&str, Handler>>, job: Job) {
    let outcome = match handlers.get(job.kind.as_str()) {
        Some(handler) => (handler.run)(job.clone()).await,
        None => Err(Retry::Later(format!("this node has no handler for {:?}", job.kind))),
    };
    let id = job.id;
    let noted = match outcome {
        Ok(()) => node.db.write(move |tx| tx.execute(DONE, params![id])).await,
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
            node.db.write(move |tx| tx.execute(AGAIN, params![id, at, error, failed])).await
        }
    };
    if let Err(error) = noted {
        tracing::error!(%error, kind = job.kind, "the end of a job was not noted; it will run again");
    }
}

/// 15 s, 30 s, 1 min, … 4 h.
fn back_off(attempts: i64) -> Time {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    ((15 * SECOND) << doublings).min(4 * HOUR)
}

async fn until_next(node: &Node) -> Duration {
    let next = node.db.read(|c| c.query_opt(NEXT, &[], |row| row.get::<Time>(0))).await;
    // On several nodes the other ones' jobs are noticed by looking; a second is soon enough for a mail.
    let wait = next.ok().flatten().map_or(SECOND, |at| (at - node.now()).clamp(SECOND / 50, SECOND));
    Duration::from_micros(wait.unsigned_abs())
}
