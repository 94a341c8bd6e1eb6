//! The sections `[smtp]` and `[lmtp]` of a configuration.

use std::net::SocketAddr;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

/// `[smtp]`: where mail comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Larger mails are refused, here and at every other way in.
    pub max_size_mb: usize,
    /// More connections from one address are sent away.
    pub max_connections_per_peer: usize,
}

/// `[lmtp]`: where it comes in from a mail exchanger on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LmtpSection {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether it listens at all.
    pub enabled: bool,
}

impl Default for Section {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 2525));
        Self { listen, max_size_mb: 30, max_connections_per_peer: 20 }
    }
}

impl Default for LmtpSection {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 2424)), enabled: false }
    }
}

impl Section {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        if !(1..=1024).contains(&self.max_size_mb) {
            return Err(Error::invalid("[smtp] max_size_mb", "take 1 to 1024: with 0 no mail would come in"));
        }
        if self.max_connections_per_peer == 0 {
            return Err(Error::invalid("[smtp] max_connections_per_peer", "with 0 no mail would come in"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_refuses_every_mail_is_told() {
        Section::default().check().unwrap();
        let none = Section { max_size_mb: 0, ..Section::default() };
        assert!(none.check().unwrap_err().to_string().contains("[smtp] max_size_mb"));
        assert!(Section { max_connections_per_peer: 0, ..Section::default() }.check().is_err());
    }
}
