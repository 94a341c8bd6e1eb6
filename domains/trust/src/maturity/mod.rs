//! maturity
use serde::{Deserialize, Serialize};

/// Sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {}
impl Sources {
    /// Reads.
    ///
    /// # Errors
    /// None.
    pub fn read(&self) -> kit::Result<Catalogue> {
        Ok(Catalogue::default())
    }
}
/// Catalogue.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {}
