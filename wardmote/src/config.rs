//! The configuration of a node: `wardmote.toml`, with `WARDMOTE_SECTION__KEY` in the environment over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use kit::config::{DatabaseSection, NodeSection};
use kit::db::Place;
use mail::relay::RelayConfig;
use mail::smtp;
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
    pub smtp: smtp::Section,
    #[serde(default)]
    pub lmtp: smtp::LmtpSection,
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

/// Keys that earlier versions wrote, and what to do about them.
const GONE: &[(&str, &str)] =
    &[("signing_team", "it is gone: [trust] operator names the team, so take this line out")];

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
            smtp: smtp::Section::default(),
            lmtp: smtp::LmtpSection::default(),
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

    /// Reads the file at `path` and the environment. Relative paths count from the file, wherever the program is started.
    ///
    /// # Errors
    /// The key and the line that are wrong, and what was expected.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let mut config: Self = kit::config::load(path, GONE, std::env::vars())?;
        let folder = path.parent().unwrap_or(Path::new(""));
        kit::config::beside(folder, &mut config.node.data);
        config.login.resolve(folder);
        config.relay.iter_mut().for_each(|relay| relay.resolve(folder));
        config.tls.resolve(folder);
        config.trust.resolve(folder);
        config.registry.resolve(folder);
        Ok(config)
    }

    /// Looks for what cannot work, in every section. A node serves only when all of it can.
    ///
    /// # Errors
    /// The key, and what to write.
    pub fn check(&self) -> anyhow::Result<()> {
        self.node.check()?;
        self.place()?;
        self.web.check()?;
        self.hosts.check()?;
        self.login.check()?;
        self.smtp.check()?;
        if let Some(relay) = self.relay()? {
            mail::relay::Relay::new(&relay).context("[relay]")?;
        }
        self.tls.check(&self.hosts.names())?;
        self.directory().check()?;
        self.trust()?;
        self.pki().check()?;
        self.registry.check()?;
        self.whois.check()?;
        let all = [
            (true, "[web] listen", self.web.listen),
            (true, "[smtp] listen", self.smtp.listen),
            (self.lmtp.enabled, "[lmtp] listen", self.lmtp.listen),
            (self.tls.enabled, "[tls] listen", self.tls.listen),
            (self.whois.enabled, "[whois] listen", self.whois.listen),
        ];
        let open: Vec<_> = all.iter().filter(|one| one.0).map(|one| (one.1, one.2)).collect();
        Ok(kit::config::no_port_twice(&open)?)
    }

    /// Where the database is.
    ///
    /// # Errors
    /// The address is none of a PostgreSQL.
    pub fn place(&self) -> kit::Result<Place> {
        self.database.place(&self.node.data)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What `config check` says of `text` in a file in `folder` that names a node.
    fn told(folder: &Path, text: &str) -> Result<(), String> {
        let file = folder.join("wardmote.toml");
        std::fs::write(&file, format!("[node]\nname = \"desk.example\"\ndata = \"data\"\n{text}\n")).unwrap();
        Config::load(&file).and_then(|config| config.check()).map_err(|error| crate::told(&error))
    }

    #[test]
    fn what_a_node_would_refuse_is_told_by_its_key_before_it_starts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "x").unwrap();
        let relay =
            "[relay]\nhost = \"mx.example\"\ntls = \"none\"\nuser = \"a\"\npassword_file = \"password\"";
        for (text, key) in [
            ("[directory.services]\nnonsense = \"listed\"", "[directory.services] nonsense"),
            ("[directory.services]\nopen-meetings = \"best\"", "[directory.services] open-meetings"),
            ("[trust.rules]\nquorum = 3\nquorum_of = 2", "[trust.rules] quorum"),
            ("[trust.drill]\nscope = \"all\"", "[trust.drill] scope"),
            ("[trust.maturity]\nprofiles = [\"missing.toml\"]", "missing.toml"),
            ("[trust.conduct]\nasks = \"all\"", "[trust.conduct] asks"),
            ("[pki]\nurl = \"pki.example\"", "[pki] url"),
            ("[pki]\nfrom = \"pki\"", "[pki] from"),
            ("[pki]\nperson_days = 0", "[pki] person_days"),
            ("[pki]\ncrl_hours = 0", "[pki] crl_hours"),
            ("[pki.acme]\nallow = [\"10.0.0.0/33\"]", "[pki.acme] allow"),
            (relay, "[relay]"),
            ("[database]\nurl = \"mysql://db/desk\"", "[database] url"),
            ("[smtp]\nlisten = \"127.0.0.1:8080\"", "[smtp] listen"),
            ("[smtp]\nmax_size_mb = 0", "[smtp] max_size_mb"),
            ("[whois]\nmax_connections = 0", "[whois] max_connections"),
            ("[registry.publish]\nenabled = true", "[registry.publish] enabled"),
        ] {
            let words = told(folder.path(), text).expect_err(text);
            assert!(words.contains(key), "{text}: {words}");
        }
        assert_eq!(told(folder.path(), ""), Ok(()));
        let nameless = Config::new("", "data".into()).check().unwrap_err().to_string();
        assert!(nameless.contains("[node] name"), "{nameless}");
    }

    #[test]
    fn a_key_that_is_gone_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let words = told(folder.path(), "[directory]\nsigning_team = \"desk\"").unwrap_err();
        assert!(words.contains("line 5") && words.contains("[trust] operator names the team"), "{words}");
    }

    #[test]
    fn paths_count_from_the_file_in_which_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("relay.password"), "x").unwrap();
        let relay = "[relay]\nhost = \"mx.example\"\nuser = \"a\"\npassword_file = \"relay.password\"";
        assert_eq!(told(folder.path(), relay), Ok(()));
        let all = r#"
            login.institutes = [{ name = "a", title = "A", issuer = "https://a.example", client_id = "x", client_secret_file = "i", certificates = "i" }]
            tls = { cert = "i", key = "i", acme = { root = "i", key_file = "i" }, more = [{ cert = "i", key = "i" }] }
            trust.maturity = { model = "i", profiles = ["i"] }
            registry.mirror = [{ source = "X", url = "", key = "", certificates = "i" }]
            node = { name = "desk.example", data = "i" }
        "#;
        let file = folder.path().join("all.toml");
        std::fs::write(&file, all).unwrap();
        let text = toml::to_string(&Config::load(&file).unwrap()).unwrap();
        let resolved = format!("\"{}\"", folder.path().join("i").display());
        assert_eq!((text.matches(&resolved).count(), text.matches("\"i\"").count()), (12, 0), "{text}");
    }
}
