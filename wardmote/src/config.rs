//! The configuration of a node: `wardmote.toml`, with `WARDMOTE_SECTION__KEY` in the environment over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kit::db::Place;
use mail::relay::RelayConfig;
use serde::{Deserialize, Serialize};

/// All of it. Unknown keys are errors that name their line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub node: NodeSection,
    #[serde(default)]
    pub database: DatabaseSection,
    #[serde(default)]
    pub web: identity::Web,
    #[serde(default)]
    pub hosts: identity::Hosts,
    #[serde(default)]
    pub login: identity::Section,
    #[serde(default)]
    pub smtp: SmtpSection,
    #[serde(default)]
    pub lmtp: LmtpSection,
    #[serde(default)]
    pub relay: Option<mail::relay::Section>,
    #[serde(default)]
    pub tls: tls::Section,
    #[serde(default)]
    pub directory: teams::Section,
    #[serde(default)]
    pub trust: trust::Section,
    #[serde(default)]
    pub pki: pki::Section,
    #[serde(default)]
    pub desk: incidents::Section,
    #[serde(default)]
    pub registry: registry::Config,
    #[serde(default)]
    pub whois: registry::whois::Section,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeSection {
    /// Public name: it stands in Message-IDs, in SMTP greetings and in the foot of each page.
    pub name: String,
    /// Folder for database, blobs and the key of secrets.
    pub data: PathBuf,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSection {
    /// PostgreSQL (`postgres://user@host/name`); SQLite in the data folder when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpSection {
    pub listen: SocketAddr,
    pub max_size_mb: usize,
    pub max_connections_per_peer: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LmtpSection {
    pub listen: SocketAddr,
    pub enabled: bool,
}

impl Default for SmtpSection {
    fn default() -> Self {
        Self { listen: loopback(2525), max_size_mb: 30, max_connections_per_peer: 20 }
    }
}

impl Default for LmtpSection {
    fn default() -> Self {
        Self { listen: loopback(2424), enabled: false }
    }
}

/// The loopback address with `port`.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Config {
    /// A configuration with the defaults for a node called `name` that keeps its data in `data`.
    pub fn new(name: &str, data: PathBuf) -> Self {
        Self {
            node: NodeSection { name: name.to_owned(), data },
            database: DatabaseSection::default(),
            web: identity::Web::default(),
            hosts: identity::Hosts::default(),
            login: identity::Section::default(),
            smtp: SmtpSection::default(),
            lmtp: LmtpSection::default(),
            relay: None,
            tls: tls::Section::default(),
            directory: teams::Section::default(),
            trust: trust::Section::default(),
            pki: pki::Section::default(),
            desk: incidents::Section::default(),
            registry: registry::Config::default(),
            whois: registry::whois::Section::default(),
        }
    }

    /// Reads the file at `path` and the environment.
    ///
    /// # Errors
    /// The key and the line that are wrong, and what was expected.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let mut config: Self = kit::config::load(path, std::env::vars())?;
        // A folder beside the file is meant beside the file, wherever the program is started.
        if config.node.data.is_relative() {
            config.node.data = path.parent().unwrap_or(Path::new("")).join(&config.node.data);
        }
        Ok(config)
    }

    /// Where the database is.
    pub fn place(&self) -> Place {
        match &self.database.url {
            Some(url) => Place::Postgres(url.clone()),
            None => Place::Sqlite(self.node.data.join("wardmote.db")),
        }
    }

    /// How people come in.
    pub fn identity(&self) -> identity::Settings {
        let web = &self.web;
        self.login.settings(web.https, web.behind_proxy, web.base_url.as_deref(), &self.hosts)
    }

    /// How the desk works.
    pub fn desk(&self) -> incidents::Settings {
        self.desk.settings(&self.node.name)
    }

    /// How the registry works.
    pub fn registry(&self) -> registry::Settings {
        let base_url = self.web.base_url.as_deref().unwrap_or_default();
        self.registry.settings(&self.node.name, base_url, &self.node.data)
    }

    /// How the community's process runs.
    ///
    /// # Errors
    /// The setting, or the file that it names, that cannot be used.
    pub fn trust(&self) -> anyhow::Result<trust::Settings> {
        let base_url = self.web.base_url.as_deref().unwrap_or_default();
        Ok(self.trust.settings(&self.node.name, base_url)?)
    }

    /// How the directory works: the community's operator signs its files.
    pub fn directory(&self) -> teams::Section {
        let signing_team = self.trust.operator.clone().unwrap_or_default();
        teams::Section { signing_team, ..self.directory.clone() }
    }

    /// How the certification authority works: it is reached where the pages are, if nothing else is said.
    pub fn pki(&self) -> pki::Section {
        let url = self.web.base_url.clone().filter(|_| self.pki.url.is_empty());
        pki::Section { url: url.unwrap_or_else(|| self.pki.url.clone()), ..self.pki.clone() }
    }

    /// How the relay is reached.
    ///
    /// # Errors
    /// The setting that cannot work.
    pub fn relay(&self) -> anyhow::Result<Option<RelayConfig>> {
        Ok(self.relay.as_ref().map(|relay| relay.read(&self.node.name)).transpose()?)
    }
}
