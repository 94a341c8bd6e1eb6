//! The sections `[web]`, `[hosts]` and `[login]` of a configuration: how people reach the node and come in.

use std::net::SocketAddr;
use std::path::Path;

use kit::clock::MINUTE;
use kit::health::Finding;
use kit::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{Institute, Settings};

/// The section `[web]`: how people reach the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Where it listens for pages and API.
    pub listen: SocketAddr,
    /// Where people reach it (`https://desk.example`): links in mails and in registry objects begin so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// People reach it by https, through a proxy: cookies are for https alone.
    pub https: bool,
    /// A proxy of ours stands before it: its `X-Forwarded-For` is believed.
    pub behind_proxy: bool,
}

impl Default for Web {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { listen, base_url: None, https: false, behind_proxy: false }
    }
}

impl Web {
    /// What needs a hand, and what works and could be better.
    pub fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let listen = self.listen;
        if !listen.ip().is_loopback() && !self.https {
            let todo = "put a proxy before it and set https = true";
            found.push(Finding::bad("web", format!("{listen} is open to the network without https: {todo}")));
        }
        if self.base_url.as_deref().is_none_or(str::is_empty) {
            let todo = "set it in [web] to where people reach the pages, such as https://desk.example";
            let words = format!("base_url is not set, so letters name pages without an address: {todo}");
            found.push(Finding::mind("web", words));
        }
        found
    }

    /// Whether the pages can be named by it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address that is none.
    pub fn check(&self) -> Result<()> {
        match self.base_url.as_deref() {
            Some(url) if !(url.is_empty() || url.starts_with("https://") || url.starts_with("http://")) => {
                let words = format!("{url:?} is no address: begin it with https:// or http://");
                Err(Error::invalid("[web] base_url", words))
            }
            _ => Ok(()),
        }
    }
}

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

    /// Makes relative paths count from `folder`, that of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        for one in &mut self.institutes {
            let files = one.client_secret_file.iter_mut().chain(&mut one.certificates);
            files.for_each(|file| kit::config::beside(folder, file));
        }
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

#[cfg(test)]
mod tests {
    use kit::health::Verdict;

    use super::*;

    fn web(url: Option<&str>) -> Web {
        Web { base_url: url.map(str::to_owned), ..Web::default() }
    }

    #[test]
    fn without_an_address_it_is_said_what_letters_lack_and_what_to_set() {
        for unset in [None, Some("")] {
            let found = web(unset).findings();
            let [found] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(found.verdict, Verdict::Mind);
            assert!(found.words.contains("letters name pages without an address"), "{}", found.words);
            assert!(found.words.contains("[web]"), "{}", found.words);
        }
        assert_eq!(web(Some("https://desk.example")).findings(), []);
    }

    #[test]
    fn an_address_of_the_pages_that_is_none_is_refused_by_its_name() {
        let at = |url: &str| Web { base_url: Some(url.into()), ..Web::default() }.check();
        assert!(at("desk.example").unwrap_err().to_string().contains("[web] base_url"));
        assert!(at("").is_ok() && at("https://desk.example").is_ok());
    }

    #[test]
    fn a_door_to_the_network_without_https_needs_a_hand() {
        let open = Web { listen: ([192, 0, 2, 1], 80).into(), ..web(Some("https://desk.example")) };
        let found = open.findings();
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(found.verdict, Verdict::Bad);
        assert!(found.words.contains("192.0.2.1:80 is open"), "{}", found.words);
        assert_eq!(Web { https: true, ..open }.findings(), []);
    }
}
