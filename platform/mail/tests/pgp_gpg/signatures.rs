//! What GnuPG signed, as the handler is told about it: each way in which a signature can fail to be worth something.

use mail::pgp::{
    Verdict, mime::verify_mime, signed_over, verify_cleartext, verify_detached, was_signed_over,
};
use rstest::rstest;

use crate::gpg::{Gpg, YEAR, day};

const TEAM: &str = "EXAMPLE-CERT <cert@cert.example>";
const TEXT: &[u8] = b"Dear colleagues,\r\n\r\n192.0.2.7 scans our network. \r\n";

fn verdict(gpg: &Gpg, fingerprint: &str, signature: &[u8], read: &str) -> Verdict {
    let mut verdicts = verify_detached(TEXT, signature, &[gpg.read(fingerprint)], day(read));
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

#[rstest]
#[case("ed25519", &[])]
#[case("rsa2048", &[])]
#[case("rsa4096", &["--textmode"])]
#[case("nistp384", &["--digest-algo", "SHA384"])]
fn a_good_signature_names_key_owner_and_dates(#[case] algorithm: &str, #[case] options: &[&str]) {
    let gpg = Gpg::new();
    let key = gpg.key("2026-01-01", TEAM, algorithm, "cert,sign", "2y");
    let signature = gpg.sign("2026-11-20", &key, TEXT, options);
    let verdict = verdict(&gpg, &key, &signature, "2026-11-21");
    let words = format!("good signature by {TEAM}, key {key}, made 2026-11-20, key good until 2028-01-01");
    assert_eq!(verdict.to_string(), words);
    assert_eq!((verdict.is_good(), verdict.signed_at()), (true, Some(day("2026-11-20"))));
}

#[test]
fn changed_data_are_noticed() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let signature = gpg.sign("2026-02-01", &key, b"192.0.2.8 scans", &[]);
    let verdict = verdict(&gpg, &key, &signature, "2026-02-01");
    assert!(matches!(&verdict, Verdict::BadSignature { signer } if signer.fingerprint == key));
    assert!(verdict.to_string().starts_with("bad signature: this is not what EXAMPLE-CERT"));
}

#[test]
fn a_key_that_we_do_not_have_is_named() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let signature = gpg.sign("2026-02-01", &key, TEXT, &[]);
    let verdicts = verify_detached(TEXT, &signature, &[], day("2026-02-01"));
    assert_eq!(verdicts, [Verdict::UnknownKey { key_id: key.clone() }]);
    assert_eq!(verdicts[0].to_string(), format!("signed with a key that is not known here: {key}"));
}

#[test]
fn a_good_signature_by_somebody_else_than_the_sender_is_seen() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", "Mallory <mallory@evil.example>", "never");
    let verdict = verdict(&gpg, &key, &gpg.sign("2026-02-01", &key, TEXT, &[]), "2026-02-01");
    assert!(verdict.is_good());
    assert!(verdict.signer().unwrap().is("Mallory@EVIL.example"));
    assert!(!verdict.signer().unwrap().is("cert@cert.example"));
}

#[test]
fn a_signature_made_while_the_key_was_valid_stays_good_after_its_expiry() {
    let gpg = Gpg::new();
    let key = gpg.key("2024-01-01", TEAM, "ed25519", "cert,sign", "1y");
    let verdict = verdict(&gpg, &key, &gpg.sign("2024-06-01", &key, TEXT, &[]), "2026-01-01");
    assert!(verdict.is_good());
    assert!(
        verdict.to_string().ends_with("made 2024-06-01, key good then, expired since 2024-12-31"),
        "{verdict}"
    );
}

#[test]
fn a_signature_made_after_the_keys_expiry_does_not_count() {
    let gpg = Gpg::new();
    let key = gpg.key("2024-01-01", TEAM, "ed25519", "cert,sign", "never");
    let signature = gpg.sign("2026-01-01", &key, TEXT, &[]);
    gpg.ok("2024-06-01", &["--quick-set-expire", &key, "1y"], b"");
    let verdict = verdict(&gpg, &key, &signature, "2026-02-01");
    assert!(matches!(verdict, Verdict::KeyExpired { on, .. } if on == day("2024-06-01") + YEAR), "{verdict}");
    assert!(verdict.to_string().contains("whose key had expired on 2025-06-01"));
}

