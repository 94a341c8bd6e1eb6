//! The record of what happened: audit log, history pages and live pages read the same rows.
//!
//! Every event names the digest of the one before it in its stream. The chain runs over a salted digest of the
//! body, which stands apart: a body can be erased or withheld and the chain still verifies; without the salt
//! nobody can guess at what was erased.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use contracts::Event;
use sha2::{Digest, Sha256};
use tokio::sync::broadcast;

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
    ERASE_ONE = "DELETE FROM event_body WHERE event IN (SELECT id FROM event WHERE stream = $1 AND position = $2)";
    STREAMS = "SELECT DISTINCT stream FROM event WHERE stream = $1 OR stream LIKE $2 ORDER BY stream";
    TEAMS = "SELECT position, team FROM event WHERE stream = $1 ORDER BY position";
    PART = "SELECT e.id, e.position, e.at, e.actor, e.kind, e.body_digest, e.previous, e.digest, b.salt, b.body, e.stream
        FROM event e LEFT JOIN event_body b ON b.event = e.id
        WHERE e.stream = $1 AND e.position > $2 AND e.position <= $3 ORDER BY e.position";
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

/// Tells live pages of changes; and a page that starts to listen, whether it missed one while it was on its way.
#[derive(Debug)]
pub(crate) struct Changes {
    sender: broadcast::Sender<Change>,
    /// When each team had its latest.
    latest: Mutex<HashMap<Id, Time>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(1024), latest: Mutex::default() }
    }
}

impl Changes {
    fn tell(&self, now: Time, change: Change) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(team) = change.team {
            latest.insert(team, now);
        }
        // Nobody listens: well.
        let _ = self.sender.send(change);
    }

    /// See [`Node::changes`]. A change is either among the latest or will be received: both stand under one lock.
    pub(crate) fn listen(&self, team: Id, since: Time) -> (bool, broadcast::Receiver<Change>) {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        (latest.get(&team).is_some_and(|at| *at >= since), self.sender.subscribe())
    }
}

/// Writes `event` into the record, in the transaction that makes the change it tells of.
///
/// # Errors
/// The database refuses it.
pub fn record<E: Event>(node: &Node, tx: &Write<'_>, stamp: &Stamp, event: &E) -> Result<()> {
    append(node, tx, stamp, E::KIND, event.stream(), event).map(drop)
}

/// The place that an event took in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its identifier.
    pub id: Id,
    /// Its place in the stream, from 1.
    pub position: i64,
    /// Its digest, SHA-256: it vouches for everything before it, too.
    pub digest: Vec<u8>,
}

/// As [`record`], for a stream whose kinds are values of one type: `kind` says what happened, `body` tells it.
///
/// # Errors
/// The database refuses it.
pub fn append(
    node: &Node,
    tx: &Write<'_>,
    stamp: &Stamp,
    kind: &'static str,
    stream: String,
    body: &impl serde::Serialize,
) -> Result<Appended> {
    let (position, previous) = tx
        .query_opt(LAST, params![stream], |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)))?
        .unwrap_or((0, vec![0; 32]));
    let body = serde_json::to_string(body).map_err(|error| Error::Corrupt(format!("{kind}: {error}")))?;
    let mut salt = [0_u8; 16];
    node.random().fill(&mut salt);
    let body_digest = salted(&salt, &body);
    let id = node.id();
    let position = position + 1;
    let digest = chained(&previous, &stream, position, stamp.at, &stamp.actor, kind, &body_digest);
    tx.execute(
        INSERT,
        params![id, stream, position, stamp.at, stamp.team, stamp.actor, kind, body_digest, previous, digest],
    )?;
    tx.execute(INSERT_BODY, params![id, salt.as_slice(), body])?;
    let (node, change) = (node.clone(), Change { team: stamp.team, stream, kind });
    tx.after_commit(move || node.changes.tell(node.now(), change));
    Ok(Appended { id, position, digest })
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

/// Erases what stands in the event at `position` of `stream` alone; the chain still verifies. `false`: nothing was left.
///
/// # Errors
/// The database refuses it.
pub fn erase_one(tx: &Write<'_>, stream: &str, position: i64) -> Result<bool> {
    Ok(tx.execute(ERASE_ONE, params![stream, position])? > 0)
}

