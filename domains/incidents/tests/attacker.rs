//! What forged and hostile mails cannot do.

#![allow(clippy::unwrap_used)]

mod common;

use common::{MAILBOX, letter, world, world_with};
use identity::ReadCases;
use incidents::model::{Number, Outcome};
use incidents::{Action, PlanOrder, Reply, Settings};
use kit::clock::HOUR;
use mail::open::open;
use taxonomy::Tlp;

fn number(words: &str) -> i64 {
    words.split_whitespace().find_map(|word| word.parse::<Number>().ok()).unwrap().number
}

async fn acknowledging() -> common::World {
    let settings =
        Settings { acknowledge: true, node_name: "desk.aldermark.example".into(), ..Settings::default() };
    world_with(settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_into_a_case_by_the_desks_own_address_or_by_a_message_id_that_others_know() {
    let w = world().await;
    let mail = letter("it@uni.example", "guessing", "1@uni.example", "Cc: noc@uni.example\r\n", "192.0.2.17");
    let (_, words) = w.mail("it@uni.example", &mail).await;
    let tag = format!("Re: [IR-{}] guessing", number(&words));
    let forged = letter(MAILBOX, &tag, "2@evil.example", "", "let me in");
    assert_eq!(w.mail("mallory@evil.example", &forged).await.0, Outcome::New, "everybody knows our address");

    let more = "In-Reply-To: <1@uni.example>\r\n";
    let stranger = letter("mallory@evil.example", "Re: guessing", "3@evil.example", more, "let me in");
    assert_eq!(w.mail("mallory@evil.example", &stranger).await.0, Outcome::New);
    let copied = letter("noc@uni.example", "Re: guessing", "4@uni.example", more, "more of it");
    assert_eq!(w.mail("noc@uni.example", &copied).await.0, Outcome::Joined, "who got a copy may go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_subject_is_not_repeated_in_clear() {
    let w = acknowledging().await;
    let mail = letter("it@uni.example", "TLP:RED the rector's laptop", "1@uni.example", "", "192.0.2.17");
    let (_, words) = w.mail("it@uni.example", &mail).await;
    let name: Number = format!("IR-{}", number(&words)).parse().unwrap();
    let reply = Reply { text: "Which day?".into(), tlp: Tlp::Green, confirmed: false };
    w.desk.reply(&w.may(), name, reply).await.unwrap();
    w.node.clock.advance(HOUR);
    w.run_due().await;
    w.run_due().await;
    let left = w.left();
    assert_eq!(left.len(), 2, "the acknowledgement and the answer");
    for mail in left {
        let subject = open(&mail.bytes, &mail::Limits::default(), &mail::unlock::NoKeys).headers.subject;
        assert!(subject.ends_with(&format!("Re: [{name}]")), "{subject}");
        assert!(!String::from_utf8_lossy(&mail.bytes).contains("laptop"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forged_senders_does_not_become_a_flood_of_acknowledgements() {
    let w = acknowledging().await;
    for n in 0..130 {
        let from = format!("victim{n}@v.example");
        w.mail(&from, &letter(&from, "hello", &format!("{n}@evil.example"), "", "192.0.2.17")).await;
    }
    for _ in 0..10 {
        w.run_due().await;
    }
    assert_eq!(w.left().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_is_never_lowered_by_an_answer_that_quotes_and_raised_by_one_that_says_so() {
    let w = world().await;
    let red = letter("it@uni.example", "TLP:RED guessing", "1@uni.example", "", "192.0.2.17");
    let (_, words) = w.mail("it@uni.example", &red).await;
    let ir = number(&words);
    let tag = format!("Re: [IR-{ir}] guessing");
    w.mail("it@uni.example", &letter("it@uni.example", &tag, "2@uni.example", "", "> 192.0.2.17")).await;
    let green = letter("it@uni.example", "TLP:GREEN scans", "3@uni.example", "", "192.0.2.40");
    let (_, words) = w.mail("it@uni.example", &green).await;
    let other = number(&words);
    let open = Action::Open { title: "guessing".into(), classification: String::new() };
    let inc = w.desk.triage(&w.may(), vec![other], open).await.unwrap().incident.unwrap();
    let stricter = format!("TLP:AMBER+STRICT [IR-{other}] scans");
    w.mail("it@uni.example", &letter("it@uni.example", &stricter, "4@uni.example", "", "192.0.2.41")).await;
    let plan = w.desk.plan(&w.may(), inc.number, &PlanOrder::default()).await.unwrap();
    assert_eq!(plan.tlp, Tlp::AmberStrict, "the incident follows its report");
    w.desk.triage(&w.may(), vec![ir], Action::Link(inc)).await.unwrap();
    let order = PlanOrder { tlp: Some(Tlp::Amber), ..PlanOrder::default() };
    let plan = w.desk.plan(&w.may(), inc.number, &order).await.unwrap();
    let rows: Vec<&str> = plan.mails.iter().flat_map(|m| &m.rows).map(|row| row.value.as_str()).collect();
    assert_eq!(rows, ["192.0.2.40"], "what came red, or stricter, stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_forwards_a_mail_does_not_make_it_less_strict() {
    let w = world().await;
    let forwarded = "Content-Type: multipart/mixed; boundary=b\r\n";
    let body = "--b\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
        From: x@y.example\r\nSubject: TLP:RED for you only\r\n\r\n192.0.2.17\r\n--b--";
    let mail = letter("it@uni.example", "TLP:GREEN fwd", "1@uni.example", forwarded, body);
    let (_, words) = w.mail("it@uni.example", &mail).await;
    let open = Action::Open { title: "x".into(), classification: String::new() };
    let inc = w.desk.triage(&w.may(), vec![number(&words)], open).await.unwrap().incident.unwrap();
    assert_eq!(w.desk.plan(&w.may(), inc.number, &PlanOrder::default()).await.unwrap().tlp, Tlp::Red);
}

/// A world whose node died right after it had acknowledged each of `mails`: on one thread nothing is opened before that.
fn dead_with(mails: &[String]) -> (common::World, Vec<kit::Id>) {
    let w = runtime().block_on(world());
    let take = |mail: &String| {
        let envelope = mail::Envelope {
            from: "a@b.example".into(),
            rcpts: vec![MAILBOX.into()],
            helo: String::new(),
            peer: None,
            received_at: w.node.now(),
        };
        runtime().block_on(w.desk.accept(envelope, mail.clone().into_bytes())).unwrap().ids[0]
    };
    let ids = mails.iter().map(take).collect();
    w.node.clock.advance(HOUR);
    (w, ids)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Where the bytes of `mail` lie.
fn file_of(w: &common::World, mail: &str) -> std::path::PathBuf {
    let name = kit::Digest::of(mail.as_bytes()).to_string();
    let places = std::fs::read_dir(w.node.folder.path()).unwrap();
    let mut files = places
        .map(|entry| entry.unwrap().path().join(&name[..2]).join(format!("{}.lz4", &name[2..])))
        .filter(|path| path.exists());
    files.next().unwrap()
}

fn sweep(w: &common::World, ids: &[kit::Id]) -> Vec<Outcome> {
    runtime().block_on(async {
        for _ in 0..6 {
            w.desk.sweep().await.unwrap();
        }
        let mut outcomes = Vec::new();
        for id in ids {
            outcomes.push(w.desk.mail_taken(&w.may::<ReadCases>(), *id).await.unwrap().outcome);
        }
        outcomes
    })
}

#[test]
fn a_lost_original_is_flagged_and_does_not_keep_the_mails_behind_it_waiting() {
    let mails = ["one", "two"].map(|name| letter("a@b.example", name, name, "", "192.0.2.17"));
    let (w, ids) = dead_with(&mails);
    std::fs::remove_file(file_of(&w, &mails[0])).unwrap();
    assert_eq!(sweep(&w, &ids), [Outcome::Flagged, Outcome::New]);
}

#[cfg(unix)]
#[test]
fn trouble_of_the_node_does_not_count_against_a_mail() {
    let mails = ["one"].map(|name| letter("a@b.example", name, name, "", "192.0.2.17"));
    let (w, ids) = dead_with(&mails);
    let (file, aside) = (file_of(&w, &mails[0]), w.node.folder.path().join("aside"));
    std::fs::rename(&file, &aside).unwrap();
    // A link to itself: the system refuses to open it, and says nothing about the bytes.
    std::os::unix::fs::symlink(&file, &file).unwrap();
    assert_eq!(sweep(&w, &ids), [Outcome::Waiting]);
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(sweep(&w, &ids), [Outcome::New], "opened whole, as if nothing had been");
}
