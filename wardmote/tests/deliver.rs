//! `mail deliver` as a mail server's pipe sees it: what it says by its exit code, above all when something is wrong here.

#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const MAIL: &str = "From: a@b.example\nSubject: x\nMessage-ID: <1@b.example>\n\n192.0.2.17\n";
const TRY_AGAIN: Option<i32> = Some(75);

fn node(folder: &Path) -> std::path::PathBuf {
    let made = wardmote(&["init", folder.to_str().unwrap(), "--mailbox", "cert@desk.example"], "");
    assert!(made.status.success(), "{made:?}");
    folder.join("wardmote.toml")
}

fn deliver(config: &Path, more: &[&str]) -> Output {
    wardmote(&[&["mail", "deliver", "--config", config.to_str().unwrap()], more].concat(), MAIL)
}

fn wardmote(arguments: &[&str], input: &str) -> Output {
    run(Command::new(env!("CARGO_BIN_EXE_wardmote")).args(arguments), input)
}

fn run(program: &mut Command, input: &str) -> Output {
    let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.env_remove("SENDER").env_remove("WARDMOTE_CONFIG").spawn().unwrap();
    // A program that ends before it reads breaks the pipe; its exit code is what counts.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_mail_waits_while_the_configuration_is_wrong_and_comes_back_when_it_is_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let config = node(&folder.path().join("node"));
    assert_eq!(deliver(&config, &[]).status.code(), Some(0));
    assert_eq!(deliver(&config, &["nobody@elsewhere.example"]).status.code(), Some(1));
    std::fs::write(folder.path().join("wrong.toml"), "[node]\nnonsense = 1\n").unwrap();
    let refused = deliver(&folder.path().join("wrong.toml"), &[]);
    assert_eq!(refused.status.code(), TRY_AGAIN, "{refused:?}");
    assert_eq!(deliver(&folder.path().join("missing.toml"), &[]).status.code(), TRY_AGAIN);
}

#[test]
fn a_full_disk_asks_to_try_again_and_leaves_nothing_half_done() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("left out: strace is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = node(&folder.path().join("node"));
    for call in ["fsync", "rename", "pwrite64", "ftruncate"] {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        traced.args(["-e", &format!("inject={call}:error=ENOSPC")]);
        traced.args([
            env!("CARGO_BIN_EXE_wardmote"),
            "mail",
            "deliver",
            "--config",
            config.to_str().unwrap(),
        ]);
        let refused = run(&mut traced, MAIL);
        assert_eq!(refused.status.code(), TRY_AGAIN, "{call}: {refused:?}");
        assert!(!refused.stderr.is_empty(), "{call}: the operator is told");
    }
    assert_eq!(unfinished(&folder.path().join("node")), 0, "files begun and left behind");
    assert_eq!(deliver(&config, &[]).status.code(), Some(0), "when there is room again");
}

/// How many files below `folder` were begun and not finished.
fn unfinished(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let count = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => unfinished(&entry.path()),
        false => usize::from(entry.file_name().to_string_lossy().starts_with('.')),
    };
    entries.map(count).sum()
}
