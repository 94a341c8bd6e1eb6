use axum::http::StatusCode;
use identity::Role::{Introducer, Reader, TeamAdmin};
use kit::clock::{DAY, HOUR, MINUTE};
use mail::queue::{self, State};
use trust::Section;

use crate::world::{World, link, world};

const BEGIN: [(&str, &str); 3] = [("reason", "a spring test"), ("scope", "listed"), ("hours", "24")];

/// Begins a drill; returns its page's path.
async fn begun(w: &World, operator: &str) -> String {
    let (status, to, page) = w.post("/trust/drills", operator, &BEGIN).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    w.run().await;
    to
}

/// The test of a team, as the API says it.
async fn test_of(w: &World, drill: &str, team: &str) -> trust::drill::Row {
    let granted = identity::Granted::for_node();
    let id = drill.rsplit('/').next().unwrap().parse().unwrap();
    let view = w.trust.drill(&granted, id).await.unwrap();
    view.tests.into_iter().find(|row| row.team == team).unwrap()
}

/// Id of the test of `team`, as its mails are about.
fn about(w: &World, team: &str) -> String {
    let address = format!("cert@{team}.example");
    let all = w.node.db.read_now(move |c| c.query(ABOUT, kit::params![address], |row| row.get::<String>(0)));
    all.unwrap().pop().unwrap()
}

const ABOUT: kit::Sql =
    kit::Sql::new("SELECT subject_of FROM mail_out WHERE recipient = $1 ORDER BY queued_at");

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_looked_at_as_often_as_one_likes_and_its_button_answers() {
    let w = world(Section::default()).await;
    let operator = w.who("office", "olga", &[Introducer]).await;
    let drill = begun(&w, &operator).await;
    let mut left = w.left();
    left.sort();
    let all = ["alder", "birch", "cedar", "dogwood", "refused"].map(|name| format!("cert@{name}.example"));
    assert_eq!(left, all, "the operator itself is not asked");

    let (_, letter) = w.mails(&about(&w, "alder")).remove(0);
    assert_eq!(letter.signatures.len(), 1, "the operator's desk signs");
    let link = link(letter.body_text());
    w.node.clock.advance(30 * MINUTE);
    for _ in 0..3 {
        let (status, page) = w.get(&link, "").await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("Does somebody read cert@alder.example?"), "{page}");
    }
    assert_eq!(test_of(&w, &drill, "alder").await.state, "asked", "mail scanners follow links");
    let (status, _, page) = w.post(&link, "", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Thank you"), "{page}");
    let test = test_of(&w, &drill, "alder").await;
    assert_eq!(
        (test.state.as_str(), test.seconds, test.answered_by.as_str()),
        ("answered", Some(1800), "link")
    );
    // Pressed again much later: the first answer counts.
    w.node.clock.advance(DAY);
    w.post(&link, "", &[]).await;
    assert_eq!(test_of(&w, &drill, "alder").await.seconds, Some(1800));
    assert_eq!(w.get("/trust/drills/answer/aaaaaaaaaaaaaaaaaaaaaaaa", "").await.0, StatusCode::GONE);
    let kinds: Vec<String> =
        w.record(&format!("team:{}", w.team("alder"))).into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds[..2], ["trust.drill_ended", "trust.drill_asked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_by_mail_a_bounce_silence_and_a_late_answer_are_told_apart() {
    let w = world(Section::default()).await;
    let operator = w.who("office", "olga", &[Introducer]).await;
    let drill = begun(&w, &operator).await;

    w.node.clock.advance(2 * HOUR);
    let mail = w.mails(&about(&w, "birch")).remove(0).0;
    let now = w.node.now();
    w.node.db.write_now(move |tx| queue::note(tx, mail.id, State::Answered, now, "answered")).unwrap();
    w.run().await;
    let birch = test_of(&w, &drill, "birch").await;
    assert_eq!(
        (birch.state.as_str(), birch.seconds, birch.answered_by.as_str()),
        ("answered", Some(7200), "mail")
    );
    let elm = test_of(&w, &drill, "elm").await;
    assert_eq!(elm.state, "bounced");
    assert!(elm.failure.contains("no such mailbox"), "{}", elm.failure);
    assert_eq!(test_of(&w, &drill, "cedar").await.state, "asked");

    // A second one while this one is open would have teams answer the wrong one.
    let (status, _, page) = w.post("/trust/drills", &operator, &BEGIN).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(page.contains("a drill is open until") || page.contains("A drill is open until"), "{page}");

    w.node.clock.advance(DAY);
    w.run().await;
    assert_eq!(test_of(&w, &drill, "cedar").await.state, "silent");
    let (_, letter) = w.mails(&about(&w, "cedar")).remove(0);
    w.post(&link(letter.body_text()), "", &[]).await;
    let cedar = test_of(&w, &drill, "cedar").await;
    assert_eq!((cedar.state.as_str(), cedar.seconds), ("late", Some(26 * 3600)));

    let (drills, months) = w.trust.drills(&identity::Granted::for_node()).await.unwrap();
    let figures = &drills[0].figures;
    assert_eq!(
        (figures.tests, figures.answered, figures.late, figures.silent, figures.bounced),
        (5, 1, 1, 2, 1)
    );
    assert_eq!((figures.median_seconds, figures.ninety_seconds), (Some(7200), Some(26 * 3600)));
    assert_eq!((months[0].month.as_str(), &months[0].figures), ("2026-11", figures));
}

#[tokio::test(flavor = "multi_thread")]
async fn single_teams_are_seen_by_members_and_the_operator_only() {
    let w = world(Section::default()).await;
    let operator = w.who("office", "olga", &[Introducer]).await;
    let member = w.who("alder", "ann", &[Reader]).await;
    let guest = w.who("visitors", "gus", &[Reader]).await;
    let drill = begun(&w, &operator).await;
    for (cookie, sees) in [(&operator, true), (&member, true), (&guest, false)] {
        let (status, page) = w.get(&drill, cookie).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(page.contains("cert@birch.example"), sees);
        let (_, csv) = w.get(&format!("{drill}/tests.csv"), cookie).await;
        assert_eq!(csv.contains("birch"), sees);
    }
    assert_eq!(w.get(&drill, "").await.0, StatusCode::SEE_OTHER);
    let admin = w.who("alder", "abe", &[TeamAdmin]).await;
    assert_eq!(w.post("/trust/drills", &admin, &BEGIN).await.0, StatusCode::FORBIDDEN);
    let wrong = [("reason", ""), ("scope", "listed"), ("hours", "24")];
    let (status, _, page) = w.post("/trust/drills", &operator, &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("say in one line"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn drills_come_by_themselves_when_their_day_has_come_and_never_twice() {
    let mut section = Section::default();
    section.drill.every_days = 30;
    let w = world(section).await;
    let drills = async || w.trust.drills(&identity::Granted::for_node()).await.unwrap().0.len();
    w.run().await;
    assert_eq!(drills().await, 1);
    for _ in 0..29 {
        w.node.clock.advance(DAY);
        w.run().await;
    }
    assert_eq!(drills().await, 1);
    w.node.clock.advance(DAY + HOUR);
    w.run().await;
    assert_eq!(drills().await, 2);
    // A clock that was put back begins nothing.
    w.node.clock.advance(-10 * DAY);
    w.trust.start().await.unwrap();
    w.run().await;
    assert_eq!(drills().await, 2);
}
