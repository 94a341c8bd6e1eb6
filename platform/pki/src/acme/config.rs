//! The section `[pki.acme]` of a configuration.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use super::reach::Network;

/// How servers get certificates by ACME.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Whether it is offered at all.
    pub enabled: bool,
    /// Under which address clients reach it (`https://acme.example`, without path); when absent, the one that a
    /// request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The port at which a server shows that it answers to its name (http-01); RFC 8555 asks for 80.
    pub http_port: u16,
    /// Networks and addresses that are not public and may be asked all the same (`127.0.0.1`, `10.0.0.0/8`).
    pub allow: Vec<String>,
    /// How long an order may take, in hours.
    pub order_hours: u16,
    /// How many orders an account may begin in an hour.
    pub orders_per_hour: u16,
    /// How many accounts may be bound by one credential.
    pub accounts_per_credential: u16,
    /// Addresses of names that are not to be asked of the name servers.
    pub resolve: BTreeMap<String, IpAddr>,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            enabled: true,
            base_url: None,
            http_port: 80,
            resolve: BTreeMap::new(),
            allow: Vec::new(),
            order_hours: 24,
            orders_per_hour: 60,
            accounts_per_credential: 50,
        }
    }
}

impl Section {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        for text in &self.allow {
            text.parse::<Network>().map_err(|why| Error::invalid("[pki.acme] allow", why))?;
        }
        if let Some(url) = &self.base_url {
            let plain = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if !plain.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', ' '])) {
                let advice = format!("{url:?} should be scheme and host alone, such as https://acme.example");
                return Err(Error::invalid("[pki.acme] base_url", advice));
            }
        }
        if self.order_hours == 0 || self.http_port == 0 {
            return Err(Error::invalid("[pki.acme]", "order_hours and http_port are more than 0"));
        }
        Ok(())
    }

    /// Whether `address` may be asked: it is public, or is allowed by name.
    pub(super) fn may_ask(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let allowed = self.allow.iter().filter_map(|text| text.parse::<Network>().ok());
        super::reach::is_public(address) || allowed.into_iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_told_by_its_key() {
        let bad = Section { allow: vec!["10.0.0.0/33".into()], ..Section::default() };
        assert!(bad.check().unwrap_err().to_string().contains("allow"));
        let bad = Section { base_url: Some("https://ca.example/acme".into()), ..Section::default() };
        assert!(bad.check().unwrap_err().to_string().contains("base_url"));
        Section { base_url: Some("https://ca.example:8443".into()), ..Section::default() }.check().unwrap();
    }

    #[test]
    fn private_addresses_are_asked_only_when_they_are_allowed() {
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(!Section::default().may_ask(loopback));
        let allowing = Section { allow: vec!["127.0.0.0/8".into()], ..Section::default() };
        assert!(allowing.may_ask(loopback) && allowing.may_ask("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!allowing.may_ask("::1".parse().unwrap()));
    }
}
