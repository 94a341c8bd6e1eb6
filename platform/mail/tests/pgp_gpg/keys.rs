//! What a key made by GnuPG is worth, and when.

use mail::pgp::{KeyError, PublicKey, SecretKey, SignatureMode, Validity};
use rstest::rstest;

use crate::gpg::{Gpg, YEAR, day};

const TEAM: &str = "EXAMPLE-CERT <cert@cert.example>";

#[test]
fn a_key_is_valid_from_its_making_to_its_expiry() {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "2y");
    let key = gpg.read(&fingerprint);
    let (made, end) = (day("2024-01-01"), day("2024-01-01") + 2 * YEAR);

    assert_eq!(key.fingerprint(), fingerprint);
    assert_eq!(key.key_id(), fingerprint[24..]);
    assert_eq!(key.user_ids(), [TEAM]);
    assert_eq!(key.emails(), ["cert@cert.example"]);
    assert_eq!((key.created(), key.expires()), (made, Some(end)));

    assert_eq!(key.validity(made - 1), Validity::NotYetValid { from: made });
    for question in [PublicKey::validity, PublicKey::can_sign, PublicKey::can_encrypt] {
        assert_eq!(question(&key, made), Validity::Valid { until: Some(end) });
        assert_eq!(question(&key, end - 1), Validity::Valid { until: Some(end) });
        assert_eq!(question(&key, end), Validity::Expired { on: end });
    }
    assert_eq!(key.validity(end - 1).to_string(), "valid until 2025-12-31");
    assert_eq!(key.validity(end).to_string(), "expired on 2025-12-31");
}

#[test]
fn a_renewed_key_is_valid_again() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("2020-01-01", TEAM, "ed25519", "cert,sign", "1y");
    let old = gpg.read(&fingerprint);
    gpg.ok("2020-12-01", &["--quick-set-expire", &fingerprint, "2y"], b"");
    let renewed = gpg.read(&fingerprint);

    assert!(!old.validity(day("2021-06-01")).is_valid());
    assert!(renewed.validity(day("2021-06-01")).is_valid());
    assert_eq!(renewed.expires(), Some(day("2020-12-01") + 2 * YEAR));
    // A copy with only the newest self-signature speaks for the time before as well
    let minimal =
        gpg.ok("2030-01-01", &["--export-options", "export-minimal", "--export", &fingerprint], b"");
    assert!(PublicKey::parse_all(&minimal).unwrap()[0].can_sign(day("2020-03-01")).is_valid());
}

#[rstest]
#[case::no_reason(0, "no reason given (moved)", false)]
#[case::compromised(1, "the secret key may be in other hands (moved)", false)]
#[case::superseded(2, "replaced by another key (moved)", true)]
#[case::retired(3, "no longer used (moved)", true)]
fn a_revoked_key_says_when_and_why(#[case] reason: u8, #[case] words: &str, #[case] was_good_before: bool) {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "never");
    gpg.revoke("2025-03-01", &fingerprint, reason);
    let key = gpg.read(&fingerprint);

    let revoked = Validity::Revoked { on: day("2025-03-01"), reason: words.into() };
    for question in [PublicKey::validity, PublicKey::can_sign, PublicKey::can_encrypt] {
        assert_eq!(question(&key, day("2025-03-01")), revoked);
        assert_eq!(question(&key, day("2024-06-01")).is_valid(), was_good_before);
    }
    assert_eq!(revoked.to_string(), format!("revoked on 2025-03-01: {words}"));
}

#[test]
fn the_certificate_that_gpg_lays_by_for_emergencies_revokes() {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "never");
    let key = gpg.public(&fingerprint);
    gpg.revoke("2025-03-01", &fingerprint, 0);
    // Published alone, as key servers get it: the key of before and the revocation after it
    let mut both = key.clone();
    both.extend(gpg.public(&fingerprint));
    let keys = PublicKey::parse_all(&both).unwrap();
    assert!(keys[0].validity(day("2026-01-01")).is_valid());
    assert!(!keys[1].validity(day("2026-01-01")).is_valid());
}

#[test]
fn rotated_subkeys_are_used_one_after_the_other() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("2020-01-01", TEAM, "ed25519", "cert,sign", "never");
    gpg.ok("2020-01-01", &["--quick-add-key", &fingerprint, "cv25519", "encr", "1y"], b"");
    gpg.ok("2022-01-01", &["--quick-add-key", &fingerprint, "cv25519", "encr", "1y"], b"");
    let key = gpg.read(&fingerprint);
    let first_end = day("2020-01-01") + YEAR;

    assert_eq!(key.can_encrypt(day("2020-06-01")), Validity::Valid { until: Some(first_end) });
    // Between the two the key is in order, and still nobody can encrypt to it
    assert_eq!(key.can_encrypt(day("2021-06-01")), Validity::NotYetValid { from: day("2022-01-01") });
    assert!(key.validity(day("2021-06-01")).is_valid());
    assert_eq!(key.can_encrypt(day("2022-06-01")), Validity::Valid { until: Some(day("2022-01-01") + YEAR) });
    assert_eq!(key.can_encrypt(day("2024-01-01")), Validity::Expired { on: day("2022-01-01") + YEAR });
}

