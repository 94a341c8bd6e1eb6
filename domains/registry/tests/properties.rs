//! For any input: the rule agrees with a search through all networks, and nothing that is read makes it fall over.

#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use registry::cli::{Format, Lookup, look_up};
use registry::{Basis, Index, Resource, Snapshot};

/// A network of 10.0.0.0/24: its ends, and whether it names the team `IRT-n`.
type Range = (u8, u8, bool);

fn snapshot(dump: &[u8]) -> Snapshot {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump");
    std::fs::write(&file, dump).unwrap();
    Snapshot::of(Index::from_files(&[file]).unwrap().0)
}

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(10, 0, 0, last).into()
}

/// Those of `ranges` that neither cross nor equal an earlier one.
fn nested(ranges: Vec<Range>) -> Vec<Range> {
    let mut kept: Vec<Range> = Vec::new();
    for (a, b, irt) in ranges {
        let (first, last) = (a.min(b), a.max(b));
        let fits = kept.iter().all(|(from, to, _)| {
            let apart = last < *from || first > *to;
            let inside = first >= *from && last <= *to || *from >= first && *to <= last;
            (apart || inside) && (first, last) != (*from, *to)
        });
        if fits {
            kept.push((first, last, irt));
        }
    }
    kept
}

fn dump(ranges: &[Range]) -> String {
    let mut text = String::new();
    for (n, (first, last, irt)) in ranges.iter().enumerate() {
        text += &format!("inetnum: 10.0.0.{first} - 10.0.0.{last}\nsource: T\n");
        if *irt {
            text += &format!("mnt-irt: IRT-{n}\n\nirt: IRT-{n}\ne-mail: t{n}@a.example\nsource: T\n");
        }
        text += "\n";
    }
    text
}

fn args(format: Format) -> Lookup {
    Lookup { registry: vec![], format, timing: false, resources: vec!["-".to_owned()] }
}

fn run(snapshot: &Snapshot, format: Format, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let own = snapshot.clone();
    look_up(&args(format), || Ok(own), &mut &*input, &mut out, &mut std::io::sink()).unwrap();
    out
}

proptest! {
    #[test]
    fn the_answer_is_the_smallest_network_that_names_a_team(
        ranges in proptest::collection::vec(any::<Range>(), 0..40),
        asked in any::<(u8, u8)>(),
    ) {
        let ranges = nested(ranges);
        let snapshot = snapshot(dump(&ranges).as_bytes());
        let (first, last) = (asked.0.min(asked.1), asked.0.max(asked.1));
        let around = ranges.iter().enumerate().filter(|(_, (from, to, _))| *from <= first && last <= *to);
        let expected = around
            .clone()
            .filter(|(_, (.., irt))| *irt)
            .min_by_key(|(_, (from, to, _))| to - from)
            .map(|(n, _)| format!("IRT-{n}"));
        let answer = snapshot.answer(address(first), address(last));
        prop_assert_eq!(answer.irt.map(|irt| irt.name), expected.clone());
        prop_assert_eq!(answer.networks.len(), around.count());
        prop_assert_eq!(answer.networks.iter().filter(|network| network.found).count(), usize::from(expected.is_some()));
        let whole = snapshot.answer(address(first), address(first));
        let brief = snapshot.brief(address(first));
        prop_assert_eq!(whole.irt.as_ref().map(|irt| irt.name.as_str()), brief.irt);
        prop_assert_eq!(whole.basis, brief.basis);
    }

    #[test]
    fn a_list_is_answered_as_each_of_its_addresses_is(
        ranges in proptest::collection::vec(any::<Range>(), 0..20),
        list in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let snapshot = snapshot(dump(&nested(ranges)).as_bytes());
        let text: String = list.iter().map(|last| format!("{}\n", address(*last))).collect();
        let out = String::from_utf8(run(&snapshot, Format::Ndjson, text.as_bytes())).unwrap();
        let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(rows.len(), list.len());
        for (row, last) in rows.iter().zip(&list) {
            let brief = snapshot.brief(address(*last));
            prop_assert_eq!(&row["address"], &address(*last).to_string());
            prop_assert_eq!(&row["irt"], brief.irt.unwrap_or_default());
            prop_assert_eq!(&row["basis"], brief.basis.name());
        }
    }

    #[test]
    fn any_bytes_are_a_dump(dump in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let snapshot = snapshot(&dump);
        prop_assert!(snapshot.report().networks <= dump.len());
        prop_assert_eq!(snapshot.answer(address(0), address(255)).basis, Basis::Nobody);
    }

    #[test]
    fn any_bytes_are_a_list(input in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let snapshot = snapshot(b"inetnum: 10.0.0.0/8\nsource: T\n");
        for format in [Format::Table, Format::Json, Format::Ndjson, Format::Csv] {
            let out = run(&snapshot, format, &input);
            prop_assert!(String::from_utf8(out).is_ok());
        }
    }

    #[test]
    fn any_text_is_a_resource_or_refused(text in "\\PC{0,80}") {
        if let Ok(resource) = Resource::parse(&text) {
            let answer = snapshot(b"").answer_resource(&resource);
            prop_assert!(!answer.asked.is_empty());
        }
    }

    #[test]
    fn a_canonical_answer_can_be_asked_again(a in any::<u128>(), b in any::<u128>()) {
        let (first, last): (IpAddr, IpAddr) =
            (std::net::Ipv6Addr::from_bits(a.min(b)).into(), std::net::Ipv6Addr::from_bits(a.max(b)).into());
        let asked = snapshot(b"").answer(first, last).asked;
        let again = Resource::parse(&asked).unwrap();
        let same = match again {
            Resource::Addresses(from, to) => (from, to) == (first.to_canonical(), last.to_canonical()),
            _ => false,
        };
        prop_assert!(same, "{asked}");
    }
}
