//! Mail intake: from the first DATA until the last report can be read, with its look-ups, through the API.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures, milliseconds};
use benches::http::Client;
use benches::mails::{Mail, mails};
use benches::node::{MAILBOX, Place, Serving};
use benches::process::Others;
use benches::{load, process};
use clap::Parser;

/// Measures how many mails a second a node takes and opens.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How many mails
    #[arg(long)]
    mails: Option<usize>,
    /// Over how many connections, one run each
    #[arg(long, value_delimiter = ',', default_value = "8,1")]
    connections: Vec<usize>,
    /// Objects in the registry
    #[arg(long)]
    objects: Option<usize>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let mut figures = Figures::begin("Mail intake by SMTP", args.common.smoke);
    for connections in args.connections.clone() {
        measure(&args, connections, &mut figures)?;
    }
    Ok(figures.end())
}

fn measure(args: &Args, connections: usize, figures: &mut Figures) -> anyhow::Result<()> {
    let common = &args.common;
    let objects = args.objects.unwrap_or(common.count(200_000, 2_000));
    let usual = if connections == 1 { 5_000 } else { 20_000 };
    let count = args.mails.unwrap_or(common.count(usual, 60));
    let folder = common.folder()?;
    let place = Place::make(&common.program()?, folder.path(), objects, common.seed)?;
    let before = process::fsync(&place.data(), 200)?;
    let node = place.serve()?;
    let api = Client::logged_in(node.web, &place.once)?.with_token(&["cases:read", "lookup"])?;
    let batch: Vec<Mail> = mails(MAILBOX, objects, common.seed).take(count).collect();
    let size = batch.iter().map(|mail| mail.text.len()).sum::<usize>() / batch.len().max(1);

    let (own, its) = (process::cpu(std::process::id())?, process::cpu(node.id())?);
    let others = Others::begin(node.id())?;
    let sent = load::send(node.smtp, MAILBOX, &batch, connections)?;
    if sent.acknowledged.len() != count {
        bail!(
            "{} of {count} mails were acknowledged; the first refusal: {:?}",
            sent.acknowledged.len(),
            sent.refused.first()
        );
    }
    let own = process::cpu(std::process::id())? - own;
    wait_for(&api, count)?;
    let took = sent.begun.elapsed();
    let its = process::cpu(node.id())? - its;
    let others = others.percent()?;
    let (resident, most) = process::memory(node.id())?;
    let after = process::fsync(&place.data(), 200)?;
    let looked_up = check(&api, count)?;

    println!(
        "\n {count} mails of {size} bytes on average over {connections} connection(s), {objects} objects in the registry, SQLite"
    );
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    let bar = match connections {
        1 => Bar::AtLeast(250.0),
        8 => Bar::AtLeast(1_000.0),
        _ => Bar::None,
    };
    figures.tell("reports readable with look-ups", rate(took), "mails/s", bar);
    figures.tell("acknowledged", rate(sent.took), "mails/s", Bar::None);
    figures.say("from text to 250", &sent.replies.spread());
    figures
        .say("fsync of a 6 kB file", &format!("before: {}; after: {}", before.0.spread(), after.0.spread()));
    figures
        .say("fsync of its folder", &format!("before: {}; after: {}", before.1.spread(), after.1.spread()));
    figures.say(
        "processor time a mail",
        &format!("server {}, generator {}", each(its, count), each(own, count)),
    );
    figures.say(
        "processor in use",
        &format!("server {:.0} % of one core", its.as_secs_f64() / took.as_secs_f64() * 100.0),
    );
    figures.say("used by others meanwhile", &format!("{others:.0} % of the machine's processor time"));
    figures.say("server's memory", &format!("{resident:.0} MB resident, {most:.0} MB at most"));
    figures.say("observables looked up", &format!("{looked_up} in the newest report"));
    stop(node)
}

fn each(time: Duration, count: usize) -> String {
    milliseconds(time / u32::try_from(count).unwrap_or(u32::MAX).max(1))
}

/// Until as many reports as mails can be read.
fn wait_for(api: &Client, count: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let there = newest(api)?;
        if there >= count as i64 {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(300) {
            bail!("{there} of {count} reports can be read five minutes after the last mail was acknowledged");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The number of the newest report: they are given out one by one, so it is how many there are.
fn newest(api: &Client) -> anyhow::Result<i64> {
    let page = api.json("/api/v1/reports?view=all&limit=1")?;
    let Some(first) = page["items"].get(0) else { return Ok(0) };
    let name = first["number"].as_str().context("a report without a number")?;
    name.trim_start_matches("IR-").parse().with_context(|| format!("{name} is no report's number"))
}

/// Every mail has become one report, and the newest one's observables have their look-ups. Returns how many have one.
fn check(api: &Client, count: usize) -> anyhow::Result<usize> {
    let reports = api.all("/api/v1/reports?view=all&limit=200")?;
    if reports.len() != count {
        bail!("{} reports of {count} mails", reports.len());
    }
    let known = reports.iter().filter(|report| report["first"]["responsible"].is_object()).count();
    if known * 4 < count * 3 {
        bail!("only {known} of {count} reports say who is responsible");
    }
    let name =
        reports.first().and_then(|report| report["number"].as_str()).context("a report without a number")?;
    let whole = api.json(&format!("/api/v1/reports/{name}"))?;
    let observables = whole["observables"].as_array().context("a report without observables")?;
    Ok(observables.iter().filter(|observable| observable["look_up"]["chain"].is_array()).count())
}

fn stop(node: Serving) -> anyhow::Result<()> {
    node.stop().context("stopping the node")
}
