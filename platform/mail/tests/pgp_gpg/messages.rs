//! What GnuPG encrypted to us.

use mail::pgp::{Decrypted, OpenError, Protection, SecretKey, Verdict, decrypt};
use rstest::rstest;

use crate::gpg::{Gpg, day};

const TEAM: &str = "EXAMPLE-CERT <cert@cert.example>";
const PEER: &str = "PEER-CERT <cert@peer.example>";
const TEXT: &[u8] = b"victims: 198.51.100.7\r\n";

/// A home with our key and a peer's, both signing and encrypting; gives their fingerprints.
fn two_teams(algorithm: &str) -> (Gpg, String, String) {
    let gpg = Gpg::new();
    let (sign, encrypt) = if algorithm == "rsa" { ("rsa2048", "rsa2048") } else { ("ed25519", "cv25519") };
    let make = |user_id| {
        let key = gpg.key("2026-01-01", user_id, sign, "cert,sign", "never");
        gpg.ok("2026-01-01", &["--quick-add-key", &key, encrypt, "encr", "never"], b"");
        key
    };
    let (ours, theirs) = (make(TEAM), make(PEER));
    (gpg, ours, theirs)
}

fn open(gpg: &Gpg, ours: &str, theirs: &str, message: &[u8]) -> Result<Decrypted, OpenError> {
    let secret = SecretKey::parse(&gpg.secret(ours), None).unwrap();
    decrypt(message, &[secret], &[gpg.read(theirs)], day("2026-03-01"))
}

#[rstest]
#[case("ecc", &["--armor"])]
#[case("ecc", &["--compress-algo", "zlib"])]
#[case("rsa", &["--armor", "--compress-algo", "zip"])]
#[case("rsa", &["--compress-algo", "none", "--cipher-algo", "AES128"])]
#[case("ecc", &["--textmode", "--cipher-algo", "3DES"])]
fn encrypted_and_signed_mail_is_opened(#[case] algorithm: &str, #[case] options: &[&str]) {
    let (gpg, ours, theirs) = two_teams(algorithm);
    let mut args = options.to_vec();
    args.extend(["-u", &theirs, "-r", &ours, "-r", &theirs, "--sign", "--encrypt"]);
    let message = gpg.ok("2026-02-01", &args, TEXT);
    let opened = open(&gpg, &ours, &theirs, &message).unwrap();
    assert_eq!(opened.bytes, TEXT);
    assert_eq!(opened.protection, Protection::ModificationDetected);
    assert_eq!(opened.recipients.len(), 2);
    assert!(gpg.read(&ours).has_id(&opened.recipients[0]));
    assert_eq!(opened.signatures.len(), 1);
    assert!(opened.signatures[0].is_good(), "{}", opened.signatures[0]);
    assert!(opened.signatures[0].signer().unwrap().is("cert@peer.example"));
}

#[test]
fn encrypted_but_not_signed_says_so() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["-r", &ours, "--encrypt"], TEXT);
    assert!(open(&gpg, &ours, &theirs, &message).unwrap().signatures.is_empty());
}

#[test]
fn signed_but_not_encrypted_says_so() {
    let (gpg, ours, theirs) = two_teams("ecc");
    for args in
        [&["-u", &theirs, "--armor", "--sign"][..], &["-u", &theirs, "--compress-algo", "none", "--sign"]]
    {
        let opened = open(&gpg, &ours, &theirs, &gpg.ok("2026-02-01", args, TEXT)).unwrap();
        assert_eq!((opened.bytes, opened.protection), (TEXT.to_vec(), Protection::None));
        assert!(opened.signatures[0].is_good());
    }
}

#[test]
fn a_hidden_recipient_can_read_it_too() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["-R", &theirs, "-R", &ours, "--encrypt"], TEXT);
    let opened = open(&gpg, &ours, &theirs, &message).unwrap();
    assert_eq!(opened.bytes, TEXT);
    assert_eq!(opened.recipients, ["0000000000000000"; 2]);
}

#[test]
fn mail_for_others_names_their_keys() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["-r", &theirs, "--encrypt"], TEXT);
    let closed = open(&gpg, &ours, &theirs, &message).unwrap_err();
    assert!(matches!(&closed, OpenError::NotForUs(keys) if gpg.read(&theirs).has_id(&keys[0])), "{closed}");
}

#[test]
fn a_password_is_not_guessed() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["--passphrase", "secret", "--symmetric"], TEXT);
    assert_eq!(open(&gpg, &ours, &theirs, &message).unwrap_err(), OpenError::Password);
}

#[test]
fn altered_mail_is_not_shown() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["-r", &ours, "--compress-algo", "none", "--encrypt"], TEXT);
    for at in [message.len() - 5, message.len() - 30, message.len() - 45] {
        let mut altered = message.clone();
        altered[at] ^= 1;
        assert_eq!(open(&gpg, &ours, &theirs, &altered).unwrap_err(), OpenError::Altered);
    }
    let cut = &message[..message.len() - 10];
    assert!(matches!(open(&gpg, &ours, &theirs, cut), Err(OpenError::Altered | OpenError::Malformed(_))));
}

#[test]
fn a_signature_inside_by_an_unknown_key_is_named() {
    let (gpg, ours, theirs) = two_teams("ecc");
    let message = gpg.ok("2026-02-01", &["-u", &theirs, "-r", &ours, "--sign", "--encrypt"], TEXT);
    let secret = SecretKey::parse(&gpg.secret(&ours), None).unwrap();
    let opened = decrypt(&message, &[secret], &[], day("2026-03-01")).unwrap();
    assert_eq!(opened.signatures, [Verdict::UnknownKey { key_id: theirs }]);
}

#[test]
fn old_mail_is_read_with_a_key_that_has_expired_since() {
    let gpg = Gpg::new();
    let ours = gpg.team_key("2020-01-01", TEAM, "1y");
    let message = gpg.ok("2020-02-01", &["-r", &ours, "--encrypt"], TEXT);
    assert_eq!(open(&gpg, &ours, &ours, &message).unwrap().bytes, TEXT);
}
