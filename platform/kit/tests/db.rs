//! What a use case may rely on, on both engines.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kit::db::{Closing, Migration, Place};
use kit::{Db, Error, Id, Sql, params, testing};

const SCHEMA: &[Migration] = &[Migration::new(
    "sample",
    1,
    "CREATE TABLE sample (id {id} PRIMARY KEY, name {text} NOT NULL, amount {int} NOT NULL, flag {bool} NOT NULL, raw {blob}, at {time}) {strict};
     CREATE INDEX sample_name ON sample (name, id);",
)];

const INSERT: Sql =
    Sql::new("INSERT INTO sample (id, name, amount, flag, raw, at) VALUES ($1, $2, $3, $4, $5, $6)");
const NAMES: Sql = Sql::new("SELECT name FROM sample ORDER BY name, id");
const AFTER: Sql = Sql::new("SELECT name FROM sample WHERE name > $1 ORDER BY name LIMIT $2");
const TOTAL: Sql = Sql::new("SELECT CAST(sum(amount) AS BIGINT), count(*) FROM sample");
const SWAPPED: Sql = Sql::new("SELECT name FROM sample WHERE amount = $2 AND name = $1");
const SET: Sql = Sql::new("UPDATE sample SET amount = $1");
const AMOUNT: Sql = Sql::new("SELECT amount FROM sample");

fn insert(node: &testing::TestNode, name: &str, amount: i64) {
    let (id, name) = (node.id(), name.to_owned());
    node.db
        .write_now(move |tx| {
            tx.execute(INSERT, params![id, name, amount, true, None::<Vec<u8>>, None::<i64>])
        })
        .unwrap();
}

fn names(node: &testing::TestNode) -> Vec<String> {
    node.db.read_now(|c| c.query(NAMES, &[], |row| row.get(0))).unwrap()
}

#[test]
fn every_type_comes_back_as_it_went_in() {
    let node = testing::node(&[SCHEMA]);
    let id = node.id();
    node.db
        .write_now(move |tx| {
            tx.execute(
                INSERT,
                params![id, "žaba 'quoted' $1 ?1", i64::MIN, false, Some(vec![0_u8, 255]), Some(i64::MAX)],
            )
        })
        .unwrap();
    const ALL: Sql = Sql::new("SELECT id, name, amount, flag, raw, at FROM sample");
    let row = node
        .db
        .read_now(|c| {
            c.query_one(ALL, &[], |r| {
                Ok((
                    r.get::<kit::Id>(0)?,
                    r.get::<String>(1)?,
                    r.get::<i64>(2)?,
                    r.get::<bool>(3)?,
                    r.get::<Option<Vec<u8>>>(4)?,
                    r.get::<Option<i64>>(5)?,
                ))
            })
        })
        .unwrap();
    assert_eq!(row, (id, "žaba 'quoted' $1 ?1".into(), i64::MIN, false, Some(vec![0, 255]), Some(i64::MAX)));
}

#[test]
fn placeholders_are_numbered_by_value_and_not_by_appearance() {
    let node = testing::node(&[SCHEMA]);
    insert(&node, "seven", 7);
    let found =
        node.db.read_now(|c| c.query(SWAPPED, params!["seven", 7_i64], |r| r.get::<String>(0))).unwrap();
    assert_eq!(found, ["seven"]);
}

#[test]
fn a_nul_in_text_is_left_out_on_both_engines() {
    let node = testing::node(&[SCHEMA]);
    insert(&node, "a\0b\0", 1);
    assert_eq!(names(&node), ["ab"]);
}

#[test]
fn sums_are_whole_numbers_on_both_engines() {
    let node = testing::node(&[SCHEMA]);
    insert(&node, "a", i64::from(u32::MAX));
    insert(&node, "b", 1);
    let total =
        node.db.read_now(|c| c.query_one(TOTAL, &[], |r| Ok((r.get::<i64>(0)?, r.get::<i64>(1)?)))).unwrap();
    assert_eq!(total, (1 << 32, 2));
}

