//! The house put together: adding a domain is one line here.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use contracts::tls::OwnCertificates;
use identity::Identity;
use incidents::Desk;
use kit::db::{Closing, Migration};
use kit::jobs::Handler;
use kit::{Clock, Db, Domain, Node, SystemClock, SystemRandom};
use mail::queue::{NoRelay, Relay};
use pki::Pki;
use registry::Registry;
use teams::Teams;
use trust::Trust;

use crate::config::Config;

/// The schemas, each after those that it refers to.
pub const MIGRATIONS: &[&[Migration]] = &[
    kit::MIGRATIONS,
    identity::MIGRATIONS,
    mail::MIGRATIONS,
    pki::MIGRATIONS,
    teams::MIGRATIONS,
    trust::MIGRATIONS,
    registry::MIGRATIONS,
    incidents::MIGRATIONS,
];

/// Every statement of the program, for the test that prepares them all on both engines.
#[cfg(test)]
fn statements() -> Vec<(&'static str, kit::Sql)> {
    [
        kit::statements(),
        identity::statements(),
        mail::statements(),
        pki::statements(),
        teams::statements(),
        trust::statements(),
        registry::statements(),
        incidents::statements(),
    ]
    .concat()
}

/// The services of a node.
#[derive(Clone)]
pub struct House {
    pub node: Node,
    pub identity: Identity,
    pub pki: Pki,
    /// Asks an authority elsewhere for the node's own certificate, where `[tls]` says so.
    pub acme: Option<Arc<tls::Acme>>,
    pub teams: Teams,
    pub trust: Trust,
    pub registry: Registry,
    pub desk: Desk,
    name: String,
}

impl House {
    /// Opens the node of `config`: database, schema brought forward, what is kept in memory. When what is returned goes, the
    /// database is closed.
    ///
    /// # Errors
    /// In words: what could not be opened, or that there is no node, and what to do.
    pub async fn open(config: &Config) -> anyhow::Result<Closing<Self>> {
        let db = kit::found::find(&config.place()?, &config.node.data)?;
        db.migrate_all(MIGRATIONS)?;
        Self::with(config, db, Arc::new(SystemClock)).await
    }

    /// The same for a command: it does not bring the database forward.
    ///
    /// # Errors
    /// As [`House::open`]; the schema is not this program's.
    pub async fn known(config: &Config) -> anyhow::Result<Closing<Self>> {
        let db = kit::found::find(&config.place()?, &config.node.data)?;
        db.is_of(MIGRATIONS)?;
        Self::with(config, db, Arc::new(SystemClock)).await
    }

