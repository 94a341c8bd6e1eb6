//! Changes of single objects, seen by the next query.

use kit::Result;

use crate::Registry;

/// A change of one object that is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    /// The row that the object has, or had.
    pub(crate) row: i64,
    pub(crate) source: String,
    pub(crate) class: String,
    pub(crate) key: String,
    /// Its text; `None` when it is gone.
    pub(crate) raw: Option<Vec<u8>>,
}

impl Registry {
    /// Shows committed changes, in their order. Call it after the commit, where waiting is allowed.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) fn apply(&self, changes: &[Applied]) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let loaded = self.load();
        self.memory().forget(changes);
        loaded
    }
}
