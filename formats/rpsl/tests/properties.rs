//! For any bytes: no panic, nothing lost, and the stream gives what the whole gives.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rpsl::range::{parse_as_number, parse_range};
use rpsl::{AddressRange, Limits, Notes, Object, Record, Splitter, objects, objects_within};

/// Bytes with plenty of what the grammar knows.
fn dump() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "\n", "\n\n", "\r\n", " ", "\t", "+", "#", "%", ":", ",", "irt:", "inetnum:", "inet6num:", "route: ", "origin: AS1.",
            "key-cert: PGPKEY-89ABCDEF", "certif:", "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END", "e-mail: a@b.example",
            "mnt-irt: ", "person: X\nnic-hdl:", "organisation: O", "mntner: M\nauth: SSO", "aut-num: AS", "role: ", "192.0.2.0", " - ", "/24",
            "2001:db8::", "source: T # Filtered", "remarks: a #b\n+c",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn walk(object: Object<'_>) {
    let mut notes = Notes::default();
    let _ = Record::read(&object, &mut notes);
    let _ = (object.key(), object.class(), object.malformed().count());
    for error in notes.iter() {
        let _ = error.to_string();
    }
    for attribute in object.attributes() {
        let _ = (
            attribute.value(),
            attribute.comment(),
            attribute.items().count(),
            attribute.text_lines().count(),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop_oneof![dump(), prop::collection::vec(any::<u8>(), 0..400)]) {
        for object in objects(&bytes) {
            match object {
                Ok(object) => walk(object),
                Err(error) => drop(error.to_string()),
            }
        }
        for object in objects_within(&bytes, Limits { bytes: 30, attributes: 2 }).flatten() {
            walk(object);
        }
    }

    #[test]
    fn objects_come_back_byte_for_byte(
        written in prop::collection::vec(("[a-z][a-z0-9-]{0,8}:[ -~]{0,20}(\r?\n[a-z]{1,5}:[ -~\u{e4}]{0,20}|\n[ +\t][!-~]{1,9}){0,6}\n", "([ \t]*\r?\n){1,3}([%#][ -~]{0,9}\n){0,2}"), 0..8)
    ) {
        let text: String = written.iter().flat_map(|(object, gap)| [object.as_str(), gap.as_str()]).collect();
        let cut: Vec<_> = objects(text.as_bytes()).map(|object| object.unwrap()).collect();
        prop_assert_eq!(cut.len(), written.len());
        for (object, (bytes, _)) in cut.iter().zip(&written) {
            prop_assert_eq!(object.raw(), bytes.as_bytes());
            // the line number leads to the object
            let before: usize = text.split_inclusive('\n').take(usize::try_from(object.line()).unwrap() - 1).map(str::len).sum();
            prop_assert!(text.as_bytes()[before..].starts_with(object.raw()));
        }
    }

    #[test]
    fn a_stream_gives_what_the_whole_gives(bytes in dump(), cuts in prop::collection::vec(1usize..40, 1..60), limit in 10usize..200) {
        let limits = Limits { bytes: limit, attributes: 4 };
        let whole: Vec<_> = objects_within(&bytes, limits).map(|o| o.map(|o| (o.line(), o.raw().to_vec()))).collect();
        let mut splitter = Splitter::new(limits);
        let mut streamed = Vec::new();
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            let (chunk, after) = rest.split_at((*cut).min(rest.len()));
            splitter.feed(chunk);
            rest = after;
            if rest.is_empty() {
                splitter.finish();
            }
            while let Some(object) = splitter.next_object() {
                streamed.push(object.map(|o| (o.line(), o.raw().to_vec())));
            }
            prop_assert!(splitter.held() <= limit + 2 * 40);
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(streamed, whole);
    }

    #[test]
    fn every_range_is_read_as_written(a in any::<std::net::IpAddr>(), b in any::<std::net::IpAddr>(), length in 0u8..=128) {
        if a.is_ipv4() == b.is_ipv4() {
            let range = AddressRange::new(a.min(b), a.max(b)).unwrap();
            prop_assert_eq!(parse_range(&range.to_string()), Ok(range));
        }
        if let Ok(range) = parse_range(&format!("{a}/{length}")) {
            prop_assert_eq!(range.prefix_length(), Some(length));
            prop_assert_eq!(range.first(), a);
        }
    }

    #[test]
    fn no_text_makes_a_range_panic(text in "[0-9a-fA-FS:./ -]{0,40}|\\PC{0,20}") {
        let _ = (parse_range(&text), parse_as_number(&text));
    }
}
