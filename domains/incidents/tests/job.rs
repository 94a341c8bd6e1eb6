//! The main job: from a mail to the right team and back.

#![allow(clippy::unwrap_used)]

mod common;

use common::{letter, world, world_with};
use identity::ReadCases;
use incidents::model::{IncidentStatus, Number, Outcome};
use incidents::{Action, Change, Closing, LaunchOrder, PlanOrder, Recipient, Reply, Settings};
use kit::clock::{DAY, HOUR, MINUTE};
use mail::pgp::KeyRing;
use taxonomy::Tlp;

const COMPLAINT: &str = "TLP:GREEN\r\n\r\nPassword guessing:\r\n\
    192.0.2.17 port 22\r\n192.0.2.18 port 22\r\n198.51.100.7\r\n203.0.113.200 is yours\r\n10.1.2.3 is nobody's\r\n";

fn number(words: &str) -> i64 {
    words.split_whitespace().find_map(|word| word.parse::<Number>().ok()).unwrap().number
}

async fn report(w: &common::World, message_id: &str) -> i64 {
    let mail = letter("Registry <it@uni.example>", "guessing", message_id, "", COMPLAINT);
    let (outcome, words) = w.mail("it@uni.example", &mail).await;
    assert_eq!(outcome, Outcome::New, "{words}");
    number(&words)
}

