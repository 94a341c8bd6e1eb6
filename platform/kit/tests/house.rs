//! Record, jobs, blobs, search, numbers: what the domains get.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kit::clock::{DAY, HOUR, MINUTE, SECOND};
use kit::events::{self, Stamp};
use kit::jobs::{self, Handler, Retry};
use kit::{Id, Sql, params, search, testing};

#[derive(serde::Serialize)]
struct Moved {
    to: &'static str,
}

impl contracts::Event for Moved {
    const KIND: &'static str = "sample.moved";

    fn stream(&self) -> String {
        "sample:1".into()
    }
}

fn record(node: &testing::TestNode, to: &'static str) {
    record_of(None, node, to);
}

fn record_of(team: Option<Id>, node: &testing::TestNode, to: &'static str) {
    let own = node.node.clone();
    let stamp = Stamp { at: node.now(), team, actor: "kes".into() };
    node.db.write_now(move |tx| events::record(&own, tx, &stamp, &Moved { to })).unwrap();
}

#[test]
fn the_record_is_a_chain_that_shows_tampering_and_survives_erasure() {
    let node = testing::node(&[]);
    for to in ["a", "b", "c"] {
        record(&node, to);
    }
    let verify = || node.db.read_now(|c| events::verify(c, "sample:1"));
    assert_eq!(verify().unwrap(), 3);
    let newest = node.db.read_now(|c| events::history(c, "sample:1", 1)).unwrap().remove(0);
    assert_eq!(
        (newest.position, newest.actor.as_str(), &newest.body.unwrap()["to"]),
        (3, "kes", &"c".into())
    );

    const ALTER_BODY: Sql = Sql::new("UPDATE event_body SET body = '{\"to\":\"z\"}' WHERE event = $1");
    const RESTORE: Sql = Sql::new("UPDATE event_body SET body = '{\"to\":\"c\"}' WHERE event = $1");
    let id = newest.id;
    node.db.write_now(move |tx| tx.execute(ALTER_BODY, params![id])).unwrap();
    assert!(verify().unwrap_err().to_string().contains("event 3"));
    node.db.write_now(move |tx| tx.execute(RESTORE, params![id])).unwrap();

    const ALTER_ACTOR: Sql = Sql::new("UPDATE event SET actor = $1 WHERE position = 2");
    node.db.write_now(|tx| tx.execute(ALTER_ACTOR, params!["jor"])).unwrap();
    assert!(verify().unwrap_err().to_string().contains("event 2"));
    node.db.write_now(|tx| tx.execute(ALTER_ACTOR, params!["kes"])).unwrap();

    node.db.write_now(|tx| events::erase(tx, "sample:1")).unwrap();
    assert_eq!(verify().unwrap(), 3);
    assert!(
        node.db.read_now(|c| events::history(c, "sample:1", 9)).unwrap().iter().all(|e| e.body.is_none())
    );
}

#[test]
fn live_pages_hear_of_a_change_after_its_commit_and_of_what_happened_while_they_were_on_their_way() {
    let node = testing::node(&[]);
    let (ours, theirs) = (node.id(), node.id());
    let (missed, mut changes) = node.changes(ours, node.now());
    assert!(!missed, "nothing has happened");
    record_of(Some(ours), &node, "a");
    let change = changes.try_recv().unwrap();
    assert_eq!((change.team, change.stream.as_str(), change.kind), (Some(ours), "sample:1", "sample.moved"));
    assert!(changes.try_recv().is_err());

    assert!(node.changes(ours, node.now()).0, "a page of the same moment may not show it");
    assert!(!node.changes(ours, node.now() + SECOND).0, "a later page does");
    assert!(!node.changes(theirs, node.now()).0, "it concerns nobody else");
}

fn enqueue(node: &testing::TestNode, key: &'static str, at: kit::Time) {
    let own = node.node.clone();
    node.db.write_now(move |tx| jobs::enqueue(&own, tx, "sample", key, &1, at)).unwrap();
}

