//! How long the pages take when the inbox is large: from a request to the last byte of its answer, over loopback.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures, Times, milliseconds};
use benches::http::Client;
use benches::mails::{Mail, mails};
use benches::node::{MAILBOX, Place, Serving};
use benches::process::Others;
use benches::{load, process, world};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

/// Reports of one incident.
const TOGETHER: usize = 20;
/// Mails that are made at once while the node is filled.
const BATCH: usize = 5_000;

/// Fills a node with reports and measures its pages.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How many reports the node has
    #[arg(long)]
    reports: Option<usize>,
    /// How often each page is asked for
    #[arg(long)]
    requests: Option<usize>,
    /// Keep the filled node in this folder, and use the one that is there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let common = &args.common;
    let mut figures = Figures::begin("Pages of a large desk", common.smoke);
    let reports = args.reports.unwrap_or(common.count(100_000, 200));
    let requests = args.requests.unwrap_or(common.count(1_000, 20));
    let objects = common.count(200_000, 2_000);
    let (program, temporary) = (common.program()?, common.folder()?);
    let folder = args.keep.as_deref().unwrap_or(temporary.path());
    let is_filled = folder.join("node").exists();
    let place = match is_filled {
        true => Place::again(&program, folder)?,
        false => Place::make(&program, folder, objects, common.seed)?,
    };
    let node = place.serve()?;
    let reader = Client::logged_in(node.web, &place.once)?;
    let incidents = reports / 5 / TOGETHER;
    if !is_filled {
        fill(&node, &reader, reports, incidents, objects, common.seed)?;
    }
    println!("\n {reports} reports, {incidents} incidents of {TOGETHER} reports; {requests} requests each");

    let mut rng = StdRng::seed_from_u64(common.seed);
    let addresses: Vec<String> =
        world::addresses(objects, common.seed).take(2_000).map(|address| address.to_string()).collect();
    let bar = Bar::Below(10.0);
    let others = Others::begin(node.id())?;
    let mut measure =
        |name: &str, bar: Bar, path: &mut dyn FnMut(&mut StdRng) -> String| -> anyhow::Result<()> {
            let (mut times, mut before) = (Times::default(), process::cpu(node.id())?);
            for n in 0..requests + requests / 10 {
                if n == requests / 10 {
                    before = process::cpu(node.id())?;
                }
                let (_, took) = reader.page(&path(&mut rng))?;
                // The first tenth warms the caches and does not count.
                if n >= requests / 10 {
                    times.push(took);
                }
            }
            figures.tell(&format!("{name}: p99"), times.percentile(99.0).as_secs_f64() * 1_000.0, "ms", bar);
            let own = (process::cpu(node.id())? - before) / u32::try_from(requests)?;
            figures.say("", &format!("{}; {} of processor time", times.spread(), milliseconds(own)));
            Ok(())
        };
    let pick = |rng: &mut StdRng, from: usize, to: usize| rng.gen_range(from..=to.max(from));
    measure("inbox", bar, &mut |_| "/reports".into())?;
    measure("inbox, any report in the preview", bar, &mut |rng| {
        format!("/reports?view=decide&r=IR-{}", pick(rng, 1, reports))
    })?;
    measure("inbox, all reports", bar, &mut |_| "/reports?view=all".into())?;
    measure("incident of 20 reports", bar, &mut |rng| format!("/incidents/INC-{}", pick(rng, 1, incidents)))?;
    measure("report", Bar::None, &mut |rng| format!("/reports/IR-{}", pick(rng, 1, reports)))?;
    measure("list of incidents", Bar::None, &mut |_| "/incidents".into())?;
    measure("search: an address", Bar::None, &mut |rng| {
        format!("/search?q={}", addresses[pick(rng, 0, addresses.len() - 1)].replace(':', "%3A"))
    })?;
    measure("search: one mail's own word", Bar::None, &mut |rng| {
        format!("/search?q=shop{}.example", pick(rng, 0, 99_999))
    })?;
    measure("search: words of most mails", Bar::None, &mut |_| "/search?q=password+firm".into())?;
    measure("inbox, filtered by a word", Bar::None, &mut |_| "/reports?view=decide&q=oracle".into())?;
    let (resident, most) = process::memory(node.id())?;
    figures.say(
        "used by others meanwhile",
        &format!("{:.0} % of the machine's processor time", others.percent()?),
    );
    figures.say("server's memory", &format!("{resident:.0} MB resident, {most:.0} MB at most"));
    figures.say(
        "database",
        &format!("{:.0} MB", std::fs::metadata(place.data().join("wardmote.db"))?.len() as f64 / 1_048_576.0),
    );
    figures.say("a round trip (static page)", &milliseconds(round_trip(&reader)?));
    node.stop()?;
    Ok(figures.end())
}

/// Brings `reports` mails and makes `incidents` of the first ones.
fn fill(
    node: &Serving,
    reader: &Client,
    reports: usize,
    incidents: usize,
    objects: usize,
    seed: u64,
) -> anyhow::Result<()> {
    let api = reader.with_token(&["cases:read", "reports:triage", "incidents:work"])?;
    let begun = Instant::now();
    let mut supply = mails(MAILBOX, objects, seed);
    let mut sent = 0;
    while sent < reports {
        let batch: Vec<Mail> = supply.by_ref().take(BATCH.min(reports - sent)).collect();
        let outcome = load::send(node.smtp, MAILBOX, &batch, 8)?;
        if let Some((_, why)) = outcome.refused.first() {
            bail!("{} mails were refused: {why}", outcome.refused.len());
        }
        sent += batch.len();
        wait_for(&api, sent)?;
    }
    for n in 0..incidents {
        let numbers: Vec<String> = (0..TOGETHER).map(|k| format!("IR-{}", 1 + n * TOGETHER + k)).collect();
        let order = json!({"reports": numbers, "action": "open", "title": format!("Campaign {n}")});
        api.order("/api/v1/reports/triage", &order)?;
    }
    println!("  filled in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// What of the times is not the page's.
fn round_trip(reader: &Client) -> anyhow::Result<Duration> {
    let mut times = Times::default();
    for _ in 0..200 {
        times.push(reader.page("/health")?.1);
    }
    Ok(times.percentile(50.0))
}

fn wait_for(api: &Client, count: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let page = api.json("/api/v1/reports?view=all&limit=1")?;
        let newest =
            page["items"][0]["number"].as_str().unwrap_or("IR-0").trim_start_matches("IR-").to_owned();
        if newest.parse::<usize>().context("a report's number")? >= count {
            return Ok(());
        }
        if begun.elapsed() > Duration::from_secs(300) {
            bail!("IR-{newest} is still the newest of {count} reports");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
