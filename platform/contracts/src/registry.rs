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

/// An object of a registry that is kept here was made, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryObjectChanged {
    /// The registry.
    pub source: String,
    /// The object's class.
    pub class: String,
    /// Its primary key, in its one spelling.
    pub key: String,
    /// Its version from now on.
    pub version: i64,
    /// The number of the change, counted for the registry.
    pub serial: i64,
    /// `create`, `modify`, `delete`.
    pub kind: String,
    /// SHA-256 of its text, hexadecimal; of one that was removed, of its last text.
    pub digest: String,
}

impl Event for RegistryObjectChanged {
    const KIND: &'static str = "registry.object_changed";

    fn stream(&self) -> String {
        stream(&self.source, &self.class, &self.key)
    }
}

/// The text of an old version was erased, since it held personal data. Who changed it, when and its digest stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryVersionErased {
    /// The registry.
    pub source: String,
    /// The object's class.
    pub class: String,
    /// Its primary key, in its one spelling.
    pub key: String,
    /// Which version.
    pub version: i64,
}

impl Event for RegistryVersionErased {
    const KIND: &'static str = "registry.version_erased";

    fn stream(&self) -> String {
        stream(&self.source, &self.class, &self.key)
    }
}

fn stream(source: &str, class: &str, key: &str) -> String {
    format!("registry:{source}:{class}:{key}")
}
