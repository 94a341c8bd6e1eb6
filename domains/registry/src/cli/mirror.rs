//! `wardmote registry mirror`: what is published and followed, and the key by which others verify it.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use identity::{Granted, ManageNode};
use kit::{Error, Result, Time};

use crate::mirror::{RolledOver, Status};
use crate::service::Registry;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Mirror {
    /// What is published and what is followed, and what is wrong with it
    ///
    /// Exit code 1 when a registry that is followed could not be read the last time.
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What others need to follow this node's registry: its URL and the public key
    Key,
    /// Announce a new key; called again after a week, sign with it
    RollOver {
        /// Sign with it although not everybody may have seen it
        #[arg(long)]
        now: bool,
    },
    /// Publish and follow now, not only when the next minute comes
    Run {
        /// Begin a new session: whoever follows loads everything again
        #[arg(long)]
        new_session: bool,
    },
}

/// Runs the command; what it says goes to standard output.
pub async fn mirror(registry: &Registry, granted: &Granted<ManageNode>, command: Mirror) -> ExitCode {
    let said = match command {
        Mirror::Status { json } => status(registry, granted, json).await,
        command => {
            let (registry, granted) = (registry.clone(), granted.clone());
            let work = tokio::task::spawn_blocking(move || act(&registry, &granted, &command));
            work.await.unwrap_or_else(|_| Ok((String::new(), false))) // a panic, which has told its own story
        }
    };
    match said {
        Ok((text, good)) => match std::io::stdout().lock().write_all(text.as_bytes()) {
            Ok(()) if good => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        },
        Err(error) => {
            eprintln!("wardmote: {error}");
            ExitCode::from(2)
        }
    }
}

fn act(registry: &Registry, granted: &Granted<ManageNode>, command: &Mirror) -> Result<(String, bool)> {
    Ok(match command {
        Mirror::Status { .. } => (String::new(), true), // is done where waiting is not allowed
        Mirror::Key => {
            let told = registry.mirror_key(granted)?;
            let next = told.next.map_or_else(String::new, |(pem, since)| {
                format!("\nannounced since {}, will sign next:\n{pem}", ui::format::date(since))
            });
            (format!("source {}\nurl    {}\n{}{next}", told.source, told.url, told.key), true)
        }
        Mirror::RollOver { now } => {
            let said = match registry.roll_mirror_key_over(granted, *now)? {
                RolledOver::Announced => {
                    "A new key is announced from the next minute on. Give the command again in a week: then it signs.\n"
                }
                RolledOver::Done => {
                    "The new key signs from the next minute on. Publish it wherever you told of the old one.\n"
                }
            };
            (said.to_owned(), true)
        }
        Mirror::Run { new_session } => {
            let done = registry.mirror_now(granted, *new_session)?;
            let good = done.iter().all(|one| one.is_ok());
            let lines =
                done.into_iter().map(|one| one.unwrap_or_else(|error| format!("FAILED {error}")) + "\n");
            let said: String = lines.collect();
            (
                if said.is_empty() {
                    "Nothing is published and nothing is followed.\n".to_owned()
                } else {
                    said
                },
                good,
            )
        }
    })
}

async fn status(registry: &Registry, granted: &Granted<ManageNode>, json: bool) -> Result<(String, bool)> {
    let status = registry.mirror_status(granted).await?;
    let good = status.followed.iter().all(|one| one.problem.is_none());
    let said = if json {
        let json = serde_json::to_string_pretty(&status);
        json.map_err(|error| Error::Corrupt(format!("the status could not be written: {error}")))? + "\n"
    } else {
        in_words(&status, registry.now())
    };
    Ok((said, good))
}

fn in_words(status: &Status, now: Time) -> String {
    let ago = |time: Time| ui::format::age(now - time);
    let mut lines = Vec::new();
    match &status.published {
        None => lines.push("This node publishes no registry.".to_owned()),
        Some(one) if one.version == 0 => {
            lines.push(format!("{} is going to be published at {}", one.source, one.url))
        }
        Some(one) => lines.push(format!(
            "{} is published at {}: version {}, {} deltas, told {} ago",
            one.source,
            one.url,
            one.version,
            one.deltas,
            ago(one.told)
        )),
    }
    for one in &status.followed {
        let checked =
            one.checked.map_or_else(|| "not asked yet".to_owned(), |time| format!("asked {} ago", ago(time)));
        lines
            .push(format!("{} is followed from {}: version {}, {checked}", one.source, one.url, one.version));
        if one.left_out > 0 {
            lines
                .push(format!("  {} objects of the last file were left out; the log says why", one.left_out));
        }
        if let Some(problem) = &one.problem {
            let tries = ui::format::plural(one.failures, "try", "tries");
            lines.push(format!("  {tries} failed: {problem}. What was taken before is still there."));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}
