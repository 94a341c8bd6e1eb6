//! Whose a key and a mail address is, where several teams say that it is theirs; on the engine that `WARDMOTE_TEST_DB`
//! names.

#![allow(clippy::unwrap_used)]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use identity::testing::sign_in;
use identity::{Granted, Identity, ManageNode, ManageTeam, Role, Settings, Site};
use kit::clock::{DAY, SECOND};
use kit::testing::{TestNode, node};
use kit::{Error, Id, Result};
use mail::pgp::{KeyParams, PublicKey, SecretKey, Seed};
use teams::exports::wkd;
use teams::import::parse;
use teams::{Claim, ProofKind, TeamRecord, Teams};
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    teams: Teams,
    alder: Granted<ManageTeam>,
    cedar: Granted<ManageTeam>,
    router: axum::Router,
}

const COMMUNITY: &str = r#"[
 {"handle": "alder", "official_name": "Alder CERT", "short_name": "Alder CERT", "classification": {"code": "listed", "since": "2026-01-01"},
  "emails": [{"address": "cert@alder.example", "usage": "report"}]},
 {"handle": "cedar", "official_name": "Cedar CERT", "short_name": "Cedar CERT", "classification": {"code": "listed", "since": "2026-01-01"},
  "constituency": {"domains": ["cedar.example"]}, "emails": [{"address": "cert@cedar.example", "usage": "report"}]}]"#;

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings::default());
    let section = teams::Section {
        public: true,
        wkd_domains: vec!["cedar.example".into()],
        ..teams::Section::default()
    };
    let teams = Teams::open(node.node.clone(), section).await.unwrap();
    teams::testing::import(&teams, parse(COMMUNITY.as_bytes()).unwrap().entries).await;
    let mut granted = Vec::new();
    for team in ["alder", "cedar"] {
        let (_, ada) = sign_in(&identity, team, &format!("ada-{team}"), &[Role::TeamAdmin]).await;
        granted.push(Granted::check(&ada).unwrap());
    }
    let [alder, cedar] = <[_; 2]>::try_from(granted).ok().unwrap();
    let router = identity::protect(teams.domain().routes, identity.clone(), Site::default());
    World { node, teams, alder, cedar, router }
}

impl World {
    fn secret(&self, address: &str, seed: u8) -> SecretKey {
        let created = (self.node.now() - 9 * DAY) / SECOND;
        let params = KeyParams { user_id: format!("Team <{address}>"), created, expires: None };
        SecretKey::generate(&params, Seed::from([seed; 32])).unwrap()
    }

    async fn add(&self, by: &Granted<ManageTeam>, key: &PublicKey) -> Result<Vec<String>> {
        self.teams.add_key(by, by.team(), key.to_bytes()).await
    }

    /// The record of `by`'s team with one more mail address.
    fn with(&self, by: &Granted<ManageTeam>, address: &str) -> TeamRecord {
        let mut record = self.teams.directory().by_id(by.team()).unwrap().record.clone();
        let one = record.emails[0].clone();
        record.emails.push(teams::Email { address: address.into(), ..one });
        record
    }

    /// Has the list that the operator imports say that alder has this address.
    async fn imported(&self, address: &str) {
        let text = COMMUNITY.replace("cert@alder.example", address);
        teams::testing::import(&self.teams, parse(text.as_bytes()).unwrap().entries).await;
    }

    async fn cedar_proves(&self) {
        let (node, claim) = (Granted::<ManageNode>::for_node(), Claim::Domain("cedar.example".into()));
        let id = self.cedar.team();
        self.teams.found_proof(&node, id, claim, ProofKind::Dns, "a line in the zone").await.unwrap();
    }

    fn writes_from(&self, address: &str) -> Option<Id> {
        self.teams.directory().by_address(address).map(|team| team.id)
    }

    /// The fingerprints that the Web Key Directory serves for `local`@cedar.example.
    async fn served(&self, local: &str) -> Vec<String> {
        let path = format!("/.well-known/openpgpkey/cedar.example/hu/{}?l={local}", wkd::hash(local));
        let answer =
            self.router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        if answer.status() != StatusCode::OK {
            return Vec::new();
        }
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        PublicKey::parse_all(&bytes).unwrap().iter().map(PublicKey::fingerprint).collect()
    }

