//! What the command line asks of accounts; the binary only mounts it.

use kit::{Error, Result};

use crate::{Granted, Identity, NewAccount, Role};

/// What is done with the accounts of a node; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Make an account, or a new one-time link for one that is there
    Add {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The login
        login: String,
        /// The team's short name
        #[arg(long)]
        team: String,
        /// What it may do, once for each: reader, handler, team-admin, node-admin, introducer, board, owner
        #[arg(long = "role", value_name = "ROLE", default_value = "handler")]
        roles: Vec<Role>,
    },
}

impl<N: clap::Args> Command<N> {
    /// Of which node.
    pub fn node(&self) -> &N {
        let Self::Add { node, .. } = self;
        node
    }
}

/// Runs the command for a node whose pages are at `base`; what it says goes to standard output.
///
/// # Errors
/// There is no such team, or the use case's own.
pub async fn run<N: clap::Args>(identity: &Identity, base: &str, command: Command<N>) -> Result<()> {
    let Command::Add { login, team: handle, roles, .. } = command;
    let Some(team) = identity.organisation_by_handle(&handle).await? else {
        let advice = format!("there is no team {handle:?}: `wardmote team list` shows those there are");
        return Err(Error::invalid("--team", advice));
    };
    let granted = Granted::for_node_in(team);
    let account = match identity.account_by_login(&granted, &login).await {
        Ok(known) => known.id,
        Err(_) => {
            let (name, roles) = (login.clone(), roles.into_iter().collect());
            let new = NewAccount { login: login.clone(), name, roles, password: None };
            identity.create_account(&granted, team, new).await?
        }
    };
    let secret = identity.one_time_login(&granted, account).await?;
    println!("within ten minutes, as {login}:\n\n  {base}/login/once/{secret}");
    Ok(())
}