#[test]
fn a_revoked_subkey_does_not_spoil_the_key() {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "never");
    let answers = b"key 1\nrevkey\ny\n1\n\ny\nsave\n";
    let edit = gpg.run("2025-01-01", &["--command-fd", "0", "--edit-key", &fingerprint], answers);
    assert!(edit.status.success(), "{}", String::from_utf8_lossy(&edit.stderr));
    let key = gpg.read(&fingerprint);
    let revoked =
        Validity::Revoked { on: day("2025-01-01"), reason: "the secret key may be in other hands".into() };
    assert_eq!(key.can_encrypt(day("2025-06-01")), revoked);
    assert!(key.can_sign(day("2025-06-01")).is_valid());
}

#[test]
fn a_key_that_only_signs_cannot_be_encrypted_to() {
    let gpg = Gpg::new();
    let key = gpg.read(&gpg.key("2024-01-01", TEAM, "ed25519", "cert,sign", "never"));
    let at = day("2025-01-01");
    assert_eq!(key.can_sign(at), Validity::Valid { until: None });
    assert_eq!(key.can_encrypt(at), Validity::CannotEncrypt);
    assert_eq!(key.can_encrypt(at).to_string(), "has no part to encrypt to");
}

#[test]
fn a_key_that_only_certifies_cannot_sign_mail() {
    let gpg = Gpg::new();
    let key = gpg.read(&gpg.key("2024-01-01", TEAM, "ed25519", "cert", "never"));
    assert_eq!(key.can_sign(day("2025-01-01")), Validity::CannotSign);
    assert!(key.validity(day("2025-01-01")).is_valid());
}

#[test]
fn self_signatures_with_sha1_are_not_relied_on() {
    let gpg = Gpg::new();
    let options = ["--cert-digest-algo", "SHA1", "--allow-weak-digest-algos"];
    let key = gpg.read(&gpg.key_with("2025-01-01", TEAM, "rsa2048", "cert,sign", "never", &options));
    let verdict = key.validity(day("2026-01-01"));
    assert_eq!(verdict.to_string(), "not to be relied on: its self-signatures are made with SHA1");
    assert_eq!(key.user_ids(), Vec::<String>::new());
}

#[rstest]
#[case("rsa2048")]
#[case("rsa4096")]
#[case("nistp256")]
#[case("brainpoolP256r1")]
fn keys_of_other_algorithms_are_read(#[case] algorithm: &str) {
    let gpg = Gpg::new();
    let keys =
        PublicKey::parse_all(&gpg.public(&gpg.key("2024-01-01", TEAM, algorithm, "cert,sign", "never")));
    if algorithm.starts_with("brainpool") {
        // A curve that the library does not know: then it must say so, and not trust it
        assert!(!keys.unwrap()[0].can_sign(day("2025-01-01")).is_valid());
    } else {
        assert!(keys.unwrap()[0].can_sign(day("2025-01-01")).is_valid());
    }
}

#[test]
fn short_rsa_is_not_relied_on() {
    let gpg = Gpg::new();
    let key = gpg.read(&gpg.key("2024-01-01", TEAM, "rsa1024", "cert,sign", "never"));
    assert_eq!(
        key.validity(day("2025-01-01")),
        Validity::Weak { why: "RSA of 1024 bits is too short".into() }
    );
}

#[test]
fn dsa_and_elgamal_are_not_relied_on() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("2024-01-01", TEAM, "dsa2048", "cert,sign", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &fingerprint, "elg2048", "encr", "never"], b"");
    let key = gpg.read(&fingerprint);
    let weak = Validity::Weak { why: "DSA is withdrawn (FIPS 186-5)".into() };
    assert_eq!(key.can_sign(day("2025-01-01")), weak);
    assert_eq!(key.can_encrypt(day("2025-01-01")), weak);
}

#[test]
fn an_elgamal_subkey_of_a_good_key_cannot_be_encrypted_to() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("2024-01-01", TEAM, "rsa2048", "cert,sign", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &fingerprint, "elg2048", "encr", "never"], b"");
    let verdict = gpg.read(&fingerprint).can_encrypt(day("2025-01-01"));
    assert_eq!(verdict, Validity::Weak { why: "ElGamal is not supported".into() });
}

#[test]
fn a_revoked_user_id_is_gone_and_the_main_one_stands_first() {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "never");
    gpg.ok("2024-02-01", &["--quick-add-uid", &fingerprint, "Old name <old@cert.example>"], b"");
    gpg.ok("2024-03-01", &["--quick-add-uid", &fingerprint, "CERT <abuse@cert.example>"], b"");
    gpg.ok("2024-04-01", &["--quick-revoke-uid", &fingerprint, "Old name <old@cert.example>"], b"");
    gpg.ok("2024-05-01", &["--quick-set-primary-uid", &fingerprint, TEAM], b"");
    let key = gpg.read(&fingerprint);
    assert_eq!(key.emails(), ["cert@cert.example", "abuse@cert.example"]);
    assert!(key.validity(day("2025-01-01")).is_valid());
}

