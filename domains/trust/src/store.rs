//! All SQL of the process and its record.

pub(crate) mod hand_over;

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};

use crate::process::State;

statements! {
    STATE = "SELECT state FROM trust_team WHERE team = $1";
    STATES = "SELECT team, state FROM trust_team ORDER BY team";
    PUT_STATE = "INSERT INTO trust_team (team, number, state, phase, next_at, updated) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (team) DO UPDATE SET number = $2, state = $3, phase = $4, next_at = $5, updated = $6";
    DUE = "SELECT team FROM trust_team WHERE next_at <= $1 ORDER BY next_at, team LIMIT $2";

    PUT_ENTRY = "INSERT INTO trust_entry (position, team, number, at, kind, audience) VALUES ($1, $2, $3, $4, $5, $6)";
    LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM trust_entry WHERE team = $1";
    ENTRIES_OF = "SELECT position, team, at, kind, audience FROM trust_entry WHERE team = $1 ORDER BY position";
    ENTRY = "SELECT position, team, at, kind, audience FROM trust_entry WHERE position = $1";

    DATED_AFTER = "SELECT coalesce(min(position), 0), coalesce(max(at), 0), count(*) FROM trust_entry
        WHERE at > $1 AND position > (SELECT coalesce(max(position), 0) FROM trust_entry WHERE kind = $2)";

    SEATS = "SELECT team FROM trust_seat ORDER BY team";
    GIVE_SEAT = "INSERT INTO trust_seat (team, since) VALUES ($1, $2) ON CONFLICT (team) DO NOTHING";
    TAKE_SEAT = "DELETE FROM trust_seat WHERE team = $1";

    CLOCK = "SELECT at FROM trust_clock WHERE name = $1";
    SET_CLOCK = "INSERT INTO trust_clock (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = $2";

    PUT_LETTER = "INSERT INTO trust_letter (position, recipient, team, subject, protection, at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (position, recipient) DO NOTHING";
    LETTERS_OF = "SELECT position, recipient, subject, protection, at FROM trust_letter
        WHERE team = $1 ORDER BY at, position, recipient";

    PUT_CHECKPOINT = "INSERT INTO trust_checkpoint (position, at, text, signature) VALUES ($1, $2, $3, $4)
        ON CONFLICT (position) DO NOTHING";
    CHECKPOINTS = "SELECT position, at, text, signature FROM trust_checkpoint ORDER BY position DESC LIMIT $1";
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) team: Id,
    pub(crate) at: Time,
    pub(crate) kind: String,
    pub(crate) audience: String,
}

/// A letter in the log of a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct LetterRow {
    /// The entry for which it was written.
    pub position: i64,
    /// To which address.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// `encrypted`, `signed` or `clear`.
    pub protection: String,
    /// When it was queued, microseconds since 1970 UTC.
    pub at: Time,
}

/// A checkpoint as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The place of the last entry that it vouches for.
    pub position: i64,
    /// When it was made.
    pub at: Time,
    /// The statement that is signed.
    pub text: String,
    /// The detached signature over it, armoured; empty when the community has no key.
    pub signature: String,
}

pub(crate) fn state(c: &Read<'_>, team: Id) -> Result<State> {
    let stored = c.query_opt(STATE, params![team], |row| row.get::<String>(0))?;
    stored.map_or_else(|| Ok(State::default()), |json| parse(&json))
}

pub(crate) fn states(c: &Read<'_>) -> Result<Vec<(Id, State)>> {
    c.query(STATES, &[], |row| Ok((row.get(0)?, parse(&row.get::<String>(1)?)?)))
}

pub(crate) fn put_state(tx: &Write<'_>, team: Id, state: &State, next_at: Option<Time>) -> Result<()> {
    let json = serde_json::to_string(state).map_err(|error| Error::Corrupt(format!("state: {error}")))?;
    let phase = state.phase.name();
    tx.execute(PUT_STATE, params![team, state.number, json, phase, next_at, state.updated]).map(drop)
}

