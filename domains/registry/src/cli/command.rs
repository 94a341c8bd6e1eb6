//! `wardmote registry …`: which commands there are.

use std::io::Write as _;
use std::process::ExitCode;

use identity::{Granted, ManageNode};

use super::{Changes, Import, Mirror, Outdated, Which, objects};
use crate::Registry;

/// What is done with the registry of a node; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Load RPSL dumps (plain or gzip; RIPE, RIPE of 2004, APNIC)
    ///
    /// Objects are added, or replace those with the same source, class and key. An import that was interrupted goes on
    /// where it was when the same command is given again. Exit codes: 0 all files were read to their end, and what was
    /// refused is listed; 1 a file broke off; 2 the command could not be carried out.
    #[command(name = "import")]
    Load {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// What
        #[command(flatten)]
        of: Import,
    },
    /// Make, change or remove objects of this node's registry, by override
    ///
    /// No authorisation is asked of the node's administrator; every other rule holds, and the journal says that it was
    /// done by override. Exit codes: 0 all was done; 1 an object was refused, the acknowledgement says why; 2 the command
    /// could not be carried out.
    Update {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// What
        #[command(flatten)]
        of: Changes,
    },
    /// Show an object as it is stored
    Show {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// Which
        #[command(flatten)]
        of: Which,
    },
    /// The versions of an object, the newest first: when, what, by whom
    History {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// Which
        #[command(flatten)]
        of: Which,
    },
    /// Erase the text of an old version, since it holds personal data; who, when and its digest stay
    Erase {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// Which
        #[command(flatten)]
        of: Outdated,
    },
    /// Others follow this node's registry, and it follows others (NRTMv4)
    #[command(name = "mirror")]
    Follow {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// What
        #[command(subcommand)]
        of: Mirror,
    },
}

impl<N: clap::Args> Command<N> {
    /// Of which node.
    pub fn node(&self) -> &N {
        match self {
            Self::Load { node, .. }
            | Self::Update { node, .. }
            | Self::Show { node, .. }
            | Self::History { node, .. }
            | Self::Erase { node, .. }
            | Self::Follow { node, .. } => node,
        }
    }
}

/// Runs the command; what it says goes to standard output.
pub async fn run<N: clap::Args>(
    registry: &Registry,
    granted: &Granted<ManageNode>,
    command: Command<N>,
) -> ExitCode {
    let done = match command {
        // The command line is the node itself.
        Command::Load { of, .. } => return super::import(registry, &Granted::for_node(), of).await,
        Command::Follow { of, .. } => return super::mirror(registry, granted, of).await,
        Command::Update { of, .. } => objects::update(registry, granted, of).await,
        Command::Show { of, .. } => objects::show(registry, granted, of).await,
        Command::History { of, .. } => objects::history(registry, of).await,
        Command::Erase { of, .. } => objects::erase(registry, granted, of).await,
    };
    match done {
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
