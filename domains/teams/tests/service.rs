//! What teams and the node get from the directory; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use identity::testing::sign_in;
use identity::{Granted, Identity, ManageTeam, Role, Settings};
use kit::clock::{DAY, SECOND};
use kit::testing::{TestNode, node};
use kit::{Error, Id};
use mail::pgp::{KeyParams, SecretKey, Seed};
use teams::import::{Entry, parse};
use teams::{Claim, NewDesk, ProofKind, Standing, TeamRecord, Teams, TrustStatus};

struct World {
    node: TestNode,
    identity: Identity,
    teams: Teams,
    aldermark: Id,
    skerry: Id,
}

const COMMUNITY: &str = r#"[
 {"handle": "aldermark", "own": true, "official_name": "Aldermark Computer Emergency Response Team", "short_name": "Aldermark CERT",
  "country": {"code": "GB", "name": "United Kingdom"}, "classification": {"code": "accredited", "since": "2012-05-14"},
  "constituency": {"asns": [64496], "domains": ["*.uni.aldermark.example"], "ipranges": ["203.0.113.128/25", "2001:db8:a1d::/48"]},
  "emails": [{"address": "cert@aldermark.example", "usage": "report"}], "irt": "IRT-ALDERMARK"},
 {"handle": "skerry", "official_name": "Computer Emergency Response Team of the Skerry Research Network", "short_name": "CERT Skerry",
  "country": {"code": "DK", "name": "Denmark"}, "classification": {"code": "certified", "since": "2024-06-11"},
  "constituency": {"ipranges": ["192.0.2.0/25", "192.0.2.200 - 192.0.2.210"]}, "channels": ["iodef", "mail-encrypted", "csv"],
  "emails": [{"address": "duty@skerry.example", "usage": "report"}], "languages": ["da", "en"], "irt": "irt-skerry"}]"#;

fn entries() -> Vec<Entry> {
    let parsed = parse(COMMUNITY.as_bytes()).unwrap();
    assert_eq!(parsed.left_out, Vec::<String>::new());
    parsed.entries
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let ids = teams::testing::import(&teams, entries()).await;
    World { node, identity, teams, aldermark: ids[0], skerry: ids[1] }
}

fn secret(address: &str, created: i64, expires: Option<i64>, seed: u8) -> SecretKey {
    let user_id = format!("Team <{address}>");
    let params = KeyParams { user_id, created: created / SECOND, expires: expires.map(|at| at / SECOND) };
    SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
}

