//! Application by somebody without any account: a page for everybody, a mail with a link, a click of the operator.
//!
//! ```text
//!  form ──► typed ──button behind the link in the mail──► open ──operator──► taken ──button behind the link──► in, once
//!             │ some days                                  │ │                 │ some days
//!             └─────────────────► deleted ◄────────────────┘ └──► refused ──►──┘
//! ```
//!
//! Until the operator takes it there is no team and no account. Whoever applies learns nothing of what is known here: the
//! answer is the same whatever team or address is named, and no mail repeats a word that a stranger typed. It is off unless
//! `[trust.apply] enabled` says so, because the node writes to addresses that strangers type.

mod letters;
mod model;
mod store;
mod use_cases;
mod web;

use kit::{Error, Result};
use serde::{Deserialize, Serialize};

pub(crate) use letters::handler;
pub use model::{Applicant, State, Told};
pub(crate) use store::STATEMENTS;
pub use use_cases::Sent;
pub(crate) use web::routes;

/// How strangers apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Whether they can.
    pub enabled: bool,
    /// Days in which the address is confirmed, or the application is deleted.
    pub confirm_days: u16,
    /// Days for which a confirmed application waits for the operator.
    pub desk_days: u16,
    /// Days for which the link of the invitation holds.
    pub invitation_days: u16,
    /// Most applications at one time that are not decided.
    pub open: u16,
    /// Most applications from one network address in an hour.
    pub per_hour: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self { enabled: false, confirm_days: 2, desk_days: 60, invitation_days: 14, open: 200, per_hour: 5 }
    }
}

impl Rules {
    /// Finds what cannot work.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the key.
    pub fn check(&self) -> Result<()> {
        let days = [self.confirm_days, self.desk_days, self.invitation_days];
        if days.iter().any(|days| !(1..=365).contains(days)) {
            let keys = "[trust.apply] confirm_days, desk_days, invitation_days";
            return Err(Error::invalid(keys, "from 1 day to a year"));
        }
        if self.open == 0 || self.per_hour == 0 {
            return Err(Error::invalid(
                "[trust.apply] open, per_hour",
                "more than 0; `enabled` switches it off",
            ));
        }
        Ok(())
    }
}
