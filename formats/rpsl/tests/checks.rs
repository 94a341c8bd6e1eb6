//! What an update is told about its text before anything else is looked at.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use rpsl::check::{MOST_FINDINGS, Severity, check};
use rpsl::template::{AttributeName, Template};
use rpsl::{KeyReference, Object, Resolved};

const TEAM: &str = "\
irt:            IRT-EXAMPLE
address:        Example Street 1
                Example Town
phone:          +386 1 555 01 00 ext. 12
e-mail:         team@cert.example
contact:        sip:team@cert.example
signature:      PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567
encryption:     PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567
admin-c:        EX1-TEST
tech-c:         AUTO-1
auth:           PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567
auth:           SSO team@cert.example
remarks:        ticket #12 — čšž
irt-nfy:        irt@cert.example
mnt-by:         EXAMPLE-MNT, OTHER-MNT
source:         TEST # Filtered
";

fn told(text: &[u8]) -> Vec<String> {
    let object = Object::parse(text).unwrap();
    let template = Template::of(&object.class()).unwrap();
    check(&object, template).into_iter().map(|finding| format!("{}: {finding}", finding.severity)).collect()
}

/// The one finding of the team with a line in place of another.
fn told_of(line: &str, instead: &str) -> String {
    assert!(TEAM.contains(line));
    let told = told(TEAM.replace(line, instead).as_bytes());
    assert_eq!(told.len(), 1, "{told:?}");
    told.into_iter().next().unwrap()
}

#[test]
fn a_team_as_it_should_be_is_taken_without_a_word() {
    assert_eq!(told(TEAM.as_bytes()), [""; 0]);
}

