//! What we make, as GnuPG sees it.

use mail::pgp::{
    EncryptError, KeyParams, PublicKey, SecretKey, Seed, SignError, SignatureMode, Validity, decrypt,
    encrypt, encrypt_and_sign,
};
use rstest::rstest;

use crate::gpg::{Gpg, YEAR, day};

const TEAM: &str = "Équipe EXAMPLE-CERT <cert@cert.example>";
const TEXT: &[u8] = b"victims: 198.51.100.7\r\n";

fn our_key(seed: u8, expires: Option<i64>) -> SecretKey {
    let params = KeyParams { user_id: TEAM.into(), created: day("2026-01-01"), expires };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

#[test]
fn gpg_reads_the_key_that_we_make() {
    let key = our_key(1, Some(day("2028-01-01")));
    let public = key.public();
    assert_eq!(public.user_ids(), [TEAM]);
    assert_eq!(public.can_encrypt(day("2027-01-01")), Validity::Valid { until: Some(day("2028-01-01")) });
    assert_eq!(public.can_sign(day("2028-01-01")), Validity::Expired { on: day("2028-01-01") });

    let gpg = Gpg::new();
    gpg.ok("2026-06-01", &["--import"], public.to_armored().as_bytes());
    let list = gpg.ok("2026-06-01", &["--with-colons", "--fixed-list-mode", "--list-keys"], b"");
    let list = String::from_utf8(list).unwrap();
    let (made, end) = (day("2026-01-01").to_string(), day("2028-01-01").to_string());
    let rows: Vec<Vec<&str>> = list.lines().map(|line| line.split(':').collect()).collect();
    let key_rows: Vec<_> = rows.iter().filter(|row| matches!(row[0], "pub" | "sub")).collect();
    assert_eq!(key_rows.len(), 2);
    for (row, algorithm, usage) in [(key_rows[0], "22", "sc"), (key_rows[1], "18", "e")] {
        assert_eq!((row[3], row[5], row[6]), (algorithm, &made[..], &end[..]));
        assert!(row[11].starts_with(usage), "{}", row[11]);
    }
    assert!(list.contains(&public.fingerprint()) && list.contains(TEAM));
}

#[test]
fn the_same_seed_makes_the_same_key_and_another_another() {
    assert_eq!(our_key(1, None).public(), our_key(1, None).public());
    assert_ne!(our_key(1, None).public().fingerprint(), our_key(2, None).public().fingerprint());
}

#[test]
fn a_stored_key_is_the_same_key() {
    let key = our_key(1, None);
    for stored in [key.to_armored().into_bytes(), key.to_bytes()] {
        let again = SecretKey::parse(&stored, None).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(again.sign_detached(TEXT, SignatureMode::Binary, day("2026-02-01")).is_ok());
    }
}

#[rstest]
#[case(SignatureMode::Binary)]
#[case(SignatureMode::Text)]
fn gpg_verifies_what_we_sign(#[case] mode: SignatureMode) {
    let key = our_key(1, None);
    let gpg = Gpg::new();
    gpg.ok("2026-02-01", &["--import"], &key.public().to_bytes());
    let signature = key.sign_detached(TEXT, mode, day("2026-02-01")).unwrap();
    assert_eq!(signature.micalg, "pgp-sha512");

    let files = tempfile::tempdir().unwrap();
    let (data, detached) = (files.path().join("data"), files.path().join("data.asc"));
    std::fs::write(&data, TEXT).unwrap();
    std::fs::write(&detached, &signature.armored).unwrap();
    let args = ["--status-fd", "1", "--verify", detached.to_str().unwrap(), data.to_str().unwrap()];
    let status = String::from_utf8(gpg.ok("2026-02-02", &args, b"")).unwrap();
    assert!(status.contains("GOODSIG") && status.contains(&key.public().fingerprint()), "{status}");

    std::fs::write(&data, b"changed").unwrap();
    assert!(!gpg.run("2026-02-02", &args, b"").status.success());
}

#[test]
fn gpg_opens_what_we_encrypt_for_all_kinds_of_keys() {
    let gpg = Gpg::new();
    let rsa = gpg.key("2026-01-01", "RSA <rsa@peer.example>", "rsa2048", "cert,sign", "never");
    gpg.ok("2026-01-01", &["--quick-add-key", &rsa, "rsa2048", "encr", "never"], b"");
    let ecc = gpg.team_key("2026-01-01", "ECC <ecc@peer.example>", "never");
    let nist = gpg.key("2026-01-01", "NIST <nist@peer.example>", "nistp256", "cert,sign", "never");
    gpg.ok("2026-01-01", &["--quick-add-key", &nist, "nistp256", "encr", "never"], b"");
    let signer = our_key(1, None);
    gpg.ok("2026-01-01", &["--import"], &signer.public().to_bytes());
    for (seed, key) in [rsa, ecc, nist].iter().enumerate() {
        let recipient = gpg.read(key);
        let recipients = [&recipient, signer.public()];
        let seed = Seed::from([seed as u8; 32]);
        let message = encrypt_and_sign(&recipients, &signer, TEXT, day("2026-02-01"), seed).unwrap();
        let output = gpg.run("2026-02-02", &["--batch", "--status-fd", "2", "--decrypt"], message.as_bytes());
        let status = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.stdout, TEXT, "{status}");
        for line in ["GOODSIG", "GOODMDC", "DECRYPTION_OKAY"] {
            assert!(status.contains(line), "{status}");
        }
        // And so do we, with our own copy
        let opened = decrypt(
            message.as_bytes(),
            std::slice::from_ref(&signer),
            &[signer.public().clone()],
            day("2026-02-02"),
        );
        let opened = opened.unwrap();
        assert!(opened.bytes == TEXT && opened.signatures[0].is_good());
    }
}

