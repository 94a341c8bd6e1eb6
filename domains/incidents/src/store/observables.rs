//! What reports and incidents name.

use std::net::{IpAddr, Ipv6Addr};

use kit::db::{Read, Row, Write};
use kit::{Error, Id, Result, Time, params, statements};

use super::{label, tlp};
use crate::model::Observable;

statements! {
    INSERT = "INSERT INTO observable (owner, n, team, kind, value, low, high, port, part, hits, first_seen, last_seen, tlp, excluded)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    OF = "SELECT n, kind, value, low, high, port, part, hits, first_seen, last_seen, tlp, excluded FROM observable
        WHERE owner = $1 ORDER BY n LIMIT $2";
    BY_VALUE = "SELECT n, kind, value, low, high, port, part, hits, first_seen, last_seen, tlp, excluded FROM observable
        WHERE owner = $1 AND team = $2 AND value = $3";
    LAST = "SELECT n FROM observable WHERE owner = $1 ORDER BY n DESC LIMIT 1";
    MORE = "UPDATE observable SET hits = hits + $3, first_seen = $4, last_seen = $5, tlp = $6 WHERE owner = $1 AND n = $2";
    FORGET = "DELETE FROM observable WHERE owner = $1";
    INCIDENTS_WITH = "SELECT i.id, i.number, count(*) FROM observable mine
        JOIN observable theirs ON theirs.team = $1 AND theirs.value = mine.value AND theirs.owner <> mine.owner
        JOIN incident i ON i.id = theirs.owner AND i.status = 'open'
        WHERE mine.owner = $2 AND mine.n <= 200 AND mine.excluded IS NULL AND mine.kind IN ('ip', 'ip-range', 'domain', 'url', 'sha256')
        AND (SELECT count(*) FROM (SELECT 1 FROM observable few WHERE few.team = $1 AND few.value = mine.value LIMIT 101) AS few) <= 100
        GROUP BY i.id, i.number ORDER BY count(*) DESC, i.number DESC LIMIT 3";
}

/// How many one report or incident lists, however many mails it is made of.
const MOST: i64 = 50_000;

pub(crate) fn insert(tx: &Write<'_>, owner: Id, team: Id, o: &Observable) -> Result<()> {
    let (low, high) = o.range.map_or((None, None), |(low, high)| (Some(sixteen(low)), Some(sixteen(high))));
    tx.execute(
        INSERT,
        params![
            owner,
            o.n,
            team,
            o.kind.as_str(),
            o.value,
            low,
            high,
            o.port.map(i64::from),
            o.part,
            o.hits,
            o.first_seen,
            o.last_seen,
            label(o.tlp),
            o.excluded
        ],
    )?;
    Ok(())
}

/// The observables of a report or an incident in the order in which they were found.
pub(crate) fn of(c: &Read<'_>, owner: Id, limit: i64) -> Result<Vec<Observable>> {
    c.query(OF, params![owner, limit], observable)
}

/// Adds `new` to the list of `owner`: what is there gains hits, times and the less strict of both labels.
pub(crate) fn merge(tx: &Write<'_>, owner: Id, team: Id, new: &[Observable]) -> Result<()> {
    let mut last: i64 = tx.query_opt(LAST, params![owner], |row| row.get(0))?.unwrap_or(0);
    for one in new {
        let known = tx.query_opt(BY_VALUE, params![owner, team, one.value], observable)?;
        match known.filter(|known| known.kind == one.kind) {
            Some(known) => {
                let (first, seen) =
                    (known.first_seen.min(one.first_seen), known.last_seen.max(one.last_seen));
                let tlp = known.tlp.min(one.tlp);
                tx.execute(MORE, params![owner, known.n, one.hits, first, seen, label(tlp)])?;
            }
            None if last >= MOST => {} // the rest stays in the mails
            None => {
                last += 1;
                insert(tx, owner, team, &Observable { n: last, ..one.clone() })?;
            }
        }
    }
    Ok(())
}

pub(crate) fn forget(tx: &Write<'_>, owner: Id) -> Result<()> {
    tx.execute(FORGET, params![owner])?;
    Ok(())
}

/// Open incidents that share observables with the report `owner`: identifier, number, how many; most first. A value that
/// more than a hundred name says nothing, and would make each page walk through all of them.
pub(crate) fn incidents_with(c: &Read<'_>, team: Id, owner: Id) -> Result<Vec<(Id, i64, i64)>> {
    c.query(INCIDENTS_WITH, params![team, owner], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

pub(super) fn observable(row: &Row<'_>) -> Result<Observable> {
    let kind: String = row.get(1)?;
    let (low, high): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
    let port: Option<i64> = row.get(5)?;
    let (first_seen, last_seen): (Time, Time) = (row.get(8)?, row.get(9)?);
    Ok(Observable {
        n: row.get(0)?,
        kind: kind.parse().map_err(|_| Error::Corrupt(format!("{kind:?} is no kind of observable")))?,
        value: row.get(2)?,
        range: low
            .zip(high)
            .map(|(low, high)| Ok::<_, Error>((address(&low)?, address(&high)?)))
            .transpose()?,
        port: port.and_then(|port| port.try_into().ok()),
        part: row.get(6)?,
        hits: row.get(7)?,
        first_seen,
        last_seen,
        tlp: tlp(row, 10)?,
        excluded: row.get(11)?,
    })
}

/// Sixteen bytes that sort as addresses do; IPv4 is mapped into IPv6 (RFC 4291 section 2.5.5.2).
fn sixteen(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn address(bytes: &[u8]) -> Result<IpAddr> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| Error::Corrupt("an address has 16 bytes".into()))?;
    Ok(Ipv6Addr::from(bytes).to_canonical())
}
