//! How fast addresses are looked up: `cargo run --release -p netmap --example speed [RANGES]`.
//! Invented nested IPv4 ranges (5 million unless told), one in twenty a block with nineteen customers in it,
//! 40 % marked. Prints build time and look-ups per second, at random and in bulk.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use netmap::Builder;

fn main() {
    let ranges: u32 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(5_000_000);
    let mut random = Random(1);
    let mut builder = Builder::default();
    let stride = u32::MAX / (ranges / 20).max(1);
    for block in 0..ranges / 20 {
        let start = block * stride;
        push(&mut builder, start, start + stride - 1, &mut random);
        let part = stride / 20;
        for customer in 0..19 {
            let first = start + customer * part + random.below(part / 2 + 1);
            push(&mut builder, first, first + random.below((part / 2).max(1)), &mut random);
        }
    }

    let start = Instant::now();
    let (map, report) = builder.build();
    println!(
        "build: {} ranges, {} left out, {:.2} s",
        map.len(),
        report.overlaps.len(),
        start.elapsed().as_secs_f64()
    );

    let addresses: Vec<IpAddr> = (0..5_000_000).map(|_| Ipv4Addr::from_bits(random.next()).into()).collect();
    let start = Instant::now();
    let found = addresses.iter().filter(|address| black_box(map.nearest_marked(**address)).is_some()).count();
    report_rate("one by one, nearest marked", start, addresses.len());
    let start = Instant::now();
    let answers = map.bulk(&addresses);
    report_rate("bulk, most specific", start, addresses.len());
    println!("{found} marked, {} in a range", answers.iter().flatten().count());
}

fn report_rate(what: &str, start: Instant, count: usize) {
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{what}: {:.1} million/s, {:.0} ns each",
        count as f64 / seconds / 1e6,
        seconds * 1e9 / count as f64
    );
}

fn push(builder: &mut Builder, first: u32, last: u32, random: &mut Random) {
    let mark = (random.below(10) < 4).then_some(first);
    let pushed =
        builder.push(Ipv4Addr::from_bits(first).into(), Ipv4Addr::from_bits(last).into(), first, mark);
    assert_eq!(pushed, Ok(()));
}

/// xorshift: the same ranges on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }
}
