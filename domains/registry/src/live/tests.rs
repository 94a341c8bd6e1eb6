//! Changes are seen by the next query, and what is shown after any of them is what reading all anew would show.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use identity::Granted;
use kit::testing::TestNode;
use proptest::prelude::*;

use super::Applied;
use crate::store::changes::{self, ChangeKind};
use crate::store::objects::{self, Name};
use crate::testing::{import, open, settings};
use crate::{Options, Registry, Settings};

const WORLD: &str = "inetnum: 192.0.2.0 - 192.0.2.255\nnetname: CAMPUS\ncountry: SI\nmnt-irt: IRT-SKERRY\nsource: WARD\n\n\
     irt: IRT-SKERRY\ne-mail: cert@skerry.example\nsource: WARD\n\n\
     irt: IRT-QUAY\ne-mail: cert@quay.example\nsource: WARD\n\n\
     organisation: ORG-Q1-WARD\nabuse-c: Q1-WARD\nsource: WARD\n\n\
     role: Quay abuse desk\nnic-hdl: Q1-WARD\nabuse-mailbox: abuse@quay.example\nsource: WARD\n\n";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// An object is put or removed as an update does it: committed with its row in the journal.
fn commit(registry: &Registry, class: &'static str, key: &str, text: Option<String>) -> Applied {
    let (node, key) = (registry.node().clone(), key.to_owned());
    let db = node.db.clone();
    db.write_now(move |tx| {
        let name = Name { source: "WARD", class, key: &key };
        let origin = changes::origin(tx, "WARD", node.id(), node.now())?;
        let raw = text.clone().map(String::into_bytes);
        let (row, kind) = match &raw {
            Some(raw) => (objects::save(tx, name, raw, &[], origin, node.now())?, ChangeKind::Modify),
            None => (objects::remove(tx, name)?.unwrap_or_default(), ChangeKind::Delete),
        };
        changes::record(tx, name, kind, raw.as_deref().unwrap_or_default(), "test", node.now())?;
        Ok(Applied { row, source: "WARD".into(), class: class.into(), key: key.clone(), raw })
    })
    .unwrap()
}

fn change(registry: &Registry, class: &'static str, key: &str, text: Option<&str>) {
    let text = text.map(|text| format!("{class}: {key}\n{text}\nsource: WARD\n"));
    let applied = commit(registry, class, key, text);
    registry.apply(&[applied]).unwrap();
}

fn contact(registry: &Registry, address: &str) -> String {
    let answer = registry.answer(ip(address), ip(address));
    answer.contact.map(|contact| contact.address).unwrap_or_default()
}

#[test]
fn a_network_that_is_added_changed_or_removed_is_seen_by_the_next_query() {
    let (_node, registry) = open(settings(), WORLD);
    let key = "192.0.2.64 - 192.0.2.95";
    assert_eq!(contact(&registry, "192.0.2.70"), "cert@skerry.example");
    change(&registry, "inetnum", key, Some("netname: LAB\nmnt-irt: IRT-QUAY"));
    assert_eq!(contact(&registry, "192.0.2.70"), "cert@quay.example");
    let answer = registry.answer(ip("192.0.2.70"), ip("192.0.2.70"));
    assert_eq!((answer.netname.as_str(), answer.networks.len()), ("LAB", 2));
    assert_eq!(answer.country, "SI", "of the network around it");
    change(&registry, "inetnum", key, Some("netname: LAB\norg: ORG-Q1-WARD"));
    assert_eq!(contact(&registry, "192.0.2.70"), "cert@skerry.example", "the nearest that names a team");
    change(&registry, "inetnum", "192.0.2.0 - 192.0.2.255", Some("netname: CAMPUS"));
    assert_eq!(contact(&registry, "192.0.2.70"), "abuse@quay.example");
    change(&registry, "inetnum", key, None);
    assert_eq!(contact(&registry, "192.0.2.70"), "");
    change(&registry, "inet6num", "2001:db8::/32", Some("mnt-irt: IRT-QUAY"));
    assert_eq!(contact(&registry, "2001:db8::7"), "cert@quay.example");
}