    fn known(&self, by: &Granted<ManageTeam>, key: &SecretKey) -> PublicKey {
        let team = self.teams.directory().by_id(by.team()).unwrap();
        let fingerprint = key.public().fingerprint();
        team.keys.iter().find(|known| known.key.fingerprint() == fingerprint).unwrap().key.clone()
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T>, expected: &str) {
    let why = outcome.unwrap_err();
    assert!(matches!(&why, Error::Invalid { message, .. } if message.contains(expected)), "{why}");
}

#[tokio::test]
async fn an_old_copy_of_a_key_takes_no_revocation_back() {
    let w = world().await;
    let (key, now) = (w.secret("cert@cedar.example", 1), w.node.now() / SECOND);
    w.add(&w.cedar, key.public()).await.unwrap();
    assert!(w.known(&w.cedar, &key).can_sign(now).is_valid());
    w.add(&w.cedar, &key.revoked(now, "the laptop was stolen").unwrap()).await.unwrap();
    assert!(!w.known(&w.cedar, &key).can_sign(now).is_valid());
    w.add(&w.cedar, key.public()).await.unwrap();
    let known = w.known(&w.cedar, &key);
    assert!(!known.can_sign(now).is_valid() && !known.validity(now).is_valid());
    let size = known.to_bytes().len();
    w.add(&w.cedar, &known).await.unwrap();
    assert_eq!(w.known(&w.cedar, &key).to_bytes().len(), size, "the same again adds nothing");
}

#[tokio::test]
async fn a_withdrawn_key_comes_back_by_the_operator_with_a_reason_and_by_no_upload() {
    let w = world().await;
    let key = w.secret("cert@cedar.example", 1);
    let (id, fingerprint) = (w.cedar.team(), key.public().fingerprint());
    w.add(&w.cedar, key.public()).await.unwrap();
    w.teams.withdraw_key(&w.cedar, id, &fingerprint, "lost").await.unwrap();
    refused(w.add(&w.cedar, key.public()).await, "was withdrawn on 2026-11-21");
    let in_use = || w.teams.directory().by_id(id).unwrap().has_key(&fingerprint);
    assert!(!in_use());
    let node = Granted::for_node();
    assert!(w.teams.restore_key(&node, id, &fingerprint, " ").await.is_err(), "it asks for a reason");
    w.teams.restore_key(&node, id, &fingerprint, "found in the safe").await.unwrap();
    assert!(in_use());
    assert!(matches!(w.teams.restore_key(&node, id, &fingerprint, "x").await, Err(Error::NotFound(_))));
    let told = w.teams.history(&Granted::for_node(), id, 1).await.unwrap();
    assert_eq!(told[0].kind, "teams.key_restored");
}

#[tokio::test]
async fn nobody_enters_another_teams_address_or_a_key_for_it() {
    let w = world().await;
    let (theirs, next) = (w.secret("cert@cedar.example", 1), w.secret("cert@cedar.example", 2));
    w.add(&w.cedar, theirs.public()).await.unwrap();
    for address in ["cert@cedar.example", "new@cedar.example"] {
        let record = w.with(&w.alder, address);
        refused(w.teams.save(&w.alder, w.alder.team(), record).await, "is Cedar CERT's");
        // Nor by claiming the domain, which proves nothing.
        let mut record = w.with(&w.alder, address);
        record.domains.push("cedar.example".into());
        refused(w.teams.save(&w.alder, w.alder.team(), record).await, "prove that the domain is yours");
    }
    refused(w.add(&w.alder, next.public()).await, "the address of Cedar CERT");
    w.add(&w.cedar, next.public()).await.unwrap();
    assert_eq!(w.writes_from("Cert+x@cedar.example"), Some(w.cedar.team()));
    assert_eq!(w.served("cert").await.len(), 2);
    // What stands in the record already may be saved again.
    let record = w.with(&w.cedar, "night@elsewhere.example");
    w.teams.save(&w.cedar, w.cedar.team(), record).await.unwrap();
}

#[tokio::test]
async fn an_address_that_two_teams_have_is_nobodys_until_one_proves_the_domain() {
    let w = world().await;
    let (theirs, own) = (w.secret("cert@cedar.example", 1), w.secret("cert@cedar.example", 2));
    w.add(&w.cedar, own.public()).await.unwrap();
    w.imported("cert@cedar.example").await;
    let node = Granted::for_node_in(w.alder.team());
    w.teams.add_key(&node, w.alder.team(), theirs.public().to_bytes()).await.unwrap();
    assert_eq!(w.writes_from("cert@cedar.example"), None);
    assert_eq!(w.served("cert").await, Vec::<String>::new());
    w.cedar_proves().await;
    assert_eq!(w.writes_from("cert@cedar.example"), Some(w.cedar.team()));
    assert_eq!(w.served("cert").await, [own.public().fingerprint()]);
    w.imported("new@cedar.example").await;
    assert_eq!(w.writes_from("new@cedar.example"), None, "in a domain that another team has proven");
    assert_eq!(w.writes_from("anybody@cedar.example"), Some(w.cedar.team()), "who has proven it");
}

#[tokio::test]
async fn a_key_that_another_team_entered_first_is_its_owners_nevertheless() {
    let w = world().await;
    // At first nothing says whose the address is.
    let (next, address) = (w.secret("next@cedar-labs.example", 3), "next@cedar-labs.example");
    w.add(&w.alder, next.public()).await.unwrap();
    refused(w.add(&w.cedar, next.public()).await, "the operator of the community decides");
    w.teams.save(&w.cedar, w.cedar.team(), w.with(&w.cedar, address)).await.unwrap();
    w.add(&w.cedar, next.public()).await.unwrap();
    assert_eq!(w.teams.directory().by_key(&next.public().key_id()).unwrap().id, w.cedar.team());
}
