//! What is known of an address, for people and programs.

use std::fmt;

use kit::clock::DAY;
use kit::{Time, named};
use serde::Serialize;

use crate::store::Confirmation;
use crate::store::contacts::Contact;

/// Mails that ask before an address counts as unanswered.
pub(super) const ASKS: i64 = 3;
/// From one of them to the next, and from the last one to giving up.
pub(super) const BETWEEN: Time = 7 * DAY;

named! {
    /// How things stand with an address.
    pub enum Standing {
        /// Somebody answered there.
        Confirmed = "confirmed",
        /// Nobody was asked yet.
        Unknown = "unknown",
        /// A mail asks, and there was no answer yet.
        Asked = "asked",
        /// Three mails in two weeks had no answer.
        Unanswered = "unanswered",
        /// Mail cannot be delivered there.
        Unreachable = "unreachable",
        /// A registry puts this address where it withholds one, or nobody reads there by its name.
        Withheld = "withheld",
    }
}

/// What is known of an address. `Display` says it in a line fit for a whois answer, without the `% `.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ContactState {
    /// In lower case.
    pub address: String,
    /// How things stand.
    #[schema(value_type = String, example = "confirmed")]
    pub standing: Standing,
    /// When it was last confirmed, microseconds since 1970 UTC.
    pub confirmed: Option<Time>,
    /// How it was then.
    #[schema(value_type = Option<String>, example = "mail")]
    pub by: Option<Confirmation>,
    /// When the first mail that asks since then went out.
    pub asked: Option<Time>,
    /// When it was found that mail cannot be delivered.
    pub failed: Option<Time>,
    /// What was said then; empty when it was not.
    pub failure: String,
}

impl ContactState {
    pub(super) fn of(contact: Contact, now: Time) -> Self {
        let over = |asked: Time| contact.asks >= ASKS && asked + BETWEEN <= now;
        let standing = match (&contact.failed, contact.last_asked, contact.confirmed) {
            (Some(_), ..) => Standing::Unreachable,
            (None, Some(asked), _) if over(asked) => Standing::Unanswered,
            (None, _, Some(_)) => Standing::Confirmed,
            (None, Some(_), None) => Standing::Asked,
            (None, None, None) => Standing::Unknown,
        };
        let (failed, failure) = contact.failed.map_or((None, String::new()), |(at, words)| (Some(at), words));
        Self {
            address: contact.address,
            standing,
            confirmed: contact.confirmed.map(|(at, _)| at),
            by: contact.confirmed.map(|(_, by)| by),
            asked: contact.first_asked,
            failed,
            failure,
        }
    }

    pub(super) fn withheld(address: String) -> Self {
        Self {
            address,
            standing: Standing::Withheld,
            confirmed: None,
            by: None,
            asked: None,
            failed: None,
            failure: String::new(),
        }
    }

    /// Whether mail there is likely to be read by nobody.
    pub fn is_doubtful(&self) -> bool {
        matches!(self.standing, Standing::Unanswered | Standing::Unreachable | Standing::Withheld)
    }
}

impl fmt::Display for ContactState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        let date = |time: Option<Time>| ui::format::date(time.unwrap_or_default());
        match self.standing {
            Standing::Confirmed => {
                let how = match self.by {
                    Some(Confirmation::Update) => "by a signed update",
                    Some(Confirmation::Hand) => "by hand",
                    _ => "by mail",
                };
                write!(f, "{address}: last confirmed {} {how}", date(self.confirmed))
            }
            Standing::Unknown => write!(f, "{address}: not yet confirmed"),
            Standing::Asked => write!(f, "{address}: not yet confirmed, asked {}", date(self.asked)),
            Standing::Unanswered => write!(f, "Warning: {address} did not answer since {}", date(self.asked)),
            Standing::Unreachable => {
                write!(f, "Warning: {address} could not be reached on {}", date(self.failed))
            }
            Standing::Withheld => write!(f, "Warning: {address} is a placeholder that nobody reads"),
        }
    }
}
