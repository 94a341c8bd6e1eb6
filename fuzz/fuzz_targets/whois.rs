//! Any bytes a client may send to port 43: the connection ends in order, every answer ends with two empty lines, no line
//! is a secret, and the registry is there for the next one.
#![no_main]

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// The registry of the conversations.
const WORLD: &[u8] = include_bytes!("../../domains/registry/tests/whois/world.rpsl");

static LISTENER: LazyLock<(Runtime, SocketAddr, kit::testing::TestNode)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("threads");
    let node = kit::testing::node(&[
        identity::MIGRATIONS,
        mail::MIGRATIONS,
        teams::MIGRATIONS,
        registry::MIGRATIONS,
    ]);
    let address = runtime.block_on(async {
        let teams =
            teams::Teams::open(node.node.clone(), teams::Section::default()).await.expect("a directory");
        let registry = registry::Registry::open(node.node.clone(), teams).await.expect("a registry");
        let file = node.folder.path().join("world.rpsl");
        std::fs::write(&file, WORLD).expect("room on the disk");
        let own = registry.clone();
        let import =
            move || own.import(&identity::Granted::for_node(), &[file], Default::default(), &mut |_| {});
        tokio::task::spawn_blocking(import).await.expect("a thread").expect("the world is read");
        let identity = identity::Identity::new(node.node.clone(), identity::Settings::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (stop, stopped) = tokio::sync::watch::channel(false);
        std::mem::forget(stop);
        let limits = registry::whois::Limits { per_address: u32::MAX, ..Default::default() };
        let config = registry::whois::Config { limits, ..Default::default() };
        tokio::spawn(registry::whois::serve(listener, registry, identity, config, stopped));
        address
    });
    (runtime, address, node)
});

fuzz_target!(|bytes: &[u8]| {
    let (runtime, address, _) = &*LISTENER;
    let answers = runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let mut answers = Vec::new();
        let (mut read, mut write) = stream.split();
        let send = async {
            // The listener may hang up before it has read all: that is its right.
            let _ = write.write_all(bytes).await;
            let _ = write.shutdown().await;
        };
        let all = async {
            tokio::join!(send, async {
                let _ = read.read_to_end(&mut answers).await;
            })
        };
        tokio::time::timeout(Duration::from_secs(10), all).await.expect("it ends when the client stops");
        answers
    });
    let lower = bytes.to_ascii_lowercase();
    // Lines of bulk mode are answered one by one, and the client may go before its end.
    let bulk = lower.windows(5).any(|five| five == b"begin");
    if !answers.is_empty() && !bulk {
        // An empty line alone is what `-k` alone gets.
        assert!(
            answers.ends_with(b"\n\n\n") || answers.ends_with(b"\n"),
            "{}",
            String::from_utf8_lossy(&answers)
        );
    }
    assert!(!answers.windows(3).any(|three| three == b"$1$"), "a password's hash");
});
