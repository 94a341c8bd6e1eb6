//! What updates ask beside the objects themselves: what lies around a range, who refers to an object, who is to be
//! told.

use kit::{Id, Read, Result, Row, Time, Write, params, statements};

use super::objects::{Name, Term};

statements! {
    OF_SOURCE = "SELECT seq, class, raw FROM registry_object WHERE source = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    ADD_TERM = "INSERT INTO registry_term (attribute, value, object) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    ADD_RANGE = "INSERT INTO registry_range (object, source, class, first, last) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (object) DO UPDATE SET first = excluded.first, last = excluded.last";
    // The one that begins last and ends first: ranges nest.
    AROUND = "SELECT o.key, o.raw FROM registry_range r JOIN registry_object o ON o.seq = r.object
        WHERE r.source = $1 AND r.class = $2 AND r.first <= $3 AND r.last >= $4 AND NOT (r.first = $3 AND r.last = $4)
        ORDER BY r.first DESC, r.last ASC LIMIT 1";
    CROSSING_LEFT = "SELECT o.key FROM registry_range r JOIN registry_object o ON o.seq = r.object
        WHERE r.source = $1 AND r.class = $2 AND r.first < $3 AND r.last >= $3 AND r.last < $4
        ORDER BY r.first LIMIT 1";
    CROSSING_RIGHT = "SELECT o.key FROM registry_range r JOIN registry_object o ON o.seq = r.object
        WHERE r.source = $1 AND r.class = $2 AND r.first > $3 AND r.first <= $4 AND r.last > $4
        ORDER BY r.first LIMIT 1";
    INSIDE = "SELECT o.key, o.raw FROM registry_range r JOIN registry_object o ON o.seq = r.object
        WHERE r.source = $1 AND r.class = $2 AND r.first >= $3 AND r.last <= $4 AND NOT (r.first = $3 AND r.last = $4)
        ORDER BY r.first, r.last DESC LIMIT $5";
    REFERRERS = "SELECT o.class, o.key FROM registry_term t JOIN registry_object o ON o.seq = t.object
        WHERE t.attribute = $1 AND t.value = $2 AND o.source = $3 AND NOT (o.class = $4 AND o.key = $5)
        ORDER BY t.object LIMIT $6";
    OF_CLASS = "SELECT key, raw FROM registry_object WHERE source = $1 AND class = $2 ORDER BY key LIMIT $3";
    WAS_USED = "SELECT version FROM registry_change WHERE source = $1 AND class = $2 AND key = $3 LIMIT 1";
    ADD_NOTICE = "INSERT INTO registry_notice (id, submission, place, recipient, reason, at, text)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    NOTICES = "SELECT recipient, reason, at, text FROM registry_notice WHERE submission = $1 AND text <> ''
        ORDER BY recipient, place, reason, id";
    NOTICES_DONE = "UPDATE registry_notice SET text = '' WHERE submission = $1";
    NOTICES_OF = "SELECT count(*) FROM registry_notice WHERE recipient = $1 AND reason = $2 AND at > $3";
    LEAVE_ALONE = "DELETE FROM registry_source WHERE name = $1 AND serial = 0";
    FORGET_NOTICES = "DELETE FROM registry_notice WHERE at < $1 AND text = ''";
}

/// An object of a source, for taking it over.
pub(crate) struct Bare {
    pub(crate) row: i64,
    pub(crate) class: String,
    pub(crate) raw: Vec<u8>,
}

/// Up to `limit` objects of `source` behind row `after`.
pub(crate) fn of_source(c: &Read<'_>, source: &str, after: i64, limit: i64) -> Result<Vec<Bare>> {
    c.query(OF_SOURCE, params![source, after, limit], |row| {
        Ok(Bare { row: row.get(0)?, class: row.get(1)?, raw: row.get(2)? })
    })
}

/// Adds terms to an object that has others already.
pub(crate) fn add_terms(tx: &Write<'_>, row: i64, terms: &[Term]) -> Result<()> {
    for term in terms {
        tx.execute(ADD_TERM, params![term.attribute, term.value, row])?;
    }
    Ok(())
}

/// The two ends of a range of addresses, 16 bytes each.
pub(crate) type Ends = ([u8; 16], [u8; 16]);

pub(crate) fn add_range(tx: &Write<'_>, row: i64, source: &str, class: &str, ends: &Ends) -> Result<()> {
    tx.execute(ADD_RANGE, params![row, source, class, ends.0.to_vec(), ends.1.to_vec()])?;
    Ok(())
}

