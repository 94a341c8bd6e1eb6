//! The way of a team through the community, with its people.

#![allow(clippy::unwrap_used)]

mod common;

use common::world;
use identity::Granted;
use kit::clock::DAY;
use kit::jobs::run_due;
use trust::process::{Join, Judge, Operate, Represent};

#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_listed_by_consultation_and_accredited_by_signature_record_and_verification() {
    let w = world().await;
    let newt = w.id("newt");
    let sponsors = vec![w.id("alder").to_string(), w.id("elm").to_string()];
    w.trust.represent(&w.granted("newt"), Represent::Apply { sponsors }, None).await.unwrap();
    for sponsor in ["alder", "elm"] {
        w.trust.join(&w.granted(sponsor), newt, Join::Sponsor, None).await.unwrap();
    }
    w.operate("newt", Operate::SendRules).await.unwrap();
    w.sign("newt").await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Submit, None).await.unwrap();
    w.operate("newt", Operate::OpenConsultation).await.unwrap();
    for supporter in ["alder", "birch"] {
        w.trust.join(&w.granted(supporter), newt, Join::Support { note: String::new() }, None).await.unwrap();
    }
    assert_eq!(w.standing("newt"), "not listed");
    w.pass(21 * DAY);
    assert_eq!(w.trust.pass_time().await.unwrap(), 1);
    assert_eq!(w.standing("newt"), "listed");

    w.trust.represent(&w.granted("newt"), Represent::RequestAccreditation, None).await.unwrap();
    w.operate("newt", Operate::Invite).await.unwrap();
    assert_eq!(w.standing("newt"), "listed");
    w.sign("newt").await.unwrap();
    assert_eq!(w.standing("newt"), "candidate");
    w.operate("newt", Operate::Ask { text: "Who answers at night?".into() }).await.unwrap();
    let why = w.trust.represent(&w.granted("newt"), Represent::Complete, None).await.unwrap_err();
    assert!(why.to_string().contains("Answer them first"), "{why}");
    let answer = |question, text: &str| Represent::Answer { question, text: text.into() };
    w.trust.represent(&w.granted("newt"), answer(1, "The head of the team"), None).await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Complete, None).await.unwrap();
    assert!(w.operate("newt", Operate::Accredit).await.is_err(), "it is not verified");
    w.operate("newt", Operate::Ask { text: "And who at weekends?".into() }).await.unwrap();
    let why = w.operate("newt", Operate::Verify { finding: "Called them".into() }).await.unwrap_err();
    assert!(why.to_string().contains("wait for an answer"), "{why}");
    w.trust.represent(&w.granted("newt"), answer(2, "Nobody"), None).await.unwrap();
    w.operate("newt", Operate::Verify { finding: "Called them".into() }).await.unwrap();
    let done = w.operate("newt", Operate::Accredit).await.unwrap();
    assert_eq!((done.phase, w.standing("newt")), ("accredited", "accredited"));

    let view = w.trust.case(&w.granted("newt"), newt).await.unwrap();
    assert_eq!(view.timeline[0].words.split(';').next(), Some("Accredited"));
    assert_eq!(view.timeline[0].rule, "2.5");
    assert!(view.timeline[0].signature.is_some());
    let confirm = Represent::Confirm { record: view.record };
    w.trust.represent(&w.granted("newt"), confirm, Some(view.number)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_suspends_by_motion_and_ballot_and_one_ballot_counts_for_each_team() {
    let w = world().await;
    let elm = w.id("elm");
    let motion = Join::ProposeSuspension { grounds: "It answers nobody".into() };
    w.trust.join(&w.granted("alder"), elm, motion, None).await.unwrap();
    let early = w.trust.judge(&w.granted("birch"), elm, Judge::OpenBallot { case: 1 }, None).await;
    assert!(early.unwrap_err().to_string().contains("seconders"));
    for seconder in ["birch", "cedar"] {
        w.trust.join(&w.granted(seconder), elm, Join::Second { case: 1 }, None).await.unwrap();
    }
    let seen = w.trust.case(&w.granted("birch"), elm).await.unwrap().number;
    w.trust.judge(&w.granted("birch"), elm, Judge::OpenBallot { case: 1 }, Some(seen)).await.unwrap();
    let second = w.trust.judge(&w.granted("cedar"), elm, Judge::OpenBallot { case: 1 }, Some(seen)).await;
    assert!(second.unwrap_err().to_string().contains("Somebody was faster"));

    let suspend = || Judge::Vote { case: 1, choice: contracts::trust::record::Choice::Suspend };
    w.trust.judge(&w.granted("birch"), elm, suspend(), None).await.unwrap();
    let twice = w.trust.judge(&w.granted("birch"), elm, suspend(), None).await;
    assert!(twice.unwrap_err().to_string().contains("has cast its ballot"));
    w.trust.judge(&w.granted("cedar"), elm, suspend(), None).await.unwrap();
    w.pass(15 * DAY);
    let late = w.trust.judge(&w.granted("dogwood"), elm, suspend(), None).await;
    assert!(late.unwrap_err().to_string().contains("ended"));
    w.trust.pass_time().await.unwrap();
    assert_eq!(w.standing("elm"), "suspended");
    let no_seat = Granted::check(&w.people["alder"]).map(|_: Granted<identity::JudgeCases>| ());
    assert!(no_seat.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_gets_a_team_and_a_link_and_no_right_besides() {
    let w = world().await;
    let newcomer = trust::Newcomer {
        handle: "fir".into(),
        name: "Fir CERT".into(),
        mail: "cert@fir.example".into(),
        login: "lee".into(),
        person: "Lee".into(),
    };
    let admitted = w.trust.admit(&w.granted("hub"), newcomer.clone()).await.unwrap();
    assert_eq!(w.standing("fir"), "not listed");
    assert!(w.identity.link_is_good(&admitted.link).await.unwrap());
    assert!(w.trust.admit(&w.granted("hub"), newcomer.clone()).await.is_err(), "once");

    // Nor under the handle of accounts that are of no team, a name that reads like another's, or a login that is taken;
    // and what was refused leaves nothing behind.
    w.identity.organisation("associates", "Associates").await.unwrap();
    let yew =
        trust::Newcomer { handle: "yew".into(), name: "Yew CERT".into(), login: "mia".into(), ..newcomer };
    for refused in [
        trust::Newcomer { handle: "associates".into(), ..yew.clone() },
        trust::Newcomer { name: "f\u{456}r-cert".into(), ..yew.clone() },
        trust::Newcomer { login: "lee".into(), ..yew.clone() },
    ] {
        assert!(w.trust.admit(&w.granted("hub"), refused.clone()).await.is_err(), "{refused:?}");
    }
    w.trust.admit(&w.granted("hub"), yew).await.unwrap();
    assert!(w.teams.directory().by_handle("associates").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_appoints_and_neither_operates_nor_judges() {
    let w = world().await;
    let owner = identity::testing::sign_in(&w.identity, "hub", "olga", &[identity::Role::Owner]).await.1;
    let granted: Granted<identity::Govern> = Granted::check(&owner).unwrap();
    w.trust.appoint(&granted, "alder-kes", identity::Role::Board, true).await.unwrap();
    assert!(w.trust.seats().await.unwrap().contains(&w.id("alder")));
    assert!(w.trust.appoint(&granted, "alder-kes", identity::Role::Board, true).await.is_err(), "once");
    assert!(w.trust.appoint(&granted, "alder-kes", identity::Role::NodeAdmin, true).await.is_err());
    for role in [identity::Role::Board, identity::Role::Introducer] {
        let why = w.trust.appoint(&granted, "olga", role, true).await.unwrap_err();
        assert!(why.to_string().contains("different people"), "{why}");
    }
    assert!(Granted::<identity::Introduce>::check(&owner).is_err());
    assert!(Granted::<identity::JudgeCases>::check(&owner).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_of_an_open_ballot_are_shown_to_nobody_but_who_cast_them() {
    let w = world().await;
    let elm = w.id("elm");
    w.operate("elm", Operate::OpenReview { grounds: "GROUNDS".into() }).await.unwrap();
    w.operate("elm", Operate::OpenBallot { case: 1 }).await.unwrap();
    let keep = Judge::Vote { case: 1, choice: contracts::trust::record::Choice::Keep };
    w.trust.judge(&w.granted("birch"), elm, keep, None).await.unwrap();
    let conflict = Judge::DeclareConflict { case: 1, reason: "same ministry".into() };
    w.trust.judge(&w.granted("dogwood"), elm, conflict, None).await.unwrap();
    let sees = async |who: &str, what: &str| {
        let case = w.trust.case(&w.granted(who), elm).await.unwrap();
        case.timeline.iter().any(|line| line.words.contains(what))
    };
    assert!(sees("birch", "voted").await);
    assert!(!sees("cedar", "voted").await && !sees("hub", "voted").await);
    assert!(sees("cedar", "GROUNDS").await && !sees("dogwood", "GROUNDS").await);
    assert!(!sees("alder", "GROUNDS").await && !sees("elm", "GROUNDS").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsor_that_says_no_is_told_to_applicant_and_operator_and_another_one_takes_its_place() {
    let w = world().await;
    let newt = w.id("newt");
    let named = |handle: &str| Represent::NameSponsor { sponsor: w.id(handle).to_string() };
    let no = || Join::DeclineToSponsor { reason: "We do not know NOTTHEM".into() };
    let sponsors = vec![w.id("alder").to_string(), w.id("elm").to_string()];
    w.trust.represent(&w.granted("newt"), Represent::Apply { sponsors }, None).await.unwrap();
    w.operate("newt", Operate::SendRules).await.unwrap();
    let due = async |who| {
        let case = w.trust.case(&w.granted(who), newt).await.unwrap();
        case.countdowns.into_iter().map(|countdown| (countdown.what, countdown.due)).collect::<Vec<_>>()
    };
    let before = due("newt").await;
    assert!(w.trust.join(&w.granted("birch"), newt, no(), None).await.is_err(), "it is not named");
    let short = Join::DeclineToSponsor { reason: " ".into() };
    assert!(w.trust.join(&w.granted("elm"), newt, short, None).await.is_err(), "a reason is owed");
    w.trust.join(&w.granted("elm"), newt, Join::Sponsor, None).await.unwrap();
    w.trust.join(&w.granted("elm"), newt, no(), None).await.unwrap();
    assert!(w.trust.join(&w.granted("elm"), newt, no(), None).await.is_err(), "once is enough");

    // The limit runs as it did, and the next step is the applicant's.
    let mut after = due("newt").await;
    let (what, at) = after.remove(0);
    assert_eq!((what.as_str(), at), ("ask another team to be a sponsor", 0));
    assert_eq!(after, before);
    let view = async |who| w.trust.case(&w.granted(who), newt).await.unwrap();
    for (who, told) in [("newt", true), ("hub", true), ("birch", true), ("alder", false)] {
        let case = view(who).await;
        let listing = case.listing.unwrap();
        assert_eq!(listing.declined == ["elm"], told, "{who}");
        assert_eq!(case.timeline.iter().any(|line| line.words.contains("NOTTHEM")), told, "{who}");
        assert!(listing.sponsors.iter().all(|(_, stands)| !stands), "{who}");
    }
    let asked = w.trust.open_questions(&w.granted("elm")).await.unwrap();
    assert!(asked.iter().all(|question| question.answered), "{asked:?}");
    w.trust.start().await.unwrap();
    run_due(&w.node, &w.trust.domain().jobs).await.unwrap();
    let told = |case: trust::views::CaseView, subject: &str| {
        let letters = case.letters.into_iter().filter(|letter| letter.subject == subject);
        letters.map(|letter| letter.recipient).collect::<Vec<_>>()
    };
    let both = ["cert@newt.example", "office@hub.example"];
    assert_eq!(told(view("hub").await, "elm is no sponsor of newt"), both);

    // Another team is asked, by a letter; the one that said no can change its mind, and is not asked twice.
    for (other, why) in [("elm", "Ask another one"), ("alder", "names that team already"), ("newt", "itself")]
    {
        let refused = w.trust.represent(&w.granted("newt"), named(other), None).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{other}: {refused}");
    }
    w.trust.represent(&w.granted("newt"), named("cedar"), None).await.unwrap();
    assert_eq!(due("newt").await, before);
    run_due(&w.node, &w.trust.domain().jobs).await.unwrap();
    let asked = told(view("hub").await, "newt applies for listing");
    assert!(asked.contains(&"cert@cedar.example".to_owned()), "{asked:?}");
    w.sign("newt").await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Submit, None).await.unwrap();
    w.trust.join(&w.granted("alder"), newt, Join::Sponsor, None).await.unwrap();
    let why = w.operate("newt", Operate::OpenConsultation).await.unwrap_err().to_string();
    assert!(why.contains("1 of 2 sponsors"), "{why}");
    w.trust.join(&w.granted("cedar"), newt, Join::Sponsor, None).await.unwrap();
    w.trust.join(&w.granted("elm"), newt, Join::Sponsor, None).await.unwrap();
    assert_eq!(view("hub").await.listing.unwrap().declined, [""; 0], "it has changed its mind");
    w.operate("newt", Operate::OpenConsultation).await.unwrap();
    let late = w.trust.join(&w.granted("elm"), newt, no(), None).await.unwrap_err().to_string();
    assert!(late.contains("consulted already"), "{late}");
    assert!(w.trust.represent(&w.granted("newt"), named("dogwood"), None).await.is_err());
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_whose_sponsors_say_no_is_reminded_and_lapses_as_any_other() {
    let w = world().await;
    let newt = w.id("newt");
    let apply = || Represent::Apply { sponsors: vec![w.id("alder").to_string(), w.id("elm").to_string()] };
    w.trust.represent(&w.granted("newt"), apply(), None).await.unwrap();
    w.operate("newt", Operate::SendRules).await.unwrap();
    for sponsor in ["alder", "elm"] {
        let no = Join::DeclineToSponsor { reason: "We do not know them".into() };
        w.trust.join(&w.granted(sponsor), newt, no, None).await.unwrap();
    }
    let mut made = 0;
    for _ in 0..40 {
        w.pass(DAY);
        made += w.trust.pass_time().await.unwrap();
    }
    assert_eq!(made, 4, "three reminders, and the end");
    let case = w.trust.case(&w.granted("hub"), newt).await.unwrap();
    assert_eq!((case.phase, case.rejections), ("unknown", 0));
    // The next application begins with a clean sheet.
    w.trust.represent(&w.granted("newt"), apply(), None).await.unwrap();
    assert_eq!(w.trust.case(&w.granted("hub"), newt).await.unwrap().listing.unwrap().declined, [""; 0]);
}
