//! All SQL of strangers' applications.

use kit::{Digest, Error, Id, Read, Result, Row, Time, Write, params, statements};

use super::model::{Applicant, State};

statements! {
    INSERT = "INSERT INTO trust_stranger (id, state, told, email, peer, token, at, until, decided_by, reason, team, account)
        VALUES ($1, 'typed', $2, $3, $4, NULL, $5, $6, '', '', NULL, NULL)";
    BY_ID = "SELECT id, state, told, at, until, decided_by, reason, team, account FROM trust_stranger WHERE id = $1";
    BY_TOKEN = "SELECT id, state, told, at, until, decided_by, reason, team, account FROM trust_stranger
        WHERE token = $1 AND until > $2";
    OPEN = "SELECT id, state, told, at, until, decided_by, reason, team, account FROM trust_stranger
        WHERE state = 'open' AND until > $1 ORDER BY at, id";
    UNDECIDED = "SELECT count(*) FROM trust_stranger WHERE state IN ('typed', 'open') AND until > $1";
    FROM_PEER = "SELECT count(*) FROM trust_stranger WHERE peer = $1 AND at > $2";
    TO_EMAIL = "SELECT count(*) FROM trust_stranger WHERE email = $1 AND at > $2";
    SET_TOKEN = "UPDATE trust_stranger SET token = $2 WHERE id = $1";
    MOVE = "UPDATE trust_stranger SET state = $3, at = $4, until = $5, decided_by = $6, reason = $7, team = $8, account = $9
        WHERE id = $1 AND state = $2";
    DROP = "DELETE FROM trust_stranger WHERE id = $1 AND state = $2";
    FORGET = "DELETE FROM trust_stranger WHERE until <= $1";
}

pub(super) fn insert(tx: &Write<'_>, one: &Applicant, peer: &str) -> Result<()> {
    let told = serde_json::to_string(&one.told).map_err(|error| Error::Corrupt(error.to_string()))?;
    tx.execute(INSERT, params![one.id, told, one.told.email, peer, one.at, one.until]).map(drop)
}

pub(super) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<Applicant>> {
    c.query_opt(BY_ID, params![id], row_of)
}

pub(super) fn by_token(c: &Read<'_>, token: Digest, now: Time) -> Result<Option<Applicant>> {
    c.query_opt(BY_TOKEN, params![token.as_bytes().to_vec(), now], row_of)
}

/// Those that wait for the operator, the oldest first.
pub(super) fn open(c: &Read<'_>, now: Time) -> Result<Vec<Applicant>> {
    c.query(OPEN, params![now], row_of)
}

/// How many are not decided; how many came from this network, and for this address, since those moments.
pub(super) fn counts(
    c: &Read<'_>,
    now: Time,
    (peer, hour): (&str, Time),
    (email, day): (&str, Time),
) -> Result<(i64, i64, i64)> {
    let one = |row: &Row<'_>| row.get::<i64>(0);
    Ok((
        c.query_one(UNDECIDED, params![now], one)?,
        c.query_one(FROM_PEER, params![peer, hour], one)?,
        c.query_one(TO_EMAIL, params![email, day], one)?,
    ))
}

pub(super) fn set_token(tx: &Write<'_>, id: Id, token: Option<Digest>) -> Result<()> {
    tx.execute(SET_TOKEN, params![id, token.map(|token| token.as_bytes().to_vec())]).map(drop)
}

/// Stores `one`, which was in the state `from`; `false` when it is not any more.
pub(super) fn change(tx: &Write<'_>, one: &Applicant, from: State) -> Result<bool> {
    let Applicant { id, state, at, until, decided_by, reason, team, account, .. } = one;
    let count = tx.execute(
        MOVE,
        params![id, from.name(), state.name(), at, until, decided_by, reason, *team, *account],
    )?;
    Ok(count == 1)
}

pub(super) fn drop_typed(tx: &Write<'_>, id: Id) -> Result<bool> {
    Ok(tx.execute(DROP, params![id, State::Typed.name()])? == 1)
}

/// Deletes what is over. Returns how many.
pub(super) fn forget(tx: &Write<'_>, now: Time) -> Result<usize> {
    Ok(usize::try_from(tx.execute(FORGET, params![now])?).unwrap_or_default())
}

fn row_of(row: &Row<'_>) -> Result<Applicant> {
    let told: String = row.get(2)?;
    Ok(Applicant {
        id: row.get(0)?,
        state: row.get::<String>(1)?.parse()?,
        told: serde_json::from_str(&told).map_err(|error| Error::Corrupt(format!("application: {error}")))?,
        at: row.get(3)?,
        until: row.get(4)?,
        decided_by: row.get(5)?,
        reason: row.get(6)?,
        team: row.get(7)?,
        account: row.get(8)?,
    })
}
