//! What counts as a proof and what does not, with keys made here and with GnuPG itself.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use kit::clock::{DAY, HOUR, MINUTE, SECOND};
use kit::testing::{START, TestNode};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed, SignatureMode};

use super::*;

const OBJECT: &str = "inetnum: 192.0.2.0 - 192.0.2.255\r\nmnt-irt: IRT-X\r\nsource: WARD";

fn key(seed: u8) -> SecretKey {
    let user_id = format!("Team {seed} <cert{seed}@team.example>");
    let params = KeyParams { user_id, created: START / SECOND - 1_000_000, expires: None };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

/// A registry that has these keys.
fn open(armored: &[String]) -> (TestNode, Registry) {
    crate::testing::open(crate::testing::settings(), &key_certs(armored))
}

fn import(node: &TestNode, registry: &Registry, armored: &[String]) {
    crate::testing::import(node, registry, &key_certs(armored));
}

fn key_certs(armored: &[String]) -> String {
    armored.iter().map(|key| key_cert(key)).collect::<Vec<_>>().join("\n")
}

fn key_cert(armored: &str) -> String {
    let name = PublicKey::parse_all(armored.as_bytes()).unwrap()[0].fingerprint();
    let lines: String = armored.lines().map(|line| format!("certif: {line}\n")).collect();
    format!("key-cert: PGPKEY-{name}\nmethod: PGP\n{lines}mnt-by: WARD-MNT\nsource: WARD\n")
}

/// The text clear-signed at `at`.
fn clear(text: &str, by: &SecretKey, at: Time) -> String {
    let signature = by.sign_detached(text.as_bytes(), SignatureMode::Text, at / SECOND).unwrap().armored;
    format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n{signature}", text.replace('\r', ""))
}

fn only(signed: Vec<Signed>) -> Signed {
    assert_eq!(signed.len(), 1, "{signed:?}");
    signed.into_iter().next().unwrap()
}

#[test]
fn a_fresh_signature_by_a_key_of_the_registry_counts_with_its_whole_fingerprint() {
    let team = key(1);
    let (_node, registry) = open(&[team.public().to_armored()]);
    let found = only(registry.signed_text(&clear(OBJECT, &team, START - MINUTE), START).unwrap());
    assert_eq!(found.text, OBJECT);
    assert_eq!(found.proven.len(), 1);
    assert_eq!(found.proven[0].fingerprint, team.public().fingerprint());
    assert_eq!(found.proven[0].made_at, START - MINUTE);
    assert_eq!(found.refused, Vec::<String>::new());
}

#[test]
fn a_signature_counts_for_an_hour_and_not_from_the_future() {
    let team = key(1);
    let (_node, registry) = open(&[team.public().to_armored()]);
    for (made, counts, says) in [
        (START - HOUR, true, ""),
        (START - HOUR - SECOND, false, "a signature counts for one hour"),
        (START + AHEAD, true, ""),
        (START + AHEAD + MINUTE, false, "set the clock"),
        (START + 2 * HOUR, false, "future"),
    ] {
        let found = only(registry.signed_text(&clear(OBJECT, &team, made), START).unwrap());
        assert_eq!(!found.proven.is_empty(), counts, "{found:?}");
        assert!(found.refused.iter().all(|why| why.contains(says)), "{found:?}");
    }
}

#[test]
fn a_key_that_is_not_in_the_registry_proves_nothing_until_it_is() {
    let (team, other) = (key(1), key(2));
    let (node, registry) = open(&[other.public().to_armored()]);
    let mail = clear(OBJECT, &team, START);
    let found = only(registry.signed_text(&mail, START).unwrap());
    assert!(found.proven.is_empty());
    assert!(found.refused[0].contains("a key that is not known here"), "{found:?}");
    import(&node, &registry, &[team.public().to_armored()]);
    assert_eq!(only(registry.signed_text(&mail, START).unwrap()).proven.len(), 1);
    assert!(only(registry.signed_text(&clear(OBJECT, &other, START), START).unwrap()).proven.is_empty());
}

#[test]
fn an_altered_text_or_one_without_a_signature_proves_nothing() {
    let team = key(1);
    let (_node, registry) = open(&[team.public().to_armored()]);
    let altered = clear(OBJECT, &team, START).replace("IRT-X", "IRT-VICTIM");
    let found = only(registry.signed_text(&altered, START).unwrap());
    assert!(found.proven.is_empty() && found.has_signature());
    let found = only(registry.signed_text(OBJECT, START).unwrap());
    assert!(found.proven.is_empty() && !found.has_signature());
}

#[test]
fn two_people_who_sign_one_text_are_both_proven() {
    let (team, owner) = (key(1), key(2));
    let (_node, registry) = open(&[team.public().to_armored(), owner.public().to_armored()]);
    let inner = clear(OBJECT, &owner, START);
    let dashed: String = inner
        .lines()
        .map(|line| if line.starts_with('-') { format!("- {line}\n") } else { format!("{line}\n") })
        .collect();
    let signature = team.sign_detached(
        inner.trim_end().replace('\n', "\r\n").as_bytes(),
        SignatureMode::Text,
        START / SECOND,
    );
    let outer = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n{}",
        dashed.trim_end(),
        signature.unwrap().armored
    );
    let found = only(registry.signed_text(&outer, START).unwrap());
    let signers: Vec<_> = found.proven.iter().map(|proof| proof.fingerprint.clone()).collect();
    assert_eq!(signers, [team.public().fingerprint(), owner.public().fingerprint()], "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_used_once_however_it_is_wrapped_and_the_same_mail_may_come_back_to_it() {
    let team = key(1);
    let (node, registry) = open(&[team.public().to_armored()]);
    let mail = clear(OBJECT, &team, START);
    let (first, second) = (node.id(), node.id());
    let proven = only(registry.signed_text(&mail, START).unwrap()).proven;
    assert_eq!(registry.first_use(proven.clone(), first).await.unwrap(), None);
    assert_eq!(registry.first_use(proven.clone(), first).await.unwrap(), None, "taken up after a crash");
    node.clock.advance(MINUTE);
    let wrapped = [
        mail.clone(),
        mail.replace("Hash: SHA512", "Hash: SHA256, SHA512"),
        mail.replace("-----BEGIN PGP SIGNATURE-----\n", "-----BEGIN PGP SIGNATURE-----\nComment: another\n"),
        mail.replace('\n', "\r\n"),
        mail.replace("IRT-X\n", "IRT-X   \n"),
        format!("Dear robot,\n\n{mail}\nregards\n"),
    ];
    for copy in wrapped {
        let again = only(registry.signed_text(&copy, START).unwrap()).proven;
        assert_eq!(again.len(), 1, "{copy}");
        assert_eq!(registry.first_use(again, second).await.unwrap(), Some(START), "{copy}");
    }
    // Of the same text as a part of a mail, too.
    let part = OBJECT.to_owned();
    let signature = team.sign_detached(part.as_bytes(), SignatureMode::Text, START / SECOND).unwrap().armored;
    let mime = format!(
        "From: x@y.example\r\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n--b\r\n{part}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
    );
    let again = only(registry.signed_mail(mime.as_bytes(), START).unwrap()).proven;
    assert_eq!(registry.first_use(again, second).await.unwrap(), Some(START));
    let later =
        only(registry.signed_text(&clear(OBJECT, &team, START + SECOND), START + MINUTE).unwrap()).proven;
    assert_eq!(registry.first_use(later, second).await.unwrap(), None, "signed again, it counts again");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_mails_with_one_signature_at_the_same_time_one_counts() {
    let team = key(1);
    let (node, registry) = open(&[team.public().to_armored()]);
    let proven = only(registry.signed_text(&clear(OBJECT, &team, START), START).unwrap()).proven;
    let tries = (0..8).map(|_| {
        tokio::spawn({
            let (registry, proven, id) = (registry.clone(), proven.clone(), node.id());
            async move { registry.first_use(proven, id).await.unwrap().is_none() }
        })
    });
    let mut counted = 0;
    for one in tries {
        counted += usize::from(one.await.unwrap());
    }
    assert_eq!(counted, 1);
}

struct Gpg(tempfile::TempDir);

impl Gpg {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("gpg").tempdir().unwrap())
    }

    fn home(&self) -> &Path {
        self.0.path()
    }

    /// Runs gpg so long before the tests' beginning.
    fn run(&self, before: Time, args: &[&str], input: &[u8]) -> Vec<u8> {
        let at = START / SECOND - before / SECOND;
        let mut child = Command::new("gpg")
            .arg("--homedir")
            .arg(self.home())
            .args([
                "--batch",
                "--yes",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
                "--trust-model",
                "always",
            ])
            .args(["--faked-system-time", &format!("{at}!")])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is missing: install GnuPG (apt-get install gnupg)");
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn public(&self) -> String {
        String::from_utf8(self.run(0, &["--armor", "--export"], b"")).unwrap()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.home()).args(["--kill", "all"]).output();
    }
}

