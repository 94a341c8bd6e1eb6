//! One database, two engines: SQLite inside the program, or PostgreSQL beside it.
//!
//! A use case is a closure that runs whole, in one transaction, on a thread that owns its connection:
//! [`Db::read`] for looking, [`Db::write`] for changing. Only the edges of the program are async; in here
//! everything is plain Rust, and a use case costs one hop between threads rather than one for every row.
//!
//! The closure may run more than once (PostgreSQL asks for a repetition when two transactions collide), so it
//! is `Fn` and does nothing but talk to the database. What must happen after the commit, and only then, is
//! handed to [`Write::after_commit`].

mod dialect;
mod migrate;
mod postgres;
mod sqlite;
mod threads;
mod value;

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

pub use dialect::{Engine, Sql};
pub use migrate::{Applied, Migration};
pub use threads::Closing;
pub use value::{Column, Param, Row};

use crate::{Error, Result};

/// Where the data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string (`postgres://user@host/database`, or `host=… user=…`).
    Postgres(String),
}

/// The database of a node. Cheap to clone; [`Db::close`] stops the threads, or else the end of the last clone.
#[derive(Clone)]
pub struct Db {
    pool: Arc<dyn Pool>,
}

/// What an engine does for [`Db`]: it runs jobs on its threads.
trait Pool: Send + Sync {
    fn engine(&self) -> Engine;
    fn submit_read(&self, job: Box<dyn ReadJob>);
    fn submit_write(&self, job: Box<dyn WriteJob>);
    fn close(&self);
}

impl Db {
    /// Opens the database at `place` and starts its threads. Nothing is created in it but what an empty
    /// database of that engine has; see [`Db::migrate`].
    ///
    /// # Errors
    /// The file cannot be opened, or the server does not answer.
    pub fn open(place: &Place) -> Result<Self> {
        let pool: Arc<dyn Pool> = match place {
            Place::Sqlite(path) => Arc::new(sqlite::SqlitePool::open(path)?),
            Place::Postgres(url) => Arc::new(postgres::PostgresPool::open(url)?),
        };
        Ok(Self { pool })
    }

    /// Ends it for all clones: what waits is done first, and a SQLite file is whole by itself afterwards. Whoever asks
    /// later is told that the database has stopped.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        self.pool.engine()
    }

    /// Runs `work` in one read-only transaction.
    ///
    /// # Errors
    /// Whatever `work` returns, or that the database is gone.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Read<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.pool.submit_read(Box::new(Job::new(work, move |outcome| drop(reply.send(outcome)))));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Runs `work` in one transaction: all of it is on disk when this returns `Ok`, none of it otherwise.
    ///
    /// # Errors
    /// Whatever `work` returns (and then nothing was changed), or that the commit failed.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Write<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.pool.submit_write(Box::new(Job::new(work, move |outcome| drop(reply.send(outcome)))));
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// [`Db::read`] for code that is not async: the command line, tests.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_now<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Read<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.pool.submit_read(Box::new(Job::new(work, move |outcome| drop(reply.send(outcome)))));
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// [`Db::write`] for code that is not async: the command line, tests.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_now<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&Write<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = crossbeam_channel::bounded(1);
        self.pool.submit_write(Box::new(Job::new(work, move |outcome| drop(reply.send(outcome)))));
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// Whether a schema was begun in it, by [`Db::migrate`].
    ///
    /// # Errors
    /// The database is gone.
    pub fn is_begun(&self) -> Result<bool> {
        migrate::is_begun(self)
    }

    /// Brings the schema up to date: applies those of `migrations` that the database has not seen, in order.
    ///
    /// # Errors
    /// A migration that was applied before has been altered since, or its SQL is refused; the names are given.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<Vec<Applied>> {
        migrate::run(self, migrations)
    }

    /// [`Db::migrate`] for a whole program: `all` are the schemas of its crates, each after those that it refers to.
    ///
    /// # Errors
    /// As [`Db::migrate`]; [`Error::Unavailable`] when a newer program has written the database, and then nothing is
    /// changed.
    pub fn migrate_all(&self, all: &[&[Migration]]) -> Result<Vec<Applied>> {
        migrate::missing(self, all)?;
        Ok(all.iter().map(|one| self.migrate(one)).collect::<Result<Vec<_>>>()?.concat())
    }

    /// Whether the schema is that of `all`, without changing anything.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it is older or newer, with what to do.
    pub fn is_of(&self, all: &[&[Migration]]) -> Result<()> {
        match migrate::missing(self, all)? {
            0 => Ok(()),
            steps => Err(Error::Unavailable(format!(
                "the database is {steps} steps older than this program: run `wardmote migrate` first (or `wardmote \
                 serve`, which does it when it starts); nothing was changed"
            ))),
        }
    }

    /// Prepares `statements` without running them and returns those that the database refuses, each with the
    /// reason: a misspelt column is found by a test rather than by a user.
    ///
    /// # Errors
    /// The database is gone.
    pub fn check_statements(&self, statements: &[(&'static str, Sql)]) -> Result<Vec<String>> {
        let statements = statements.to_vec();
        self.read_now(move |c| {
            Ok(statements
                .iter()
                .filter_map(|(name, sql)| c.prepare(*sql).err().map(|error| format!("{name}: {error}")))
                .collect())
        })
    }
}

fn gone() -> Error {
    Error::Unavailable("the database has stopped: the node is shutting down, or its log says why".into())
}

/// A view of the database within one transaction; it can only look.
pub struct Read<'c> {
    connection: Connection<'c>,
}

enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(RefCell<postgres::Session<'c>>),
}

/// What becomes of a row; `false` when no more are wanted. Not generic: the drivers' code would stand in the program once for
/// each statement.
type TakeRow<'t> = &'t mut dyn FnMut(&Row<'_>) -> Result<bool>;

impl Read<'_> {
    /// All rows that `sql` selects, each made into a `T` by `make`.
    ///
    /// # Errors
    /// The statement is refused, or `make` fails.
    pub fn query<T>(
        &self,
        sql: Sql,
        params: &[&dyn Param],
        mut make: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(sql, params, |row| {
            found.push(make(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The first row that `sql` selects, if any.
    ///
    /// # Errors
    /// As [`Read::query`].
    pub fn query_opt<T>(
        &self,
        sql: Sql,
        params: &[&dyn Param],
        mut make: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.each(sql, params, |row| {
            found = Some(make(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// The one row that `sql` always selects (a count, a sum).
    ///
    /// # Errors
    /// As [`Read::query`]; no row is [`Error::Corrupt`].
    pub fn query_one<T>(
        &self,
        sql: Sql,
        params: &[&dyn Param],
        make: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.query_opt(sql, params, make)?
            .ok_or_else(|| Error::Corrupt(format!("no row for {}", sql.for_people())))
    }

    /// Calls `take` with each row until it returns `false`.
    ///
    /// # Errors
    /// As [`Read::query`].
    pub fn each(
        &self,
        sql: Sql,
        params: &[&dyn Param],
        mut take: impl FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        match &self.connection {
            Connection::Sqlite(c) => sqlite::each(c, sql, params, &mut take),
            Connection::Postgres(session) => session.borrow_mut().each(sql, params, &mut take),
        }
    }

    fn prepare(&self, sql: Sql) -> Result<()> {
        match &self.connection {
            Connection::Sqlite(c) => sqlite::prepare(c, sql),
            Connection::Postgres(session) => session.borrow_mut().check(sql),
        }
    }
}

/// A transaction that may change the database.
pub struct Write<'c> {
    read: Read<'c>,
    after_commit: RefCell<Vec<AfterCommit>>,
}

type AfterCommit = Box<dyn FnOnce() + Send>;

impl<'c> std::ops::Deref for Write<'c> {
    type Target = Read<'c>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl<'c> Write<'c> {
    fn new(connection: Connection<'c>) -> Self {
        Self { read: Read { connection }, after_commit: RefCell::default() }
    }

    /// Runs `sql` and returns how many rows it inserted, changed or deleted.
    ///
    /// # Errors
    /// The statement is refused; the use case should give up with that error.
    pub fn execute(&self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        match &self.read.connection {
            Connection::Sqlite(c) => sqlite::execute(c, sql, params),
            Connection::Postgres(session) => session.borrow_mut().execute(sql, params),
        }
    }

    /// Has `then` called once the transaction is on disk; never when it is rolled back.
    pub fn after_commit(&self, then: impl FnOnce() + Send + 'static) {
        self.after_commit.borrow_mut().push(Box::new(then));
    }

    fn batch(&self, script: &str) -> Result<()> {
        match &self.read.connection {
            Connection::Sqlite(c) => Ok(c.execute_batch(script)?),
            Connection::Postgres(session) => session.borrow_mut().batch(script),
        }
    }
}

/// A reading use case on its way to a thread.
trait ReadJob: Send {
    fn run(&mut self, view: &Read<'_>);
    fn finish(self: Box<Self>, outcome: Result<()>);
}

/// A changing use case on its way to a thread.
trait WriteJob: Send {
    /// Runs the use case; `Err` asks for its changes to be rolled back.
    fn run(&mut self, tx: &Write<'_>) -> Result<(), Rollback>;
    /// Tells the caller: `Ok` when what `run` did is committed.
    fn finish(self: Box<Self>, outcome: Result<()>);
}

/// Why a use case's changes must go.
enum Rollback {
    /// The use case says so.
    Refused,
    /// The database asks for a repetition.
    Repeat,
    /// The disk is full.
    Full,
}

struct Job<F, T, R> {
    work: F,
    outcome: Option<Result<T>>,
    reply: R,
    after_commit: Vec<AfterCommit>,
}

impl<F, T, R> Job<F, T, R> {
    fn new(work: F, reply: R) -> Self {
        Self { work, outcome: None, reply, after_commit: Vec::new() }
    }
}

/// Runs `work` so that a panic in it becomes an error of this use case instead of the end of the thread.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Error::Corrupt("the program made a mistake in this step (a panic); nothing was changed".into()))
    })
}

impl<F, T, R> ReadJob for Job<F, T, R>
where
    T: Send,
    F: Fn(&Read<'_>) -> Result<T> + Send,
    R: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, view: &Read<'_>) {
        self.outcome = Some(guarded(|| (self.work)(view)));
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let done = self.outcome.unwrap_or_else(|| Err(gone()));
        (self.reply)(outcome.and(done));
    }
}

impl<F, T, R> WriteJob for Job<F, T, R>
where
    T: Send,
    F: Fn(&Write<'_>) -> Result<T> + Send,
    R: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, tx: &Write<'_>) -> Result<(), Rollback> {
        tx.after_commit.borrow_mut().clear();
        let outcome = guarded(|| (self.work)(tx));
        self.after_commit = tx.after_commit.take();
        let verdict = match &outcome {
            Ok(_) => Ok(()),
            Err(Error::Database { retry: true, .. }) => Err(Rollback::Repeat),
            Err(Error::StorageFull) => Err(Rollback::Full),
            Err(_) => Err(Rollback::Refused),
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let done = outcome.and(self.outcome.unwrap_or_else(|| Err(gone())));
        if done.is_ok() {
            for then in self.after_commit {
                then();
            }
        }
        (self.reply)(done);
    }
}

/// `params![a, b]`: the values of `$1`, `$2`, … in order.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$(&$value as &dyn $crate::db::Param),*] };
}

/// Declares the statements of a store as constants and lists them all in `STATEMENTS`, for the test that
/// prepares each of them on both engines.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$meta])* pub(crate) const $name: $crate::db::Sql = $crate::db::Sql::new($text);)*
        /// Every statement of this store by name.
        pub const STATEMENTS: &[(&str, $crate::db::Sql)] = &[$((stringify!($name), $name)),*];
    };
}
