//! What the desk does later: letting mails leave, reminding, acknowledging, tidying up.

use std::sync::Arc;

use kit::clock::{DAY, HOUR};
use kit::jobs::{self, Handler, Retry};
use kit::{Id, Result, Time};
use mail::queue::{self, Relay};

use crate::store::{drafts, reports, undo};
use crate::{Desk, mails, reminders};

const TIDY: &str = "incidents.tidy";
/// A draft that nobody has touched for this long is forgotten.
const DRAFT_LASTS: Time = 30 * DAY;

impl Desk {
    /// Reads what the desk keeps in memory, and plans its housekeeping. Call it once.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn start(&self) -> Result<()> {
        self.load_exclusions().await?;
        let (node, now) = (self.node().clone(), self.node().now());
        self.node().db.write(move |tx| jobs::plan(&node, tx, TIDY, HOUR, now)).await
    }

    async fn tidy(&self) -> Result<()> {
        let now = self.node().now();
        let told_again = now - self.settings().acknowledge_every.max(HOUR);
        let tidied = self.node().db.write(move |tx| {
            undo::purge(tx, now)?;
            reports::forget_acknowledged(tx, told_again)?;
            drafts::purge(tx, now - DRAFT_LASTS)
        });
        tidied.await.map(drop)
    }
}

pub(crate) fn handlers(desk: &Desk, relay: Arc<dyn Relay>) -> Vec<Handler> {
    let (acknowledging, reminding, tidying) = (desk.clone(), desk.clone(), desk.clone());
    vec![
        queue::handler(desk.node().clone(), relay),
        Handler::new(mails::ACKNOWLEDGE, move |job| {
            let desk = acknowledging.clone();
            async move {
                let (team, report): (Id, Id) = payload(job.payload)?;
                Ok(mails::acknowledge(&desk, team, report).await?)
            }
        }),
        Handler::new(reminders::JOB, move |job| {
            let desk = reminding.clone();
            async move {
                let (team, investigation): (Id, Id) = payload(job.payload)?;
                Ok(reminders::due(&desk, team, investigation).await?)
            }
        }),
        Handler::repeated(desk.node(), TIDY, HOUR, move || {
            let desk = tidying.clone();
            async move { desk.tidy().await }
        }),
    ]
}

fn payload<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> std::result::Result<T, Retry> {
    serde_json::from_value(value).map_err(|error| Retry::Never(error.to_string()))
}
