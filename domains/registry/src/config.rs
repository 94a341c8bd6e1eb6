//! The section `[registry]` of a node's configuration.

use std::path::Path;

use kit::clock::DAY;
use serde::{Deserialize, Serialize};

use crate::mirror::{Follow, Mirror, Personal};
use crate::settings::Settings;

/// What stands in the file. Unknown keys are errors.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The registry that this node keeps itself (`source:` of its objects): updates go to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Names of the introducer's maintainers: an `irt` that one of them maintains shows its team's trust status.
    pub introducers: Vec<String>,
    /// Where updates are mailed to and notices of changes come from; `auto-dbm@` and the node's name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_address: Option<String>,
    /// After how many days a contact address is asked again whether somebody reads there; 0 never asks.
    pub contact_check_days: u32,
    /// Others may follow this node's registry.
    pub publish: Publish,
    /// The registries that this node follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mirror: Vec<Follow>,
}

/// `[registry.publish]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// Whether the node's own registry is published (NRTMv4).
    pub enabled: bool,
    /// What others get of people: `withheld` (a placeholder), `left-out`, `whole`.
    pub personal_data: Personal,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            source: None,
            introducers: Vec::new(),
            update_address: None,
            contact_check_days: 180,
            publish: Publish::default(),
            mirror: Vec::new(),
        }
    }
}

impl Config {
    /// Makes relative paths count from `folder`, that of the configuration.
    pub fn resolve(&mut self, folder: &Path) {
        let files = self.mirror.iter_mut().filter_map(|one| one.certificates.as_mut());
        files.for_each(|file| kit::config::beside(folder, file));
    }

    /// Looks for what cannot work.
    ///
    /// # Errors
    /// [`kit::Error::Invalid`] names the key.
    pub fn check(&self) -> kit::Result<()> {
        if self.publish.enabled && self.source.is_none() {
            let advice = "there is no registry to publish: name it in [registry] source";
            return Err(kit::Error::invalid("[registry.publish] enabled", advice));
        }
        self.settings("", "", Path::new("")).mirror.check(self.source.as_deref())
    }

    /// The settings of a node called `node_name`, reached at `base_url`, with its data in `data`.
    pub fn settings(&self, node_name: &str, base_url: &str, data: &Path) -> Settings {
        let upper = |name: &String| name.trim().to_uppercase();
        Settings {
            source: self.source.as_ref().map(upper),
            introducers: self.introducers.iter().map(upper).collect(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            update_address: match &self.update_address {
                Some(address) => address.trim().to_owned(),
                None => format!("auto-dbm@{node_name}"),
            },
            node_name: node_name.to_owned(),
            contact_check: i64::from(self.contact_check_days) * DAY,
            index_file: Some(data.join("registry.index")),
            mirror: Mirror {
                publish: self.publish.enabled,
                personal: self.publish.personal_data,
                folder: data.join("nrtmv4"),
                follow: self.mirror.clone(),
            },
        }
    }
}
