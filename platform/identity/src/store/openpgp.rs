//! Which OpenPGP key is whose.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

use crate::openpgp::OpenPgpView;

statements! {
    ADD_OPENPGP = "INSERT INTO account_openpgp (account, fingerprint, names, added) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account, fingerprint) DO UPDATE SET names = $3";
    OPENPGP = "SELECT fingerprint, names, added FROM account_openpgp WHERE account = $1 ORDER BY added, fingerprint LIMIT 50";
    OPENPGP_OWNER = "SELECT account FROM account_openpgp WHERE fingerprint = $1 ORDER BY added LIMIT 1";
    DROP_OPENPGP = "DELETE FROM account_openpgp WHERE account = $1 AND fingerprint = $2";
}

pub(crate) fn add(tx: &Write<'_>, account: Id, fingerprint: &str, names: &str, now: Time) -> Result<()> {
    tx.execute(ADD_OPENPGP, params![account, fingerprint, names, now]).map(drop)
}

pub(crate) fn of_account(c: &Read<'_>, account: Id) -> Result<Vec<OpenPgpView>> {
    c.query(OPENPGP, params![account], |row: &Row<'_>| {
        Ok(OpenPgpView { fingerprint: row.get(0)?, names: row.get(1)?, added: row.get(2)? })
    })
}

/// Whose key it is.
pub(crate) fn owner(c: &Read<'_>, fingerprint: &str) -> Result<Option<Id>> {
    c.query_opt(OPENPGP_OWNER, params![fingerprint], |row| row.get(0))
}

pub(crate) fn remove(tx: &Write<'_>, account: Id, fingerprint: &str) -> Result<bool> {
    Ok(tx.execute(DROP_OPENPGP, params![account, fingerprint])? == 1)
}
