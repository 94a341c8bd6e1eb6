//! Our tables against the published ones, where they lie beside the clone.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use taxonomy::{Pap, Tlp, rsit::Class, rsit::Type};

fn published(name: &str) -> Option<Value> {
    let path = format!("{}/../../../shared/data/taxonomies/{name}", env!("CARGO_MANIFEST_DIR"));
    let Ok(json) = std::fs::read_to_string(path) else {
        println!("left out: ../shared/data/taxonomies/{name} is not there");
        return None;
    };
    Some(serde_json::from_str(&json).unwrap())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `(class:value, label)` of all types in a machine tag file.
fn types(taxonomy: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = list(&taxonomy["values"]).iter().flat_map(|class| {
        list(&class["entry"]).iter().map(move |entry| {
            (format!("{}:{}", text(&class["predicate"]), text(&entry["value"])), text(&entry["expanded"]))
        })
    });
    entries.collect()
}

#[test]
fn rsit_is_the_published_one() {
    let Some(reference) = published("rsit/machinev1") else { return };
    assert_eq!(reference["version"], taxonomy::rsit::VERSION);
    let ours: Vec<_> = Type::all().iter().map(|one| (one.code.to_owned(), one.label.to_owned())).collect();
    assert_eq!(ours, types(&reference));
    let classes: Vec<_> = list(&reference["predicates"])
        .iter()
        .map(|class| (class["value"].as_str().unwrap(), class["expanded"].as_str().unwrap()))
        .collect();
    assert_eq!(Class::ALL.map(|class| (class.code(), class.label())).to_vec(), classes);
}

#[test]
fn every_value_of_ecsirt_finds_its_type() {
    let Some(ecsirt) = published("misp-ecsirt.json") else { return };
    let values = types(&ecsirt);
    assert_eq!(values.len(), 43);
    for (code, _) in values {
        let became = Type::from_ecsirt(&code);
        assert!(became.is_some(), "{code}");
        // what has its own code in RSIT keeps it
        let same = Type::all().iter().find(|one| one.code == code.to_lowercase());
        assert!(same.is_none_or(|same| became == Some(*same)), "{code}");
    }
}

#[test]
fn tlp_and_pap_are_the_published_ones() {
    let Some(published) = published("tlp-2.0-and-pap.json") else { return };
    for label in list(&published["labels"]) {
        let tlp = Tlp::parse(label["label"].as_str().unwrap()).unwrap();
        assert_eq!((Some(tlp.label()), label["rank"].as_u64()), (label["label"].as_str(), Some(tlp as u64)));
    }
    assert_eq!(list(&published["labels"]).len(), Tlp::ALL.len());
    let pap: Vec<Pap> =
        list(&published["PAP"]["labels"]).iter().filter_map(|text| Pap::find_in(text.as_str()?)).collect();
    assert_eq!(pap, [Pap::Red, Pap::Amber, Pap::Green, Pap::Clear]);
}
