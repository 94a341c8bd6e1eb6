//! A mail that was acknowledged is on disk: shown by the order of the system calls of a real node under strace.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use benches::load;
use benches::mails::{Mail, mails};
use benches::node::{MAILBOX, Place};
use benches::smtp::Session;
use benches::syscalls::{self, acknowledgements};

/// The program of this build: beside the folder in which this test is.
fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WARDMOTE") {
        return Some(named.into());
    }
    let program = std::env::current_exe().ok()?.parent()?.parent()?.join("wardmote");
    program.is_file().then_some(program)
}

/// What strace saw while `send` brought mails to a node's SMTP address.
fn traced(send: impl FnOnce(std::net::SocketAddr)) -> Option<String> {
    let Some(program) = program() else {
        println!("left out: wardmote is not built");
        return None;
    };
    if !Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success()) {
        println!("left out: strace is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = Place::make(&program, folder.path(), 0, 1).unwrap();
    let log: &Path = &folder.path().join("calls");
    let log_name = log.to_string_lossy().into_owned();
    let node = place
        .serve_under(&[
            "strace",
            "-f",
            "-y",
            "-s",
            "256",
            "-e",
            syscalls::TRACED,
            "-e",
            "signal=none",
            "-o",
            &log_name,
        ])
        .unwrap();
    send(node.smtp);
    node.stop().unwrap();
    Some(std::fs::read_to_string(log).unwrap())
}

fn some(count: usize) -> Vec<Mail> {
    mails(MAILBOX, 1_000, 1).take(count).collect()
}

#[test]
fn a_mail_is_on_disk_before_it_is_acknowledged() {
    let trace = traced(|smtp| {
        let mut session = Session::open(smtp).unwrap();
        for mail in some(6) {
            let sent = session.send(&mail.from, MAILBOX, &mail.text).unwrap();
            assert!(sent.is_acknowledged(), "{}", sent.reply);
            // What the node does with it afterwards must not be taken for what it does for the next one.
            std::thread::sleep(Duration::from_millis(700));
        }
    });
    let Some(trace) = trace else { return };
    let replies = acknowledgements(&trace);
    assert_eq!(replies.len(), 6);
    for reply in replies {
        assert!(reply.missing.is_empty(), "line {}: not on disk: {}", reply.line, reply.missing.join(", "));
    }
}

#[test]
fn mails_that_share_a_commit_are_on_disk_too() {
    let trace = traced(|smtp| {
        let outcome = load::send(smtp, MAILBOX, &some(40), 4).unwrap();
        assert_eq!(outcome.acknowledged.len(), 40, "{:?}", outcome.refused);
    });
    let Some(trace) = trace else { return };
    let replies = acknowledgements(&trace);
    assert_eq!(replies.len(), 40);
    for reply in replies {
        assert!(reply.missing.is_empty(), "line {}: not on disk: {}", reply.line, reply.missing.join(", "));
    }
}
