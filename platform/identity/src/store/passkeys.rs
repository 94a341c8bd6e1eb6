//! Passkeys, and what authenticators were asked.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

statements! {
    INSERT_PASSKEY = "INSERT INTO passkey (id, account, credential, public_key, counter, may_be_backed_up, backed_up,
        name, added) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential) DO NOTHING";
    PASSKEYS = "SELECT id, account, credential, public_key, counter, may_be_backed_up, backed_up, name, added, last_used,
        shut FROM passkey WHERE account = $1 ORDER BY added, id LIMIT 100";
    PASSKEY_BY_CREDENTIAL = "SELECT id, account, credential, public_key, counter, may_be_backed_up, backed_up, name, added,
        last_used, shut FROM passkey WHERE credential = $1";
    COUNT_PASSKEYS = "SELECT count(*) FROM passkey WHERE account = $1 AND shut IS NULL";
    USE_PASSKEY = "UPDATE passkey SET counter = $2, backed_up = $3, last_used = $4 WHERE id = $1";
    SHUT_PASSKEY = "UPDATE passkey SET shut = $2 WHERE id = $1";
    RENAME_PASSKEY = "UPDATE passkey SET name = $3 WHERE id = $1 AND account = $2";
    DROP_PASSKEY = "DELETE FROM passkey WHERE id = $1 AND account = $2";
    DROP_PASSKEYS = "DELETE FROM passkey WHERE account = $1";

    ASK = "INSERT INTO ceremony (challenge, purpose, bound, peer, expires) VALUES ($1, $2, $3, $4, $5)";
    ASKED_BY_PEER = "SELECT count(*) FROM ceremony WHERE peer = $1 AND expires > $2";
    ANSWER = "DELETE FROM ceremony WHERE challenge = $1 AND purpose = $2 AND bound = $3 AND expires > $4";
    PURGE_CEREMONIES = "DELETE FROM ceremony WHERE expires <= $1";
}

/// A passkey as stored.
#[derive(Debug, Clone)]
pub(crate) struct PasskeyRow {
    pub id: Id,
    pub account: Id,
    pub credential: Vec<u8>,
    pub public_key: Vec<u8>,
    pub counter: u32,
    pub may_be_backed_up: bool,
    pub backed_up: bool,
    pub name: String,
    pub added: Time,
    pub last_used: Option<Time>,
    pub shut: Option<Time>,
}

fn passkey(row: &Row<'_>) -> Result<PasskeyRow> {
    Ok(PasskeyRow {
        id: row.get(0)?,
        account: row.get(1)?,
        credential: row.get(2)?,
        public_key: row.get(3)?,
        // It was a u32 when it was written; were it none, nothing would be greater.
        counter: u32::try_from(row.get::<i64>(4)?).unwrap_or(u32::MAX),
        may_be_backed_up: row.get(5)?,
        backed_up: row.get(6)?,
        name: row.get(7)?,
        added: row.get(8)?,
        last_used: row.get(9)?,
        shut: row.get(10)?,
    })
}

/// Stores a passkey; `false` when there is one with this credential already.
pub(crate) fn insert_passkey(tx: &Write<'_>, p: &PasskeyRow) -> Result<bool> {
    let row = params![
        p.id,
        p.account,
        p.credential.as_slice(),
        p.public_key.as_slice(),
        i64::from(p.counter),
        p.may_be_backed_up,
        p.backed_up,
        p.name,
        p.added
    ];
    Ok(tx.execute(INSERT_PASSKEY, row)? == 1)
}

pub(crate) fn passkeys(c: &Read<'_>, account: Id) -> Result<Vec<PasskeyRow>> {
    c.query(PASSKEYS, params![account], passkey)
}

pub(crate) fn passkey_by_credential(c: &Read<'_>, credential: &[u8]) -> Result<Option<PasskeyRow>> {
    c.query_opt(PASSKEY_BY_CREDENTIAL, params![credential], passkey)
}

/// How many passkeys let the owner of `account` in.
pub(crate) fn count_passkeys(c: &Read<'_>, account: Id) -> Result<i64> {
    c.query_one(COUNT_PASSKEYS, params![account], |row| row.get(0))
}

pub(crate) fn use_passkey(tx: &Write<'_>, id: Id, counter: u32, backed_up: bool, now: Time) -> Result<()> {
    tx.execute(USE_PASSKEY, params![id, i64::from(counter), backed_up, now]).map(drop)
}

pub(crate) fn shut_passkey(tx: &Write<'_>, id: Id, now: Time) -> Result<()> {
    tx.execute(SHUT_PASSKEY, params![id, now]).map(drop)
}

pub(crate) fn rename_passkey(tx: &Write<'_>, id: Id, account: Id, name: &str) -> Result<bool> {
    Ok(tx.execute(RENAME_PASSKEY, params![id, account, name])? == 1)
}

pub(crate) fn drop_passkey(tx: &Write<'_>, id: Id, account: Id) -> Result<bool> {
    Ok(tx.execute(DROP_PASSKEY, params![id, account])? == 1)
}

pub(crate) fn drop_passkeys(tx: &Write<'_>, account: Id) -> Result<u64> {
    tx.execute(DROP_PASSKEYS, params![account])
}

/// What an authenticator is asked.
#[derive(Debug, Clone)]
pub(crate) struct Ceremony {
    pub challenge: [u8; 32],
    pub purpose: &'static str,
    pub bound: Vec<u8>,
    pub peer: String,
    pub expires: Time,
}

pub(crate) fn ask(tx: &Write<'_>, c: &Ceremony) -> Result<()> {
    let row = params![c.challenge.as_slice(), c.purpose, c.bound.as_slice(), c.peer, c.expires];
    tx.execute(ASK, row).map(drop)
}

/// How many open questions came from `peer`.
pub(crate) fn asked_by_peer(c: &Read<'_>, peer: &str, now: Time) -> Result<i64> {
    c.query_one(ASKED_BY_PEER, params![peer, now], |row| row.get(0))
}

/// Takes the answer to a question; `false` when it was not asked of this one, was answered, or is too late.
pub(crate) fn answer(
    tx: &Write<'_>,
    challenge: &[u8; 32],
    purpose: &str,
    bound: &[u8],
    now: Time,
) -> Result<bool> {
    Ok(tx.execute(ANSWER, params![challenge.as_slice(), purpose, bound, now])? == 1)
}

pub(crate) fn purge_ceremonies(tx: &Write<'_>, now: Time) -> Result<u64> {
    tx.execute(PURGE_CEREMONIES, params![now])
}