#[rstest]
#[case::compromised_before(1, "2024-06-01", "2025-03-01", false)]
#[case::superseded_after_signing(2, "2024-06-01", "2025-03-01", true)]
#[case::superseded_before_signing(2, "2025-06-01", "2025-03-01", false)]
fn signatures_of_a_revoked_key(
    #[case] reason: u8,
    #[case] signed: &str,
    #[case] revoked: &str,
    #[case] good: bool,
) {
    let gpg = Gpg::new();
    let key = gpg.team_key("2024-01-01", TEAM, "never");
    let signature = gpg.sign(signed, &key, TEXT, &[]);
    gpg.revoke(revoked, &key, reason);
    let verdict = verdict(&gpg, &key, &signature, "2026-01-01");
    assert_eq!(verdict.is_good(), good, "{verdict}");
    if good {
        assert!(
            verdict
                .to_string()
                .ends_with("key good then, withdrawn 2025-03-01: replaced by another key (moved)")
        );
    } else {
        assert!(matches!(&verdict, Verdict::KeyRevoked { on, .. } if *on == day(revoked)));
        assert!(verdict.to_string().contains("whose key is revoked since 2025-03-01"));
    }
}

#[test]
fn sha1_is_not_relied_on() {
    let gpg = Gpg::new();
    let key = gpg.key("2026-01-01", TEAM, "rsa2048", "cert,sign", "never");
    let signature = gpg.sign("2026-02-01", &key, TEXT, &["--digest-algo", "SHA1"]);
    let verdict = verdict(&gpg, &key, &signature, "2026-02-01");
    assert!(matches!(&verdict, Verdict::WeakDigest { digest, .. } if digest == "SHA1"), "{verdict}");
}

#[test]
fn a_date_in_the_future_or_before_the_key_is_seen() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let signature = gpg.sign("2026-06-01", &key, TEXT, &[]);
    assert!(matches!(verdict(&gpg, &key, &signature, "2026-05-01"), Verdict::MadeInFuture { .. }));
    let skewed = verify_detached(TEXT, &signature, &[gpg.read(&key)], day("2026-06-01") - 300);
    assert!(skewed[0].is_good(), "a clock that is five minutes slow");
    // Signed "before" a key that gpg lets us date back
    let early = gpg.run(
        "2025-01-01",
        &["--batch", "--ignore-time-conflict", "--armor", "-u", &key, "--detach-sign"],
        TEXT,
    );
    assert!(early.status.success());
    assert!(matches!(verdict(&gpg, &key, &early.stdout, "2026-05-01"), Verdict::BeforeKey { .. }));
}

#[test]
fn a_signature_can_end() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let signature = gpg.sign("2026-06-01", &key, TEXT, &["--default-sig-expire", "10d"]);
    assert!(verdict(&gpg, &key, &signature, "2026-06-05").is_good());
    let late = verdict(&gpg, &key, &signature, "2026-07-01");
    assert!(late.to_string().ends_with("who let this signature end on 2026-06-11"), "{late}");
}

#[rstest]
#[case::public_key_algorithm(4, 99)]
#[case::digest(5, 99)]
#[case::version(2, 9)]
fn unknown_algorithms_and_versions_are_named_as_such(#[case] at: usize, #[case] value: u8) {
    let gpg = Gpg::new();
    let key = gpg.key("2026-01-01", TEAM, "ed25519", "cert,sign", "never");
    let mut signature = gpg.ok("2026-02-01", &["-u", &key, "--detach-sign"], TEXT);
    // Two bytes of packet header, then version, kind, algorithm, digest (RFC 4880 5.2.3)
    assert_eq!(signature[2], 4);
    signature[at] = value;
    let verdict = verdict(&gpg, &key, &signature, "2026-02-01");
    assert!(matches!(verdict, Verdict::Unsupported(_)), "{verdict}");
}

#[test]
fn what_is_not_a_signature_is_said_to_be_none() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let signature = gpg.sign("2026-02-01", &key, TEXT, &[]);
    let armored_key = gpg.ok("2026-02-01", &["--armor", "--export", &key], b"");
    for broken in [&signature[..signature.len() / 2], b"", b"hello", &armored_key] {
        let verdict = verdict(&gpg, &key, broken, "2026-02-01");
        assert!(matches!(verdict, Verdict::Malformed(_)), "{verdict}");
    }
}

#[test]
fn two_signers_get_a_verdict_each() {
    let gpg = Gpg::new();
    let known = gpg.team_key("2026-01-01", TEAM, "never");
    let unknown = gpg.team_key("2026-01-01", "Other <other@cert.example>", "never");
    let signature = gpg.sign("2026-02-01", &known, TEXT, &["--local-user", &unknown]);
    let verdicts = verify_detached(TEXT, &signature, &[gpg.read(&known)], day("2026-02-01"));
    assert_eq!(verdicts.len(), 2);
    assert_eq!(verdicts.iter().filter(|v| v.is_good()).count(), 1);
    assert!(verdicts.contains(&Verdict::UnknownKey { key_id: unknown }));
}

