//! What the command line asks of ACME; the binary only mounts it.

use identity::{Granted, ManageTeam};
use kit::{Error, Result};

use crate::Pki;

/// What is done with the ACME credentials of a team; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Make a credential with which the ACME clients of a team's servers become its accounts
    Add {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's short name
        #[arg(long)]
        team: String,
        /// For which server or person it is
        #[arg(long, default_value = "made on the command line")]
        label: String,
        /// How many days it binds accounts
        #[arg(long, default_value_t = 30)]
        days: i64,
    },
    /// List the credentials of a team
    List {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's short name
        #[arg(long)]
        team: String,
    },
    /// Withdraw a credential, and shut out the accounts that it has bound
    Withdraw {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's short name
        #[arg(long)]
        team: String,
        /// Its key identifier
        kid: String,
    },
}

impl<N: clap::Args> Command<N> {
    /// Of which node.
    pub fn node(&self) -> &N {
        match self {
            Self::Add { node, .. } | Self::List { node, .. } | Self::Withdraw { node, .. } => node,
        }
    }
}

/// Runs the command; what it says goes to standard output.
///
/// # Errors
/// There is no such team, or the use case's own.
pub async fn run<N: clap::Args>(pki: &Pki, command: Command<N>) -> Result<()> {
    match command {
        Command::Add { team, label, days, .. } => {
            let made = pki.make_acme_credential(&of(pki, &team).await?, &label, days).await?;
            println!("key identifier  {}\nHMAC key        {}", made.kid, made.key);
            eprintln!(
                "The key is not shown again. It binds accounts until {}.",
                ui::format::date(made.expires)
            );
        }
        Command::List { team, .. } => {
            let now = pki.node().now();
            for one in pki.acme_credentials(&of(pki, &team).await?).await? {
                let standing = match one.withdrawn {
                    Some(_) => "withdrawn",
                    None if one.expires <= now => "over",
                    None => "in force",
                };
                let (until, accounts) = (ui::format::date(one.expires), one.accounts);
                println!("{} {standing:<10} {until} {accounts:>4} accounts  {}", one.kid, one.label);
            }
        }
        Command::Withdraw { team, kid, .. } => {
            let accounts = pki.withdraw_acme_credential(&of(pki, &team).await?, &kid).await?;
            println!("withdrawn; {accounts} accounts are shut out with it");
        }
    }
    Ok(())
}

async fn of(pki: &Pki, handle: &str) -> Result<Granted<ManageTeam>> {
    let team = pki.identity().organisation_by_handle(handle).await?;
    let advice = format!("there is no team {handle:?}: `wardmote team list` shows those there are");
    team.map(Granted::for_node_in).ok_or_else(|| Error::invalid("--team", advice))
}
