//! The service value, and what all its use cases share.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use contracts::trust::{Entitlements, ProvenNames};
use identity::Identity;
use kit::{Id, Node, Result};

use crate::Section;
use crate::fetch_lists::plan_fetching;
use crate::publish::plan_follow;
use crate::remind::plan_reminders;
use crate::state::State;
use crate::store;

/// The community's certification authority. Cheap to clone.
#[derive(Clone)]
pub struct Pki {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    node: Node,
    identity: Identity,
    entitlements: Arc<dyn Entitlements>,
    names: Arc<dyn ProvenNames>,
    settings: Section,
    /// The hosts of the node's own listener, when this authority makes its certificate.
    pub(crate) hosts: OnceLock<crate::own::Hosts>,
    state: ArcSwap<State>,
    /// The accounts that are shut out: their certificates rest.
    shut: ArcSwap<HashSet<Id>>,
    /// Held while reading: an older state must not follow a newer one.
    reading: tokio::sync::Mutex<()>,
}

impl Pki {
    /// The authority on `node`, whose database has [`crate::MIGRATIONS`]; `entitlements` says who may have
    /// certificates, `names` for which hosts. [`Pki::start`] makes it ready.
    pub fn new(
        node: Node,
        identity: Identity,
        entitlements: Arc<dyn Entitlements>,
        names: Arc<dyn ProvenNames>,
        settings: Section,
    ) -> Self {
        let (hosts, state, shut) = (OnceLock::new(), ArcSwap::default(), ArcSwap::default());
        let reading = tokio::sync::Mutex::default();
        Self {
            inner: Arc::new(Inner {
                node,
                identity,
                entitlements,
                names,
                settings,
                hosts,
                state,
                shut,
                reading,
            }),
        }
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

    /// Which names of hosts are whose.
    pub fn names(&self) -> &dyn ProvenNames {
        self.inner.names.as_ref()
    }

    /// How it works.
    pub fn settings(&self) -> &Section {
        &self.inner.settings
    }

    /// What is known now. It is a snapshot: take it once for one piece of work.
    pub(crate) fn state(&self) -> Arc<State> {
        self.inner.state.load_full()
    }

    /// Looks which accounts are shut out now.
    pub(crate) async fn look_who_is_shut(&self) -> Result<()> {
        let shut = self.node().db.read(identity::shut_accounts).await?;
        self.inner.shut.store(Arc::new(shut.into_iter().collect()));
        Ok(())
    }

    /// Whether the account was shut out when somebody last looked: a second ago.
    pub(crate) fn is_shut(&self, account: Id) -> bool {
        self.inner.shut.load().contains(&account)
    }

    /// Reads everything into memory, and plans the first of its jobs.
    ///
    /// # Errors
    /// The database refuses it, a setting cannot work, or the key of an authority was sealed under another key.
    pub async fn start(&self) -> Result<()> {
        self.settings().check()?;
        self.start_acme().await?;
        self.look_who_is_shut().await?;
        self.reload().await?;
        let (node, now) = (self.node().clone(), self.node().now());
        let work = move |tx: &kit::Write<'_>| {
            plan_follow(&node, tx, now)?;
            plan_fetching(&node, tx, now)?;
            plan_reminders(&node, tx, now)
        };
        self.node().db.write(work).await
    }

    /// Reads what is kept in memory anew. Every use case here does it after its commit.
    ///
    /// # Errors
    /// The database is gone; what was known is known still.
    pub async fn reload(&self) -> Result<()> {
        let _turn = self.inner.reading.lock().await;
        let node = self.node().clone();
        let state = self.node().db.read(move |c| State::read(&node, c)).await?;
        self.inner.state.store(Arc::new(state));
        Ok(())
    }

    /// Shows what another process has changed meanwhile. Cheap when nothing has.
    ///
    /// # Errors
    /// As [`Pki::reload`].
    pub async fn refresh(&self) -> Result<bool> {
        let version = self.node().db.read(store::version).await?;
        let stale = self.state().version != version;
        if stale {
            self.reload().await?;
        }
        Ok(stale)
    }

    /// Looks, `every` so often and at least once a second, for ever, for what another process has changed, for teams whose
    /// standing has, and whether the node's own certificate is to be renewed: run it beside the node.
    pub async fn watch(self, every: Duration) {
        loop {
            tokio::time::sleep(every.min(Duration::from_secs(1))).await;
            let looked = async {
                self.refresh().await?;
                self.follow().await
            };
            if let Err(error) = looked.await {
                tracing::warn!(%error, "the certificates could not be brought up to date");
            }
            self.tend_own().await;
        }
    }
}