pub(crate) fn due(c: &Read<'_>, now: Time, limit: i64) -> Result<Vec<Id>> {
    c.query(DUE, params![now, limit], |row| row.get(0))
}

pub(crate) fn put_entry(tx: &Write<'_>, place: &Place, number: i64) -> Result<()> {
    let Place { position, team, at, kind, audience } = place;
    tx.execute(PUT_ENTRY, params![*position, *team, number, *at, kind, audience]).map(drop)
}

pub(crate) fn last_number(c: &Read<'_>, team: Id) -> Result<i64> {
    c.query_one(LAST_NUMBER, params![team], |row| row.get(0))
}

pub(crate) fn entries_of(c: &Read<'_>, team: Id) -> Result<Vec<Place>> {
    c.query(ENTRIES_OF, params![team], place)
}

pub(crate) fn entry(c: &Read<'_>, position: i64) -> Result<Option<Place>> {
    c.query_opt(ENTRY, params![position], place)
}

/// The first place, the newest moment and the number of the entries dated after `at`, of those that come after the last
/// one of `kind`; zeros when there is none.
pub(crate) fn dated_after(c: &Read<'_>, at: Time, kind: &str) -> Result<(i64, Time, i64)> {
    c.query_one(DATED_AFTER, params![at, kind], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(crate) fn seats(c: &Read<'_>) -> Result<Vec<Id>> {
    c.query(SEATS, &[], |row| row.get(0))
}

pub(crate) fn give_seat(tx: &Write<'_>, team: Id, since: Time) -> Result<bool> {
    Ok(tx.execute(GIVE_SEAT, params![team, since])? > 0)
}

pub(crate) fn take_seat(tx: &Write<'_>, team: Id) -> Result<bool> {
    Ok(tx.execute(TAKE_SEAT, params![team])? > 0)
}

pub(crate) fn clock(c: &Read<'_>, name: &str) -> Result<Time> {
    Ok(c.query_opt(CLOCK, params![name], |row| row.get(0))?.unwrap_or(0))
}

pub(crate) fn set_clock(tx: &Write<'_>, name: &str, at: Time) -> Result<()> {
    tx.execute(SET_CLOCK, params![name, at]).map(drop)
}

/// `false` when this letter was written before.
pub(crate) fn put_letter(tx: &Write<'_>, team: Id, letter: &LetterRow) -> Result<bool> {
    let LetterRow { position, recipient, subject, protection, at } = letter;
    Ok(tx.execute(PUT_LETTER, params![*position, recipient, team, subject, protection, *at])? > 0)
}

pub(crate) fn letters_of(c: &Read<'_>, team: Id) -> Result<Vec<LetterRow>> {
    c.query(LETTERS_OF, params![team], |row| {
        Ok(LetterRow {
            position: row.get(0)?,
            recipient: row.get(1)?,
            subject: row.get(2)?,
            protection: row.get(3)?,
            at: row.get(4)?,
        })
    })
}

pub(crate) fn put_checkpoint(tx: &Write<'_>, checkpoint: &CheckpointRow) -> Result<()> {
    let CheckpointRow { position, at, text, signature } = checkpoint;
    tx.execute(PUT_CHECKPOINT, params![*position, *at, text, signature]).map(drop)
}

/// The newest `limit` checkpoints, newest first.
pub(crate) fn checkpoints(c: &Read<'_>, limit: i64) -> Result<Vec<CheckpointRow>> {
    c.query(CHECKPOINTS, params![limit], |row| {
        Ok(CheckpointRow {
            position: row.get(0)?,
            at: row.get(1)?,
            text: row.get(2)?,
            signature: row.get(3)?,
        })
    })
}

fn place(row: &Row<'_>) -> Result<Place> {
    Ok(Place {
        position: row.get(0)?,
        team: row.get(1)?,
        at: row.get(2)?,
        kind: row.get(3)?,
        audience: row.get(4)?,
    })
}

fn parse(json: &str) -> Result<State> {
    serde_json::from_str(json).map_err(|error| Error::Corrupt(format!("state of a team: {error}")))
}
