//! Administration from the command line, on the machine of the node.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use identity::{Granted, NewAccount, Role};
use kit::health::{Finding, Verdict};
use mail::Envelope;
use teams::NewDesk;
use tokio::sync::Notify;

use crate::config::Config;
use crate::domains::{self, House, MIGRATIONS};
use crate::{WithConfig, serve, told};

/// sysexits.h: a temporary failure; the mail server keeps the mail and tries again.
const TRY_AGAIN: u8 = 75;

#[derive(Args)]
pub struct Init {
    /// The folder to make
    folder: PathBuf,
    /// Public name of the node: it stands in Message-IDs and SMTP greetings
    #[arg(long, default_value = "localhost")]
    name: String,
    /// A PostgreSQL, an empty database: postgres://user@host/name. Without it SQLite in the folder
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Short name of the team whose desk this is
    #[arg(long, default_value = "desk")]
    team: String,
    /// Full name of the team
    #[arg(long, value_name = "NAME", default_value = "Our CSIRT")]
    team_name: String,
    /// The mail address of its desk
    #[arg(long, default_value = "cert@localhost.localdomain")]
    mailbox: String,
    /// Login of the first account
    #[arg(long, default_value = "admin")]
    login: String,
    /// No team and no account: for a node that takes a community over, or imports its directory first
    #[arg(long, conflicts_with_all = ["team", "team_name", "mailbox", "login"])]
    empty: bool,
}

pub async fn init(init: Init) -> anyhow::Result<()> {
    // What is wrong with the arguments is told before anything is made.
    let mut config = Config::new(&init.name, "data".into());
    config.database.url = init.database;
    config.check()?;
    let desk = NewDesk { handle: init.team, name: init.team_name, mailbox: init.mailbox };
    desk.record()?;
    let login = identity::normal_login(&init.login)?;
    let folder = kit::found::NewFolder::begin(&init.folder)?;
    config.node.data = folder.data();
    let house = House::found(&config).await?;
    let secret = match init.empty {
        true => None,
        false => Some(first(&house, desk, &login).await?),
    };
    let file = folder.keep(&config.node.name, &config.database)?;
    println!(
        "{} is ready. Start it with\n\n  wardmote serve --config {}",
        init.folder.display(),
        file.display()
    );
    if let Some(secret) = secret {
        let address = config.web.listen;
        println!("\nand open, within ten minutes, as {login}:\n\n  http://{address}/login/once/{secret}");
    }
    Ok(())
}

/// Makes the first team and the first account, and returns the secret of a link for it.
async fn first(house: &House, desk: NewDesk, login: &str) -> kit::Result<String> {
    let team = house.teams.create_desk(&Granted::for_node(), desk).await?;
    let new = NewAccount {
        login: login.to_owned(),
        name: login.to_owned(),
        roles: [Role::Handler, Role::TeamAdmin, Role::NodeAdmin].into(),
        password: None,
    };
    let granted = Granted::for_node_in(team);
    let account = house.identity.create_account(&granted, team, new).await?;
    house.identity.one_time_login(&granted, account).await
}

/// The registry of the node whose configuration is at `file`, for a look-up from the command line.
pub fn registry_of(file: &Path) -> kit::Result<registry::Snapshot> {
    let opened = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(async { House::known(&Config::load(file)?).await }));
    match opened {
        Ok(house) => Ok(house.registry.snapshot()),
        Err(error) => Err(kit::Error::Unavailable(format!(
            "{}. Name a dump with --registry, or a node with --config",
            told(&error)
        ))),
    }
}

#[derive(Args)]
pub struct Deliver {
    #[command(flatten)]
    node: WithConfig,
    /// The envelope's sender (empty for a bounce)
    #[arg(long, short = 'f', value_name = "ADDRESS", default_value = "", env = "SENDER")]
    from: String,
    /// The envelope's recipients; the desk's mailbox when none is given
    #[arg(value_name = "RECIPIENT")]
    recipients: Vec<String>,
}

/// Takes a mail from standard input. Whatever fails for now ends with 75, so that the mail server keeps the mail.
pub async fn deliver(deliver: Deliver) -> ExitCode {
    match take(deliver).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wardmote: {}", told(&error));
            match error.downcast_ref::<kit::Error>() {
                Some(kit::Error::NotFound(_) | kit::Error::Invalid { .. }) => ExitCode::FAILURE,
                _ => ExitCode::from(TRY_AGAIN),
            }
        }
    }
}

