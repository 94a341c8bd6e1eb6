//! What of a mail is signed: any mail, and a signed one that is altered. Nobody but the key's holder signs, and what is
//! said to be signed is what was.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mail::Limits;
use mail::open::{SignedText, signed_plain, signed_texts};
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};

const NOW: i64 = 1_795_291_200;
const TEXT: &str = "inetnum: 192.0.2.0 - 192.0.2.255\r\nmnt-irt: IRT-X\r\nsource: WARD";

/// A key of ours, and a mail that is clear-signed with it and signed around that.
static OURS: LazyLock<(SecretKey, Vec<u8>)> = LazyLock::new(|| {
    let params =
        KeyParams { user_id: "Duty <cert@aldermark.example>".into(), created: NOW - 1_000, expires: None };
    let key = SecretKey::generate(&params, Seed::from([7; 32])).expect("a plain key");
    let sign = |text: &str, mode| key.sign_detached(text.as_bytes(), mode, NOW).expect("a valid key").armored;
    let clear = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{TEXT}\n{}",
        sign(TEXT, SignatureMode::Text)
    );
    let part =
        format!("Content-Type: text/plain\r\n\r\n{}", clear.replace("\r\n", "\n").replace('\n', "\r\n"));
    let mail = format!(
        "From: a@b.example\r\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n\
         --b\r\n{part}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n{}\r\n--b--\r\n",
        sign(&part, SignatureMode::Binary)
    );
    (key, mail.into_bytes())
});

fn check(texts: &[SignedText], may_be_signed: bool) {
    for text in texts {
        let good = text.seals.iter().filter(|seal| seal.verdict.is_good()).count();
        assert!(good == 0 || may_be_signed, "{text:?}");
        // Both of ours cover nothing but our text.
        assert!(good < 2 || text.text.trim_end() == TEXT, "{text:?}");
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (key, mail) = &*OURS;
    let ours = std::slice::from_ref(key.public());
    let limits = Limits::default();
    check(&signed_texts(bytes, &limits, ours, NOW), false);
    check(&signed_plain(bytes, &limits, ours, NOW), false);
    let mut altered = mail.clone();
    for edit in bytes.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]])) % altered.len();
        altered[at] = edit[2];
    }
    check(&signed_texts(&altered, &limits, ours, NOW), true);
});
