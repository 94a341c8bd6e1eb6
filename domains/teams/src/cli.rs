//! What the command line asks of the directory; the binary only mounts it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use identity::{Granted, ManageNode};
use kit::{Error, Result};
use mail::pgp::SecretKey;

use crate::exports::Exports;
use crate::{Audience, Team, Teams, import};

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
    /// Run the desk of a team on this node, or have its mail come in elsewhere
    Desk {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's handle
        team: String,
        /// An address at which its mail comes in, once for each; the first is the main one
        #[arg(long = "mailbox", value_name = "ADDRESS", required = true)]
        mailboxes: Vec<String>,
        /// Its OpenPGP secret key, as `gpg --export-secret-keys` writes it; without one a desk gets a new key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// A file whose first line is the key's passphrase
        #[arg(long, value_name = "FILE", requires = "key")]
        passphrase_file: Option<PathBuf>,
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
            | Self::Desk { node, .. }
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
        Command::Desk { team, mailboxes, key, passphrase_file, .. } => {
            let found = known(teams, &team)?;
            let key = key.map(|file| secret_key(&file, passphrase_file.as_deref())).transpose()?;
            let own = Granted::for_node_in(found.id);
            teams.set_desk(granted, found.id, mailboxes.clone()).await?;
            let fingerprint = match key {
                Some(key) => Some(teams.set_secret_key(&own, found.id, &key).await?),
                None if teams.secrets(found.id).is_empty() => {
                    Some(teams.make_secret_key(&own, found.id, None).await?)
                }
                None => None,
            };
            println!("The desk of {} is at {}.", found.name, mailboxes.join(", "));
            if let Some(fingerprint) = fingerprint {
                println!("Its key is {fingerprint}.");
            }
        }
        Command::RestoreKey { team, fingerprint, why, .. } => {
            let found = known(teams, &team)?;
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

fn known(teams: &Teams, handle: &str) -> Result<Arc<Team>> {
    let advice = || format!("there is no team {handle:?}: `wardmote team list` shows those there are");
    teams.directory().by_handle(handle).ok_or_else(|| Error::invalid("TEAM", advice()))
}

fn secret_key(file: &Path, passphrase: Option<&Path>) -> Result<SecretKey> {
    let unreadable = |file: &Path, why: String| Error::invalid(file.display().to_string(), why);
    let passphrase = passphrase
        .map(|file| std::fs::read_to_string(file).map_err(|error| unreadable(file, error.to_string())))
        .transpose()?;
    let bytes = std::fs::read(file).map_err(|error| unreadable(file, error.to_string()))?;
    SecretKey::parse(&bytes, passphrase.as_deref().and_then(|text| text.lines().next()))
        .map_err(|error| unreadable(file, error.to_string()))
}
