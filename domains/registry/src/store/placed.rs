//! Objects that are found by where they lie among numbers: routes among addresses, blocks among AS numbers.

use kit::{Read, Result, params, statements};

statements! {
    PLACED = "SELECT seq, key FROM registry_object
        WHERE source = $1 AND class = $2 AND key > $3 ORDER BY key LIMIT $4";
}

/// Up to `limit` objects of a source and class with keys behind `after`: row and key.
pub(crate) fn page(
    c: &Read<'_>,
    source: &str,
    class: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    c.query(PLACED, params![source, class, after, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}
