//! The record of what happened: audit log, history pages and live pages read the same rows.
//!
//! Every event names the digest of the one before it in its stream. The chain runs over a salted digest of the
//! body, which stands apart: a body can be erased or withheld and the chain still verifies; without the salt
//! nobody can guess at what was erased.

use contracts::Event;
use sha2::{Digest, Sha256};

use crate::db::{Read, Row, Write};
use crate::{Error, Id, Node, Result, Time, params, statements};

statements! {
    LAST = "SELECT position, digest FROM event WHERE stream = $1 ORDER BY position DESC LIMIT 1";
    INSERT = "INSERT INTO event (id, stream, position, at, team, actor, kind, body_digest, previous, digest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    INSERT_BODY = "INSERT INTO event_body (event, salt, body) VALUES ($1, $2, $3)";
    STREAM = "SELECT e.id, e.position, e.at, e.actor, e.kind, e.body_digest, e.previous, e.digest, b.salt, b.body, e.stream
        FROM event e LEFT JOIN event_body b ON b.event = e.id
        WHERE e.stream = $1 ORDER BY e.position DESC LIMIT $2";
    ERASE = "DELETE FROM event_body WHERE event IN (SELECT id FROM event WHERE stream = $1)";
}

/// Who did it, when, and for which team's record.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// When.
    pub at: Time,
    /// The team whose record this is; `None` for the node itself.
    pub team: Option<Id>,
    /// The account's name, `token:…`, `mail` or `node`.
    pub actor: String,
}

/// One row of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its identifier.
    pub id: Id,
    /// What it happened to.
    pub stream: String,
    /// Its place in the stream, from 1.
    pub position: i64,
    /// When it happened.
    pub at: Time,
    /// Who did it.
    pub actor: String,
    /// What happened.
    pub kind: String,
    /// The particulars; `None` when they were erased.
    pub body: Option<serde_json::Value>,
    digests: Digests,
}

#[derive(Debug, Clone, PartialEq)]
struct Digests {
    salted_body: Option<Vec<u8>>,
    body: Vec<u8>,
    previous: Vec<u8>,
    own: Vec<u8>,
}

/// A change that live pages want to know of. It says that something happened, not what: the page asks again
/// with its own permissions.
#[derive(Debug, Clone)]
pub struct Change {
    /// The team concerned.
    pub team: Option<Id>,
    /// What it happened to.
    pub stream: String,
    /// What happened.
    pub kind: &'static str,
}

/// Writes `event` into the record, in the transaction that makes the change it tells of.
///
/// # Errors
/// The database refuses it.
pub fn record<E: Event>(node: &Node, tx: &Write<'_>, stamp: &Stamp, event: &E) -> Result<()> {
    let stream = event.stream();
    let (position, previous) = tx
        .query_opt(LAST, params![stream], |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)))?
        .unwrap_or((0, vec![0; 32]));
    let body =
        serde_json::to_string(event).map_err(|error| Error::Corrupt(format!("{}: {error}", E::KIND)))?;
    let mut salt = [0_u8; 16];
    node.random().fill(&mut salt);
    let body_digest = salted(&salt, &body);
    let id = node.id();
    let position = position + 1;
    let digest = chained(&previous, &stream, position, stamp.at, &stamp.actor, E::KIND, &body_digest);
    tx.execute(
        INSERT,
        params![
            id,
            stream,
            position,
            stamp.at,
            stamp.team,
            stamp.actor,
            E::KIND,
            body_digest,
            previous,
            digest
        ],
    )?;
    tx.execute(INSERT_BODY, params![id, salt.as_slice(), body])?;
    let (changes, change) = (node.changes.clone(), Change { team: stamp.team, stream, kind: E::KIND });
    tx.after_commit(move || drop(changes.send(change)));
    Ok(())
}

/// The newest `limit` events of `stream`, newest first.
///
/// # Errors
/// The database is gone.
pub fn history(c: &Read<'_>, stream: &str, limit: i64) -> Result<Vec<Recorded>> {
    c.query(STREAM, params![stream, limit], recorded)
}

/// Erases what stands in the events of `stream`; who did what when stays, and the chain still verifies.
///
/// # Errors
/// The database refuses it.
pub fn erase(tx: &Write<'_>, stream: &str) -> Result<u64> {
    tx.execute(ERASE, params![stream])
}

/// Checks the chain of `stream`: every event follows the one before, and what was not erased is unaltered.
///
/// # Errors
/// [`Error::Corrupt`] names the first event that does not fit.
pub fn verify(c: &Read<'_>, stream: &str) -> Result<usize> {
    let mut events = c.query(STREAM, params![stream, i64::MAX], recorded)?;
    events.reverse();
    let mut previous = vec![0; 32];
    for (n, event) in events.iter().enumerate() {
        let d = &event.digests;
        let own = chained(&previous, stream, event.position, event.at, &event.actor, &event.kind, &d.body);
        let in_order = event.position == n as i64 + 1 && d.previous == previous && d.own == own;
        let unaltered = d.salted_body.as_ref().is_none_or(|body| *body == d.body);
        if !in_order || !unaltered {
            return Err(Error::Corrupt(format!(
                "event {} of {stream} was altered or is out of order",
                event.position
            )));
        }
        previous = own;
    }
    Ok(events.len())
}

fn recorded(row: &Row<'_>) -> Result<Recorded> {
    let (salt, body): (Option<Vec<u8>>, Option<String>) = (row.get(8)?, row.get(9)?);
    let salted_body = salt.zip(body.as_ref()).map(|(salt, body)| salted(&salt, body));
    Ok(Recorded {
        id: row.get(0)?,
        stream: row.get(10)?,
        position: row.get(1)?,
        at: row.get(2)?,
        actor: row.get(3)?,
        kind: row.get(4)?,
        body: body.and_then(|text| serde_json::from_str(&text).ok()),
        digests: Digests { salted_body, body: row.get(5)?, previous: row.get(6)?, own: row.get(7)? },
    })
}

fn salted(salt: &[u8], body: &str) -> Vec<u8> {
    Sha256::new().chain_update(salt).chain_update(body).finalize().to_vec()
}

fn chained(
    previous: &[u8],
    stream: &str,
    position: i64,
    at: Time,
    actor: &str,
    kind: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut hash = Sha256::new().chain_update(previous);
    for text in [stream, actor, kind] {
        // Lengths part the fields: "ab" + "c" is not "a" + "bc".
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.chain_update(position.to_be_bytes())
        .chain_update(at.to_be_bytes())
        .chain_update(body)
        .finalize()
        .to_vec()
}