/// Key and text of the closest range around `ends`, which itself is none of them.
pub(crate) fn around(
    c: &Read<'_>,
    source: &str,
    class: &str,
    ends: &Ends,
) -> Result<Option<(String, Vec<u8>)>> {
    c.query_opt(AROUND, params![source, class, ends.0.to_vec(), ends.1.to_vec()], pair)
}

/// A range that has a part of `ends` inside and a part outside of it.
pub(crate) fn crossing(c: &Read<'_>, source: &str, class: &str, ends: &Ends) -> Result<Option<String>> {
    let ends = params![source, class, ends.0.to_vec(), ends.1.to_vec()];
    match c.query_opt(CROSSING_LEFT, ends, |row| row.get(0))? {
        Some(key) => Ok(Some(key)),
        None => c.query_opt(CROSSING_RIGHT, ends, |row| row.get(0)),
    }
}

/// Key and text of up to `limit` ranges inside `ends`.
pub(crate) fn inside(
    c: &Read<'_>,
    source: &str,
    class: &str,
    ends: &Ends,
    limit: i64,
) -> Result<Vec<(String, Vec<u8>)>> {
    c.query(INSIDE, params![source, class, ends.0.to_vec(), ends.1.to_vec(), limit], pair)
}

/// Class and key of up to `limit` objects of the same source, others than the one called `name`, that have `value` in
/// `attribute` (its two-letter name).
pub(crate) fn referrers(
    c: &Read<'_>,
    attribute: &str,
    value: &str,
    name: Name<'_>,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    let values = params![attribute, value, name.source, name.class, name.key, limit];
    c.query(REFERRERS, values, |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Key and text of up to `limit` objects of a class.
pub(crate) fn of_class(
    c: &Read<'_>,
    source: &str,
    class: &str,
    limit: i64,
) -> Result<Vec<(String, Vec<u8>)>> {
    c.query(OF_CLASS, params![source, class, limit], pair)
}

/// Whether there was ever an object of this name whose changes were written down.
pub(crate) fn was_used(c: &Read<'_>, name: Name<'_>) -> Result<bool> {
    let found: Option<i64> =
        c.query_opt(WAS_USED, params![name.source, name.class, name.key], |row| row.get(0))?;
    Ok(found.is_some())
}

/// Something that somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// Their mail address, in lower case.
    pub(crate) recipient: String,
    /// Why they: `changed` or `refused`.
    pub(crate) reason: String,
    pub(crate) at: Time,
    pub(crate) text: String,
}

/// Keeps a notice about the object at `place` of a submission until [`notices_done`].
pub(crate) fn add_notice(tx: &Write<'_>, id: Id, submission: Id, place: i64, notice: &Notice) -> Result<()> {
    let values = params![id, submission, place, notice.recipient, notice.reason, notice.at, notice.text];
    tx.execute(ADD_NOTICE, values)?;
    Ok(())
}

/// The notices of a submission that wait, by recipient and then in the order of the submission.
pub(crate) fn notices(c: &Read<'_>, submission: Id) -> Result<Vec<Notice>> {
    c.query(NOTICES, params![submission], |row| {
        Ok(Notice { recipient: row.get(0)?, reason: row.get(1)?, at: row.get(2)?, text: row.get(3)? })
    })
}

/// Marks the notices of a submission as sent: what they say is not kept, that they were sent is, for counting.
pub(crate) fn notices_done(tx: &Write<'_>, submission: Id) -> Result<()> {
    tx.execute(NOTICES_DONE, params![submission])?;
    Ok(())
}

/// How many notices for this reason `recipient` got since `since`.
pub(crate) fn notices_of(c: &Read<'_>, recipient: &str, reason: &str, since: Time) -> Result<i64> {
    c.query_one(NOTICES_OF, params![recipient, reason, since], |row| row.get(0))
}

/// Undoes that `source` was taken over, when nothing has changed in it yet: an import brings objects for which nothing is
/// written down, so it will be taken over anew.
pub(crate) fn leave_alone(tx: &Write<'_>, source: &str) -> Result<()> {
    tx.execute(LEAVE_ALONE, params![source])?;
    Ok(())
}

/// Forgets the notices that were sent before `before`.
pub(crate) fn forget_notices(tx: &Write<'_>, before: Time) -> Result<()> {
    tx.execute(FORGET_NOTICES, params![before])?;
    Ok(())
}

fn pair(row: &Row<'_>) -> Result<(String, Vec<u8>)> {
    Ok((row.get(0)?, row.get(1)?))
}
