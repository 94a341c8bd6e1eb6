//! The schema, brought forward step by step; never back.

use sha2::{Digest, Sha256};

use super::dialect::expand;
use super::{Db, Engine, Sql};
use crate::{Error, Result, params};

/// One numbered step of a domain's schema, in the vocabulary of the `dialect` module.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The domain or platform crate it belongs to.
    pub domain: &'static str,
    /// Counted from 1 within the domain, without gaps.
    pub number: i64,
    /// The SQL for SQLite.
    pub sqlite: &'static str,
    /// The SQL for PostgreSQL; the same text for all but full-text search.
    pub postgres: &'static str,
}

impl Migration {
    /// A step in words that both engines understand.
    pub const fn new(domain: &'static str, number: i64, script: &'static str) -> Self {
        Self { domain, number, sqlite: script, postgres: script }
    }
}

/// A step that was applied just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The domain of the step.
    pub domain: &'static str,
    /// Its number.
    pub number: i64,
}

const JOURNAL: &str = "CREATE TABLE IF NOT EXISTS migration (
    domain {text} NOT NULL, number {int} NOT NULL, digest {blob} NOT NULL, PRIMARY KEY (domain, number)) {strict}";
const SEEN: Sql = Sql::new("SELECT digest FROM migration WHERE domain = $1 AND number = $2");
const ALL_SEEN: Sql = Sql::new("SELECT domain, number FROM migration ORDER BY domain, number");
const NOTE: Sql = Sql::new("INSERT INTO migration (domain, number, digest) VALUES ($1, $2, $3)");
const BEGUN: Sql = Sql::by_engine(
    "SELECT count(*) FROM sqlite_master WHERE name = 'migration'",
    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('migration')",
);
/// Two nodes that start at the same time must not both create the tables.
const LOCK: Sql = Sql::by_engine("SELECT 1", "SELECT 1 FROM pg_advisory_xact_lock(7423001)");

pub(super) fn is_begun(db: &Db) -> Result<bool> {
    db.read_now(|c| Ok(c.query_one(BEGUN, &[], |row| row.get::<i64>(0))? > 0))
}

/// What stands between a database and a program that knows `all`: `Ok` with the number of steps that are missing.
pub(super) fn missing(db: &Db, all: &[&[Migration]]) -> Result<usize> {
    let seen: Vec<(String, i64)> = db.read_now(|c| {
        if c.query_one(BEGUN, &[], |row| row.get::<i64>(0))? == 0 {
            return Ok(Vec::new());
        }
        c.query(ALL_SEEN, &[], |row| Ok((row.get(0)?, row.get(1)?)))
    })?;
    let known: Vec<(&str, i64)> =
        all.iter().copied().flatten().map(|step| (step.domain, step.number)).collect();
    if let Some((domain, number)) =
        seen.iter().find(|(domain, number)| !known.contains(&(domain.as_str(), *number)))
    {
        return Err(Error::Unavailable(format!(
            "the database was written by a newer version of this program (step {domain} {number}): run that one, \
             or take the backup from before"
        )));
    }
    Ok(known.len() - seen.len())
}

pub(super) fn run(db: &Db, migrations: &[Migration]) -> Result<Vec<Applied>> {
    let engine = db.engine();
    db.write_now(move |tx| {
        tx.query(LOCK, &[], |_| Ok(()))?;
        tx.batch(&expand(JOURNAL, engine))
    })?;
    let mut applied = Vec::new();
    for step in migrations {
        let step = *step;
        if db.write_now(move |tx| apply(tx, step, engine))? {
            applied.push(Applied { domain: step.domain, number: step.number });
        }
    }
    Ok(applied)
}

fn apply(tx: &super::Write<'_>, step: Migration, engine: Engine) -> Result<bool> {
    tx.query(LOCK, &[], |_| Ok(()))?;
    let script = if engine == Engine::Sqlite { step.sqlite } else { step.postgres };
    let digest = Sha256::digest(script.as_bytes()).to_vec();
    match tx.query_opt(SEEN, params![step.domain, step.number], |row| row.get::<Vec<u8>>(0))? {
        Some(seen) if seen == digest => return Ok(false),
        Some(_) => {
            return Err(Error::Corrupt(format!(
                "migration {} {} was applied in another wording: this program and this database do not belong together",
                step.domain, step.number
            )));
        }
        None => {}
    }
    tx.batch(&expand(script, engine)).map_err(|error| {
        Error::Corrupt(format!("migration {} {} was refused: {error}", step.domain, step.number))
    })?;
    tx.execute(NOTE, params![step.domain, step.number, digest])?;
    Ok(true)
}
