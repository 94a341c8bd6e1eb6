//! The configuration of a node: `wardmote.toml`, with `WARDMOTE_SECTION__KEY` in the environment over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use kit::clock::{DAY, HOUR, SECOND};
use kit::db::Place;
use mail::relay::RelayConfig;
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;

/// All of it. Unknown keys are errors that name their line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub node: NodeSection,
    #[serde(default)]
    pub database: DatabaseSection,
    #[serde(default)]
    pub web: WebSection,
    #[serde(default)]
    pub smtp: SmtpSection,
    #[serde(default)]
    pub lmtp: LmtpSection,
    #[serde(default)]
    pub relay: Option<mail::relay::Section>,
    #[serde(default)]
    pub tls: tls::Section,
    #[serde(default)]
    pub desk: DeskSection,
    #[serde(default)]
    pub registry: RegistrySection,
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
pub struct WebSection {
    pub listen: SocketAddr,
    /// Where people reach it (`https://desk.example`): links in mails and in registry objects begin so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// People reach it by https, through a proxy: cookies are for https alone.
    pub https: bool,
    /// A proxy of ours stands before it: its `X-Forwarded-For` is believed.
    pub behind_proxy: bool,
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

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeskSection {
    pub first_answer_hours: u32,
    pub answer_within_days: u32,
    pub reminders: u32,
    /// The label of what comes without one.
    pub default_tlp: Tlp,
    pub undo_seconds: u32,
    /// People who report are told at once that their mail has come.
    pub acknowledge: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistrySection {
    /// The registry that this node keeps itself (`source:` of its objects): updates go to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Names of the introducer's maintainers: an `irt` that one of them maintains shows its team's trust status.
    pub introducers: Vec<String>,
    /// Where updates are mailed to and notices of changes come from; `auto-dbm@` and the node's name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_address: Option<String>,
    /// After how many days a contact address is asked again whether somebody reads there; 0 never asks.
    pub contact_check_days: u32,
    /// Others may follow this node's registry.
    pub publish: PublishSection,
    /// The registries that this node follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirror: Vec<registry::Follow>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublishSection {
    pub enabled: bool,
    /// What others get of people: `withheld` (a placeholder), `left-out`, `whole`.
    pub personal_data: registry::Personal,
}

impl Default for RegistrySection {
    fn default() -> Self {
        Self {
            source: None,
            introducers: Vec::new(),
            update_address: None,
            contact_check_days: 180,
            publish: PublishSection::default(),
            mirror: Vec::new(),
        }
    }
}

impl Default for WebSection {
    fn default() -> Self {
        Self { listen: loopback(8080), base_url: None, https: false, behind_proxy: false }
    }
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

impl Default for DeskSection {
    fn default() -> Self {
        Self {
            first_answer_hours: 8,
            answer_within_days: 3,
            reminders: 2,
            default_tlp: Tlp::Amber,
            undo_seconds: 60,
            acknowledge: false,
        }
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
            web: WebSection::default(),
            smtp: SmtpSection::default(),
            lmtp: LmtpSection::default(),
            relay: None,
            tls: tls::Section::default(),
            desk: DeskSection::default(),
            registry: RegistrySection::default(),
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

    /// How the desk works.
    pub fn desk(&self) -> incidents::Settings {
        incidents::Settings {
            node_name: self.node.name.clone(),
            first_answer: i64::from(self.desk.first_answer_hours) * HOUR,
            answer_within: i64::from(self.desk.answer_within_days) * DAY,
            reminders: i64::from(self.desk.reminders),
            default_tlp: self.desk.default_tlp,
            undo_window: i64::from(self.desk.undo_seconds) * SECOND,
            acknowledge: self.desk.acknowledge,
            acknowledge_every: HOUR,
        }
    }

    /// How the registry works.
    pub fn registry(&self) -> registry::Settings {
        let upper = |name: &String| name.trim().to_uppercase();
        registry::Settings {
            source: self.registry.source.as_ref().map(upper),
            introducers: self.registry.introducers.iter().map(upper).collect(),
            base_url: self.web.base_url.clone().unwrap_or_default().trim_end_matches('/').to_owned(),
            update_address: match &self.registry.update_address {
                Some(address) => address.trim().to_owned(),
                None => format!("auto-dbm@{}", self.node.name),
            },
            node_name: self.node.name.clone(),
            contact_check: i64::from(self.registry.contact_check_days) * DAY,
            mirror: registry::Mirror {
                publish: self.registry.publish.enabled,
                personal: self.registry.publish.personal_data,
                folder: self.node.data.join("nrtmv4"),
                follow: self.registry.mirror.clone(),
            },
        }
    }

    /// How the relay is reached.
    ///
    /// # Errors
    /// The setting that cannot work.
    pub fn relay(&self) -> anyhow::Result<Option<RelayConfig>> {
        Ok(self.relay.as_ref().map(|relay| relay.read(&self.node.name)).transpose()?)
    }
}
