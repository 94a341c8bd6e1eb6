//! The pages of the process as their readers get them: who may, what is shown, what is not lost.

#![allow(clippy::unwrap_used)]

mod common;

use axum::http::StatusCode;
use common::pages::Pages;
use common::world;
use identity::Role;
use identity::testing::sign_in;
use kit::clock::SECOND;
use mail::pgp::SignatureMode;
use trust::process::{Join, Judge, Operate, Represent};

#[tokio::test(flavor = "multi_thread")]
async fn each_page_and_step_opens_for_its_roles_and_for_nobody_else() {
    let pages = Pages::of(world().await).await;
    let roles = [
        Role::Reader,
        Role::Handler,
        Role::TeamAdmin,
        Role::NodeAdmin,
        Role::Introducer,
        Role::Board,
        Role::Owner,
    ];
    let all = &roles[..];
    let table: [(&str, &[Role]); 12] = [
        ("/trust", all),
        ("/trust/teams/elm", all),
        ("/trust/year", all),
        ("/trust/year.csv", all),
        ("/trust/desk", &[Role::Introducer]),
        ("/trust/board", &[Role::Board]),
        ("/trust/confirm", &[Role::TeamAdmin]),
        ("/trust/sign", &[Role::TeamAdmin]),
        ("/trust/community", &[Role::Owner]),
        ("/trust/record", all),
        ("/trust/register.csv", all),
        ("/trust/record-whole.jsonl", &[Role::Owner]),
    ];
    let steps: [(&str, &[Role]); 8] = [
        ("/trust/teams/elm/operator", &[Role::Introducer]),
        ("/trust/teams/elm/operator/letters", &[Role::Introducer]),
        ("/trust/teams/elm/board", &[Role::Board]),
        ("/trust/teams/elm/member", &[Role::TeamAdmin]),
        ("/trust/desk/known", &[Role::Introducer]),
        ("/trust/community/seats", &[Role::Owner]),
        ("/trust/community/hand-over", &[Role::Owner]),
        ("/trust/record/erase", &[Role::Owner]),
    ];
    for role in roles {
        let (cookie, _) = sign_in(&pages.w.identity, "alder", &format!("with-{role}"), &[role]).await;
        for (path, may) in table {
            let status = pages.get_as(&cookie, path).await.status;
            let refused = status == StatusCode::FORBIDDEN;
            assert_eq!(refused, !may.contains(&role), "{path} for {role}: {status}");
            assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{path} for {role}");
        }
        for (path, may) in steps {
            let status = pages.post_as(&cookie, path, &[("do", "nothing")]).await.status;
            let refused = status == StatusCode::FORBIDDEN;
            assert_eq!(refused, !may.contains(&role), "{path} for {role}: {status}");
            assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{path} for {role}");
        }
        // A step of a team is its own people's alone.
        let other = pages.post_as(&cookie, "/trust/teams/elm/team", &[("do", "depart")]).await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "{role}");
    }
    let stranger = pages.get_as("", "/trust").await;
    assert_eq!(stranger.status, StatusCode::OK);
    assert!(
        stranger.body.contains("how a team gets in") && !stranger.body.contains("elm"),
        "{}",
        stranger.body
    );
    for path in
        ["/trust/teams/elm", "/trust/desk", "/trust/board", "/trust/year", "/trust/sign", "/trust/community"]
    {
        let answer = pages.get_as("", path).await;
        assert!(answer.to.starts_with("/login"), "{path}: {}", answer.status);
    }
    assert_eq!(pages.w.standing("elm"), "accredited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_goes_from_application_to_accreditation_by_its_pages() {
    let mut pages = Pages::of(world().await).await;
    let (alder, elm) = (pages.w.id("alder").to_string(), pages.w.id("elm").to_string());
    let start = pages.get("newt", "/trust").await;
    assert!(start.body.contains("Apply for listing"), "{}", start.body);
    let fields = [
        ("do", "apply"),
        ("about", "0"),
        ("team-apply-0-sponsors-1", &alder),
        ("team-apply-0-sponsors-2", &elm),
    ];
    let applied = pages.post("newt", "/trust/teams/newt/team", &fields).await;
    assert_eq!(
        (applied.status, applied.to.as_str()),
        (StatusCode::SEE_OTHER, "/trust/teams/newt"),
        "{}",
        applied.body
    );
    for sponsor in ["alder", "elm"] {
        assert!(pages.get(sponsor, "/trust").await.body.contains("names your team as sponsor"));
        let stood = pages.post(sponsor, "/trust/teams/newt/member", &[("do", "sponsor")]).await;
        assert_eq!(stood.status, StatusCode::SEE_OTHER);
    }
    let desk = pages.get("hub", "/trust/desk").await;
    assert!(desk.body.contains("Send the rules"), "{}", desk.body);
    let letters = pages.post("hub", "/trust/teams/newt/operator/letters", &[("do", "send-rules")]).await;
    assert!(
        letters.body.contains("the rules to be signed") && letters.body.contains("cert@newt.example"),
        "{}",
        letters.body
    );
    assert!(
        pages.get("newt", "/trust/sign").await.status == StatusCode::NOT_FOUND,
        "the preview changed nothing"
    );
    let seen = pages.number("hub", "newt").await;
    let sent = [("do", "send-rules"), ("seen", &seen), ("back", "/trust/desk")];
    let answer = pages.post("hub", "/trust/teams/newt/operator", &sent).await;
    assert_eq!(answer.to, "/trust/desk", "{}", answer.body);

    sign_by_page(&pages).await;
    let handed_in = pages.post("newt", "/trust/teams/newt/team", &[("do", "submit")]).await;
    assert_eq!(handed_in.status, StatusCode::SEE_OTHER, "{}", handed_in.body);
    pages.w.operate("newt", Operate::OpenConsultation).await.unwrap();
    let objects =
        [("do", "object"), ("about", "0"), ("member-object-0-reason", "They never answered in spring")];
    assert_eq!(pages.post("cedar", "/trust/teams/newt/member", &objects).await.status, StatusCode::SEE_OTHER);
    for reader in ["newt", "alder"] {
        let page = pages.get(reader, "/trust/teams/newt").await;
        assert!(
            !page.body.contains("never answered") && !page.body.contains("cedar objects"),
            "{reader} reads an objection"
        );
    }
    assert!(
        pages.get("birch", "/trust/teams/newt").await.body.contains("never answered"),
        "the board reads it"
    );
    pages.post("cedar", "/trust/teams/newt/member", &[("do", "withdraw-objection")]).await;
    for member in ["alder", "birch"] {
        let support = [("do", "support"), ("member-support-0-note", "We have worked with them")];
        assert_eq!(
            pages.post(member, "/trust/teams/newt/member", &support).await.status,
            StatusCode::SEE_OTHER
        );
    }
    pages.w.pass(22 * kit::clock::DAY);
    pages.w.trust.pass_time().await.unwrap();
    pages.log_in_again().await;
    assert_eq!(pages.w.standing("newt"), "listed");

    pages.post("newt", "/trust/teams/newt/team", &[("do", "request-accreditation")]).await;
    assert_eq!(
        pages.post("hub", "/trust/teams/newt/operator", &[("do", "invite")]).await.status,
        StatusCode::SEE_OTHER
    );
    sign_by_page(&pages).await;
    let asked = [("do", "ask"), ("operator-ask-0-text", "Who answers at night?")];
    assert_eq!(pages.post("hub", "/trust/teams/newt/operator", &asked).await.status, StatusCode::SEE_OTHER);
    let case = pages.get("newt", "/trust/teams/newt").await;
    assert!(
        case.body.contains("Who answers at night?") && case.body.contains("team-answer-1-text"),
        "{}",
        case.body
    );
    let answered = [("do", "answer"), ("about", "1"), ("team-answer-1-text", "The head of the team")];
    assert_eq!(pages.post("newt", "/trust/teams/newt/team", &answered).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        pages.post("newt", "/trust/teams/newt/team", &[("do", "complete")]).await.status,
        StatusCode::SEE_OTHER
    );
    let verified = [("do", "verify"), ("operator-verify-0-finding", "Called them by day and by night")];
    assert_eq!(
        pages.post("hub", "/trust/teams/newt/operator", &verified).await.status,
        StatusCode::SEE_OTHER
    );
    let accredited = pages.post("hub", "/trust/teams/newt/operator", &[("do", "accredit")]).await;
    assert_eq!(accredited.status, StatusCode::SEE_OTHER, "{}", accredited.body);
    assert_eq!(pages.w.standing("newt"), "accredited");
    assert!(pages.get("newt", "/trust").await.body.contains("entitled"));

    let confirm = pages.get("newt", "/trust/confirm").await;
    assert!(
        confirm.body.contains("Confirm with") || confirm.body.contains("Confirm without change"),
        "{}",
        confirm.body
    );
    let stale = pages.post("newt", "/trust/confirm", &[("record", "of another day")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
}

/// Downloads the document as the team, signs its exact bytes, and pastes the signature as a browser sends it.
async fn sign_by_page(pages: &Pages) {
    let w = &pages.w;
    let document = pages.get("newt", "/trust/document").await;
    assert_eq!(document.status, StatusCode::OK);
    let forged =
        pages.post("newt", "/trust/sign", &[("signature", "-----BEGIN PGP SIGNATURE-----\n\nnone\n")]).await;
    assert_eq!(forged.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(forged.body.contains("-----BEGIN PGP SIGNATURE-----"), "what was pasted is kept");
    let made = w.keys["newt"]
        .sign_detached(document.body.as_bytes(), SignatureMode::Binary, w.node.now() / SECOND)
        .unwrap();
    let pasted = made.armored.replace('\n', "\r\n");
    let signed = pages.post("newt", "/trust/sign", &[("signature", &pasted)]).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_second_is_told_so_and_keeps_what_they_typed() {
    let mut pages = Pages::of(world().await).await;
    let seen = pages.number("hub", "elm").await;
    pages
        .w
        .trust
        .judge(
            &pages.w.granted("birch"),
            pages.w.id("elm"),
            Judge::OpenReview { grounds: "It is silent".into() },
            None,
        )
        .await
        .unwrap();
    let fields = [
        ("do", "open-review"),
        ("about", "0"),
        ("seen", seen.as_str()),
        ("operator-open-review-0-grounds", "My long grounds"),
    ];
    let second = pages.post("hub", "/trust/teams/elm/operator", &fields).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("Somebody was faster"), "{}", second.body);

    // A ballot after its end, with the page that still shows it open.
    pages
        .w
        .trust
        .judge(&pages.w.granted("birch"), pages.w.id("elm"), Judge::OpenBallot { case: 1 }, None)
        .await
        .unwrap();
    pages.w.pass(20 * kit::clock::DAY);
    pages.log_in_again().await;
    let vote = [("do", "vote"), ("about", "1"), ("board-vote-1-choice", "keep")];
    let late = pages.post("cedar", "/trust/teams/elm/board", &vote).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("ended"), "{}", late.body);

    // What is too short is shown again, in its own form.
    let short = [("do", "file"), ("about", "1"), ("board-file-1-text", "ab")];
    let again = pages.post("cedar", "/trust/teams/elm/board", &short).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains(">\nab</textarea>"), "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_votes_by_its_page_and_sees_no_ballot_of_others() {
    let mut pages = Pages::of(world().await).await;
    let motion = [("do", "propose-suspension"), ("member-propose-suspension-0-grounds", "It answers nobody")];
    assert_eq!(pages.post("alder", "/trust/teams/elm/member", &motion).await.status, StatusCode::SEE_OTHER);
    for seconder in ["birch", "cedar"] {
        assert!(pages.get(seconder, "/trust").await.body.contains("motion to suspend"));
        let second =
            pages.post(seconder, "/trust/teams/elm/member", &[("do", "second"), ("about", "1")]).await;
        assert_eq!(second.status, StatusCode::SEE_OTHER);
    }
    let opened =
        pages.post("birch", "/trust/teams/elm/board", &[("do", "open-ballot"), ("about", "1")]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let conflict = [
        ("do", "declare-conflict"),
        ("about", "1"),
        ("board-declare-conflict-1-reason", "We share an office"),
    ];
    pages.post("dogwood", "/trust/teams/elm/board", &conflict).await;
    let vote = |choice| [("do", "vote"), ("about", "1"), ("board-vote-1-choice", choice)];
    let refused = pages.post("dogwood", "/trust/teams/elm/board", &vote("keep")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(
        pages.post("birch", "/trust/teams/elm/board", &vote("suspend")).await.status,
        StatusCode::SEE_OTHER
    );
    let other = pages.get("cedar", "/trust/teams/elm").await;
    assert!(other.body.contains("1 of 1 ballot") && !other.body.contains("birch voted"), "{}", other.body);
    let own = pages.get("elm", "/trust/teams/elm").await;
    assert!(!own.body.contains("It answers nobody"), "the team does not read the case file");
    pages.post("cedar", "/trust/teams/elm/board", &vote("suspend")).await;
    pages.w.pass(15 * kit::clock::DAY);
    pages.w.trust.pass_time().await.unwrap();
    pages.log_in_again().await;
    assert_eq!(pages.w.standing("elm"), "suspended");
    let after = pages.get("elm", "/trust").await;
    assert!(after.body.contains("The standing of your team rests"));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_letters_are_the_teams_the_operators_and_the_boards() {
    let pages = Pages::of(world().await).await;
    let sponsors = vec![pages.w.id("alder").to_string(), pages.w.id("elm").to_string()];
    pages.w.trust.represent(&pages.w.granted("newt"), Represent::Apply { sponsors }, None).await.unwrap();
    for sponsor in ["alder", "elm"] {
        pages.w.trust.join(&pages.w.granted(sponsor), pages.w.id("newt"), Join::Sponsor, None).await.unwrap();
    }
    pages.w.operate("newt", Operate::SendRules).await.unwrap();
    let case = pages.w.trust.case(&pages.w.granted("hub"), pages.w.id("newt")).await.unwrap();
    let digest = case.timeline[0].evidence[0].clone();
    let path = format!("/trust/teams/newt/documents/{digest}");
    for reader in ["newt", "hub", "birch"] {
        let answer = pages.get(reader, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{reader}");
        assert!(answer.body.contains("newt"));
    }
    assert_eq!(pages.get("alder", &path).await.status, StatusCode::FORBIDDEN);
    let foreign = format!("/trust/teams/elm/documents/{digest}");
    assert_eq!(
        pages.get("hub", &foreign).await.status,
        StatusCode::NOT_FOUND,
        "a document is reached by its own team alone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_of_an_earlier_day_is_shown_as_it_was() {
    let mut pages = Pages::of(world().await).await;
    pages.w.pass(30 * kit::clock::DAY);
    pages.log_in_again().await;
    pages.w.operate("newt", Operate::ListKnown { source: "We meet every year".into() }).await.unwrap();
    let today = pages.get("alder", "/trust/record").await;
    assert!(today.body.contains("/trust/teams/newt"), "{}", today.body);
    let before = ui::format::date(pages.w.node.now() - 20 * kit::clock::DAY);
    let then = pages.get("alder", &format!("/trust/record?at={before}")).await;
    assert!(
        then.body.contains("/trust/teams/elm") && !then.body.contains("/trust/teams/newt"),
        "{}",
        then.body
    );
    let wrong = pages.get("alder", "/trust/record?at=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("write 2026-03-01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_leads_to_the_verification_where_it_is_done() {
    let pages = Pages::of(world().await).await;
    pages.w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    pages.w.operate("newt", Operate::Invite).await.unwrap();
    pages.w.sign("newt").await.unwrap();
    pages.w.trust.represent(&pages.w.granted("newt"), Represent::Complete, None).await.unwrap();
    let desk = pages.get("hub", "/trust/desk").await;
    let (page, place) = ("/trust/teams/newt", "operator-verify-0");
    assert!(desk.body.contains(&format!("href=\"{page}#{place}\"")), "{}", desk.body);
    let case = pages.get("hub", page).await;
    assert!(case.body.contains("<details class=\"fold-line\" open>"), "{}", case.body);
    assert!(case.body.contains(&format!("id=\"{place}\"")), "{}", case.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_a_year_begin_with_the_record() {
    let pages = Pages::of(world().await).await;
    let began = pages.w.trust.year(&pages.w.granted("alder"), 2026).await.unwrap();
    assert_eq!(
        began.months.iter().map(|month| month.month).collect::<Vec<_>>(),
        [11],
        "the test begins in November"
    );
    let page = pages.get("alder", "/trust/year?year=2026").await;
    assert!(page.body.contains("the record begins in Nov 2026"), "{}", page.body);
    assert!(!page.body.contains("<th scope=\"row\">Oct</th>"), "nothing is known of October");
    let before = pages.get("alder", "/trust/year?year=2025").await;
    assert!(before.body.contains("the record begins in Nov 2026"), "{}", before.body);
    pages.w.pass(70 * kit::clock::DAY);
    let after = pages.w.trust.year(&pages.w.granted("alder"), 2027).await.unwrap();
    assert_eq!(after.months[0].month, 1);
}
