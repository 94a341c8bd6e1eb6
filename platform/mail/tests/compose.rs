//! What a recipient gets: read back by our own reader and by GnuPG.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::process::{Command, Stdio};

use mail::compose::{Attachment, ComposeError, Outgoing, Protection, compose, protect};
use mail::limits::Limits;
use mail::message::{Mailbox, Opened, SignatureForm};
use mail::open::{open, raw_part};
use mail::pgp::{KeyParams, KeyRing, PublicKey, SecretKey, Seed};
use mail::unlock::NoKeys;
use proptest::prelude::*;

const NOON: i64 = 1_795_262_400;
const SEED: [u8; 32] = [7; 32];

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox { name: name.into(), address: address.into() }
}

fn letter() -> Outgoing {
    Outgoing {
        from: mailbox("CERT Žabnica, \"desk\"", "cert@team.example"),
        to: vec![mailbox("", "abuse@isp.example"), mailbox("Noč", "noc@isp.example")],
        cc: vec![],
        reply_to: Some(mailbox("", "inv+k3xw9q@team.example")),
        subject: "[TLP:AMBER] Okužene naprave v vašem omrežju, prosimo za ukrepanje v najkrajšem možnem času"
            .into(),
        message_id: "inv-1@team.example".into(),
        in_reply_to: Some("q@isp.example".into()),
        references: (0..20).map(|n| format!("reference-number-{n}@isp.example")).collect(),
        date: NOON * 1_000_000,
        text: "Pozdravljeni,\n\nFrom here on: 192.0.2.1 =?x?q?y?=\n.\ntrailing \nčšž\n".into(),
        attachments: vec![Attachment {
            name: "naslovi žrtev.csv".into(),
            content_type: "text/csv".into(),
            bytes: b"ip,time\n192.0.2.1,2026-11-21\r\n192.0.2.2,x \n".to_vec(),
        }],
        headers: vec![
            ("Auto-Submitted".into(), "auto-generated".into()),
            ("X-Wardmote-Case".into(), "č".into()),
        ],
    }
}

fn read(raw: &[u8]) -> Opened {
    open(raw, &Limits::default(), &NoKeys)
}

#[test]
fn what_is_written_is_what_is_read() {
    let mail = letter();
    let raw = compose(&mail, &SEED).unwrap();
    let got = read(&raw);
    assert_eq!(got.notes, []);
    assert_eq!(got.headers.from[0], mail.from);
    assert_eq!(got.headers.to, mail.to);
    assert_eq!(got.headers.reply_to[0].address, "inv+k3xw9q@team.example");
    assert_eq!(got.headers.subject, mail.subject);
    assert_eq!(got.headers.message_id.as_ref(), Some(&mail.message_id));
    assert_eq!(got.headers.in_reply_to, ["q@isp.example"]);
    assert_eq!(got.headers.references, mail.references);
    assert_eq!(got.headers.date, Some(mail.date));
    assert_eq!(got.headers.auto_submitted.as_deref(), Some("auto-generated"));
    assert_eq!(got.body_text().replace("\r\n", "\n"), mail.text);
    assert_eq!(got.parts[1].name.as_deref(), Some("naslovi žrtev.csv"));
    let csv = raw_part(&raw, "2", &Limits::default(), &NoKeys).unwrap();
    assert_eq!(csv, mail.attachments[0].bytes);
    assert!(raw.is_ascii(), "any relay takes it");
    assert!(raw.split(|&b| b == b'\n').all(|l| l.len() <= 998 && l.last().is_none_or(|&b| b == b'\r')));
    assert_eq!(raw, compose(&mail, &SEED).unwrap());
}

