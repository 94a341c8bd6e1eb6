#![cfg_attr(test, allow(clippy::unwrap_used))]
//! `wardmote`: command line, configuration, composition; nothing else.

mod admin;
mod config;
mod domains;
mod serve;
mod try_it;
mod web;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use config::Config;
use domains::House;

/// The desk and hub of incident response teams.
///
/// Exit codes: 0 done; 1 failed, the message says why; 2 the command line is not understood; 75 try again later
/// (mail deliver). `lookup` and `registry import` have finer ones, see their --help.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_long_help = ENVIRONMENT)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const ENVIRONMENT: &str = "\
Environment:
  WARDMOTE_CONFIG         the configuration, where --config names none
  WARDMOTE_SECTION__KEY   a key of the configuration, for example WARDMOTE_WEB__LISTEN
  WARDMOTE_LOG            what is logged on standard error: error, warn, info, debug";

/// What is logged when nothing else is asked for.
const LOGGED: &str = "warn,wardmote=info,kit=info,mail=info,identity=info,incidents=info";

#[derive(Subcommand)]
enum Command {
    /// Try it: a sample community, a sample registry, sample mails, served on localhost
    Demo(try_it::Args),
    /// Make a new node in a folder: configuration, database, first account
    Init(admin::Init),
    /// Run a node: pages, API, mail in, mail out
    Serve(WithConfig),
    /// Run only the jobs of a node: mail out, reminders
    Worker(WithConfig),
    /// Who is responsible for an address, a network, a domain, an AS number
    ///
    /// Exit codes: 0 somebody was found; 1 nobody was, for any of them; 2 the command or a file could not be read.
    #[command(name = "lookup")]
    LookUp {
        #[command(flatten)]
        node: WithConfig,
        #[command(flatten)]
        of: registry::cli::Lookup,
    },
    /// The registry of networks and their teams
    #[command(subcommand)]
    Registry(registry::cli::Command<WithConfig>),
    /// Mail from a mail server's pipe
    #[command(subcommand)]
    Mail(MailCommand),
    /// The directory of teams
    #[command(subcommand)]
    Team(teams::cli::Command<WithConfig>),
    /// The record of trust: who had which standing when, and that nothing was altered
    #[command(subcommand)]
    Trust(trust::cli::Command<WithConfig>),
    /// The operation of the community, handed over to another operator
    #[command(subcommand)]
    HandOver(trust::hand_over::cli::Command<WithConfig>),
    /// The community's certification authority, and certificates
    #[command(subcommand)]
    Cert(pki::cli::Command<WithConfig>),
    /// The ACME credentials of a team, for its servers' certificates
    #[command(subcommand)]
    Acme(pki::acme::cli::Command<WithConfig>),
    /// Accounts of people
    #[command(subcommand)]
    User(identity::cli::Command<WithConfig>),
    /// The configuration, checked or printed with all defaults
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the database to this version
    Migrate(WithConfig),
    /// Look for what is wrong with a node, and say what to do
    Doctor(WithConfig),
}

/// Which node.
#[derive(clap::Args)]
pub struct WithConfig {
    /// The node's configuration
    #[arg(long, short, value_name = "FILE", env = "WARDMOTE_CONFIG")]
    #[arg(default_value = "wardmote.toml", global = true)]
    pub config: PathBuf,
}

#[derive(Subcommand)]
enum MailCommand {
    /// Take one mail from standard input; exit code 75 asks the mail server to try again later
    Deliver(admin::Deliver),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Read it and say what is wrong, with key and line
    Check(WithConfig),
    /// Print it with all defaults, without the passwords
    Print(WithConfig),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The demo tells its story itself.
    let logged = if matches!(cli.command, Command::Demo(_)) { "warn" } else { LOGGED };
    let filter = tracing_subscriber::EnvFilter::try_from_env("WARDMOTE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(logged));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal()) // a log file is read without colours
        .with_target(false)
        .init();
    let outcome = match cli.command {
        // A look-up in files needs neither node nor runtime: it should start at once.
        Command::LookUp { node, of } => {
            return registry::cli::lookup(&of, || admin::registry_of(&node.config));
        }
        command => match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(run(command)),
            Err(error) => Err(error.into()),
        },
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("wardmote: {}", told(&error));
        ExitCode::FAILURE
    })
}

/// The error with its causes, each said once: some already end with theirs.
fn told(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text {
        text if text.is_empty() => cause,
        text if text.ends_with(&cause) => text,
        text => format!("{text}: {cause}"),
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => try_it::run(args).await?,
        Command::Init(init) => admin::init(init).await?,
        Command::Serve(node) => {
            let config = Config::load(&node.config)?;
            config.check()?;
            let house = House::open(&config).await?;
            let stopped = serve::until_stopped()?;
            let running = serve::start(&config, &house, domains::relay(&config)?).await?;
            let whois = running.whois.map(|at| format!(", whois on {at}")).unwrap_or_default();
            tracing::info!(version = env!("CARGO_PKG_VERSION"), "the node runs");
            eprintln!("wardmote: pages on http://{}, SMTP on {}{whois}", running.web, running.smtp);
            stopped.await;
            tracing::info!("the node stops");
            running.stop().await;
        }
        Command::Worker(node) => admin::worker(&Config::load(&node.config)?).await?,
        Command::Registry(command) => {
            let house = House::known(&Config::load(&command.node().config)?).await?;
            return Ok(registry::cli::run(&house.registry, &identity::Granted::for_node(), command).await);
        }
        Command::Mail(MailCommand::Deliver(deliver)) => return Ok(admin::deliver(deliver).await),
        Command::Team(command) => {
            let house = House::known(&Config::load(&command.node().config)?).await?;
            teams::cli::run(&house.teams, &identity::Granted::for_node(), command).await?;
        }
        Command::Trust(command) => match command.node() {
            None => trust::cli::offline(&command)?,
            Some(node) => {
                let house = House::known(&Config::load(&node.config)?).await?;
                trust::cli::run(&house.trust, command).await?;
            }
        },
        Command::HandOver(command) => match command.node() {
            None => trust::hand_over::cli::offline(&command)?,
            Some(node) => {
                let house = House::known(&Config::load(&node.config)?).await?;
                trust::hand_over::cli::run(&house.trust, &house.pki, command).await?;
            }
        },
        Command::Cert(command) => match command.node() {
            Some(node) => {
                let house = House::known(&Config::load(&node.config)?).await?;
                pki::cli::run(&house.pki, &identity::Granted::for_node(), command).await?;
            }
            None => tokio::task::spawn_blocking(|| pki::cli::run_alone(command)).await??,
        },
        Command::Acme(command) => {
            let house = House::known(&Config::load(&command.node().config)?).await?;
            pki::acme::cli::run(&house.pki, command).await?;
        }
        Command::User(command) => {
            let config = Config::load(&command.node().config)?;
            let house = House::known(&config).await?;
            identity::cli::run(&house.identity, config.web.listen, command).await?;
        }
        Command::Config(ConfigCommand::Check(node)) => {
            let config = Config::load(&node.config)?;
            config.check()?;
            println!("{} is in order", node.config.display());
        }
        Command::Config(ConfigCommand::Print(node)) => {
            let mut config = Config::load(&node.config)?;
            config.database = config.database.masked();
            print!("{}", kit::config::masked(&toml::to_string_pretty(&config)?));
        }
        Command::Migrate(node) => admin::migrate(&Config::load(&node.config)?)?,
        Command::Doctor(node) => return admin::doctor(&node.config).await,
        Command::LookUp { .. } => {} // is done in main
    }
    Ok(ExitCode::SUCCESS)
}
