//! The section `[pki]` of a configuration.

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::x509::Places;

/// How the authority works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// Where everybody reaches this node (`http://pki.example`): certificates name it for lists and answers. Plain http
    /// is best: whoever verifies a certificate must not need to verify another one first. Empty: `[web] base_url`, and
    /// without that certificates name no place.
    pub url: String,
    /// For how many days a person's certificate is valid.
    pub person_days: u16,
    /// For how many days a server's certificate is valid.
    pub server_days: u16,
    /// So many certificates a person may have at once.
    pub most_per_person: u16,
    /// For how many hours a revocation list is good; a new one is made when half of them are over, and with each change.
    pub crl_hours: u16,
    /// For how many minutes an answer by OCSP is good.
    pub ocsp_minutes: u16,
    /// The address from which letters about certificates come; without one none are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// So many days before a certificate ends its holder is told.
    pub remind_days: Vec<u16>,
    /// Certificates for servers by ACME.
    pub acme: crate::acme::Section,
}

impl Default for Section {
    fn default() -> Self {
        Self {
            url: String::new(),
            person_days: 365,
            server_days: 90,
            most_per_person: 10,
            crl_hours: 48,
            ocsp_minutes: 15,
            from: None,
            remind_days: vec![30, 7, 1],
            acme: crate::acme::Section::default(),
        }
    }
}

impl Section {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let days = |key: &str, days: u16, most: u16| {
            let advice = format!("{days} days: take 1 to {most}");
            if (1..=most).contains(&days) {
                Ok(())
            } else {
                Err(Error::invalid(format!("[pki] {key}"), advice))
            }
        };
        days("person_days", self.person_days, 825)?;
        days("server_days", self.server_days, 398)?;
        if !self.url.is_empty() && !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err(Error::invalid("[pki] url", "begin it with http://"));
        }
        if self.from.as_deref().is_some_and(|from| !from.contains('@')) {
            return Err(Error::invalid("[pki] from", "this is no mail address"));
        }
        if !(1..=24 * 31).contains(&self.crl_hours) {
            return Err(Error::invalid("[pki] crl_hours", "take 1 to 744"));
        }
        if !(1..=24 * 60).contains(&self.ocsp_minutes) {
            return Err(Error::invalid("[pki] ocsp_minutes", "take 1 to 1440"));
        }
        self.acme.check()
    }

    /// What certificates of the authority `name` say about where to look.
    pub(crate) fn places(&self, name: &str) -> Places {
        let url = self.url.trim_end_matches('/');
        if url.is_empty() {
            return Places::default();
        }
        Places {
            crl: Some(format!("{url}/pki/{name}.crl")),
            ocsp: Some(format!("{url}/pki/ocsp")),
            issuer: Some(format!("{url}/pki/{name}.crt")),
        }
    }
}