#[test]
fn text_is_ordered_by_bytes_whatever_the_servers_locale() {
    let node = testing::node(&[SCHEMA]);
    for name in ["b", "B", "č", "a", "_", "Z", "ž"] {
        insert(&node, name, 1);
    }
    assert_eq!(names(&node), ["B", "Z", "_", "a", "b", "č", "ž"]);
    // Keyset paging: the next page begins where this one ended, without a gap or a repetition.
    let mut seen = Vec::new();
    let mut last = String::new();
    loop {
        let from = last.clone();
        let page: Vec<String> =
            node.db.read_now(move |c| c.query(AFTER, params![from, 2_i64], |r| r.get(0))).unwrap();
        let Some(end) = page.last() else { break };
        last.clone_from(end);
        seen.extend(page);
    }
    assert_eq!(seen, names(&node));
}

#[test]
fn a_refused_use_case_changes_nothing_and_its_neighbours_stay() {
    let node = testing::node(&[SCHEMA]);
    let handles: Vec<_> = (0..40)
        .map(|n| {
            let (db, id) = (node.db.clone(), node.id());
            std::thread::spawn(move || {
                db.write_now(move |tx| {
                    tx.execute(
                        INSERT,
                        params![id, format!("n{n:02}"), 1_i64, true, None::<Vec<u8>>, None::<i64>],
                    )?;
                    if n % 2 == 0 { Ok(()) } else { Err(Error::Conflict("no".into())) }
                })
            })
        })
        .collect();
    for (n, handle) in handles.into_iter().enumerate() {
        assert_eq!(handle.join().unwrap().is_ok(), n % 2 == 0);
    }
    let expected: Vec<String> = (0..40).step_by(2).map(|n| format!("n{n:02}")).collect();
    assert_eq!(names(&node), expected);
}

#[test]
fn a_panic_in_a_use_case_is_its_own_error_and_the_database_goes_on() {
    let node = testing::node(&[SCHEMA]);
    let id = node.id();
    let outcome: Result<(), Error> = node.db.write_now(move |tx| {
        tx.execute(INSERT, params![id, "x", 1_i64, true, None::<Vec<u8>>, None::<i64>])?;
        panic!("on purpose");
    });
    assert!(matches!(outcome, Err(Error::Corrupt(_))), "{outcome:?}");
    insert(&node, "after", 1);
    assert_eq!(names(&node), ["after"]);
}

#[test]
fn counting_up_from_many_threads_loses_no_step() {
    let node = testing::node(&[SCHEMA]);
    insert(&node, "counter", 0);
    let handles: Vec<_> = (0..8)
        .map(|_| {
            let db = node.db.clone();
            std::thread::spawn(move || {
                for _ in 0..10 {
                    db.write_now(|tx| {
                        let now: i64 = tx.query_one(AMOUNT, &[], |r| r.get(0))?;
                        tx.execute(SET, params![now + 1])
                    })
                    .unwrap();
                }
            })
        })
        .collect();
    for handle in handles {
        handle.join().unwrap();
    }
    assert_eq!(node.db.read_now(|c| c.query_one(AMOUNT, &[], |r| r.get::<i64>(0))).unwrap(), 80);
}

