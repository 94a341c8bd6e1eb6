//! Who an account is, for those who write it down elsewhere: certificates, letters.

use kit::{Id, Read, Result};

use crate::store;

/// A person with an account, and for whom they work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub account: Id,
    /// The name they log in with.
    pub login: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their organisation.
    pub organisation: Id,
    /// Its name.
    pub organisation_name: String,
    /// Whether the account is shut out.
    pub disabled: bool,
}

/// The person with the account `account`.
///
/// # Errors
/// The database is gone.
pub fn person(c: &Read<'_>, account: Id) -> Result<Option<Person>> {
    let Some(row) = store::account_by_id(c, account)? else { return Ok(None) };
    let organisation_name = store::organisation_name(c, row.organisation)?.unwrap_or_default();
    Ok(Some(Person {
        account,
        login: row.login,
        name: row.name,
        organisation: row.organisation,
        organisation_name,
        disabled: row.disabled,
    }))
}

/// The name of an organisation, by its id.
///
/// # Errors
/// The database is gone.
pub fn organisation_name(c: &Read<'_>, organisation: Id) -> Result<Option<String>> {
    store::organisation_name(c, organisation)
}

/// Who has the certificate with this SHA-256 of its bytes; nobody when it was withdrawn.
///
/// # Errors
/// The database is gone.
pub fn certificate_holder(c: &Read<'_>, fingerprint: &[u8; 32]) -> Result<Option<Person>> {
    match store::certificates::holder(c, fingerprint)? {
        Some(account) => person(c, account),
        None => Ok(None),
    }
}

/// The accounts that are shut out now.
///
/// # Errors
/// The database is gone.
pub fn shut_accounts(c: &Read<'_>) -> Result<Vec<Id>> {
    store::shut(c)
}
