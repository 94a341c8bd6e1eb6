//! PostgreSQL: a few threads, each with a connection of its own for life.
//!
//! Every use case runs SERIALIZABLE and is repeated when the server says that two of them collided. The client
//! is synchronous and must never be dropped inside async code: it never leaves its thread.

use std::collections::HashMap;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, IsolationLevel, NoTls, Statement, Transaction};

use super::dialect::{Engine, Sql};
use super::threads::Threads;
use super::value::{ForPostgres, Param, Row};
use super::{Connection, Pool, Read, ReadJob, Rollback, TakeRow, Write, WriteJob};
use crate::error::with_causes;
use crate::{Error, Result};

pub(super) const WRITERS: usize = 4;
const READERS: usize = 4;
/// How often a use case is run again after a collision before its caller is told.
const TRIES: u32 = 12;

pub(super) struct PostgresPool {
    reads: Threads<Box<dyn ReadJob>>,
    writes: Threads<Box<dyn WriteJob>>,
}

impl PostgresPool {
    pub(super) fn open(url: &str) -> Result<Self> {
        let (writes, write_queue) = unbounded();
        let (reads, read_queue) = unbounded();
        let (connected, outcomes) = unbounded();
        let (mut writers, mut readers) = (Vec::new(), Vec::new());
        for n in 0..WRITERS + READERS {
            let (write_queue, read_queue) = (write_queue.clone(), read_queue.clone());
            let (url, connected) = (url.to_owned(), connected.clone());
            let body = move || match Server::connect(&url) {
                Err(error) => drop(connected.send(Err(error))),
                Ok(server) => {
                    drop(connected.send(Ok(())));
                    drop(connected);
                    if n < WRITERS {
                        write_loop(server, &write_queue)
                    } else {
                        read_loop(server, &read_queue)
                    }
                }
            };
            let thread = std::thread::Builder::new().name(format!("db-{n}")).spawn(body);
            let of_its_kind = if n < WRITERS { &mut writers } else { &mut readers };
            of_its_kind.push(thread.map_err(|error| Error::io("starting a database thread", error))?);
        }
        drop(connected);
        let pool = Self { reads: Threads::new(reads, readers), writes: Threads::new(writes, writers) };
        outcomes.iter().collect::<Result<()>>()?;
        Ok(pool)
    }
}

impl Pool for PostgresPool {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn submit_read(&self, job: Box<dyn ReadJob>) {
        self.reads.submit(job);
    }

    fn submit_write(&self, job: Box<dyn WriteJob>) {
        self.writes.submit(job);
    }

    fn close(&self) {
        self.reads.close();
        self.writes.close();
    }
}

/// A connection that is made anew when the server went away.
struct Server {
    url: String,
    client: Client,
    prepared: HashMap<usize, Statement>,
}

impl Server {
    fn connect(url: &str) -> Result<Self> {
        let client = Client::connect(url, NoTls).map_err(|error| Error::Database {
            message: format!(
                "PostgreSQL does not take the connection: {}. Check [database] in the configuration",
                with_causes(&error)
            ),
            retry: true,
        })?;
        Ok(Self { url: url.to_owned(), client, prepared: HashMap::new() })
    }

    fn alive(&mut self) -> Result<()> {
        if self.client.is_closed() {
            *self = Self::connect(&self.url)?;
        }
        Ok(())
    }

    fn write(&mut self, job: &mut dyn WriteJob) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.alive().and_then(|()| self.write_once(job));
            match outcome {
                Err(Error::Database { retry: true, .. }) if tries < TRIES => {
                    // Two that collided must not meet again at once: the wait grows and differs by thread.
                    let spread = u64::from(std::process::id()) ^ self.prepared.len() as u64;
                    std::thread::sleep(
                        Duration::from_millis(1 << tries.min(7)) + Duration::from_micros(spread % 997),
                    );
                }
                outcome => return outcome,
            }
        }
    }

    fn write_once(&mut self, job: &mut dyn WriteJob) -> Result<()> {
        let transaction =
            self.client.build_transaction().isolation_level(IsolationLevel::Serializable).start()?;
        let tx =
            Write::new(Connection::Postgres(Session { transaction, prepared: &mut self.prepared }.into()));
        let verdict = job.run(&tx);
        let Connection::Postgres(session) = tx.read.connection else { return Ok(()) };
        let transaction = session.into_inner().transaction;
        match verdict {
            Ok(()) => Ok(transaction.commit()?),
            Err(Rollback::Refused | Rollback::Full) => Ok(transaction.rollback()?),
            Err(Rollback::Repeat) => {
                drop(transaction);
                Err(Error::Database {
                    message: "the use case collided with others again and again".into(),
                    retry: true,
                })
            }
        }
    }

    fn read(&mut self, job: &mut dyn ReadJob) -> Result<()> {
        self.alive()?;
        let transaction = self
            .client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()?;
        let view = Read {
            connection: Connection::Postgres(Session { transaction, prepared: &mut self.prepared }.into()),
        };
        job.run(&view);
        Ok(())
    }
}

fn write_loop(mut server: Server, queue: &Receiver<Box<dyn WriteJob>>) {
    while let Ok(mut job) = queue.recv() {
        let outcome = server.write(job.as_mut());
        job.finish(outcome);
    }
}

fn read_loop(mut server: Server, queue: &Receiver<Box<dyn ReadJob>>) {
    while let Ok(mut job) = queue.recv() {
        let outcome = server.read(job.as_mut());
        job.finish(outcome);
    }
}

/// One transaction with the connection's prepared statements.
pub(super) struct Session<'c> {
    transaction: Transaction<'c>,
    prepared: &'c mut HashMap<usize, Statement>,
}

impl Session<'_> {
    fn statement(&mut self, sql: Sql) -> Result<Statement> {
        let text = sql.text(Engine::Postgres);
        let key = text.as_ptr() as usize;
        if let Some(known) = self.prepared.get(&key) {
            return Ok(known.clone());
        }
        let statement = self.transaction.prepare(text)?;
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }

    pub(super) fn each(&mut self, sql: Sql, params: &[&dyn Param], take: TakeRow<'_>) -> Result<()> {
        let statement = self.statement(sql)?;
        let params: Vec<ForPostgres<'_>> = params.iter().map(|p| ForPostgres(*p)).collect();
        let mut rows = self
            .transaction
            .query_raw(&statement, params.iter().map(|p| p as &dyn postgres::types::ToSql))?;
        while let Some(row) = rows.next()? {
            if !take(&Row::Postgres(&row))? {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn execute(&mut self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        let statement = self.statement(sql)?;
        let params: Vec<ForPostgres<'_>> = params.iter().map(|p| ForPostgres(*p)).collect();
        let params: Vec<_> = params.iter().map(|p| p as &(dyn postgres::types::ToSql + Sync)).collect();
        Ok(self.transaction.execute(&statement, &params)?)
    }

    pub(super) fn batch(&mut self, script: &str) -> Result<()> {
        Ok(self.transaction.batch_execute(script)?)
    }

    /// Prepares `sql` in a savepoint, so that a refusal does not spoil the transaction for the next one.
    pub(super) fn check(&mut self, sql: Sql) -> Result<()> {
        let mut savepoint = self.transaction.transaction()?;
        savepoint.prepare(sql.text(Engine::Postgres))?;
        Ok(())
    }
}
