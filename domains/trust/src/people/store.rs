//! All SQL of people.

use kit::{Digest, Error, Id, Read, Result, Row, Time, Write, params, statements};

use super::state::{Standing, State, Voucher};

statements! {
    INSERT = "INSERT INTO trust_person (id, name, email, about, account, team, nominator, nominator_team, state, since,
        nominated_at, asked_at, consented_at, deadline_at, approved_at, approved_by, before, seen_at, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13, NULL, NULL, '', NULL, 1)";
    BY_ID = "SELECT id, name, email, about, account, team, nominator, nominator_team, state, since, nominated_at,
        asked_at, consented_at, deadline_at, approved_at, approved_by, before, seen_at, version FROM trust_person WHERE id = $1";
    BY_EMAIL = "SELECT id, name, email, about, account, team, nominator, nominator_team, state, since, nominated_at,
        asked_at, consented_at, deadline_at, approved_at, approved_by, before, seen_at, version FROM trust_person
        WHERE email = $1 OR (account IS NOT NULL AND account = $2) ORDER BY nominated_at DESC, id";
    BY_TOKEN = "SELECT id, name, email, about, account, team, nominator, nominator_team, state, since, nominated_at,
        asked_at, consented_at, deadline_at, approved_at, approved_by, before, seen_at, version FROM trust_person WHERE token = $1";
    ALL = "SELECT id, name, email, about, account, team, nominator, nominator_team, state, since, nominated_at,
        asked_at, consented_at, deadline_at, approved_at, approved_by, before, seen_at, version FROM trust_person
        ORDER BY name, id LIMIT $1";
    RUNNING = "SELECT id FROM trust_person WHERE state NOT IN ('failed', 'deceased') ORDER BY id";
    SAVE = "UPDATE trust_person SET account = $3, state = $4, since = $5, asked_at = $6, consented_at = $7,
        deadline_at = $8, approved_at = $9, approved_by = $10, before = $11, seen_at = $12, version = version + 1
        WHERE id = $1 AND version = $2";
    SET_TOKEN = "UPDATE trust_person SET token = $2 WHERE id = $1";
    NOMINATOR = "SELECT nominator FROM trust_person WHERE account = $1 AND approved_at IS NOT NULL AND state <> 'failed'
        ORDER BY nominated_at DESC LIMIT 1";

    VOUCHES = "SELECT account, team, attestations, comment, given_at FROM trust_vouch WHERE person = $1
        ORDER BY given_at, account";
    ADD_VOUCH = "INSERT INTO trust_vouch (person, account, team, attestations, comment, given_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DROP_VOUCH = "DELETE FROM trust_vouch WHERE person = $1 AND account = $2";

    ADD_OBJECTION = "INSERT INTO trust_objection (id, person, sealed, raised_at, outcome, decided_by)
        VALUES ($1, $2, $3, $4, 'open', '')";
    OBJECTIONS = "SELECT id, sealed, raised_at, outcome, decided_at, decided_by FROM trust_objection WHERE person = $1
        ORDER BY raised_at, id";
    OPEN_OBJECTIONS = "SELECT count(*) FROM trust_objection WHERE person = $1 AND outcome = 'open'";
    DECIDE = "UPDATE trust_objection SET outcome = $3, decided_at = $4, decided_by = $5
        WHERE person = $1 AND id = $2 AND outcome = 'open'";
    DECIDE_ALL = "UPDATE trust_objection SET outcome = $2, decided_at = $3, decided_by = $4
        WHERE person = $1 AND outcome = 'open'";
}

/// A person with what the process knows of them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) about: String,
    pub(super) nominator: Voucher,
    pub(super) nominated_at: Time,
    pub(super) standing: Standing,
    pub(super) version: i64,
}

impl Person {
    /// This person is `account`, or of the team `team`.
    pub(super) fn is_of(&self, account: Option<Id>, team: Id) -> bool {
        (account.is_some() && self.standing.account == account) || self.standing.team == Some(team)
    }
}

/// A vouch with its words.
#[derive(Debug, Clone)]
pub(super) struct Vouch {
    pub(super) voucher: Voucher,
    pub(super) attestations: Vec<String>,
    pub(super) comment: String,
    pub(super) given_at: Time,
}

/// An objection as it lies.
#[derive(Debug, Clone)]
pub(super) struct Objection {
    pub(super) id: Id,
    pub(super) sealed: Vec<u8>,
    pub(super) raised_at: Time,
    pub(super) outcome: String,
    pub(super) decided: Option<(Time, String)>,
}

pub(super) fn insert(tx: &Write<'_>, p: &Person) -> Result<()> {
    let s = &p.standing;
    tx.execute(
        INSERT,
        params![
            p.id,
            p.name,
            p.email,
            p.about,
            s.account,
            s.team,
            p.nominator.account,
            p.nominator.team,
            s.state.name(),
            p.nominated_at,
            s.asked_at,
            s.consented_at,
            s.deadline
        ],
    )
    .map(drop)
}

/// Saves where a person stands; `false` when somebody else was faster.
pub(super) fn save(tx: &Write<'_>, p: &Person) -> Result<bool> {
    let s = &p.standing;
    let (approved_at, approved_by) = (s.approved.map(|(at, _)| at), s.approved.and_then(|(_, by)| by));
    let before = s.before.map_or("", State::name);
    let count = tx.execute(
        SAVE,
        params![
            p.id,
            p.version,
            s.account,
            s.state.name(),
            s.since,
            s.asked_at,
            s.consented_at,
            s.deadline,
            approved_at,
            approved_by,
            before,
            s.seen_at
        ],
    )?;
    Ok(count > 0)
}

