//! Throw-away nodes for tests: SQLite in a temporary folder, or a new database on the PostgreSQL that
//! `WARDMOTE_TEST_POSTGRES` names when `WARDMOTE_TEST_DB=postgres`.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

use std::path::PathBuf;
use std::sync::Arc;

use crate::db::{Db, Migration, Place};
use crate::secrets::Secrets;
use crate::{ManualClock, Node, Random, SeededRandom, SystemRandom};

/// 2026-11-21T20:00:00Z: the moment at which every test begins.
pub const START: crate::Time = 1_795_291_200_000_000;

/// A node that vanishes with this value.
pub struct TestNode {
    /// The node.
    pub node: Node,
    /// Its clock, which moves only when told to.
    pub clock: Arc<ManualClock>,
    /// Where its files are.
    pub folder: tempfile::TempDir,
    _database: Option<Throwaway>,
}

impl std::ops::Deref for TestNode {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.node
    }
}

/// A node with the schema of `migrations` (this crate's come first by themselves).
pub fn node(migrations: &[&[Migration]]) -> TestNode {
    let folder = tempfile::tempdir().unwrap();
    let (place, database) = place(&folder.path().join("wardmote.db"));
    let db = Db::open(&place).unwrap();
    db.migrate(crate::MIGRATIONS).unwrap();
    for domain in migrations {
        db.migrate(domain).unwrap();
    }
    let clock = Arc::new(ManualClock::new(START));
    let random = SeededRandom::new(42);
    Secrets::make_file(&folder.path().join("secret.key"), &random).unwrap(); // a test ends here
    let node = Node::open(db, folder.path(), clock.clone(), Arc::new(random)).unwrap(); // a test ends here
    TestNode { node, clock, folder, _database: database }
}

/// Where a test's database is: `path`, or a new database that vanishes with the second value.
pub fn place(path: &std::path::Path) -> (Place, Option<Throwaway>) {
    if std::env::var("WARDMOTE_TEST_DB").as_deref() == Ok("postgres") {
        let database = Throwaway::new();
        (Place::Postgres(database.url.clone()), Some(database))
    } else {
        (Place::Sqlite(PathBuf::from(path)), None)
    }
}

/// A database on the test server.
pub struct Throwaway {
    url: String,
    server: String,
    name: String,
}

impl Throwaway {
    fn new() -> Self {
        let server = std::env::var("WARDMOTE_TEST_POSTGRES")
            .expect("WARDMOTE_TEST_POSTGRES names the server, for example \"host=/run/pg user=postgres\"; ./test sets it");
        let mut bytes = [0; 8];
        SystemRandom.fill(&mut bytes);
        let name = format!("wardmote_{}", data_encoding::HEXLOWER.encode(&bytes));
        Self::administer(&server, &format!("CREATE DATABASE {name}"));
        Self { url: format!("{server} dbname={name}"), server, name }
    }

    fn administer(server: &str, sql: &str) {
        let (server, sql) = (format!("{server} dbname=postgres"), sql.to_owned());
        // The client is synchronous and must not live on a thread that runs async code.
        std::thread::spawn(move || {
            postgres::Client::connect(&server, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
        })
        .join()
        .unwrap();
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        Self::administer(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