#[test]
fn every_finding_says_what_where_and_what_to_do() {
    for (line, instead, expected) in [
        (
            "phone:          +386 1 555 01 00 ext. 12",
            "phone: 555",
            "Error: line 4, phone: \"555\" does not fit. It should be: + and numbers",
        ),
        (
            "mnt-by:         EXAMPLE-MNT, OTHER-MNT\n",
            "",
            "Error: line 1, mnt-by: it is missing and must stand",
        ),
        (
            "EXAMPLE-MNT, OTHER-MNT",
            "EXAMPLE-MNT OTHER-MNT",
            "Error: line 15, mnt-by: \"EXAMPLE-MNT OTHER-MNT\" does not fit",
        ),
        ("mnt-by:         EXAMPLE-MNT, OTHER-MNT", "mnt-by:", "Error: line 15, mnt-by: it is empty"),
        ("EXAMPLE-MNT, OTHER-MNT", "any", "Error: line 15, mnt-by: \"any\" is a word of RPSL"),
        (
            "source:         TEST # Filtered\n",
            "source: TEST\nsource: TEST\n",
            "Error: line 17, source: it may stand once only",
        ),
        (
            "remarks:        ticket",
            "geoloc: 46 14\nremarks: ticket",
            "Error: line 13, geoloc: objects of the class irt do not have",
        ),
        ("remarks:        ticket", "rm: ticket", "Error: line 13, rm: this is the short name of remarks"),
        (
            "remarks:        ticket",
            "colour: ticket",
            "Error: line 13, colour: there is no attribute of this name",
        ),
        (
            "remarks:        ticket",
            "no attribute",
            "Error: line 13: \"no attribute #12 — čšž\" is not an attribute",
        ),
        ("ticket", "a\u{7}b", "Error: line 13, remarks: it holds control characters"),
        ("SSO team@cert.example", "SSO", "Error: line 12, auth: SSO must be followed"),
        ("SSO team@cert.example", "PGPKEY-01234567", "Warning: line 12, auth: PGPKEY-01234567 is an alias"),
        (
            "SSO team@cert.example",
            "PGPKEY-0123",
            "Error: line 12, auth: \"PGPKEY-0123\" is not the name of a key",
        ),
        (
            "SSO team@cert.example",
            "MAIL-FROM .*@cert.example",
            "Error: line 12, auth: MAIL-FROM proves nothing",
        ),
        (
            "irt@cert.example",
            "unread@ripe.net",
            "Warning: line 14, irt-nfy: \"unread@ripe.net\" is a placeholder",
        ),
        ("irt@cert.example", "irt", "Error: line 14, irt-nfy: \"irt\" is not one mail address"),
        (
            "sip:team@cert.example",
            "javascript:alert(1)",
            "Error: line 6, contact: \"javascript:alert(1)\" does not fit",
        ),
    ] {
        let told = told_of(line, instead);
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn passwords_are_refused_and_not_repeated() {
    let told = told_of("SSO team@cert.example", "MD5-PW $1$abcdefgh$0123456789abcdefghij..");
    assert!(
        told.starts_with("Error: line 12, auth: passwords are not taken") && !told.contains("$1$"),
        "{told}"
    );
}

#[test]
fn old_and_other_shapes_of_a_team_are_told_apart_from_mistakes() {
    let changed = told_of("source:", "changed: team@cert.example 20040101\nsource:");
    assert!(changed.starts_with(
        "Warning: line 16, changed: deprecated attribute \"changed\". This attribute has been removed"
    ));
    let apnic = TEAM.replace("e-mail:         team@", "abuse-mailbox: team@");
    assert_eq!(told(apnic.as_bytes()), [""; 0]);
    assert!(
        told_of("irt-nfy: ", "abuse-mailbox: x\nirt-nfy: ")
            .contains("abuse-mailbox: \"x\" is not one mail address")
    );
}

#[test]
fn what_is_not_utf_8_is_read_and_told() {
    let mut latin = TEAM.as_bytes().to_vec();
    let at = TEAM.find("Street").unwrap();
    latin[at] = 0xE8;
    let told = told(&latin);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("Warning: line 2, address: it is not in UTF-8"), "{told:?}");
}

#[test]
fn networks_and_routes_are_checked_by_their_numbers() {
    let network = "inetnum: 192.0.2.0/24\nnetname: EXAMPLE\ncountry: SI\nadmin-c: EX1-TEST\ntech-c: EX1-TEST\nstatus: ASSIGNED PA\nmnt-by: EXAMPLE-MNT\nsource: TEST\n";
    assert_eq!(
        told(network.as_bytes()),
        ["Info: line 1, inetnum: \"192.0.2.0/24\" is registered as 192.0.2.0 - 192.0.2.255"]
    );
    let wrong = network
        .replace("192.0.2.0/24", "192.0.2.1/24")
        .replace("SI", "XX")
        .replace("ASSIGNED PA", "ASSIGNED");
    let told_wrong = told(wrong.as_bytes());
    assert_eq!(told_wrong.len(), 3, "{told_wrong:?}");
    assert!(told_wrong[0].contains("the network would be 192.0.2.0 - 192.0.2.255"));

    let route = "route: 192.0.2.0/24\norigin: AS64496\nholes: 192.0.2.128/25, 198.51.100.0/24\nmnt-by: EXAMPLE-MNT\nsource: TEST\n";
    assert_eq!(
        told(route.as_bytes()),
        ["Error: line 3, holes: \"198.51.100.0/24\" does not lie in the route's own prefix"]
    );
    let route = "route6: 2001:db8::/32\norigin: AS1.10\nmnt-by: EXAMPLE-MNT\nsource: TEST\n";
    assert_eq!(told(route.as_bytes()), ["Error: line 2, origin: \"AS1.10\" must be written as AS65546"]);
    let filter =
        "filter-set: FLTR-A\ntech-c: EX1-TEST\nadmin-c: EX1-TEST\nmnt-by: EXAMPLE-MNT\nsource: TEST\n";
    assert!(
        told(filter.as_bytes())[0].starts_with("Error: line 1, filter: it is missing: filter or mp-filter")
    );
}

#[test]
fn a_broken_key_block_is_told_at_its_line() {
    let key = "key-cert: PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567\ncertif: -----BEGIN PGP PUBLIC KEY BLOCK-----\ncertif:\ncertif: mQ\nmnt-by: EXAMPLE-MNT\nsource: TEST\n";
    let told = told(key.as_bytes());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("Error: line 2, certif:") && told[0].contains("END line is missing"),
        "{told:?}"
    );
}

#[test]
fn an_object_of_nothing_but_mistakes_does_not_fill_the_memory() {
    let text = format!("irt: IRT-A\n{}", "x: y\n".repeat(5_000));
    let object = Object::parse(text.as_bytes()).unwrap();
    let findings = check(&object, Template::of("irt").unwrap());
    assert_eq!(findings.len(), MOST_FINDINGS + 1);
    assert!(findings.last().unwrap().message.ends_with("more findings are not shown; mend these first"));
}

