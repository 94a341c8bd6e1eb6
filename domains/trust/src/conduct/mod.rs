//! The code of conduct: versions, and who declared to keep to which.

use serde::{Deserialize, Serialize};

/// How it works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {}
