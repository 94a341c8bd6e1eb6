//! Any bytes a client may send to the listener, in SMTP and in LMTP: the connection ends in order, every line of every
//! reply is one that RFC 5321 knows, and a mail comes out only after an end of data that is spelled CR LF `.` CR LF.
#![no_main]

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mail::envelope::Envelope;
use mail::smtp::{Accepted, Answer, Config, Intake, Protocol, Refusal, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// Takes all mail for one recipient, and leaves it to the fuzzer to find a second one.
struct Sink;

impl Intake for Sink {
    fn knows<'a>(&'a self, rcpt: &'a str) -> Answer<'a, Result<bool, Refusal>> {
        Box::pin(async move { Ok(rcpt == "a@b.example") })
    }

    fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Answer<'_, Result<Accepted, Refusal>> {
        assert!(
            !envelope.rcpts.is_empty() && envelope.rcpts.iter().all(|rcpt| rcpt == "a@b.example"),
            "{envelope:?}"
        );
        assert!(message.starts_with(b"Received: "), "{message:?}");
        Box::pin(async { Ok(Accepted { id: "1".into() }) })
    }
}

static LISTENERS: LazyLock<(Runtime, [SocketAddr; 2])> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("threads");
    let addresses = [Protocol::Smtp, Protocol::Lmtp].map(|protocol| {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let config = Config {
            max_size: 4_000,
            max_rcpts: 3,
            max_errors: 1_000,
            ..Config::new("mx.aldermark.example", Arc::new(|| 0))
        };
        let (stop, stopped) = tokio::sync::watch::channel(false);
        std::mem::forget(stop);
        runtime.spawn(serve(listener, protocol, config, Arc::new(Sink), stopped));
        address
    });
    (runtime, addresses)
});

fuzz_target!(|bytes: &[u8]| {
    let (runtime, addresses) = &*LISTENERS;
    for address in addresses {
        let replies = runtime.block_on(async {
            let mut stream = TcpStream::connect(address).await.expect("it listens");
            let mut replies = Vec::new();
            let (mut read, mut write) = stream.split();
            let send = async {
                // The listener may hang up before it has read all: that is its right.
                let _ = write.write_all(bytes).await;
                let _ = write.shutdown().await;
            };
            let all = async {
                tokio::join!(send, async {
                    let _ = read.read_to_end(&mut replies).await;
                })
            };
            tokio::time::timeout(Duration::from_secs(10), all)
                .await
                .expect("the connection ends when the client stops");
            replies
        });
        let replies = String::from_utf8(replies).expect("replies are text");
        for line in replies.split_inclusive("\r\n") {
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            assert!(code.is_some_and(|code| (200..600).contains(&code)), "{line:?}");
            assert!(line.ends_with("\r\n") && line.len() <= 512, "{line:?}");
        }
        // LMTP answers once for each of at most three recipients.
        let ends = bytes.windows(5).filter(|five| five == b"\r\n.\r\n").count();
        assert!(replies.matches("stored as").count() <= 3 * ends, "{replies}");
    }
});
