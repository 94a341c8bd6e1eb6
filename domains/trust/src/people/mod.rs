//! People whom teams vouch for: nominated by one team, vouched for by others, asked, approved; see [`state`] for the way.
//!
//! A nominee is told only when enough teams vouch. Who objects, and why, lies sealed: the introducer and the board have it
//! opened, nobody else, and the record names nobody. Who nominated whom is kept: the halves of a lost account's recovery go
//! to the operator and to the nominator, whom [`Trust`] tells as [`contracts::trust::Nominators`].

mod decide;
mod letters;
mod nominate;
pub mod state;
mod store;
mod views;
mod web;

use std::pin::Pin;

use kit::jobs::Handler;
use kit::{Error, Id, Result};
use serde::{Deserialize, Serialize};

use crate::Trust;

pub use nominate::Nomination;
pub(crate) use nominate::{address, purpose};
pub use state::State;
pub(crate) use store::STATEMENTS;
pub use views::{ObjectionView, PersonView, VouchView};
pub(crate) use web::{api, mark, routes};

/// The handle of the organisation in which people without a team have their accounts.
pub const ASSOCIATES: &str = "associates";

/// How people come to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// So many different teams vouch for a person, the nominator's among them.
    pub teams: u32,
    /// Whether the word of the person's own team counts.
    pub own_team: bool,
    /// Days in which enough teams vouch, or the nomination ends.
    pub vetting_days: u32,
    /// Days in which the nominee answers, or it ends.
    pub answer_days: u32,
    /// Days after which somebody whose nomination failed may be named again.
    pub repeat_days: u32,
    /// Days after which somebody who was not seen rests; 0: never.
    pub idle_days: u32,
    /// What who vouches can attest; at least one of them is.
    pub attestations: Vec<Attestation>,
}

/// Something that can be attested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// Its name in the record: stays when the words change.
    pub key: String,
    /// In words.
    pub words: String,
}

impl Default for Rules {
    fn default() -> Self {
        let attestation = |(key, words): (&str, &str)| Attestation { key: key.into(), words: words.into() };
        Self {
            teams: 3,
            own_team: false,
            vetting_days: 90,
            answer_days: 30,
            repeat_days: 365,
            idle_days: 365,
            attestations: [
                ("met", "I have met them in person more than once"),
                ("acts", "I trust them to act on what they are told"),
                ("fate", "I share their fate in this community: what they break, I answer for"),
            ]
            .map(attestation)
            .to_vec(),
        }
    }
}

impl Rules {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let wrong = |key: &str, words: &str| Err(Error::invalid(format!("[trust.people] {key}"), words));
        if !(1..=50).contains(&self.teams) {
            return wrong("teams", "from 1 to 50 teams vouch for a person");
        }
        let days = [self.vetting_days, self.answer_days];
        if days.iter().any(|days| !(1..=3_650).contains(days))
            || self.repeat_days > 3_650
            || self.idle_days > 36_500
        {
            return wrong("vetting_days, answer_days, repeat_days, idle_days", "from 1 day to ten years");
        }
        let fits = |key: &str| !key.is_empty() && key.bytes().all(|c| c.is_ascii_lowercase() || c == b'-');
        let keys: std::collections::BTreeSet<_> = self.attestations.iter().map(|one| &one.key).collect();
        if keys.is_empty() || keys.len() != self.attestations.len() || !keys.iter().all(|key| fits(key)) {
            return wrong("attestations", "name at least one, each by a key of its own of a-z and hyphens");
        }
        Ok(())
    }
}

impl contracts::trust::Nominators for Trust {
    fn nominator_of<'a>(
        &'a self,
        account: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, String>> + Send + 'a>> {
        Box::pin(async move {
            let account: Id = account.parse().map_err(|error: Error| error.to_string())?;
            let found = self.nominator(account).await.map_err(|error| error.to_string())?;
            Ok(found.map(|nominator| nominator.to_string()))
        })
    }
}

pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    vec![letters::handler(trust), decide::access_handler(trust), decide::round_handler(trust)]
}

/// Plans the first round.
pub(crate) async fn start(trust: &Trust) -> Result<()> {
    decide::start(trust).await
}
