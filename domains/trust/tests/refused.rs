//! Bad input: each refused with a reason, nothing lost, nothing granted.

#![allow(clippy::unwrap_used)]

mod common;

use common::{World, secret, world};
use contracts::trust::Service;
use contracts::trust::record::{Audience, Choice};
use identity::{Granted, Permission as _, TokenRequest};
use kit::clock::{DAY, HOUR, SECOND};
use kit::jobs::run_due;
use mail::pgp::SignatureMode;
use trust::process::{Join, Judge, Operate, Represent};

async fn invited() -> World {
    let w = world().await;
    w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    w.operate("newt", Operate::Invite).await.unwrap();
    w
}

async fn refused(w: &World, signature: Vec<u8>, expected: &str) {
    let why = w.trust.sign(&w.granted("newt"), signature, None).await.unwrap_err().to_string();
    assert!(why.contains(expected), "{why:?} has no {expected:?}");
    assert_eq!(w.standing("newt"), "listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_a_foreign_and_a_stale_signature_make_nobody_a_candidate() {
    let w = invited().await;
    refused(&w, b"no signature".to_vec(), "not a readable signature").await;
    refused(&w, vec![0; 300 << 10], "larger").await;
    let foreign = w.signature("newt", &w.keys["elm"]).await;
    refused(&w, foreign, "not known here").await;
    let other =
        w.keys["newt"].sign_detached(b"other rules", SignatureMode::Binary, w.node.now() / SECOND).unwrap();
    refused(&w, other.armored.into_bytes(), "bad signature").await;

    // Signed in time, handed in much later; and the signature of an old invitation for a new one.
    let old = w.signature("newt", &w.keys["newt"]).await;
    w.pass(15 * DAY);
    refused(&w, old.clone(), "stale").await;
    w.operate("newt", Operate::Decline { reason: "we begin again".into() }).await.unwrap();
    w.operate("newt", Operate::Invite).await.unwrap();
    refused(&w, old, "bad signature").await;
    w.sign("newt").await.unwrap();
    assert_eq!(w.standing("newt"), "candidate");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_with_the_signature_in_it_counts_and_with_another_text_it_does_not() {
    let w = invited().await;
    let document = w.trust.document_to_sign(&w.granted("newt")).await.unwrap();
    let text = String::from_utf8(document).unwrap();
    assert!(text.contains("RULES OF ALBA") && text.contains("newt CERT"));
    // Clear-signed as GnuPG does it: signed are the lines with CRLF between them, without the last line end.
    let clear = |text: &str| {
        let lines: Vec<&str> = text.trim_end_matches('\n').lines().map(str::trim_end).collect();
        let signed = w.keys["newt"].sign_detached(
            lines.join("\r\n").as_bytes(),
            SignatureMode::Text,
            w.node.now() / SECOND,
        );
        let body =
            lines.iter().map(|line| if line.starts_with('-') { format!("- {line}") } else { (*line).into() });
        let body: Vec<String> = body.collect();
        let signature = signed.unwrap().armored;
        format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n{signature}", body.join("\n"))
            .into_bytes()
    };
    refused(&w, clear(&text.replace("Alba", "Albion")), "not the document").await;
    refused(&w, [b"With reservations.\n", &*clear(&text)].concat(), "stands around").await;
    w.trust.sign(&w.granted("newt"), clear(&text), None).await.unwrap();
    assert_eq!(w.standing("newt"), "candidate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_ends_during_the_process_signs_nothing_new_and_must_be_renewed_before_accreditation() {
    let w = world().await;
    let newt = w.id("newt");
    let short = secret("newt-short", w.node.now(), Some(40 * DAY));
    let admin = Granted::for_node_in(newt);
    let fingerprint = w.keys["newt"].public().fingerprint();
    w.teams.withdraw_key(&admin, newt, &fingerprint, "replaced").await.unwrap();
    w.teams.add_key(&admin, newt, short.public().to_armored().into_bytes()).await.unwrap();
    w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    w.operate("newt", Operate::Invite).await.unwrap();
    refused(&w, w.signature("newt", &w.keys["newt"]).await, "not known here").await;
    w.trust.sign(&w.granted("newt"), w.signature("newt", &short).await, None).await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Complete, None).await.unwrap();
    w.operate("newt", Operate::Verify { finding: "all well".into() }).await.unwrap();

    w.pass(41 * DAY);
    let why = w.operate("newt", Operate::Accredit).await.unwrap_err().to_string();
    assert!(why.contains("OpenPGP key that is good now"), "{why}");
    let renewed = secret("newt-again", w.node.now(), None);
    w.teams.add_key(&admin, newt, renewed.public().to_armored().into_bytes()).await.unwrap();
    // What was signed while the key was good holds still.
    w.operate("newt", Operate::Accredit).await.unwrap();
    assert_eq!(w.standing("newt"), "accredited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_takes_the_signed_rules_with_it() {
    let w = invited().await;
    w.sign("newt").await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Complete, None).await.unwrap();
    w.operate("newt", Operate::Verify { finding: "all well".into() }).await.unwrap();
    let newt = w.id("newt");
    let revoked = w.keys["newt"].revoked(w.node.now() / SECOND, "in strange hands").unwrap();
    let admin = Granted::for_node_in(newt);
    w.teams.add_key(&admin, newt, revoked.to_armored().into_bytes()).await.unwrap();
    let fresh = secret("newt-fresh", w.node.now(), None);
    w.teams.add_key(&admin, newt, fresh.public().to_armored().into_bytes()).await.unwrap();
    let outcome = w.operate("newt", Operate::Accredit).await;
    let why = outcome.unwrap_err().to_string();
    assert!(why.contains("do not hold any more"), "{why}");
    assert_eq!(w.standing("newt"), "candidate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_changed_after_its_verification_is_verified_again() {
    let w = invited().await;
    w.sign("newt").await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Complete, None).await.unwrap();
    w.operate("newt", Operate::Verify { finding: "all well".into() }).await.unwrap();
    let newt = w.id("newt");
    let mut record = w.teams.directory().by_id(newt).unwrap().record.clone();
    record.description = "Everybody in Denmark".into();
    w.teams.save(&Granted::for_node_in(newt), newt, record).await.unwrap();
    let why = w.operate("newt", Operate::Accredit).await.unwrap_err().to_string();
    assert!(why.contains("changed since it was verified"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_conflict_of_interest_does_not_vote_and_is_counted_out() {
    let w = world().await;
    let elm = w.id("elm");
    w.operate("elm", Operate::OpenReview { grounds: "complaints".into() }).await.unwrap();
    let conflict = Judge::DeclareConflict { case: 1, reason: "same ministry".into() };
    w.trust.judge(&w.granted("birch"), elm, conflict, None).await.unwrap();
    w.trust.judge(&w.granted("cedar"), elm, Judge::OpenBallot { case: 1 }, None).await.unwrap();
    let vote = |choice| Judge::Vote { case: 1, choice };
    let why = w.trust.judge(&w.granted("birch"), elm, vote(Choice::Keep), None).await.unwrap_err();
    assert!(why.to_string().contains("conflict of interest"), "{why}");
    w.trust.judge(&w.granted("cedar"), elm, vote(Choice::FallBack), None).await.unwrap();
    w.trust.judge(&w.granted("dogwood"), elm, vote(Choice::FallBack), None).await.unwrap();
    assert_eq!(w.standing("elm"), "listed", "all who may have voted: the ballot is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_standing_takes_every_right_with_it_at_once() {
    let w = world().await;
    let elm = || w.teams.directory().by_handle("elm").unwrap();
    assert!(Service::ALL.iter().all(|service| w.teams.entitles(&elm(), *service).is_ok()));
    w.operate("elm", Operate::SuspendAtOnce { reason: "its mail is read by strangers".into() })
        .await
        .unwrap();
    assert!(Service::ALL.iter().all(|service| w.teams.entitles(&elm(), *service).is_err()));
    w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    let motion = Join::ProposeSuspension { grounds: "no reason at all".into() };
    let why = w.trust.join(&w.granted("elm"), w.id("newt"), motion, None).await.unwrap_err();
    assert!(why.to_string().contains("no vote"), "{why}");
    assert!(
        w.trust.represent(&w.granted("elm"), Represent::Depart, None).await.is_err(),
        "no way around the board"
    );
    let year = w.trust.year(&w.granted("hub"), 2026).await.unwrap();
    assert_eq!(year.overrides.len(), 1);
    assert!(year.overrides[0].words.contains("read by strangers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_team_judges_nobody_and_reads_nothing_sealed() {
    let w = world().await;
    let elm = w.id("elm");
    w.operate("elm", Operate::OpenReview { grounds: "GROUNDS".into() }).await.unwrap();
    w.operate("elm", Operate::OpenBallot { case: 1 }).await.unwrap();
    assert_eq!(w.trust.sees(&w.granted("birch"), elm), Audience::Sealed);
    w.operate("birch", Operate::SuspendAtOnce { reason: "its mail is read by strangers".into() })
        .await
        .unwrap();
    assert_eq!(w.trust.sees(&w.granted("birch"), elm), Audience::Public);
    let vote = Judge::Vote { case: 1, choice: Choice::Withdraw };
    let why = w.trust.judge(&w.granted("birch"), elm, vote, None).await.unwrap_err().to_string();
    assert!(why.contains("no seat") && why.contains("vote"), "{why}");
    let review = Judge::OpenReview { grounds: "none at all".into() };
    assert!(w.trust.judge(&w.granted("birch"), w.id("alder"), review, None).await.is_err());
    let case = serde_json::to_string(&w.trust.case(&w.granted("birch"), elm).await.unwrap()).unwrap();
    assert!(!case.contains("GROUNDS"), "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_what_is_sealed_only_with_the_scope_of_the_office() {
    let w = world().await;
    w.operate("elm", Operate::OpenReview { grounds: "GROUNDS".into() }).await.unwrap();
    let own: Granted<identity::OwnAccount> = w.granted("birch");
    let with = async |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let request = TokenRequest { name: "script".into(), scopes, expires: None };
        let token = w.identity.create_token(&own, request).await.unwrap();
        let actor = w.identity.bearer(&token).await.unwrap().unwrap();
        w.trust.sees(&Granted::check(&actor).unwrap(), w.id("elm"))
    };
    assert_eq!(with(&["lookup"]).await, Audience::Members);
    assert_eq!(with(&["lookup", identity::JudgeCases::NAME]).await, Audience::Sealed);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_tell_from_numbers_that_somebody_objects() {
    let w = world().await;
    let newt = w.id("newt");
    let sponsors = ["alder", "birch"].map(|handle| w.id(handle).to_string()).to_vec();
    w.trust.represent(&w.granted("newt"), Represent::Apply { sponsors }, None).await.unwrap();
    for sponsor in ["alder", "birch"] {
        w.trust.join(&w.granted(sponsor), newt, Join::Sponsor, None).await.unwrap();
    }
    w.operate("newt", Operate::SendRules).await.unwrap();
    w.sign("newt").await.unwrap();
    w.trust.represent(&w.granted("newt"), Represent::Submit, None).await.unwrap();
    w.operate("newt", Operate::OpenConsultation).await.unwrap();
    let seen_by = async |who: &str| w.trust.case(&w.granted(who), newt).await.unwrap().number;
    let before = (seen_by("newt").await, seen_by("elm").await, seen_by("hub").await);
    let objection = Join::Object { reason: "they never answer".into() };
    w.trust.join(&w.granted("cedar"), newt, objection, None).await.unwrap();
    assert_eq!((seen_by("newt").await, seen_by("elm").await), (before.0, before.1));
    assert_eq!(seen_by("hub").await, before.2 + 1, "the operator decides on what it sees");
    // A form from before the objection is taken, and so tells nothing, either.
    let support = Join::Support { note: String::new() };
    w.trust.join(&w.granted("elm"), newt, support, Some(before.1)).await.unwrap();
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
    let whole = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let whole = String::from_utf8(whole).unwrap().replace('\\', "");
    assert!(whole.contains("\"number\":-1"), "sealed entries count apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_operator_that_has_ended_stops_neither_time_nor_checkpoints() {
    let w = world().await;
    let hub = w.id("hub");
    let key = secret("hub-desk", w.node.now(), Some(30 * DAY));
    w.teams.set_secret_key(&Granted::for_node_in(hub), hub, &key).await.unwrap();
    let handlers = w.trust.domain().jobs;
    w.trust.start().await.unwrap();
    for _ in 0..160 {
        w.pass(DAY);
        run_due(&w.node, &handlers).await.unwrap();
    }
    assert_eq!(w.standing("alder"), "listed", "it never confirmed");
    let newest = &w.trust.checkpoints(1).await.unwrap()[0];
    assert!(newest.signature.is_empty() && newest.at > w.node.now() - 60 * DAY, "unsigned, and made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_stops_time_and_a_later_entry_is_never_older() {
    let w = invited().await;
    w.pass(8 * DAY);
    assert_eq!(w.trust.pass_time().await.unwrap(), 1, "the first reminder");
    w.pass(-30 * DAY);
    assert_eq!(w.trust.pass_time().await.unwrap(), 0);
    w.operate("newt", Operate::Decline { reason: "wrong clock".into() }).await.unwrap();
    let case = w.trust.case(&w.granted("hub"), w.id("newt")).await.unwrap();
    assert!(case.timeline.windows(2).all(|pair| pair[0].at >= pair[1].at));
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn standings_from_before_the_record_are_taken_over_before_anything_else() {
    let w = world().await;
    let newt = w.id("newt");
    let standing = teams::Standing { status: teams::TrustStatus::Accredited, since: w.node.now() };
    let record = w.teams.directory().by_id(newt).unwrap().record.clone();
    let entry = teams::import::Entry { record, standing: Some(standing), own: false, key: None };
    w.teams.import(&Granted::for_node(), vec![entry.clone()]).await.unwrap();
    assert_eq!(w.standing("newt"), "not listed", "an import gives no standing");
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
    let why = w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap_err();
    assert!(why.to_string().contains("take-over"), "{why}");
    assert_eq!(w.trust.take_over(&Granted::for_node(), "the list on paper").await.unwrap(), 1);
    assert_eq!(w.standing("newt"), "accredited");
    assert_eq!(w.trust.take_over(&Granted::for_node(), "the list on paper").await.unwrap(), 0);

    // What the record knows changes by the process alone, whatever another list says.
    let higher = teams::Standing { status: teams::TrustStatus::Certified, since: w.node.now() };
    let entry = teams::import::Entry { standing: Some(higher), ..entry };
    w.teams.import(&Granted::for_node(), vec![entry]).await.unwrap();
    assert_eq!(w.trust.take_over(&Granted::for_node(), "another list").await.unwrap(), 0);
    assert_eq!(w.standing("newt"), "accredited");
    assert_eq!(w.trust.not_taken_over(&Granted::for_node()).await.unwrap(), 0);
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_to_those_concerned_once_and_stand_in_the_case() {
    let w = invited().await;
    let handlers = w.trust.domain().jobs;
    w.trust.start().await.unwrap();
    run_due(&w.node, &handlers).await.unwrap();
    let letters = w.trust.case(&w.granted("hub"), w.id("newt")).await.unwrap().letters;
    let to_newt: Vec<_> = letters.iter().filter(|letter| letter.recipient == "cert@newt.example").collect();
    let subjects: Vec<&str> = to_newt.iter().map(|letter| letter.subject.as_str()).collect();
    assert_eq!(subjects, ["newt is listed in Alba", "Invitation to be accredited in Alba"], "{letters:?}");
    assert_eq!(to_newt[0].protection, "signed");
    assert_eq!(to_newt[1].protection, "encrypted");
    // The community hears of the listing; newt itself does not get the news besides.
    assert_eq!(letters.iter().filter(|letter| letter.subject == "newt is listed").count(), 5);
    let count = letters.len();
    w.pass(2 * HOUR);
    run_due(&w.node, &handlers).await.unwrap();
    assert_eq!(w.trust.case(&w.granted("hub"), w.id("newt")).await.unwrap().letters.len(), count);
    assert!(!w.trust.checkpoints(1).await.unwrap().is_empty(), "the hourly job made the day's checkpoint");
}