#[test]
fn what_gnupg_signs_counts_also_by_a_signing_subkey_and_not_once_the_key_has_run_out() {
    let gpg = Gpg::new();
    gpg.run(30 * DAY, &["--quick-generate-key", "Team <cert@team.example>", "ed25519", "cert", "never"], b"");
    let list = String::from_utf8(gpg.run(0, &["--with-colons", "--list-keys"], b"")).unwrap();
    let name = list
        .lines()
        .find_map(|line| line.strip_prefix("fpr:::::::::"))
        .unwrap()
        .trim_end_matches(':')
        .to_owned();
    gpg.run(30 * DAY, &["--quick-add-key", &name, "rsa2048", "sign", "60d"], b"");
    let (node, registry) = open(&[gpg.public()]);
    let text = b"irt: IRT-X\nremarks: - dashed  \n- and so on\nsource: WARD\n";
    let mail = String::from_utf8(gpg.run(MINUTE, &["--clear-sign"], text)).unwrap();
    let found = only(registry.signed_text(&mail, START).unwrap());
    assert_eq!(
        found.proven.iter().map(|p| p.fingerprint.as_str()).collect::<Vec<_>>(),
        [name.as_str()],
        "{found:?}"
    );
    assert!(found.text.contains("\r\n- and so on\r\n"), "{}", found.text);

    // Its owner lets the subkey end: what it signed in time does not count after that.
    node.clock.advance(40 * DAY);
    let found = only(registry.signed_text(&mail, START).unwrap());
    assert!(found.proven.is_empty());
    assert!(found.refused[0].contains("expired since"), "{found:?}");
}