#[test]
fn a_forwarded_mail_stays_a_mail_when_it_can() {
    let plain = b"From: a@b.example\r\nSubject: x\r\n\r\nhello\r\n".to_vec();
    let eight_bit = "Subject: x\r\n\r\nčšž\r\n".as_bytes().to_vec();
    for (bytes, content_type) in [(plain, "message/rfc822"), (eight_bit, "application/octet-stream")] {
        let file = Attachment {
            name: "report.eml".into(),
            content_type: "message/rfc822".into(),
            bytes: bytes.clone(),
        };
        let raw = compose(&Outgoing { attachments: vec![file], ..letter() }, &SEED).unwrap();
        let got = read(&raw);
        assert_eq!(got.parts[1].content_type, content_type);
        assert_eq!(got.parts[2].path, "2/report.eml/1");
        assert_eq!(raw_part(&raw, "2", &Limits::default(), &NoKeys).unwrap(), bytes);
    }
}

#[test]
fn no_value_leaves_its_field() {
    type Change = fn(&mut Outgoing);
    let changes: [(&str, Change); 12] = [
        ("subject", |m| m.subject = "hi\r\nBcc: all@b.example".into()),
        ("name", |m| m.from.name = "x\nBcc: y@z.example".into()),
        ("address", |m| m.to[0].address = "a@b.example>, <c@d.example".into()),
        ("address", |m| m.to[0].address = "a@b.example\r\nX: y".into()),
        ("address", |m| m.to[0].address = "no-at".into()),
        ("id", |m| m.message_id = "a@b>\r\nX: y".into()),
        ("references", |m| m.references.push("a b@c".into())),
        ("header name", |m| m.headers.push(("X: y\r\nBcc".into(), "z".into()))),
        ("header value", |m| m.headers.push(("X-Y".into(), "a\rb".into()))),
        ("reserved", |m| m.headers.push(("BCC".into(), "a@b.example".into()))),
        ("file name", |m| m.attachments[0].name = "a\"\r\nX: y".into()),
        ("file type", |m| m.attachments[0].content_type = "text/plain\r\nX: y".into()),
    ];
    for (what, change) in changes {
        let mut mail = letter();
        change(&mut mail);
        assert!(compose(&mail, &SEED).is_err(), "{what}");
    }
    assert!(matches!(compose(&Outgoing { to: vec![], ..letter() }, &SEED), Err(ComposeError::NoRecipient)));
}

