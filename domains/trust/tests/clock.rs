//! A clock that had jumped ahead: seen, told, set right; limits run again, and nobody has gained a standing by it.

#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::pages::Pages;
use common::{World, world};
use contracts::trust::record::Choice;
use identity::{Granted, StepUp};
use kit::clock::{DAY, SECOND};
use kit::jobs::run_due;
use trust::process::{Join, Judge, Operate, Represent};
use trust::record::file::verify;

const AHEAD: kit::Time = 1_100 * DAY;

/// Three years ahead: one team is suspended, one confirms, of one something sealed is written; then the clock is put right.
async fn lived() -> World {
    let w = world().await;
    w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    w.operate("dogwood", Operate::OpenReview { grounds: "Nobody answers".into() }).await.unwrap();
    w.trust.start().await.unwrap();
    w.pass(AHEAD);
    run_due(&w.node, &w.trust.domain().jobs).await.unwrap();
    w.operate("newt", Operate::Invite).await.unwrap();
    w.operate("elm", Operate::SuspendAtOnce { reason: "Its keys are stolen".into() }).await.unwrap();
    let record = w.trust.case(&w.granted("cedar"), w.id("cedar")).await.unwrap().record;
    w.trust.represent(&w.granted("cedar"), Represent::Confirm { record }, None).await.unwrap();
    w.operate("dogwood", Operate::OpenBallot { case: 1 }).await.unwrap();
    let vote = Judge::Vote { case: 1, choice: Choice::Keep };
    w.trust.judge(&w.granted("birch"), w.id("dogwood"), vote, None).await.unwrap();
    w.pass(-AHEAD);
    w
}

