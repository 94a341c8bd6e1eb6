//! OpenPGP inside ordinary mails: blocks in a text, encrypted files, and how many of them are opened.
#![allow(clippy::unwrap_used, missing_docs)]

use mail::limits::Limits;
use mail::message::{Opened, PartKind, SignatureForm};
use mail::open::{open, raw_part};
use mail::pgp::{KeyParams, KeyRing, SecretKey, Seed, encrypt, encrypt_and_sign};

const NOON: i64 = 1_795_262_400;

fn key(user_id: &str, seed: u8) -> SecretKey {
    let params = KeyParams { user_id: user_id.into(), created: NOON - 1_000, expires: None };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

fn read(raw: &[u8], ours: &SecretKey, theirs: &SecretKey) -> Opened {
    let (public, secret) = ([theirs.public().clone()], [ours.clone()]);
    open(raw, &Limits::default(), &KeyRing { public: &public, secret: &secret, at: NOON + 60 })
}

#[test]
fn an_encrypted_block_in_a_text_is_read_with_its_signature() {
    let (ours, theirs) = (key("CERT <cert@team.example>", 1), key("Ana <ana@isp.example>", 2));
    let block = encrypt_and_sign(
        &[ours.public()],
        &theirs,
        b"host 192.0.2.77 is infected\n",
        NOON,
        Seed::from([3; 32]),
    )
    .unwrap();
    let raw = format!("From: ana@isp.example\r\nSubject: x\r\n\r\nHello,\r\n\r\n{block}\r\nBye\r\n");
    let mail = read(raw.as_bytes(), &ours, &theirs);
    assert_eq!(mail.part("1/decrypted").unwrap().text.as_deref(), Some("host 192.0.2.77 is infected\n"));
    assert_eq!(mail.signatures[0].form, SignatureForm::PgpEncrypted);
    assert!(mail.signatures[0].verdict.good, "{}", mail.signatures[0].verdict.words);
    assert_eq!(mail.signatures[0].verdict.signer.as_deref(), Some("Ana <ana@isp.example>"));
}

#[test]
fn an_encrypted_file_is_the_file_without_pgp() {
    let (ours, theirs) = (key("CERT <cert@team.example>", 1), key("Ana <ana@isp.example>", 2));
    let table = encrypt(&[ours.public()], b"ip\n192.0.2.78\n", NOON, Seed::from([4; 32])).unwrap();
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee file\r\n--b\r\n\
         Content-Type: application/octet-stream; name=\"hosts.csv.pgp\"\r\n\r\n{table}\r\n--b--\r\n"
    );
    let mail = read(raw.as_bytes(), &ours, &theirs);
    assert_eq!(mail.part("2").unwrap().kind, PartKind::Encrypted);
    let inner = mail.part("2/hosts.csv").unwrap();
    assert_eq!((inner.content_type.as_str(), inner.text.as_deref()), ("text/csv", Some("ip\n192.0.2.78\n")));
    let (public, secret) = ([theirs.public().clone()], [ours.clone()]);
    let ring = KeyRing { public: &public, secret: &secret, at: NOON + 60 };
    let bytes = raw_part(raw.as_bytes(), "2/hosts.csv", &Limits::default(), &ring).unwrap();
    assert_eq!(bytes, b"ip\n192.0.2.78\n");
    // With another key it stays closed, and the note says for whom it is.
    let closed = read(raw.as_bytes(), &theirs, &theirs);
    assert!(closed.part("2/hosts.csv").is_none());
    let words = &closed.notes[0].what;
    assert!(
        words.starts_with("encrypted, and stays closed: encrypted, but not for a key of ours"),
        "{words}"
    );
}

#[test]
fn a_mail_full_of_encrypted_blocks_is_opened_up_to_the_limit() {
    let (ours, theirs) = (key("CERT <cert@team.example>", 1), key("Ana <ana@isp.example>", 2));
    let block = encrypt(&[ours.public()], b"x", NOON, Seed::from([5; 32])).unwrap();
    let raw = format!("Subject: x\r\n\r\n{}", format!("{block}\r\n").repeat(30));
    let mail = read(raw.as_bytes(), &ours, &theirs);
    assert_eq!(mail.parts.len(), 1 + Limits::default().crypto);
    assert!(mail.notes.iter().any(|n| n.what.contains("more encrypted messages")));
}
