//! Objects written, changed and compared.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rpsl::diff::unified;
use rpsl::template::{AttributeName as A, Template};
use rpsl::write::{Writer, brief, line};
use rpsl::{Object, objects};

const TEAM: &str = "\
irt:      IRT-EXAMPLE # ours
# who answers
e-mail:   team@cert.example
remarks:  one
 two
+
\tthree
mnt-by:   A-MNT,
          auto-1 # AUTO-1
# last
source:   TEST
";

fn changed(text: &str, change: impl Fn(&mut Writer)) -> String {
    let mut writer = Writer::of(&Object::parse(text.as_bytes()).unwrap());
    change(&mut writer);
    String::from_utf8(writer.to_bytes()).unwrap()
}

#[test]
fn a_new_object_looks_as_registries_print_it() {
    let mut writer = Writer::new(Template::of("irt").unwrap(), "IRT-EXAMPLE");
    writer.add(A::Source, "TEST");
    writer.add(A::Address, "Example Street 1\nExample Town");
    writer.add(A::MntBy, "EXAMPLE-MNT");
    writer.add(A::Remarks, "one\n\nthree\n");
    writer.add(A::Remarks, "");
    let expected = "\
irt:            IRT-EXAMPLE
address:        Example Street 1
                Example Town
remarks:        one
+
                three
remarks:
mnt-by:         EXAMPLE-MNT
source:         TEST
";
    let bytes = writer.to_bytes();
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
    let object = Object::parse(&bytes).unwrap();
    let remarks: Vec<_> = object.get("remarks").unwrap().text_lines().map(|line| line.into_owned()).collect();
    assert_eq!(remarks, ["one", "", "three"]);
    assert_eq!(line("assignment-size", "48"), "assignment-size: 48\n");
}

#[test]
fn a_value_cannot_bring_an_attribute_of_its_own_nor_end_the_object() {
    let text = line("remarks", "a\r\nmnt-by: EVIL-MNT\n\n\u{f}\t\u{0}\nb\u{0}\u{1b}[31m");
    assert_eq!(text, "remarks:        a\n                mnt-by: EVIL-MNT\n+\n+\n                b[31m\n");
    let whole = format!("irt: IRT-A\n{text}");
    let object = Object::parse(whole.as_bytes()).unwrap();
    assert_eq!(object.attributes().count(), 2);
}

#[test]
fn what_is_not_touched_keeps_its_bytes() {
    assert_eq!(changed(TEAM, |_| {}), TEAM);
    let set = changed(TEAM, |writer| writer.set(A::EMail, "irt@cert.example"));
    assert_eq!(set, TEAM.replace("e-mail:   team@", "e-mail:         irt@"));
    let dated = changed(TEAM, |writer| writer.set(A::Created, "2026-03-01T12:00:00Z"));
    assert_eq!(dated, TEAM.replace("# last", "created:        2026-03-01T12:00:00Z\n# last"));
    let removed = changed(TEAM, |writer| assert_eq!(writer.remove("ReMarks"), 1));
    assert_eq!(removed, TEAM.replace("remarks:  one\n two\n+\n\tthree\n", ""));
    let more = changed(TEAM, |writer| writer.insert_after(A::EMail, A::Phone, "+386 1 555"));
    assert_eq!(more, TEAM.replace("team@cert.example\n", "team@cert.example\nphone:          +386 1 555\n"));
}

#[test]
fn setting_an_attribute_leaves_one_of_it() {
    let text = "irt: IRT-A\nnotify: a@b.example\nsource: TEST\nnotify: c@d.example\n";
    assert_eq!(
        changed(text, |writer| writer.set(A::Notify, "e@f.example")),
        "irt: IRT-A\nnotify:         e@f.example\nsource: TEST\n"
    );
}

#[test]
fn lines_end_as_the_others_of_the_object_do() {
    assert_eq!(
        changed("irt: IRT-A\r\nsource: TEST", |writer| {
            writer.add(A::Remarks, "a\nb");
            writer.add(A::Source, "X");
        }),
        "irt: IRT-A\r\nremarks:        a\r\n                b\r\nsource: TEST\r\nsource:         X\r\n"
    );
}

#[test]
fn a_handle_takes_the_place_of_auto_and_nothing_else_does() {
    let named = changed(TEAM, |writer| {
        assert_eq!(writer.replace_item(A::MntBy, "AUTO-1", "B-MNT"), 1);
        assert_eq!(writer.replace_item(A::MntBy, "", "B-MNT"), 0);
    });
    assert_eq!(named, TEAM.replace("auto-1 #", "B-MNT #"));
}

