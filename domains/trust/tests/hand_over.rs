//! The operation handed over: written at one end, verified without a node, taken at the other, and gone on with.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{World, secret, world};
use contracts::trust::{CertificateJudge, CertificateVerdict};
use identity::{Granted, Identity, RequestCertificates, Role, StepUp};
use kit::clock::{DAY, SECOND};
use kit::db::Migration;
use kit::{Error, testing};
use mail::pgp::{PublicKey, SecretKey, SignatureMode};
use pki::Pki;
use pki::ceremony::{IssuerTerms, Root};
use pki::x509::crl::Reason;
use pki::x509::{CaKey, Curve};
use teams::Teams;
use trust::hand_over::manifest::Manifest;
use trust::hand_over::{Exported, In, Out, STAYS, Word, tables, verify};
use trust::people::Nomination;
use trust::process::Operate;
use trust::record::{Checkpoint, moment};
use trust::{Section, Trust};

const MIGRATIONS: [&[Migration]; 5] =
    [identity::MIGRATIONS, mail::MIGRATIONS, pki::MIGRATIONS, teams::MIGRATIONS, trust::MIGRATIONS];

/// A new node that nobody has used.
struct End {
    node: testing::TestNode,
    teams: Teams,
    trust: Trust,
    pki: Pki,
}

async fn empty_end() -> End {
    let node = testing::node(&MIGRATIONS);
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let pki = authority(&node.node, &identity, &teams);
    let section = Section { operator: Some("alder".into()), community: "Alba".into(), ..Section::default() };
    let settings = section.settings("next.example", "https://members.example").unwrap();
    let trust = Trust::new(node.node.clone(), identity, teams.clone(), settings);
    trust.start().await.unwrap();
    node.clock.advance(60 * DAY);
    End { node, teams, trust, pki }
}

fn authority(node: &kit::Node, identity: &Identity, teams: &Teams) -> Pki {
    let entitlements = std::sync::Arc::new(teams.clone());
    Pki::new(node.clone(), identity.clone(), entitlements.clone(), entitlements, pki::Section::default())
}

/// A community with a past: an objection, a case, letters, people, certificates, a checkpoint that a member kept.
struct Old {
    w: World,
    pki: Pki,
    root: Root,
    /// The operator's key.
    hub: SecretKey,
    /// Certificates of two people, and the second is revoked.
    certificates: [Vec<u8>; 2],
    person: kit::Id,
    kept: Checkpoint,
}

async fn old_end() -> Old {
    let w = world().await;
    let pki = authority(&w.node.node, &w.identity, &w.teams);
    pki.start().await.unwrap();
    let hub = secret("office", w.node.now(), None);
    w.teams.set_secret_key(&Granted::for_node_in(w.id("hub")), w.id("hub"), &hub).await.unwrap();
    w.objected().await;

    let root = Root::make("Alba", 3650, w.node.now(), w.node.random()).unwrap();
    let terms = IssuerTerms { days: 1825, ..IssuerTerms::default() };
    pki.begin(&Granted::for_node(), &root, &terms, 400).await.unwrap();
    let certificates = [person(&pki, &w.granted("alder")).await, person(&pki, &w.granted("cedar")).await];
    let compromised = Reason::KeyCompromise;
    pki.revoke_any(&Granted::for_node(), fingerprint(&certificates[1]), compromised).await.unwrap();
    pki.make_acme_credential(&w.granted("alder"), "web server", 300).await.unwrap();

    let (name, email) = ("Nia Nominee".to_owned(), "nia@far.example".to_owned());
    let about = "writes the tools we use".to_owned();
    let attestations = vec!["met".to_owned()];
    let new = Nomination { name, email, about, attestations, ..Nomination::default() };
    let person = w.trust.nominate(&w.granted("alder"), new).await.unwrap();
    let fresh = identity::testing::fresh(&w.identity, w.granted("birch")).unwrap();
    w.trust.object(&fresh, person, "Nia was rude, says RUDESECRET".into()).await.unwrap();

    w.trust.make_checkpoint().await.unwrap();
    let (kept, ..) = Checkpoint::parse(&w.trust.checkpoints(1).await.unwrap()[0].text).unwrap();
    w.judged().await;
    kit::jobs::run_due(&w.node.node, &w.trust.domain().jobs).await.unwrap();
    Old { w, pki, root, hub, certificates, person, kept }
}