#[tokio::test]
async fn a_job_runs_when_due_once_for_its_key_and_again_after_a_failure() {
    let node = testing::node(&[]);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let handlers = [Handler::new("sample", move |job| {
        let count = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert_eq!(job.payload, serde_json::json!(1));
            if count == 0 { Err(Retry::Later("the relay is away".into())) } else { Ok(()) }
        }
    })];
    enqueue(&node, "a", node.now() + MINUTE);
    enqueue(&node, "a", node.now());
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 0, "it is not due");
    node.clock.advance(MINUTE);
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 1, "asked for twice, it is one job");
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 0, "it failed and waits");
    node.clock.advance(MINUTE);
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 1);
    node.clock.advance(DAY);
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 0, "it was done");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_job_that_waits_can_be_taken_back_and_one_that_never_works_rests_as_failed() {
    let node = testing::node(&[]);
    enqueue(&node, "back", node.now() + MINUTE);
    let now = node.now();
    assert!(node.db.write(move |tx| jobs::cancel(tx, "sample", "back", now)).await.unwrap());
    assert!(!node.db.write(move |tx| jobs::cancel(tx, "sample", "back", now)).await.unwrap());
    let handlers = [Handler::new("sample", |_| async { Err(Retry::Later("no".into())) })];
    enqueue(&node, "never", node.now());
    let mut tries = 0;
    for _ in 0..60 {
        tries += jobs::run_due(&node, &handlers).await.unwrap();
        node.clock.advance(DAY);
    }
    assert_eq!(tries, 20);
    assert_eq!(jobs::failed(&node).await.unwrap(), 1);
}

#[tokio::test]
async fn a_job_of_a_node_that_died_is_taken_over() {
    let node = testing::node(&[]);
    enqueue(&node, "a", node.now());
    const DIED: Sql = Sql::new("UPDATE job SET locked_until = $1");
    let until = node.now() + 10 * MINUTE;
    node.db.write(move |tx| tx.execute(DIED, params![until])).await.unwrap();
    let handlers = [Handler::new("sample", |_| async { Ok(()) })];
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 0);
    node.clock.advance(10 * MINUTE + SECOND);
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 1);
}

#[tokio::test]
async fn a_job_that_panics_is_tried_again_with_back_off_and_rests_as_failed_in_the_end() {
    let node = testing::node(&[]);
    let handlers = [Handler::new("sample", |_| async { panic!("no such luck") })];
    enqueue(&node, "a", node.now());
    let mut tries = 0;
    for _ in 0..60 {
        tries += jobs::run_due(&node, &handlers).await.unwrap();
        node.clock.advance(DAY);
    }
    assert_eq!(tries, 20);
    assert_eq!(jobs::failed(&node).await.unwrap(), 1);
    const WHY: Sql = Sql::new("SELECT last_error FROM job");
    let why: String = node.db.read(|c| c.query_one(WHY, &[], |row| row.get(0))).await.unwrap();
    assert_eq!(why, "it panicked: no such luck");
}

#[tokio::test]
async fn a_job_that_kills_the_node_each_time_rests_as_failed() {
    let node = testing::node(&[]);
    enqueue(&node, "a", node.now());
    const DIED: Sql = Sql::new("UPDATE job SET locked_until = $1");
    let handlers = [Handler::new("sample", |_| async { Err(Retry::Later("it did not die".into())) })];
    // A death now and then is none of the job's.
    for _ in 0..10 {
        let past = node.now() - SECOND;
        node.db.write(move |tx| tx.execute(DIED, params![past])).await.unwrap();
        assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 1);
        node.clock.advance(DAY);
    }
    const TAKEN: Sql = Sql::new("UPDATE job SET locked_until = $1, lost = 4");
    let past = node.now() - SECOND;
    node.db.write(move |tx| tx.execute(TAKEN, params![past])).await.unwrap();
    assert_eq!(jobs::run_due(&node, &handlers).await.unwrap(), 0);
    assert_eq!(jobs::failed(&node).await.unwrap(), 1);
}

#[tokio::test]
async fn work_that_repeats_goes_on_after_any_failure_and_is_never_planned_twice_for_one_span() {
    let node = testing::node(&[]);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let handlers = [Handler::repeated(&node, "hourly", HOUR, move || {
        let count = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(!count.is_multiple_of(3), "every third time it panics");
            if count % 3 == 1 { Err(kit::Error::Unavailable("the disk is full".into())) } else { Ok(()) }
        }
    })];
    let (own, now) = (node.node.clone(), node.now());
    for _ in 0..3 {
        let own = own.clone();
        node.db.write(move |tx| jobs::plan(&own, tx, "hourly", HOUR, now)).await.unwrap();
    }
    let mut spans = Vec::new();
    for _ in 0..200 {
        let before = runs.load(Ordering::SeqCst);
        jobs::run_due(&node, &handlers).await.unwrap();
        spans.push(runs.load(Ordering::SeqCst) - before);
        node.clock.advance(HOUR);
    }
    assert!(spans.iter().all(|runs| *runs > 0), "each hour: {spans:?}");
    // Of three tries one ends well: were an hour planned twice, it would be twice as many.
    assert!(spans.iter().sum::<usize>() <= 3 * (spans.len() + 1), "once for each hour: {spans:?}");
}