    /// Makes the node of `config`, where there is none, and opens it.
    ///
    /// # Errors
    /// In words: what could not be made, or that there is one already.
    pub async fn found(config: &Config) -> anyhow::Result<Closing<Self>> {
        Self::found_by(config, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the machine's.
    pub async fn found_by(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Closing<Self>> {
        let db = kit::found::found(&config.place()?, &config.node.data, &SystemRandom)?;
        db.migrate_all(MIGRATIONS)?;
        Self::with(config, db, clock).await
    }

    async fn with(config: &Config, db: Db, clock: Arc<dyn Clock>) -> anyhow::Result<Closing<Self>> {
        let node = Node::open(db, &config.node.data, clock, Arc::new(SystemRandom))?;
        config.hosts.check()?;
        config.login.check()?;
        let settings = config.identity();
        let identity = Identity::new(node.clone(), settings);
        identity.start().await?;
        let teams = Teams::open(node.clone(), config.directory()).await?;
        let entitlements = Arc::new(teams.clone());
        let pki = Pki::new(node.clone(), identity.clone(), entitlements.clone(), entitlements, config.pki());
        identity.judge_certificates_by(Arc::new(pki.clone()));
        let trust = Trust::new(node.clone(), identity.clone(), teams.clone(), config.trust()?);
        identity.ask_nominators_of(Arc::new(trust.clone()));
        trust.judge_signatures_by(Arc::new(pki.clone()));
        teams.judge_holdings_by(Arc::new(pki.clone()));
        let acme = config.tls.acme_client(&node, config.hosts.names(), &config.node.data)?;
        if config.tls.is_by_authority() {
            let operating = trust.clone();
            pki.serve_hosts(config.hosts.names(), move || Ok(operating.operator()?.id));
        }
        let registry = Registry::open_with(node.clone(), teams.clone(), config.registry()).await?;
        teams.set_prover(Arc::new(registry.clone()));
        let desk = Desk::new(node.clone(), teams.clone(), registry.clone(), config.desk());
        pki.start().await?;
        teams.start().await?;
        trust.start().await?;
        registry.start().await?;
        desk.start().await?;
        let (name, db) = (config.node.name.clone(), node.db.clone());
        Ok(Closing::new(Self { node, identity, pki, acme, teams, trust, registry, desk, name }, db))
    }

    /// The services for the demo's story.
    pub fn stage(&self) -> demo::Stage {
        let (node, identity) = (self.node.clone(), self.identity.clone());
        demo::Stage {
            node,
            identity,
            teams: self.teams.clone(),
            trust: self.trust.clone(),
            registry: self.registry.clone(),
            desk: self.desk.clone(),
        }
    }

    /// What has the node's own certificate, when it comes from an authority: ours, or one elsewhere.
    pub fn own_certificate(&self) -> Arc<dyn OwnCertificates> {
        match &self.acme {
            Some(acme) => acme.clone(),
            None => Arc::new(self.pki.clone()),
        }
    }

    /// The domains in the order of the main menu.
    pub fn domains(&self, relay: Arc<dyn Relay>) -> Vec<Domain> {
        vec![
            self.desk.domain(relay),
            self.teams.domain(),
            self.trust.domain(),
            self.registry.domain(),
            self.pki.domain(),
        ]
    }

    /// All pages, the API and its description, behind the one door that knows who comes in.
    pub fn router(&self, domains: &[Domain]) -> Router {
        crate::web::router(self, &self.name, domains)
    }

    /// Shows what other processes change (imports, the directory of teams), looking `every` so often, for ever.
    pub async fn watch(self, every: Duration) {
        tokio::join!(self.teams.watch(every), self.registry.watch(every), self.pki.watch(every));
    }

    /// What the node does later.
    pub fn jobs(&self, domains: &[Domain]) -> Vec<Handler> {
        let own = domains.iter().flat_map(|domain| domain.jobs.iter().cloned());
        self.identity.jobs().into_iter().chain(own).collect()
    }
}

/// The relay of `config`; without one, mails wait.
///
/// # Errors
/// The setting that cannot work.
pub fn relay(config: &Config) -> anyhow::Result<Arc<dyn Relay>> {
    Ok(match config.relay()? {
        Some(relay) => Arc::new(mail::relay::Relay::new(&relay)?),
        None => Arc::new(NoRelay),
    })
}

#[cfg(test)]
mod tests {
    use identity::Granted;

    use super::*;

    #[test]
    fn every_statement_of_the_program_is_understood_by_the_database() {
        let node = kit::testing::node(&MIGRATIONS[1..]);
        let all = statements();
        assert!(all.len() > 100, "{}", all.len());
        assert_eq!(node.db.check_statements(&all).unwrap(), Vec::<String>::new());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_command_line_changes_is_shown_by_the_node_that_runs() {
        let folder = tempfile::tempdir().unwrap();
        let dump = folder.path().join("dump.rpsl");
        std::fs::write(&dump, "inetnum: 192.0.2.0 - 192.0.2.127\nnetname: LAB\nsource: WARD\n").unwrap();
        let config = Config::new("desk.example", folder.path().join("data"));
        let node = House::found(&config).await.unwrap();
        let watch = tokio::spawn(node.clone().watch(Duration::from_millis(20)));

        let command = House::open(&config).await.unwrap();
        let (name, mailbox) = ("Lab CERT".to_owned(), "cert@lab.example".to_owned());
        let desk = teams::NewDesk { handle: "lab".into(), name, mailbox };
        command.teams.create_desk(&Granted::for_node(), desk).await.unwrap();
        let import = move || {
            let options = registry::Options::default();
            command.registry.import(&Granted::for_node(), &[dump], options, &mut |_| {}).unwrap()
        };
        tokio::task::spawn_blocking(import).await.unwrap();

        let address = "192.0.2.7".parse().unwrap();
        let shown = async {
            while !node.desk.knows("cert@lab.example")
                || node.registry.answer(address, address).networks.is_empty()
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), shown).await.unwrap();
        watch.abort();
    }
}