#[test]
fn sorted_it_follows_its_template_and_policy_keeps_its_order() {
    let team = changed(
        "irt: IRT-A\nsource: TEST\nfoo: x\n# why\nmnt-by: A-MNT\nauth: X509-1\nchanged: a@b 20040101\n# end\n",
        Writer::sort,
    );
    assert_eq!(
        team,
        "irt: IRT-A\nauth: X509-1\n# why\nmnt-by: A-MNT\nchanged: a@b 20040101\nsource: TEST\nfoo: x\n# end\n"
    );
    let policy = changed(
        "aut-num: AS64496\nmp-export: to AS64497 announce ANY\nimport: from AS64497 accept ANY\nas-name: EXAMPLE\nexport: to AS64498 announce ANY",
        Writer::sort,
    );
    assert_eq!(
        policy,
        "aut-num: AS64496\nas-name: EXAMPLE\nmp-export: to AS64497 announce ANY\nimport: from AS64497 accept ANY\nexport: to AS64498 announce ANY"
    );
}

#[test]
fn the_short_form_is_that_of_the_ripe_database() {
    let object =
        Object::parse(b"mntner:FOO\nireallydunno:   BAR\naddress:\ncontact: sip:a\nsource:   QUX\n").unwrap();
    let short: Vec<u8> = object.attributes().flat_map(|attribute| brief(&attribute)).collect();
    assert_eq!(String::from_utf8_lossy(&short), "*mt: FOO\nireallydunno: BAR\n*ad:\n*con: sip:a\n*so: QUX\n");
}

#[test]
fn a_difference_shows_each_change_with_a_line_around_it() {
    let old = "irt: IRT-A\nphone: 1\nremarks: a\nremarks: b\nremarks: c\nmnt-by: A-MNT\nsource: TEST\n";
    let new = old.replace("phone: 1\n", "").replace("A-MNT", "B-MNT");
    assert_eq!(
        unified(old.as_bytes(), new.as_bytes()),
        "@@ -1,3 +1,2 @@\n irt: IRT-A\n-phone: 1\n remarks: a\n@@ -5,3 +4,3 @@\n remarks: c\n-mnt-by: A-MNT\n+mnt-by: B-MNT\n source: TEST\n"
    );
    assert_eq!(unified(b"irt: A\r\n", b"irt: A  "), "");
}

#[test]
fn versions_with_nothing_in_common_are_told_whole_instead_of_searched() {
    let many = |word: &str| {
        format!(
            "irt: A\n{}source: TEST\n",
            (0..9_000).map(|n| format!("remarks: {word} {n}\n")).collect::<String>()
        )
    };
    let difference = unified(many("a").as_bytes(), many("b").as_bytes());
    assert!(difference.starts_with("@@ -1,9002 +1,9002 @@\n irt: A\n-remarks: a 0\n"));
    assert!(difference.ends_with("+remarks: b 8999\n source: TEST\n"));
}

fn object() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "irt: A",
        "mnt-by: B",
        "remarks:",
        "\n",
        "\r\n",
        "\n ",
        "\n+",
        "\n# c",
        "\n% c",
        " #x",
        "source: T",
        "created: z",
        "\u{e4}",
        ",",
        "AUTO-1",
        "junk",
    ]);
    (prop::collection::vec(piece, 0..40), prop::collection::vec(any::<u8>(), 0..6))
        .prop_map(|(pieces, rest)| [b"irt: ", pieces.concat().as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_object_comes_back_byte_for_byte(bytes in object()) {
        for object in objects(&bytes).flatten() {
            let parts: Vec<u8> = object.parts().flat_map(|part| part.raw.to_vec()).collect();
            prop_assert_eq!(&parts, object.raw());
            prop_assert_eq!(Writer::of(&object).to_bytes(), object.raw());
            let attributes: Vec<_> = object.parts().filter_map(|part| part.attribute).collect();
            prop_assert_eq!(attributes, object.attributes().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_change_leaves_one_object_with_all_other_attributes(bytes in object(), value in "\\PC{0,20}(\n\\PC{0,20}){0,3}") {
        for object in objects(&bytes).flatten() {
            let mut writer = Writer::of(&object);
            writer.set(A::Notify, &value);
            writer.sort();
            let written = writer.to_bytes();
            let after = Object::parse(&written).unwrap();
            prop_assert_eq!(after.all("notify").count(), 1);
            let others = |object: &Object<'_>| {
                let mut values: Vec<_> = object.attributes().filter(|a| a.name() != "notify").map(|a| (a.name().to_owned(), a.raw_value().trim_ascii().to_vec())).collect();
                values.sort();
                values
            };
            prop_assert_eq!(others(&after), others(&object));
            prop_assert_eq!(after.class(), object.class());
        }
    }

    #[test]
    fn the_same_object_has_no_difference(bytes in object(), other in object()) {
        prop_assert_eq!(unified(&bytes, &bytes), "");
        let _ = unified(&bytes, &other);
    }
}