#[test]
fn every_statement_is_understood() {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    assert_eq!(node.db.check_statements(&teams::statements()).unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn an_imported_team_is_found_by_every_name_it_has_also_after_a_restart() {
    let w = world().await;
    for teams in [w.teams.clone(), Teams::open(w.node.node.clone(), teams::Section::default()).await.unwrap()]
    {
        let directory = teams.directory();
        let skerry = directory.by_irt("Irt-Skerry").unwrap();
        assert_eq!((skerry.id, skerry.name.as_str()), (w.skerry, "CERT Skerry"));
        assert_eq!(directory.by_handle("skerry").unwrap(), skerry);
        assert_eq!(directory.by_id(w.skerry).unwrap(), skerry);
        assert_eq!(directory.by_address("Duty@Skerry.example").unwrap(), skerry);
        assert_eq!(directory.by_asn(64496)[0].handle, "aldermark");
        assert_eq!(directory.by_domain("www.uni.aldermark.example")[0].handle, "aldermark");
        let own = |text: &str| directory.own(w.skerry, text.parse().unwrap(), text.parse().unwrap());
        assert!(own("192.0.2.205") && !own("192.0.2.211"), "ranges that are no prefix come back whole");
        assert_eq!(
            directory.by_range("2001:db8:a1d::1".parse().unwrap(), "2001:db8:a1d::2".parse().unwrap()).len(),
            1
        );
        assert_eq!(skerry.standing.unwrap().status, TrustStatus::Certified);
        assert_eq!((skerry.language(), skerry.wants_csv()), ("da", true));
        assert_eq!(skerry.preferred_channel(), teams::Channel::Iodef);
        assert_eq!(skerry.report_address(), Some("duty@skerry.example"));
    }
}

#[tokio::test]
async fn importing_again_changes_only_what_differs_and_says_so() {
    let w = world().await;
    let mut entries = entries();
    entries[1].record.description = "11 universities".into();
    let again = teams::testing::import(&w.teams, entries).await;
    assert_eq!(again, [w.aldermark, w.skerry], "the same teams");
    let look = Granted::for_node();
    assert_eq!(
        w.teams.history(&look, w.aldermark, 9).await.unwrap().len(),
        3,
        "entered with its irt object, accredited"
    );
    let history = w.teams.history(&look, w.skerry, 9).await.unwrap();
    assert_eq!(history[0].kind, "teams.changed");
    assert_eq!(history[0].body.as_ref().unwrap()["fields"], serde_json::json!(["description"]));
    assert_eq!(w.teams.verify(&look, w.skerry).await.unwrap(), 4);
}

#[tokio::test]
async fn mail_is_encrypted_to_the_key_that_is_good_that_day_or_the_reason_is_told() {
    let w = world().await;
    let (now, node) = (w.node.now(), Granted::for_node());
    let reason = |at| {
        let team = w.teams.directory().by_id(w.skerry).unwrap();
        team.encryption_key(at / SECOND).map(|key| key.fingerprint()).map_err(|why| why.replace(['\n'], " "))
    };
    assert_eq!(reason(now).unwrap_err(), "CERT Skerry has no key in the directory");
    let old = secret("duty@skerry.example", now - 700 * DAY, Some(now + DAY), 1);
    let added = w.teams.add_key(&node, w.skerry, old.public().to_armored().into_bytes()).await.unwrap();
    assert_eq!(added, [old.public().fingerprint()]);
    assert_eq!(reason(now).unwrap(), old.public().fingerprint());
    let why = reason(now + 2 * DAY).unwrap_err();
    assert!(why.contains("of CERT Skerry expired on 2026-11-22"), "{why}");

    let new = secret("duty@skerry.example", now - DAY, None, 2);
    w.teams.add_key(&node, w.skerry, new.public().to_bytes()).await.unwrap();
    assert_eq!(reason(now).unwrap(), new.public().fingerprint(), "of two good ones the newer");
    let directory = w.teams.directory();
    assert_eq!(directory.keys().len(), 2);
    assert_eq!(directory.by_key(&old.public().key_id()).unwrap().id, w.skerry);
    assert!(directory.by_id(w.skerry).unwrap().has_key(&old.public().fingerprint()));

    let fingerprint = new.public().fingerprint();
    w.teams.withdraw_key(&node, w.skerry, &fingerprint, "the laptop was stolen").await.unwrap();
    assert_eq!(reason(now).unwrap(), old.public().fingerprint());
    assert!(w.teams.directory().key(&fingerprint).is_none(), "a withdrawn key proves nothing");
    assert!(matches!(w.teams.withdraw_key(&node, w.skerry, &fingerprint, "").await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_key_belongs_to_one_team_and_nonsense_is_refused_with_advice() {
    let w = world().await;
    let key = secret("duty@skerry.example", w.node.now() - DAY, None, 1).public().to_armored().into_bytes();
    w.teams.add_key(&Granted::for_node(), w.skerry, key.clone()).await.unwrap();
    w.teams.add_key(&Granted::for_node(), w.skerry, key.clone()).await.unwrap();
    let taken = w.teams.add_key(&Granted::for_node(), w.aldermark, key).await.unwrap_err().to_string();
    assert!(taken.contains("belongs to CERT Skerry already"), "{taken}");
    let nonsense =
        w.teams.add_key(&Granted::for_node(), w.aldermark, b"-----BEGIN".to_vec()).await.unwrap_err();
    assert!(
        matches!(&nonsense, Error::Invalid { field, message } if field == "key" && message.contains("gpg --armor"))
    );
}

#[tokio::test]
async fn a_desk_has_mailboxes_and_a_secret_key_that_only_this_node_can_open() {
    let w = world().await;
    let node = Granted::for_node();
    assert!(w.teams.directory().desk_for("cert@aldermark.example").is_none());
    w.teams
        .set_desk(&node, w.aldermark, vec!["CERT@aldermark.example".into(), "cert@aldermark.example".into()])
        .await
        .expect("named twice it is one");
    assert_eq!(w.teams.directory().desk_for("cert+rabc@aldermark.example").unwrap().id, w.aldermark);
    let other = w.teams.set_desk(&node, w.skerry, vec!["cert@aldermark.example".into()]).await;
    assert!(matches!(other, Err(Error::Invalid { field, .. }) if field == "mailboxes"));
    let none = w.teams.set_desk(&node, w.skerry, vec!["no address".into()]).await;
    assert!(matches!(none, Err(Error::Invalid { .. })));

    let fingerprint = w.teams.make_secret_key(&Granted::for_node(), w.aldermark, None).await.unwrap();
    let again = Teams::open(w.node.node.clone(), teams::Section::default()).await.unwrap();
    for teams in [&w.teams, &again] {
        let secrets = teams.secrets(w.aldermark);
        assert_eq!(secrets[0].public().fingerprint(), fingerprint);
        let team = teams.directory().by_id(w.aldermark).unwrap();
        assert_eq!(team.encryption_key(w.node.now() / SECOND).unwrap().fingerprint(), fingerprint);
        assert_eq!(team.encryption_key(w.node.now() / SECOND).unwrap().emails(), ["cert@aldermark.example"]);
        assert!(teams.secrets(w.skerry).is_empty());
    }
    let newer = secret("cert@aldermark.example", w.node.now(), None, 7);
    w.node.clock.advance(DAY);
    w.teams.set_secret_key(&Granted::for_node(), w.aldermark, &newer).await.unwrap();
    let secrets = w.teams.secrets(w.aldermark);
    assert_eq!(secrets.len(), 2, "what was encrypted to the old one can still be opened");
    assert_eq!(secrets[0].public().fingerprint(), newer.public().fingerprint());

    w.teams.set_desk(&node, w.aldermark, vec![]).await.unwrap();
    assert!(w.teams.directory().desk_for("cert@aldermark.example").is_none());
}

#[tokio::test]
async fn a_new_node_begins_with_one_desk_that_can_be_written_to_encrypted() {
    let w = world().await;
    let desk =
        NewDesk { handle: "desk".into(), name: "Our CSIRT".into(), mailbox: "cert@desk.example".into() };
    let team = w.teams.create_desk(&Granted::for_node(), desk.clone()).await.unwrap();
    let directory = w.teams.directory();
    assert_eq!((directory.desks().len(), directory.desks()[0].mailbox()), (1, Some("cert@desk.example")));
    assert!(directory.by_id(team).unwrap().encryption_key(w.node.now() / SECOND).is_ok());
    assert_eq!(w.teams.create_desk(&Granted::for_node(), desk).await.unwrap(), team, "once is enough");
    assert_eq!(w.teams.secrets(team).len(), 1);
    let wrong = NewDesk { handle: "Our Desk".into(), ..NewDesk::default() };
    assert!(matches!(w.teams.create_desk(&Granted::for_node(), wrong).await, Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn a_team_changes_its_own_record_and_no_other_and_cannot_prove_a_network_by_saying_so() {
    let w = world().await;
    let (_, ada) = sign_in(&w.identity, "skerry", "ada", &[Role::TeamAdmin]).await;
    let granted: Granted<ManageTeam> = Granted::check(&ada).unwrap();
    assert_eq!(granted.team(), w.skerry);
    let record = w.teams.directory().by_id(w.skerry).unwrap().record.clone();
    let changed = TeamRecord { name: "Skerry CSIRT".into(), ..record.clone() };
    w.teams.save(&granted, w.skerry, changed).await.unwrap();
    let team = w.teams.directory().by_id(w.skerry).unwrap();
    assert_eq!(team.name, "Skerry CSIRT");
    assert!(team.networks.iter().all(|network| team.network_proof(network).is_none()));

    assert!(matches!(w.teams.save(&granted, w.aldermark, record.clone()).await, Err(Error::NotFound(_))));
    let key = secret("x@skerry.example", w.node.now(), None, 3).public().to_bytes();
    assert!(matches!(w.teams.add_key(&granted, w.aldermark, key).await, Err(Error::NotFound(_))));
    let renamed = TeamRecord { handle: "other".into(), ..record.clone() };
    assert!(
        matches!(w.teams.save(&granted, w.skerry, renamed).await, Err(Error::Invalid { field, .. }) if field == "handle")
    );
    let history = w.teams.history(&Granted::for_node(), w.skerry, 1).await.unwrap();
    assert_eq!((history[0].actor.as_str(), history[0].kind.as_str()), ("ada", "teams.changed"));
}

#[tokio::test]
async fn a_status_is_set_and_taken_and_stays_on_record() {
    let w = world().await;
    let standing = Standing { status: TrustStatus::Suspended, since: w.node.now() };
    teams::testing::stand(&w.teams, w.skerry, Some(standing)).await;
    assert_eq!(w.teams.directory().by_id(w.skerry).unwrap().status_name(), "suspended");
    teams::testing::stand(&w.teams, w.skerry, None).await;
    assert_eq!(w.teams.directory().by_id(w.skerry).unwrap().status_name(), "not listed");
    let history = w.teams.history(&Granted::for_node(), w.skerry, 2).await.unwrap();
    assert_eq!(history[1].body.as_ref().unwrap()["to"], "suspended");
    assert_eq!(history[0].body.as_ref().unwrap()["from"], "suspended");
}

#[tokio::test]
async fn the_sample_community_and_the_introducers_export_are_taken_whole() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let sample = std::fs::read(format!("{root}/demo/sample/teams.json")).unwrap();
    let parsed = parse(&sample).unwrap();
    assert_eq!((parsed.entries.len(), parsed.left_out.as_slice()), (40, [].as_slice()));
    let w = world().await;
    teams::testing::import(&w.teams, parsed.entries).await;
    let directory = w.teams.directory();
    assert_eq!(directory.teams().len(), 40);
    assert_eq!(directory.by_irt("IRT-TIDEWATER").unwrap().handle, "tidewater");

    match std::fs::read(format!("{root}/../shared/data/community/ti-directory/teams.json")) {
        Ok(export) => {
            let parsed = parse(&export).unwrap();
            assert_eq!((parsed.entries.len(), parsed.left_out.as_slice()), (4, [].as_slice()));
            teams::testing::import(&w.teams, parsed.entries).await;
        }
        Err(_) => println!("left out: the Introducer's export does not lie beside the sources"),
    }
}

#[tokio::test]
async fn what_another_process_changes_is_shown_after_a_look() {
    let w = world().await;
    let other = Teams::open(w.node.node.clone(), teams::Section::default()).await.unwrap();
    assert!(!other.refresh().await.unwrap(), "nothing has changed");

    // Each kind of change, also at a moment that is no later than the last one.
    let actor = Granted::for_node_in(w.aldermark);
    w.teams.set_desk(&actor, w.aldermark, vec!["cert@aldermark.example".into()]).await.unwrap();
    w.node.clock.advance(-SECOND);
    let secret = secret("cert@aldermark.example", w.node.node.now(), None, 7);
    w.teams.set_secret_key(&Granted::for_node_in(w.aldermark), w.aldermark, &secret).await.unwrap();
    assert!(other.directory().desk_for("cert@aldermark.example").is_none(), "not before it looks");
    assert!(other.refresh().await.unwrap());
    assert!(other.directory().desk_for("cert@aldermark.example").is_some());
    assert_eq!(other.secrets(w.aldermark).len(), 1);
    assert!(!other.refresh().await.unwrap());
}

#[tokio::test]
async fn nobody_gets_what_is_meant_for_another_by_naming_its_irt_object() {
    let w = world().await;
    let has = |irt: &str| w.teams.directory().by_irt(irt).map(|team| team.id);
    let save = async |team: Id, irt: Option<&str>| {
        let record = w.teams.directory().by_id(team).unwrap().record.clone();
        let record = TeamRecord { irt: irt.map(str::to_owned), ..record };
        w.teams.save(&Granted::for_node_in(team), team, record).await
    };
    assert_eq!(has("IRT-SKERRY"), Some(w.skerry), "what the operator imports is the operator's word");
    assert!(save(w.aldermark, Some("IRT-SKERRY")).await.is_err(), "it is proven to be another team's");
    save(w.skerry, None).await.unwrap();
    save(w.aldermark, Some("IRT-SKERRY")).await.unwrap();
    assert_eq!(has("IRT-SKERRY"), None, "a claim");

    // Nor does a list take it from who has it by proof.
    let irt = Claim::Irt("IRT-SKERRY".into());
    w.teams.decide_claim(&Granted::for_node(), w.aldermark, irt.clone(), "a letter").await.unwrap();
    assert_eq!(has("irt-skerry"), Some(w.aldermark));
    let list = entries().into_iter().filter(|entry| entry.record.handle == "skerry").collect();
    w.teams.import(&Granted::for_node(), list).await.unwrap();
    assert_eq!(has("IRT-SKERRY"), Some(w.aldermark));
    let refused = w.teams.decide_claim(&Granted::for_node(), w.skerry, irt, "a call").await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict(why) if why.contains("Aldermark CERT")), "{refused}");
}

#[tokio::test]
async fn what_the_operator_took_back_no_list_brings_again() {
    let w = world().await;
    let node = Granted::for_node();
    let irt = Claim::Irt("IRT-SKERRY".into());
    let has = || w.teams.directory().by_irt("IRT-SKERRY").map(|team| team.id);
    let import = async || {
        let list = entries().into_iter().filter(|entry| entry.record.handle == "skerry").collect();
        w.teams.import(&Granted::for_node(), list).await.unwrap();
    };
    let take_back = async || {
        let done = w.teams.withdraw_proof(&node, w.skerry, irt.clone(), ProofKind::Operator, "a mistake");
        done.await.unwrap();
    };
    take_back().await;
    import().await;
    assert_eq!(has(), None, "the list says only what it said before");

    // The operator decides anew; the next list changes nothing, and neither does one after they took it back again.
    w.teams.decide_claim(&node, w.skerry, irt.clone(), "a letter").await.unwrap();
    import().await;
    assert_eq!(has(), Some(w.skerry));
    take_back().await;
    import().await;
    assert_eq!(has(), None);
}

#[tokio::test]
async fn a_team_cannot_take_a_name_that_reads_like_anothers_or_that_hides_letters() {
    let w = world().await;
    let own = w.teams.directory().by_id(w.aldermark).unwrap().record.clone();
    let save = async |name: &str, official: &str| {
        let record = TeamRecord { name: name.into(), official_name: official.into(), ..own.clone() };
        w.teams.save(&Granted::for_node_in(w.aldermark), w.aldermark, record).await
    };
    for name in ["CERT Skerry", "cert-skerry", "\u{421}ERT Sk\u{435}rry"] {
        for (short, official) in [(name, "x"), ("x", name)] {
            let error = save(short, official).await.unwrap_err();
            assert!(error.to_string().contains("CERT Skerry"), "{name}: {error}");
        }
    }
    for name in ["\u{202E}TREC", "CERT\u{200B} Aldermark"] {
        let error = save(name, "x").await.unwrap_err();
        assert!(error.to_string().contains("U+2"), "{error}");
    }
    save("Aldermark Response", "Computer Emergency Response of Aldermark").await.unwrap();
}

#[tokio::test]
async fn changes_of_another_process_are_seen_whatever_its_clock_says() {
    let w = world().await;
    let other = Teams::open(w.node.node.clone(), teams::Section::default()).await.unwrap();
    let note = async |team, text| w.teams.note(&Granted::for_node(), team, text).await.unwrap();
    note(w.skerry, "first").await;
    w.node.clock.advance(SECOND);
    note(w.aldermark, "second").await;
    assert!(other.refresh().await.unwrap());
    // The two change places in time.
    note(w.skerry, "third").await;
    w.node.clock.advance(-SECOND);
    note(w.aldermark, "fourth").await;
    assert!(other.refresh().await.unwrap());
}

#[tokio::test]
async fn a_team_with_as_many_keys_as_it_may_have_still_renews_and_replaces_them() {
    let w = world().await;
    let node = Granted::for_node();
    let keys: Vec<SecretKey> =
        (0..51).map(|seed| secret("duty@skerry.example", w.node.now(), None, seed)).collect();
    let add = async |key: &SecretKey| {
        w.teams.add_key(&node, w.skerry, key.public().to_armored().into_bytes()).await
    };
    for key in &keys[..50] {
        add(key).await.unwrap();
    }
    add(&keys[3]).await.unwrap();
    let error = add(&keys[50]).await.unwrap_err();
    assert!(error.to_string().contains("withdraw"), "{error}");
    w.teams.withdraw_key(&node, w.skerry, &keys[0].public().fingerprint(), "replaced").await.unwrap();
    add(&keys[50]).await.unwrap();
}
