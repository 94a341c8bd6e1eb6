//! Times extraction from 6 kB of ordinary log text: `cargo run --release -p observables --example speed`.

use observables::{Limits, extract};
use std::hint::black_box;
use std::time::Instant;

const LINES: &str = "\
Nov 21 04:12:07 gw sshd[21733]: Failed password for invalid user admin from 192.0.2.17 port 52144 ssh2
192.0.2.18 - - [21/Nov/2026:04:12:09 +0100] \"GET /wp-login.php HTTP/1.1\" 404 196 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/102.0\"
2026-11-21T04:12:11Z client 198.51.100.9#41200 (www.shop.example): query: www.shop.example IN A +E(0) (203.0.113.53)
Dear colleagues, the host below took part in an attack on our network. Please see to it that this does not happen again,
and tell us at abuse@cert.example what you have found. The log is attached; all times are given in UTC.
";

fn main() {
    let text: String = LINES.repeat(1 + 6_000 / LINES.len()).chars().take(6_000).collect();
    let distinct: String =
        (0..100_000u32).map(|n| format!("{}\n", std::net::Ipv4Addr::from(0x0a00_0000 + n * 7))).collect();
    time("6 kB of logs", &text, 20_000);
    time("6 kB of prose", &"nothing to see here, move along please ".repeat(160)[..6_000], 20_000);
    time("100,000 addresses", &distinct, 20);
}

fn time(what: &str, text: &str, rounds: u32) {
    let found = extract(text, &Limits::default()).found;
    let hits: u32 = found.iter().map(|one| one.count).sum();
    let start = Instant::now();
    for _ in 0..rounds {
        black_box(extract(black_box(text), &Limits::default()));
    }
    let each = start.elapsed() / rounds;
    println!("{what}: {} bytes, {hits} hits, {} distinct: {each:?}", text.len(), found.len());
}