pub(super) fn by_id(c: &Read<'_>, id: Id) -> Result<Option<Person>> {
    c.query_opt(BY_ID, params![id], row_of)?.map(|person| whole(c, person)).transpose()
}

/// Everybody who was named with this address, or has this account; the newest first.
pub(super) fn by_email(c: &Read<'_>, email: &str, account: Option<Id>) -> Result<Vec<Person>> {
    c.query(BY_EMAIL, params![email, account], row_of)
}

/// The person whose link carries the secret with this digest.
pub(super) fn by_token(c: &Read<'_>, token: Digest) -> Result<Option<Person>> {
    let found = c.query_opt(BY_TOKEN, params![token.as_bytes().to_vec()], row_of)?;
    found.map(|person| whole(c, person)).transpose()
}

/// Up to `limit` people by name.
pub(super) fn all(c: &Read<'_>, limit: i64) -> Result<Vec<Person>> {
    let people = c.query(ALL, params![limit], row_of)?;
    people.into_iter().map(|person| whole(c, person)).collect()
}

/// Those for whom time means something.
pub(super) fn running(c: &Read<'_>) -> Result<Vec<Id>> {
    c.query(RUNNING, &[], |row| row.get(0))
}

/// The link with this digest is the person's; `None`: none is any more.
pub(super) fn set_token(tx: &Write<'_>, id: Id, token: Option<Digest>) -> Result<()> {
    tx.execute(SET_TOKEN, params![id, token.map(|token| token.as_bytes().to_vec())]).map(drop)
}

pub(super) fn nominator_of(c: &Read<'_>, account: Id) -> Result<Option<Id>> {
    c.query_opt(NOMINATOR, params![account], |row| row.get(0))
}

pub(super) fn vouches(c: &Read<'_>, person: Id) -> Result<Vec<Vouch>> {
    c.query(VOUCHES, params![person], vouch)
}

pub(super) fn add_vouch(tx: &Write<'_>, person: Id, vouch: &Vouch) -> Result<()> {
    let attestations = serde_json::to_string(&vouch.attestations)
        .map_err(|error| Error::Corrupt(format!("attestations: {error}")))?;
    let voucher = vouch.voucher;
    tx.execute(
        ADD_VOUCH,
        params![person, voucher.account, voucher.team, attestations, vouch.comment, vouch.given_at],
    )
    .map(drop)
}

pub(super) fn drop_vouch(tx: &Write<'_>, person: Id, account: Id) -> Result<()> {
    tx.execute(DROP_VOUCH, params![person, account]).map(drop)
}

pub(super) fn add_objection(tx: &Write<'_>, id: Id, person: Id, sealed: &[u8], at: Time) -> Result<()> {
    tx.execute(ADD_OBJECTION, params![id, person, sealed, at]).map(drop)
}

pub(super) fn objections(c: &Read<'_>, person: Id) -> Result<Vec<Objection>> {
    c.query(OBJECTIONS, params![person], objection)
}

/// Decides one objection; `false` when it was decided before.
pub(super) fn decide(tx: &Write<'_>, person: Id, id: Id, outcome: &str, at: Time, by: &str) -> Result<bool> {
    Ok(tx.execute(DECIDE, params![person, id, outcome, at, by])? > 0)
}

/// Decides all that are open.
pub(super) fn decide_all(tx: &Write<'_>, person: Id, outcome: &str, at: Time, by: &str) -> Result<()> {
    tx.execute(DECIDE_ALL, params![person, outcome, at, by]).map(drop)
}

/// With vouches and objections.
fn whole(c: &Read<'_>, mut person: Person) -> Result<Person> {
    person.standing.vouchers = vouches(c, person.id)?.iter().map(|vouch| vouch.voucher).collect();
    let open = c.query_one(OPEN_OBJECTIONS, params![person.id], |row| row.get::<i64>(0))?;
    person.standing.objections = usize::try_from(open).unwrap_or_default();
    Ok(person)
}

fn row_of(row: &Row<'_>) -> Result<Person> {
    let (approved_at, approved_by): (Option<Time>, Option<Id>) = (row.get(14)?, row.get(15)?);
    let before: String = row.get(16)?;
    Ok(Person {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        about: row.get(3)?,
        nominator: Voucher { account: row.get(6)?, team: row.get(7)? },
        nominated_at: row.get(10)?,
        standing: Standing {
            state: row.get::<String>(8)?.parse()?,
            since: row.get(9)?,
            account: row.get(4)?,
            team: row.get(5)?,
            vouchers: Vec::new(),
            objections: 0,
            asked_at: row.get(11)?,
            consented_at: row.get(12)?,
            approved: approved_at.map(|at| (at, approved_by)),
            deadline: row.get(13)?,
            before: if before.is_empty() { None } else { Some(before.parse()?) },
            seen_at: row.get(17)?,
        },
        version: row.get(18)?,
    })
}

fn vouch(row: &Row<'_>) -> Result<Vouch> {
    let attestations: String = row.get(2)?;
    Ok(Vouch {
        voucher: Voucher { account: row.get(0)?, team: row.get(1)? },
        attestations: serde_json::from_str(&attestations)
            .map_err(|error| Error::Corrupt(format!("attestations: {error}")))?,
        comment: row.get(3)?,
        given_at: row.get(4)?,
    })
}

fn objection(row: &Row<'_>) -> Result<Objection> {
    let (at, by): (Option<Time>, String) = (row.get(4)?, row.get(5)?);
    Ok(Objection {
        id: row.get(0)?,
        sealed: row.get(1)?,
        raised_at: row.get(2)?,
        outcome: row.get(3)?,
        decided: at.map(|at| (at, by)),
    })
}
