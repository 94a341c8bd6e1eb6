//! Objects as types, on invented samples: who is responsible, and what is told when something is odd.

#![allow(clippy::unwrap_used)]

use rpsl::{
    Auth, Contact, ContactKind, Error, Handle, Inetnum, Irt, KeyCert, KeyReference, Notes, Object,
    Organisation, Record, Route,
};

fn read<T>(text: &str, view: impl Fn(&Object<'_>, &mut Notes) -> Result<T, Error>) -> (T, Vec<String>) {
    let mut notes = Notes::default();
    let read = view(&Object::parse(text.as_bytes()).unwrap(), &mut notes).unwrap();
    (read, notes.iter().map(ToString::to_string).collect())
}

fn refused(text: &str) -> String {
    Record::read(&Object::parse(text.as_bytes()).unwrap(), &mut Notes::default()).unwrap_err().to_string()
}

#[test]
fn a_range_names_its_teams_its_holder_and_its_abuse_role() {
    let text = "inet6num: 2001:db8::/32\nnetname: EXAMPLE\ncountry: SI # and others\nmnt-irt: IRT-ONE, irt-two\n\
                mnt-irt: IRT-THREE\norg: ORG-EX1-TEST\nabuse-c: AB1-TEST\nadmin-c: Jan Novak, JN1-TEST\n\
                status: ASSIGNED\nmnt-by: A-MNT\nsource: TEST # Filtered\n";
    let (range, notes) = read(text, Inetnum::read);
    assert_eq!(range.range.to_string(), "2001:db8::/32");
    assert_eq!(range.mnt_irt, ["irt-one", "IRT-TWO", "irt-three"]);
    assert_eq!((range.org.unwrap().as_str(), range.abuse_c.unwrap().as_str()), ("ORG-EX1-TEST", "AB1-TEST"));
    assert_eq!(range.admin_c, ["Jan Novak", "JN1-TEST"]);
    assert_eq!(range.country, ["SI"]);
    assert!(range.registration.filtered, "missing mail addresses may exist");
    assert_eq!(notes, [""; 0]);
}

#[test]
fn the_team_of_ripe_today_has_contact_uris_and_no_fax() {
    let text = "irt: IRT-EXAMPLE\naddress: 1 Street\ne-mail: team@example.example\ncontact: signal://team.example\n\
                signature: PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567\nencryption: pgpkey-89abcdef\nauth: SSO a@b.example\n\
                auth: MD5-PW $1$secret # comment\nauth: SSO # Filtered\nauth: NONE\nmnt-ref: A-MNT\nsource: TEST\n";
    let (irt, notes) = read(text, Irt::read);
    assert_eq!(irt.contact, ["signal://team.example"]);
    assert_eq!(irt.encryption, [KeyReference::Pgp("89ABCDEF".into())]);
    assert_eq!(irt.signature[0].to_string(), "PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567");
    let sso = |name: Option<&str>| Auth::Sso(name.map(str::to_owned));
    assert_eq!(irt.auth, [sso(Some("a@b.example")), Auth::Password, sso(None), Auth::Other("NONE".into())]);
    assert!(!format!("{irt:?}").contains("secret"), "the hash of a password goes no further");
    assert_eq!(notes, [""; 0]);
}

#[test]
fn complaints_go_to_the_abuse_mailbox_first_and_to_each_address_once() {
    let text = "irt: IRT-A\ne-mail: Team@example.example\nabuse-mailbox: Abuse <abuse@example.example>, mailto:cert@example.example\n\
                abuse-mailbox: team@EXAMPLE.example\nsource: TEST\n";
    let (irt, _) = read(text, Irt::read);
    assert_eq!(irt.mailboxes(), ["abuse@example.example", "cert@example.example", "team@EXAMPLE.example"]);
}

#[test]
fn addresses_that_nobody_reads_or_that_would_break_a_header_are_told_and_not_used() {
    let text = "role: Desk\nnic-hdl: D1-TEST\ne-mail: unread@ripe.net\ne-mail: none\nabuse-mailbox: a@b@c.example\n\
                abuse-mailbox: (x)@example.example\nabuse-mailbox: abuse@-example\nabuse-mailbox: ok@example.example\nsource: TEST\n";
    let (role, notes) = read(text, Contact::read);
    assert_eq!(
        (role.kind, role.emails.len(), &*role.abuse_mailboxes),
        (ContactKind::Role, 0, &["ok@example.example".to_owned()][..])
    );
    assert_eq!(notes.len(), 5);
    assert_eq!(
        notes[0],
        "line 3, e-mail: \"unread@ripe.net\" is a placeholder of the registry; the contact is withheld"
    );
    assert_eq!(notes[1], "line 4, e-mail: \"none\" is not a mail address");
    assert_eq!(notes[2], "line 5, abuse-mailbox: \"a@b@c.example\" is not a mail address");
}

#[test]
fn an_organisation_leads_to_its_abuse_role() {
    let text = "organisation: ORG-EX1-TEST\norg-name: Example d.o.o. # was: Sample\norg-type: LIR\nabuse-c: AB1-TEST\nabuse-c: AB2-TEST\n";
    let (organisation, notes) = read(text, Organisation::read);
    assert_eq!(organisation.abuse_c.unwrap(), "ab1-test");
    assert_eq!(organisation.name.as_deref(), Some("Example d.o.o."));
    assert_eq!(notes, ["line 5, abuse-c: the attribute stands more than once; the first one counts"]);
}

#[test]
fn a_key_block_is_put_together_as_a_reader_of_keys_wants_it() {
    let (begin, end) = ("-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----");
    let expected = format!("{begin}\nComment: a\n\nbGluZQ==\n=abcd\n{end}\n");
    let forms = [
        format!(
            "certif: {begin}\ncertif: Comment: a\ncertif:\ncertif: bGluZQ==\ncertif: =abcd\ncertif: {end}\n"
        ),
        format!("certif: {begin}\n+Comment: a\n+\n+bGluZQ==\n+=abcd\n+{end}\n"),
        format!(
            "certif: {begin}\r\ncertif: Comment: a\r\ncertif: bGluZQ==\r\ncertif: =abcd\r\ncertif: {end}\r\n"
        ),
    ];
    for certif in forms {
        let (key, notes) =
            read(&format!("key-cert: PGPKEY-89ABCDEF\nmethod: PGP\n{certif}source: TEST\n"), KeyCert::read);
        assert_eq!((key.armor, notes.len()), (expected.clone(), 0));
    }
    let no_headers =
        format!("key-cert: PGPKEY-89ABCDEF\ncertif: {begin}\ncertif:\ncertif: bGluZQ==\ncertif: {end}\n");
    assert_eq!(read(&no_headers, KeyCert::read).0.armor, format!("{begin}\n\nbGluZQ==\n{end}\n"));
    let x509 = "key-cert: X509-1\ncertif: -----BEGIN CERTIFICATE-----\ncertif: bGluZQ==\ncertif: -----END CERTIFICATE-----\n";
    assert_eq!(
        read(x509, KeyCert::read).0.armor,
        "-----BEGIN CERTIFICATE-----\nbGluZQ==\n-----END CERTIFICATE-----\n"
    );
}

#[test]
fn a_fingerprint_of_another_key_is_told() {
    let certif = "certif: -----BEGIN PGP PUBLIC KEY BLOCK-----\ncertif: -----END PGP PUBLIC KEY BLOCK-----\n";
    let key = |fingerprint| {
        read(&format!("key-cert: PGPKEY-89ABCDEF\nfingerpr: {fingerprint}\n{certif}"), KeyCert::read)
    };
    assert_eq!(key("0123 4567 89AB CDEF 0123  4567 89AB CDEF 89AB cdef").1, [""; 0]);
    let (other, notes) = key("0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567");
    assert_eq!(other.fingerprint.unwrap().len(), 40);
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].starts_with("line 2, fingerpr: ")
            && notes[0].ends_with("does not belong to the key that the object names")
    );
}

