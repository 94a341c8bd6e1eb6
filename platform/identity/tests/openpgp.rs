//! A person's OpenPGP keys, made and used by GnuPG; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use identity::testing::{fresh, sign_in};
use identity::{Granted, Identity, OwnAccount, Role, Settings, StepUp};
use kit::Error;
use kit::clock::{HOUR, MINUTE, SECOND};
use kit::testing::{TestNode, node};

struct World {
    node: TestNode,
    identity: Identity,
    home: tempfile::TempDir,
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings { step_up: 3 * HOUR, ..Settings::default() });
    let w = World { node, identity, home: tempfile::tempdir().unwrap() };
    for name in ["kes", "jor"] {
        let id = format!("{name} <{name}@aldermark.example>");
        w.gpg(&["--passphrase", "", "--quick-generate-key", &id, "ed25519", "sign", "2y"], "");
    }
    w
}

impl World {
    /// GnuPG at the time of the test's clock.
    fn gpg(&self, args: &[&str], input: &str) -> String {
        let time = format!("{}", self.node.now() / SECOND);
        let mut child = Command::new("gpg")
            .args([
                "--batch",
                "--yes",
                "--pinentry-mode",
                "loopback",
                "--faked-system-time",
                &time,
                "--homedir",
            ])
            .arg(self.home.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gpg is missing: apt-get install gnupg");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn key(&self, name: &str) -> String {
        self.gpg(&["--armor", "--export", name], "")
    }

    fn signed(&self, name: &str, text: &str) -> String {
        self.gpg(&["--local-user", name, "--clear-sign"], &format!("{text}\n"))
    }

    async fn person(&self, login: &str) -> StepUp<OwnAccount> {
        let (_, actor) = sign_in(&self.identity, "aldermark", login, &[Role::Handler]).await;
        fresh(&self.identity, Granted::check(&actor).unwrap()).unwrap()
    }
}

#[tokio::test]
async fn a_key_is_tied_to_its_owner_by_the_line_that_they_signed() {
    let w = world();
    let kes = w.person("kes").await;
    let (text, sealed) = w.identity.ask_for_openpgp(&kes).unwrap();
    assert!(text.contains("the account kes"), "{text}");
    w.node.clock.advance(MINUTE);
    let signed = w.signed("kes", &text);
    let fingerprint = w.identity.add_openpgp(&kes, &sealed, &w.key("kes"), &signed).await.unwrap();
    let shown = w.identity.openpgp_keys(&kes).await.unwrap();
    assert_eq!((shown.len(), &shown[0].fingerprint), (1, &fingerprint));
    assert!(shown[0].names.contains("kes@aldermark.example"), "{shown:?}");

    // Nobody else's, whoever signs.
    let jor = w.person("jor").await;
    let (text, sealed) = w.identity.ask_for_openpgp(&jor).unwrap();
    let signed = w.signed("kes", &text);
    let refused = w.identity.add_openpgp(&jor, &sealed, &w.key("kes"), &signed).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict(_)), "{refused}");
    w.identity.remove_openpgp(&kes, &fingerprint).await.unwrap();
    assert!(w.identity.openpgp_keys(&kes).await.unwrap().is_empty());
}

#[tokio::test]
async fn another_text_another_key_another_account_or_a_late_signature_ties_nothing() {
    let w = world();
    let (kes, jor) = (w.person("kes").await, w.person("jor").await);
    let (text, sealed) = w.identity.ask_for_openpgp(&kes).unwrap();
    let (key, signed) = (w.key("kes"), w.signed("kes", &text));
    let refused = async |who: &StepUp<OwnAccount>, sealed: &str, key: &str, signed: &str| match w
        .identity
        .add_openpgp(who, sealed, key, signed)
        .await
    {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&kes, &sealed, &key, &w.signed("kes", "something else")).await, "signed");
    assert_eq!(refused(&kes, &sealed, &key, &w.signed("jor", &text)).await, "signed");
    assert_eq!(refused(&kes, &sealed, &key, &signed.replace("account kes", "account jor")).await, "signed");
    assert_eq!(refused(&kes, &sealed, "no key", &signed).await, "key");
    assert_eq!(refused(&jor, &sealed, &key, &signed).await, "signed", "asked of another account");
    w.node.clock.advance(HOUR + SECOND);
    assert_eq!(refused(&kes, &sealed, &key, &signed).await, "signed", "late");
}