fn key(user_id: &str, seed: u8) -> SecretKey {
    let params = KeyParams { user_id: user_id.into(), created: NOON - 1_000, expires: None };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

#[test]
fn a_signed_mail_verifies_and_a_changed_one_does_not() {
    let team = key("CERT <cert@team.example>", 1);
    let protection = Protection { sign: Some(&team), encrypt_to: &[], at: NOON, outer_subject: None };
    let raw = protect(&letter(), &SEED, &protection).unwrap();
    let keys = [team.public().clone()];
    let ring = KeyRing { public: &keys, secret: &[], at: NOON + 60 };
    let got = open(&raw, &Limits::default(), &ring);
    assert_eq!(got.signatures.len(), 1);
    assert!(got.signatures[0].verdict.good, "{}", got.signatures[0].verdict.words);
    assert_eq!(got.body_text().replace("\r\n", "\n"), letter().text);
    // A gateway that changes the line ends does not break it; one that changes a word does.
    let unix = String::from_utf8(raw.clone()).unwrap().replace("\r\n", "\n");
    assert!(open(unix.as_bytes(), &Limits::default(), &ring).signatures[0].verdict.good);
    let changed = String::from_utf8(raw).unwrap().replacen(
        "Content-Disposition: attachment",
        "Content-Disposition: inline",
        1,
    );
    assert!(!open(changed.as_bytes(), &Limits::default(), &ring).signatures[0].verdict.good);
}

#[test]
fn an_encrypted_mail_hides_its_subject_and_opens_with_the_key() {
    let (team, isp) = (key("CERT <cert@team.example>", 1), key("ISP <abuse@isp.example>", 2));
    let to = [isp.public()];
    let protection = Protection {
        sign: Some(&team),
        encrypt_to: &to,
        at: NOON,
        outer_subject: Some("[TLP:AMBER] a message from CERT"),
    };
    let raw = protect(&letter(), &SEED, &protection).unwrap();
    let text = String::from_utf8(raw.clone()).unwrap();
    assert!(text.contains("\r\nSubject: [TLP:AMBER] a message from CERT\r\n"));
    assert_eq!(text.matches("Subject:").count(), 1);
    let public: [PublicKey; 1] = [team.public().clone()];
    let secret = [isp];
    let got = open(&raw, &Limits::default(), &KeyRing { public: &public, secret: &secret, at: NOON + 60 });
    assert_eq!(got.subject(), letter().subject);
    assert_eq!(got.body_text().replace("\r\n", "\n"), letter().text);
    assert_eq!(got.part("2/decrypted/2").unwrap().name.as_deref(), Some("naslovi žrtev.csv"));
    assert_eq!(got.signatures[0].form, SignatureForm::PgpEncrypted);
    assert!(got.signatures[0].verdict.good, "{}", got.signatures[0].verdict.words);
    let closed = read(&raw);
    assert!(closed.notes.iter().any(|n| n.what.contains("stays closed")), "{:?}", closed.notes);
}

/// gpg with its own empty home; keys imported from files. `None` when gpg is not installed.
struct Gpg(tempfile::TempDir);

impl Gpg {
    fn new(keys: &[String]) -> Gpg {
        let gpg = Gpg(tempfile::tempdir().unwrap());
        for key in keys {
            let (ok, _, words) = gpg.run(&["--import"], key.as_bytes());
            assert!(ok, "{words}");
        }
        gpg
    }

    fn run(&self, args: &[&str], input: &[u8]) -> (bool, Vec<u8>, String) {
        let mut child = Command::new("gpg")
            .args([
                "--batch",
                "--quiet",
                "--trust-model",
                "always",
                "--no-autostart",
                "--faked-system-time",
                "20261121T130000",
            ])
            .arg("--homedir")
            .arg(self.0.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is needed for this test: apt install gnupg");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn gpg_verifies_our_signed_mail() {
    let team = key("CERT <cert@team.example>", 3);
    let protection = Protection { sign: Some(&team), encrypt_to: &[], at: NOON, outer_subject: None };
    let text = String::from_utf8(protect(&letter(), &SEED, &protection).unwrap()).unwrap();
    // As a mail program does it: between the boundaries, without the last line end.
    let boundary = text.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let parts: Vec<_> = text.split(&format!("--{boundary}")).collect();
    let signed = parts[1].strip_prefix("\r\n").unwrap().strip_suffix("\r\n").unwrap();
    let signature = parts[2].split_once("\r\n\r\n").unwrap().1;
    let gpg = Gpg::new(&[team.public().to_armored()]);
    let (file, sig) = (gpg.0.path().join("signed"), gpg.0.path().join("signed.asc"));
    std::fs::write(&file, signed).unwrap();
    std::fs::write(&sig, signature).unwrap();
    let (ok, _, words) = gpg.run(&["--verify", sig.to_str().unwrap(), file.to_str().unwrap()], b"");
    assert!(ok && words.contains("Good signature from \"CERT <cert@team.example>\""), "{words}");
}

proptest! {
    /// Whatever text a template or a reporter brings, the mail reads back to it.
    #[test]
    fn any_text_survives(text in "[ -~čžß\n\t]{0,300}", subject in "[ -~čžß😀]{0,120}", name in "[ -~čž]{0,60}") {
        let mail = Outgoing { text, subject: subject.clone(), from: mailbox(&name, "cert@team.example"), ..letter() };
        let raw = compose(&mail, &SEED).unwrap();
        prop_assert!(raw.is_ascii());
        let got = read(&raw);
        prop_assert_eq!(got.headers.to.len(), 2);
        let body = raw_part(&raw, "1", &Limits::default(), &NoKeys).unwrap();
        let lines = |t: &str| t.lines().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(lines(&String::from_utf8(body).unwrap()), lines(&mail.text));
        let words = |t: &str| t.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&got.headers.subject), words(&subject));
    }
}
