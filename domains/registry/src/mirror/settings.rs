//! What an operator decides about mirroring.

use std::path::PathBuf;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

/// The settings; the default neither publishes nor follows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    /// The node's own registry is published.
    pub publish: bool,
    /// What becomes of people in it.
    pub personal: Personal,
    /// Where the files lie: a folder for each registry below it, and one for files on their way in.
    pub folder: PathBuf,
    /// The registries that are followed.
    pub follow: Vec<Follow>,
}

/// What is published of objects that are about people: `person`, and `role` without an `abuse-mailbox`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personal {
    /// Handle and maintainers; a placeholder for everything else. References lead somewhere, and nobody is named.
    #[default]
    Withheld,
    /// Nothing: references to them lead nowhere.
    LeftOut,
    /// Everything, as it can be looked up here.
    Whole,
}

impl Mirror {
    /// Looks whether the registries that are followed can be, without asking for anything.
    ///
    /// # Errors
    /// The one that cannot, and why.
    pub fn check(&self, own: Option<&str>) -> Result<()> {
        for (at, one) in self.follow.iter().enumerate() {
            let wrong = |key: &str, why: String| {
                Err(Error::invalid(format!("[[registry.mirror]] {} {key}", one.source), why))
            };
            if let Err(error) = one.source.parse::<nrtm::Source>() {
                return wrong("source", error.to_string());
            }
            if own.is_some_and(|own| own.eq_ignore_ascii_case(&one.source)) {
                return wrong("source", "it is this node's own registry".to_owned());
            }
            if self.follow[..at].iter().any(|other| other.source.eq_ignore_ascii_case(&one.source)) {
                return wrong("source", "it is followed twice".to_owned());
            }
            if let Err(error) = nrtm::PublicKey::parse(&one.key) {
                return wrong("key", error.to_string());
            }
            super::fetch::Place::of(one)?;
        }
        Ok(())
    }
}

/// A registry that is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// Its name, `source:` of its objects.
    pub source: String,
    /// Its notification file: `https://host/path/update-notification-file.jose`, or `file:///…`.
    pub url: String,
    /// The public key by which its operator signs, as PEM or JWK. Once it was rolled over, the node knows the new one.
    pub key: String,
    /// A file with the certificates (PEM) that are believed for its host; those of the public ones when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificates: Option<PathBuf>,
}