#[test]
fn a_team_a_role_and_an_organisation_that_change_change_the_answers() {
    let (_node, registry) = open(settings(), WORLD);
    change(&registry, "irt", "IRT-SKERRY", Some("e-mail: new@skerry.example"));
    assert_eq!(contact(&registry, "192.0.2.1"), "new@skerry.example");
    change(&registry, "inetnum", "198.51.100.0 - 198.51.100.255", Some("org: ORG-Q1-WARD"));
    assert_eq!(contact(&registry, "198.51.100.1"), "abuse@quay.example");
    change(&registry, "role", "Q1-WARD", None);
    assert_eq!(contact(&registry, "198.51.100.1"), "");
    change(&registry, "organisation", "ORG-Q1-WARD", Some("abuse-c: Q2-WARD"));
    let role = "nic-hdl: Q2-WARD\nabuse-mailbox: second@quay.example";
    let text = format!("role: Second desk\n{role}\nsource: WARD\n");
    let applied = commit(&registry, "role", "Q2-WARD", Some(text));
    registry.apply(&[applied]).unwrap();
    assert_eq!(contact(&registry, "198.51.100.1"), "second@quay.example");
    change(&registry, "aut-num", "AS64500", Some("as-name: QUAY\nmnt-irt: IRT-QUAY"));
    let of_as = registry.snapshot().answer_asn(64_500);
    assert_eq!(of_as.contact.unwrap().address, "cert@quay.example");
    change(&registry, "irt", "IRT-QUAY", None);
    assert!(registry.snapshot().answer_asn(64_500).contact.is_none());
}

#[test]
fn a_network_across_a_border_is_left_out_and_told() {
    let (_node, registry) = open(settings(), WORLD);
    change(&registry, "inetnum", "192.0.2.128 - 192.0.3.255", Some("mnt-irt: IRT-QUAY"));
    assert_eq!(contact(&registry, "192.0.2.200"), "cert@skerry.example");
    assert_eq!(contact(&registry, "192.0.3.1"), "");
    let snapshot = registry.snapshot();
    let report = snapshot.report();
    assert_eq!((report.overlapping, report.networks), (1, 1));
    assert!(report.overlaps[0].contains("192.0.2.128 - 192.0.3.255"), "{:?}", report.overlaps);
}

/// Another process on the same database.
fn beside(registry: &Registry, settings: Settings) -> Registry {
    Registry::with(registry.node().clone(), registry.teams().clone(), settings).unwrap()
}

#[test]
fn another_process_sees_changes_and_imports_when_it_looks() {
    let (node, registry) = open(settings(), WORLD);
    let other = beside(&registry, settings());
    assert!(!other.refresh().unwrap());
    change(&registry, "inetnum", "198.51.100.0 - 198.51.100.255", Some("mnt-irt: IRT-QUAY"));
    change(&registry, "irt", "IRT-SKERRY", None);
    assert_eq!(contact(&other, "198.51.100.1"), "");
    assert!(other.refresh().unwrap());
    assert_eq!(
        (contact(&other, "198.51.100.1"), contact(&other, "192.0.2.1")),
        ("cert@quay.example".into(), String::new())
    );
    assert!(!other.refresh().unwrap());
    // The process itself finds its own changes in the journal, too: nothing happens.
    registry.refresh().unwrap();
    assert_eq!(registry.index().changes(), 1);
    let file = node.folder.path().join("more.rpsl");
    std::fs::write(&file, "inetnum: 203.0.113.0/24\nmnt-irt: IRT-QUAY\nsource: OTHER\n").unwrap();
    other.import(&Granted::for_node(), &[file], Options::default(), &mut |_| {}).unwrap();
    assert!(registry.refresh().unwrap());
    assert_eq!(contact(&registry, "203.0.113.9"), "cert@quay.example");
}

#[test]
fn while_an_import_runs_elsewhere_the_index_is_left_to_it() {
    let (node, registry) = open(settings(), WORLD);
    let (importing, serving) = (beside(&registry, kept(&node)), beside(&registry, kept(&node)));
    let announced = importing.announce_import();
    assert!(announced.is_some());
    import(&node, &registry, "inetnum: 203.0.113.0/24\nmnt-irt: IRT-QUAY\nsource: OTHER\n");
    assert!(!serving.refresh().unwrap(), "it waits for the index");
    assert_eq!(contact(&serving, "203.0.113.9"), "");
    drop(announced);
    assert!(serving.refresh().unwrap());
    assert_eq!(contact(&serving, "203.0.113.9"), "cert@quay.example");
}

fn kept(node: &TestNode) -> Settings {
    Settings { index_file: Some(node.folder.path().join("registry.index")), ..settings() }
}

#[test]
fn a_node_starts_from_its_file_with_what_changed_since() {
    let (node, registry) = open(settings(), WORLD);
    let first = beside(&registry, kept(&node));
    change(&first, "inetnum", "198.51.100.0 - 198.51.100.255", Some("mnt-irt: IRT-QUAY"));
    let again = beside(&registry, kept(&node));
    assert_eq!(again.index().changes(), 1, "the rest came from the file");
    assert_eq!(
        (contact(&again, "198.51.100.1"), contact(&again, "192.0.2.1")),
        ("cert@quay.example".into(), "cert@skerry.example".into())
    );
}