async fn person(pki: &Pki, granted: &Granted<RequestCertificates>) -> Vec<u8> {
    let key = CaKey::make(Curve::P256, pki.node().random());
    let request = pki::x509::csr::make(&key, &Default::default()).unwrap();
    pki.issue_person(granted, &request, None).await.unwrap().der
}

fn fingerprint(der: &[u8]) -> [u8; 32] {
    kit::Digest::of(der).as_bytes().try_into().unwrap()
}

impl Old {
    /// The owner names the operator whose key is `next`.
    async fn order(&self, next: &SecretKey) {
        let (_, owner) =
            identity::testing::sign_in(&self.w.identity, "dogwood", "owen", &[Role::Owner]).await;
        let granted = Granted::check(&owner).unwrap();
        let granted = identity::testing::fresh(&self.w.identity, granted).unwrap();
        self.w.trust.order_hand_over(&granted, "Alder CERT", &next.public().fingerprint()).await.unwrap();
    }

    async fn export(&self, out: Out) -> kit::Result<Exported> {
        self.w.trust.export_hand_over(&Granted::for_node(), &self.pki, out, false).await
    }

    fn keys(&self) -> Vec<PublicKey> {
        vec![self.hub.public().clone()]
    }
}

/// The old end, its operation ordered for alder and written into the folder.
async fn written(folder: &Path) -> (Old, SecretKey) {
    let old = old_end().await;
    let next = secret("next", old.w.node.now(), None);
    old.order(&next).await;
    old.export(Out::folder(folder).unwrap()).await.unwrap();
    (old, next)
}

