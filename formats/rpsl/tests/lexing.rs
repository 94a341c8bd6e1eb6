//! Attributes: continuation lines, comments, character sets, keys.

#![allow(clippy::unwrap_used)]

use rpsl::Object;

fn value(bytes: &[u8]) -> String {
    Object::parse(bytes).unwrap().attributes().nth(1).unwrap().value().into_owned()
}

#[test]
fn continuation_lines_are_joined_and_comments_left_out() {
    assert_eq!(value(b"o: x\nORG-Name: Any # comment\n+Address # comment\n"), "Any Address");
    assert_eq!(value(b"o: x\nremarks:\n one\n\ttwo\n+\n+ three  \n"), "one two three");
    assert_eq!(
        value(b"o: x\nimport: from AS64496 # a\n# a line of its own\n  accept ANY\n"),
        "from AS64496 accept ANY"
    );
    assert_eq!(value(b"o: x\na: # nothing\n"), "");
    assert_eq!(value(b"o: x\na:1"), "1");
}

#[test]
fn free_text_keeps_what_looks_like_a_comment() {
    let object = Object::parse(b"irt: A\nremarks: ticket #12\n+\n+# more\n").unwrap();
    let remarks = object.get("Remarks").unwrap();
    assert_eq!(remarks.text_lines().collect::<Vec<_>>(), ["ticket #12", "", "# more"]);
    assert_eq!(remarks.comment().unwrap(), "12");
    assert_eq!(remarks.raw_value(), b" ticket #12\n+\n+# more");
}

#[test]
fn names_are_lower_case_and_lines_are_counted_over_continuations_and_comments() {
    let object = Object::parse(b"\nIRT: A\nAddress: one\n two\n# c\n% d\nsource: T\n").unwrap();
    let seen: Vec<_> = object.attributes().map(|a| (a.name().to_owned(), a.line())).collect();
    assert_eq!(seen, [("irt".into(), 2), ("address".into(), 3), ("source".into(), 7)]);
    assert_eq!(object.class(), "irt");
}

#[test]
fn latin_1_and_utf_8_both_read_as_people_wrote_them() {
    assert_eq!(value(b"irt: A\naddress: M\xFCnchen\n"), "München");
    assert_eq!(value("irt: A\naddress: Škofja Loka\n".as_bytes()), "Škofja Loka");
    assert_eq!(value(b"irt: A\naddress: M\xFCnchen\n \xC5\xA0kofja Loka\n"), "München Škofja Loka");
}

#[test]
fn a_line_that_is_no_attribute_is_told_and_the_others_are_read() {
    let object = Object::parse(b"irt: A\nno colon here\n and more\nbad name: x\nsource: T\n").unwrap();
    assert_eq!(object.attributes().count(), 2);
    let errors: Vec<_> = object.malformed().map(|error| error.to_string()).collect();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors[0], r#"line 2: "no colon here" is not an attribute of the form "name: value""#);
}

#[test]
fn lists_are_split_at_commas_and_blanks() {
    let object = Object::parse(b"mntner: A\nmnt-by: B-MNT,C-MNT, D-MNT # E-MNT\n F-MNT ,\n").unwrap();
    let items: Vec<_> = object.get("mnt-by").unwrap().items().collect();
    assert_eq!(items, ["B-MNT", "C-MNT", "D-MNT", "F-MNT"]);
}

#[test]
fn the_key_is_what_others_refer_to() {
    let key = |bytes| Object::parse(bytes).unwrap().key().into_owned();
    assert_eq!(key(b"role: Abuse Desk\nnic-hdl: AD1-TEST\n"), "AD1-TEST");
    assert_eq!(key(b"route: 192.0.2.0/24\norigin: AS64496\n"), "192.0.2.0/24AS64496");
    assert_eq!(key(b"inetnum: 192.0.2.0 - 192.0.2.255 # test\n"), "192.0.2.0 - 192.0.2.255");
    assert_eq!(key(b"person: Nobody\n"), "");
}
