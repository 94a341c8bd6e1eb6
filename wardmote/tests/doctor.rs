//! `wardmote doctor` as an operator runs it after a change.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

fn wardmote(arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_wardmote"));
    let program = program.args(arguments).env_remove("WARDMOTE_CONFIG").envs(settings.iter().copied());
    String::from_utf8(program.output().unwrap().stdout).unwrap()
}

fn doctor(config: &Path, settings: &[(&str, &str)]) -> String {
    wardmote(&["doctor", "--config", config.to_str().unwrap()], settings)
}

#[test]
fn it_warns_while_letters_name_pages_without_an_address_and_says_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("node");
    assert!(wardmote(&["init", node.to_str().unwrap()], &[]).contains("is ready"));
    let config = node.join("wardmote.toml");
    let told = doctor(&config, &[]);
    assert!(told.contains("warn web            base_url is not set"), "{told}");
    assert!(told.contains("set it in [web]"), "{told}");
    let told = doctor(&config, &[("WARDMOTE_WEB__BASE_URL", "https://desk.example")]);
    assert!(
        told.contains("ok   database") && !told.lines().any(|line| line.starts_with("warn web")),
        "{told}"
    );
    let open = doctor(&config, &[("WARDMOTE_WEB__LISTEN", "192.0.2.1:80")]);
    assert!(open.contains("BAD  web            192.0.2.1:80 is open to the network"), "{open}");
}
