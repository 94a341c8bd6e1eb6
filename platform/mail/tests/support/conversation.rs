//! Conversations as text files against the real listener. A line begins with
//! `C:` sent with CR LF · `R:` sent as it is, with `\r`, `\n`, `\0` · `S:` a reply, `…` at its end stands for anything ·
//! `I:` what the intake got: `from rcpt,rcpt content` with line ends escaped and the `Received` field left out ·
//! `X:` the server closes · `P:` before all: `lmtp`, `small` (a limit of 200 bytes) · `#` a comment.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mail::envelope::Envelope;
use mail::smtp::{Accepted, Answer, Config, Intake, Protocol, Refusal, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// Knows `…@team.example` and `postmaster`; keeps what it gets in memory. `full@team.example` meets a full disk.
#[derive(Default)]
pub struct Memory(pub Mutex<Vec<(Envelope, Vec<u8>)>>);

impl Intake for Memory {
    fn knows<'a>(&'a self, rcpt: &'a str) -> Answer<'a, Result<bool, Refusal>> {
        Box::pin(async move {
            match rcpt {
                "later@team.example" => Err(Refusal::Temporary("the database is away".into())),
                _ => Ok(rcpt == "postmaster" || rcpt.ends_with("@team.example")),
            }
        })
    }

    fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Answer<'_, Result<Accepted, Refusal>> {
        Box::pin(async move {
            match envelope.rcpts[0].as_str() {
                "full@team.example" => return Err(Refusal::Full("no room on the disk".into())),
                "never@team.example" => return Err(Refusal::Permanent("not\r\n250 for you".into())),
                _ => (),
            }
            let mut taken = self.0.lock().unwrap();
            taken.push((envelope, message));
            Ok(Accepted { id: format!("m{}", taken.len()) })
        })
    }
}

/// A listener on a free port.
pub struct Server {
    pub address: std::net::SocketAddr,
    pub memory: Arc<Memory>,
    pub stop: watch::Sender<bool>,
    pub done: tokio::task::JoinHandle<()>,
}

/// A clock that stands at 2026-11-21 12:00 UTC.
pub fn config() -> Config {
    Config::new("mx.node.example", Arc::new(|| 1_795_262_400_000_000))
}

pub async fn start(protocol: Protocol, config: Config) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let memory = Arc::new(Memory::default());
    let (stop, stopped) = watch::channel(false);
    let done = tokio::spawn(serve(listener, protocol, config, memory.clone(), stopped));
    Server { address, memory, stop, done }
}

/// Plays a file. `byte_by_byte` sends each byte in a packet of its own: the server must not care.
pub async fn play(file: &Path, byte_by_byte: bool) {
    let script = std::fs::read_to_string(file).unwrap();
    let settings: Vec<_> = script.lines().filter_map(|l| l.strip_prefix("P: ")).collect();
    let protocol = if settings.contains(&"lmtp") { Protocol::Lmtp } else { Protocol::Smtp };
    let mut config = config();
    if settings.contains(&"small") {
        config.max_size = 200;
    }
    let server = start(protocol, config).await;
    let mut client = TcpStream::connect(server.address).await.unwrap();
    client.set_nodelay(true).unwrap();
    let mut unread = Vec::new();
    let mut taken = 0;
    for (number, line) in script.lines().enumerate() {
        let place = format!("{}:{}", file.file_name().unwrap().to_string_lossy(), number + 1);
        let (kind, rest) = line.split_at(line.len().min(2));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match kind {
            "C:" => send(&mut client, format!("{rest}\r\n").as_bytes(), byte_by_byte).await,
            "R:" => send(&mut client, &unescape(rest), byte_by_byte).await,
            "S:" => {
                let reply = read_line(&mut client, &mut unread, &place).await;
                let fits = rest.strip_suffix('…').map_or(reply == rest, |start| reply.starts_with(start));
                assert!(fits, "{place}\nexpected {rest}\n     got {reply}");
            }
            "I:" => {
                let (envelope, message) = server.memory.0.lock().unwrap()[taken].clone();
                taken += 1;
                assert_eq!(described(&envelope, &message), rest, "{place}");
            }
            "X:" => {
                let end = timeout(Duration::from_secs(5), client.read_buf(&mut unread)).await;
                assert!(matches!(end, Ok(Ok(0) | Err(_))) && unread.is_empty(), "{place}: not closed");
            }
            "P:" | "" => (),
            comment => assert!(comment.starts_with('#'), "{place}: what is {line}?"),
        }
    }
    assert_eq!(
        server.memory.0.lock().unwrap().len(),
        taken,
        "{}: mails the script does not name",
        file.display()
    );
    drop(client);
    server.stop.send(true).unwrap();
    timeout(Duration::from_secs(5), server.done).await.unwrap().unwrap();
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

async fn read_line(client: &mut TcpStream, unread: &mut Vec<u8>, place: &str) -> String {
    loop {
        if let Some(end) = unread.windows(2).position(|w| w == b"\r\n") {
            let line: Vec<u8> = unread.drain(..end + 2).take(end).collect();
            return String::from_utf8(line).unwrap();
        }
        let read = timeout(Duration::from_secs(5), client.read_buf(unread)).await;
        let read = read.unwrap_or_else(|_| panic!("{place}: no reply")).unwrap();
        assert!(read > 0, "{place}: closed instead of a reply");
    }
}

fn described(envelope: &Envelope, message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    assert!(text.starts_with("Received: from "), "{text}");
    // The trace field: three or four lines, all but the first folded.
    let body = text.split_inclusive("\r\n").skip(1).skip_while(|l| l.starts_with('\t')).collect::<String>();
    let body = body.replace('\r', "\\r").replace('\n', "\\n");
    format!("<{}> {} {body}", envelope.from, envelope.rcpts.join(",")).trim_end().to_owned()
}

fn unescape(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").into_bytes()
}
