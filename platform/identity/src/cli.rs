//! What the command line asks of accounts; the binary only mounts it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use kit::{Error, Id, Result};

use crate::{AccountView, Granted, Identity, ManageTeam, NewAccount, Role};

/// What is done with the accounts of a node; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Make an account, or a new one-time link for one that is there
    Add {
        /// Which one
        #[command(flatten)]
        account: Named<N>,
        /// What it may do, once for each: reader, handler, team-admin, node-admin, introducer, board, owner. A new account
        /// is a handler without it, and one that is there keeps what it had
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<Role>,
    },
    /// List the accounts of a team
    List {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The team's short name
        #[arg(long)]
        team: String,
    },
    /// Shut an account: its sessions and tokens end, and nobody logs in with it
    Disable(Named<N>),
    /// Open an account again that was shut
    Enable(Named<N>),
}

/// An account of a node.
#[derive(Debug, clap::Args)]
pub struct Named<N: clap::Args> {
    /// Of which node
    #[command(flatten)]
    node: N,
    /// The login
    login: String,
    /// The team's short name
    #[arg(long)]
    team: String,
}

impl<N: clap::Args> Command<N> {
    /// Of which node.
    pub fn node(&self) -> &N {
        match self {
            Self::List { node, .. } => node,
            Self::Add { account, .. } | Self::Disable(account) | Self::Enable(account) => &account.node,
        }
    }
}

/// Runs the command for a node that listens for people at `listen`, which is where links lead when the configuration says
/// nothing of where people reach it; what it says goes to standard output.
///
/// # Errors
/// There is no such team or account, or the use case's own.
pub async fn run<N: clap::Args>(identity: &Identity, listen: SocketAddr, command: Command<N>) -> Result<()> {
    match command {
        Command::Add { account: Named { login, team, .. }, roles } => {
            let granted = granted(identity, &team).await?;
            let account = match identity.account_by_login(&granted, &login).await {
                Ok(known) => keep(identity, &granted, known, roles).await?,
                Err(Error::NotFound(_)) => {
                    let roles = if roles.is_empty() { vec![Role::Handler] } else { roles };
                    let (name, roles) = (login.clone(), roles.into_iter().collect());
                    let new = NewAccount { login: login.clone(), name, roles, password: None };
                    identity.create_account(&granted, granted.team(), new).await?
                }
                Err(error) => return Err(error),
            };
            let secret = identity.one_time_login(&granted, account).await?;
            let base = identity.settings().origin.clone().filter(|base| !base.is_empty());
            let base = base.unwrap_or_else(|| format!("http://{listen}"));
            println!(
                "within ten minutes, as {login}:\n\n  {}/login/once/{secret}",
                base.trim_end_matches('/')
            );
        }
        Command::List { team, .. } => {
            for account in identity.accounts(&granted(identity, &team).await?).await? {
                let state = if account.disabled { "shut" } else { "open" };
                println!("{:<24} {state:<4} {:<32} {}", account.login, names(&account.roles), account.name);
            }
        }
        Command::Disable(account) => shut(identity, account, true).await?,
        Command::Enable(account) => shut(identity, account, false).await?,
    }
    Ok(())
}

/// The node's own right in the team called `handle`.
async fn granted(identity: &Identity, handle: &str) -> Result<Granted<ManageTeam>> {
    let team = identity.organisation_by_handle(handle).await?.ok_or_else(|| {
        let advice = format!("there is no team {handle:?}: `wardmote team list` shows those there are");
        Error::invalid("--team", advice)
    })?;
    Ok(Granted::for_node_in(team))
}

/// An account that is there has the roles that are named, if any are.
async fn keep(
    identity: &Identity,
    granted: &Granted<ManageTeam>,
    known: AccountView,
    roles: Vec<Role>,
) -> Result<Id> {
    let roles: BTreeSet<Role> = roles.into_iter().collect();
    if known.roles != roles && !roles.is_empty() {
        println!("{} is {} from now on, and was {}.", known.login, names(&roles), names(&known.roles));
        identity.set_access(granted, known.id, roles, known.disabled).await?;
    }
    Ok(known.id)
}

async fn shut<N: clap::Args>(identity: &Identity, named: Named<N>, disabled: bool) -> Result<()> {
    let granted = granted(identity, &named.team).await?;
    let known = identity.account_by_login(&granted, &named.login).await?;
    identity.set_access(&granted, known.id, known.roles, disabled).await?;
    println!("{} is {}.", known.login, if disabled { "shut" } else { "open" });
    Ok(())
}

fn names<'a>(roles: impl IntoIterator<Item = &'a Role>) -> String {
    roles.into_iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}
