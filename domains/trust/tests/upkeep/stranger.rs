//! Somebody without an account applies for a team; the operator takes it up or refuses.

use std::net::IpAddr;

use axum::http::StatusCode;
use identity::Role;
use kit::clock::{DAY, HOUR, SECOND};
use kit::{Error, Id, Sql};
use trust::stranger::{Sent, Told};
use trust::{Section, Trust};

use super::world::{World, link, world};

const ALL: Sql = Sql::new("SELECT id FROM trust_stranger ORDER BY at, id");

async fn open() -> World {
    let mut section = Section { community: "Alba".into(), ..Section::default() };
    section.apply.enabled = true;
    world(section).await
}

fn told(team: &str, email: &str) -> Told {
    Told {
        team: team.into(),
        handle: team.to_lowercase(),
        country: "dk".into(),
        mail: format!("cert@{}.example", team.to_lowercase()),
        person: "Nina".into(),
        email: email.into(),
        words: "We serve the lighthouses of the north.".into(),
        sponsors: vec!["Alder".into(), "nobody".into()],
    }
}

const FORM: [(&str, &str); 8] = [
    ("team", "Newt"),
    ("handle", "newt"),
    ("country", "DK"),
    ("mail", "cert@newt.example"),
    ("person", "Nina"),
    ("email", "Nina@newt.example"),
    ("words", "We serve the lighthouses. BUY PILLS at https://pills.example"),
    ("sponsors", "alder, birch"),
];

impl World {
    fn strangers(&self) -> Vec<Id> {
        self.node.db.read_now(|c| c.query(ALL, &[], |row| row.get(0))).unwrap()
    }

    /// The text of the newest mail about the application that went to `to`.
    fn letter(&self, id: Id, to: &str) -> String {
        let mails = self.mails(&format!("stranger:{id}"));
        let mail =
            mails.into_iter().filter(|(out, _)| out.recipient == to).max_by_key(|(out, _)| out.queued_at);
        mail.unwrap().1.body_text().to_owned()
    }