#[test]
fn what_makes_an_object_useless_is_told_with_attribute_line_and_reason() {
    for (text, message) in [
        ("irt:\nsource: T\n", "line 1, irt: the attribute is missing or empty"),
        ("irt: two words\n", "line 1, irt: \"two words\" is not a handle"),
        (
            "\n% c\ninetnum: 192.0.2.7/24\n",
            "line 3, inetnum: \"192.0.2.7/24\" has bits set behind its prefix length; the network would be 192.0.2.0 - 192.0.2.255",
        ),
        ("person: A\nsource: T\n", "line 1, nic-hdl: the attribute is missing or empty"),
        ("route: 192.0.2.0/24\nsource: T\n", "line 1, origin: the attribute is missing or empty"),
        (
            "route: 192.0.2.0 - 192.0.2.255\norigin: AS64496\n",
            "line 1, route: \"192.0.2.0 - 192.0.2.255\" is not a prefix such as 192.0.2.0/24",
        ),
        ("aut-num: ASX\n", "line 1, aut-num: \"ASX\" is not an AS number such as AS64496"),
        ("key-cert: PGPKEY-1\n", "line 1, key-cert: \"PGPKEY-1\" is not a key such as PGPKEY-1A2B3C4D"),
        ("key-cert: X509-1\n", "line 1, certif: the attribute is missing or empty"),
        (
            "key-cert: X509-1\ncertif: -----BEGIN X-----\ncertif: a\n",
            "line 2, certif: \"a\" is not a whole key block: its END line is missing",
        ),
    ] {
        assert_eq!(refused(text), message);
    }
    let object = Object::parse(b"mntner: A-MNT\n").unwrap();
    let error = Route::read(&object, &mut Notes::default()).unwrap_err();
    assert_eq!(error.to_string(), "line 1: this is a \"mntner\" object, not a route");
}

