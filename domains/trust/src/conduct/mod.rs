//! The code of conduct: versions of a document, and which team declared to keep to which, when, by whom.
//!
//! A version's bytes are the document and never change: a declaration may carry a signature over exactly these bytes, by an
//! OpenPGP key of the team or by a certificate of one of its people. A newer version asks every team again.

mod declare;
mod publish;
mod store;
mod views;
mod web;

use kit::jobs::Handler;
use kit::{Error, Result};
use serde::{Deserialize, Serialize};
use teams::TrustStatus;

use crate::Trust;

pub use store::Document;
pub(crate) use store::STATEMENTS;
pub use views::{Declared, Own};
pub(crate) use web::{api, routes};

/// How declarations are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The least standing of the teams that a new version is sent to: listed, candidate, accredited or certified.
    pub asks: String,
    /// Whether a declaration needs a signature by a key of the team or a certificate of its people.
    pub signed: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { asks: TrustStatus::Candidate.name().into(), signed: false }
    }
}

impl Rules {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        self.asks().map(drop)
    }

    fn asks(&self) -> Result<TrustStatus> {
        let found = self.asks.parse::<TrustStatus>().ok().filter(|status| *status >= TrustStatus::Listed);
        found.ok_or_else(|| {
            Error::invalid("[trust.conduct] asks", "choose among listed, candidate, accredited, certified")
        })
    }
}

pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    vec![publish::handler(trust)]
}
