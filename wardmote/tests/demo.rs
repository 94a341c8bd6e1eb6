//! `wardmote demo` as whoever tries it meets it.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

#[test]
fn the_demo_tells_what_it_did_and_leaves_a_node_that_other_commands_find() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(
        folder.path(),
        &["demo", "--dir", "tried", "--port", "0", "--smtp-port", "0", "--whois-port", "0", "--once"],
    );
    for line in [
        "40 teams in 15 countries, 35 keys made, 973 registry objects loaded",
        "12-duplicate-of-01           duplicate  the same as IR-1",
        "IR-2 opened as INC-1",
        "Everyone on the way: they are not in the directory, and no key is known.",
        "5 mails signed, encrypted and caught by the sink",
        "auto-reply filed with its case; changes nothing",
        "bounce     failed to soc@nordvik.example: 5.2.2",
        "joined INV-2 by its reply address",
        "Log in as  kes, password ",
    ] {
        assert!(told.contains(line), "{line:?} is missing in\n{told}");
    }
    let answer = run(folder.path(), &["lookup", "--config", "tried/wardmote.toml", "192.0.2.77"]);
    assert!(answer.contains("responsible CERT Skerry (certified)"), "{answer}");
    let health = run(folder.path(), &["doctor", "--config", "tried/wardmote.toml"]);
    assert!(!health.contains("BAD"), "{health}");
    assert!(health.contains("Aldermark CERT at cert@aldermark.example"), "{health}");
}

#[test]
fn a_folder_that_is_not_the_demos_own_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let output = program(folder.path()).args(["demo", "--dir", ".", "--once"]).output().unwrap();
    assert!(!output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("choose another folder with --dir"), "{told}");
    assert_eq!(std::fs::read_to_string(folder.path().join("thesis.txt")).unwrap(), "years of work");
}

fn program(folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wardmote"));
    program.current_dir(folder).env_remove("WARDMOTE_CONFIG");
    program
}

/// What the program prints when it is started in `folder`.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
