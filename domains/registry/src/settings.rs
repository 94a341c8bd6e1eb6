//! What an operator decides about the registry of a node.

/// The settings; the default keeps no registry of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The registry that this node keeps itself, in upper case (`source:` of its objects): updates go to it and to
    /// no other. Without one, updates are refused.
    pub source: Option<String>,
    /// The names of the introducer's maintainers, in upper case: an `irt` that one of them maintains shows the trust
    /// status of its team.
    pub introducers: Vec<String>,
    /// Where this node's pages are reached from outside, without a slash at the end; links in notices begin with it.
    pub base_url: String,
    /// The node's public name: it stands in Message-IDs and tells its own mails in a loop.
    pub node_name: String,
    /// The address that takes updates by mail; notices and acknowledgements come from it. Empty: no mail leaves.
    pub update_address: String,
    /// How long a contact address is taken to be good after somebody answered there; 0 never asks.
    pub contact_check: kit::Time,
    /// Where the index is kept for the next start. Without it, each start reads all objects.
    pub index_file: Option<std::path::PathBuf>,
    /// Who follows this registry, and whom it follows.
    pub mirror: crate::mirror::Mirror,
}

impl Settings {
    /// The address for changes by mail, of a node that keeps a registry.
    pub fn update_address(&self) -> Option<&str> {
        let is_there = self.source.is_some() && !self.update_address.is_empty();
        is_there.then_some(self.update_address.as_str())
    }

    /// Whether `source` is the registry that this node keeps.
    pub fn keeps(&self, source: &str) -> bool {
        self.source.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(source))
    }
}
