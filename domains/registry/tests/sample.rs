//! The registry and the directory of the demo: what its README says of each resource is what is answered.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use registry::{Answer, Index, Resource, Snapshot};
use teams::{Directory, Team};

fn snapshot() -> Snapshot {
    let sample = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/sample"));
    let teams = teams::import::parse(&std::fs::read(sample.join("teams.json")).unwrap()).unwrap();
    assert_eq!(teams.left_out, Vec::<String>::new());
    let teams = teams.entries.into_iter().zip(1_u8..).map(|(entry, n)| {
        Arc::new(Team {
            id: kit::Id::from_bytes([n; 16]),
            record: entry.record,
            standing: entry.standing,
            proofs: vec![],
            keys: vec![],
            desk: false,
            mailboxes: vec![],
            updated: 0,
        })
    });
    let directory = Arc::new(Directory::new(teams.collect()));
    // The marks for keys are filled by the demo; they are odd values here, no reason to refuse an object.
    let (index, problems) = Index::from_files(&[sample.join("registry.rpsl")]).unwrap();
    assert_eq!(problems, []);
    assert_eq!((index.report().overlapping, index.report().unknown_irts.len()), (0, 0));
    Snapshot::joined(index, directory, kit::testing::START)
}

#[test]
fn what_the_samples_readme_says_is_answered() {
    let snapshot = snapshot();
    let rows: Vec<String> = [
        "192.0.2.77",
        "203.0.113.9",
        "203.0.113.71",
        "2001:db8:5b:7::12",
        "203.0.113.100",
        "198.51.100.80",
        "198.19.132.200",
        "100.127.9.1",
        "AS64500",
        "www.skerry.example",
    ]
    .into_iter()
    .map(|asked| told(&snapshot.answer_resource(&Resource::parse(asked).unwrap())))
    .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

fn told(answer: &Answer) -> String {
    let steps: Vec<String> = answer
        .chain
        .iter()
        .map(|step| format!("{} {} {}", step.kind, step.key, step.note).trim().to_owned())
        .collect();
    let contact = answer.contact.as_ref().map_or("-", |contact| &contact.address);
    let trust = answer.team.as_ref().map_or("-", |team| &team.trust);
    format!("{} => {contact} ({trust})\n  {}\n  {}", answer.asked, steps.join(" → "), answer.summary())
}

/// Fifty addresses of the second sample mail: to six contacts.
#[test]
fn the_addresses_of_a_report_go_to_few_contacts() {
    let snapshot = snapshot();
    let rows = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/sample/mails/02-password-guessing.eml");
    let text = String::from_utf8(std::fs::read(rows).unwrap()).unwrap();
    let mut count = std::collections::BTreeMap::<String, u32>::new();
    for one in observables::extract(&text, &observables::Limits::default()).found {
        if one.kind == observables::Kind::Ip
            && let Some(answer) = snapshot.answer_observable(one.kind, &one.value)
            && let Some(contact) = answer.contact
        {
            *count.entry(contact.address).or_default() += 1;
        }
    }
    insta::assert_debug_snapshot!(count);
}
