//! What the owner of the community does on its pages: seats and offices, the word for a hand-over, what is erased.

#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::pages::Pages;
use common::world;
use identity::Role;
use identity::testing::sign_in;
use kit::clock::SECOND;
use trust::process::{Join, Judge};

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_alone_gives_seats_and_offices_and_no_team_gives_them_to_itself() {
    let pages = Pages::of(world().await).await;
    let (owner, _) = sign_in(&pages.w.identity, "dogwood", "olaf", &[Role::Owner]).await;
    let page = pages.get_as(&owner, "/trust/community").await;
    assert!(page.body.contains("Give the seat"), "{}", page.body);
    let elm = pages.w.id("elm").to_string();
    let given = pages.post_as(&owner, "/trust/community/seats", &[("team", &elm), ("do", "give")]).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
    assert!(pages.w.trust.seats().await.unwrap().contains(&pages.w.id("elm")));
    let twice = pages.post_as(&owner, "/trust/community/seats", &[("team", &elm), ("do", "give")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    let office = [("login", "elm-kes"), ("office", "board"), ("do", "give")];
    assert_eq!(
        pages.post_as(&owner, "/trust/community/offices", &office).await.status,
        StatusCode::SEE_OTHER
    );
    let after = pages.get_as(&owner, "/trust/community").await;
    assert!(after.body.contains("elm-kes"), "{}", after.body);
    let whole = pages.w.trust.export_whole(&identity::Granted::for_node()).await.unwrap();
    assert!(String::from_utf8(whole).unwrap().contains("trust.role_given"), "offices stand in the record");
    let own = [("login", "olaf"), ("office", "introducer"), ("do", "give")];
    let refused = pages.post_as(&owner, "/trust/community/offices", &own).await;
    assert!(refused.body.contains("different people"), "{}", refused.body);
    let unknown = [("login", "nobody"), ("office", "board"), ("do", "give")];
    let refused = pages.post_as(&owner, "/trust/community/offices", &unknown).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("value=\"nobody\""), "what was typed is kept");

    // The administrator of a team makes none of its people operator of the community.
    let new =
        identity::NewAccount { login: "sly".into(), roles: [Role::Introducer].into(), ..Default::default() };
    let granted = pages.w.granted::<identity::ManageTeam>("alder");
    let why = pages.w.identity.create_account(&granted, pages.w.id("alder"), new).await.unwrap_err();
    assert!(matches!(why, kit::Error::Forbidden(_)), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_for_a_hand_over_and_an_erasure_ask_who_is_there_after_a_while() {
    let pages = Pages::of(world().await).await;
    let (owner, _) = sign_in(&pages.w.identity, "dogwood", "olaf", &[Role::Owner]).await;
    let key = "AB".repeat(20);
    let order = [("do", "order"), ("operator", "Alder CERT"), ("key", &key)];
    let acts: [(&str, &[(&str, &str)]); 3] = [
        ("/trust/community/hand-over", &order),
        ("/trust/community/hand-over", &[("do", "cancel"), ("reason", "they have no room")]),
        ("/trust/record/erase", &[("entry", "9"), ("reason", "a court asks for it")]),
    ];
    pages.w.pass(identity::Settings::default().step_up + SECOND);
    for (path, fields) in acts {
        let asked = pages.post_as(&owner, path, fields).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{path}: {}", asked.body);
        assert!(asked.to.starts_with("/step-up"), "{path}: {}", asked.to);
    }
    assert_eq!(pages.w.trust.word().await.unwrap(), trust::hand_over::Word::None);
    let (fresh, _) = sign_in(&pages.w.identity, "dogwood", "olga", &[Role::Owner]).await;
    let given = pages.post_as(&fresh, "/trust/community/hand-over", &order).await;
    assert_eq!(given.to, "/trust/community", "{}", given.body);
    assert!(matches!(pages.w.trust.word().await.unwrap(), trust::hand_over::Word::Given(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_asked_for_with_a_reason_and_everybody_reads_by_whom_and_why() {
    let pages = Pages::of(world().await).await;
    let (owner, _) = sign_in(&pages.w.identity, "dogwood", "olaf", &[Role::Owner]).await;
    let page = pages.get("alder", "/trust/record").await;
    assert!(!page.body.contains("/trust/record/erase"), "the form is the owner's");
    let motion = Join::ProposeSuspension { grounds: "It answers nobody, says SECRET".into() };
    let elm = pages.w.id("elm");
    pages.w.trust.join(&pages.w.granted("alder"), elm, motion, None).await.unwrap();
    let case = pages.w.trust.case(&pages.w.granted("hub"), elm).await.unwrap();
    let filed = case.timeline.iter().find(|line| line.words.contains("SECRET")).unwrap().position;

    let entry = filed.to_string();
    let reason = ("reason", "The grounds name a person, who asks for it");
    let refused: [(&[(&str, &str)], &str); 4] = [
        (&[("entry", &entry)], "on whose word"),
        (&[reason], "by its number"),
        (&[("entry", "1"), reason], "Entry 1 is public"),
        (&[("entry", "999"), reason], "no entry 999"),
    ];
    for (fields, why) in refused {
        let answer = pages.post_as(&owner, "/trust/record/erase", fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{why}");
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
    }
    // Something of the board's rests on the newest entry; when the case is over, nothing does.
    let close = Judge::CloseCase { case: 1, reason: "They answer again".into() };
    pages.w.trust.judge(&pages.w.granted("birch"), elm, close, None).await.unwrap();
    let done = pages.post_as(&owner, "/trust/record/erase", &[("entry", &entry), reason]).await;
    assert_eq!((done.status, done.to.as_str()), (StatusCode::SEE_OTHER, "/trust/record"), "{}", done.body);
    let page = pages.get("alder", "/trust/record").await;
    assert!(page.body.contains(&format!("What entry {entry} told")), "{}", page.body);
    assert!(page.body.contains(reason.1) && page.body.contains("by the owner"), "{}", page.body);
    let case = pages.w.trust.case(&pages.w.granted("hub"), elm).await.unwrap();
    assert!(case.timeline.iter().all(|line| !line.words.contains("SECRET")));
}
