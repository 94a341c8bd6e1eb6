//! What of the database an index shows.

use kit::{Read, Result, Time, params, statements};

statements! {
    INDEXED = "SELECT seq, raw FROM registry_object WHERE seq > $1 AND class IN
        ('inetnum', 'inet6num', 'irt', 'role', 'person', 'organisation', 'key-cert', 'aut-num')
        ORDER BY seq LIMIT $2";
    IMPORTED = "SELECT count(*), max(finished) FROM registry_import
        WHERE finished IS NOT NULL AND id NOT IN (SELECT origin FROM registry_source)";
    SERIALS = "SELECT s.name, s.serial, c.digest FROM registry_source s
        LEFT JOIN registry_change c ON c.source = s.name AND c.serial = s.serial ORDER BY s.name";
    DIGEST = "SELECT digest FROM registry_change WHERE source = $1 AND serial = $2";
}

/// How far the database has come: it changes with every import that is done, and with every change of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Imports that are done.
    pub(crate) imports: i64,
    /// When the last of them was.
    pub(crate) latest: Option<Time>,
    /// The registries that change one object at a time.
    pub(crate) serials: Vec<Serial>,
}

/// The last change of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Serial {
    pub(crate) source: String,
    pub(crate) serial: i64,
    /// The digest of the text that it had.
    pub(crate) digest: Vec<u8>,
}

impl State {
    /// The last change of `source`; 0 before the first.
    pub(crate) fn serial(&self, source: &str) -> i64 {
        self.serials.iter().find(|one| one.source == source).map_or(0, |one| one.serial)
    }
}

pub(crate) fn state(c: &Read<'_>) -> Result<State> {
    let (imports, latest) = c.query_one(IMPORTED, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let serials = c.query(SERIALS, &[], |row| {
        let digest: Option<Vec<u8>> = row.get(2)?;
        Ok(Serial { source: row.get(0)?, serial: row.get(1)?, digest: digest.unwrap_or_default() })
    })?;
    Ok(State { imports, latest, serials })
}

/// Whether `earlier` is a state that this database has had, and only changes that it has in its journal came since.
pub(crate) fn grew_from(c: &Read<'_>, earlier: &State) -> Result<bool> {
    let now = state(c)?;
    if (now.imports, now.latest) != (earlier.imports, earlier.latest) {
        return Ok(false);
    }
    for one in earlier.serials.iter().filter(|one| one.serial > 0) {
        let digest: Option<Vec<u8>> =
            c.query_opt(DIGEST, params![one.source, one.serial], |row| row.get(0))?;
        if digest.as_ref() != Some(&one.digest) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Up to `limit` objects that an index is made of, those behind row `after`, each with its row.
pub(crate) fn indexed(c: &Read<'_>, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    c.query(INDEXED, params![after, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}
