//! The directory's files in the hands of the real `gpg` and `sha256sum`.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

use identity::Granted;
use kit::clock::{DAY, SECOND};
use mail::pgp::{KeyParams, SecretKey, Seed};
use teams::exports::{Exports, wkd};
use teams::import::parse;
use teams::{Audience, NewDesk, Teams};

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "official_name": "Aldermark CERT", "short_name": "Aldermark CERT", "classification": {"code": "accredited", "since": "2012-05-14"},
  "emails": [{"address": "cert@aldermark.example", "usage": "report"}]},
 {"handle": "skerry", "official_name": "CERT Skerry", "short_name": "CERT Skerry", "classification": {"code": "certified", "since": "2024-06-11"},
  "emails": [{"address": "duty@skerry.example", "usage": "report"}]}]"#;

/// What `program` says on both outputs, and whether it was content.
fn run(folder: &Path, program: &str, args: &[&str]) -> (bool, String) {
    let output = Command::new(program).current_dir(folder).args(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn gpg_imports_the_ring_verifies_every_file_and_gives_keys_the_same_names() {
    let node = kit::testing::node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let now = node.now() / SECOND;
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    teams::testing::import(&teams, parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let desk = NewDesk {
        handle: "aldermark".into(),
        name: "Aldermark CERT".into(),
        mailbox: "cert@aldermark.example".into(),
    };
    teams.create_desk(&Granted::for_node(), desk).await.unwrap();
    let skerry = teams.directory().by_handle("skerry").unwrap().id;
    for (seed, made, ends) in [(1, 9, Some(90)), (2, 90, Some(-1))] {
        let params = KeyParams {
            user_id: "CERT Skerry <duty@skerry.example>".into(),
            created: now - made * DAY / SECOND,
            expires: ends.map(|days| now + days * DAY / SECOND),
        };
        let key = SecretKey::generate(&params, Seed::from([seed; 32])).unwrap();
        teams.add_key(&Granted::for_node(), skerry, key.public().to_bytes()).await.unwrap();
    }

    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("out");
    let written = Exports::new(teams).write_folder(Audience::Members, &folder).await.unwrap();
    let (whole, said) = run(&folder, "sha256sum", &["-c", "SHA256SUMS"]);
    assert!(whole, "{said}");

    let mut listings = Vec::new();
    for ring in ["keyring.asc", "keyring.gpg"] {
        let home = place.path().join(format!("home-{ring}"));
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let gpg = |args: &[&str]| {
            let always =
                ["--homedir", home.to_str().unwrap(), "--batch", "--no-tty", "--trust-model", "always"];
            run(&folder, "gpg", &[&always[..], args].concat())
        };
        let (imported, said) = gpg(&["--import", ring]);
        assert!(imported && said.contains("imported: 2"), "{said}");
        for file in written.files.iter().filter(|name| !name.ends_with(".asc") || *name == "keyring.asc") {
            let (good, said) = gpg(&["--verify", &format!("{file}.asc"), file]);
            assert!(
                good && said.contains("Good signature from \"Aldermark CERT <cert@aldermark.example>\""),
                "{file}: {said}"
            );
        }
        let (_, listing) = gpg(&["--with-wkd-hash", "--list-keys"]);
        for (local, domain) in [("cert", "aldermark.example"), ("duty", "skerry.example")] {
            assert!(
                listing.contains(&format!("{}@{domain}", wkd::hash(local))),
                "{local}@{domain}: {listing}"
            );
        }
        listings.push(listing.matches("\npub ").count());
        run(&folder, "gpgconf", &["--homedir", home.to_str().unwrap(), "--kill", "all"]);
    }
    assert_eq!(listings, [2, 2], "the expired key is in neither ring");
}