    async fn apply(trust: &Trust, team: &str, email: &str, peer: &str) -> kit::Result<Sent> {
        trust.apply_as_stranger(told(team, email), peer.parse::<IpAddr>().unwrap()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_applies_confirms_by_mail_and_comes_in_when_the_operator_takes_it() {
    let w = open().await;
    assert!(w.get("/trust", "").await.1.contains("/trust/apply"));
    assert_eq!(w.get("/trust/apply", "").await.0, StatusCode::OK);
    let (status, _, page) = w.post("/trust/apply", "", &FORM).await;
    assert!(status == StatusCode::OK && page.contains("Look into your mailbox"), "{status} {page}");
    w.run().await;
    let id = w.strangers()[0];
    let letter = w.letter(id, "nina@newt.example");
    assert!(!letter.contains("PILLS") && !letter.contains("Newt") && !letter.contains("Nina"), "{letter}");

    // Looking does nothing: the operator sees nothing yet.
    let path = link(&letter);
    let (status, page) = w.get(&path, "").await;
    assert!(status == StatusCode::OK && page.contains("Yes, it is mine"), "{page}");
    let office = w.who("office", "olga", &[Role::Introducer]).await;
    let desk = format!("/trust/desk/applications/{id}");
    assert_eq!(w.get(&desk, &office).await.0, StatusCode::NOT_FOUND);
    assert!(!w.get("/trust/desk", &office).await.1.contains("Applications without an account"));

    let (status, _, page) = w.post(&path, "", &[("do", "confirm")]).await;
    assert!(status == StatusCode::OK && page.contains("Thank you"), "{page}");
    w.run().await;
    assert!(w.letter(id, "office@hub.example").contains(&desk));
    assert_eq!(w.post(&path, "", &[("do", "enter")]).await.0, StatusCode::CONFLICT, "not before it is taken");
    assert!(w.teams.directory().by_handle("newt").is_none(), "no team before the operator says so");

    assert!(w.get("/trust/desk", &office).await.1.contains(&desk));
    let (_, page) = w.get(&desk, &office).await;
    assert!(
        page.contains("BUY PILLS") && page.contains("/teams/alder") && page.contains("Take it up"),
        "{page}"
    );
    let foreign = w.who("alder", "ada", &[Role::TeamAdmin]).await;
    assert_eq!(w.get(&desk, &foreign).await.0, StatusCode::FORBIDDEN);
    let take = [("do", "take"), ("handle", "newt"), ("login", "nina@newt.example")];
    assert_eq!(w.post(&desk, &foreign, &take).await.0, StatusCode::FORBIDDEN);
    w.node.clock.advance(SECOND);
    let (status, to, page) = w.post(&desk, &office, &take).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/trust/teams/newt"), "{page}");
    let team = w.teams.directory().by_handle("newt").unwrap();
    assert_eq!((team.status_name(), team.name.as_str()), ("not listed", "Newt"));
    assert_eq!(w.post(&desk, &office, &take).await.0, StatusCode::CONFLICT, "once");

    // The first link is void; the one of the invitation works once, and by a button only.
    w.run().await;
    let invited = link(&w.letter(id, "nina@newt.example"));
    assert_ne!(invited, path);
    assert_eq!(w.get(&path, "").await.0, StatusCode::GONE);
    assert!(w.get(&invited, "").await.1.contains("Come in"));
    let (status, to, _) = w.post(&invited, "", &[("do", "enter")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let secret = to.strip_prefix("/login/once/").unwrap();
    assert!(w.identity.link_is_good(secret).await.unwrap());
    assert_eq!(w.post(&invited, "", &[("do", "enter")]).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_a_stranger_what_is_known_here() {
    let w = open().await;
    w.who("alder", "ada@alder.example", &[Role::TeamAdmin]).await;
    let answer = async |form: &[(&str, &str)]| {
        let (status, _, page) = w.post("/trust/apply", "", form).await;
        // Each page says when it was made.
        (status, page.replace(&w.node.now().to_string(), ""))
    };
    let mut taken = FORM;
    (taken[1], taken[3], taken[5]) =
        (("handle", "alder"), ("mail", "cert@alder.example"), ("email", "ada@alder.example"));
    let said = answer(&FORM).await;
    w.node.clock.advance(SECOND);
    assert_eq!(answer(&taken).await, said);
    // A third mail to one address within a day is not sent, and nobody is told.
    let before = answer(&taken).await;
    assert_eq!(answer(&taken).await, before);
    w.run().await;
    assert_eq!(w.left().iter().filter(|to| *to == "ada@alder.example").count(), 2);

    // The operator is told of it, and takes it under another name.
    let id = w.strangers()[1];
    let path = link(&w.letter(id, "ada@alder.example"));
    w.post(&path, "", &[("do", "confirm")]).await;
    let office = w.who("office", "olga", &[Role::Introducer]).await;
    let desk = format!("/trust/desk/applications/{id}");
    assert!(w.get(&desk, &office).await.1.contains("the same handle"));
    let login = ("login", "ada@alder.example");
    let (status, _, page) = w.post(&desk, &office, &[("do", "take"), ("handle", "alder"), login]).await;
    assert!(status == StatusCode::CONFLICT && page.contains("has alder already"), "{page}");
    let (status, _, page) = w.post(&desk, &office, &[("do", "take"), ("handle", "alder-2"), login]).await;
    assert!(status == StatusCode::CONFLICT && page.contains("is taken"), "{page}");
    assert!(w.teams.directory().by_handle("alder-2").is_none(), "both or none are made");
    let login = ("login", "ada2");
    assert_eq!(
        w.post(&desk, &office, &[("do", "take"), ("handle", "alder-2"), login]).await.0,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_its_reason_and_what_is_over_is_deleted() {
    let w = open().await;
    let peer = "192.0.2.7";
    World::apply(&w.trust, "Newt", "nina@newt.example", peer).await.unwrap();
    w.run().await;
    let id = w.strangers()[0];
    let path = link(&w.letter(id, "nina@newt.example"));
    w.post(&path, "", &[("do", "confirm")]).await;
    let office = w.who("office", "olga", &[Role::Introducer]).await;
    let desk = format!("/trust/desk/applications/{id}");
    assert_eq!(w.post(&desk, &office, &[("do", "refuse")]).await.0, StatusCode::CONFLICT);
    let why = [("do", "refuse"), ("reason", "We do not know whom you serve.")];
    assert_eq!(w.post(&desk, &office, &why).await.0, StatusCode::SEE_OTHER);
    w.run().await;
    assert!(w.letter(id, "nina@newt.example").contains("We do not know whom you serve."));
    assert_eq!(w.get(&path, "").await.0, StatusCode::GONE);

    // One says that it was somebody else; another never answers.
    for (team, email) in [("Eft", "eve@eft.example"), ("Olm", "olaf@olm.example")] {
        w.node.clock.advance(SECOND);
        World::apply(&w.trust, team, email, peer).await.unwrap();
    }
    w.run().await;
    let eft = w.strangers()[1];
    let (status, _, page) = w.post(&link(&w.letter(eft, "eve@eft.example")), "", &[("do", "drop")]).await;
    assert!(status == StatusCode::OK && page.contains("It is deleted"), "{page}");
    let olm = link(&w.letter(w.strangers()[1], "olaf@olm.example"));
    w.node.clock.advance(2 * DAY);
    assert_eq!(w.post(&olm, "", &[("do", "confirm")]).await.0, StatusCode::NOT_FOUND);
    w.run().await;
    assert_eq!(w.strangers(), [id]);
    w.node.clock.advance(90 * DAY);
    w.run().await;
    assert!(w.strangers().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_limited_by_network_and_in_all_and_off_unless_switched_on() {
    let mut section = Section::default();
    section.apply.enabled = true;
    section.apply.open = 6;
    section.apply.per_hour = 2;
    let w = world(section).await;
    let apply = async |n: usize, peer: &str| {
        World::apply(&w.trust, &format!("T{n}"), &format!("p{n}@t{n}.example"), peer).await.unwrap()
    };
    let said = [apply(1, "2001:db8::1").await, apply(2, "2001:db8::2").await, apply(3, "2001:db8::3").await];
    assert_eq!(said, [Sent::UnderWay, Sent::UnderWay, Sent::TooMany], "a network of 64 bits is one");
    w.node.clock.advance(HOUR);
    let said = [apply(4, "2001:db8::4").await, apply(5, "192.0.2.1").await, apply(6, "192.0.2.2").await];
    assert_eq!(said, [Sent::UnderWay; 3]);
    assert_eq!([apply(7, "192.0.2.3").await, apply(8, "192.0.2.4").await], [Sent::UnderWay, Sent::Full]);

    for (field, wrong) in [
        ("handle", "Not A Handle"),
        ("email", "nobody"),
        ("mail", "x"),
        ("country", "Denmark"),
        ("person", " "),
    ] {
        let form: Vec<(&str, &str)> = FORM
            .iter()
            .map(|(name, value)| if *name == field { (*name, wrong) } else { (*name, *value) })
            .collect();
        let (status, _, page) = w.post("/trust/apply", "", &form).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.contains("We serve the lighthouses"), "what was typed is kept: {field}");
    }

    let shut = world(Section::default()).await;
    assert!(!shut.get("/trust", "").await.1.contains("/trust/apply"));
    assert!(shut.get("/trust/apply", "").await.1.contains("are not taken on this page"));
    let refused = World::apply(&shut.trust, "T1", "p1@t1.example", "192.0.2.1").await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
}
