//! What the command line asks of the directory; the binary only mounts it.

use std::path::PathBuf;

use identity::{Granted, ManageNode};
use kit::{Error, Result};

use crate::exports::Exports;
use crate::{Audience, Teams, import};

/// What is done with the directory of a node; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// List the directory
    List(N),
    /// Import a directory in JSON, for example the export of the Trusted Introducer
    Import {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The file
        file: PathBuf,
    },
    /// Take a team's key back into use that was withdrawn
    RestoreKey {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's handle
        team: String,
        /// The key's fingerprint
        fingerprint: String,
        /// Why; it stays in the record
        #[arg(long)]
        why: String,
    },
    /// Write the directory as signed files into a folder
    Export {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The folder; it is made when it is not there
        folder: PathBuf,
        /// What members may see, with the emergency telephones
        #[arg(long)]
        members: bool,
    },
}

impl<N: clap::Args> Command<N> {
    /// Of which node.
    pub fn node(&self) -> &N {
        match self {
            Self::List(node)
            | Self::Import { node, .. }
            | Self::RestoreKey { node, .. }
            | Self::Export { node, .. } => node,
        }
    }
}

/// Runs the command; what it says goes to standard output.
///
/// # Errors
/// The file cannot be read, or the use case's own.
pub async fn run<N: clap::Args>(
    teams: &Teams,
    granted: &Granted<ManageNode>,
    command: Command<N>,
) -> Result<()> {
    match command {
        Command::List(_) => {
            for team in teams.directory().teams() {
                let (country, status) = (&team.country.code, team.status_name());
                println!("{:<16} {country:<4} {status:<12} {}", team.handle, team.name);
            }
        }
        Command::Import { file, .. } => {
            let unreadable =
                |error: std::io::Error| Error::invalid(file.display().to_string(), error.to_string());
            let parsed = import::parse(&std::fs::read(&file).map_err(unreadable)?)?;
            for problem in &parsed.left_out {
                eprintln!("{problem}");
            }
            println!("{} teams imported", teams.import(granted, parsed.entries).await?.len());
            let stated = teams.node().db.read(crate::stated).await?.len();
            if stated > 0 {
                println!(
                    "{stated} standings are stated, and none is given: `wardmote trust take-over --source TEXT` takes them over"
                );
            }
        }
        Command::RestoreKey { team, fingerprint, why, .. } => {
            let found = teams.directory().by_handle(&team);
            let found = found.ok_or_else(|| Error::not_found(format!("the team {team:?}")))?;
            teams.restore_key(granted, found.id, &fingerprint, &why).await?;
            println!("The key {fingerprint} of {} is in use again.", found.name);
        }
        Command::Export { folder, members, .. } => {
            let audience = if members { Audience::Members } else { Audience::Public };
            let written = Exports::new(teams.clone()).write_folder(audience, &folder).await?;
            if let Some(why) = written.unsigned {
                eprintln!("not signed: {why}");
            }
            println!("{} files written to {}", written.files.len(), folder.display());
        }
    }
    Ok(())
}
