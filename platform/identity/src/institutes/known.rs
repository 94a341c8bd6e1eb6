//! What institutes say of themselves (OpenID Connect Discovery 1.0), kept for a while: a stranger's click on "log in" is no
//! reason to ask an institute, nor to wait for one that is silent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kit::clock::{MINUTE, SECOND};
use kit::{Error, Result, Time};
use openidconnect::core::CoreProviderMetadata;
use tokio::sync::Semaphore;

use super::Institute;

/// What an institute says of itself is asked for again after this.
pub(crate) const LASTS: Time = 10 * MINUTE;
/// Where it seems to have changed its keys since, after this.
pub(crate) const RENEWED: Time = MINUTE;
/// One that did not answer is left alone for so long.
const SILENT: Time = 10 * SECOND;
/// So many conversations with institutes at once: each takes a thread, and others need threads, too.
const AT_ONCE: usize = 8;

/// What one institute said last, and when; `None`: nothing that could be read.
type Said = Option<(Time, Option<CoreProviderMetadata>)>;

/// What is known of institutes, by their names.
pub(crate) struct Known {
    said: Mutex<BTreeMap<String, Arc<Mutex<Said>>>>,
    turns: Semaphore,
}

impl Default for Known {
    fn default() -> Self {
        Self { said: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Known {
    /// What `institute` said of itself within `within` before `now`, or says now; waits for it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer as it should, or did not a moment ago.
    pub(crate) fn of(&self, institute: &Institute, now: Time, within: Time) -> Result<CoreProviderMetadata> {
        let said = {
            let mut all = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(institute.name.clone()).or_default().clone()
        };
        // Whoever comes second waits for the answer to the first.
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        match &*said {
            Some((at, Some(metadata))) if (0..within).contains(&(now - at)) => return Ok(metadata.clone()),
            Some((at, None)) if (0..SILENT).contains(&(now - at)) => return Err(institute.silent()),
            _ => {}
        }
        let found = institute.discover();
        *said = Some((now, found.as_ref().ok().cloned()));
        found
    }

    /// Runs `work`, which talks to an institute, on a thread of its own when its turn has come.
    ///
    /// # Errors
    /// Its own; [`Error::Unavailable`] when the node stops.
    pub(crate) async fn talk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let stopped = || Error::Unavailable("the node is shutting down".into());
        let _turn = self.turns.acquire().await.map_err(|_| stopped())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?
    }
}