#[test]
fn gpg_decrypts_with_a_secret_key_that_we_made() {
    let key = our_key(1, None);
    let gpg = Gpg::new();
    gpg.ok("2026-02-01", &["--import"], key.to_armored().as_bytes());
    let message = encrypt(&[key.public()], TEXT, day("2026-02-01"), Seed::from([9; 32])).unwrap();
    assert_eq!(gpg.ok("2026-02-02", &["--decrypt"], message.as_bytes()), TEXT);
    // And the other way: what gpg encrypts and signs with it, we open
    let theirs = gpg.ok("2026-02-02", &["-u", &key.public().fingerprint(), "-r", TEAM, "-se"], TEXT);
    let opened =
        decrypt(&theirs, std::slice::from_ref(&key), &[key.public().clone()], day("2026-02-03")).unwrap();
    assert!(opened.bytes == TEXT && opened.signatures[0].is_good());
}

#[test]
fn nothing_is_encrypted_to_a_key_that_is_not_valid() {
    let gpg = Gpg::new();
    let expired = gpg.read(&gpg.team_key("2024-01-01", "Old <old@peer.example>", "1y"));
    let good = our_key(1, None);
    let failure =
        encrypt(&[good.public(), &expired], TEXT, day("2026-02-01"), Seed::from([1; 32])).unwrap_err();
    let words = format!(
        "not encrypted: key {} (Old <old@peer.example>) expired on 2024-12-31",
        expired.fingerprint()
    );
    assert_eq!(failure.to_string(), words);

    let revoked = gpg.team_key("2024-01-01", "Gone <gone@peer.example>", "never");
    gpg.revoke("2025-01-01", &revoked, 1);
    let failure = encrypt(&[&gpg.read(&revoked)], TEXT, day("2026-02-01"), Seed::from([1; 32])).unwrap_err();
    assert!(matches!(failure, EncryptError::Recipient { why: Validity::Revoked { .. }, .. }));
    assert_eq!(encrypt(&[], TEXT, day("2026-02-01"), Seed::from([1; 32])), Err(EncryptError::NoRecipient));
}

#[test]
fn an_expired_key_of_ours_does_not_sign() {
    let key = our_key(1, Some(day("2026-01-01") + YEAR));
    let failure = key.sign_detached(TEXT, SignatureMode::Binary, day("2027-06-01")).unwrap_err();
    assert!(matches!(&failure, SignError::Unusable { why: Validity::Expired { .. }, .. }));
    assert!(failure.to_string().ends_with("cannot sign: expired on 2027-01-01"));
}

#[test]
fn after_a_rotation_mail_goes_to_the_new_subkey() {
    let gpg = Gpg::new();
    let key = gpg.key("2024-01-01", "Peer <cert@peer.example>", "ed25519", "cert,sign", "never");
    gpg.ok("2024-01-01", &["--quick-add-key", &key, "cv25519", "encr", "never"], b"");
    gpg.ok("2025-01-01", &["--quick-add-key", &key, "cv25519", "encr", "never"], b"");
    let list = String::from_utf8(gpg.ok("2026-01-01", &["--with-colons", "--list-keys", &key], b"")).unwrap();
    let subkeys: Vec<_> =
        list.lines().filter(|l| l.starts_with("sub")).map(|l| l.split(':').nth(4).unwrap()).collect();
    let peer = gpg.read(&key);
    for (date, subkey) in [("2024-06-01", subkeys[0]), ("2026-01-01", subkeys[1])] {
        let message = encrypt(&[&peer], TEXT, day(date), Seed::from([1; 32])).unwrap();
        let closed = decrypt(message.as_bytes(), &[], &[], day(date)).unwrap_err();
        assert_eq!(closed, mail::pgp::OpenError::NotForUs(vec![subkey.to_owned()]));
    }
}

#[test]
fn a_user_id_needs_words_on_one_line() {
    for user_id in ["", "  ", "a\nb"] {
        let params = KeyParams { user_id: user_id.into(), created: 0, expires: None };
        assert!(SecretKey::generate(&params, Seed::from([1; 32])).is_err());
    }
    assert!(
        PublicKey::parse_all(our_key(3, None).to_armored().as_bytes()).is_ok(),
        "the public half of a secret key"
    );
}
