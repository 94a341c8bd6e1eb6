//! The service value, and what all its use cases share.

use std::sync::Arc;

use contracts::trust::Entitlements;
use identity::Identity;
use kit::{Node, Result};

use crate::Section;

/// The community's certification authority. Cheap to clone.
#[derive(Clone)]
pub struct Pki {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    identity: Identity,
    entitlements: Arc<dyn Entitlements>,
    settings: Section,
}

impl Pki {
    /// The authority on `node`, whose database has [`crate::MIGRATIONS`]; `entitlements` says who may have
    /// certificates.
    pub fn new(
        node: Node,
        identity: Identity,
        entitlements: Arc<dyn Entitlements>,
        settings: Section,
    ) -> Self {
        Self { inner: Arc::new(Inner { node, identity, entitlements, settings }) }
    }

    /// The node it stands on.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// The accounts of those who have certificates.
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// Who may have certificates, now.
    pub fn entitlements(&self) -> &dyn Entitlements {
        self.inner.entitlements.as_ref()
    }

    /// How it works.
    pub fn settings(&self) -> &Section {
        &self.inner.settings
    }

    /// Plans the first of its jobs.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn start(&self) -> Result<()> {
        Ok(())
    }
}
