//! The section `[login]` of a configuration.

use kit::clock::MINUTE;
use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{Institute, Settings};

/// How people come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// For so many minutes after somebody proved themselves, dangerous acts do not ask again.
    pub step_up_minutes: u16,
    /// Lost second factors are recovered by two people, an administrator and a nominator: none takes them off alone.
    pub split_recovery: bool,
    /// Institutes that log their people in (OpenID Connect).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub institutes: Vec<Institute>,
}

/// The section `[hosts]`: the names under which the node is reached. Without them one name serves everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hosts {
    /// Where everybody finds what is public; nobody is asked for a certificate, nobody is logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<String>,
    /// Where members log in; by TLS they are asked for their certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<String>,
    /// Where machines find revocation lists, OCSP and ACME; as public as the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pki: Option<String>,
}

impl Hosts {
    /// All names that are configured, the members' host first.
    pub fn names(&self) -> Vec<String> {
        let all = [&self.members, &self.public, &self.pki].into_iter().flatten();
        let mut names: Vec<String> = Vec::new();
        for name in all {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let names = [("public", &self.public), ("members", &self.members), ("pki", &self.pki)];
        for (key, name) in names {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
            if name.as_ref().is_some_and(|name| name.is_empty() || !name.chars().all(fits)) {
                let advice = "a host's name alone, in small letters: no https://, no port";
                return Err(Error::invalid(format!("[hosts] {key}"), advice));
            }
        }
        if self.members.is_none() && (self.public.is_some() || self.pki.is_some()) {
            let advice = "public hosts lead to the members' host: name that one, too";
            return Err(Error::invalid("[hosts] members", advice));
        }
        if self.members.is_some() && (self.members == self.public || self.members == self.pki) {
            let advice = "the members' host needs a name of its own: its browsers are asked for certificates";
            return Err(Error::invalid("[hosts] members", advice));
        }
        Ok(())
    }

    /// Whether everybody is a stranger at the host called `name`.
    pub(crate) fn is_public(&self, name: &str) -> bool {
        [&self.public, &self.pki].into_iter().any(|host| host.as_deref() == Some(name))
    }
}

impl Default for Section {
    fn default() -> Self {
        Self { step_up_minutes: 15, split_recovery: false, institutes: Vec::new() }
    }
}

impl Section {
    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        self.institutes.iter().try_for_each(Institute::check)
    }

    /// The settings, where the rest of the configuration says how the node is reached.
    pub fn settings(&self, https: bool, behind_proxy: bool, origin: Option<&str>, hosts: &Hosts) -> Settings {
        let step_up = i64::from(self.step_up_minutes) * MINUTE;
        let members = hosts.members.as_ref().map(|name| format!("https://{name}"));
        let origin = origin.map(str::to_owned).or(members);
        Settings {
            https,
            behind_proxy,
            origin,
            step_up,
            split_recovery: self.split_recovery,
            institutes: self.institutes.clone(),
            hosts: hosts.clone(),
        }
    }
}
