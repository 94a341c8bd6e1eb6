//! What happens to the registry.

use crate::Event;
use serde::{Deserialize, Serialize};

/// A file was loaded into the registry, to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryImported {
    /// Id of the file's row in the journal of imports.
    pub import: String,
    /// The file's name, without folders.
    pub file: String,
    /// Objects taken.
    pub objects: i64,
    /// Objects refused.
    pub refused: i64,
    /// Objects removed since no file of the import had them any more; told with its first file.
    pub removed: i64,
}

impl Event for RegistryImported {
    const KIND: &'static str = "registry.imported";

    fn stream(&self) -> String {
        "registry:imports".to_owned()
    }
}

/// Somebody of the node says that a contact address is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactConfirmed {
    /// The address, in lower case.
    pub address: String,
}

impl Event for ContactConfirmed {
    const KIND: &'static str = "registry.contact_confirmed";

    fn stream(&self) -> String {
        "registry:contacts".to_owned()
    }
}
