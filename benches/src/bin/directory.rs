//! The directory with thousands of teams: how fast it is searched, by pages and by the API, and exported whole; and what a
//! change of one record costs.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::bail;
use benches::common::Common;
use benches::figures::{Bar, Figures, Times};
use benches::http::Client;
use benches::node::Place;
use benches::process;
use clap::Parser;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

/// Fills a node with teams and measures its directory.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How many teams the directory has
    #[arg(long)]
    teams: Option<usize>,
    /// How often each question is asked
    #[arg(long)]
    requests: Option<usize>,
}

const COUNTRIES: [(&str, &str); 6] = [
    ("AT", "Austria"),
    ("DK", "Denmark"),
    ("FI", "Finland"),
    ("GB", "United Kingdom"),
    ("PT", "Portugal"),
    ("SI", "Slovenia"),
];
const KINDS: [&str; 5] =
    ["Research & Education", "National", "CIIP", "Commercial Organisation", "Service Provider Customer Base"];
const WORDS: [&str; 12] = [
    "harbour", "meadow", "granite", "lantern", "orchard", "heron", "copper", "willow", "summit", "delta",
    "cobalt", "ferry",
];

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("A directory of many teams", common.smoke);
    let count = args.teams.unwrap_or(common.count(10_000, 200));
    let requests = args.requests.unwrap_or(common.count(2_000, 20));
    let (program, folder) = (common.program()?, common.folder()?);
    let place = Place::make(&program, folder.path(), 0, common.seed)?;
    let file = folder.path().join("many.json");
    std::fs::write(&file, serde_json::to_vec(&teams(count, common.seed))?)?;
    let config = folder.path().join("node/wardmote.toml").display().to_string();
    let import = run(&program, &["team", "import", "--config", &config, &file.display().to_string()])?;
    figures.tell("import of all", import.as_secs_f64(), "s", Bar::None);
    let take_over = run(&program, &["trust", "take-over", "--config", &config, "--source", "the sample"])?;
    figures.tell("take-over of all standings", take_over.as_secs_f64(), "s", Bar::None);

    let node = place.serve()?;
    let reader = Client::logged_in(node.web, &place.once)?;
    println!("\n {count} teams with {} networks each; {requests} requests each", 3);
    let mut rng = StdRng::seed_from_u64(common.seed);
    let mut measure = |figures: &mut Figures,
                       name: &str,
                       bar: Bar,
                       ask: &mut dyn FnMut(&mut StdRng) -> String|
     -> anyhow::Result<()> {
        let mut times = Times::default();
        for n in 0..requests + requests / 10 {
            let (_, took) = reader.page(&ask(&mut rng))?;
            // The first tenth warms the caches and does not count.
            if n >= requests / 10 {
                times.push(took);
            }
        }
        figures.tell(&format!("{name}: p99"), times.percentile(99.0).as_secs_f64() * 1_000.0, "ms", bar);
        figures.say("", &times.spread());
        Ok(())
    };
    let bar = Bar::Below(5.0);
    let of = |rng: &mut StdRng| rng.gen_range(0..count);
    for (face, path) in [("page", "/teams"), ("API", "/api/v1/teams")] {
        measure(&mut figures, &format!("{face}, a name"), bar, &mut |rng| {
            format!("{path}?q=team+{}", of(rng))
        })?;
        measure(&mut figures, &format!("{face}, an address"), bar, &mut |rng| {
            let n = of(rng);
            format!("{path}?q=10.{}.{}.7", n / 256, n % 256)
        })?;
        measure(&mut figures, &format!("{face}, a domain"), bar, &mut |rng| {
            format!("{path}?q=www.t{}.example", of(rng))
        })?;
        measure(&mut figures, &format!("{face}, an AS"), bar, &mut |rng| {
            format!("{path}?q=AS{}", 4_200_000_000_u64 + of(rng) as u64)
        })?;
        measure(&mut figures, &format!("{face}, two words in a country"), bar, &mut |rng| {
            let word = |rng: &mut StdRng| WORDS[rng.gen_range(0..WORDS.len())];
            let (first, second) = (word(rng), word(rng));
            format!("{path}?q={first}+{second}&country={}", COUNTRIES[rng.gen_range(0..COUNTRIES.len())].0)
        })?;
    }
    measure(&mut figures, "page, everything", Bar::None, &mut |_| "/teams".into())?;
    measure(&mut figures, "page, one team", Bar::None, &mut |rng| format!("/teams/t{}", of(rng)))?;
    for (name, path) in [("JSON", "/teams.json"), ("CSV", "/teams.csv")] {
        let mut slowest = Duration::ZERO;
        let mut size = 0;
        for _ in 0..3 {
            let (body, took) = reader.page(path)?;
            (slowest, size) = (slowest.max(took), body.len());
        }
        let words = format!("export of all as {name}, the slowest of 3");
        figures.tell(&words, slowest.as_secs_f64(), "s", Bar::Below(1.0));
        figures.say("", &format!("{:.1} MB", size as f64 / 1_048_576.0));
    }
    let (resident, most) = process::memory(node.id())?;
    figures.say("server's memory", &format!("{resident:.0} MB resident, {most:.0} MB at most"));
    node.stop()?;
    Ok(figures.end())
}

fn run(program: &Path, args: &[&str]) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let done = Command::new(program).args(args).output()?;
    if !done.status.success() {
        bail!("{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(begun.elapsed())
}

/// A directory that nobody has: names of three words, three networks each, contacts and a description.
fn teams(count: usize, seed: u64) -> Value {
    let mut rng = StdRng::seed_from_u64(seed);
    let teams = (0..count).map(|n| {
        let mut word = || WORDS[rng.gen_range(0..WORDS.len())];
        let (first, second, third) = (word(), word(), word());
        let (code, name) = COUNTRIES[n % COUNTRIES.len()];
        json!({
            "handle": format!("t{n}"),
            "short_name": format!("Team {n} {first}"),
            "official_name": format!("Computer emergency response team of {first} {second}"),
            "country": {"code": code, "name": name},
            "established": "2014-09-01",
            "host_organisation": format!("{second} {third} limited"),
            "classification": {"code": if n % 3 == 0 { "l" } else { "a" }, "since": "2021-03-04"},
            "postal_address": format!("{n} Quay Street\n{first}"),
            "constituency": {
                "types": [KINDS[n % KINDS.len()]],
                "asns": [4_200_000_000_u64 + n as u64],
                "domains": [format!("*.t{n}.example"), format!("t{n}.example")],
                "ipranges": [
                    format!("10.{}.{}.0/24", n / 256, n % 256),
                    format!("100.{}.{}.0/24", 64 + n / 256 % 64, n % 256),
                    format!("2001:db8:{n:x}::/48"),
                ],
                "description": format!("{first}, {second} and {third}: universities, schools and libraries"),
            },
            "business_hours": {"zone": "Europe/Vienna", "hours": "08:00 to 18:00"},
            "languages": ["en"],
            "emails": [{"address": format!("cert@t{n}.example"), "usage": "report"}],
            "phones": [{"usage": "emergency", "number": format!("+00 5550 {n:05}")}],
            "irt": format!("IRT-T{n}"),
        })
    });
    teams.collect()
}