async fn take(end: &End, folder: &Path, keys: Vec<PublicKey>) -> kit::Result<trust::hand_over::Taken> {
    let from = In::open(folder, None).unwrap();
    end.trust.take_operation(&Granted::for_node(), &end.pki, from, keys).await
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => found.extend(files(&entry)),
            false => _ = found.insert(entry),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operation_goes_to_another_operator_and_both_ends_give_the_same_answers() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("community");
    let old = old_end().await;
    let next = secret("next", old.w.node.now(), None);

    // Nobody hands over without the owner's word.
    let why = old.export(Out::folder(&folder).unwrap()).await.unwrap_err().to_string();
    assert!(why.contains("has not given the word"), "{why}");
    assert_eq!(files(place.path()), BTreeSet::new(), "nothing is left of it");
    old.order(&next).await;
    let done = old.export(Out::folder(&folder).unwrap()).await.unwrap();
    assert_eq!((done.signed_by.clone(), done.lost.len()), (old.hub.public().fingerprint(), 0));
    for file in files(&folder) {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }

    // From then on the record is closed here.
    let review = Operate::OpenReview { grounds: "too late".into() };
    let why = old.w.operate("alder", review).await.unwrap_err().to_string();
    assert!(why.contains("handed over to Alder CERT") && why.contains("closed here"), "{why}");
    old.w.pass(200 * DAY);
    assert_eq!(old.w.trust.pass_time().await.unwrap(), 0);

    // Anybody can verify it, with the operator's key and without.
    let verified = verify(&In::open(&folder, None).unwrap(), Some(&old.keys())).unwrap();
    assert_eq!(verified.signed_by, old.hub.public().fingerprint());
    assert!(verified.count("mail_out") > 3 && verified.count("acme_credential") == 1);
    assert!(verified.record.checkpoints.contains(&old.kept.position));
    verify(&In::open(&folder, None).unwrap(), None).unwrap();

    // Taken, by a node that is empty, once.
    let new = empty_end().await;
    let taken = take(&new, &folder, old.keys()).await.unwrap();
    assert_eq!(taken.out_of_office, 1, "hub-kes");
    assert_eq!(taken.entries as i64, done.entries + 2);
    let again = take(&new, &folder, old.keys()).await.unwrap_err();
    assert!(again.to_string().contains("not empty"), "{again}");
    assert!(matches!(new.trust.word().await.unwrap(), Word::Taken(next) if next.operator == "Alder CERT"));

    // The register is the same on every day, and all that the record rests on opens.
    for day in ["2026-11-20", "2026-11-21", "2026-12-01", "2026-12-13", "2027-06-01"] {
        let at = moment(day).unwrap();
        assert_eq!(
            old.w.trust.register_at(at).await.unwrap(),
            new.trust.register_at(at).await.unwrap(),
            "{day}"
        );
    }
    let directory = new.teams.directory();
    for team in old.w.teams.directory().teams() {
        let here = directory.by_id(team.id).unwrap();
        assert_eq!((&here.record, here.standing), (&team.record, team.standing), "{}", team.handle);
        let prints =
            |team: &teams::Team| team.keys.iter().map(|key| key.key.fingerprint()).collect::<BTreeSet<_>>();
        assert_eq!((prints(here.as_ref()), here.desk), (prints(team), false), "{}", team.handle);
    }
    let case = new.trust.case(&Granted::for_node(), old.w.id("newt")).await.unwrap();
    assert!(case.timeline.iter().any(|line| line.words.contains("BIRCHSECRET")));
    assert!(!case.letters.is_empty());
    let evidence: Vec<String> = std::fs::read_dir(folder.join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(evidence.len() > 3);
    for digest in evidence {
        let bytes = data_encoding::HEXLOWER.decode(digest.as_bytes()).unwrap();
        new.node.blobs.get(kit::Digest::from_slice(&bytes).unwrap()).unwrap();
    }
    // What was sealed opens under the new node's key.
    let said = new.trust.objections(&Granted::for_node(), old.person).await.unwrap();
    assert!(format!("{said:?}").contains("RUDESECRET"), "{said:?}");

    // Certificates are judged as before; lists of the old authority are there, the new one issues under the same root.
    let now = new.node.now();
    assert_eq!(new.pki.judge(&old.certificates[0], now, None), CertificateVerdict::Good);
    let CertificateVerdict::Refused(why) = new.pki.judge(&old.certificates[1], now, None) else { panic!() };
    assert!(why.contains("revoked"), "{why}");
    let issuing = |pki: &Pki| pki.authorities().into_iter().find(|one| !one.root).unwrap();
    let list = new.pki.crl(&issuing(&new.pki).name).unwrap();
    assert_ne!(Some(&list), old.pki.crl(&issuing(&old.pki).name).as_ref(), "a last list, good for longer");
    assert!(issuing(&new.pki).list_until.unwrap() > now + 300 * DAY);
    assert_eq!(issuing(&new.pki).state.name(), "retired");
    let request = new.pki.request_authority(&Granted::for_node(), "Alba").await.unwrap();
    let terms = IssuerTerms { days: 1825, ..IssuerTerms::default() };
    let issuer = old.root.sign_issuer(request.as_bytes(), &terms, now, new.node.random()).unwrap();
    let pem = pki::x509::armour("CERTIFICATE", &issuer);
    new.pki.install_authority(&Granted::for_node(), &pem).await.unwrap();

    // The record goes on in the same chain: checkpoints from before and after agree with it.
    new.trust.give_seat(&Granted::for_node(), old.w.id("alder")).await.unwrap();
    new.trust.pass_time().await.unwrap();
    let desk = teams::NewDesk {
        handle: "alder".into(),
        name: "Alder".into(),
        mailbox: "office@alder.example".into(),
    };
    new.teams.create_desk(&Granted::for_node(), desk).await.unwrap();
    new.teams
        .set_secret_key(&Granted::for_node_in(old.w.id("alder")), old.w.id("alder"), &next)
        .await
        .unwrap();
    let row = new.trust.make_checkpoint().await.unwrap().unwrap();
    let (after, ..) = Checkpoint::parse(&row.text).unwrap();
    let verdicts = mail::pgp::verify_detached(
        row.text.as_bytes(),
        row.signature.as_bytes(),
        &[next.public().clone()],
        new.node.now() / SECOND,
    );
    assert!(verdicts[0].is_good());
    let whole = new.trust.export_whole(&Granted::for_node()).await.unwrap();
    let kept = [(old.kept.position, old.kept.digest.clone()), (after.position, after.digest)];
    let checked = trust::record::file::verify(whole.as_slice(), &kept, |_, _| {}).unwrap();
    assert_eq!(checked.checkpoints.len(), 2);
    let (_, wrong) = new.trust.check().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());

    // And it can be handed on.
    new.trust.order_hand_over(&StepUp::for_node(), "Birch CERT", &"AB".repeat(20)).await.unwrap();
    let second = place.path().join("again");
    let out = Out::folder(&second).unwrap();
    new.trust.export_hand_over(&Granted::for_node(), &new.pki, out, false).await.unwrap();
    verify(&In::open(&second, None).unwrap(), Some(&[next.public().clone()])).unwrap();
}

