//! A small community: an operator, five accredited teams, three of them on the review board, and a newcomer.

#![allow(dead_code, clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod pages;

use std::collections::BTreeMap;

use contracts::trust::record::Choice;
use identity::testing::sign_in;
use identity::{Actor, Granted, Identity, Role};
use kit::clock::{DAY, SECOND};
use kit::{Id, testing};
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};
use teams::{NewDesk, Standing, TeamRecord, Teams, TrustStatus};
use trust::process::{Join, Judge, Operate, Represent};
use trust::{Section, Trust};

pub struct World {
    pub node: testing::TestNode,
    pub identity: Identity,
    pub teams: Teams,
    pub trust: Trust,
    pub people: BTreeMap<&'static str, Actor>,
    /// The `Cookie` headers of the people.
    pub cookies: BTreeMap<&'static str, String>,
    pub keys: BTreeMap<String, SecretKey>,
}

pub const TEAMS: [&str; 7] = ["hub", "alder", "birch", "cedar", "dogwood", "elm", "newt"];

/// A record in which nothing is missing.
pub fn record(handle: &str) -> String {
    format!(
        r#"{{"short_name": "{handle}", "official_name": "{handle} CERT", "handle": "{handle}", "country": {{"code": "DK", "name": "Denmark"}},
        "established": "2014-09-01", "host_organisation": "{handle} University", "constituency": {{"types": ["Research & Education"],
        "asns": [64500], "domains": ["{handle}.example"], "ipranges": [], "countries": []}}, "business_hours": "Mon-Fri 09-17",
        "business_hours_timezone": "Europe/Copenhagen", "phones": [{{"usage": ["voice", "emergency"], "number": "+45 5550 100"}}],
        "emails": [{{"address": "cert@{handle}.example", "usage": ["contact"]}}]}}"#
    )
}

pub fn secret(handle: &str, made: kit::Time, lasts: Option<kit::Time>) -> SecretKey {
    let user_id = format!("{handle} <cert@{handle}.example>");
    let params = KeyParams { user_id, created: made / SECOND, expires: lasts.map(|l| (made + l) / SECOND) };
    let seed: [u8; 32] = std::array::from_fn(|n| handle.as_bytes().get(n).copied().unwrap_or(n as u8));
    SecretKey::generate(&params, Seed::from(seed)).unwrap()
}

/// Everything that a record of a team of the tests lacks, filled in.
pub fn whole(mut record: TeamRecord) -> TeamRecord {
    record.description = "Researchers and students".into();
    record.languages = vec!["en".into()];
    record.phones.push(teams::Phone {
        number: "+45 5550 101".into(),
        usage: teams::Usage::Emergency,
        ..Default::default()
    });
    record.phones.push(teams::Phone {
        number: "+45 5550 102".into(),
        usage: teams::Usage::Voice,
        ..Default::default()
    });
    record.remit.insert(teams::IncidentType::Malware, teams::Handled::Yes);
    record.remit.insert(teams::IncidentType::Spam, teams::Handled::No);
    record
}

pub async fn world() -> World {
    world_with(Section { operator: Some("hub".into()), community: "Alba".into(), ..Section::default() }).await
}

