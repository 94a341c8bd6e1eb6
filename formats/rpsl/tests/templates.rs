//! The templates, the keys and the words by which objects are found.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rpsl::Object;
use rpsl::template::{
    AttributeName, Multiplicity, Requirement, Shape, Template, normal_key, normal_terms, terms,
};

fn found(object: &str) -> Vec<String> {
    let object = Object::parse(object.as_bytes()).unwrap();
    terms(&object)
        .into_iter()
        .map(|term| format!("{}{}={}", if term.inverse { "-i " } else { "" }, term.attribute, term.value))
        .collect()
}

#[test]
fn classes_are_known_by_both_names_in_any_case() {
    assert_eq!(Template::all().count(), 21);
    for template in Template::all() {
        assert_eq!(Template::of(template.class()).unwrap().class(), template.class());
        assert_eq!(Template::of(&template.short().to_uppercase()).unwrap().class(), template.class());
        let first = template.attributes()[0];
        assert_eq!(first.attribute.as_str(), template.class());
        assert!(template.attributes().iter().any(|slot| slot.primary));
    }
    assert!(Template::of("person-name").is_none());
}

#[test]
fn the_template_of_a_team_is_printed_as_users_know_it() {
    let expected = "\
irt:            [mandatory]  [single]     [primary/lookup key]
address:        [mandatory]  [multiple]   [ ]
phone:          [optional]   [multiple]   [ ]
fax-no:         [optional]   [multiple]   [ ]
e-mail:         [mandatory]  [multiple]   [lookup key]
signature:      [optional]   [multiple]   [ ]
contact:        [optional]   [multiple]   [ ]
encryption:     [optional]   [multiple]   [ ]
org:            [optional]   [multiple]   [inverse key]
admin-c:        [mandatory]  [multiple]   [inverse key]
tech-c:         [mandatory]  [multiple]   [inverse key]
auth:           [mandatory]  [multiple]   [inverse key]
remarks:        [optional]   [multiple]   [ ]
irt-nfy:        [optional]   [multiple]   [inverse key]
notify:         [optional]   [multiple]   [inverse key]
mnt-by:         [mandatory]  [multiple]   [inverse key]
mnt-ref:        [optional]   [multiple]   [inverse key]
created:        [generated]  [single]     [ ]
last-modified:  [generated]  [single]     [ ]
source:         [mandatory]  [single]     [ ]
";
    let irt = Template::of("it").unwrap();
    assert_eq!(irt.brief(), expected);
    let verbose = irt.verbose();
    assert!(verbose.starts_with("The irt class:\n\n      An incident response team"));
    assert!(verbose.contains(expected));
    assert!(verbose.contains("\nirt-nfy\n\n   Who is told"));
}

/// The facts that the tables were made from, where they lie beside the clone.
#[test]
fn the_templates_are_those_of_the_ripe_database() {
    let file =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/registry/ripe_object_templates.tsv");
    let Ok(facts) = std::fs::read_to_string(file) else {
        return println!("left out: ripe_object_templates.tsv is not beside the clone");
    };
    let mut ours = Vec::new();
    for template in Template::all() {
        for slot in template.attributes() {
            let requirement = match slot.requirement {
                Requirement::Mandatory => "mandatory",
                Requirement::Optional => "optional",
                Requirement::Conditional => "conditional",
                Requirement::Generated => "generated",
            };
            let often = if slot.multiplicity == Multiplicity::Single { "single" } else { "multiple" };
            let keys: Vec<_> = [
                (slot.primary, "primary_key"),
                (slot.lookup, "lookup_key"),
                (slot.inverse, "inverse_key"),
                (slot.as_written, "user_order"),
            ]
            .into_iter()
            .filter_map(|(is, name)| is.then_some(name))
            .collect();
            ours.push(format!(
                "{}\t{}\t{}\t{requirement}\t{often}\t{}",
                template.class(),
                template.order(),
                slot.attribute,
                keys.join(",")
            ));
        }
    }
    let mut theirs: Vec<_> = facts.lines().skip(1).map(str::to_owned).collect();
    // within a class the order counts, among the classes it does not
    let class = |line: &String| line.split('\t').next().unwrap().to_owned();
    ours.sort_by_key(class);
    theirs.sort_by_key(class);
    assert_eq!(ours, theirs);
}

#[test]
fn a_team_is_found_by_name_and_mail_and_by_what_it_refers_to() {
    let irt = "\
irt:            irt-Example
address:        Example Street 1
e-mail:         The Team <Team@CERT.example>
admin-c:        ex1-test, Old Name
tech-c:         EX1-TEST
auth:           PGPKEY-89abcdef
auth:           MD5-PW $1$salt$0123456789abcdefghij..
auth:           SSO somebody@cert.example
irt-nfy:        irt@cert.example
mnt-by:         example-mnt, OTHER-mnt # both
mnt-by:         Example-MNT
source:         TEST
";
    let expected = [
        "-i admin-c=EX1-TEST",
        "-i admin-c=OLD NAME",
        "-i auth=PGPKEY-89ABCDEF",
        "e-mail=team@cert.example",
        "irt=IRT-EXAMPLE",
        "-i irt-nfy=irt@cert.example",
        "-i mnt-by=EXAMPLE-MNT",
        "-i mnt-by=OTHER-MNT",
        "-i tech-c=EX1-TEST",
    ];
    assert_eq!(found(irt), expected);
}