async fn take(deliver: Deliver) -> anyhow::Result<()> {
    // A mistake in the configuration is no mistake of the mail: it waits until the operator has mended it.
    let config = Config::load(&deliver.node.config).map_err(|error| anyhow::anyhow!(told(&error)))?;
    let most = config.smtp.max_size_mb * 1024 * 1024;
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(most as u64 + 1).read_to_end(&mut bytes).context("reading the mail")?;
    if bytes.len() > most {
        return Err(
            kit::Error::invalid("mail", format!("it is larger than {} MB", config.smtp.max_size_mb)).into()
        );
    }
    let house = House::known(&config).await.map_err(|error| anyhow::anyhow!(told(&error)))?;
    let mut recipients = deliver.recipients;
    if recipients.is_empty() {
        let directory = house.teams.directory();
        recipients
            .extend(directory.desks().iter().filter_map(|team| team.mailbox().map(str::to_owned)).take(1));
    }
    let envelope = Envelope {
        from: deliver.from,
        rcpts: recipients,
        helo: "pipe".into(),
        peer: None,
        received_at: house.node.now(),
    };
    let accepted = house.desk.accept(envelope, bytes).await?;
    // It is acknowledged; opening it here saves the running node the work, and does no harm when that is quicker.
    for _ in 0..100 {
        if house.desk.is_placed(&accepted).await? {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

pub fn migrate(config: &Config) -> anyhow::Result<()> {
    let db = kit::found::find(&config.place()?, &config.node.data)?;
    let applied = db.migrate_all(MIGRATIONS)?;
    for step in &applied {
        println!("{} {}", step.domain, step.number);
    }
    println!("{} steps applied; the database is up to date", applied.len());
    db.close();
    Ok(())
}

/// Runs the jobs and nothing else, until it is stopped.
pub async fn worker(config: &Config) -> anyhow::Result<()> {
    let house = House::known(config).await?;
    let stopped = serve::until_stopped()?;
    let domains = house.domains(domains::relay(config)?);
    let stop = Arc::new(Notify::new());
    let jobs = tokio::spawn(kit::jobs::run(house.node.clone(), house.jobs(&domains), stop.clone()));
    let watch = tokio::spawn(house.clone().watch(serve::LOOK_EVERY));
    stopped.await;
    watch.abort();
    stop.notify_one();
    jobs.await?;
    Ok(())
}

/// Looks at what a node stands on. Exit code 1 when something needs a hand; what only could be better is a warning.
pub async fn doctor(file: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::load(file)?;
    let checked = config.check().map_err(|error| format!("{}: {}", file.display(), told(&error)));
    let checked = Finding::of(
        checked.is_ok(),
        "configuration",
        checked.err().unwrap_or_else(|| file.display().to_string()),
    );
    let house = House::known(&config).await?;
    let mode = std::fs::metadata(&config.node.data)?.permissions().mode() & 0o777;
    let (own, data) = (mode & 0o077 == 0, config.node.data.display());
    let words = match own {
        true => data.to_string(),
        false => format!("{data} can be read by others on this machine: chmod 700 {data}"),
    };
    let database = format!("{}, schema up to date", house.node.db.engine());
    let mut found =
        vec![checked, Finding::of(own, "data folder", words), Finding::good("database", database)];
    found.extend(kit::health::findings(&house.node).await?);
    let directory = house.teams.directory();
    let desk = directory.desks().first();
    let words = match desk {
        Some(team) => format!("{} at {}", team.name, team.mailbox().unwrap_or("no mailbox")),
        None => "this node runs no team's desk: give it one with `wardmote team desk`".into(),
    };
    found.push(Finding::of(desk.is_some(), "desk", words));
    found.push(Finding::good("directory", format!("{} teams", directory.teams().len())));
    found.extend(house.desk.findings().await?);
    found.extend(mail::queue::findings(&house.node).await?);
    let relay = config.relay()?;
    let words = match &relay {
        Some(relay) => format!("{}:{}", relay.host, relay.port),
        None => "none: mails wait until [relay] is set".into(),
    };
    found.push(Finding::of(relay.is_some(), "relay", words));
    found.extend(house.registry.findings().await?);
    found.extend(house.trust.findings().await?);
    found.extend(house.pki.findings());
    found.extend(config.tls.finding(&house.own_certificate(), house.node.now()));
    found.extend(config.web.findings());
    found.iter().for_each(|one| println!("{one}"));
    let bad = found.iter().any(|one| one.verdict == Verdict::Bad);
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
