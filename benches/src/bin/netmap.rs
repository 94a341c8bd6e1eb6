//! The map of nested ranges beside a plain binary search, and beside radix trees and a database that are called from
//! Python, on the same ranges and addresses.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures};
use benches::process;
use benches::ranges::{self, Range};
use clap::Parser;
use netmap::{Builder, Built, NetMap, Ranges as _, Restore};

/// The peers: see its first lines.
const PEERS: &str = include_str!("../../peers/trees.py");
const RUNS: usize = 3;

/// Measures the crate `netmap`.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How many ranges
    #[arg(long)]
    ranges: Option<usize>,
    /// How many addresses are looked up
    #[arg(long)]
    addresses: Option<usize>,
    /// A Python that has pytricia, maxminddb and mmdb_writer
    #[arg(long, default_value = "python3", value_name = "PROGRAM")]
    python: String,
    /// Leave out pytricia over all ranges, which takes minutes and some gigabytes
    #[arg(long)]
    quick: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("Nested ranges", common.smoke);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    figures.say("load of the machine before", load.split(' ').next().unwrap_or_default());
    let addresses: Vec<Ipv4Addr> = ranges::addresses(common.seed)
        .take(args.addresses.unwrap_or(common.count(10_000_000, 10_000)))
        .collect();

    let ranges = ranges::ranges(args.ranges.unwrap_or(common.count(5_000_000, 5_000)), common.seed);
    let random = nested(&mut figures, &ranges, &addresses)?;
    if !args.quick {
        let prefixes = ranges
            .iter()
            .flat_map(|(first, last, _)| ranges::cut(*first, *last).map(|cut| (cut, *last - *first)));
        let mut prefixes: Vec<((u32, u8), u32)> = prefixes.collect();
        // Large ranges first: of two with the same prefix the more specific one counts.
        prefixes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        let prefixes: Vec<(u32, u8)> = prefixes.into_iter().map(|(prefix, _)| prefix).collect();
        let heading = format!("pytricia, the ranges cut into {} prefixes", prefixes.len());
        if let Some(peers) = peers(&args, &figures, &prefixes, &addresses, &["pytricia"])? {
            let each = peers[0].1;
            figures.tell(&heading, each, "ns each", Bar::None);
            figures.tell("… times netmap", each / random, "times", Bar::AtLeast(5.0));
        }
    }
    plain_prefixes(&args, &mut figures, &addresses)?;
    Ok(figures.end())
}

/// Nested ranges that are no prefixes; what a random look-up takes, in nanoseconds.
fn nested(figures: &mut Figures, ranges: &[Range], addresses: &[Ipv4Addr]) -> anyhow::Result<f64> {
    println!("\n {} nested ranges, {} addresses; the middle of {RUNS} runs", ranges.len(), addresses.len());
    let before = process::memory(std::process::id())?.0;
    let mut built = Built::default();
    let making = middle(|| {
        built = Built::default();
        let start = Instant::now();
        built = build(ranges);
        start.elapsed().as_secs_f64()
    });
    if !built.report.overlaps.is_empty() {
        bail!("invented ranges overlap");
    }
    figures.tell("netmap: built, pushing included", making, "s", Bar::Below(2.0));
    let map = std::mem::take(&mut built).map;
    let megabytes = process::memory(std::process::id())?.0 - before;
    figures.tell("netmap: memory", megabytes, "MB", Bar::None);

    let (starts, owners) = segments(ranges);
    let count = addresses.len() as f64;
    let plain = middle(|| {
        each(addresses, |address| owners[starts.partition_point(|start| *start <= address.to_bits()) - 1])
    });
    let random = middle(|| each(addresses, |address| map.most_specific_v4(address)));
    let marked = middle(|| each(addresses, |address| map.nearest_marked(IpAddr::V4(address))));
    for address in addresses.iter().take(100_000) {
        let owner = owners[starts.partition_point(|start| *start <= address.to_bits()) - 1];
        let ends = map.most_specific(IpAddr::V4(*address)).map(|range| map.range(range));
        let expected = ranges.get(owner as usize).map(|(first, last, _)| (v4(*first), v4(*last)));
        if ends != expected {
            bail!("different answers for {address}: {ends:?}, {expected:?}");
        }
    }
    drop((starts, owners));
    figures.tell("plain binary search, random", plain, "ns each", Bar::None);
    figures.tell("netmap, random", random, "ns each", Bar::None);
    figures.tell("… times quicker than plain", plain / random, "times", Bar::AtLeast(8.0));
    figures.tell("netmap, nearest marked, random", marked, "ns each", Bar::None);

    let questions: Vec<IpAddr> = addresses.iter().copied().map(IpAddr::V4).collect();
    let bulk = middle(|| timed(|| map.bulk(&questions)) / count);
    figures.tell("netmap, bulk, sorting included", bulk, "ns each", Bar::None);
    let mut sorted = questions;
    sorted.sort_unstable();
    let in_order = middle(|| timed(|| map.bulk(&sorted)) / count);
    figures.tell("netmap, bulk, sorted already", in_order, "ns each", Bar::None);
    figures.tell("… times quicker than random", random / in_order, "times", Bar::AtLeast(3.0));
    restore(figures, &map);
    Ok(random)
}