#[test]
fn an_alias_of_a_key_is_refused_when_two_keys_end_alike() {
    let key = |name: &str| KeyReference::parse(name).unwrap();
    let (a, b) = ("0123456789ABCDEF0123456789ABCDEF89ABCDEF", "FFFF456789ABCDEF0123456789ABCDEF89ABCDEF");
    let six = format!("89ABCDEF01234567{}", "0".repeat(48));
    let short = key("PGPKEY-89ABCDEF");
    assert_eq!(short.resolve([a]), Resolved::One(a));
    assert_eq!(short.resolve([a, a]), Resolved::One(a));
    assert_eq!(short.resolve([a, b]), Resolved::Ambiguous);
    assert_eq!(short.resolve([a, &six]), Resolved::Ambiguous);
    assert_eq!(key("PGPKEY-0123456789ABCDEF").resolve([a, b]), Resolved::None);
    assert_eq!(key(&format!("PGPKEY-{b}")).resolve([a, b]), Resolved::One(b));
    assert_eq!(key("PGPKEY-89ABCDEF01234567").resolve([a, &six]), Resolved::One(&*six));
    assert_eq!(key("X509-1").resolve([a]), Resolved::None);
    assert!(!key(&format!("PGPKEY-{}", &six[..40])).matches(&six));
    assert!(key(&format!("PGPKEY-{a}")).is_whole() && !short.is_whole());
}

/// The test objects of the RIPE server: how many pass, and why others do not. Most of the teams and maintainers there
/// have a password, which is not taken here; many objects are cut short or broken on purpose.
#[test]
fn the_ripe_test_objects_pass_or_are_refused_with_a_reason() {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/registry/ripe-test-objects"
    ));
    let Ok(files) = std::fs::read_dir(&folder) else {
        return println!("left out: {} is not beside the clone", folder.display());
    };
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for file in
        files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "rpsl"))
    {
        let bytes = std::fs::read(&file).unwrap();
        for object in rpsl::objects(&bytes).flatten() {
            let Some(template) = Template::of(&object.class()) else { continue };
            let count = counts.entry(template.class().to_owned()).or_default();
            let findings = check(&object, template);
            let errors: Vec<_> =
                findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
            if errors.is_empty() {
                count.0 += 1;
            } else {
                count.1 += 1;
                for error in errors {
                    let attribute = error.attribute.as_deref().unwrap_or("-");
                    *reasons.entry(format!("{attribute}: {}", error.message)).or_default() += 1;
                }
            }
        }
    }
    for (class, (pass, refused)) in &counts {
        println!("{class}: {pass} pass, {refused} are refused");
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    for (reason, times) in &reasons {
        println!("{times:5}  {reason}");
    }
    let expected = [
        ("as-block", 32, 9),
        ("as-set", 59, 11),
        ("aut-num", 245, 57),
        ("domain", 98, 27),
        ("inet6num", 260, 89),
        ("inetnum", 586, 140),
        ("irt", 4, 32),
        ("key-cert", 106, 20),
        ("mntner", 42, 368),
        ("organisation", 246, 61),
        ("person", 265, 130),
        ("role", 89, 90),
        ("route", 102, 60),
        ("route6", 76, 19),
    ];
    let counts: Vec<_> = counts.iter().map(|(class, (pass, refused))| (&**class, *pass, *refused)).collect();
    assert_eq!(counts, expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_object_makes_the_check_panic(
        class in prop::sample::select(Template::all().map(Template::class).collect::<Vec<_>>()),
        lines in prop::collection::vec((0..AttributeName::ALL.len(), "\\PC{0,30}|[A-Za-z0-9@.,:/^{}() -]{0,40}"), 0..20),
    ) {
        let mut text = format!("{class}: x\n");
        for (at, value) in lines {
            text.push_str(&format!("{}: {value}\n", AttributeName::ALL[at]));
        }
        let object = Object::parse(text.as_bytes()).unwrap();
        for finding in check(&object, Template::of(class).unwrap()) {
            prop_assert!(!finding.to_string().is_empty());
        }
    }
}
