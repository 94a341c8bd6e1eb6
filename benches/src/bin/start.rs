//! A node with the demo's data: how long until it answers, and how much memory it takes.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures, Times};
use benches::http::Client;
use benches::node::{Serving, serve};
use benches::process;
use clap::Parser;

/// Measures how soon a node is ready and what it takes in memory.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How often it is started
    #[arg(long)]
    starts: Option<usize>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("Start of a node with the demo's data", common.smoke);
    let (program, folder) = (common.program()?, common.folder()?);
    let demo = folder.path().join("demo");
    let password = make_demo(&program, &demo)?;
    let mut times = Times::default();
    let mut memory = 0.0;
    for _ in 0..args.starts.unwrap_or(common.count(20, 3)) {
        let node = start(&program, &demo, folder.path())?;
        // From the program's start to the last byte of the first page.
        Client::new(node.web).page("/login")?;
        times.push(node.started.elapsed());
        memory = process::memory(node.id())?.0;
        node.stop()?;
    }
    figures.tell("ready: p50", times.percentile(50.0).as_secs_f64() * 1_000.0, "ms", Bar::None);
    figures.tell(
        "ready: the slowest",
        times.percentile(100.0).as_secs_f64() * 1_000.0,
        "ms",
        Bar::Below(300.0),
    );
    figures.say("", &times.spread());
    figures.tell("memory when ready", memory, "MB", Bar::Below(120.0));

    let node = start(&program, &demo, folder.path())?;
    let reader = Client::with_password(node.web, "kes", &password)?;
    for path in [
        "/",
        "/reports",
        "/reports?view=all",
        "/incidents",
        "/mail",
        "/lookup?q=192.0.2.77",
        "/search?q=password",
    ] {
        reader.page(path)?;
    }
    let (resident, most) = process::memory(node.id())?;
    figures.tell("after a log-in and seven pages", resident, "MB", Bar::Below(120.0));
    figures.tell("at most", most, "MB", Bar::None);
    node.stop()?;
    Ok(figures.end())
}

fn start(program: &Path, demo: &Path, folder: &Path) -> anyhow::Result<Serving> {
    serve(program, &demo.join("wardmote.toml"), &folder.join("serve.log"), &[])
}

/// Makes the demo's data by its main job and returns the password that it prints.
fn make_demo(program: &Path, demo: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(program);
    command
        .arg("demo")
        .arg("--dir")
        .arg(demo)
        .args(["--port", "0", "--smtp-port", "0", "--whois-port", "0", "--once"])
        .stdin(Stdio::null());
    let output = command.output().with_context(|| program.display().to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("wardmote demo failed: {said}{}", String::from_utf8_lossy(&output.stderr));
    }
    let (_, password) =
        said.split_once("Log in as  kes, password ").with_context(|| format!("no log-in in {said}"))?;
    Ok(password.split_whitespace().next().unwrap_or_default().to_owned())
}
