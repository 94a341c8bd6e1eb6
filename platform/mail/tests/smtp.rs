//! The listener against conversations, real clients, and clients that mean harm.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/conversation.rs"]
mod conversation;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use conversation::{config, play, start};
use mail::smtp::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn conversations_go_as_written_in_any_packets() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conversations"));
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 7);
    for file in files {
        for byte_by_byte in [false, true] {
            play(&file, byte_by_byte).await;
        }
    }
}

async fn talk(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    timeout(LONG, client.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn the_trace_field_says_who_brought_the_mail_and_cannot_be_forged_by_a_name() {
    let server = start(Protocol::Smtp, config()).await;
    let mail = "EHLO bad;by=evil\t(x)\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<cert@team.example>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n";
    talk(server.address, mail.as_bytes()).await;
    let (envelope, message) = server.memory.0.lock().unwrap()[0].clone();
    let text = String::from_utf8(message).unwrap();
    assert_eq!(
        text,
        "Received: from bad?by?evil??x? ([127.0.0.1])\r\n\tby mx.node.example with ESMTP\r\n\tfor <cert@team.example>;\r\n\t\
         Sat, 21 Nov 2026 12:00:00 +0000\r\nhi\r\n"
    );
    assert_eq!(envelope.received_at, 1_795_262_400_000_000);
    assert_eq!(envelope.peer, Some("127.0.0.1".parse().unwrap()));
}

#[tokio::test]
async fn many_large_mails_at_once_are_asked_to_come_again_and_small_ones_get_in() {
    let mut narrow = config();
    (narrow.max_size, narrow.max_in_flight) = (4 << 20, 0);
    let server = start(Protocol::Smtp, narrow).await;
    let begin = "EHLO x.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<cert@team.example>\r\nDATA\r\n";
    let large = |bytes: usize| format!("{begin}{}", "0123456789abcdef\r\n".repeat(bytes / 18));
    // It holds all the room there is, and does not end.
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first.write_all(large((4 << 20) - 1_000).as_bytes()).await.unwrap();
    let end = "\r\n.\r\nQUIT\r\n";
    let started = Instant::now();
    loop {
        // What the first has sent may still be on its way.
        let second = talk(server.address, format!("{}{end}", large(3 << 20)).as_bytes()).await;
        if second.contains("452 4.3.1") {
            break;
        }
        assert!(started.elapsed() < LONG, "{second}");
    }
    let small = talk(server.address, format!("{begin}hi{end}").as_bytes()).await;
    assert!(small.contains("250 2.0.0 stored"), "{small}");
    drop(first);
    let started = Instant::now();
    while !talk(server.address, format!("{}{end}", large(3 << 20)).as_bytes()).await.contains("stored") {
        assert!(started.elapsed() < LONG, "the room was not given back");
    }
}

#[tokio::test]
async fn an_oversize_mail_is_read_to_a_bound_and_never_kept() {
    let mut small = config();
    small.max_size = 100_000;
    let server = start(Protocol::Smtp, small).await;
    let head = "HELO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<cert@team.example>\r\nDATA\r\n";
    let bit = format!("{head}{}\r\n.\r\nNOOP\r\nQUIT\r\n", "x".repeat(200_000));
    let answer = talk(server.address, bit.as_bytes()).await;
    assert!(answer.contains("552 5.3.4") && answer.contains("\r\n250 2.0.0 ok\r\n221 "), "{answer}");
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = client.into_split();
    let endless = tokio::spawn(async move { while writing.write_all(&[b'x'; 10_000]).await.is_ok() {} });
    let mut answer = Vec::new();
    let _ = timeout(LONG, reading.read_to_end(&mut answer)).await.unwrap();
    assert!(timeout(LONG, endless).await.is_ok(), "the server reads on for ever");
    assert!(server.memory.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_long_line_costs_an_error_and_not_the_memory() {
    let server = start(Protocol::Smtp, config()).await;
    let long = format!("NOOP {}\r\nNOOP\r\nQUIT\r\n", "x".repeat(3_000_000));
    let answer = talk(server.address, long.as_bytes()).await;
    assert!(answer.contains("500 5.5.2 line too long\r\n250 2.0.0 ok\r\n221"), "{answer}");
}

#[tokio::test]
async fn silent_clients_and_crowds_are_sent_away() {
    let mut tight = config();
    tight.command_timeout = Duration::from_millis(100);
    tight.max_per_peer = 2;
    let server = start(Protocol::Smtp, tight).await;
    let _one = TcpStream::connect(server.address).await.unwrap();
    let mut two = TcpStream::connect(server.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(talk(server.address, b"").await.starts_with("421 4.3.2 mx.node.example too many connections"));
    let mut answer = String::new();
    timeout(LONG, two.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.contains("421 4.4.2"), "{answer}");
    let again = talk(server.address, b"QUIT\r\n").await;
    assert!(again.starts_with("220"), "places are free again: {again}");
}

#[tokio::test]
async fn a_mail_that_circles_is_refused() {
    let server = start(Protocol::Smtp, config()).await;
    let mail = format!(
        "HELO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<cert@team.example>\r\nDATA\r\n{}\r\nx\r\n.\r\nQUIT\r\n",
        "Received: from a by b\r\n".repeat(100)
    );
    assert!(talk(server.address, mail.as_bytes()).await.contains("554 5.4.6"));
}

#[tokio::test]
async fn stopping_says_goodbye() {
    let server = start(Protocol::Smtp, config()).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.read_exact(&mut [0; 10]).await.unwrap();
    server.stop.send(true).unwrap();
    let mut answer = String::new();
    timeout(LONG, client.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.contains("421 4.3.2"), "{answer}");
    timeout(LONG, server.done).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_delivers() {
    let server = start(Protocol::Smtp, config()).await;
    let port = server.address.port().to_string();
    let swaks = tokio::task::spawn_blocking(move || {
        Command::new("swaks")
            .args(["--server", "127.0.0.1", "--port", &port, "--from", "ana@sender.example"])
            .args([
                "--to",
                "cert@team.example",
                "--header",
                "Subject: from swaks",
                "--body",
                ".\nline\n..\n",
                "--pipeline",
            ])
            .output()
    });
    let Ok(output) = swaks.await.unwrap() else {
        println!("left out: swaks is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let taken = server.memory.0.lock().unwrap();
    let text = String::from_utf8_lossy(&taken[0].1);
    assert!(text.contains("Subject: from swaks") && text.contains("\r\n.\r\nline\r\n..\r\n"), "{text}");
}

/// Not a benchmark: it fails when the listener itself becomes slow by an order of magnitude.
#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_mails_over_one_connection() {
    let server = start(Protocol::Smtp, config()).await;
    let body = "line of an ordinary mail, seventy characters or so in its length here.\r\n".repeat(80);
    let mail = format!(
        "MAIL FROM:<a@b.example>\r\nRCPT TO:<cert@team.example>\r\nDATA\r\nSubject: x\r\n\r\n{body}.\r\n"
    );
    let script = format!("HELO a\r\n{}QUIT\r\n", mail.repeat(3_000));
    let started = Instant::now();
    let mut client = TcpStream::connect(server.address).await.unwrap();
    let (mut reading, mut writing) = client.split();
    let mut answer = String::new();
    let (written, read) =
        tokio::join!(writing.write_all(script.as_bytes()), reading.read_to_string(&mut answer));
    written.unwrap();
    read.unwrap();
    let rate = 3_000.0 / started.elapsed().as_secs_f64();
    println!("{rate:.0} mails/s of {} bytes", body.len());
    assert_eq!(server.memory.0.lock().unwrap().len(), 3_000);
    assert!(rate > 500.0, "{rate:.0} mails/s");
}