pub async fn world_with(section: Section) -> World {
    let node = testing::node(&[
        identity::MIGRATIONS,
        mail::MIGRATIONS,
        pki::MIGRATIONS,
        teams::MIGRATIONS,
        trust::MIGRATIONS,
    ]);
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    let settings = section.settings("hub.example", "https://members.example").unwrap();
    let trust = Trust::new(node.node.clone(), identity.clone(), teams.clone(), settings);
    let mut keys = BTreeMap::new();
    let mut people = BTreeMap::new();
    let mut cookies = BTreeMap::new();
    for handle in TEAMS {
        let text = format!("[{}]", record(handle));
        let parsed = teams::import::parse(text.as_bytes()).unwrap();
        assert!(parsed.left_out.is_empty(), "{:?}", parsed.left_out);
        let id = teams.import(&Granted::for_node(), parsed.entries).await.unwrap()[0];
        let own = teams.directory().by_id(id).unwrap().record.clone();
        teams.save(&Granted::for_node_in(id), id, whole(own)).await.unwrap();
        let key = secret(handle, node.now(), None);
        let bytes = key.public().to_armored().into_bytes();
        teams.add_key(&Granted::for_node_in(id), id, bytes).await.unwrap();
        keys.insert(handle.to_owned(), key);
        if !["newt", "hub"].contains(&handle) {
            let standing = Standing { status: TrustStatus::Accredited, since: node.now() - 400 * DAY };
            teams::testing::stand(&teams, id, Some(standing)).await;
        }
        let roles: &[Role] = match handle {
            "hub" => &[Role::Introducer],
            "birch" | "cedar" | "dogwood" => &[Role::TeamAdmin, Role::Board],
            _ => &[Role::TeamAdmin],
        };
        let (cookie, actor) = sign_in(&identity, handle, &format!("{handle}-kes"), roles).await;
        people.insert(handle, actor);
        cookies.insert(handle, cookie);
    }
    let desk = NewDesk { handle: "hub".into(), name: "Hub".into(), mailbox: "office@hub.example".into() };
    teams.create_desk(&Granted::for_node(), desk).await.unwrap();
    trust.take_over(&Granted::for_node(), "the list as it was kept on paper").await.unwrap();
    let world = World { node, identity, teams, trust, people, cookies, keys };
    for member in ["birch", "cedar", "dogwood"] {
        world.trust.give_seat(&Granted::for_node(), world.id(member)).await.unwrap();
    }
    world
}

impl World {
    pub fn id(&self, handle: &str) -> Id {
        self.teams.directory().by_handle(handle).unwrap().id
    }

    pub fn granted<P: identity::Permission>(&self, who: &str) -> Granted<P> {
        Granted::check(&self.people[who]).unwrap()
    }

    pub fn standing(&self, handle: &str) -> &'static str {
        self.teams.directory().by_handle(handle).unwrap().status_name()
    }

    pub async fn operate(&self, team: &str, command: Operate) -> kit::Result<trust::Done> {
        self.trust.operate(&self.granted("hub"), self.id(team), command, None).await
    }

    /// The signature of `key` over the document that `team` is to sign.
    pub async fn signature(&self, team: &'static str, key: &SecretKey) -> Vec<u8> {
        let document = self.trust.document_to_sign(&self.granted(team)).await.unwrap();
        let signed = key.sign_detached(&document, SignatureMode::Binary, self.node.now() / SECOND).unwrap();
        signed.armored.into_bytes()
    }

    pub async fn sign(&self, team: &'static str) -> kit::Result<trust::Done> {
        let signature = self.signature(team, &self.keys[team]).await;
        self.trust.sign(&self.granted(team), signature, None).await
    }

    /// Newt applies and the community is consulted; birch objects.
    pub async fn objected(&self) {
        let newt = self.id("newt");
        let sponsors = vec![self.id("alder").to_string(), self.id("elm").to_string()];
        self.trust.represent(&self.granted("newt"), Represent::Apply { sponsors }, None).await.unwrap();
        for sponsor in ["alder", "elm"] {
            self.trust.join(&self.granted(sponsor), newt, Join::Sponsor, None).await.unwrap();
        }
        self.operate("newt", Operate::SendRules).await.unwrap();
        self.sign("newt").await.unwrap();
        self.trust.represent(&self.granted("newt"), Represent::Submit, None).await.unwrap();
        self.operate("newt", Operate::OpenConsultation).await.unwrap();
        let reason = "They copied our pages, says BIRCHSECRET".to_owned();
        self.trust.join(&self.granted("birch"), newt, Join::Object { reason }, None).await.unwrap();
    }

    /// The consultation is over; then the board suspends elm.
    pub async fn judged(&self) {
        self.pass(22 * DAY);
        self.trust.pass_time().await.unwrap();
        let elm = self.id("elm");
        self.operate("elm", Operate::OpenReview { grounds: "GROUNDSSECRET".into() }).await.unwrap();
        self.operate("elm", Operate::OpenBallot { case: 1 }).await.unwrap();
        for member in ["birch", "cedar", "dogwood"] {
            let vote = Judge::Vote { case: 1, choice: Choice::Suspend };
            self.trust.judge(&self.granted(member), elm, vote, None).await.unwrap();
        }
    }

    pub fn pass(&self, time: kit::Time) {
        self.node.clock.advance(time);
    }
}
