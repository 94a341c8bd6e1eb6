//! The three shapes of `irt` that are read.

use super::{AttributeName, Slot, Template, slot};
use crate::object::Object;

/// Which registry's idea of an `irt` an object follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// RIPE's of today.
    Ripe,
    /// RIPE's of 2004, with `changed:`.
    Ripe2004,
    /// APNIC's, with `abuse-mailbox:`.
    Apnic,
}

impl Shape {
    /// The shape of an `irt` object.
    pub fn of(irt: &Object<'_>) -> Self {
        if irt.get("abuse-mailbox").is_some() {
            Self::Apnic
        } else if irt.get("changed").is_some() {
            Self::Ripe2004
        } else {
            Self::Ripe
        }
    }
}

static ABUSE_MAILBOX: Slot = slot::optional(AttributeName::AbuseMailbox).many().inverse();
static MNT_LOWER: Slot = slot::optional(AttributeName::MntLower).many().inverse();
static MNT_ROUTES: Slot = slot::optional(AttributeName::MntRoutes).many().inverse();
static CHANGED: Slot = slot::optional(AttributeName::Changed).many();

impl Template {
    /// The line of an attribute that the template of today lacks, but other registries' or older objects of the
    /// class have: `changed` in any, `abuse-mailbox` in those that name a contact, `mnt-lower` and `mnt-routes` in
    /// `aut-num`.
    pub fn elsewhere(&self, attribute: AttributeName) -> Option<&'static Slot> {
        match attribute {
            _ if self.slot(attribute).is_some() => None,
            AttributeName::Changed => Some(&CHANGED),
            AttributeName::AbuseMailbox
                if matches!(self.class(), "irt" | "person" | "organisation" | "mntner") =>
            {
                Some(&ABUSE_MAILBOX)
            }
            AttributeName::MntLower if self.class() == "aut-num" => Some(&MNT_LOWER),
            AttributeName::MntRoutes if self.class() == "aut-num" => Some(&MNT_ROUTES),
            _ => None,
        }
    }
}
