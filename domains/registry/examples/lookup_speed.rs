//! How fast a registry is loaded and asked: `cargo run --release -p registry --example lookup_speed [NETWORKS]`.
//!
//! Invents a dump of NETWORKS objects (200,000 unless told; nested, one in three no prefix, one in five names a team),
//! loads it as `wardmote lookup --registry` does, imports it into a new SQLite database, loads it from there as a node
//! does at start, and looks up a million random addresses from text to CSV and NDJSON, as from standard input.

use std::fmt::Write as _;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Instant;

use identity::Granted;
use kit::testing::node;
use kit::{Random, SeededRandom};
use registry::cli::{Format, Lookup, look_up};
use registry::{Index, Options, Registry, Snapshot};

const ADDRESSES: usize = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let networks = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let node = node(&[identity::MIGRATIONS, teams::MIGRATIONS, registry::MIGRATIONS]);
    let file = node.folder.path().join("dump.rpsl");
    let bytes = invent(&file, networks)?;
    println!("{networks} networks, {:.0} MB of RPSL", bytes as f64 / 1e6);

    let (index, seconds) = timed(|| Index::from_files(std::slice::from_ref(&file)));
    println!("from the file:     {seconds}");
    let snapshot = Snapshot::of(index?.0);
    println!("resident:          {}", resident());

    let wait = tokio::runtime::Builder::new_current_thread().build()?;
    let teams = wait.block_on(teams::Teams::open(node.node.clone(), teams::Section::default()))?;
    let registry = Registry::new(node.node.clone(), teams.clone())?;
    let (done, seconds) = timed(|| {
        registry.import(&Granted::for_node(), std::slice::from_ref(&file), Options::default(), &mut |_| {})
    });
    done?;
    println!("import into SQLite: {seconds}");
    let (again, seconds) = timed(|| Registry::new(node.node.clone(), teams));
    println!("from the database: {seconds}");
    drop(again?);

    let text = addresses();
    for format in [Format::Csv, Format::Ndjson, Format::Table, Format::Json] {
        let args = Lookup { registry: vec![], format, timing: false, resources: vec!["-".to_owned()] };
        let mut out = Counted(0);
        let own = snapshot.clone();
        let (verdict, seconds) =
            timed(|| look_up(&args, || Ok(own), &mut text.as_bytes(), &mut out, &mut std::io::stderr()));
        verdict?;
        println!("{ADDRESSES} addresses to {format:?}: {seconds}, {:.0} MB", out.0 as f64 / 1e6);
    }
    Ok(())
}

/// What `work` gives, with the seconds it took: by the clock, and of this thread's processor, which tells more on a busy
/// machine.
fn timed<T>(work: impl FnOnce() -> T) -> (T, String) {
    let (start, before) = (Instant::now(), processor());
    let done = work();
    let text =
        format!("{:.3} s ({:.3} s of the processor)", start.elapsed().as_secs_f64(), processor() - before);
    (done, text)
}

/// Seconds that this thread has run so far; 0 where the system does not tell.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn random(source: &SeededRandom) -> u32 {
    let mut bytes = [0; 4];
    source.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// A thousand teams; allocations of 4,096 addresses, in each of them assignments.
fn invent(path: &Path, networks: u32) -> std::io::Result<u64> {
    let mut dump = String::new();
    for team in 0..1_000 {
        let _ = write!(dump, "irt: IRT-T{team}\ne-mail: cert@t{team}.example\nsource: TEST\n\n");
    }
    let mut made = 0;
    for allocation in 0.. {
        let base = 0x0A00_0000_u32.wrapping_add(allocation * 4_096);
        object(&mut dump, base, base + 4_095, made, true);
        made += 1;
        for place in 0..19 {
            if made >= networks {
                break;
            }
            let first = base + place * 200 + place % 3;
            object(&mut dump, first, first + 100 + place, made, place % 5 == 0);
            made += 1;
        }
        if made >= networks {
            break;
        }
    }
    std::fs::write(path, &dump)?;
    Ok(dump.len() as u64)
}

fn object(dump: &mut String, first: u32, last: u32, number: u32, has_irt: bool) {
    let irt = if has_irt { format!("mnt-irt:        IRT-T{}\n", number % 1_000) } else { String::new() };
    let _ = write!(
        dump,
        "inetnum:        {} - {}\nnetname:        NET-{number}\ndescr:          Customer {number}\n\
         country:        SI\nadmin-c:        EX1-TEST\ntech-c:         EX1-TEST\nstatus:         ASSIGNED PA\n{irt}\
         mnt-by:         EXAMPLE-MNT\ncreated:        2004-01-01T00:00:00Z\n\
         last-modified:  2024-01-01T00:00:00Z\nsource:         TEST\n\n",
        Ipv4Addr::from_bits(first),
        Ipv4Addr::from_bits(last)
    );
}

/// Random addresses over about the space that 200,000 networks take.
fn addresses() -> String {
    let source = SeededRandom::new(7);
    let mut text = String::new();
    for _ in 0..ADDRESSES {
        let _ = writeln!(text, "{}", Ipv4Addr::from_bits(0x0A00_0000 + random(&source) % 50_000_000));
    }
    text
}

struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "unknown here".to_owned(), |line| line.trim().to_owned())
}
