//! A node with millions of networks: loading them, how soon it is ready, what it takes in memory, what a change and an
//! import cost, and how fast it answers for lists of addresses.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures, Times};
use benches::http::Client;
use benches::node::{Place, Serving};
use benches::{large, process, ranges};
use clap::Parser;

/// Measures a node with a registry as large as the largest there are.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How many networks
    #[arg(long)]
    networks: Option<usize>,
    /// How many addresses are looked up
    #[arg(long)]
    addresses: Option<usize>,
    /// Keep the node here for the next time; loading is left out when it is there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("A node with millions of networks", common.smoke);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    figures.say("load of the machine before", load.split(' ').next().unwrap_or_default());
    let program = common.program()?;
    let temporary = common.folder()?;
    let folder = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let networks = args.networks.unwrap_or(common.count(5_000_000, 5_000));
    let config = folder.join("node/wardmote.toml");
    let dump = folder.join("large.rpsl");
    if !config.exists() {
        std::fs::create_dir_all(&folder)?;
        Place::make(&program, &folder, 0, common.seed)?;
        let mut out = BufWriter::new(File::create(&dump)?);
        large::write_registry(&mut out, networks, common.seed)?;
        out.flush()?;
        import(&mut figures, &program, &config, &dump)?;
    }
    ready(&mut figures, common, &program, &folder)?;
    memory(&mut figures, &program, &folder, &config)?;
    bulk(&args, &mut figures, &program, &folder, &config)?;
    Ok(figures.end())
}

/// Read and checked by one core; then written, too.
fn import(figures: &mut Figures, program: &Path, config: &Path, dump: &Path) -> anyhow::Result<()> {
    println!("\n {} MB of RPSL", std::fs::metadata(dump)?.len() / 1_000_000);
    let mut rates = Vec::new();
    for _ in 0..3 {
        let mut check = Command::new("taskset");
        check.args(["-c", "0"]).arg(program).args(["registry", "import", "--check", "--timing", "--config"]);
        let (objects, seconds) = told(check.arg(config).arg(dump))?;
        rates.push(objects / seconds);
    }
    rates.sort_by(f64::total_cmp);
    figures.tell("import: read and checked, one core", rates[1], "objects/s", Bar::AtLeast(300_000.0));
    let begun = Instant::now();
    let mut import = Command::new(program);
    import.args(["registry", "import", "--timing", "--config"]).arg(config).arg(dump);
    let (objects, seconds) = told(&mut import)?;
    figures.tell("import: written, too, and indexed", objects / seconds, "objects/s", Bar::None);
    figures.tell("… the whole command", begun.elapsed().as_secs_f64(), "s", Bar::None);
    Ok(())
}

/// `imported 5220000 objects in 123.456 s` on standard error.
fn told(command: &mut Command) -> anyhow::Result<(f64, f64)> {
    let output = command.stdout(Stdio::null()).output().context("running wardmote")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("the command failed: {said}");
    }
    let line = said.lines().rev().find(|line| line.contains(" objects in ")).context("no times were told")?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [objects, seconds] => Ok((*objects, *seconds)),
        _ => bail!("no times in {line}"),
    }
}

fn start(program: &Path, folder: &Path) -> anyhow::Result<Serving> {
    benches::node::serve(program, &folder.join("node/wardmote.toml"), &folder.join("serve.log"), &[])
}

fn ready(figures: &mut Figures, common: &Common, program: &Path, folder: &Path) -> anyhow::Result<()> {
    println!("\n ready, from the start of the process to the first page");
    let mut times = Times::default();
    for _ in 0..common.count(5, 2) {
        let node = start(program, folder)?;
        Client::new(node.web).page("/login")?;
        times.push(node.started.elapsed());
        node.stop()?;
    }
    figures.tell("the slowest start", times.percentile(100.0).as_secs_f64(), "s", Bar::Below(2.0));
    figures.say("", &times.spread());
    Ok(())
}

/// Idle; while another process imports something and the node takes over its index; and while it makes a new one itself,
/// since the file is gone.
fn memory(figures: &mut Figures, program: &Path, folder: &Path, config: &Path) -> anyhow::Result<()> {
    println!("\n memory of the node");
    let small = folder.join("small.rpsl");
    let node = start(program, folder)?;
    Client::new(node.web).page("/login")?;
    std::thread::sleep(Duration::from_secs(2));
    figures.tell("idle", process::memory(node.id())?.0, "MB", Bar::Below(300.0));
    figures.tell("at most until then", process::memory(node.id())?.1, "MB", Bar::None);
    let swaps = [("taking over another index", false), ("making an index anew", true)];
    for (what, removed) in swaps {
        // A kept node knows those of earlier runs.
        let mut n = 0;
        while knows(&node, &format!("2001:db8:{n:x}::1"))? {
            n += 1;
        }
        process::forget_peak(node.id())?;
        let network =
            format!("inet6num:       2001:db8:{n:x}::/48\nnetname:        LATE-{n}\nsource:         BENCH\n");
        std::fs::write(&small, network)?;
        let mut import = Command::new(program);
        import.args(["registry", "import", "--timing", "--config"]).arg(config).arg(&small);
        told(&mut import)?;
        if removed {
            std::fs::remove_file(folder.join("node/data/registry.index"))?;
        }
        let begun = Instant::now();
        while !knows(&node, &format!("2001:db8:{n:x}::1"))? {
            if begun.elapsed() > Duration::from_secs(300) {
                bail!("the node did not see the import within five minutes");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        std::thread::sleep(Duration::from_secs(1));
        let (idle, peak) = process::memory(node.id())?;
        figures.tell(&format!("{what}: the peak"), peak, "MB", Bar::Below(650.0));
        figures.tell(&format!("{what}: idle then"), idle, "MB", Bar::None);
    }
    node.stop()
}

/// Whether the node knows a network around the address.
fn knows(node: &Serving, address: &str) -> anyhow::Result<bool> {
    let mut connection = TcpStream::connect(node.whois)?;
    connection.write_all(format!("-r {address}\r\n").as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer.contains("inet6num:"))
}

fn bulk(
    args: &Args,
    figures: &mut Figures,
    program: &Path,
    folder: &Path,
    config: &Path,
) -> anyhow::Result<()> {
    let count = args.addresses.unwrap_or(args.common.count(10_000_000, 10_000));
    println!("\n {count} addresses from a file to a file of CSV, one core");
    let (list, answers) = (folder.join("addresses.txt"), folder.join("answers.csv"));
    let mut out = BufWriter::new(File::create(&list)?);
    for address in ranges::addresses(args.common.seed).take(count) {
        writeln!(out, "{address}")?;
    }
    out.flush()?;
    let mut rates = Vec::new();
    for _ in 0..3 {
        let ended = Command::new("taskset")
            .args(["-c", "0"])
            .arg(program)
            .args(["lookup", "--format", "csv", "--timing", "--config"])
            .arg(config)
            .arg("-")
            .stdin(File::open(&list)?)
            .stdout(File::create(&answers)?)
            .stderr(Stdio::piped())
            .spawn()?
            .wait_with_output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        let seconds = said.lines().rev().find_map(|line| {
            line.split_once("looked up")?
                .1
                .rsplit_once(" in ")?
                .1
                .trim()
                .trim_end_matches(" s")
                .parse::<f64>()
                .ok()
        });
        rates.push(count as f64 / seconds.with_context(|| format!("no times in {said}"))?);
    }
    rates.sort_by(f64::total_cmp);
    figures.tell("addresses a second", rates[1], "a second", Bar::AtLeast(2_000_000.0));
    std::fs::remove_file(&answers)?;
    Ok(())
}
