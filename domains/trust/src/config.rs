//! The section `[trust]` of a configuration.

use serde::{Deserialize, Serialize};

/// How the community's process runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {}
