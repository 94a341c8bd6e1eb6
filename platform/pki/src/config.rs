//! The section `[pki]` of a configuration.

use serde::{Deserialize, Serialize};

/// How the authority works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {}
