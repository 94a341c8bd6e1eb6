//! Finding objects by the beginning of a key or of a word.

use kit::{Read, Result, params, statements};

use super::objects::{Stored, stored};

statements! {
    KEYS_FROM = "SELECT seq, source, class, key, raw, imported_at FROM registry_object
        WHERE source = $1 AND class = $2 AND key >= $3 AND key < $4 ORDER BY key LIMIT $5";
    TERMS_FROM = "SELECT o.seq, o.source, o.class, o.key, o.raw, o.imported_at FROM registry_term t
        JOIN registry_object o ON o.seq = t.object
        WHERE t.attribute = $1 AND t.value >= $2 AND t.value < $3 ORDER BY t.value, t.object LIMIT $4";
}

/// Behind every text that begins with `prefix`, in the order of the databases (by code point).
fn behind(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Up to `limit` objects of `source` and `class` whose key begins with `prefix`, by key.
pub(crate) fn keys_from(
    c: &Read<'_>,
    source: &str,
    class: &str,
    prefix: &str,
    limit: i64,
) -> Result<Vec<Stored>> {
    c.query(KEYS_FROM, params![source, class, prefix, behind(prefix), limit], stored)
}

/// Up to `limit` objects that have a value in `attribute` which begins with `prefix`; one that has several such values
/// is there several times.
pub(crate) fn terms_from(c: &Read<'_>, attribute: &str, prefix: &str, limit: i64) -> Result<Vec<Stored>> {
    c.query(TERMS_FROM, params![attribute, prefix, behind(prefix), limit], stored)
}
