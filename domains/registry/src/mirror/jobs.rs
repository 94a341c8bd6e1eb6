//! Publishing and following, once a minute.

use kit::clock::MINUTE;
use kit::jobs::{self, Handler, Retry};
use kit::{Result, Time};

use super::{follow, publish};
use crate::Registry;

const PUBLISH: &str = "registry.publish";
const FOLLOW: &str = "registry.follow";
/// Who fails is asked again later and later, at most so late (draft section 5.5).
const LATEST: Time = 16 * MINUTE;

impl Registry {
    /// Plans publishing and following, as far as the settings want them. Call it once.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn start_mirroring(&self) -> Result<()> {
        let now = self.now();
        if self.settings().mirror.publish && self.settings().source.is_some() {
            self.plan(PUBLISH, String::new(), now).await?;
        }
        for one in &self.settings().mirror.follow {
            self.plan(FOLLOW, one.source.clone(), now).await?;
        }
        Ok(())
    }

    /// One job for each minute: the key says which, because the one that runs still has its row.
    async fn plan(&self, kind: &'static str, source: String, at: Time) -> Result<()> {
        let node = self.node().clone();
        let key = format!("{source} {}", at / MINUTE);
        self.node().db.write(move |tx| jobs::enqueue(&node, tx, kind, &key, &source, at)).await
    }
}

pub(crate) fn handlers(registry: &Registry) -> Vec<Handler> {
    let (publishing, following) = (registry.clone(), registry.clone());
    vec![
        Handler::new(PUBLISH, move |_| publish_once(publishing.clone())),
        Handler::new(FOLLOW, move |job| {
            let registry = following.clone();
            async move {
                let source: String =
                    serde_json::from_value(job.payload).map_err(|error| Retry::Never(error.to_string()))?;
                follow_once(registry, source).await
            }
        }),
    ]
}

async fn publish_once(registry: Registry) -> std::result::Result<(), Retry> {
    if !registry.settings().mirror.publish {
        return Ok(()); // it was, when the job was planned
    }
    let own = registry.clone();
    let done = tokio::task::spawn_blocking(move || publish::publish(&own, false)).await;
    match done.map_err(|error| Retry::Later(error.to_string()))? {
        Ok(Some(done)) if done.restarted => {
            tracing::info!("the registry is published in a new session");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(%error, "the registry could not be published; trying again in a minute")
        }
    }
    Ok(registry.plan(PUBLISH, String::new(), registry.now() + MINUTE).await?)
}

async fn follow_once(registry: Registry, source: String) -> std::result::Result<(), Retry> {
    let Some(one) = registry.settings().mirror.follow.iter().find(|one| one.source == source).cloned() else {
        return Ok(()); // it was followed, when the job was planned
    };
    let own = registry.clone();
    let done = tokio::task::spawn_blocking(move || follow::follow(&own, &one)).await;
    match done.map_err(|error| Retry::Later(error.to_string()))? {
        Ok(Some(done)) if done.objects > 0 => {
            tracing::info!(source, version = done.version, objects = done.objects, "mirrored");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, source, "the mirrored registry could not be followed; trying again")
        }
    }
    let name = source.to_uppercase();
    let state = registry.node().db.read(move |c| crate::store::following::of(c, &name)).await?;
    let failures = u32::try_from(state.map_or(0, |state| state.failures)).unwrap_or(u32::MAX);
    let wait = (MINUTE << failures.min(4)).min(LATEST);
    Ok(registry.plan(FOLLOW, source, registry.now() + wait).await?)
}
