//! Whole documents: read, written, read again.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rfc2350::{Document, MOST_BYTES, NoteKind, Section, facts, parse};

const RENUMBERED: &str = "\
TLP:CLEAR
CERT Skerry - RFC 2350
Version 1.4

1. About this Document
1.1 Last update ............ 2
1.2 Distribution list ...... 2

1. About this Document

1.1 Last Update
This is version 1.4, published 14 March 2026.

1.2 Distribution List
Nobody.

1.5 Document Identification
Title: RFC 2350 Skerry

2. Contact
2.2 Full Name
CERT Skerry
2.3 Postal address
1 Quay Street
Skerry
2.4 Timezone: Europe/Copenhagen
2.5 Visitors
By the quay.
3. Charter
3.1 Mission
We help:
1. when something happens,
2. before.
";

#[test]
fn a_renumbered_document_is_placed_by_its_titles() {
    let parsed = parse(RENUMBERED.as_bytes()).unwrap();
    let document = &parsed.document;
    assert_eq!(document.title(), "TLP:CLEAR");
    assert_eq!(document.preface(), "CERT Skerry - RFC 2350\nVersion 1.4");
    assert_eq!(document.label().unwrap().to_string(), "TLP:CLEAR");
    assert_eq!(document.get(Section::LastUpdate), Some("This is version 1.4, published 14 March 2026."));
    assert_eq!(document.get(Section::Notifications), Some("Nobody."));
    assert_eq!(document.get(Section::TeamName), Some("CERT Skerry"));
    assert_eq!(document.get(Section::Address), Some("1 Quay Street\nSkerry"));
    assert_eq!(document.get(Section::TimeZone), Some("Europe/Copenhagen"));
    assert_eq!(document.get(Section::Mission), Some("We help:\n1. when something happens,\n2. before."));
    let others: Vec<_> = document.others().collect();
    assert_eq!(others, [("Document Identification", "Title: RFC 2350 Skerry"), ("Visitors", "By the quay.")]);
    let said: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[1].contains("Document Identification") && said[1].starts_with("line 17"), "{said:?}");
}

#[test]
fn a_text_that_lost_its_line_breaks_is_placed_too() {
    let flat = "-----BEGIN PGP SIGNED MESSAGE----- Hash: SHA256 Lab CERT (version 1.0) 1. About this document See RFC2350. \
        1.1 Date of Last Update This is version 1.0, published 2021-06-30. 2. Contact Information 2.1 Name of the Team The team \
        is named Lab CERT (see 2.8). 2.3 Time Zone UTC+02:00 2.4 Telephone Number +00 5550 0223 2.7 Electronic Mail Address \
        Write to cert@lab.example. 6. Incident Reporting Forms None.";
    let parsed = parse(flat.as_bytes()).unwrap();
    let document = &parsed.document;
    assert!(parsed.is_signed);
    assert_eq!(document.title(), "Lab CERT (version 1.0)");
    assert_eq!(document.get(Section::TeamName), Some("The team is named Lab CERT (see 2.8)."));
    assert_eq!(facts::telephones(document.get(Section::Telephone).unwrap()), ["+00 5550 0223"]);
    assert_eq!(facts::mail_addresses(document.get(Section::Mail).unwrap()), ["cert@lab.example"]);
    assert_eq!(facts::day(document.get(Section::LastUpdate).unwrap()).as_deref(), Some("2021-06-30"));
    assert_eq!(document.get(Section::Forms), Some("None."));
    assert!(parsed.notes.iter().any(|note| note.what == NoteKind::BreaksRestored));
}

