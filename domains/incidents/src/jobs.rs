//! What the desk does later: letting mails leave, reminding, acknowledging.

use std::sync::Arc;

use kit::Id;
use kit::jobs::{Handler, Retry};
use mail::queue::{self, Relay};

use crate::{Desk, mails, reminders};

pub(crate) fn handlers(desk: &Desk, relay: Arc<dyn Relay>) -> Vec<Handler> {
    let (acknowledging, reminding) = (desk.clone(), desk.clone());
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
    ]
}

fn payload<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Retry> {
    serde_json::from_value(value).map_err(|error| Retry::Never(error.to_string()))
}
