//! SQLite: one thread that writes, several that read.
//!
//! The writer takes everything that waits in its queue into one transaction (each use case in a savepoint of its
//! own, so that one refusal undoes one use case) and commits once: one fsync serves all of them. While that
//! fsync runs the next batch gathers; so the batch grows with the load and a lone mail does not wait.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use rusqlite::{Connection as Sqlite, OpenFlags};

use super::dialect::{Engine, Sql, numbered_for_sqlite};
use super::threads::Threads;
use super::value::{ForSqlite, Param, Row};
use super::{Connection, Pool, Read, ReadJob, Rollback, TakeRow, Write, WriteJob};
use crate::{Error, Result};

/// How many use cases share one commit at most: bounds how long the first of them waits.
const BATCH: usize = 128;
const READERS: usize = 4;

pub(super) struct SqlitePool {
    reads: Threads<Box<dyn ReadJob>>,
    writes: Threads<Box<dyn WriteJob>>,
}

impl SqlitePool {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let writer = connect(path, true)?;
        let (writes, write_queue) = unbounded();
        let (reads, read_queue) = unbounded();
        let writes =
            Threads::new(writes, vec![spawn("db-write", move || write_loop(&writer, &write_queue))?]);
        let mut readers = Vec::new();
        for _ in 0..READERS {
            let queue = read_queue.clone();
            let reader = connect(path, false)?;
            readers.push(spawn("db-read", move || read_loop(&reader, &queue))?);
        }
        Ok(Self { reads: Threads::new(reads, readers), writes })
    }
}

impl Pool for SqlitePool {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn submit_read(&self, job: Box<dyn ReadJob>) {
        self.reads.submit(job);
    }

    fn submit_write(&self, job: Box<dyn WriteJob>) {
        self.writes.submit(job);
    }

    fn close(&self) {
        // The writer goes last: what is being read would keep it from emptying the log.
        self.reads.close();
        self.writes.close();
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|error| Error::io("starting a database thread", error))
}

fn connect(path: &Path, writable: bool) -> Result<Sqlite> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Sqlite::open_with_flags(path, flags)
        .map_err(|error| Error::Database { message: format!("{}: {error}", path.display()), retry: false })?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(512);
    // Plans do not follow the values: else every statement is compiled anew for each of them.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // FULL: a commit returns when the log is on disk. SQLite ignores this pragma inside a transaction.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    if !writable {
        connection.execute_batch("PRAGMA query_only = ON;")?;
    }
    Ok(connection)
}

fn write_loop(connection: &Sqlite, queue: &Receiver<Box<dyn WriteJob>>) {
    while let Ok(first) = queue.recv() {
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            first.finish(Err(error.into()));
            continue;
        }
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(mut job) = next {
            let kept = one_use_case(connection, job.as_mut());
            batch.push((job, kept));
            // SQLite may have ended the transaction by itself: what came next would be one of its own.
            let goes_on = batch.len() < BATCH && !connection.is_autocommit();
            next = if goes_on { queue.try_recv().ok() } else { None };
        }
        commit(connection, batch);
    }
    // The log goes back into the file, so that a copy of the file alone is whole.
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/// Runs one use case in a savepoint; `Ok` when its changes stay in the batch.
fn one_use_case(connection: &Sqlite, job: &mut dyn WriteJob) -> Result<()> {
    connection.execute_batch("SAVEPOINT use_case")?;
    let tx = Write::new(Connection::Sqlite(connection));
    match job.run(&tx) {
        Ok(()) => Ok(connection.execute_batch("RELEASE use_case")?),
        Err(Rollback::Full) if connection.is_autocommit() => Err(Error::storage_full()),
        Err(Rollback::Refused | Rollback::Repeat | Rollback::Full) => {
            connection.execute_batch("ROLLBACK TO use_case; RELEASE use_case")?;
            Ok(())
        }
    }
}

