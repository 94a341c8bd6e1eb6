//! All SQL of drills.

use kit::{Digest, Id, Read, Result, Row, Time, Write, params, statements};

use super::model::{Check, Drill, State};

statements! {
    INSERT = "INSERT INTO trust_drill (id, reason, scope, started_at, started_by, deadline_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    BY_ID = "SELECT id, reason, scope, started_at, started_by, deadline_at FROM trust_drill WHERE id = $1";
    NEWEST = "SELECT id, reason, scope, started_at, started_by, deadline_at FROM trust_drill
        ORDER BY started_at DESC, id LIMIT $1";
    INSERT_CHECK = "INSERT INTO trust_drill_check
        (id, drill, team, channel, address, protection, state, answered_by, failure)
        VALUES ($1, $2, $3, $4, $5, '', $6, '', $7)";
    CHECKS = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE drill = $1 ORDER BY id";
    CHECKS_OF = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE team = $1 ORDER BY id DESC LIMIT $2";
    CHECK = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE id = $1";
    BY_TOKEN = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE token = $1";
    IN_STATE = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE state = $1 ORDER BY id LIMIT $2";
    WAITING = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE drill = $1 AND state = 'waiting' ORDER BY id LIMIT $2";
    LATELY = "SELECT id, drill, team, channel, address, protection, state, asked_at, answered_at, answered_by, failure
        FROM trust_drill_check WHERE state IN ('silent', 'bounced') AND asked_at >= $1 ORDER BY id LIMIT $2";
    ASKED = "UPDATE trust_drill_check SET state = 'asked', asked_at = $2, token = $3, protection = $4
        WHERE id = $1 AND state = 'waiting'";
    ANSWERED = "UPDATE trust_drill_check SET state = $2, answered_at = $3, answered_by = $4
        WHERE id = $1 AND answered_at IS NULL";
    ENDED = "UPDATE trust_drill_check SET state = $3, failure = $4 WHERE id = $1 AND state = $2";
}

pub(super) fn insert(tx: &Write<'_>, drill: &Drill) -> Result<()> {
    tx.execute(
        INSERT,
        params![drill.id, drill.reason, drill.scope, drill.started_at, drill.started_by, drill.deadline_at],
    )
    .map(drop)
}

pub(super) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<Drill>> {
    c.query_opt(BY_ID, params![id], drill)
}

/// Up to `limit` drills, the newest first.
pub(super) fn newest(c: &Read<'_>, limit: i64) -> Result<Vec<Drill>> {
    c.query(NEWEST, params![limit], drill)
}

pub(super) fn insert_check(tx: &Write<'_>, check: &Check) -> Result<()> {
    tx.execute(
        INSERT_CHECK,
        params![
            check.id,
            check.drill,
            check.team,
            check.way.name(),
            check.address,
            check.state.name(),
            check.failure
        ],
    )
    .map(drop)
}

pub(super) fn checks(c: &Read<'_>, drill: Id) -> Result<Vec<Check>> {
    c.query(CHECKS, params![drill], check)
}

/// Up to `limit` tests of a team, the newest first.
pub(super) fn checks_of(c: &Read<'_>, team: Id, limit: i64) -> Result<Vec<Check>> {
    c.query(CHECKS_OF, params![team, limit], check)
}

pub(super) fn check_by_id(c: &Read<'_>, id: Id) -> Result<Option<Check>> {
    c.query_opt(CHECK, params![id], check)
}

/// The test whose link carries the secret with this digest.
pub(super) fn by_token(c: &Read<'_>, token: Digest) -> Result<Option<Check>> {
    c.query_opt(BY_TOKEN, params![token.as_bytes().to_vec()], check)
}

pub(super) fn in_state(c: &Read<'_>, state: State, limit: i64) -> Result<Vec<Check>> {
    c.query(IN_STATE, params![state.name(), limit], check)
}

/// Tests of `drill` whose message is to be written.
pub(super) fn waiting(c: &Read<'_>, drill: Id, limit: i64) -> Result<Vec<Check>> {
    c.query(WAITING, params![drill, limit], check)
}

/// Tests that ended without an answer and were asked since `since`: an answer may still come.
pub(super) fn lately(c: &Read<'_>, since: Time, limit: i64) -> Result<Vec<Check>> {
    c.query(LATELY, params![since, limit], check)
}

/// Notes that the message is under way; `false` when it was before.
pub(super) fn asked(tx: &Write<'_>, id: Id, at: Time, token: Digest, protection: &str) -> Result<bool> {
    Ok(tx.execute(ASKED, params![id, at, token.as_bytes().to_vec(), protection])? > 0)
}

/// Notes an answer; `false` when there was one.
pub(super) fn answered(tx: &Write<'_>, id: Id, state: State, at: Time, by: &str) -> Result<bool> {
    Ok(tx.execute(ANSWERED, params![id, state.name(), at, by])? > 0)
}

/// Moves a test that has no answer from one state to another; `false` when it is not in that one.
pub(super) fn ended(tx: &Write<'_>, id: Id, from: State, to: State, failure: &str) -> Result<bool> {
    Ok(tx.execute(ENDED, params![id, from.name(), to.name(), failure])? > 0)
}

fn drill(row: &Row<'_>) -> Result<Drill> {
    Ok(Drill {
        id: row.get(0)?,
        reason: row.get(1)?,
        scope: row.get(2)?,
        started_at: row.get(3)?,
        started_by: row.get(4)?,
        deadline_at: row.get(5)?,
    })
}

fn check(row: &Row<'_>) -> Result<Check> {
    Ok(Check {
        id: row.get(0)?,
        drill: row.get(1)?,
        team: row.get(2)?,
        way: row.get::<String>(3)?.parse()?,
        address: row.get(4)?,
        protection: row.get(5)?,
        state: row.get::<String>(6)?.parse()?,
        asked_at: row.get(7)?,
        answered_at: row.get(8)?,
        answered_by: row.get(9)?,
        failure: row.get(10)?,
    })
}