#[test]
fn an_object_made_to_fill_the_memory_is_cut_short_and_told() {
    let text = format!(
        "inetnum: 192.0.2.0/24\nmnt-irt: {}\n{}",
        "A,".repeat(100_000),
        "e-mail: x\nabuse-c:\n".repeat(100)
    );
    let (range, notes) = read(&text, Inetnum::read);
    assert_eq!(range.mnt_irt.len(), 4096);
    assert_eq!(notes, ["line 2, mnt-irt: more than 4096 values; the rest was left out"]);
    let text = format!("irt: A\n{}", "e-mail: x\n".repeat(100));
    let mut notes = Notes::default();
    Irt::read(&Object::parse(text.as_bytes()).unwrap(), &mut notes).unwrap();
    assert_eq!((notes.iter().count(), notes.left_out()), (Notes::MOST, 100 - Notes::MOST));
}

#[test]
fn a_line_that_is_no_attribute_is_told_and_costs_only_itself() {
    let (irt, notes) = read("irt: A\n??? oops\ne-mail: a@b.example\n", Irt::read);
    assert_eq!(irt.mailboxes(), ["a@b.example"]);
    assert_eq!(notes, [r#"line 2: "??? oops" is not an attribute of the form "name: value""#]);
}

#[test]
fn handles_are_the_same_in_any_case() {
    let (a, b) = (Handle::new("irt-Example").unwrap(), Handle::new("IRT-EXAMPLE").unwrap());
    let set: std::collections::HashSet<_> = [&a, &b].into_iter().collect();
    assert_eq!((a.cmp(&b), set.len(), a.to_key()), (std::cmp::Ordering::Equal, 1, "IRT-EXAMPLE".into()));
    assert_eq!(a.to_string(), "irt-Example");
    for bad in ["", " a", "a\u{0}b", &"a".repeat(256)] {
        assert!(Handle::new(bad).is_none(), "{bad:?}");
    }
}