fn commit(connection: &Sqlite, batch: Vec<(Box<dyn WriteJob>, Result<()>)>) {
    // A full disk or a broken savepoint may have ended the transaction already: then nothing of it is kept.
    let outcome = if connection.is_autocommit() {
        let full = batch.iter().any(|(_, kept)| matches!(kept, Err(Error::StorageFull)));
        Err(if full { String::new() } else { "the transaction was rolled back by SQLite".to_owned() })
    } else {
        connection.execute_batch("COMMIT").map_err(|error| {
            let full = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull);
            drop(connection.execute_batch("ROLLBACK"));
            if full { String::new() } else { error.to_string() }
        })
    };
    for (job, kept) in batch {
        job.finish(match &outcome {
            Ok(()) => kept,
            Err(message) => kept.and(Err(lost(message))),
        });
    }
}

fn lost(message: &str) -> Error {
    if message.is_empty() {
        Error::storage_full()
    } else {
        Error::Database { message: message.to_owned(), retry: true }
    }
}

fn read_loop(connection: &Sqlite, queue: &Receiver<Box<dyn ReadJob>>) {
    while let Ok(mut job) = queue.recv() {
        let outcome = connection.execute_batch("BEGIN").map_err(Error::from).and_then(|()| {
            job.run(&Read { connection: Connection::Sqlite(connection) });
            Ok(connection.execute_batch("COMMIT")?)
        });
        job.finish(outcome);
    }
}

thread_local! {
    /// The text for SQLite of each statement, by the address of its constant.
    static NUMBERED: RefCell<HashMap<usize, Rc<str>>> = RefCell::default();
}

fn numbered(sql: Sql) -> Rc<str> {
    let text = sql.text(Engine::Sqlite);
    NUMBERED.with_borrow_mut(|known| {
        known.entry(text.as_ptr() as usize).or_insert_with(|| numbered_for_sqlite(text).into()).clone()
    })
}

pub(super) fn each(connection: &Sqlite, sql: Sql, params: &[&dyn Param], take: TakeRow<'_>) -> Result<()> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    let mut rows = statement.query(rusqlite::params_from_iter(params.iter().map(|p| ForSqlite(*p))))?;
    while let Some(row) = rows.next()? {
        if !take(&Row::Sqlite(row))? {
            break;
        }
    }
    Ok(())
}

pub(super) fn execute(connection: &Sqlite, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    Ok(statement.execute(rusqlite::params_from_iter(params.iter().map(|p| ForSqlite(*p))))? as u64)
}

pub(super) fn prepare(connection: &Sqlite, sql: Sql) -> Result<()> {
    connection.prepare(&numbered(sql))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::{Db, Place};
    use super::*;
    use crate::params;

    const PUT: Sql = Sql::new("INSERT INTO sample (raw) VALUES ($1)");
    const COUNT: Sql = Sql::new("SELECT count(*) FROM sample");

    #[test]
    fn when_the_disk_is_full_nothing_is_kept_that_was_told_as_lost() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Place::Sqlite(folder.path().join("full.db"))).unwrap();
        db.write_now(|tx| tx.batch("CREATE TABLE sample (raw BLOB); PRAGMA max_page_count = 40")).unwrap();
        let put = |size: usize| {
            let db = db.clone();
            std::thread::spawn(move || db.write_now(move |tx| tx.execute(PUT, params![vec![7_u8; size]])))
        };
        // The writer is held until the others wait, so that they share a transaction.
        static HELD: AtomicBool = AtomicBool::new(true);
        let holder = db.clone();
        let held = std::thread::spawn(move || {
            holder.write_now(|_| {
                while HELD.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                Ok(())
            })
        });
        let mut waiting = Vec::new();
        for size in [100, 1_000_000, 100, 100] {
            std::thread::sleep(Duration::from_millis(50));
            waiting.push(put(size));
        }
        std::thread::sleep(Duration::from_millis(50));
        HELD.store(false, Ordering::Relaxed);
        drop(held.join().unwrap());
        let told: Vec<Result<u64>> = waiting.into_iter().map(|one| one.join().unwrap()).collect();
        assert!(matches!(told[1], Err(Error::StorageFull)), "{told:?}");
        let kept = told.iter().filter(|one| one.is_ok()).count() as i64;
        assert_eq!(
            db.read_now(|c| c.query_one(COUNT, &[], |row| row.get::<i64>(0))).unwrap(),
            kept,
            "{told:?}"
        );
        put(100).join().unwrap().unwrap();
    }
}