#[test]
fn what_is_written_has_the_whole_outline_and_is_read_back_the_same() {
    let mut document = Document::new("CERT Skerry, described by RFC 2350").unwrap();
    document.set(Section::TeamName, "  CERT Skerry\r\n");
    document.set(Section::Mission, "2.1 Name of the Team\nAuthority\n\n\n\n1. A list\n   deeper");
    document.set(Section::Triage, "By two people.");
    document.set(Section::Address, "");
    let text = document.to_text();
    for line in [
        "1. Document Information",
        "2.2 Address",
        "   Not stated.",
        "5.1.1 Incident Triage",
        "7. Disclaimers",
        "   2.1 Name of the Team",
    ] {
        assert!(text.lines().any(|have| have == line), "{line}: {text}");
    }
    assert!(!text.contains("5.1.2"), "{text}");
    let parsed = parse(text.as_bytes()).unwrap();
    assert_eq!(parsed.document, document);
    assert_eq!(parsed.notes, []);
    assert_eq!(
        parsed.document.get(Section::Mission),
        Some("2.1 Name of the Team\nAuthority\n\n1. A list\n   deeper")
    );
}

#[test]
fn what_is_no_such_document_says_so() {
    let parsed = parse(b"Dear all,\nsee you on Monday.\n").unwrap();
    assert_eq!(parsed.document.sections().count(), 0);
    assert!(parsed.notes.iter().any(|note| note.what == NoteKind::NoHeadings));
    assert!(parse(&vec![b'x'; MOST_BYTES + 1]).is_err());
    for title in ["", "Services", "2.1 Name of the Team", "two\nlines", "-----BEGIN PGP SIGNED MESSAGE-----"]
    {
        assert!(Document::new(title).is_err(), "{title:?}");
    }
}

/// Published files, where the collection lies beside the clone.
#[test]
fn published_documents_are_placed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/community/rfc2350");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("left out: no ../shared/data/community/rfc2350 beside the clone");
        return;
    };
    for file in files {
        let path = file.unwrap().path();
        let parsed = parse(&std::fs::read(&path).unwrap()).unwrap();
        let placed = parsed.document.sections().count();
        println!("{}: {placed} sections, {:?}", path.display(), parsed.notes);
        assert!(placed >= 9, "{}", path.display());
        assert_eq!(parsed.document.others().count(), 0, "{}", path.display());
        let mail = parsed.document.get(Section::Mail).map(facts::mail_addresses).unwrap_or_default();
        assert_eq!(mail.len(), 1, "{}", path.display());
        assert_eq!(parse(parsed.document.to_text().as_bytes()).unwrap().document, parsed.document);
    }
}

fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[ #*]{0,4}[0-9]{0,2}[.)]{0,1}[0-9]{0,2}[. ]{0,2}(Name of the Team|Address|CHARTER|Services|Foo Bar|Time zone: x|time)[:* .]{0,4}[0-9]{0,2}",
        "[ ]{0,4}[a-zA-Z0-9*_:.\u{a0}\u{3000}-]{0,12}",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "Hash: SHA256",
        "\\PC{0,40}",
        "(2.1 Name of the Team [a-z ]{100,160} 2.3 Time Zone [a-z ]{100,160})",
    ];
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_read_and_stays_what_it_is_when_written(text in lines()) {
        let parsed = parse(text.as_bytes()).unwrap();
        let written = parsed.document.to_text();
        let again = parse(written.as_bytes()).unwrap();
        prop_assert_eq!(&again.document, &parsed.document, "{}", written);
    }

    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        let parsed = parse(&bytes).unwrap();
        let again = parse(parsed.document.to_text().as_bytes()).unwrap();
        prop_assert_eq!(again.document, parsed.document);
    }

    #[test]
    fn any_text_may_stand_in_a_section(text in lines(), other in lines()) {
        let mut document = Document::new("Lab CERT").unwrap();
        document.set(Section::Constituency, &text);
        document.set(Section::Disclaimers, &other);
        prop_assert_eq!(parse(document.to_text().as_bytes()).unwrap().document, document);
    }

    #[test]
    fn facts_are_taken_out_of_any_text(text in "\\PC{0,80}") {
        for address in facts::mail_addresses(&text) {
            prop_assert!(address.contains('@') && !address.contains(' '));
        }
        prop_assert!(facts::fingerprints(&text).iter().all(|hex| hex.len() == 40 || hex.len() == 64));
        drop(facts::telephones(&text));
        prop_assert!(facts::day(&text).is_none_or(|day| day.len() == 10));
    }
}