#[test]
fn a_damaged_or_foreign_file_is_made_anew() {
    let (node, registry) = open(settings(), WORLD);
    let file = node.folder.path().join("registry.index");
    drop(beside(&registry, kept(&node)));
    let good = std::fs::read(&file).unwrap();
    for damage in [1usize, 20, 40, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[damage] ^= 0x10;
        std::fs::write(&file, &bad).unwrap();
        let again = beside(&registry, kept(&node));
        assert_eq!(contact(&again, "192.0.2.1"), "cert@skerry.example", "byte {damage}");
        assert_eq!(std::fs::read(&file).unwrap(), good, "written anew after byte {damage}");
    }
    std::fs::write(&file, &good[..good.len() - 9]).unwrap();
    assert_eq!(contact(&beside(&registry, kept(&node)), "192.0.2.1"), "cert@skerry.example");
    // The file of another database says nothing about this one.
    let (foreign, other) = open(settings(), "");
    foreign.clock.advance(7);
    import(&foreign, &other, "irt: IRT-OTHER\ne-mail: cert@other.example\nsource: WARD\n");
    std::fs::copy(&file, foreign.folder.path().join("registry.index")).unwrap();
    assert_eq!(contact(&beside(&other, kept(&foreign)), "192.0.2.1"), "");
}

#[test]
fn many_changes_are_merged_while_more_come() {
    let (_node, registry) = open(settings(), WORLD);
    let network = |n: u32| {
        let key = format!("10.{}.{}.0 - 10.{}.{}.255", n / 250, n % 250, n / 250, n % 250);
        Applied {
            row: 1_000 + i64::from(n),
            source: "WARD".into(),
            class: "inetnum".into(),
            raw: Some(format!("inetnum: {key}\nmnt-irt: IRT-QUAY\nsource: WARD\n").into_bytes()),
            key,
        }
    };
    let all: Vec<Applied> = (0..6_000).map(network).collect();
    for some in all.chunks(500) {
        registry.apply(some).unwrap();
        assert_eq!(contact(&registry, "10.0.0.1"), "cert@quay.example");
    }
    let begun = Instant::now();
    while registry.index().changes() > super::MANY {
        assert!(begun.elapsed() < Duration::from_secs(60), "never merged");
        std::thread::sleep(Duration::from_millis(10));
    }
    for n in [0, 3_999, 4_000, 5_999] {
        assert_eq!(contact(&registry, &format!("10.{}.{}.9", n / 250, n % 250)), "cert@quay.example", "{n}");
    }
    assert_eq!(registry.snapshot().report().networks, 6_001);
}

#[derive(Debug, Clone)]
enum Step {
    Network(u8, u8, u8),
    Gone(u8, u8),
    Team(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0u8..16, 0u8..16, 0u8..4).prop_map(|(a, b, team)| Step::Network(a.min(b), a.max(b), team)),
        3 => (0u8..16, 0u8..16).prop_map(|(a, b)| Step::Gone(a.min(b), a.max(b))),
        1 => (0u8..4, any::<bool>()).prop_map(|(team, there)| Step::Team(team, there)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn after_any_changes_the_answers_are_those_of_reading_all_anew(steps in prop::collection::vec(step(), 1..30)) {
        let (_node, registry) = open(settings(), WORLD);
        let mut crossing = false;
        for step in steps {
            match step {
                Step::Network(from, to, team) => {
                    let key = format!("203.0.113.{} - 203.0.113.{}", from * 16, to * 16 + 15);
                    let range = rpsl::range::parse_inetnum(&key).unwrap();
                    // Which of two that cross is left out depends on who comes first.
                    if registry.index().crossing(range.first(), range.last()).is_some() {
                        crossing = true;
                        continue;
                    }
                    let irt = if team == 0 { String::new() } else { format!("mnt-irt: IRT-T{team}") };
                    change(&registry, "inetnum", &key, Some(&format!("netname: N{from}-{to}\n{irt}")));
                }
                Step::Gone(from, to) => {
                    change(&registry, "inetnum", &format!("203.0.113.{} - 203.0.113.{}", from * 16, to * 16 + 15), None);
                }
                Step::Team(team, there) => {
                    let text = format!("e-mail: cert@t{team}.example");
                    change(&registry, "irt", &format!("IRT-T{team}"), there.then_some(text.as_str()));
                }
            }
        }
        let anew = beside(&registry, settings());
        for last in 0..=255u8 {
            let address = ip(&format!("203.0.113.{last}"));
            let (own, other) = (registry.answer(address, address), anew.answer(address, address));
            prop_assert_eq!(own.chain, other.chain);
            prop_assert_eq!(own.networks, other.networks);
            prop_assert_eq!(own.contact, other.contact);
        }
        prop_assert!(crossing || registry.snapshot().report().overlapping == 0);
    }
}
