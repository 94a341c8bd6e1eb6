//! What an operator decides about port 43.

use std::net::SocketAddr;
use std::time::Duration;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Limits;

/// Settings of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Personal data a day.
    pub limits: Limits,
    /// Connections at a time; one more gets `ERROR:306`. Default 10,000.
    pub max_connections: usize,
    /// Connections at a time from one address that is not this machine. Default 200.
    pub max_per_peer: usize,
    /// How long the first query is waited for. Default 10 s.
    pub first_query: Duration,
    /// How long a persistent connection may say nothing. Default 180 s, as at RIPE.
    pub idle: Duration,
    /// How long 64 KiB of an answer may take to be read. Default 30 s.
    pub write: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_connections: 10_000,
            max_per_peer: 200,
            first_query: Duration::from_secs(10),
            idle: Duration::from_secs(180),
            write: Duration::from_secs(30),
        }
    }
}

/// The section `[whois]` of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Whether queries are answered.
    pub enabled: bool,
    /// Where.
    pub listen: SocketAddr,
    /// See [`Config::max_connections`].
    pub max_connections: usize,
    /// See [`Config::max_per_peer`].
    pub max_connections_per_peer: usize,
    /// See [`Limits::per_address`].
    pub personal_per_address: u32,
    /// See [`Limits::per_account`].
    pub personal_per_account: u32,
}

impl Default for Section {
    fn default() -> Self {
        let usual = Config::default();
        Self {
            enabled: true,
            listen: SocketAddr::from(([127, 0, 0, 1], 4343)),
            max_connections: usual.max_connections,
            max_connections_per_peer: usual.max_per_peer,
            personal_per_address: usual.limits.per_address,
            personal_per_account: usual.limits.per_account,
        }
    }
}

impl Section {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let limits = [
            ("max_connections", self.max_connections),
            ("max_connections_per_peer", self.max_connections_per_peer),
        ];
        match limits.iter().find(|(_, most)| self.enabled && *most == 0) {
            Some((key, _)) => {
                let advice = "with 0 nobody would be answered: set enabled = false for that";
                Err(Error::invalid(format!("[whois] {key}"), advice))
            }
            None => Ok(()),
        }
    }

    /// The settings of the listener.
    pub fn settings(&self) -> Config {
        let usual = Config::default();
        Config {
            limits: Limits {
                per_address: self.personal_per_address,
                per_account: self.personal_per_account,
                ..usual.limits
            },
            max_connections: self.max_connections,
            max_per_peer: self.max_connections_per_peer,
            ..usual
        }
    }
}