#[test]
fn what_waits_for_the_commit_happens_once_and_only_after_one() {
    let node = testing::node(&[SCHEMA]);
    let count = Arc::new(AtomicUsize::new(0));
    for fail in [false, true] {
        let count = count.clone();
        let outcome = node.db.write_now(move |tx| {
            let count = count.clone();
            tx.after_commit(move || {
                count.fetch_add(1, Ordering::SeqCst);
            });
            if fail { Err(Error::Conflict("no".into())) } else { Ok(()) }
        });
        assert_eq!(outcome.is_err(), fail);
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn a_reader_cannot_write() {
    let node = testing::node(&[SCHEMA]);
    let outcome = node.db.read_now(|c| c.query(SET, params![1_i64], |_| Ok(())));
    assert!(outcome.is_err());
}

#[test]
fn migrations_are_applied_once_and_an_altered_one_is_refused() {
    let node = testing::node(&[SCHEMA]);
    assert_eq!(node.db.migrate(SCHEMA).unwrap(), []);
    let altered = [Migration::new("sample", 1, "CREATE TABLE sample (id {id}) {strict};")];
    let error = node.db.migrate(&altered).unwrap_err().to_string();
    assert!(error.contains("sample 1"), "{error}");
    let broken = [Migration::new(
        "sample",
        2,
        "CREATE TABLE x (a {int}) {strict}; CREATE TABLE sample (a {int}) {strict};",
    )];
    assert!(node.db.migrate(&broken).is_err());
    let half = [Migration::new("sample", 2, "CREATE TABLE x (a {int}) {strict};")];
    assert_eq!(node.db.migrate(&half).unwrap().len(), 1, "the broken step left nothing behind");
}

#[test]
fn looking_at_an_older_database_changes_nothing_and_a_newer_one_is_refused_by_both() {
    let node = testing::node(&[]);
    let program = [kit::MIGRATIONS, SCHEMA];
    let told = node.db.is_of(&program).unwrap_err().to_string();
    assert!(told.contains("1 steps older") && told.contains("`wardmote migrate`"), "{told}");
    assert!(node.db.is_of(&program).is_err(), "looking has not brought it forward");
    assert_eq!(node.db.migrate_all(&program).unwrap().len(), 1);
    node.db.is_of(&program).unwrap();

    let older = [kit::MIGRATIONS];
    for refused in [node.db.is_of(&older).unwrap_err(), node.db.migrate_all(&older).unwrap_err()] {
        assert!(refused.to_string().contains("written by a newer version"), "{refused}");
    }
}

#[test]
fn every_statement_of_this_crate_is_understood() {
    let node = testing::node(&[]);
    assert_eq!(node.db.check_statements(&kit::statements()).unwrap(), Vec::<String>::new());
    let wrong = [("WRONG", Sql::new("SELECT nothing FROM nowhere"))];
    assert_eq!(node.db.check_statements(&wrong).unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_may_be_dropped_inside_async_code() {
    let node = testing::node(&[SCHEMA]);
    node.db.read(|c| c.query(NAMES, &[], |r| r.get::<String>(0))).await.unwrap();
    drop(node);
}

#[tokio::test]
async fn a_closed_database_has_done_what_waited_and_its_file_is_whole_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wardmote.db");
    let (place, _database) = testing::place(&file);
    let db = Db::open(&place).unwrap();
    db.migrate(SCHEMA).unwrap();
    let (other, entered) = (db.clone(), Arc::new(AtomicBool::new(false)));
    let tells = entered.clone();
    let slow = std::thread::spawn(move || {
        other.write_now(move |tx| {
            tells.store(true, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(200));
            tx.execute(
                INSERT,
                params![Id::from_bytes([1; 16]), "slow", 1_i64, true, None::<Vec<u8>>, None::<i64>],
            )
        })
    });
    while !entered.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
    let held = db.clone(); // as in a task that is cut off
    drop(Closing::new((), db));
    assert!(matches!(held.read(|_| Ok(())).await, Err(Error::Unavailable(_))));
    assert_eq!(slow.join().unwrap().unwrap(), 1);
    if matches!(place, Place::Sqlite(_)) {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&file, &copy).unwrap();
        let copied = Db::open(&Place::Sqlite(copy)).unwrap();
        let names: Vec<String> = copied.read_now(|c| c.query(NAMES, &[], |row| row.get(0))).unwrap();
        assert_eq!(names, ["slow"]);
    }
}