/// The events of `stream` after the place `after`, at most `limit`, in their order, with all that somebody elsewhere
/// needs to check them: an export.
///
/// # Errors
/// The database is gone.
pub fn links(c: &Read<'_>, stream: &str, after: i64, limit: i64) -> Result<Vec<Link>> {
    c.query(PART, params![stream, after, after.saturating_add(limit)], |row| {
        let (salt, body): (Option<Vec<u8>>, Option<String>) = (row.get(8)?, row.get(9)?);
        Ok(Link {
            position: row.get(1)?,
            at: row.get(2)?,
            actor: row.get(3)?,
            kind: row.get(4)?,
            body_digest: row.get(5)?,
            previous: row.get(6)?,
            digest: row.get(7)?,
            told: salt.zip(body),
        })
    })
}

/// The names of the streams called `exact`, and of those that begin with `exact` and a colon.
///
/// # Errors
/// The database is gone.
pub fn streams(c: &Read<'_>, exact: &str) -> Result<Vec<String>> {
    c.query(STREAMS, params![exact, format!("{exact}:%")], |row| row.get(0))
}

/// For which team's record the events of `stream` were written, in their order.
///
/// # Errors
/// The database is gone.
pub fn teams(c: &Read<'_>, stream: &str) -> Result<Vec<Option<Id>>> {
    c.query(TEAMS, params![stream], |row| row.get(1))
}

/// Takes in an event of another node's record: it must follow the last one of `stream` here. What comes after it is
/// chained on, as if it had been written here.
///
/// # Errors
/// [`Error::Invalid`]: it does not follow, or tells something else than was recorded.
pub fn restore(node: &Node, tx: &Write<'_>, stream: &str, team: Option<Id>, link: &Link) -> Result<()> {
    let (last, previous) = tx
        .query_opt(LAST, params![stream], |row| Ok((row.get::<i64>(0)?, row.get::<Vec<u8>>(1)?)))?
        .unwrap_or((0, vec![0; 32]));
    link.check(stream, last + 1, &previous)
        .map_err(|why| Error::invalid(format!("event {} of {stream}", link.position), why))?;
    let Link { position, at, actor, kind, body_digest, previous, digest, told } = link;
    let id = node.id();
    tx.execute(INSERT, params![id, stream, position, at, team, actor, kind, body_digest, previous, digest])?;
    if let Some((salt, body)) = told {
        tx.execute(INSERT_BODY, params![id, salt, body])?;
    }
    Ok(())
}

/// One event as it leaves for somebody who checks the chain without this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its place in the stream, from 1.
    pub position: i64,
    /// When it happened.
    pub at: Time,
    /// Who did it, as the chain names them.
    pub actor: String,
    /// What happened.
    pub kind: String,
    /// SHA-256 of salt and body.
    pub body_digest: Vec<u8>,
    /// The digest of the event before it; 32 zero bytes for the first.
    pub previous: Vec<u8>,
    /// Its own digest.
    pub digest: Vec<u8>,
    /// Salt and body as they were digested; `None` when they were erased or are withheld.
    pub told: Option<(Vec<u8>, String)>,
}

impl Link {
    /// Checks that it follows the event whose digest is `previous` at the place before it, and that what it tells is
    /// what was digested.
    ///
    /// # Errors
    /// What does not fit, as a clause.
    pub fn check(&self, stream: &str, place: i64, previous: &[u8]) -> std::result::Result<(), &'static str> {
        if self.position != place {
            return Err("is not the next one");
        }
        if self.previous != previous {
            return Err("does not follow the one before it");
        }
        let own = chained(previous, stream, place, self.at, &self.actor, &self.kind, &self.body_digest);
        if own != self.digest {
            return Err("is not what its digest vouches for");
        }
        match &self.told {
            Some((salt, body)) if salted(salt, body) != self.body_digest => {
                Err("tells something else than was recorded")
            }
            _ => Ok(()),
        }
    }
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