#[test]
fn the_abuse_mailbox_of_apnic_is_searched_for_as_well() {
    let apnic = "irt: IRT-A\nabuse-mailbox: Abuse@a.example\nchanged: x@a.example 20100101\n";
    assert_eq!(found(apnic), ["-i abuse-mailbox=abuse@a.example", "irt=IRT-A"]);
    let shape = |text: &str| Shape::of(&Object::parse(text.as_bytes()).unwrap());
    assert_eq!(shape(apnic), Shape::Apnic);
    assert_eq!(shape("irt: IRT-A\nchanged: x@a.example 20040101\n"), Shape::Ripe2004);
    assert_eq!(shape("irt: IRT-A\n"), Shape::Ripe);
}

#[test]
fn people_and_organisations_are_found_by_each_word_of_their_names() {
    assert_eq!(
        found("person: Anna Bell-Čop\nnic-hdl: ab1-test\ne-mail: a@b.example\n"),
        ["e-mail=a@b.example", "nic-hdl=AB1-TEST", "person=anna", "person=bell-čop"]
    );
    assert_eq!(
        found("organisation: org-ex1-test\norg-name: Example (Networks), Ltd. & Ltd\n"),
        ["org-name=example", "org-name=ltd", "org-name=networks", "organisation=ORG-EX1-TEST"]
    );
}

#[test]
fn networks_and_routes_are_found_by_what_they_refer_to_and_not_by_how_their_range_is_written() {
    assert_eq!(
        found(
            "inetnum: 192.0.2.0/24\nnetname: Example-Net\nmnt-irt: irt-a,irt-b\nmnt-routes: A-MNT {192.0.2.0/24}\n"
        ),
        ["-i mnt-irt=IRT-A", "-i mnt-irt=IRT-B", "-i mnt-routes=A-MNT", "netname=EXAMPLE-NET"]
    );
    assert_eq!(found("route: 192.0.2.0/24\norigin: as1.10\n"), ["-i origin=AS65546"]);
    assert_eq!(
        found("domain: 2.0.192.in-addr.arpa.\nnserver: ns1.Example. 192.0.2.1\n"),
        ["domain=2.0.192.IN-ADDR.ARPA", "-i nserver=NS1.EXAMPLE"]
    );
    assert_eq!(
        found("key-cert: pgpkey-89abcdef\nfingerpr: 0123 4567 89ab cdef\n"),
        ["-i fingerpr=0123456789ABCDEF", "key-cert=PGPKEY-89ABCDEF"]
    );
}

#[test]
fn each_key_has_one_spelling() {
    for (class, written, key) in [
        ("inetnum", "192.0.2.0/24", "192.0.2.0 - 192.0.2.255"),
        ("inetnum", "192.0.2.0-192.0.2.10", "192.0.2.0 - 192.0.2.10"),
        ("inet6num", "2001:0DB8:0::/32", "2001:db8::/32"),
        ("route", "192.0.2.0/24as64496", "192.0.2.0/24AS64496"),
        ("route", "192.0.2.0/24 AS64496", "192.0.2.0/24AS64496"),
        ("route6", "2001:DB8::/32AS1.10", "2001:db8::/32AS65546"),
        ("aut-num", "as1.10", "AS65546"),
        ("as-block", "as64496-AS64511", "AS64496 - AS64511"),
        ("key-cert", "pgpkey-89abcdef", "PGPKEY-89ABCDEF"),
        ("domain", "2.0.192.in-addr.arpa.", "2.0.192.IN-ADDR.ARPA"),
        ("domain", "a.. .", "A"),
        ("person", "ab1-test", "AB1-TEST"),
        ("irt", " irt-example ", "IRT-EXAMPLE"),
        ("route-set", "AS64496:RS-a", "AS64496:RS-A"),
    ] {
        assert_eq!(normal_key(class, written).as_deref(), Ok(key), "{class} {written}");
    }
    for (class, written) in [
        ("inetnum", "2001:db8::/32"),
        ("route", "192.0.2.0/24"),
        ("route", "192.0.2.0 - 192.0.2.9AS1"),
        ("as-block", "AS9 - AS8"),
        ("key-cert", "PGPKEY-123"),
        ("domain", "a b.example"),
        ("mntner", ""),
    ] {
        assert!(normal_key(class, written).is_err(), "{class} {written}");
    }
}

#[test]
fn a_missing_key_is_told_with_the_attribute_and_its_line() {
    let key = |text: &str| Object::parse(text.as_bytes()).unwrap().primary_key().map_err(|e| e.to_string());
    assert_eq!(key("route: 192.0.2.0/24\ndescr: x\norigin: AS64496"), Ok("192.0.2.0/24AS64496".into()));
    assert_eq!(
        key("person: A B\nnic-hdl:\n"),
        Err("line 2, nic-hdl: the attribute is missing or empty".into())
    );
    assert!(
        key("inetnum: 192.0.2.1/24\n").unwrap_err().starts_with("line 1, inetnum: \"192.0.2.1/24\" has bits")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_in_its_one_spelling_stays_as_it_is(
        class in prop::sample::select(Template::all().map(Template::class).collect::<Vec<_>>()),
        text in prop_oneof!["\\PC{0,30}", "[0-9a-fA-FS:./ -]{0,40}", "AS[0-9]{1,5} ?- ?AS[0-9]{1,6}", "[0-9]{1,3}(\\.[0-9]{1,2}){3}/(8|16|24)AS[0-9]{1,3}", "(?i)pgpkey-[0-9a-f]{8}"],
    ) {
        if let Ok(key) = normal_key(class, &text) {
            prop_assert_eq!(normal_key(class, &key), Ok(key));
        }
    }

    #[test]
    fn a_term_asked_for_as_it_is_stored_is_the_same_term(at in 0..AttributeName::ALL.len(), text in "\\PC{0,40}|[A-Za-z0-9@., :{}-]{0,40}") {
        let attribute = AttributeName::ALL[at];
        for term in normal_terms(attribute, &text) {
            prop_assert_eq!(normal_terms(attribute, &term), [term]);
        }
    }
}
