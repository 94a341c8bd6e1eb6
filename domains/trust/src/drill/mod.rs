//! Drills: can teams be reached as their records say?
//!
//! ```text
//! waiting ──► asked ──► answered            by the link's button, or by an answer to the mail
//!    │          ├─────► silent ──► late     no answer by the deadline; one that came after it
//!    │          └─────► bounced             the mail was refused for good
//!    └────► unreachable                     no address, or nothing could be written to it
//! ```
//! A link that is only looked at acknowledges nothing: mail programs follow every link they see.

mod letter;
mod model;
mod round;
mod run;
mod store;
mod views;
mod web;

use kit::jobs::Handler;
use kit::{Error, Result};
use serde::{Deserialize, Serialize};
use teams::TrustStatus;

use crate::Trust;

pub use model::{Check, Drill, Figures, State, Way};
pub use run::NewDrill;
pub(crate) use store::STATEMENTS;
pub(crate) use views::took;
pub use views::{DrillView, Month, Row};
pub(crate) use web::{api, mark, routes};

/// How teams are tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Days from one drill to the next; 0: only by hand.
    pub every_days: u32,
    /// Hours that teams have to answer.
    pub answer_hours: u32,
    /// The least standing of the teams that are tested on schedule: listed, candidate, accredited or certified.
    pub scope: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self { every_days: 0, answer_hours: 72, scope: TrustStatus::Listed.name().into() }
    }
}

impl Rules {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        self.scope().map_err(|_| {
            Error::invalid("[trust.drill] scope", "choose among listed, candidate, accredited, certified")
        })?;
        match self.answer_hours {
            1..=2_160 => Ok(()),
            _ => Err(Error::invalid("[trust.drill] answer_hours", "from 1 hour to 2160 hours (90 days)")),
        }
    }

    fn scope(&self) -> Result<TrustStatus> {
        scope(&self.scope)
    }
}

/// The least standing called `name`: teams below *listed* are asked nothing.
fn scope(name: &str) -> Result<TrustStatus> {
    let found = name.parse::<TrustStatus>().ok().filter(|status| *status >= TrustStatus::Listed);
    found.ok_or_else(|| Error::invalid("scope", "choose among listed, candidate, accredited, certified"))
}

pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    vec![run::handler(trust), round::handler(trust)]
}

/// Plans the first round.
pub(crate) async fn start(trust: &Trust) -> Result<()> {
    round::start(trust).await
}