async fn incident(w: &common::World, reports: Vec<i64>) -> i64 {
    let action =
        Action::Open { title: "guessing".into(), classification: "intrusion-attempts:brute-force".into() };
    w.desk.triage(&w.may(), reports, action).await.unwrap().incident.unwrap().number
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_grouped_by_responsible_contact_and_ours_stay_with_us() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let inc = incident(&w, vec![ir]).await;
    let plan = w.desk.plan(&w.may(), inc, &PlanOrder::default()).await.unwrap();
    let mails: Vec<(String, Vec<String>, bool)> = plan
        .mails
        .iter()
        .map(|m| (m.address.clone(), m.rows.iter().map(|r| r.value.clone()).collect(), m.encrypted()))
        .collect();
    assert_eq!(
        mails,
        [
            ("duty@skerry.example".into(), vec!["192.0.2.17".into(), "192.0.2.18".into()], true),
            ("noc@ambrell.example".into(), vec!["198.51.100.7".into()], false),
        ]
    );
    assert_eq!(plan.ours, ["203.0.113.200"]);
    assert_eq!(plan.tlp, Tlp::Green);
    assert!(plan.mails[1].readers.starts_with("Everyone on the way"), "{}", plan.mails[1].readers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launched_mail_is_signed_encrypted_readable_by_both_and_leaves_after_the_undo_window() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let inc = incident(&w, vec![ir]).await;
    let order = LaunchOrder {
        plan: PlanOrder::default(),
        recipients: vec![Recipient { address: "duty@skerry.example".into(), confirmed: false }],
    };
    w.desk.launch(&w.may(), inc, order).await.unwrap();
    assert_eq!((w.run_due().await, w.left().len()), (0, 0), "the undo window is open");
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    let left = w.left();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].recipient, "duty@skerry.example");
    assert!(left[0].return_path.starts_with("cert+b"), "{}", left[0].return_path);
    let at = w.node.now() / kit::clock::SECOND;
    for reader in [&w.skerry, &w.aldermark] {
        let ring =
            KeyRing { public: &[w.aldermark.public().clone()], secret: std::slice::from_ref(reader), at };
        let opened = mail::open::open(&left[0].bytes, &mail::Limits::default(), &ring);
        assert_eq!(opened.subject(), format!("TLP:GREEN [INC-{inc}] guessing"));
        assert_eq!(opened.headers.subject, format!("[INC-{inc}] TLP:GREEN"), "outside it says no more");
        assert!(opened.body_text().contains("192.0.2.17"), "{}", opened.body_text());
        assert!(opened.signatures.iter().any(|s| s.verdict.good), "{:?}", opened.signatures);
        let csv = opened.parts.iter().find(|p| p.name.as_deref() == Some(&format!("inc-{inc}.csv"))).unwrap();
        assert!(csv.text.as_ref().unwrap().contains("ip,192.0.2.18,22,"), "{:?}", csv.text);
        assert!(!csv.text.as_ref().unwrap().contains("198.51.100.7"), "another's rows do not go along");
    }
    let sent = w.desk.sent_for(&w.may::<ReadCases>(), inc).await.unwrap();
    assert_eq!(sent[0].state.name(), "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_taken_back_leaves_nothing_behind_and_sends_nothing() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let action = Action::Open { title: "wrong".into(), classification: String::new() };
    let done = w.desk.triage(&w.may(), vec![ir], action).await.unwrap();
    w.desk.undo(&w.may(), done.undo.id).await.unwrap();
    assert!(w.desk.undo(&w.may(), done.undo.id).await.is_err(), "once");
    let inc = incident(&w, vec![ir]).await;
    let order = LaunchOrder {
        plan: PlanOrder::default(),
        recipients: vec![Recipient { address: "duty@skerry.example".into(), confirmed: false }],
    };
    let (engine, own) = (w.node.db.engine(), w.own);
    let found = || w.node.db.read(move |c| kit::search::find(c, engine, own, "guessing", 50));
    let before = found().await.unwrap();
    let done = w.desk.launch(&w.may(), inc, order).await.unwrap();
    assert_eq!(found().await.unwrap().len(), before.len() + 1);
    w.desk.undo(&w.may(), done.undo.id).await.unwrap();
    assert_eq!(found().await.unwrap(), before, "nor is it found");
    w.node.clock.advance(DAY);
    w.run_due().await;
    assert_eq!(w.left().len(), 0);
    assert_eq!(w.desk.sent_for(&w.may::<ReadCases>(), inc).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_built_upon_is_not_taken_back_half() {
    let w = world().await;
    let (a, b) = (report(&w, "1@uni.example").await, report(&w, "2@uni.example").await);
    let done = w.desk.triage(&w.may(), vec![a, b], Action::Reject).await.unwrap();
    w.desk.triage(&w.may(), vec![b], Action::Reopen).await.unwrap();
    let refused = w.desk.undo(&w.may(), done.undo.id).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("IR-{b}")), "{refused}");
    // The first one is rejected still: it was all or nothing.
    let again = w.desk.triage(&w.may(), vec![a], Action::Reopen).await.unwrap();
    assert!(again.words.contains(&format!("IR-{a}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_named_twice_is_decided_on_once() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let done = w.desk.triage(&w.may(), vec![ir, ir], Action::Reject).await.unwrap();
    assert_eq!(done.words, format!("IR-{ir} rejected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_hold_amber_back_until_confirmed_and_red_until_encrypted() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let inc = incident(&w, vec![ir]).await;
    let order = |tlp, confirmed| LaunchOrder {
        plan: PlanOrder { tlp: Some(tlp), ..PlanOrder::default() },
        recipients: vec![Recipient { address: "noc@ambrell.example".into(), confirmed }],
    };
    for (tlp, confirmed, goes) in [
        (Tlp::Red, true, false),
        (Tlp::AmberStrict, true, false),
        (Tlp::Amber, false, false),
        (Tlp::Amber, true, true),
        (Tlp::Green, false, true),
    ] {
        let outcome = w.desk.launch(&w.may(), inc, order(tlp, confirmed)).await;
        assert_eq!(outcome.is_ok(), goes, "{tlp} {confirmed}: {outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_under_a_stricter_label_stay_with_us() {
    let w = world().await;
    let green = report(&w, "1@uni.example").await;
    let strict = letter("x@y.example", "TLP:AMBER+STRICT more", "2@y.example", "", "192.0.2.40");
    let (_, words) = w.mail("x@y.example", &strict).await;
    let inc = incident(&w, vec![green, number(&words)]).await;
    let order = PlanOrder { tlp: Some(Tlp::Amber), ..PlanOrder::default() };
    let plan = w.desk.plan(&w.may(), inc, &order).await.unwrap();
    assert_eq!(plan.incident.tlp, Tlp::AmberStrict, "the strictest of its parts");
    assert!(plan.mails.iter().all(|m| m.rows.iter().all(|r| r.value != "192.0.2.40")));
    assert_eq!(plan.left_out.len(), 1, "{:?}", plan.left_out);
    let lower = Change { tlp: Some((Tlp::Green, String::new())), ..Change::default() };
    assert!(
        w.desk.change_incident(&w.may(), inc, None, lower).await.is_err(),
        "lowering needs the originator"
    );
    let lower = Change { tlp: Some((Tlp::Green, "X of Y".into())), ..Change::default() };
    assert_eq!(w.desk.change_incident(&w.may(), inc, None, lower).await.unwrap().tlp, Tlp::Green);
}

async fn asked(w: &common::World) -> (i64, common::Handedover) {
    let ir = report(w, "1@uni.example").await;
    let inc = incident(w, vec![ir]).await;
    let order = LaunchOrder {
        plan: PlanOrder::default(),
        recipients: vec![Recipient { address: "noc@ambrell.example".into(), confirmed: false }],
    };
    w.desk.launch(&w.may(), inc, order).await.unwrap();
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    (inc, w.left().remove(0))
}

fn header(mail: &common::Handedover, name: &str) -> String {
    let opened = mail::open::open(&mail.bytes, &mail::Limits::default(), &mail::unlock::NoKeys);
    opened.headers.field(name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_joins_by_reply_address_or_references_and_by_number_only_from_who_belongs_there() {
    let w = world().await;
    let (inc, sent) = asked(&w).await;
    let reply_to = header(&sent, "Reply-To");
    let address = reply_to.rsplit_once('<').map_or(reply_to.as_str(), |(_, a)| a.trim_end_matches('>'));
    let plain =
        |id: &str, subject: &str, more: &str, from: &str| letter(from, subject, id, more, "We look into it.");

    let by_address = plain("a@ambrell.example", "done", "", "noc@ambrell.example");
    let (outcome, words) = w.mail_to("noc@ambrell.example", address, by_address.as_bytes()).await;
    assert_eq!((outcome, words.contains("reply address")), (Outcome::Joined, true), "{words}");

    let references = format!("In-Reply-To: {}\r\n", header(&sent, "Message-ID"));
    let (outcome, words) =
        w.mail("b@z.example", &plain("b@z.example", "Re: x", &references, "b@z.example")).await;
    assert_eq!((outcome, words.contains("references")), (Outcome::Joined, true), "{words}");

    let subject = format!("Re: [INC-{inc}] guessing");
    let (outcome, words) =
        w.mail("noc@ambrell.example", &plain("c@a.example", &subject, "", "noc@ambrell.example")).await;
    assert_eq!((outcome, words.contains("subject tag")), (Outcome::Joined, true), "{words}");

    let (outcome, _) =
        w.mail("mallory@evil.example", &plain("d@e.example", &subject, "", "mallory@evil.example")).await;
    assert_eq!(outcome, Outcome::New, "a stranger who guesses a number opens a report of his own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_becomes_delivery_state_and_never_a_report() {
    let w = world().await;
    let (inc, sent) = asked(&w).await;
    let notice = |action: &str, id: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: {}\r\nSubject: Undelivered\r\nMessage-ID: <{id}@mx.example>\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; noc@ambrell.example\r\n\
             Action: {action}\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full\r\n\r\n--b--\r\n",
            sent.return_path
        )
    };
    let (outcome, words) = w.mail_to("", &sent.return_path, notice("failed", "1").as_bytes()).await;
    assert_eq!(outcome, Outcome::Bounce);
    assert!(words.contains("failed") && words.contains("mailbox full"), "{words}");
    assert_eq!(w.desk.sent_for(&w.may::<ReadCases>(), inc).await.unwrap()[0].state.name(), "failed");
    // A late "delayed" does not hide it; and a notice that knows no secret of ours changes nothing.
    w.mail_to("", &sent.return_path, notice("delayed", "2").as_bytes()).await;
    let (outcome, words) = w.mail("", &notice("delivered", "3")).await;
    assert_eq!((outcome, words.contains("no mail of ours")), (Outcome::Bounce, true), "{words}");
    assert_eq!(w.desk.sent_for(&w.may::<ReadCases>(), inc).await.unwrap()[0].state.name(), "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_automatic_reply_is_filed_and_changes_nothing_not_even_the_reminder() {
    let w = world().await;
    let (inc, sent) = asked(&w).await;
    let more = format!("Auto-Submitted: auto-replied\r\nIn-Reply-To: {}\r\n", header(&sent, "Message-ID"));
    let (outcome, _) =
        w.mail("", &letter("noc@ambrell.example", "away", "v@a.example", &more, "On holiday")).await;
    assert_eq!(outcome, Outcome::AutoReply);
    w.node.clock.advance(4 * DAY);
    w.run_due().await;
    let reminder = w.left();
    assert_eq!(reminder.len(), 1, "nobody has answered: {reminder:?}");
    assert_eq!(header(&reminder[0], "Auto-Submitted"), "auto-generated");
    assert!(
        !String::from_utf8_lossy(&reminder[0].bytes).contains("198.51.100.7"),
        "in clear it names no row"
    );
    // A person answers: no second reminder.
    let more = format!("In-Reply-To: {}\r\n", header(&sent, "Message-ID"));
    w.mail("noc@ambrell.example", &letter("noc@ambrell.example", "done", "w@a.example", &more, "Fixed"))
        .await;
    w.node.clock.advance(9 * DAY);
    w.run_due().await;
    assert_eq!(w.left().len(), 0);
    let _ = inc;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_end_after_the_number_set() {
    let w = world().await;
    asked(&w).await;
    let mut count = 0;
    for _ in 0..20 {
        w.node.clock.advance(DAY);
        w.run_due().await;
        count += w.left().len();
    }
    assert_eq!(count, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_twice_is_one_report_with_a_count() {
    let w = world().await;
    let mail = letter("a@b.example", "same", "same@b.example", "", COMPLAINT);
    let (first, words) = w.mail("a@b.example", &mail).await;
    let by_another_way = format!(
        "Received: from elsewhere by here; Sat, 21 Nov 2026 19:00:01 +0000\r\n{}",
        mail.replace("\r\n", "\n")
    );
    let (second, again) = w.mail("a@b.example", &by_another_way).await;
    assert_eq!((first, second), (Outcome::New, Outcome::Duplicate));
    assert!(again.contains(&words), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_answers_each_reporter_and_a_person_who_writes_again_opens_his_report() {
    let w = world().await;
    let (a, b) = (report(&w, "1@uni.example").await, report(&w, "2@uni.example").await);
    let first = incident(&w, vec![a, b]).await;
    let second = incident(&w, vec![b]).await;
    let closing = Closing {
        status: IncidentStatus::Resolved,
        resolution: "hosts cleaned".into(),
        text: "It is dealt with. Thank you.".into(),
        reporters: vec![a, b],
        tlp: Tlp::Green,
        confirmed: false,
    };
    w.desk.close(&w.may(), first, closing.clone()).await.unwrap();
    assert!(w.desk.close(&w.may(), first, closing).await.is_err(), "once");
    w.node.clock.advance(2 * MINUTE);
    w.run_due().await;
    let left = w.left();
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|m| m.recipient == "it@uni.example"));
    let mut answered: Vec<String> = left.iter().map(|m| header(m, "In-Reply-To")).collect();
    answered.sort();
    assert_eq!(answered, ["<1@uni.example>", "<2@uni.example>"]);
    // The report that also belongs to the other incident stays open: linking it again needs no reopening.
    let link =
        w.desk.triage(&w.may(), vec![b], Action::Unlink(format!("INC-{second}").parse().unwrap())).await;
    assert!(link.is_ok(), "{link:?}");
    let more = format!("In-Reply-To: {}\r\n", header(&left[0], "Message-ID"));
    let (outcome, words) = w
        .mail("it@uni.example", &letter("it@uni.example", "no!", "9@uni.example", &more, "Still there"))
        .await;
    assert_eq!(outcome, Outcome::Joined, "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_taken_back_opens_its_investigations_again_and_they_are_reminded() {
    let w = world().await;
    let (inc, _) = asked(&w).await;
    let closing = Closing {
        status: IncidentStatus::Resolved,
        resolution: "too soon".into(),
        text: String::new(),
        reporters: Vec::new(),
        tlp: Tlp::Green,
        confirmed: false,
    };
    let done = w.desk.close(&w.may(), inc, closing).await.unwrap();
    w.desk.undo(&w.may(), done.undo.id).await.unwrap();
    w.node.clock.advance(4 * DAY);
    w.run_due().await;
    assert_eq!(w.left().len(), 1, "the reminder");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_stops_the_clock_and_may_be_taken_back() {
    let w = world().await;
    let ir = report(&w, "1@uni.example").await;
    let reply = Reply { text: "We look into it.".into(), tlp: Tlp::Green, confirmed: false };
    let name: Number = format!("IR-{ir}").parse().unwrap();
    let done = w.desk.reply(&w.may(), name, reply.clone()).await.unwrap();
    w.desk.undo(&w.may(), done.undo.id).await.unwrap();
    w.node.clock.advance(HOUR);
    w.run_due().await;
    assert_eq!(w.left().len(), 0);
    w.desk.reply(&w.may(), name, reply).await.unwrap();
    w.node.clock.advance(HOUR);
    w.run_due().await;
    assert_eq!(w.left().len(), 1);
    let empty = Reply { text: " ".into(), tlp: Tlp::Green, confirmed: false };
    assert!(w.desk.reply(&w.may(), name, empty).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desks_that_acknowledge_each_other_stop_after_one_exchange() {
    let settings =
        Settings { acknowledge: true, node_name: "desk.aldermark.example".into(), ..Settings::default() };
    let w = world_with(settings).await;
    let from_another_desk = letter(
        "cert@other.example",
        "case",
        "1@other.example",
        "X-Wardmote-Loop: other.example\r\n",
        COMPLAINT,
    );
    w.mail("cert@other.example", &from_another_desk).await;
    w.run_due().await;
    assert_eq!(w.left().len(), 0, "another desk is not told");
    let from_a_person = letter("a@b.example", "case", "2@b.example", "", COMPLAINT);
    w.mail("a@b.example", &from_a_person).await;
    w.run_due().await;
    let told = w.left();
    assert_eq!(told.len(), 1);
    // The acknowledgement comes back, as an automatic reply would: it is filed and nothing follows.
    let (outcome, _) = w.mail_to("", common::MAILBOX, &told[0].bytes).await;
    assert_eq!(outcome, Outcome::AutoReply);
    w.run_due().await;
    assert_eq!(w.left().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_are_kept_and_what_cannot_be_read_is_flagged() {
    let w = world().await;
    for bytes in [&b""[..], b"\0\0\0", b"not a mail at all", &[0xff; 5000]] {
        let (outcome, words) = w.mail_to("x@y.example", common::MAILBOX, bytes).await;
        assert_eq!(outcome, Outcome::Flagged, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_a_hundred_thousand_addresses_is_bounded_work_with_a_note() {
    let w = world().await;
    let list: String =
        (0..100_000_u32).map(|n| format!("{}\r\n", std::net::Ipv4Addr::from(0xC612_0000 + n))).collect();
    let (outcome, words) =
        w.mail("a@b.example", &letter("a@b.example", "list", "l@b.example", "", &list)).await;
    assert_eq!(outcome, Outcome::New, "{words}");
}

/// A mail that another part of the node sent from this desk: to its Message-ID and its ways back people answer.
async fn sent_elsewhere(w: &common::World, about: &str, token: &str) -> mail::queue::MailOut {
    let node = w.node.node.clone();
    let mail = mail::queue::MailOut {
        id: node.id(),
        team: w.own,
        subject_of: about.into(),
        message_id: format!("{token}@desk.example"),
        return_path: mail::addresses::with(common::MAILBOX, mail::addresses::BOUNCE, token),
        recipient: "cert@skerry.example".into(),
        blob: kit::Digest::of(b""),
        queued_at: node.now(),
        leave_at: node.now(),
        state: mail::queue::State::Sent,
        state_at: node.now(),
        attempts: 1,
        reply: String::new(),
    };
    let row = mail.clone();
    node.clone().db.write(move |tx| mail::queue::put(&node, tx, &row)).await.unwrap();
    mail
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_test_of_whether_somebody_reads_is_noted_and_opens_no_report() {
    let w = world().await;
    let (by_address, by_reference) = ("abcdefghijklmnopqrstuvwx", "bbcdefghijklmnopqrstuvwx");
    sent_elsewhere(&w, "drill:1", by_address).await;
    let other = sent_elsewhere(&w, "drill:2", by_reference).await;
    let state = |about: &'static str| {
        let mails = w.node.db.read_now(move |c| mail::queue::about(c, about)).unwrap();
        mails[0].state
    };
    // What a machine sends answers nothing.
    let to = mail::addresses::with(common::MAILBOX, mail::addresses::REPLY, by_address);
    let away = letter(
        "cert@skerry.example",
        "away",
        "1@s.example",
        "Auto-Submitted: auto-replied\r\n",
        "On holiday",
    );
    assert_eq!(w.mail_to("", &to, away.as_bytes()).await.0, Outcome::AutoReply);
    assert_eq!(state("drill:1"), mail::queue::State::Sent);

    let yes = letter("cert@skerry.example", "Re: Test", "2@s.example", "", "we read it");
    assert_eq!(w.mail_to("cert@skerry.example", &to, yes.as_bytes()).await.0, Outcome::Joined);
    assert_eq!(state("drill:1"), mail::queue::State::Answered);
    let more = format!("In-Reply-To: <{}>\r\n", other.message_id);
    let yes = letter("cert@skerry.example", "Re: Test", "3@s.example", &more, "so do we");
    assert_eq!(w.mail("cert@skerry.example", &yes).await.0, Outcome::Joined);
    assert_eq!(state("drill:2"), mail::queue::State::Answered);

    // An answer to any other letter is noted, too, and a person reads it.
    let letter_of = sent_elsewhere(&w, "person:1", "cbcdefghijklmnopqrstuvwx").await;
    let more = format!("In-Reply-To: <{}>\r\n", letter_of.message_id);
    let why = letter("nia@far.example", "Re: named", "4@s.example", &more, "who named me?");
    assert_eq!(w.mail("nia@far.example", &why).await.0, Outcome::New);
    assert_eq!(state("person:1"), mail::queue::State::Answered);
}
