//! The job done with plain forms alone: investigate, answer, note, close.

#![allow(clippy::unwrap_used)]

mod common;
mod web_support;

use axum::http::StatusCode;
use common::{World, letter, world};
use identity::Role;
use kit::clock::{HOUR, MINUTE};
use web_support::{Browser, app, undo_of};

const COMPLAINT: &str = "Password guessing:\r\n192.0.2.17 port 22\r\n192.0.2.18 port 22\r\n198.51.100.7\r\n";

/// A handler with an open incident of one report, which is TLP:AMBER as everything without a label.
async fn case(w: &World) -> Browser {
    let mail = letter("Registry <it@uni.example>", "guessing", "1@uni.example", "", COMPLAINT);
    w.mail("it@uni.example", &mail).await;
    let mut kes = Browser::of(&app(w), w, "aldermark", "kes", &[Role::Handler]).await;
    kes.done("/reports/triage", &[("do", "open"), ("r", "IR-1"), ("title", "guessing")]).await;
    kes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_says_why_they_and_who_can_read_and_holds_what_must_not_leave() {
    let w = world().await;
    let mut kes = case(&w).await;
    let page = kes.get("/incidents/INC-1/investigate").await.page();
    for said in [
        "CERT Skerry",
        "IRT-SKERRY",
        "no mail server on the way can",
        "Ambrell",
        "Everyone on the way",
        "1 held",
        "I know that everyone on the way can read this",
        "192.0.2.17",
        "exactly as sent",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
    assert!(
        page.contains(r#"value="duty@skerry.example" aria-label="Send to CERT Skerry" checked"#),
        "{page}"
    );
    assert!(page.contains(r#"aria-label="Send to Ambrell Net">"#), "the held one is not ticked: {page}");
    let second = kes
        .get("/incidents/INC-1/investigate?chosen=yes&mail=duty%40skerry.example&show=noc%40ambrell.example")
        .await
        .page();
    assert!(second.contains("noc@ambrell.example") && second.contains("198.51.100.7"), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn amber_in_clear_leaves_only_when_it_was_confirmed() {
    let w = world().await;
    let mut kes = case(&w).await;
    let path = "/incidents/INC-1/investigate";
    let both = [
        ("chosen", "yes"),
        ("text", "Please hurry."),
        ("mail", "duty@skerry.example"),
        ("mail", "noc@ambrell.example"),
    ];
    let refused = kes.post(path, &both).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("you did not confirm that"), "{}", refused.body);
    assert!(refused.body.contains("Please hurry."), "what was typed is still there");
    w.node.clock.advance(10 * MINUTE);
    w.run_due().await;
    assert!(w.left().is_empty(), "nothing leaves when one of them is refused");

    let mut confirmed = both.to_vec();
    confirmed.push(("confirm", "noc@ambrell.example"));
    let page = kes.done(path, &confirmed).await;
    assert!(page.contains("2 mails about 3 rows queued") && page.contains("INV-2"), "{page}");
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    let left = w.left();
    assert_eq!(left.len(), 2);
    let page = kes.get("/investigations/INV-1").await.page();
    assert!(page.contains("taken") && page.contains("Please hurry."), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_is_taken_back_whole() {
    let w = world().await;
    let mut kes = case(&w).await;
    let page =
        kes.done("/incidents/INC-1/investigate", &[("chosen", "yes"), ("mail", "duty@skerry.example")]).await;
    kes.done(&undo_of(&page), &[]).await;
    w.node.clock.advance(HOUR);
    w.run_due().await;
    assert!(w.left().is_empty());
    assert_eq!(kes.get("/investigations/INV-1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_time_is_said_at_its_field_and_nothing_typed_is_lost() {
    let w = world().await;
    let mut kes = case(&w).await;
    let fields = [
        ("chosen", "yes"),
        ("answer_by", "soon"),
        ("subject", "Ours alone"),
        ("mail", "duty@skerry.example"),
    ];
    let answer = kes.post("/incidents/INC-1/investigate", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("is no time: write it as"), "{}", answer.body);
    assert!(answer.body.contains(r#"value="soon""#) && answer.body.contains("Ours alone"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_kept_until_it_is_sent() {
    let w = world().await;
    let mut kes = case(&w).await;
    let kept =
        kes.post("/drafts?form=reply:IR-1", &[("text", "Dear colleague, half a"), ("tlp", "GREEN")]).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    assert!(kes.get("/reports/IR-1").await.page().contains("Dear colleague, half a"));
    let mut other = Browser::of(&app(&w), &w, "aldermark", "jor", &[Role::Handler]).await;
    assert!(!other.get("/reports/IR-1").await.page().contains("half a"), "a draft is its writer's");
    let page =
        kes.done("/reports/IR-1/reply", &[("text", "Dear colleague, all of it."), ("tlp", "GREEN")]).await;
    assert!(page.contains("Answer in IR-1 queued") && page.contains("all of it"), "{page}");
    assert!(!page.contains("half a"), "the draft is gone: {page}");
    assert!(page.contains("met in"), "the reporter's clock is stopped: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_clear_under_amber_asks_first() {
    let w = world().await;
    let mut kes = case(&w).await;
    let answer = kes.post("/reports/IR-1/reply", &[("text", "We are on it."), ("tlp", "AMBER")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("would go to it@uni.example in clear") && answer.body.contains("We are on it."),
        "{}",
        answer.body
    );
    kes.done("/reports/IR-1/reply", &[("text", "We are on it."), ("tlp", "AMBER"), ("confirm", "yes")]).await;
    let answer = kes.post("/reports/IR-1/reply", &[("text", " "), ("tlp", "GREEN")]).await;
    assert!(answer.body.contains("The mail is empty"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_stays_at_the_desk_and_is_found() {
    let w = world().await;
    let mut kes = case(&w).await;
    let page =
        kes.done("/incidents/INC-1/note", &[("text", "Ring their duty line at twenty hundred.")]).await;
    assert!(page.contains("note for the desk") && page.contains("Ring their duty line"), "{page}");
    let empty = kes.post("/incidents/INC-1/note", &[("text", "")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kes.get("/search?q=duty%20line").await.page().contains("INC-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saves_second_is_told_and_loses_nothing() {
    let w = world().await;
    let mut kes = case(&w).await;
    let first = [("version", "1"), ("title", "Password guessing"), ("severity", "high")];
    let page = kes.done("/incidents/INC-1", &first).await;
    assert!(page.contains("Password guessing") && page.contains("high"), "{page}");
    let late = kes.post("/incidents/INC-1", &[("version", "1"), ("title", "My own title")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.body.contains("was changed since you opened it") && late.body.contains("My own title"),
        "{}",
        late.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_lowered_only_by_leave_and_a_class_must_be_one() {
    let w = world().await;
    let mut kes = case(&w).await;
    let refused = kes.post("/incidents/INC-1", &[("tlp", "GREEN"), ("leave", "")]).await;
    assert!(refused.body.contains("say who of the originators allows it"), "{}", refused.body);
    let page = kes.done("/incidents/INC-1", &[("tlp", "GREEN"), ("leave", "it@uni.example, by phone")]).await;
    assert!(page.contains("by leave of it@uni.example"), "{page}");
    let refused = kes.post("/incidents/INC-1", &[("classification", "nonsense")]).await;
    assert!(
        refused.body.contains("is no class of RSIT") && refused.body.contains(r#"value="nonsense""#),
        "{}",
        refused.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_answers_each_chosen_reporter_and_can_be_taken_back() {
    let w = world().await;
    let mut kes = case(&w).await;
    let page = kes.get("/incidents/INC-1/close").await.page();
    assert!(
        page.contains(r#"name="r" value="1" checked"#) && page.contains("Thank you for your report"),
        "{page}"
    );
    let fields = [
        ("status", "resolved"),
        ("resolution", "hosts cleaned"),
        ("text", "It is over."),
        ("r", "1"),
        ("tlp", "GREEN"),
    ];
    let page = kes.done("/incidents/INC-1/close", &fields).await;
    assert!(page.contains("hosts cleaned") && page.contains("Open again"), "{page}");
    let page = kes.done(&undo_of(&page), &[]).await;
    assert!(page.contains("Taken back"), "{page}");
    kes.done("/incidents/INC-1/close", &fields).await;
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    let left = w.left();
    assert_eq!(left.iter().map(|mail| mail.recipient.as_str()).collect::<Vec<_>>(), ["it@uni.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_investigation_shows_its_thread_and_can_be_reminded_and_resolved() {
    let w = world().await;
    let mut kes = case(&w).await;
    kes.done("/incidents/INC-1/investigate", &[("chosen", "yes"), ("mail", "duty@skerry.example")]).await;
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    let page = kes.get("/investigations/INV-1").await.page();
    assert!(page.contains("IRT-SKERRY") && page.contains("taken"), "{page}");
    let page = kes.done("/investigations/INV-1/remind", &[]).await;
    assert!(page.contains("reminder"), "{page}");
    let page = kes.done("/investigations/INV-1/reply", &[("text", "One more host."), ("tlp", "AMBER")]).await;
    assert!(page.contains("One more host."), "{page}");
    let page = kes.done("/investigations/INV-1/status", &[("status", "resolved")]).await;
    assert!(page.contains("INV-1 is resolved") && page.contains("Open again"), "{page}");
}
