//! What the command line asks of the record of trust; the binary only mounts it.

use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

use identity::{Granted, StepUp};
use kit::{Error, Result};
use mail::pgp::{PublicKey, verify_detached};

use crate::Trust;
use crate::record::file::{Scope, verify};
use crate::record::{Checkpoint, Erasure, Register, Registered, moment};

/// What is done with the record of trust; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// The register on a day: which team had which standing
    At {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// A day (to its end, UTC) or a moment (RFC 3339)
        date: String,
        /// Out of an export instead of a node
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Write the record into a file, lines of JSON
    Export {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The file; it is there whole, or not at all
        file: PathBuf,
        /// For whom: public, members, whole
        #[arg(long, default_value = "public")]
        audience: String,
    },
    /// Check an export without any node: that nothing was altered, that nothing is missing
    ///
    /// Exit codes: 0 all fits; 1 the message names the first entry or checkpoint that does not.
    Verify {
        /// The export
        file: PathBuf,
        /// A checkpoint that was kept; several are possible
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
        /// The community's public key: checkpoints must be signed by it
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// For programs
        #[arg(long)]
        json: bool,
    },
    /// Hold the record against what is stored, and against the directory
    Check(N),
    /// Make a signed checkpoint now, and print it
    Checkpoint(N),
    /// Take the standings of the directory over that the record does not know
    TakeOver {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// From where they come: it stands in the record
        #[arg(long)]
        source: String,
    },
    /// Give a team a seat on the review board, or take it
    Seat {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's handle
        team: String,
        /// Take it
        #[arg(long)]
        take: bool,
    },
    /// Say whether the clock was ahead, and set the record right
    Clock {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The clock is right now: what began in the time that is still to come begins now, no standing changes
        #[arg(long, value_name = "REASON")]
        set_right: Option<String>,
    },
    /// Erase the particulars of one entry; that it was made stays, and the record still verifies
    ///
    /// An entry of its own says that it was erased, and why.
    Erase {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// Its place in the record
        position: i64,
        /// On whose word, and why: everybody reads it, and it cannot be erased
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

impl<N: clap::Args> Command<N> {
    /// Of which node; `None`: it needs none.
    pub fn node(&self) -> Option<&N> {
        match self {
            Self::Verify { .. } | Self::At { from: Some(_), .. } => None,
            Self::At { node, .. }
            | Self::Export { node, .. }
            | Self::Check(node)
            | Self::Checkpoint(node)
            | Self::TakeOver { node, .. }
            | Self::Seat { node, .. }
            | Self::Clock { node, .. }
            | Self::Erase { node, .. } => Some(node),
        }
    }
}

/// Runs what needs no node; what it says goes to standard output.
///
/// # Errors
/// What does not fit, or a file that cannot be read.
pub fn offline<N: clap::Args>(command: &Command<N>) -> Result<()> {
    match command {
        Command::Verify { file, checkpoint, key, json } => {
            check_file(file, checkpoint, key.as_deref(), *json)
        }
        Command::At { date, from: Some(file), json, .. } => {
            let until = moment(date)?;
            let mut register = Register::default();
            verify(open(file)?, &[], |at, entry| {
                if at <= until {
                    register.take(0, at, entry);
                }
            })?;
            print(&register.teams(), *json)
        }
        _ => Err(Error::invalid("command", "it needs a node")),
    }
}

/// Runs the command on a node.
///
/// # Errors
/// The use case's own, or a file that cannot be written.
pub async fn run<N: clap::Args>(trust: &Trust, command: Command<N>) -> Result<()> {
    let owner = Granted::for_node();
    match command {
        Command::At { date, json, from: None, .. } => print(&trust.register_at(moment(&date)?).await?, json)?,
        Command::Export { file, audience, .. } => {
            let bytes = trust.export_as(audience.parse::<Scope>()?).await?;
            write_whole(&file, &bytes)?;
            println!("{} was written, {} bytes", file.display(), bytes.len());
        }
        Command::Check(_) => {
            let (entries, wrong) = trust.check().await?;
            if !wrong.is_empty() {
                return Err(Error::Corrupt(wrong.join("\n")));
            }
            println!("{entries} entries: the chain holds, and what is stored is what they give");
        }
        Command::Checkpoint(_) => {
            trust.make_checkpoint().await?;
            let newest = trust.checkpoints(1).await?;
            let row = newest.first().ok_or_else(|| Error::not_found("an entry to make a checkpoint of"))?;
            print!("{}{}", row.text, row.signature);
        }
        Command::TakeOver { source, .. } => {
            println!("{} standings taken over", trust.take_over(&owner, &source).await?);
        }
        Command::Seat { team, take, .. } => {
            let found = trust.teams().directory().by_handle(&team);
            let id = found.ok_or_else(|| Error::not_found(format!("the team {team:?}")))?.id;
            if take {
                trust.take_seat(&owner, id).await?
            } else {
                trust.give_seat(&owner, id).await?
            }
            println!("{team}: the seat was {}", if take { "taken" } else { "given" });
        }
        Command::Clock { set_right: Some(reason), .. } => {
            let found = trust.set_clock_right(&StepUp::for_node(), &reason).await?;
            println!("{}", found.words());
            println!("it is set right: limits run from now on, and the record says so");
        }
        Command::Clock { set_right: None, .. } => match trust.ahead().await? {
            Some(ahead) => println!("{}", ahead.words()),
            None => println!("nothing is dated in the future: limits run"),
        },
        Command::Erase { position, reason, .. } => {
            trust.erase(&StepUp::for_node(), position, &reason).await?;
            println!(
                "what entry {position} told was erased, and an entry says so; the record still verifies"
            );
        }
        command => offline(&command)?,
    }
    Ok(())
}

fn print(teams: &[Registered], json: bool) -> Result<()> {
    if json {
        let text = serde_json::to_string_pretty(teams).map_err(|error| Error::Corrupt(error.to_string()))?;
        println!("{text}");
        return Ok(());
    }
    if teams.is_empty() {
        eprintln!("no team had a standing then");
    }
    for Registered { handle, standing, since, .. } in teams {
        println!("{handle:<20} {standing:<12} since {}", ui::format::date(*since));
    }
    Ok(())
}

fn check_file(file: &Path, checkpoints: &[PathBuf], key: Option<&Path>, json: bool) -> Result<()> {
    let keys = match key {
        Some(path) => Some(
            PublicKey::parse_all(&read(path)?)
                .map_err(|e| Error::invalid(path.display().to_string(), e.to_string()))?,
        ),
        None => None,
    };
    let mut kept = Vec::new();
    for path in checkpoints {
        let named = |error: Error| Error::invalid(path.display().to_string(), error.to_string());
        let text = String::from_utf8_lossy(&read(path)?).into_owned();
        let (checkpoint, signed, signature) = Checkpoint::parse(&text).map_err(named)?;
        if let Some(keys) = &keys {
            // Whether it was good when it was made: keys end, checkpoints are kept.
            let made = moment(&checkpoint.made).map_err(named)? / kit::clock::SECOND;
            let verdicts = verify_detached(signed.as_bytes(), signature.as_bytes(), keys, made + 60);
            if !verdicts.iter().any(mail::pgp::Verdict::is_good) {
                let why = verdicts.first().map(ToString::to_string).unwrap_or_default();
                return Err(Error::invalid(
                    path.display().to_string(),
                    format!("its signature does not count: {why}"),
                ));
            }
        }
        kept.push((checkpoint.position, checkpoint.digest));
    }
    let checked = verify(open(file)?, &kept, |_, _| {})?;
    if json {
        println!("{}", serde_json::to_string(&checked).map_err(|error| Error::Corrupt(error.to_string()))?);
        return Ok(());
    }
    println!("{}: {} entries follow one another", file.display(), checked.entries);
    match (checked.checkpoints.last(), key) {
        (Some(last), Some(_)) => {
            println!("nothing was altered up to entry {last}: a signed checkpoint says so")
        }
        (Some(last), None) => println!(
            "it agrees with a checkpoint up to entry {last}; whether the operator signed that, --key would tell"
        ),
        (None, _) => println!(
            "nobody vouches for it: whoever wrote the file may have written all of it. Hold it against a checkpoint that you \
             kept (--checkpoint FILE --key KEY)"
        ),
    }
    if !checked.withheld.is_empty() {
        let places: Vec<String> = checked.withheld.iter().map(ToString::to_string).collect();
        println!("withheld: what entries {} tell", places.join(", "));
    }
    for Erasure { entry, position, at, by, reason, .. } in &checked.erased {
        println!(
            "erased: what entry {entry} told, on {} by the {by}, as entry {position} says: {reason}",
            ui::format::date(*at)
        );
    }
    for position in &checked.checkpoints {
        println!("checkpoint {position}: agrees{}", if key.is_some() { ", signature good" } else { "" });
    }
    println!("last digest: {}", checked.digest);
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::io(format!("reading {}", path.display()), error))
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
    Ok(BufReader::new(file))
}

/// A file that its owner alone may read: what it holds may be sealed.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes beside, then puts in place: whoever reads the file finds all of it or nothing.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let written = || {
        let mut file = private(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    written().map_err(|error| {
        drop(std::fs::remove_file(&beside));
        Error::io(format!("writing {}", path.display()), error)
    })
}
