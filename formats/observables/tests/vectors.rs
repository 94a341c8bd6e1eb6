//! The shared extraction vectors, where they lie beside the clone.
#![allow(clippy::unwrap_used)]

use observables::{Kind, Limits, Observable, extract};
use serde_json::Value;

fn found(text: &str) -> Vec<Observable> {
    extract(text, &Limits::default()).found
}

fn values(text: &str, kinds: &[Kind]) -> Vec<String> {
    found(text).into_iter().filter(|one| kinds.contains(&one.kind)).map(|one| one.value).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The whole text of a case: all parts of the mail, as we read them.
fn text_of(case: &Value) -> String {
    let mut parts: Vec<String> = ["in", "body", "attachment_text"]
        .iter()
        .filter_map(|key| case[key].as_str())
        .map(str::to_owned)
        .collect();
    parts.extend(strings(&case["attachments"]));
    parts.join("\n")
}

/// Two cases record that the other program stops at the first part with an address; we want all of them.
fn wanted_addresses(case: &Value) -> Vec<String> {
    let wanted: &[&str] = match (case["body"].as_str(), case["attachments"].is_array()) {
        (Some("2.2.2.2"), false) => &["2.2.2.2", "1.2.3.4", "4.4.4.4"],
        (Some(_), true) => &["1.2.3.4", "4.4.4.4", "8.8.8.8"],
        _ => return strings(&case["out"]),
    };
    wanted.iter().map(ToString::to_string).collect()
}

#[test]
fn every_vector_holds() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/vectors/observable-extraction.json");
    let Ok(json) = std::fs::read_to_string(path) else {
        println!("left out: ../shared/data/vectors is not there");
        return;
    };
    let vectors: Value = serde_json::from_str(&json).unwrap();
    let cases = |name: &str| vectors[name].as_array().unwrap().clone();

    for case in cases("ip") {
        let text = text_of(&case);
        assert_eq!(values(&text, &[Kind::Ip, Kind::IpRange]), wanted_addresses(&case), "{text}");
        if let Some(port) = case["port"].as_u64() {
            assert_eq!(found(&text)[0].port.map(u64::from), Some(port), "{text}");
        }
    }
    for case in cases("domain") {
        let text = text_of(&case);
        assert_eq!(values(&text, &[Kind::Domain]), strings(&case["out"]), "{text}");
    }
    for case in cases("cve") {
        let text = text_of(&case);
        assert_eq!(values(&text, &[Kind::Cve]), strings(&case["out"]), "{text}");
    }
    for case in cases("email_clicky") {
        let text = text_of(&case);
        assert_eq!(!values(&text, &[Kind::Email]).is_empty(), case["ok"].as_bool().unwrap(), "{text}");
    }
}
