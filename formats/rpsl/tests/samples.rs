//! Real and published objects: the team of the TF-CSIRT paper (RIPE, 2004), APNIC's documented example,
//! and the 3,300 test objects of the RIPE server, some of which are broken on purpose.
//! They lie beside the clone, or the tests say that they were left out.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use rpsl::{Auth, KeyReference, Notes, Object, Record};

fn sample(path: &str) -> Option<Vec<u8>> {
    let file =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/registry")).join(path);
    let bytes = std::fs::read(file).ok();
    if bytes.is_none() {
        println!("left out: {path} is not beside the clone");
    }
    bytes
}

fn read(bytes: &[u8]) -> Vec<(Record, Notes)> {
    let read = |object: Result<Object<'_>, rpsl::Error>| {
        let mut notes = Notes::default();
        (Record::read(&object.unwrap(), &mut notes).unwrap(), notes)
    };
    rpsl::objects(bytes).map(read).collect()
}

#[test]
fn the_team_of_2004_is_read_with_its_keys_and_addresses() {
    let Some(bytes) = sample("seed-irt-si-cert.rpsl") else { return };
    let records = read(&bytes);
    let [(Record::Irt(irt), notes)] = &records[..] else { panic!("one irt: {records:?}") };
    let key = |id: &str| KeyReference::Pgp(id.to_owned());

    assert_eq!(irt.name, "irt-si-cert");
    assert_eq!(irt.mailboxes(), ["si-cert@arnes.si"]);
    assert_eq!(irt.address[3], "Slovenia");
    assert_eq!(
        (&*irt.phones, &*irt.fax),
        (&["+386 1 479 88 22".into()][..], &["+386 1 479 88 99".into()][..])
    );
    assert_eq!((&irt.signature, &irt.encryption), (&vec![key("E236BFD7")], &vec![key("E236BFD7")]));
    assert_eq!(irt.auth, [Auth::Key(key("E236BFD7")), Auth::Key(key("09E1DBB5"))]);
    assert_eq!(irt.irt_nfy, ["si-cert@arnes.si"]);
    assert_eq!(irt.registration.notify, ["tiirt@stelvio.nl", "si-cert@arnes.si"]);
    assert_eq!(irt.registration.remarks.len(), 3);
    assert_eq!(irt.registration.changed, ["gert-henk.bakker@stelvio.nl 20031222"]);
    assert_eq!(irt.registration.source.as_ref().unwrap(), &"RIPE");
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn the_range_of_apnic_leads_to_its_team_and_abuse_mailbox() {
    let Some(bytes) = sample("apnic-doc/irt-example.rpsl") else { return };
    let records = read(&bytes);
    let [(Record::Inetnum(range), _), (Record::Irt(irt), _)] = &records[..] else { panic!("{records:?}") };

    assert_eq!(range.mnt_irt, [irt.name.as_str()]);
    assert_eq!(range.range.prefix_length(), Some(24));
    assert_eq!(range.status.as_deref(), Some("ASSIGNED PORTABLE"));
    assert_eq!(irt.mailboxes(), ["abuse@examplenet.com"]);
    assert!(irt.emails.is_empty());
}

/// What is read and what is refused, class by class. Each figure was looked at: the refused ones are
/// templates (`[mandatory]`), keys that are no ranges, bits behind the prefix, broken key blocks.
#[test]
fn the_ripe_test_objects_are_read_or_refused_with_a_reason() {
    let mut seen: BTreeMap<&str, (usize, Vec<String>)> = BTreeMap::new();
    let classes = [
        "irt",
        "inetnum",
        "inet6num",
        "person",
        "role",
        "organisation",
        "mntner",
        "key-cert",
        "aut-num",
        "route",
        "route6",
        "domain",
        "as-block",
        "as-set",
    ];
    for class in classes {
        let Some(bytes) = sample(&format!("ripe-test-objects/{class}.rpsl")) else { return };
        let (read, refused) = seen.entry(class).or_default();
        for object in rpsl::objects(&bytes) {
            let mut notes = Notes::default();
            match object.and_then(|object| Record::read(&object, &mut notes)) {
                Ok(_) => *read += 1,
                Err(error) => refused.push(format!("{class}.rpsl {error}")),
            }
        }
    }
    for (class, (read, refused)) in &seen {
        println!("{class}: {read} read, {} refused", refused.len());
        for error in refused {
            println!("  {error}");
        }
    }
    let counts = classes.map(|class| (class, seen[class].0, seen[class].1.len()));
    let expected = [
        ("irt", 36, 0),
        ("inetnum", 713, 13),
        ("inet6num", 325, 24),
        ("person", 392, 3),
        ("role", 179, 0),
        ("organisation", 307, 0),
        ("mntner", 410, 0),
        ("key-cert", 110, 16),
        ("aut-num", 298, 4),
        ("route", 160, 2),
        ("route6", 91, 4),
        ("domain", 125, 0),
        ("as-block", 41, 0),
        ("as-set", 70, 0),
    ];
    assert_eq!(counts, expected);
}
