//! The index as a file, so that a node is ready at once when it starts.
//!
//! The file is a copy of what the database says, and says of which state of it. It is written beside the old one and
//! takes its place whole. Whatever is wrong with it - it was cut off, a bit has turned, it belongs to another database or
//! another version of the program - the index is made of the database instead.
//!
//! ```text
//! WMINDEX\n  version  length of the file    8 + 4 + 8 bytes; all numbers little-endian
//! state      imports that were counted, the last one's time; registries with their last change
//! networks   the map as `netmap` writes it; rows, profiles, names in its order; other names
//! tables     registries, texts, lists, profiles
//! people     teams, roles, organisations, keys, AS numbers
//! report
//! checksum   CRC-32 of all before
//! ```

mod read;
mod write;

use std::fs::{self, File};
use std::path::Path;

use kit::{Error, Result};

use super::Index;
use crate::store::state::State;

const MAGIC: [u8; 8] = *b"WMINDEX\n";
/// Counts up with every change of the form, and with every change of what an object means to the index.
const VERSION: u32 = 2;

/// Why a file is not taken.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// There is none.
    Missing,
    /// What is wrong with it.
    Damaged(String),
}

impl Index {
    /// Writes the index into `path`, with the state of the database that it shows at least. All that changed should be
    /// merged before.
    ///
    /// # Errors
    /// The disk is full or not there; the file that was there stays.
    pub(crate) fn save(&self, path: &Path, state: &State) -> Result<()> {
        let part = path.with_extension("part");
        let failed = |error| Error::io(format!("writing {}", part.display()), error);
        let written = write::index(self, state, &part).and_then(|()| fs::rename(&part, path));
        if let Err(error) = written {
            drop(fs::remove_file(&part));
            return Err(failed(error));
        }
        // The name is on disk when the folder is.
        if let Some(folder) = path.parent() {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }

    /// Reads an index from `path`, with the state of the database that it shows at least.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn restore(path: &Path) -> std::result::Result<(Self, State), Unusable> {
        match File::open(path) {
            Ok(file) => read::index(file).map_err(|error| Unusable::Damaged(error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Unusable::Missing),
            Err(error) => Err(Unusable::Damaged(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests;
