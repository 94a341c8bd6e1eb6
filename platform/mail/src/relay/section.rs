//! The section `[relay]` of a configuration.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{RelayConfig, RelayTls};

/// How an operator says where the relay is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Host name or address.
    pub host: String,
    /// TCP port; 587 when absent.
    #[serde(default = "submission")]
    pub port: u16,
    /// `none` (a relay on this machine), `starttls`, `tls`.
    #[serde(default)]
    pub tls: RelayTls,
    /// For AUTH, with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A file that holds the password and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
}

/// RFC 6409 section 3.1.
fn submission() -> u16 {
    587
}

impl Section {
    /// Makes relative paths count from `folder`, that of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        self.password_file.iter_mut().for_each(|file| kit::config::beside(folder, file));
    }

    /// How the relay is reached by a node called `hello`.
    ///
    /// # Errors
    /// The file with the password cannot be read, or one of user and password is missing.
    pub fn read(&self, hello: &str) -> Result<RelayConfig> {
        let credentials = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => {
                let password = std::fs::read_to_string(file).map_err(|error| {
                    Error::invalid("[relay] password_file", format!("{}: {error}", file.display()))
                })?;
                Some((user.clone(), password.trim_end().to_owned()))
            }
            (None, None) => None,
            _ => {
                return Err(Error::invalid(
                    "[relay]",
                    "user and password_file go together: set both or none",
                ));
            }
        };
        Ok(RelayConfig {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            credentials,
            root_certificates: Vec::new(),
            hello: hello.to_owned(),
            timeout: Duration::from_secs(60),
        })
    }
}
