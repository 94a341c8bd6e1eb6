//! What the command line asks of the authority; the binary only mounts it.

mod files;
mod request;
mod root;

use std::path::PathBuf;

use identity::{Granted, ManageNode};
use kit::{Error, Result};

use crate::Pki;
use crate::api::parse_reason;
use crate::ceremony::{IssuerTerms, Root};
use crate::issue::hex;
use crate::list::parse_fingerprint;
use crate::model::Serves;

use files::{Passphrase, read, write_new};

/// What is done with the community's certification authority; `N` says on which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Begin an authority, root and all, in one step: for small communities
    ///
    /// The root's key is written encrypted into a file and kept nowhere else: take the file away from the node. Larger
    /// communities hold the ceremony of `cert root` on a machine of its own.
    Init {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The community's name, as it stands in all certificates
        #[arg(long)]
        community: String,
        /// The file for the root, its key encrypted
        #[arg(long, value_name = "FILE")]
        root_out: PathBuf,
        /// How the root's passphrase comes in
        #[command(flatten)]
        passphrase: Passphrase,
        /// For how many days the root is valid
        #[arg(long, default_value_t = 5475)]
        root_days: u32,
        /// For how many days the issuing authority is valid
        #[arg(long, default_value_t = 1825)]
        days: u32,
        /// A DNS domain under which alone it may issue, once for each; none: everywhere
        #[arg(long, value_name = "DOMAIN")]
        permit: Vec<String>,
    },
    /// The root: what is done away from the node, with its file and its passphrase
    #[command(subcommand)]
    Root(root::Command),
    /// The node's issuing authority: ask for one, install it, renew it
    #[command(subcommand)]
    Issuing(Issuing<N>),
    /// Show the authorities and their revocation lists
    Status(N),
    /// List the certificates that were issued, the newest first
    List {
        /// On which node
        #[command(flatten)]
        node: N,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Revoke a certificate for good
    Revoke {
        /// On which node
        #[command(flatten)]
        node: N,
        /// SHA-256 of the certificate, hex: `wardmote cert list` shows it
        fingerprint: String,
        /// Why: keyCompromise, superseded, affiliationChanged, cessationOfOperation, unspecified
        #[arg(long, default_value = "unspecified")]
        reason: String,
    },
    /// Others' authorities whose certificates are taken here
    #[command(subcommand)]
    Trust(Trust<N>),
    /// Get a certificate: the key is made here and stays here, the node gets the request alone
    Request(request::Request),
}