fn restore(figures: &mut Figures, map: &NetMap) {
    let mut bytes = Vec::new();
    let writing = middle(|| {
        bytes.clear();
        timed(|| map.write(&mut |piece| bytes.extend_from_slice(piece))) / 1e9
    });
    let reading = middle(|| {
        timed(|| {
            let mut restore = Restore::default();
            bytes.chunks(1 << 20).for_each(|piece| restore.feed(piece));
            restore.finish().map(|map| map.len())
        }) / 1e9
    });
    figures.tell("netmap: as bytes", bytes.len() as f64 / 1e6, "MB", Bar::None);
    figures.tell("netmap: written", writing, "s", Bar::None);
    figures.tell("netmap: read back and checked", reading, "s", Bar::None);
}

/// Prefixes alone, which is all that the peers can do.
fn plain_prefixes(args: &Args, figures: &mut Figures, addresses: &[Ipv4Addr]) -> anyhow::Result<()> {
    let prefixes = ranges::prefixes(args.common.count(500_000, 5_000), args.common.seed);
    println!("\n {} prefixes, plain look-ups", prefixes.len());
    let ends = |(first, length): (u32, u8)| (first, first | (u32::MAX >> length), false);
    let ranges: Vec<Range> = prefixes.iter().copied().map(ends).collect();
    let map = build(&ranges).map;
    let own = middle(|| each(addresses, |address| map.most_specific_v4(address)));
    figures.tell("netmap", own, "ns each", Bar::None);
    let few = &addresses[..addresses.len().min(1_000_000)];
    if let Some(peers) = peers(args, figures, &prefixes, few, &["pytricia", "maxminddb"])? {
        for (name, nanoseconds, making) in peers {
            figures.tell(&name, nanoseconds, "ns each", Bar::None);
            figures.tell(&format!("{name}: built"), making, "s", Bar::None);
        }
    }
    Ok(())
}

fn build(ranges: &[Range]) -> Built {
    let mut builder = Builder::default();
    for (first, last, marked) in ranges {
        let pushed = builder.push(v4(*first), v4(*last), *marked);
        debug_assert!(pushed.is_ok(), "invented ranges have their ends in order");
    }
    builder.build()
}

fn v4(bits: u32) -> IpAddr {
    Ipv4Addr::from_bits(bits).into()
}

/// The same ranges as disjoint segments: where each begins, and the place of its most specific range in `ranges`.
fn segments(ranges: &[Range]) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..ranges.len() as u32).collect();
    order.sort_unstable_by_key(|at| (ranges[*at as usize].0, !ranges[*at as usize].1));
    let (mut starts, mut owners) = (vec![0], vec![u32::MAX]);
    let mut begin = |start: u32, owner: u32| {
        if starts.last() == Some(&start) {
            owners.pop();
        } else {
            starts.push(start);
        }
        owners.push(owner);
    };
    let mut open: Vec<u32> = Vec::new();
    for at in order {
        while let Some(&top) = open.last()
            && ranges[top as usize].1 < ranges[at as usize].0
        {
            open.pop();
            begin(ranges[top as usize].1 + 1, open.last().copied().unwrap_or(u32::MAX));
        }
        begin(ranges[at as usize].0, at);
        open.push(at);
    }
    while let Some(top) = open.pop() {
        if let Some(next) = ranges[top as usize].1.checked_add(1) {
            begin(next, open.last().copied().unwrap_or(u32::MAX));
        }
    }
    (starts, owners)
}

/// Nanoseconds for each address, one after another.
fn each<T>(addresses: &[Ipv4Addr], look_up: impl Fn(Ipv4Addr) -> T) -> f64 {
    let work = || {
        for address in addresses {
            black_box(look_up(*address));
        }
    };
    timed(work) / addresses.len() as f64
}

/// Nanoseconds that `work` takes.
fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e9
}

/// The figure of which one run was quicker and one slower.
fn middle(mut run: impl FnMut() -> f64) -> f64 {
    let mut figures: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    figures.sort_by(f64::total_cmp);
    figures[RUNS / 2]
}

/// Runs the peers on `prefixes` and `addresses`: name, nanoseconds for each address, seconds to build. None when this
/// Python has not got them.
fn peers(
    args: &Args,
    figures: &Figures,
    prefixes: &[(u32, u8)],
    addresses: &[Ipv4Addr],
    names: &[&str],
) -> anyhow::Result<Option<Vec<(String, f64, f64)>>> {
    let folder = args.common.folder()?;
    let [given, asked] = ["prefixes", "addresses"].map(|name| folder.path().join(name));
    write(
        &given,
        prefixes.iter().map(|(first, length)| format!("{}/{length}", Ipv4Addr::from_bits(*first))),
    )?;
    write(&asked, addresses.iter().take(1_000_000).map(Ipv4Addr::to_string))?;
    let mut results = Vec::new();
    for name in names {
        let ended = Command::new(&args.python)
            .args(["-c", PEERS, name])
            .args([&given, &asked])
            .output()
            .context("Python")?;
        if !ended.status.success() {
            let why = String::from_utf8_lossy(&ended.stderr);
            let why = why.lines().last().unwrap_or_default();
            figures.say(name, &format!("left out: {why} (pip install -r benches/peers/requirements.txt)"));
            return Ok(None);
        }
        let said = String::from_utf8_lossy(&ended.stdout);
        let mut numbers = said.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        let (nanoseconds, making) =
            numbers.next().zip(numbers.next()).with_context(|| format!("{name} said {said}"))?;
        results.push(((*name).to_owned(), nanoseconds, making));
    }
    Ok(Some(results))
}

fn write(path: &Path, lines: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
