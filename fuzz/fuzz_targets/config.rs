//! Configuration of any text, with any environment over it: a mistake is told, with its line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;

/// A configuration of two sections, as the program's own is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read into, never read from")]
struct Sample {
    #[serde(default)]
    web: Section,
    #[serde(default)]
    smtp: Section,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(dead_code, reason = "read into, never read from")]
struct Section {
    listen: String,
    port: u16,
    hosts: Vec<String>,
}

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let port = ("WARDMOTE_WEB__PORT".to_owned(), value.to_owned());
    let lines = text.matches('\n').count() + 1;
    if let Err(error) = kit::config::parse::<Sample>(text, "wardmote.toml", std::iter::empty()) {
        let words = error.to_string();
        let line =
            words.split_once("line ").and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
        let line = line.and_then(|line| line.parse::<usize>().ok());
        assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{words}");
    }
    let _ = kit::config::parse::<Sample>(text, "wardmote.toml", std::iter::once(port));
});
