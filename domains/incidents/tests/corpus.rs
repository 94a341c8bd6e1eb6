//! Every mail of the corpora goes in: nothing is lost, nothing is counted twice, no notice becomes a report.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::world;
use incidents::model::Outcome;
use mail::Envelope;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_has_exactly_one_outcome_and_is_kept_as_it_came() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mail");
    let mut paths = Vec::new();
    files(&corpora, &mut paths);
    if paths.is_empty() {
        println!("left out: the mail corpora do not lie beside this checkout");
        return;
    }
    paths.sort();
    let w = world().await;
    let mut taken = Vec::new();
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        let envelope = Envelope {
            from: "sender@corpus.example".into(),
            rcpts: vec![common::MAILBOX.into()],
            helo: String::new(),
            peer: None,
            received_at: kit::testing::START,
        };
        taken.push((path, w.desk.accept(envelope, bytes.clone()).await.unwrap(), kit::Digest::of(&bytes)));
    }
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for (path, accepted, digest) in &taken {
        let began = std::time::Instant::now();
        while !w.desk.is_placed(accepted).await.unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            // On PostgreSQL a thousand at once may be in each other's way for too long; a node sweeps every two seconds.
            if began.elapsed() > std::time::Duration::from_secs(5) {
                w.node.clock.advance(10 * kit::clock::SECOND);
                w.desk.sweep().await.unwrap();
            }
        }
        let mail = w.desk.mail_taken(&w.may(), accepted.ids[0]).await.unwrap();
        assert_eq!(mail.blob, *digest, "{}", path.display());
        assert_ne!(mail.outcome, Outcome::Waiting);
        *counts.entry(mail.outcome).or_default() += 1;
        let text = std::fs::read(path).unwrap();
        let is_notice = path.to_string_lossy().contains("sisimai/maildir/bsd/rfc3464-");
        if is_notice && memchr::memmem::find(&text, b"message/delivery-status").is_some() {
            assert_eq!(mail.outcome, Outcome::Bounce, "{}", path.display());
        }
    }
    println!("{} mails: {counts:?}", taken.len());
    assert_eq!(counts.values().sum::<usize>(), paths.len());
    assert!(counts[&Outcome::New] > 300 && counts[&Outcome::Bounce] > 400, "{counts:?}");
}
