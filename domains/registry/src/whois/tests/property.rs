//! Whatever a client sends gets an answer that ends as answers do.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::world::{World, world};
use crate::whois::Config;
use crate::whois::limits::Client;
use crate::whois::service::Service;

static REGISTRY: LazyLock<(Runtime, World, Arc<Service>)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(world(Config::default()));
    let service = Arc::new(Service::new(world.registry.clone(), Config::default()));
    (runtime, world, service)
});

fn answered(line: &[u8]) -> Option<String> {
    let (runtime, _, service) = &*REGISTRY;
    let query = rpsl::query::Query::parse(line).ok()?;
    let mut text = String::new();
    let client = Client::at(IpAddr::from([192, 0, 2, 1]));
    runtime.block_on(service.answer(query, client, true, &mut text));
    Some(text)
}

/// Lines that are queries more often than not.
fn queries() -> impl Strategy<Value = String> {
    let flags = proptest::sample::select(vec![
        "-x",
        "-l",
        "-L",
        "-m",
        "-M",
        "-c",
        "-C",
        "-b",
        "-d",
        "-F",
        "-K",
        "-k",
        "-G",
        "-B",
        "-r",
        "--no-personal",
        "--resource",
        "-a",
        "-T inetnum",
        "-T irt,person",
        "-T route",
        "-i mnt-irt",
        "-i mnt-by,admin-c",
        "-i person",
        "-s WARD",
        "-s OTHER",
        "-t irt",
        "-v route6",
        "-q types",
        "--list-versions",
        "--show-version 1",
        "--diff-versions 1:2",
        "-Z latin-1",
        "-V me",
    ]);
    let keys = proptest::sample::select(vec![
        "198.18.5.20",
        "198.18.0.0/15",
        "198.18.5.10 - 198.18.5.77",
        "0/0",
        "::/0",
        "2001:db8::1",
        "AS64500",
        "AS64496 - AS64511",
        "198.18.0.0/15AS64500",
        "5.18.198.in-addr.arpa",
        "IRT-BIG",
        "BIG-MNT",
        "KES1-WARD",
        "kes example",
        "abuse@big.example",
        "www.big.example",
        "AS-BIG",
        "ORG-BIG1-WARD",
        "help",
        "X",
        "PGPKEY-0123456789ABCDEF0123456789ABCDEF01234567",
        "",
    ]);
    (prop::collection::vec(flags, 0..4), keys).prop_map(|(flags, key)| format!("{} {key}", flags.join(" ")))
}

fn check(line: &[u8]) {
    let Some(text) = answered(line) else { return };
    // `-k` alone asks for nothing and is not answered.
    assert!(text.is_empty() || text.ends_with("\n\n"), "{line:?}\n{text}");
    assert!(
        !text.contains("\n\n\n") && !text.starts_with('\n'),
        "it would end before its end: {line:?}\n{text}"
    );
    assert!(!text.contains("%ERROR:100"), "{line:?}\n{text}");
    assert!(!text.contains("$1$"), "a password's hash: {line:?}\n{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_query_is_answered_and_every_answer_ends_as_answers_do(line in queries()) {
        check(line.as_bytes());
    }

    #[test]
    fn any_bytes_are_answered_or_refused(line in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&line);
    }
}
