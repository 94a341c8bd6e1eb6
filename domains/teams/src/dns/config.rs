//! The section `[directory.dns]` of a configuration.

use std::net::SocketAddr;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

/// How the domain name system is asked for proofs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsSection {
    /// The resolver that is asked, by UDP and TCP, address and port (`127.0.0.1:53`); when absent, none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<SocketAddr>,
    /// How long it may take to answer, in seconds.
    pub timeout_seconds: u8,
    /// How many days a record may be missing before the proof is withdrawn.
    pub gone_after_days: u16,
}

impl Default for DnsSection {
    fn default() -> Self {
        Self { resolver: None, timeout_seconds: 5, gone_after_days: 7 }
    }
}

impl DnsSection {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        if self.resolver.is_some_and(|resolver| resolver.port() == 0) {
            return Err(Error::invalid(
                "[directory.dns] resolver",
                "the port is missing: write 127.0.0.1:53",
            ));
        }
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(Error::invalid("[directory.dns] timeout_seconds", "choose 1 to 60"));
        }
        Ok(())
    }
}
