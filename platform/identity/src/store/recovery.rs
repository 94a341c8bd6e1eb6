//! Recoveries in two halves.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

statements! {
    BEGIN_RECOVERY = "INSERT INTO account_recovery (id, account, nominator, begun_by, operators_half, begun, expires)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DROP_RECOVERIES = "DELETE FROM account_recovery WHERE account = $1";
    RECOVERIES_FOR = "SELECT r.id, r.account, a.login, a.name, o.name, r.begun_by, r.begun, r.expires, r.nominators_half
        FROM account_recovery r JOIN account a ON a.id = r.account JOIN organisation o ON o.id = a.organisation
        WHERE r.nominator = $1 AND r.expires > $2 ORDER BY r.begun, r.id LIMIT 50";
    SHOW_HALF = "UPDATE account_recovery SET nominators_half = $3 WHERE id = $1 AND nominator = $2
        AND nominators_half IS NULL AND expires > $4";
    RECOVERY_OF = "SELECT operators_half, nominators_half, nominator FROM account_recovery WHERE account = $1 AND expires > $2";
    PURGE_RECOVERIES = "DELETE FROM account_recovery WHERE expires <= $1";
}

/// A recovery as it is begun.
#[derive(Debug, Clone)]
pub(crate) struct NewRecovery {
    pub id: Id,
    pub account: Id,
    pub nominator: Id,
    pub begun_by: String,
    pub operators_half: [u8; 32],
    pub begun: Time,
    pub expires: Time,
}

/// Stores a recovery; an earlier one of the account is void.
pub(crate) fn begin(tx: &Write<'_>, r: &NewRecovery) -> Result<()> {
    tx.execute(DROP_RECOVERIES, params![r.account])?;
    let half = r.operators_half.as_slice();
    tx.execute(BEGIN_RECOVERY, params![r.id, r.account, r.nominator, r.begun_by, half, r.begun, r.expires])
        .map(drop)
}

/// A recovery as the nominator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryView {
    /// Names it.
    pub id: Id,
    /// Whose account it is.
    pub account: Id,
    /// Their login.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their team.
    pub team: String,
    /// Who has begun it.
    pub begun_by: String,
    /// When.
    pub begun: Time,
    /// Until when it can be used.
    pub expires: Time,
    /// Whether the nominator's half was shown.
    pub shown: bool,
}

pub(crate) fn recoveries_for(c: &Read<'_>, nominator: Id, now: Time) -> Result<Vec<RecoveryView>> {
    c.query(RECOVERIES_FOR, params![nominator, now], |row: &Row<'_>| {
        Ok(RecoveryView {
            id: row.get(0)?,
            account: row.get(1)?,
            login: row.get(2)?,
            name: row.get(3)?,
            team: row.get(4)?,
            begun_by: row.get(5)?,
            begun: row.get(6)?,
            expires: row.get(7)?,
            shown: row.get::<Option<Vec<u8>>>(8)?.is_some(),
        })
    })
}

/// Notes the nominator's half as shown; `false` when it was before, or is not theirs.
pub(crate) fn show_half(tx: &Write<'_>, id: Id, nominator: Id, half: &[u8; 32], now: Time) -> Result<bool> {
    Ok(tx.execute(SHOW_HALF, params![id, nominator, half.as_slice(), now])? == 1)
}

/// Both halves of the recovery of an account that is under way, and the nominator.
pub(crate) type Halves = (Vec<u8>, Option<Vec<u8>>, Id);

pub(crate) fn of_account(c: &Read<'_>, account: Id, now: Time) -> Result<Option<Halves>> {
    c.query_opt(RECOVERY_OF, params![account, now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(crate) fn drop_of(tx: &Write<'_>, account: Id) -> Result<()> {
    tx.execute(DROP_RECOVERIES, params![account]).map(drop)
}

pub(crate) fn purge(tx: &Write<'_>, now: Time) -> Result<u64> {
    tx.execute(PURGE_RECOVERIES, params![now])
}
