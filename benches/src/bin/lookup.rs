//! Who is responsible for a million addresses from standard input; and what a radix tree in C, called from Python, takes
//! for the smaller half of that work, on the same registry and addresses.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures};
use benches::world;
use clap::Parser;

/// The peer: see its first lines.
const PEER: &str = include_str!("../../peers/pytricia_lookup.py");
const RUNS: usize = 3;

/// Measures `wardmote lookup`.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// Objects in the registry
    #[arg(long)]
    objects: Option<usize>,
    /// How many addresses are looked up
    #[arg(long)]
    addresses: Option<usize>,
    /// A Python that has pytricia
    #[arg(long, default_value = "python3", value_name = "PROGRAM")]
    python: String,
}

/// Seconds of one run.
struct Run {
    loading: f64,
    looking_up: f64,
    whole: f64,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("Look-up of addresses from standard input", common.smoke);
    let objects = args.objects.unwrap_or(common.count(200_000, 2_000));
    let count = args.addresses.unwrap_or(common.count(1_000_000, 5_000));
    let (program, folder) = (common.program()?, common.folder()?);
    let [registry, addresses, ours, theirs] =
        ["registry.rpsl", "addresses.txt", "ours.csv", "theirs.csv"].map(|name| folder.path().join(name));
    let mut out = BufWriter::new(File::create(&registry)?);
    world::write_registry(&mut out, objects, common.seed)?;
    out.flush()?;
    let mut out = BufWriter::new(File::create(&addresses)?);
    for address in world::addresses(objects, common.seed).take(count) {
        writeln!(out, "{address}")?;
    }
    out.flush()?;
    println!(
        "\n {objects} objects ({} MB of RPSL), {count} addresses",
        std::fs::metadata(&registry)?.len() / 1_000_000
    );

    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut command = Command::new(&program);
        command.arg("lookup").arg("--registry").arg(&registry).args(["--format", "csv", "--timing", "-"]);
        runs.push(timed(&mut command, &addresses, &ours)?);
    }
    let run = middle(runs);
    figures.tell("wardmote: loading", run.loading, "s", Bar::None);
    figures.tell("wardmote: looking up", run.looking_up, "s", Bar::Below(1.0));
    figures.tell("wardmote: the whole command", run.whole, "s", Bar::None);
    figures.tell("wardmote: addresses a second", count as f64 / run.looking_up, "a second", Bar::None);

    let can = Command::new(&args.python)
        .args(["-c", "import pytricia"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !can {
        figures.say(
            "pytricia",
            "left out: this Python does not have it (pip install -r benches/peers/requirements.txt)",
        );
        return Ok(figures.end());
    }
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut command = Command::new(&args.python);
        runs.push(timed(command.args(["-c", PEER]).arg(&registry), &addresses, &theirs)?);
    }
    let run = middle(runs);
    figures.tell("pytricia: loading", run.loading, "s", Bar::None);
    figures.tell("pytricia: looking up (IRT alone)", run.looking_up, "s", Bar::None);
    figures.say("both name the same IRT", &format!("for all {} addresses", same(&ours, &theirs, count)?));
    Ok(figures.end())
}

/// Runs `command` from file to file. Its last line on standard error tells `loaded … in 1.234 s; looked up … in 0.567 s`.
fn timed(command: &mut Command, input: &Path, output: &Path) -> anyhow::Result<Run> {
    let begun = Instant::now();
    let ended = command
        .stdin(File::open(input)?)
        .stdout(File::create(output)?)
        .stderr(std::process::Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    let whole = begun.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&ended.stderr);
    if !ended.status.success() {
        bail!("the look-up failed: {said}");
    }
    let seconds = |text: &str| {
        text.rsplit_once(" in ").and_then(|(_, time)| time.trim().trim_end_matches(" s").parse::<f64>().ok())
    };
    let line = said
        .lines()
        .rev()
        .find(|line| line.starts_with("loaded"))
        .with_context(|| format!("no times in {said}"))?;
    let (loaded, looked_up) = line.split_once(';').with_context(|| format!("no times in {line}"))?;
    let (loading, looking_up) =
        seconds(loaded).zip(seconds(looked_up)).with_context(|| format!("no times in {line}"))?;
    Ok(Run { loading, looking_up, whole })
}

/// The run of which one was quicker and one slower.
fn middle(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|one, other| one.looking_up.total_cmp(&other.looking_up));
    let all: Vec<String> = runs.iter().map(|run| format!("{:.3}", run.looking_up)).collect();
    println!("  looking up, all runs: {} s", all.join(", "));
    runs.swap_remove(RUNS / 2)
}

/// Both name the same IRT for each of `count` addresses.
fn same(ours: &Path, theirs: &Path, count: usize) -> anyhow::Result<usize> {
    let (ours, theirs) = (BufReader::new(File::open(ours)?), BufReader::new(File::open(theirs)?));
    let mut compared = 0;
    for (one, other) in ours.lines().skip(1).zip(theirs.lines()) {
        let (one, other) = (one?, other?);
        // Neither addresses nor names of IRTs hold a comma or a quote.
        let first_two: Vec<&str> = one.splitn(3, ',').take(2).collect();
        if first_two.join(",") != other.trim_end() {
            bail!("different answers: {one} and {other}");
        }
        compared += 1;
    }
    if compared != count {
        bail!("{compared} answers for {count} addresses");
    }
    Ok(compared)
}
