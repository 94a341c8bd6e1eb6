//! What must hold of a query before it is answered.

use super::{Ask, Flag, Level, Query, QueryError};
use crate::range::AddressRange;
use crate::template::AttributeName;

/// Flags beside which certain others must not stand.
const APART: [(Flag, &[Flag]); 3] = [
    (Flag::AbuseContact, &[Flag::Brief, Flag::NoFiltering, Flag::NoReferenced, Flag::PrimaryKeys]),
    (Flag::Resource, &[Flag::Sources, Flag::AllSources, Flag::Inverse]),
    (Flag::ValidSyntax, &[Flag::NoValidSyntax]),
];

/// Flags beside which only those in `BESIDE_VERSIONS` may stand.
const VERSIONS: [Flag; 3] = [Flag::ListVersions, Flag::ShowVersion, Flag::DiffVersions];
const BESIDE_VERSIONS: [Flag; 4] = [Flag::SelectTypes, Flag::Persistent, Flag::Client, Flag::Charset];

pub(super) fn check(query: &Query) -> Result<(), QueryError> {
    combinations(query)?;
    let ask = query.ask();
    if matches!(ask, Ask::Nothing) && query.flags.iter().any(|flag| flag != Flag::Persistent) {
        return Err(QueryError::no_key());
    }
    if matches!(ask, Ask::Nothing) && !query.has(Flag::Persistent) {
        return Err(QueryError::no_key());
    }
    let Some(key) = &query.key else { return Ok(()) };
    let versions = matches!(ask, Ask::ListVersions | Ask::ShowVersion(_) | Ask::DiffVersions(..));
    if versions && query.classes.iter().any(|class| matches!(*class, "person" | "role")) {
        return Err(QueryError::no_versions());
    }
    if ask != Ask::Search && !versions {
        return Ok(());
    }
    if !query.inverse.is_empty() {
        let secret = |method: &str| {
            key.text().get(..method.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(method))
        };
        if query.inverse.contains(&AttributeName::Auth)
            && ["SSO ", "MD5-PW ", "CRYPT-PW ", "BCRYPT-PW "].into_iter().any(secret)
        {
            return Err(QueryError::only_keys());
        }
        return Ok(());
    }
    if query.has(Flag::AbuseContact) && query.range().is_none() && key.as_number().is_none() {
        return Err(QueryError::invalid_option("-b is answered for addresses and AS numbers only."));
    }
    if matches!(query.level(), Level::OneMore | Level::AllMore) && query.range().is_some_and(is_everything) {
        return Err(QueryError::too_large());
    }
    if query.templates().next().is_none() {
        let detail = "Search key entered is not valid for the specified object type(s).";
        return Err(QueryError::invalid_key(detail));
    }
    Ok(())
}

fn combinations(query: &Query) -> Result<(), QueryError> {
    for (flag, others) in APART {
        if let Some(other) = others.iter().find(|other| query.has(flag) && query.has(**other)) {
            return Err(QueryError::combination(flag, *other));
        }
    }
    for flag in VERSIONS {
        let other = query.flags.iter().find(|other| *other != flag && !BESIDE_VERSIONS.contains(other));
        if let Some(other) = other.filter(|_| query.has(flag)) {
            return Err(QueryError::combination(flag, other));
        }
    }
    Ok(())
}

fn is_everything(range: AddressRange) -> bool {
    range.prefix_length() == Some(0)
}