async fn registered(w: &World, team: &str) -> String {
    let register = w.trust.register_at(w.node.now()).await.unwrap();
    register.into_iter().find(|row| row.handle == team).map(|row| row.standing).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_dated_in_the_future_is_told_and_set_right_and_then_limits_run_again() {
    let w = lived().await;
    let ahead = w.trust.ahead().await.unwrap().unwrap();
    assert!(ahead.until >= w.node.now() + AHEAD && ahead.entries > 5, "{ahead:?}");
    let case = w.trust.case(&w.granted("hub"), w.id("newt")).await.unwrap();
    let told =
        case.timeline.iter().filter(|line| line.at > w.node.now()).map(|line| line.position).min().unwrap();
    assert!(ahead.since <= told, "{ahead:?}");
    let words = w.trust.findings().await.unwrap().remove(0).words;
    assert!(
        words.contains(&format!("from entry {}", ahead.since)) && words.contains("limits wait"),
        "{words}"
    );
    assert_eq!(w.trust.pass_time().await.unwrap(), 0, "limits wait");
    assert_eq!(
        (w.standing("elm"), registered(&w, "elm").await.as_str()),
        ("suspended", "accredited"),
        "of today"
    );
    let standings = common::TEAMS.map(|team| w.standing(team));
    let whole = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let (entries, _) = w.trust.check().await.unwrap();

    let operator = identity::testing::fresh(&w.identity, w.granted("hub")).unwrap();
    assert!(w.trust.set_clock_right(&operator, " ").await.is_err(), "a reason is owed");
    w.trust.set_clock_right(&operator, "The battery was dead").await.unwrap();
    assert_eq!(w.trust.ahead().await.unwrap(), None);
    let why = w.trust.set_clock_right(&operator, "The battery was dead").await.unwrap_err().to_string();
    assert!(why.contains("nothing to set right"), "{why}");

    // No standing is another, and the record gives all of them, on this day, too; what was written is as it was.
    assert_eq!(common::TEAMS.map(|team| w.standing(team)), standings);
    assert_eq!(w.trust.check().await.unwrap(), (entries + 7, Vec::new()), "one for each team, one for all");
    assert_eq!(registered(&w, "elm").await, "suspended");
    let since = w.teams.directory().by_handle("elm").unwrap().standing.unwrap().since;
    assert_eq!(since, w.node.now());
    let after = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let body = |file: &[u8]| file.iter().position(|byte| *byte == b'\n').unwrap();
    assert!(after[body(&after)..].starts_with(&whole[body(&whole)..]), "append only");
    assert!(verify(&after[..], &[], |_, _| {}).is_ok());
    let report = w.trust.year(&w.granted("hub"), 2026).await.unwrap();
    let told: Vec<&str> = report.overrides.iter().map(|line| line.words.as_str()).collect();
    assert!(matches!(told[..], [only] if only.contains("The battery was dead")), "{told:?}");

    // Limits run from now on: the hourly job comes, the invitation ends in four weeks, the ballot in two.
    run_due(&w.node, &w.trust.domain().jobs).await.unwrap();
    assert_eq!(w.trust.checkpoints(1_000).await.unwrap()[0].position, (entries + 7) as i64);
    let due = async |team: &'static str| {
        let case = w.trust.case(&w.granted("hub"), w.id(team)).await.unwrap();
        case.countdowns.iter().map(|countdown| countdown.due).filter(|due| *due > 0).min().unwrap()
    };
    for (team, days) in [("newt", 28), ("dogwood", 14)] {
        assert_eq!((due(team).await - w.node.now()) / DAY, days, "{team}");
    }
    w.pass(29 * DAY);
    w.trust.pass_time().await.unwrap();
    let case = w.trust.case(&w.granted("hub"), w.id("newt")).await.unwrap();
    assert!(case.timeline[0].words.contains("Reminded"), "{:?}", case.timeline[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_says_that_limits_wait_and_the_operator_sets_the_clock_right_once_asked_who_is_there() {
    let pages = Pages::of(world().await).await;
    let calm = pages.get("hub", "/trust/desk").await;
    assert!(!calm.body.contains("Limits wait"), "{}", calm.body);
    let object = Join::ProposeSuspension { grounds: "It answers nobody".into() };
    pages.w.pass(AHEAD);
    pages.w.trust.join(&pages.w.granted("alder"), pages.w.id("elm"), object, None).await.unwrap();
    pages.w.pass(-AHEAD);
    let desk = pages.get("hub", "/trust/desk").await;
    assert!(desk.body.contains("Limits wait") && desk.body.contains("/trust/desk/clock"), "{}", desk.body);
    let refused = pages.post("hub", "/trust/desk/clock", &[("reason", "ab")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains(">\nab</textarea>"), "what was typed is kept: {}", refused.body);
    assert_eq!(
        pages.post("alder", "/trust/desk/clock", &[("reason", "none")]).await.status,
        StatusCode::FORBIDDEN
    );

    let reason = [("reason", "The time server was wrong")];
    let old = identity::Settings::default().step_up + SECOND;
    pages.w.pass(old);
    assert!(pages.post("hub", "/trust/desk/clock", &reason).await.to.starts_with("/step-up"));
    assert!(pages.w.trust.ahead().await.unwrap().is_some());
    pages.w.pass(-old);
    let done = pages.post("hub", "/trust/desk/clock", &reason).await;
    assert_eq!((done.status, done.to.as_str()), (StatusCode::SEE_OTHER, "/trust/desk"), "{}", done.body);
    assert!(!pages.get("hub", "/trust/desk").await.body.contains("Limits wait"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_put_back_a_little_alarms_nobody_and_a_day_does() {
    let w = world().await;
    w.trust.pass_time().await.unwrap();
    w.pass(-60 * SECOND);
    assert_eq!(w.trust.ahead().await.unwrap(), None);
    w.pass(-DAY);
    assert_eq!(w.trust.ahead().await.unwrap().map(|ahead| ahead.entries > 0), Some(true));
    w.trust.set_clock_right(&StepUp::for_node(), "It is right now").await.unwrap();
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
}
