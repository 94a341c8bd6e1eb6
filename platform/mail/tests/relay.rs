//! From our mail through the relay into a folder, and what the relay's words become.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/conversation.rs"]
#[allow(dead_code)]
mod conversation;

use std::sync::Arc;
use std::time::Duration;

use conversation::{config, start};
use mail::compose::{Outgoing, compose};
use mail::message::Mailbox;
use mail::relay::{Outcome, Relay, RelayConfig, RelayTls};
use mail::sink::Sink;
use mail::smtp::Protocol;
use tokio::net::TcpListener;
use tokio::sync::watch;

fn relay_to(port: u16) -> Relay {
    Relay::new(&settings(port)).unwrap()
}

fn settings(port: u16) -> RelayConfig {
    RelayConfig {
        host: "127.0.0.1".into(),
        port,
        tls: RelayTls::None,
        credentials: None,
        root_certificates: vec![],
        hello: "node.example".into(),
        timeout: Duration::from_secs(5),
    }
}

fn letter() -> Vec<u8> {
    let mail = Outgoing {
        from: Mailbox { name: "CERT".into(), address: "cert@team.example".into() },
        to: vec![Mailbox { name: String::new(), address: "abuse@isp.example".into() }],
        subject: "dots".into(),
        message_id: "m@team.example".into(),
        text: ".\n..\nend\n".into(),
        ..Outgoing::default()
    };
    compose(&mail, &[1; 32]).unwrap()
}

#[tokio::test]
async fn a_mail_goes_through_the_relay_into_the_sink() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_stop, stopped) = watch::channel(false);
    let sink = Arc::new(Sink::new(folder.path()).unwrap());
    tokio::spawn(sink.serve(listener, Arc::new(|| 0), stopped));
    let relay = relay_to(port);
    let letter = letter();
    for rcpt in ["abuse@isp.example", "up/noc@isp.example"] {
        let outcome = relay.send("bounce+x9@team.example", rcpt, &letter).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["0001-abuse@isp.example.eml", "0002-up_noc@isp.example.eml"]);
    let text = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
    assert!(text.starts_with("Return-Path: <bounce+x9@team.example>\r\nDelivered-To: abuse@isp.example\r\nReceived: from node.example"));
    assert!(text.as_bytes().ends_with(&letter), "the bytes are those that were given");
    let again = Sink::new(folder.path()).unwrap();
    assert!(format!("{again:?}").contains('2'), "counting goes on");
}

#[tokio::test]
async fn replies_become_outcomes() {
    let server = start(Protocol::Smtp, config()).await;
    let relay = relay_to(server.address.port());
    let cases = [
        ("cert@team.example", "accepted", "stored as m1"),
        ("x@elsewhere.example", "failed", "no such address"),
        ("later@team.example", "deferred", "the database is away"),
        ("full@team.example", "deferred", "no room"),
        ("never@team.example", "failed", "not"),
        ("not an address", "failed", "not an address"),
        ("a@b.example\r\nRCPT TO:<c@d.example>", "failed", "not an address"),
    ];
    for (rcpt, kind, words) in cases {
        let (got, reply) = match relay.send("", rcpt, &letter()).await {
            Outcome::Accepted { reply } => ("accepted", reply),
            Outcome::Deferred { reply } => ("deferred", reply),
            Outcome::Failed { reply } => ("failed", reply),
        };
        assert!(got == kind && reply.contains(words), "{rcpt}: {got} {reply}");
    }
    assert_eq!(server.memory.0.lock().unwrap()[0].0.from, "");
}

#[tokio::test]
async fn a_relay_that_is_away_is_tried_again() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let outcome = relay_to(port).send("", "a@b.example", b"x\r\n").await;
    assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
    // One that offers no STARTTLS never sees the mail.
    let server = start(Protocol::Smtp, config()).await;
    let relay =
        Relay::new(&RelayConfig { tls: RelayTls::StartTls, ..settings(server.address.port()) }).unwrap();
    let outcome = relay.send("", "cert@team.example", &letter()).await;
    assert!(matches!(outcome, Outcome::Deferred { .. }), "{outcome:?}");
    assert!(server.memory.0.lock().unwrap().is_empty());
}

#[test]
fn a_password_does_not_go_over_the_network_in_the_clear() {
    let credentials = Some(("user".to_owned(), "secret".to_owned()));
    let clear =
        RelayConfig { host: "relay.example".into(), credentials: credentials.clone(), ..settings(25) };
    let error = Relay::new(&clear).unwrap_err().to_string();
    assert!(error.contains("relay.example") && error.contains("starttls"), "{error}");
    assert!(Relay::new(&RelayConfig { credentials: credentials.clone(), ..settings(25) }).is_ok());
    assert!(Relay::new(&RelayConfig { tls: RelayTls::Tls, ..clear }).is_ok());
}