/// What is done with the node's issuing authority.
#[derive(Debug, clap::Subcommand)]
pub enum Issuing<N: clap::Args> {
    /// Make a key, sealed on this node, and write the request for the root's ceremony
    Request {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The community's name: the root's
        #[arg(long)]
        community: String,
        /// The file for the request
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Install what the ceremony gave: the authority's certificate with its root's behind it
    Install {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The file
        file: PathBuf,
    },
    /// Publish a revocation list that the root has signed
    RootCrl {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The file
        file: PathBuf,
    },
}

/// What is done with other communities' authorities.
#[derive(Debug, clap::Subcommand)]
pub enum Trust<N: clap::Args> {
    /// Trust one: accounts may bind its certificates, or they prove claims
    Add {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The name it has here
        name: String,
        /// Its certificate
        file: PathBuf,
        /// Where its revocation list is fetched; without it, bring it with `cert trust crl`
        #[arg(long, value_name = "URL")]
        crl: Option<String>,
        /// Take its certificates also while its list is missing or out of date
        #[arg(long)]
        accept_without_crl: bool,
        /// What it is trusted for: clients, who log in and sign; claims, which its certificates prove; both
        #[arg(long = "for", value_enum, default_value_t, value_name = "WHAT", hide_possible_values = true)]
        serves: Serves,
    },
    /// List those that are trusted
    List(N),
    /// Trust one no more
    Remove {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The name it has here
        name: String,
    },
    /// Bring its newest revocation list
    Crl {
        /// On which node
        #[command(flatten)]
        node: N,
        /// The name it has here
        name: String,
        /// The list
        file: PathBuf,
    },
}

impl<N: clap::Args> Command<N> {
    /// On which node; `None` for what is done away from it.
    pub fn node(&self) -> Option<&N> {
        match self {
            Self::Init { node, .. }
            | Self::Status(node)
            | Self::List { node, .. }
            | Self::Revoke { node, .. }
            | Self::Issuing(
                Issuing::Request { node, .. } | Issuing::Install { node, .. } | Issuing::RootCrl { node, .. },
            )
            | Self::Trust(
                Trust::Add { node, .. }
                | Trust::List(node)
                | Trust::Remove { node, .. }
                | Trust::Crl { node, .. },
            ) => Some(node),
            Self::Root(_) | Self::Request(_) => None,
        }
    }
}

/// Runs a command that needs no node; what it says goes to standard output.
///
/// # Errors
/// A file cannot be read or written, or what is asked for cannot be done.
pub fn run_alone<N: clap::Args>(command: Command<N>) -> Result<()> {
    match command {
        Command::Root(command) => root::run(command),
        Command::Request(request) => request::run(request),
        _ => Err(Error::Corrupt("this command is about a node".into())),
    }
}

/// Runs a command on the node of `pki`; what it says goes to standard output.
///
/// # Errors
/// A file cannot be read or written, or the use case's own.
pub async fn run<N: clap::Args>(pki: &Pki, granted: &Granted<ManageNode>, command: Command<N>) -> Result<()> {
    match command {
        Command::Init { community, root_out, passphrase, root_days, days, permit, .. } => {
            files::must_be_new(&root_out)?;
            pki.must_not_have_begun()?;
            let (now, random) = (pki.node().now(), pki.node().random());
            let root = Root::make(&community, root_days, now, random)?;
            // The root is on the disk before anything is signed with it.
            write_new(&root_out, &root.to_file(&passphrase.ask(true)?, random)?)?;
            let terms = IssuerTerms { days, only_below: permit, url: pki.settings().url.clone() };
            pki.begin(granted, &root, &terms, 400).await?;
            println!("the root is in {}, its key encrypted, and nowhere on this node", root_out.display());
            println!(
                "take the file to a place without a network, and the passphrase to another; you need both in"
            );
            println!(
                "400 days at the latest, for the root's next revocation list: wardmote cert root crl --help"
            );
            if pki.settings().url.is_empty() {
                println!("note: without [pki] url, certificates do not say where lists and answers are");
            }
            println!();
            status(pki);
        }
        Command::Issuing(Issuing::Request { community, out, .. }) => {
            files::must_be_new(&out)?;
            let request = pki.request_authority(granted, &community).await?;
            write_new(&out, &request)?;
            println!("the request is in {}: sign it with `wardmote cert root sign-issuer`", out.display());
        }
        Command::Issuing(Issuing::Install { file, .. }) => {
            let pem = String::from_utf8_lossy(&read(&file)?).into_owned();
            pki.install_authority(granted, &pem).await?;
            status(pki);
        }
        Command::Issuing(Issuing::RootCrl { file, .. }) => {
            pki.install_root_crl(granted, &read(&file)?).await?;
            status(pki);
        }
        Command::Status(_) => status(pki),
        Command::List { limit, .. } => {
            for one in pki.every_certificate(granted, i64::from(limit)).await? {
                let state = pki.standing_of(&one);
                let until = ui::format::date(one.known.until);
                println!("{}  {}  {until}  {state}", hex(&one.known.fingerprint), one.known.purpose.name());
                println!("    {} {}", one.subject, one.names.join(" "));
            }
        }
        Command::Revoke { fingerprint, reason, .. } => {
            pki.revoke_any(granted, parse_fingerprint(&fingerprint)?, parse_reason(&reason)?).await?;
            pki.make_lists().await?;
            println!("{fingerprint} is revoked; the list says so");
        }
        Command::Trust(command) => trust(pki, granted, command).await?,
        Command::Root(_) | Command::Request(_) => run_alone(command)?,
    }
    Ok(())
}

async fn trust<N: clap::Args>(pki: &Pki, granted: &Granted<ManageNode>, command: Trust<N>) -> Result<()> {
    match command {
        Trust::Add { name, file, crl, accept_without_crl, serves, .. } => {
            pki.trust(granted, &name, &read(&file)?, crl, accept_without_crl, serves).await?;
            println!(
                "{name} is trusted {} here; bring its list: wardmote cert trust crl {name:?} FILE",
                serves.words()
            );
        }
        Trust::List(_) => {
            for one in pki.trusted(granted) {
                let list = match one.crl_until {
                    Some(until) => format!("list until {}", ui::format::iso(until)),
                    None => "no list yet".to_owned(),
                };
                let policy = if one.accept_without_crl { ", taken also without" } else { "" };
                let serves = one.serves.words();
                println!("{}  {}  {serves}  {list}{policy}", hex(&one.fingerprint), one.name);
            }
        }
        Trust::Remove { name, .. } => {
            pki.distrust(granted, &name).await?;
            println!("{name} is not trusted any more");
        }
        Trust::Crl { name, file, .. } => {
            pki.take_crl(granted, &name, &read(&file)?).await?;
            println!("the list of {name} is taken");
        }
    }
    Ok(())
}

fn status(pki: &Pki) {
    for one in pki.authorities() {
        let kind = if one.root { "root" } else { "issuing" };
        let until = ui::format::date(one.until);
        println!("{}  {kind}  {}  until {until}  {}", one.name, one.state.name(), one.subject);
        println!("    SHA-256 {}", one.fingerprint);
        match one.list_until {
            Some(until) => println!("    revocation list good until {}", ui::format::iso(until)),
            None => println!("    no revocation list"),
        }
    }
    for name in pki.awaited() {
        println!("{name}  issuing  waits for its certificate from the root");
    }
}
