//! The section `[trust]` of a configuration, and what the process needs to know of its node beside it.

use std::ops::Deref;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::process::Rules;
use crate::{conduct, drill, maturity, people, stranger};

/// How the community's process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// The handle of the team that operates the community: its desk writes the letters, its key signs them. Without one,
    /// the only desk of the node does.
    pub operator: Option<String>,
    /// The community's name, as letters have it.
    pub community: String,
    /// Addresses to which news for the community go; without any, to the teams that have a vote.
    pub announce: Vec<String>,
    /// The numbers of the rules.
    pub rules: Rules,
    /// Whether teams can be reached.
    pub drill: drill::Rules,
    /// How mature teams are.
    pub maturity: maturity::Sources,
    /// What teams declare to keep to.
    pub conduct: conduct::Rules,
    /// How people come to be trusted.
    pub people: people::Rules,
    /// How somebody without an account applies.
    pub apply: stranger::Rules,
}

impl Section {
    /// The community's name.
    pub fn community(&self) -> &str {
        if self.community.is_empty() { "the community" } else { &self.community }
    }

    /// Makes relative paths count from `folder`, that of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        let files = self.maturity.model.iter_mut().chain(&mut self.maturity.profiles);
        files.for_each(|file| kit::config::beside(folder, file));
    }

    /// The settings on a node called `node_name` whose pages are reached at `base_url` (without a slash at the end; empty
    /// when that is not known). Reads the files that the section names.
    ///
    /// # Errors
    /// [`kit::Error::Invalid`] names the key, or the file and what is wrong in it.
    pub fn settings(&self, node_name: &str, base_url: &str) -> kit::Result<Settings> {
        self.drill.check()?;
        self.conduct.check()?;
        self.people.check()?;
        self.apply.check()?;
        self.rules.check()?;
        Ok(Settings {
            section: self.clone(),
            node_name: node_name.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            catalogue: self.maturity.read()?,
        })
    }
}

/// What the process goes by. It reads like its [`Section`].
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What was configured.
    pub section: Section,
    /// The node's public name: it stands in Message-IDs.
    pub node_name: String,
    /// Where the node's pages are reached from outside, without a slash at the end; links in letters begin with it.
    pub base_url: String,
    /// What maturity is measured by.
    pub catalogue: maturity::Catalogue,
}

impl Deref for Settings {
    type Target = Section;

    fn deref(&self) -> &Section {
        &self.section
    }
}
