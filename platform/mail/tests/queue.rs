//! What becomes of mails while the relay is away.
#![allow(clippy::unwrap_used, missing_docs)]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kit::clock::{DAY, HOUR};
use kit::health::Verdict;
use kit::jobs::{self, Handler};
use kit::testing::{self, TestNode};
use kit::{Sql, params};
use mail::queue::{self, Handed, MailOut, Relay, State};
use tokio::sync::Notify;

/// A relay that can be away.
#[derive(Default)]
struct Away {
    back: AtomicBool,
    asked: AtomicUsize,
}

impl Relay for Away {
    fn hand(&self, _: String, _: String, _: Vec<u8>) -> Pin<Box<dyn Future<Output = Handed> + Send>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let handed = match self.back.load(Ordering::SeqCst) {
            true => Handed::Taken("250 ok".into()),
            false => Handed::Later("connection refused".into()),
        };
        Box::pin(async { handed })
    }
}

struct World {
    node: TestNode,
    relay: Arc<Away>,
}

impl World {
    /// A node with one mail to send.
    fn new() -> Self {
        let node = testing::node(&[mail::MIGRATIONS]);
        let blob = node.blobs.put(b"Subject: sample\r\n\r\nhello\r\n").unwrap();
        let (own, at) = (node.node.clone(), node.now());
        let mail = MailOut {
            id: node.id(),
            team: node.id(),
            subject_of: "sample:1".into(),
            message_id: "1@desk.example".into(),
            return_path: "r1@desk.example".into(),
            recipient: "abuse@isp.example".into(),
            blob,
            queued_at: at,
            leave_at: at,
            state: State::Waiting,
            state_at: at,
            attempts: 0,
            reply: String::new(),
        };
        node.db.write_now(move |tx| queue::put(&own, tx, &mail)).unwrap();
        Self { node, relay: Arc::default() }
    }

    fn handlers(&self) -> Vec<Handler> {
        vec![queue::handler(self.node.node.clone(), self.relay.clone())]
    }

    async fn pass(&self, hours: i64) {
        for _ in 0..hours {
            self.node.clock.advance(HOUR);
            jobs::run_due(&self.node, &self.handlers()).await.unwrap();
        }
    }

    fn mail(&self) -> MailOut {
        self.node.db.read_now(|c| queue::about(c, "sample:1")).unwrap().remove(0)
    }
}

#[tokio::test]
async fn a_mail_leaves_when_the_relay_was_away_for_four_days() {
    let w = World::new();
    w.pass(4 * 24).await;
    assert_eq!((w.mail().state, w.mail().reply.as_str()), (State::Deferred, "connection refused"));
    assert_eq!(jobs::failed(&w.node).await.unwrap(), 0);
    w.relay.back.store(true, Ordering::SeqCst);
    w.pass(5).await;
    assert_eq!(w.mail().state, State::Sent);
}

#[tokio::test]
async fn a_mail_is_given_up_after_five_days_in_words_and_not_before() {
    let w = World::new();
    w.pass(5 * 24 - 1).await;
    assert_eq!(w.mail().state, State::Deferred);
    w.pass(10).await;
    assert_eq!(w.mail().state, State::Failed);
    assert!(w.mail().reply.ends_with("connection refused"), "{}", w.mail().reply);
    let asked = w.relay.asked.load(Ordering::SeqCst);
    w.pass(24).await;
    assert_eq!(w.relay.asked.load(Ordering::SeqCst), asked, "it is over");
}

#[tokio::test]
async fn a_mail_whose_bytes_are_gone_is_given_up_in_words() {
    let w = World::new();
    std::fs::remove_dir_all(w.node.folder.path().join("blobs")).unwrap();
    w.pass(6 * 24).await;
    assert_eq!((w.mail().state, jobs::failed(&w.node).await.unwrap()), (State::Failed, 0));
    assert!(w.mail().reply.starts_with("given up after five days"), "{}", w.mail().reply);
}

#[tokio::test]
async fn mails_that_were_given_up_by_count_are_taken_up_again_at_the_start() {
    let w = World::new();
    w.pass(1).await;
    const STUCK: Sql = Sql::new("UPDATE job SET failed = TRUE, attempts = 20, lost = $1");
    let start = async |lost: i64| {
        w.node.db.write(move |tx| tx.execute(STUCK, params![lost])).await.unwrap();
        w.relay.back.store(true, Ordering::SeqCst);
        let asked = w.relay.asked.load(Ordering::SeqCst);
        let stop = Arc::new(Notify::new());
        w.node.clock.advance(DAY);
        let running = tokio::spawn(jobs::run(w.node.node.clone(), w.handlers(), stop.clone()));
        let left = async {
            while w.mail().state != State::Sent {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let waited = std::time::Duration::from_millis(if lost > 0 { 300 } else { 30_000 });
        let outcome = tokio::time::timeout(waited, left).await;
        stop.notify_one();
        running.await.unwrap();
        (outcome.is_ok(), w.relay.asked.load(Ordering::SeqCst) - asked)
    };
    assert_eq!(start(4).await, (false, 0), "nodes died of it");
    assert_eq!(start(0).await, (true, 1));
}

#[tokio::test]
async fn the_operator_is_told_of_mails_that_wait_and_of_bytes_that_are_gone() {
    let w = World::new();
    let found = async || queue::findings(&w.node).await.unwrap();
    assert!(found().await.iter().all(|one| one.verdict == Verdict::Good), "{:?}", found().await);
    w.pass(1).await;
    let told = found().await.remove(0);
    assert_eq!(told.verdict, Verdict::Mind);
    assert!(told.words.starts_with("1 wait, the oldest for 1 h, the relay last said: connection refused"));
    w.pass(24).await;
    assert_eq!(found().await.remove(0).verdict, Verdict::Bad);
    w.relay.back.store(true, Ordering::SeqCst);
    w.pass(5).await;
    assert!(found().await.iter().all(|one| one.verdict == Verdict::Good), "{:?}", found().await);
    std::fs::remove_dir_all(w.node.folder.path().join("blobs")).unwrap();
    let told = found().await.remove(1);
    assert_eq!(told.verdict, Verdict::Bad);
    assert!(told.words.starts_with("1 of the newest 1 cannot be read"), "{}", told.words);
}