/// Alters a file of the folder.
fn alter(folder: &Path, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    std::fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
}

/// Writes the manifest anew over what lies there now, and signs it with `key`: what an old operator could do who wants to
/// be believed.
fn sign_anew(folder: &Path, key: &SecretKey, at: kit::Time) {
    let bytes = std::fs::read(folder.join("MANIFEST")).unwrap();
    let mut manifest = Manifest::parse(&bytes).unwrap();
    for (path, sha256) in &mut manifest.files {
        *sha256 = kit::Digest::of(&std::fs::read(folder.join(path)).unwrap()).to_string();
    }
    let text = manifest.text();
    let signed = key.sign_detached(text.as_bytes(), SignatureMode::Binary, at / SECOND).unwrap();
    std::fs::write(folder.join("MANIFEST"), text).unwrap();
    std::fs::write(folder.join("MANIFEST.asc"), signed.armored).unwrap();
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let there = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(there.parent().unwrap()).unwrap();
        std::fs::copy(&file, there).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_missing_added_forged_or_does_not_replay_is_refused_with_the_place_and_nothing_is_taken()
 {
    let place = tempfile::tempdir().unwrap();
    let good = place.path().join("good");
    let (old, next) = written(&good).await;
    let new = empty_end().await;
    let now = old.w.node.now();
    let mut n = 0;
    let mut refused = async |change: &dyn Fn(&Path), expected: &str| {
        n += 1;
        let folder = place.path().join(n.to_string());
        copy(&good, &folder);
        change(&folder);
        let why = take(&new, &folder, old.keys()).await.unwrap_err().to_string();
        assert!(why.contains(expected), "{why} has no {expected:?}");
        let offline = verify(&In::open(&folder, None).unwrap(), Some(&old.keys())).unwrap_err();
        assert_eq!(offline.to_string(), why);
    };
    let blob = files(&good.join("blobs")).into_iter().next().unwrap();
    let blob = blob.strip_prefix(&good).unwrap().to_str().unwrap().to_owned();
    // Damaged, missing, put in.
    refused(&|at| alter(at, "tables/team.jsonl", "alder", "alper"), "tables/team.jsonl").await;
    refused(&|at| std::fs::write(at.join(&blob), "other words").unwrap(), &blob).await;
    refused(&|at| std::fs::remove_file(at.join(&blob)).unwrap(), "is missing").await;
    refused(&|at| std::fs::remove_file(at.join("MANIFEST")).unwrap(), "MANIFEST: it is missing").await;
    refused(&|at| std::fs::write(at.join("blobs/more"), "x").unwrap(), "blobs/more").await;
    refused(&|at| std::os::unix::fs::symlink("/etc/hostname", at.join("link")).unwrap(), "does not belong")
        .await;
    // The signature: altered, of somebody else, of no key that was named.
    refused(&|at| alter(at, "MANIFEST", "# To: Alder", "# To: Birch"), "signature does not count").await;
    refused(&|at| sign_anew(at, &next, now), "signature does not count").await;
    refused(&|at| std::fs::remove_file(at.join("MANIFEST.asc")).unwrap(), "MANIFEST.asc").await;
    // Signed by the old operator, and untrue all the same.
    let mut forged = async |change: &dyn Fn(&Path), expected: &str| {
        refused(
            &|at: &Path| {
                change(at);
                sign_anew(at, &old.hub, now);
            },
            expected,
        )
        .await;
    };
    forged(&|at| alter(at, "record.jsonl", "suspended", "certified"), "the record was altered").await;
    forged(&|at| alter(at, "tables/trust_team.jsonl", "\"number\":1", "\"number\":7"), "trust_team").await;
    let state = "\\\"number\\\":1";
    forged(&|at| alter(at, "tables/trust_team.jsonl", state, &state.replace('1', "7")), "trust_team").await;
    let status = "\"status\":\"suspended\"";
    forged(&|at| alter(at, "tables/team_status.jsonl", status, "\"status\":\"accredited\""), "team_status")
        .await;
    forged(&|at| alter(at, "tables/trust_entry.jsonl", "\"position\":5", "\"position\":500"), "trust_entry")
        .await;
    let digest = old.kept.digest.clone();
    let other = digest.replace(['0', '1'], "2");
    forged(&|at| alter(at, "tables/trust_checkpoint.jsonl", &digest, &other), "history was rewritten").await;
    forged(&|at| alter(at, "checkpoint.txt", "Made: 2026", "Made: 2027"), "checkpoint.txt").await;
    forged(&|at| alter(at, "events.jsonl", "\"stream\":\"pki\"", "\"stream\":\"trust\""), "events.jsonl")
        .await;
    forged(
        &|at| alter(at, "tables/pki_certificate.jsonl", "\"serial\":", "\"serial\": null,\"x\":"),
        "pki_certificate",
    )
    .await;
    forged(
        &|at| {
            let text = std::fs::read_to_string(at.join("record.jsonl")).unwrap();
            let cut = text.trim_end().rfind('\n').unwrap() + 1;
            std::fs::write(at.join("record.jsonl"), &text[..cut]).unwrap();
        },
        "cut off",
    )
    .await;

    // Nothing of it was taken: the good one still finds an empty node. A clock that is behind waits.
    let behind = empty_end().await;
    behind.node.clock.advance(-90 * DAY);
    let why = take(&behind, &good, old.keys()).await.unwrap_err().to_string();
    assert!(why.contains("clock"), "{why}");
    take(&new, &good, old.keys()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fails_on_its_way_leaves_nothing_and_can_be_made_again_until_the_owner_takes_the_word_back()
 {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("community");
    let old = old_end().await;
    let next = secret("next", old.w.node.now(), None);
    old.order(&next).await;
    // A damaged document.
    let document = files(&old.w.node.folder.path().join("blobs")).into_iter().next().unwrap();
    let whole = std::fs::read(&document).unwrap();
    std::fs::write(&document, "damaged").unwrap();
    let why = old.export(Out::folder(&folder).unwrap()).await.unwrap_err();
    assert!(matches!(why, Error::Corrupt(_)), "{why}");
    assert_eq!(files(place.path()), BTreeSet::new());
    std::fs::write(&document, whole).unwrap();
    let first = old.export(Out::folder(&folder).unwrap()).await.unwrap();
    assert!(matches!(Out::folder(&folder), Err(Error::Conflict(_))), "nothing is written over");
    let again = place.path().join("again");
    assert_eq!(old.export(Out::folder(&again).unwrap()).await.unwrap().digest, first.digest);
    // Without its last file it is none.
    std::fs::remove_file(again.join("MANIFEST")).unwrap();
    assert!(verify(&In::open(&again, None).unwrap(), None).is_err());

    old.w.trust.cancel_hand_over(&StepUp::for_node(), "they have no room").await.unwrap();
    let third = place.path().join("third");
    assert!(old.export(Out::folder(&third).unwrap()).await.is_err());
    old.w.trust.give_seat(&Granted::for_node(), old.w.id("alder")).await.unwrap();
    let (_, wrong) = old.w.trust.check().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let why = old.w.trust.cancel_hand_over(&StepUp::for_node(), "once more").await.unwrap_err();
    assert!(matches!(why, Error::Conflict(_)), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_that_has_erased_something_is_handed_over_all_the_same() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("community");
    let old = old_end().await;
    let case = old.w.trust.case(&old.w.granted("cedar"), old.w.id("newt")).await.unwrap();
    let objection = case.timeline.iter().find(|line| line.kind == "trust.objected").unwrap().position;
    old.w.trust.erase(&StepUp::for_node(), objection, "a court asks for it").await.unwrap();
    let next = secret("next", old.w.node.now(), None);
    old.order(&next).await;
    old.export(Out::folder(&folder).unwrap()).await.unwrap();
    let new = empty_end().await;
    take(&new, &folder, old.keys()).await.unwrap();
    assert_eq!(new.trust.check().await.unwrap().1, Vec::<String>::new());
    assert_eq!(new.trust.erasures().await.unwrap(), old.w.trust.erasures().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_it_is_for_the_key_that_the_owner_named_and_authorities_keys_leave_in_no_other_way() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("community.pgp");
    let old = old_end().await;
    let (next, other) = (secret("next", old.w.node.now(), None), secret("other", old.w.node.now(), None));
    old.order(&next).await;
    let out = Out::encrypted(&file, other.public().clone()).unwrap();
    let why = old.export(out).await.unwrap_err().to_string();
    assert!(why.contains("has named the key") && !file.exists(), "{why}");
    let export = async |out: Out, keys: bool| {
        old.w.trust.export_hand_over(&Granted::for_node(), &old.pki, out, keys).await
    };
    let why = export(Out::folder(&place.path().join("clear")).unwrap(), true).await.unwrap_err().to_string();
    assert!(why.contains("encrypted only"), "{why}");
    export(Out::encrypted(&file, next.public().clone()).unwrap(), true).await.unwrap();
    assert_eq!(files(place.path()), [file.clone()].into());
    let bytes = std::fs::read(&file).unwrap();
    assert!(
        bytes.starts_with(b"-----BEGIN PGP MESSAGE") && !String::from_utf8_lossy(&bytes).contains("BIRCH")
    );

    assert!(In::open(&file, None).unwrap_err().to_string().contains("--secret"));
    assert!(In::open(&file, Some(&other)).is_err());
    let new = empty_end().await;
    let from = In::open(&file, Some(&next)).unwrap();
    new.trust.take_operation(&Granted::for_node(), &new.pki, from, old.keys()).await.unwrap();
    // With its key the old authority's lists go on: what is revoked here stands in them.
    let issuing = new.pki.authorities().into_iter().find(|one| !one.root).unwrap();
    assert_eq!(issuing.state.name(), "retired");
    let before = new.pki.crl(&issuing.name);
    let good = fingerprint(&old.certificates[0]);
    new.pki.revoke_any(&Granted::for_node(), good, Reason::Superseded).await.unwrap();
    assert!(new.pki.make_lists().await.unwrap() > 0);
    assert_ne!(new.pki.crl(&issuing.name), before);
}

#[test]
fn each_table_of_a_community_goes_along_with_each_of_its_columns_or_is_known_to_stay() {
    let mut schema: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for migration in MIGRATIONS.concat() {
        let lines = migration.sqlite.lines().map(|line| line.split("--").next().unwrap_or_default());
        let script = lines.collect::<Vec<_>>().join(" ");
        for statement in script.split(';').map(str::trim) {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words[..] {
                ["CREATE", "TABLE", name, ..] => {
                    let open = statement.find('(').unwrap();
                    let inside = &statement[open + 1..statement.rfind(')').unwrap()];
                    schema.insert(name.to_owned(), columns(inside));
                }
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                    schema.get_mut(name).unwrap().insert(column.to_owned());
                }
                ["ALTER", "TABLE", name, "DROP", "COLUMN", column, ..] => {
                    assert!(schema.get_mut(name).unwrap().remove(column), "{name}.{column}");
                }
                _ => {}
            }
        }
    }
    // Proofs of a person to the old node; what only the node or a desk needs.
    let left = [
        (
            "account",
            &["password_hash", "totp_sealed", "totp_unconfirmed", "totp_last_step", "last_login"][..],
        ),
        ("account_certificate", &["proven_at"][..]),
        ("team", &["desk"][..]),
    ];
    for table in tables() {
        let mut there = schema.remove(table.name).unwrap_or_else(|| panic!("{} is no table", table.name));
        for (name, _) in table.columns {
            assert!(there.remove(*name), "{}.{name} is no column", table.name);
        }
        let stays = left.iter().find(|(name, _)| *name == table.name).map_or(&[][..], |(_, columns)| columns);
        there.retain(|column| !stays.contains(&column.as_str()));
        assert!(there.is_empty(), "{}: {there:?} would be lost in a hand-over", table.name);
    }
    for (name, _) in STAYS {
        assert!(schema.remove(*name).is_some(), "{name} is no table");
    }
    // Lists of names that the schema itself fills.
    schema.retain(|_, columns| *columns != BTreeSet::from(["name".to_owned()]));
    assert!(schema.is_empty(), "neither handed over nor known to stay: {:?}", schema.keys());
}

/// The names of the columns between the parentheses of a `CREATE TABLE`.
fn columns(inside: &str) -> BTreeSet<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inside.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let first = parts.iter().filter_map(|part| part.split_whitespace().next());
    first
        .filter(|word| !["PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].contains(word))
        .map(str::to_owned)
        .collect()
}
