//! Who gets an answer to what, and what a mail is taken for.

use kit::clock::{HOUR, MINUTE, SECOND};
use kit::testing::TestNode;
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};

use super::*;
use crate::testing::{Sent, jobs_done, open, sent, sent_since, settings};

const UPDATES: &str = "auto-dbm@desk.example";

const WORLD: &str = "\
irt: IRT-X
e-mail: irt@x.example
irt-nfy: watch@x.example
auth: PGPKEY-0000
source: WARD

irt: IRT-Y
e-mail: irt@y.example
source: WARD

mntner: X-MNT
upd-to: upd@x.example
source: WARD
";

fn key(seed: u8) -> SecretKey {
    let user_id = format!("Team {seed} <cert{seed}@team.example>");
    let params = KeyParams { user_id, created: kit::testing::START / SECOND - 1_000_000, expires: None };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

fn key_cert(key: &SecretKey) -> String {
    let lines: String = key.public().to_armored().lines().map(|line| format!("certif: {line}\n")).collect();
    format!("\nkey-cert: PGPKEY-{}\nmethod: PGP\n{lines}source: WARD\n", key.public().fingerprint())
}

fn clear(text: &str, by: &SecretKey, at: i64) -> String {
    let text = text.trim_end().replace('\n', "\r\n");
    let signature = by.sign_detached(text.as_bytes(), SignatureMode::Text, at / SECOND).unwrap().armored;
    format!("-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n{text}\r\n{signature}")
}

fn mail(subject: &str, body: &str) -> String {
    format!(
        "From: Somebody <noc@net.example>\r\nTo: {UPDATES}\r\nSubject: {subject}\r\nMessage-ID: <one@net.example>\r\nDate: Sat, 21 Nov 2026 20:00:00 +0000\r\n\r\n{body}\r\n"
    )
}

/// Takes a mail as the listener would and does what it asks; the mails that leave by that.
async fn take(registry: &Registry, from: &str, to: &str, bytes: &str) -> Vec<Sent> {
    let before = sent(registry);
    let (own, now) = (registry.clone(), registry.now());
    let envelope = Envelope {
        from: from.into(),
        rcpts: vec![to.into()],
        helo: String::new(),
        peer: None,
        received_at: now,
    };
    let blob = registry.node().blobs.put(bytes.as_bytes()).unwrap();
    let taken = registry.node().db.write(move |tx| own.take_mail(tx, &envelope, blob)).await.unwrap();
    assert!(taken.is_some(), "{to} is not the registry's");
    jobs_done(registry).await;
    sent_since(registry, &before)
}

async fn plain(registry: &Registry, bytes: &str) -> Vec<Sent> {
    take(registry, "noc@net.example", UPDATES, bytes).await
}

fn world(extra: &str) -> (TestNode, Registry) {
    open(crate::Settings { contact_check: 0, ..settings() }, &format!("{WORLD}{extra}"))
}

#[test]
fn the_registry_takes_its_own_address_and_those_with_a_secret_and_no_other() {
    let (_node, registry) = world("");
    let secret = "abcdefghijklmnopqrstuvwx";
    for own in [
        UPDATES,
        "AUTO-DBM@desk.example",
        &format!("auto-dbm+b{secret}@desk.example"),
        &format!("auto-dbm+r{secret}@DESK.example"),
    ] {
        assert!(registry.takes_mail_for(own), "{own}");
    }
    for other in [
        "cert@desk.example",
        "auto-dbm@other.example",
        "auto-dbm+x@desk.example",
        "auto-dbm",
        "",
        &format!("cert+b{secret}@desk.example"),
    ] {
        assert!(!registry.takes_mail_for(other), "{other}");
    }
    let (_node, without) = open(crate::Settings { source: None, ..settings() }, "");
    assert!(!without.takes_mail_for(UPDATES), "a node without a registry of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_help_gets_it_in_the_same_thread() {
    let (_node, registry) = world("");
    let answers = plain(&registry, &mail("HELP", "")).await;
    assert_eq!(answers.len(), 1);
    let (answer, headers) = (&answers[0], &answers[0].mail.headers);
    assert_eq!((answer.to.as_str(), headers.subject.as_str()), ("noc@net.example", "SUCCESS: HELP"));
    assert_eq!(
        (headers.in_reply_to.as_slice(), headers.references.as_slice()),
        (&["one@net.example".to_owned()][..], &["one@net.example".to_owned()][..])
    );
    assert_eq!(headers.auto_submitted.as_deref(), Some("auto-replied"));
    assert!(answer.return_path.starts_with("auto-dbm+b"));
    insta::assert_snapshot!(answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_without_a_signature_changes_nothing_and_says_so() {
    let (_node, registry) = world("");
    let answers =
        plain(&registry, &mail("please", "irt: IRT-X\r\ne-mail: evil@x.example\r\nsource: WARD\r\n")).await;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].mail.headers.subject, "FAILED: please");
    assert!(answers[0].text().contains("Nothing was changed: no part of the mail is signed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_by_a_key_that_is_not_known_changes_nothing_and_says_whose() {
    let (_node, registry) = world("");
    let stranger = key(9);
    let answers =
        plain(&registry, &mail("", &clear("irt: IRT-X\nsource: WARD", &stranger, registry.now()))).await;
    let text = answers[0].text();
    assert!(
        text.contains(&format!("a key that is not known here: {}", stranger.public().fingerprint())),
        "{text}"
    );
    assert!(text.contains("no signature on it counts"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_and_nodes_like_this_one_get_no_answer() {
    let (_node, registry) = world("");
    let with = |field: &str| format!("{field}\r\n{}", mail("HELP", ""));
    for (why, envelope_from, bytes) in [
        ("null path", "", mail("HELP", "")),
        ("automatic answer", "noc@net.example", with("Auto-Submitted: auto-replied")),
        ("generated", "noc@net.example", with("Auto-Submitted: auto-generated")),
        ("list", "noc@net.example", with("List-Id: <noc.net.example>")),
        ("another node", "noc@net.example", with("X-Wardmote-Loop: other.example")),
        ("itself", UPDATES, mail("HELP", "").replace("Somebody <noc@net.example>", UPDATES)),
        ("nobody", "noc@net.example", mail("HELP", "").replace("From: Somebody <noc@net.example>\r\n", "")),
    ] {
        assert_eq!(take(&registry, envelope_from, UPDATES, &bytes).await.len(), 0, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_written_into_many_mails_gets_few_answers() {
    let (node, registry) = world("");
    let mut answers = 0;
    for _ in 0..12 {
        answers += plain(&registry, &mail("HELP", "")).await.len();
    }
    assert_eq!(answers, 5);
    node.clock.advance(HOUR + MINUTE);
    assert_eq!(plain(&registry, &mail("HELP", "")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_signed_mail_is_refused_and_told_to_those_it_is_about_once() {
    let owner = key(1);
    let (node, registry) = world(&key_cert(&owner));
    let text =
        "inetnum: 192.0.2.0 - 192.0.2.255\nmnt-irt: irt-x\nmnt-irt: IRT-Y\nmnt-by: X-MNT\nsource: WARD";
    let signed = clear(text, &owner, registry.now());
    // Somebody else's mail had it before.
    let now = registry.now();
    let proven = registry.signed_text(&signed, now).unwrap().remove(0).proven;
    assert_eq!(registry.first_use(proven, node.id()).await.unwrap(), None);
    node.clock.advance(MINUTE);
    let mails = plain(&registry, &mail("", &signed)).await;
    let mut to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["irt@y.example", "noc@net.example", "upd@x.example", "watch@x.example"]);
    let told = mails.iter().find(|mail| mail.to == "watch@x.example").unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", told.mail.headers.subject, told.text()));
    let answer = mails.iter().find(|mail| mail.to == "noc@net.example").unwrap();
    assert!(
        answer.text().contains("its signature was used already, on 2026-11-21T20:00"),
        "{}",
        answer.text()
    );
    // And again: nobody is written to a second time but whoever sends it.
    let mails = plain(&registry, &mail("", &signed)).await;
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["noc@net.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_question_confirms_the_address_unless_a_machine_wrote_it() {
    let (_node, registry) = open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    jobs_done(&registry).await;
    let asked = sent(&registry).remove(0);
    let to = asked.mail.headers.reply_to[0].address.clone();
    let stands = || registry.contact_state("irt@x.example").unwrap().to_string();
    let vacation = mail("Out of office", "").replace("Date:", "Auto-Submitted: auto-replied\r\nDate:");
    assert_eq!(take(&registry, "irt@x.example", &to, &vacation).await.len(), 0);
    assert!(stands().contains("not yet confirmed"));
    assert_eq!(take(&registry, "irt@x.example", &to, &mail("Re: Do you read", "yes")).await.len(), 0);
    assert!(stands().ends_with("last confirmed 2026-11-21 by mail"), "{}", stands());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_of_a_question_marks_its_address_and_no_other() {
    let (_node, registry) =
        open(settings(), "irt: IRT-X\ne-mail: irt@x.example\nirt-nfy: watch@x.example\nsource: WARD\n");
    registry.start().await.unwrap();
    jobs_done(&registry).await;
    let asked = sent(&registry).into_iter().find(|mail| mail.to == "irt@x.example").unwrap();
    let bounce = "From: MAILER-DAEMON@mx.x.example\r\nSubject: Undelivered\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.x.example\r\n\r\n\
        Final-Recipient: rfc822; irt@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
        Diagnostic-Code: smtp; 550 no such user\r\n--b--\r\n";
    // The relay has taken it meanwhile.
    crate::testing::left(&registry, &asked);
    assert_eq!(take(&registry, "", &asked.return_path, bounce).await.len(), 0);
    let stands = |address: &str| registry.contact_state(address).unwrap().to_string();
    assert_eq!(stands("irt@x.example"), "Warning: irt@x.example could not be reached on 2026-11-21");
    assert!(stands("watch@x.example").contains("not yet confirmed"));
}

/// A world with one network, kept by whoever has the first key; the second is the team's.
fn network(owner: &SecretKey, team: &SecretKey) -> (TestNode, Registry) {
    let name = |key: &SecretKey| format!("PGPKEY-{}", key.public().fingerprint());
    let objects = format!(
        "person: Pat Example\naddress: Example Street 1\nphone: +00 5550 0100\nnic-hdl: PE1-WARD\nmnt-by: NET-MNT\nsource: WARD\n\n\
         mntner: NET-MNT\nadmin-c: PE1-WARD\nupd-to: upd@net.example\nauth: {}\nmnt-by: NET-MNT\nsource: WARD\n\n\
         irt: IRT-TEAM\naddress: Example Street 2\ne-mail: irt@team.example\nadmin-c: PE1-WARD\ntech-c: PE1-WARD\n\
         auth: {}\nirt-nfy: nfy@team.example\nmnt-by: NET-MNT\nsource: WARD\n\n{}",
        name(owner),
        name(team),
        inetnum("LAB")
    );
    world(&format!("\n{objects}{}{}", key_cert(owner), key_cert(team)))
}

fn inetnum(netname: &str) -> String {
    format!(
        "inetnum: 192.0.2.0 - 192.0.2.255\nnetname: {netname}\ncountry: DK\nadmin-c: PE1-WARD\ntech-c: PE1-WARD\n\
         status: ASSIGNED PA\nmnt-by: NET-MNT\nsource: WARD\n"
    )
}

fn to<'m>(mails: &'m [Sent], address: &str) -> &'m Sent {
    let found = mails.iter().find(|mail| mail.to == address);
    found.unwrap_or_else(|| {
        panic!("no mail to {address}: {:?}", mails.iter().map(|mail| &mail.to).collect::<Vec<_>>())
    })
}

fn netname(registry: &Registry) -> String {
    let address = "192.0.2.7".parse().unwrap();
    registry.answer(address, address).netname
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_mail_changes_its_object_once_and_its_sender_is_told() {
    let (owner, team) = (key(1), key(2));
    let (node, registry) = network(&owner, &team);
    let signed = clear(&inetnum("CAMPUS"), &owner, registry.now());
    let answers = plain(&registry, &mail("a change", &signed)).await;
    let answer = to(&answers, "noc@net.example");
    assert_eq!(answer.mail.headers.subject, "SUCCESS: a change", "{}", answer.text());
    assert!(
        answer.text().contains("Modify SUCCEEDED: [inetnum] 192.0.2.0 - 192.0.2.255"),
        "{}",
        answer.text()
    );
    assert_eq!(netname(&registry), "CAMPUS");
    // Somebody changes it back; a copy of the first mail does not bring the old change again.
    node.clock.advance(MINUTE);
    plain(&registry, &mail("back", &clear(&inetnum("LAB"), &owner, registry.now()))).await;
    assert_eq!(netname(&registry), "LAB");
    let answers = plain(&registry, &mail("a copy", &signed)).await;
    assert_eq!(to(&answers, "noc@net.example").mail.headers.subject, "FAILED: a copy");
    assert_eq!(netname(&registry), "LAB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_read_when_the_node_died_is_read_again_and_is_no_copy_of_itself() {
    let (owner, team) = (key(1), key(2));
    let (node, registry) = network(&owner, &team);
    let bytes = mail("a change", &clear(&inetnum("CAMPUS"), &owner, registry.now()));
    let envelope = Envelope {
        from: "noc@net.example".into(),
        rcpts: vec![UPDATES.into()],
        helo: String::new(),
        peer: None,
        received_at: registry.now(),
    };
    let (own, blob) = (registry.clone(), node.blobs.put(bytes.as_bytes()).unwrap());
    let id = registry.node().db.write(move |tx| own.take_mail(tx, &envelope, blob)).await.unwrap().unwrap();
    // It had come as far as to the use of its signature.
    let proven = registry.signed_mail(bytes.as_bytes(), registry.now()).unwrap().remove(0).proven;
    assert_eq!(registry.first_use(proven, id).await.unwrap(), None);
    jobs_done(&registry).await;
    let mails = sent(&registry);
    assert_eq!(to(&mails, "noc@net.example").mail.headers.subject, "SUCCESS: a change");
    assert_eq!(netname(&registry), "CAMPUS");
}

#[tokio::test(flavor = "multi_thread")]
async fn naming_a_team_needs_that_teams_signature_as_well() {
    let (owner, team) = (key(1), key(2));
    let (node, registry) = network(&owner, &team);
    let text = inetnum("LAB").replace("mnt-by:", "mnt-irt: IRT-TEAM\nmnt-by:");
    let answers = plain(&registry, &mail("alone", &clear(&text, &owner, registry.now()))).await;
    assert_eq!(to(&answers, "noc@net.example").mail.headers.subject, "FAILED: alone");
    assert!(to(&answers, "nfy@team.example").text().contains("192.0.2.0 - 192.0.2.255"), "the team is told");

    // A signature counts once, also when it did not suffice.
    node.clock.advance(MINUTE);
    let inner = clear(&text, &owner, registry.now()).replace("\r\n", "\n").replace('\n', "\r\n");
    let part = format!("Content-Type: text/plain\r\n\r\n{inner}");
    let signature =
        team.sign_detached(part.as_bytes(), SignatureMode::Binary, registry.now() / SECOND).unwrap().armored;
    let both = format!(
        "From: noc@net.example\r\nSubject: together\r\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\r\n\
         --b\r\n{part}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
    );
    let answers = plain(&registry, &both).await;
    let answer = to(&answers, "noc@net.example");
    assert_eq!(answer.mail.headers.subject, "SUCCESS: together", "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_signs_a_change_of_its_object_has_confirmed_its_addresses() {
    let (owner, team) = (key(1), key(2));
    let (_node, registry) = network(&owner, &team);
    let irt = "irt: IRT-TEAM\naddress: Example Street 3\ne-mail: irt@team.example\nadmin-c: PE1-WARD\ntech-c: PE1-WARD\n"
        .to_owned()
        + &format!("auth: PGPKEY-{}\nirt-nfy: nfy@team.example\nmnt-by: NET-MNT\nsource: WARD\n", team.public().fingerprint());
    let answers = plain(&registry, &mail("moved", &clear(&irt, &owner, registry.now()))).await;
    let answer = to(&answers, "noc@net.example");
    assert_eq!(answer.mail.headers.subject, "SUCCESS: moved", "{}", answer.text());
    let state = registry.contact_state("irt@team.example").unwrap().to_string();
    assert_eq!(state, "irt@team.example: last confirmed 2026-11-21 by a signed update");
}
