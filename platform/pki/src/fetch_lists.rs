//! Fetches the revocation lists of other communities' authorities, where the operator has said where they are.

use std::io::Read as _;
use std::time::Duration;

use identity::Granted;
use kit::clock::HOUR;
use kit::jobs::{self, Handler};
use kit::{Error, Node, Result, Time, Write};

use crate::Pki;
use crate::trusted::LARGEST_CRL;

/// Looks every hour.
pub(crate) const FETCH: &str = "pki.fetch-lists";

impl Pki {
    /// Fetches the lists that have an address. One that cannot be had is logged, and the one before stays. Returns how
    /// many were newer than what was here.
    ///
    /// # Errors
    /// The node is shutting down.
    pub async fn fetch_lists(&self) -> Result<usize> {
        let mut taken = 0;
        for one in self.trusted(&Granted::for_node()) {
            let Some(url) = one.crl_url.clone() else { continue };
            let fetched = tokio::task::spawn_blocking(move || fetch(&url)).await;
            let fetched = fetched.map_err(|_| Error::Unavailable("the node is shutting down".into()))?;
            let done = match fetched {
                Ok(list) if one.crl.as_deref() == Some(&list) => continue,
                Ok(list) => self.take_crl(&Granted::for_node(), &one.name, &list).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => taken += 1,
                Err(error) => {
                    tracing::warn!(authority = one.name, %error, "its revocation list was not fetched")
                }
            }
        }
        Ok(taken)
    }

    /// The fetching's own job.
    pub(crate) fn fetch_job(&self) -> Handler {
        let this = self.clone();
        Handler::repeated(self.node(), FETCH, HOUR, move || {
            let this = this.clone();
            async move { this.fetch_lists().await.map(drop) }
        })
    }
}

/// The first of the looks for lists: one each hour.
pub(crate) fn plan_fetching(node: &Node, tx: &Write<'_>, at: Time) -> Result<()> {
    jobs::plan(node, tx, FETCH, HOUR, at)
}

/// The list at `url`: bounded in size and time, and from no other address. Its signature is what counts, not the way.
fn fetch(url: &str) -> Result<Vec<u8>> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(60)))
        .max_redirects(0)
        .user_agent(concat!("wardmote/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let failed = |error: &dyn std::fmt::Display| Error::Unavailable(format!("{url}: {error}"));
    let mut answer = agent.get(url).call().map_err(|error| failed(&error))?;
    if answer.status() != 200 {
        return Err(failed(&format!("answered with status {}", answer.status())));
    }
    let mut list = Vec::new();
    let reader = answer.body_mut().as_reader();
    reader.take(LARGEST_CRL as u64 + 1).read_to_end(&mut list).map_err(|error| failed(&error))?;
    Ok(list)
}