#[test]
fn signing_subkeys_count_until_they_end() {
    let gpg = Gpg::new();
    let key = gpg.key("2024-01-01", TEAM, "ed25519", "cert", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &key, "ed25519", "sign", "1y"], b"");
    let signature = gpg.sign("2024-06-01", &key, TEXT, &[]);
    let then = verdict(&gpg, &key, &signature, "2024-07-01");
    assert!(
        then.to_string().contains(&format!("key {key}, made 2024-06-01, key good until 2024-12-31")),
        "{then}"
    );
    assert!(verdict(&gpg, &key, &signature, "2026-01-01").is_good());
}

#[test]
fn pgp_mime_is_verified_whatever_the_line_ends_became() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    let part = b"Content-Type: text/plain\r\n\r\nscans from 192.0.2.7\r\n- a list \r\n";
    let signature = gpg.sign("2026-02-01", &key, part, &[]);
    let lf = String::from_utf8(part.to_vec()).unwrap().replace("\r\n", "\n");
    let keys = [gpg.read(&key)];
    for text in [&part[..], lf.as_bytes(), &part[..part.len() - 2], lf.trim_end().as_bytes()] {
        let verdict = &verify_mime(text, &signature, &keys, day("2026-02-01"))[0];
        assert_eq!(verdict.is_good(), !text.ends_with(b"list"), "{verdict}");
    }
    let changed = lf.replace("192.0.2.7", "192.0.2.9");
    assert!(!verify_mime(changed.as_bytes(), &signature, &keys, day("2026-02-01"))[0].is_good());
}

#[test]
fn cleartext_is_verified_in_any_character_set_and_only_it_is_vouched_for() {
    let gpg = Gpg::new();
    let key = gpg.team_key("2026-01-01", TEAM, "never");
    // Latin-1, dashes, blanks at line ends, no line end at the end
    let text = b"Gr\xfc\xdfe,  \n- Anlage\n-----\n\nvon 192.0.2.7";
    let signed = gpg.ok("2026-02-01", &["-u", &key, "--clear-sign"], text);
    let keys = [gpg.read(&key)];

    let found = verify_cleartext(&signed, &keys, day("2026-02-01")).unwrap();
    assert!(found.verdicts[0].is_good(), "{}", found.verdicts[0]);
    assert_eq!(found.text, b"Gr\xfc\xdfe,\r\n- Anlage\r\n-----\r\n\r\nvon 192.0.2.7");
    assert!(!found.has_text_around);

    let around = [b"Pay now!\r\n".as_slice(), &signed, b"\r\nsent from my phone"].concat();
    let found = verify_cleartext(&around, &keys, day("2026-02-01")).unwrap();
    assert!(found.verdicts[0].is_good() && found.has_text_around);
    assert!(!found.text.windows(3).any(|w| w == b"Pay"));

    let mut changed = signed.clone();
    let at = changed.windows(9).position(|w| w == b"192.0.2.7").unwrap();
    changed[at + 8] = b'9';
    let found = verify_cleartext(&changed, &keys, day("2026-02-01")).unwrap();
    assert!(matches!(found.verdicts[0], Verdict::BadSignature { .. }));
}

#[test]
fn a_signing_subkey_that_was_replaced_signs_nothing_new_though_its_key_could() {
    let gpg = Gpg::new();
    let main = gpg.key("2024-01-01", TEAM, "ed25519", "cert,sign", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &main, "ed25519", "sign", "never"], b"");
    let document = b"The rules of the community.\n";
    let detached = gpg.sign("2024-06-01", &main, document, &[]);
    let clear = gpg.ok("2024-06-01", &["--local-user", &main, "--clear-sign"], document);
    // The reason: it is superseded.
    let answers = b"key 1\nrevkey\ny\n2\n\ny\nsave\n";
    let edit = gpg.run("2025-01-01", &["--command-fd", "0", "--edit-key", &main], answers);
    assert!(edit.status.success(), "{}", String::from_utf8_lossy(&edit.stderr));
    let keys = [gpg.read(&main)];
    assert!(keys[0].can_sign(day("2025-06-01")).is_valid(), "another part of it signs");
    for signature in [detached, clear] {
        assert!(signed_over(document, &signature, &keys, day("2024-07-01")).is_ok());
        let why = signed_over(document, &signature, &keys, day("2025-06-01")).unwrap_err();
        assert!(why.contains("withdrawn"), "{why}");
        assert!(was_signed_over(document, &signature, &keys, day("2025-06-01")).is_ok());
        assert!(was_signed_over(b"Other rules.\n", &signature, &keys, day("2025-06-01")).is_err());
    }
    let around = [b"Not signed.\n\n", &*gpg.ok("2025-06-01", &["--clear-sign"], document)].concat();
    assert!(signed_over(document, &around, &keys, day("2025-06-02")).unwrap_err().contains("around"));
}