#[test]
fn a_blob_comes_back_as_it_went_in_and_damage_is_seen() {
    let node = testing::node(&[]);
    for bytes in [&b""[..], b"mail", &[0xAB; 1 << 20]] {
        let name = node.blobs.put(bytes).unwrap();
        assert_eq!(node.blobs.put(bytes).unwrap(), name);
        assert_eq!(node.blobs.get(name).unwrap(), bytes);
    }
    let name = node.blobs.put(b"mail").unwrap().to_string();
    let file = node.folder.path().join("blobs").join(&name[..2]).join(format!("{}.lz4", &name[2..]));
    std::fs::write(&file, b"rubbish").unwrap();
    let error = node.blobs.get(kit::Digest::of(b"mail")).unwrap_err();
    assert!(matches!(error, kit::Error::Corrupt(_)), "{error}");
    assert!(matches!(node.blobs.get(kit::Digest::of(b"none")), Err(kit::Error::NotFound(_))));
}

#[test]
fn a_search_finds_the_newest_of_ones_own_team_by_words_addresses_and_beginnings() {
    let node = testing::node(&[]);
    let (ours, theirs) = (node.id(), node.id());
    let texts = [
        (ours, "Brute force from 203.0.113.7:8443 against login.uni.example"),
        (ours, "Phishing at https://evil.example/login CVE-2024-12345"),
        (theirs, "Their brute force from 203.0.113.7"),
    ];
    let docs: Vec<kit::Id> = texts.iter().map(|_| node.id()).collect();
    let put = docs.clone();
    node.db
        .write_now(move |tx| {
            for ((team, text), id) in texts.iter().zip(&put) {
                search::index(tx, *team, "report", *id, 5, &search::Words::of(text))?;
            }
            Ok(())
        })
        .unwrap();
    let find = |query: &'static str| -> Vec<usize> {
        let engine = node.db.engine();
        let hits = node.db.read_now(move |c| search::find(c, engine, ours, query, 10)).unwrap();
        hits.iter().map(|hit| docs.iter().position(|doc| *doc == hit.reference).unwrap()).collect()
    };
    assert_eq!(find("203.0.113.7"), [0]);
    assert_eq!(find("203.0.113.*"), [0]);
    assert_eq!(find("FORCE brute"), [0]);
    assert_eq!(find("cve-2024-12345"), [1]);
    assert_eq!(find("evil.example"), [1]);
    assert_eq!(find("login"), [1, 0]);
    assert_eq!(find("\"' OR 1=1 -- ("), Vec::<usize>::new());
    assert_eq!(find(""), Vec::<usize>::new());
    let gone = docs[1];
    node.db.write_now(move |tx| search::forget(tx, gone)).unwrap();
    assert_eq!(find("login"), [0]);
}

#[test]
fn a_term_copied_out_of_a_text_finds_it_whatever_its_letters_and_length() {
    let node = testing::node(&[]);
    let team = node.id();
    let url = format!("https://evil.example/{}", "long".repeat(40));
    // a mark that SQLite's own tokeniser parts words at; a letter that grows when it is made small
    for term in ["login\u{61a}evil.example", "\u{130}stanbul", "ab,.cd", "(x.y-)", &url] {
        let (id, text) = (node.id(), format!("seen {term} today"));
        node.db
            .write_now(move |tx| search::index(tx, team, "report", id, 5, &search::Words::of(&text)))
            .unwrap();
        let (engine, query) = (node.db.engine(), term.to_owned());
        let hits = node.db.read_now(move |c| search::find(c, engine, team, &query, 10)).unwrap();
        assert!(hits.iter().any(|hit| hit.reference == id), "{term}");
    }
}

#[test]
fn numbers_for_people_have_no_gaps_and_belong_to_a_team() {
    let node = testing::node(&[]);
    let (a, b) = (node.id(), node.id());
    let next = |team| node.db.write_now(move |tx| kit::next_number(tx, team, "IR")).unwrap();
    assert_eq!((next(a), next(a), next(b)), (1, 2, 1));
    let refused: kit::Result<()> = node.db.write_now(move |tx| {
        kit::next_number(tx, a, "IR")?;
        Err(kit::Error::Conflict("no".into()))
    });
    assert!(refused.is_err());
    assert_eq!(next(a), 3);
}
