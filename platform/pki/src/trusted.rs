//! Other communities' authorities that the operator trusts for clients.

use crate::model::Trusted;

/// Such an authority, ready to be asked.
pub(crate) struct Foreign {
    pub(crate) stored: Trusted,
}

impl Foreign {
    pub(crate) fn new(stored: Trusted) -> Self {
        Self { stored }
    }
}
