//! Conversations as text files (`tests/whois/*.txt`) against the real listener. A line begins with
//! `C:` sent with CR LF · `R:` sent as it is, with `\r`, `\n`, `\0`, `\xFF` · `A:` an answer begins, each with what every
//! answer begins with (left out here) and ends with (two empty lines, left out here), its lines behind `|` ·
//! `N:` an empty line alone · `B:` a bulk answer up to its end · `X:` the server closes · `D:` class and key of an object
//! that is changed meanwhile, its new text behind `|`, none when it is deleted · `#` a comment.
//!
//! `WARDMOTE_BLESS=1` writes the answers that were got into the files: read them before you commit them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::world::{World, change, folder, world};
use crate::whois::Config;
use crate::whois::words::GREETING;

const LONG: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn conversations_go_as_written_in_any_packets() {
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ext| ext == "txt"));
    files.sort();
    assert!(files.len() >= 8, "{}", files.len());
    for file in files {
        for byte_by_byte in [false, true] {
            play(&world(Config::default()).await, &file, byte_by_byte).await;
        }
    }
}

async fn play(world: &World, file: &Path, byte_by_byte: bool) {
    let script = std::fs::read_to_string(file).unwrap();
    let mut got = String::new();
    let mut client: Option<TcpStream> = None;
    let mut unread = Vec::new();
    let mut lines = script.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let place = format!("{}:{}", file.file_name().unwrap().to_string_lossy(), number + 1);
        let _ = writeln!(got, "{line}");
        let (kind, rest) = line.split_at(line.len().min(2));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let mut told = String::new();
        if matches!(kind, "A:" | "B:" | "D:") {
            while let Some((_, line)) = lines.next_if(|(_, line)| line.starts_with('|')) {
                let _ = writeln!(told, "{}", line.strip_prefix("| ").unwrap_or(&line[1..]));
            }
        }
        match kind {
            "C:" | "R:" => {
                if client.is_none() {
                    let stream = TcpStream::connect(world.address).await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    client = Some(stream);
                }
                let bytes = if kind == "C:" { format!("{rest}\r\n").into_bytes() } else { unescape(rest) };
                send(client.as_mut().unwrap(), &bytes, byte_by_byte).await;
            }
            "A:" | "B:" => {
                let answer = answer(client.as_mut().unwrap(), &mut unread, &place).await;
                let answer = answer.strip_prefix(GREETING).unwrap_or_else(|| panic!("{place}: {answer:?}"));
                let answer = answer.trim_end_matches('\n');
                for line in answer.lines() {
                    let _ = writeln!(got, "{}", format!("| {line}").trim_end());
                }
                if std::env::var_os("WARDMOTE_BLESS").is_none() {
                    let same = told.lines().count() == answer.lines().count()
                        && told.lines().zip(answer.lines()).all(|(told, line)| fits(told, line));
                    assert!(same, "{place}\nexpected:\n{told}\ngot:\n{answer}");
                }
            }
            "N:" => assert_eq!(exactly(client.as_mut().unwrap(), &mut unread, &place).await, "\n", "{place}"),
            "X:" => {
                let mut stream = client.take().unwrap();
                let end = timeout(LONG, stream.read_buf(&mut unread)).await;
                assert!(
                    matches!(end, Ok(Ok(0) | Err(_))) && unread.is_empty(),
                    "{place}: not closed: {unread:?}"
                );
            }
            "D:" => {
                told.lines().for_each(|line| {
                    let _ = writeln!(got, "| {line}");
                });
                let (class, key) = rest.split_once(' ').unwrap();
                let (own, class, key) = (world.registry.clone(), class.to_owned(), key.to_owned());
                let apply = move || {
                    change(&own, &class, &key, (!told.is_empty()).then_some(&*told));
                };
                tokio::task::spawn_blocking(apply).await.unwrap();
            }
            "" => {}
            comment => assert!(comment.starts_with('#'), "{place}: what is {line}?"),
        }
    }
    if std::env::var_os("WARDMOTE_BLESS").is_some() && !byte_by_byte {
        std::fs::write(file, got).unwrap();
    }
}

/// `…` at the end of a line stands for anything.
fn fits(told: &str, line: &str) -> bool {
    told.strip_suffix('…').map_or(told == line.trim_end(), |start| line.starts_with(start))
}

async fn send(client: &mut TcpStream, bytes: &[u8], byte_by_byte: bool) {
    if !byte_by_byte {
        client.write_all(bytes).await.unwrap();
        return;
    }
    for byte in bytes {
        // The server may have closed already; the script says so next.
        if client.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Everything up to the two empty lines, as text; bytes that are none are Latin-1.
pub(super) async fn answer(client: &mut TcpStream, unread: &mut Vec<u8>, place: &str) -> String {
    loop {
        if let Some(end) = unread.windows(3).position(|three| three == b"\n\n\n") {
            let answer: Vec<u8> = unread.drain(..end + 3).collect();
            return rpsl::decode(&answer).into_owned();
        }
        let read = timeout(LONG, client.read_buf(unread)).await;
        let read =
            read.unwrap_or_else(|_| panic!("{place}: no answer, but {:?}", String::from_utf8_lossy(unread)));
        assert!(read.unwrap() > 0, "{place}: closed after {:?}", String::from_utf8_lossy(unread));
    }
}

async fn exactly(client: &mut TcpStream, unread: &mut Vec<u8>, place: &str) -> String {
    while unread.is_empty() {
        let read = timeout(LONG, client.read_buf(unread)).await;
        assert!(read.unwrap().unwrap() > 0, "{place}: closed");
    }
    String::from_utf8(unread.drain(..1).collect()).unwrap()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'\\', Some(b'r')) => bytes.push(b'\r'),
            (b'\\', Some(b'n')) => bytes.push(b'\n'),
            (b'\\', Some(b'0')) => bytes.push(0),
            (b'\\', Some(b'x')) => {
                let digits = std::str::from_utf8(&after[1..3]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = &after[3..];
                continue;
            }
            _ => {
                bytes.push(byte);
                continue;
            }
        }
        rest = &after[1..];
    }
    bytes
}
