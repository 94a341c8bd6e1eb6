//! Nothing acknowledged is lost: mails go in, the node is killed at a random moment, and everything that it acknowledged
//! is there once it runs again, once. What was under way is sent again, as mail servers do, and is there once too.
//!
//! This shows that the program recovers. That the disk holds what was acknowledged is shown by the order of system calls,
//! see `tests/durability.rs`.

use std::collections::{HashMap, HashSet};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use benches::common::Common;
use benches::figures::{Bar, Figures};
use benches::http::Client;
use benches::load;
use benches::mails::{Mail, mails};
use benches::node::{MAILBOX, Place};
use clap::Parser;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

/// How long it may take after a start until everything that was acknowledged can be read.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills a node under load and looks for what it had acknowledged.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    common: Common,
    /// How often it is killed
    #[arg(long)]
    rounds: Option<usize>,
    /// Over how many connections mails go in
    #[arg(long, default_value_t = 4)]
    connections: usize,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let mut figures = Figures::begin("Mails acknowledged and lost under kill -9", args.common.smoke);
    let common = &args.common;
    let (objects, rounds) = (2_000, args.rounds.unwrap_or(common.count(5, 2)));
    let folder = common.folder()?;
    let place = Place::make(&common.program()?, folder.path(), objects, common.seed)?;
    let mut rng = StdRng::seed_from_u64(common.seed);
    let mut supply = mails(MAILBOX, objects, common.seed);
    let (mut known, mut again): (HashMap<String, Mail>, Vec<Mail>) = (HashMap::new(), Vec::new());
    let mut api: Option<Client> = None;
    let (mut resent, mut lost, mut slowest) = (0, 0, Duration::ZERO);

    for round in 1..=rounds {
        let mut node = place.serve()?;
        let client = match &api {
            Some(client) => client.at(node.web),
            None => Client::logged_in(node.web, &place.once)?.with_token(&["cases:read"])?,
        };
        resent += again.len();
        let batch: Vec<Mail> =
            again.drain(..).chain(supply.by_ref().take(common.count(8_000, 2_000))).collect();
        let alive = Duration::from_millis(rng.gen_range(200..common.count(3_000, 600) as u64));
        let smtp = node.smtp;
        let sent = std::thread::scope(|scope| {
            let sending = scope.spawn(|| load::send(smtp, MAILBOX, &batch, args.connections));
            std::thread::sleep(alive);
            node.kill()?;
            sending.join().map_err(|_| anyhow::anyhow!("the sender panicked"))?.context("sending")
        })?;
        let refused: HashSet<&String> = sent.refused.iter().map(|(id, _)| id).collect();
        let acknowledged: HashSet<&String> = sent.acknowledged.iter().collect();
        known.extend(
            batch
                .iter()
                .filter(|mail| acknowledged.contains(&mail.message_id))
                .map(|mail| (mail.message_id.clone(), mail.clone())),
        );
        again.extend(batch.iter().filter(|mail| refused.contains(&mail.message_id)).cloned());

        let node = place.serve()?;
        let client = client.at(node.web);
        let begun = Instant::now();
        let found = wait_for(&client, &known)?;
        slowest = slowest.max(begun.elapsed());
        lost = lost.max(known.keys().filter(|id| !found.contains_key(*id)).count());
        let checked = check(
            &client,
            &known,
            &found,
            sent.acknowledged.iter().filter(|id| found.contains_key(*id)).take(common.count(500, 50)),
        )?;
        let words = format!(
            "{} acknowledged, {} under way; {} reports, {checked} compared byte by byte",
            sent.acknowledged.len(),
            sent.refused.len(),
            found.len()
        );
        figures.say(&format!("killed after {} ms (round {round})", alive.as_millis()), &words);
        node.stop()?;
        api = Some(client);
    }
    figures.say("sent again after a kill", &format!("{resent} mails; none of them twice in the inbox"));
    figures.tell("acknowledged in all", known.len() as f64, "mails", Bar::AtLeast(1.0));
    figures.tell("until all of them can be read", slowest.as_secs_f64(), "s at most", Bar::None);
    figures.tell("acknowledged and lost", lost as f64, "mails", Bar::Below(1.0));
    Ok(figures.end())
}

/// The reports by the Message-ID that stands in their subjects, once there is one for every mail in `known` or patience
/// has ended.
fn wait_for(api: &Client, known: &HashMap<String, Mail>) -> anyhow::Result<HashMap<String, Value>> {
    let begun = Instant::now();
    loop {
        let mut found = HashMap::new();
        for report in api.all("/api/v1/reports?view=all&limit=200")? {
            let subject = report["subject"].as_str().context("a report without a subject")?;
            let id = subject.rsplit_once('(').map_or("", |(_, id)| id.trim_end_matches(')'));
            if let Some(other) = found.insert(format!("{id}@mx.reporter.example"), report.clone()) {
                bail!("{} and {} are the same mail {id}", other["number"], report["number"]);
            }
        }
        let is_whole = known.keys().all(|id| found.contains_key(id));
        if is_whole || begun.elapsed() > PATIENCE {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The bytes of these mails are there as they were sent, under their Message-ID. Returns how many were compared.
fn check<'a>(
    api: &Client,
    known: &HashMap<String, Mail>,
    found: &HashMap<String, Value>,
    some: impl Iterator<Item = &'a String>,
) -> anyhow::Result<usize> {
    let mut compared = 0;
    for id in some {
        let number = found
            .get(id)
            .and_then(|report| report["number"].as_str())
            .context("a report without a number")?;
        let whole = api.json(&format!("/api/v1/reports/{number}"))?;
        let messages = whole["messages"].as_array().context("a report without messages")?;
        let [message] = messages.as_slice() else { bail!("{number} has {} messages", messages.len()) };
        if message["message_id"].as_str() != Some(id) {
            bail!("{number} should be {id} and is {}", message["message_id"]);
        }
        let path = format!("/api/v1/messages/{}/original", message["id"].as_str().unwrap_or_default());
        let (original, _) = api.page(&path)?;
        // In front of it stands our own Received field.
        if !original.as_bytes().ends_with(&known.get(id).context("an unknown mail")?.text) {
            bail!("{number}: the original is not what was sent");
        }
        compared += 1;
    }
    Ok(compared)
}