#[test]
fn a_user_id_that_somebody_else_attached_does_not_count() {
    use pgp::{
        composed::{Deserializable, SignedPublicKey},
        ser::Serialize,
    };
    let gpg = Gpg::new();
    let victim = gpg.public(&gpg.team_key("2024-01-01", TEAM, "never"));
    let attacker = gpg.public(&gpg.team_key("2024-01-01", "Boss <boss@ministry.example>", "never"));
    let mut forged = SignedPublicKey::from_bytes(&victim[..]).unwrap();
    forged.details.users.extend(SignedPublicKey::from_bytes(&attacker[..]).unwrap().details.users);
    let key = PublicKey::parse_all(&forged.to_bytes().unwrap()).unwrap().remove(0);
    assert_eq!(key.emails(), ["cert@cert.example"]);
}

#[test]
fn keys_are_found_in_pages_and_key_rings() {
    let gpg = Gpg::new();
    let one = gpg.team_key("2024-01-01", TEAM, "never");
    let two = gpg.team_key("2024-01-01", "Other <other@cert.example>", "never");
    let ring = gpg.ok("2024-01-01", &["--export"], b"");
    let armored =
        |key: &str| String::from_utf8(gpg.ok("2024-01-01", &["--armor", "--export", key], b"")).unwrap();
    let page = format!(
        "<html>our key<pre>\r\n{}</pre> and\r\n{}",
        armored(&one).replace('\n', "\r\n"),
        armored(&two)
    );
    for bytes in [ring, page.into_bytes()] {
        let keys = PublicKey::parse_all(&bytes).unwrap();
        assert_eq!(keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>(), [one.clone(), two.clone()]);
    }
}

#[test]
fn what_is_exported_reads_the_same_again() {
    let gpg = Gpg::new();
    let key = gpg.read(&gpg.team_key("2024-01-01", TEAM, "2y"));
    for exported in [key.to_bytes(), key.to_armored().into_bytes()] {
        assert_eq!(PublicKey::parse_all(&exported).unwrap(), std::slice::from_ref(&key));
    }
    let other = Gpg::new();
    other.ok("2024-06-01", &["--import"], key.to_armored().as_bytes());
    assert_eq!(other.fingerprint(TEAM), key.fingerprint());
}

#[test]
fn a_key_is_found_by_every_way_to_write_its_id() {
    let gpg = Gpg::new();
    let fingerprint = gpg.team_key("2024-01-01", TEAM, "never");
    let key = gpg.read(&fingerprint);
    let spaced: Vec<_> =
        fingerprint.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
    assert!(key.has_id(&spaced.join(" ").to_lowercase()));
    assert!(key.has_id(&format!("0x{}", &fingerprint[24..])));
    assert!(!key.has_id(&fingerprint[32..]), "eight digits can be made to collide");
}

#[test]
fn a_protected_secret_key_opens_with_its_passphrase_only() {
    let gpg = Gpg::new();
    let args =
        ["--passphrase", "correct horse", "--quick-generate-key", TEAM, "rsa2048", "cert,sign", "never"];
    gpg.ok("2024-01-01", &args, b"");
    let fingerprint = gpg.fingerprint(TEAM);
    let export = ["--passphrase", "correct horse", "--armor", "--export-secret-keys", &fingerprint];
    let armored = gpg.ok("2024-01-01", &export, b"");

    assert_eq!(SecretKey::parse(&armored, None).unwrap_err(), KeyError::Passphrase);
    assert_eq!(SecretKey::parse(&armored, Some("wrong")).unwrap_err(), KeyError::Passphrase);
    let key = SecretKey::parse(&armored, Some("correct horse")).unwrap();
    assert_eq!(key.public().fingerprint(), fingerprint);
    assert!(key.sign_detached(b"x", SignatureMode::Binary, day("2025-01-01")).is_ok());
    assert_eq!(format!("{key:?}"), format!("SecretKey({fingerprint})"));
    assert_eq!(
        SecretKey::parse(&gpg.public(&fingerprint), None).unwrap_err(),
        KeyError::Missing("secret key")
    );
}

#[test]
fn with_the_main_key_kept_offline_the_subkeys_work() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("2024-01-01", TEAM, "ed25519", "cert", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &fingerprint, "ed25519", "sign", "never"], b"");
    let subkeys = gpg.ok("2024-01-01", &["--export-secret-subkeys", &fingerprint], b"");
    let key = SecretKey::parse(&subkeys, None).unwrap();
    let signature = key.sign_detached(b"x", SignatureMode::Binary, day("2025-01-01")).unwrap();
    let verdicts = mail::pgp::verify_detached(
        b"x",
        signature.armored.as_bytes(),
        &[gpg.read(&fingerprint)],
        day("2025-01-01"),
    );
    assert!(verdicts[0].is_good(), "{}", verdicts[0]);
}
