//! Key certificates.

use registry::update::{Proof, Proofs};

use crate::world::*;

fn key_cert(name: &str, who: usize) -> String {
    format!("key-cert: {name}\n{}mnt-by: OFFICE-MNT\nsource: WARD\n", certif(who))
}

#[test]
fn a_key_is_named_by_its_whole_fingerprint_and_says_itself_whose_it_is() {
    let w = world();
    let count = w.texts().len();
    let short = format!("PGPKEY-{}", &print(IRT_SKERRY)[32..]);
    // The short name leads to the object that there is.
    let report = w.done(
        &signed(&[OFFICE]),
        &key_cert(&short, IRT_SKERRY)
            .replace("mnt-by:", "owner: nobody\nfingerpr: 00\nremarks: new\nmnt-by:"),
    );
    let key = format!("PGPKEY-{}", print(IRT_SKERRY));
    assert_eq!(report.objects[0].key, key);
    let stored = w.text("key-cert", &key).unwrap();
    assert!(stored.starts_with(&format!("key-cert:       {key}\n")), "{stored}");
    assert!(
        stored.contains("owner:          Key 4 <key4@team.example>\n") && !stored.contains("nobody"),
        "{stored}"
    );
    let grouped: String =
        stored.lines().find_map(|line| line.strip_prefix("fingerpr:")).unwrap().split_whitespace().collect();
    assert_eq!(grouped, print(IRT_SKERRY));
    assert_eq!(w.texts().len(), count, "no second object was made");
}

#[test]
fn a_key_under_the_name_of_another_is_refused() {
    let w = world();
    let name = format!("PGPKEY-{}", print(SKERRY));
    let why = w.refused(&signed(&[OFFICE]), &key_cert(&name, TIDE));
    assert!(why.contains(&format!("the key in certif is PGPKEY-{}", print(TIDE))), "{why}");
}

#[test]
fn a_short_name_of_a_key_is_written_out() {
    let w = world();
    let short = format!("PGPKEY-{}", &print(IRT_TIDE)[32..]);
    let irt = w.text("irt", "IRT-TIDE").unwrap();
    let report = w.done(&signed(&[TIDE]), &irt.replace("mnt-by:", &format!("signature: {short}\nmnt-by:")));
    assert!(
        report.objects[0].messages.iter().any(|said| said.text.contains("was written as PGPKEY-")),
        "{report:#?}"
    );
    let stored = w.text("irt", "IRT-TIDE").unwrap();
    assert!(stored.contains(&format!("signature: PGPKEY-{}\n", print(IRT_TIDE))), "{stored}");
}

#[test]
fn a_key_that_a_team_uses_does_not_go() {
    let w = world();
    let key = w.text("key-cert", &format!("PGPKEY-{}", print(INTRODUCER))).unwrap();
    let why = w.refused(&signed(&[OFFICE]), &format!("{key}delete: old\n"));
    assert!(
        why.contains("is referenced from other objects") && why.contains("[irt] IRT-SKERRY (auth)"),
        "{why}"
    );
}

#[test]
fn an_unknown_key_is_told() {
    let w = world();
    let irt = w.text("irt", "IRT-TIDE").unwrap();
    let why = w.refused(&signed(&[TIDE]), &irt.replace("mnt-by:", "encryption: PGPKEY-00112233\nmnt-by:"));
    assert!(why.contains("there is no key-cert PGPKEY-00112233"), "{why}");
}

#[test]
fn a_certificate_gets_a_number_and_authorises_the_connection_that_shows_it() {
    let w = world();
    let der = b"a certificate as its bytes are".to_vec();
    let pem = "YSBjZXJ0aWZpY2F0ZSBhcyBpdHMgYnl0ZXMgYXJl"; // the same in base64
    let text = format!(
        "key-cert: AUTO-1\ncertif: -----BEGIN CERTIFICATE-----\ncertif: {pem}\ncertif: -----END CERTIFICATE-----\n\
         mnt-by: OFFICE-MNT\nsource: WARD\n"
    );
    let report = w.done(&signed(&[OFFICE]), &text);
    assert_eq!(report.objects[0].key, "X509-1");
    assert!(report.objects[0].text.contains("method:         X509\n"), "{}", report.objects[0].text);
    let mntner = w.text("mntner", "TIDE-MNT").unwrap();
    w.done(&signed(&[TIDE]), &mntner.replace("mnt-by:", "auth: X509-1\nmnt-by:"));
    let change = network(
        "198.51.100.0 - 198.51.100.255",
        "ASSIGNED PA",
        "remarks: by certificate\nmnt-by: TIDE-MNT\n",
    );
    let shown = |der: &[u8]| Proofs::new(vec![Proof::Certificate { der: der.to_vec() }]);
    w.refused(&shown(b"another"), &change);
    w.done(&shown(&der), &change);
}
