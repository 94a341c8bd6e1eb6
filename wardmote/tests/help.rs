//! What `--help` says, command by command, as it is kept beside this file: whoever changes a command sees the words change.

#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn every_command_tells_what_it_does() {
    let mut waiting = vec![Vec::new()];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let text = help(&command);
        waiting.extend(below(&text).map(|name| [command.clone(), vec![name]].concat()));
        insta::assert_snapshot!([&["wardmote".to_owned()], &command[..]].concat().join("-"), text);
        seen += 1;
    }
    assert!(seen > 15, "{seen} commands were found");
}

#[test]
fn a_mistake_is_told_once_with_what_to_do() {
    let output = wardmote().args(["serve", "--config", "no-such-file.toml"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told, "wardmote: reading no-such-file.toml: No such file or directory (os error 2)\n");
    assert_eq!(output.status.code(), Some(1));
}

fn help(command: &[String]) -> String {
    let output = wardmote().args(command).arg("--help").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The program, without what the machine's own environment would put into its words.
fn wardmote() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wardmote"));
    program.env("COLUMNS", "100");
    for variable in ["WARDMOTE_CONFIG", "SENDER"] {
        program.env_remove(variable);
    }
    program
}

/// The commands that a help text lists.
fn below(text: &str) -> impl Iterator<Item = String> {
    let list = text.split("\nCommands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let names = lines.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(str::to_owned).collect::<Vec<_>>().into_iter()
}
