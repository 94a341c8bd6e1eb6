//! All SQL of this crate.

pub(crate) mod hand_over;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use kit::{Error, Id, Read, Result, Row, Time, Write, params, statements};
use mail::pgp::PublicKey;
use rpsl::range::AddressRange;

use crate::claims::{Claim, Proof, ProofKind};
use crate::record::{Network, TeamRecord};
use crate::team::{Standing, Team, TeamKey};

statements! {
    TEAMS = "SELECT id, record, irt, desk, updated FROM team";
    TEAM = "SELECT id, record, irt, desk, updated FROM team WHERE id = $1";
    PUT_TEAM = "INSERT INTO team (id, record, irt, desk, updated) VALUES ($1, $2, $3, FALSE, $4)
        ON CONFLICT (id) DO UPDATE SET record = $2, irt = $3, updated = $4";
    SET_DESK = "UPDATE team SET desk = $2, updated = $3 WHERE id = $1";
    SET_UPDATED = "UPDATE team SET updated = $2 WHERE id = $1";
    VERSION = "SELECT coalesce(max(version), 0) FROM team_version";
    BUMP = "UPDATE team_version SET version = version + 1";

    STATUSES = "SELECT team, status, since FROM team_status";
    STATUS = "SELECT team, status, since FROM team_status WHERE team = $1";
    PUT_STATUS = "INSERT INTO team_status (team, status, since) VALUES ($1, $2, $3)
        ON CONFLICT (team) DO UPDATE SET status = $2, since = $3";
    DROP_STATUS = "DELETE FROM team_status WHERE team = $1";

    STATED = "SELECT team, status, since FROM team_stated ORDER BY team";
    PUT_STATED = "INSERT INTO team_stated (team, status, since) VALUES ($1, $2, $3)
        ON CONFLICT (team) DO UPDATE SET status = $2, since = $3";
    DROP_STATED = "DELETE FROM team_stated WHERE team = $1";

    NETWORKS = "SELECT team, first, last FROM team_network ORDER BY team, first, last";
    NETWORKS_OF = "SELECT team, first, last FROM team_network WHERE team = $1 ORDER BY first, last";
    DROP_NETWORKS = "DELETE FROM team_network WHERE team = $1";
    ADD_NETWORK = "INSERT INTO team_network (team, first, last) VALUES ($1, $2, $3)";

    PROOFS = "SELECT team, claim_kind, claim, kind, found, by_whom, evidence, missing FROM team_proof ORDER BY team, found, claim, kind";
    PROOFS_OF = "SELECT team, claim_kind, claim, kind, found, by_whom, evidence, missing FROM team_proof WHERE team = $1
        ORDER BY found, claim, kind";
    PUT_PROOF = "INSERT INTO team_proof (team, claim_kind, claim, kind, found, by_whom, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (team, claim_kind, claim, kind) DO UPDATE SET found = $5, by_whom = $6, evidence = $7, missing = NULL";
    NOTE_MISSING = "UPDATE team_proof SET missing = $5 WHERE team = $1 AND claim_kind = $2 AND claim = $3 AND kind = $4";
    IRT_HOLDER = "SELECT t.id FROM team_proof p JOIN team t ON t.id = p.team
        WHERE p.claim_kind = 'irt' AND p.claim = $1 AND t.irt = $1 AND t.id <> $2 LIMIT 1";
    KEEP_CERTIFICATE = "UPDATE team_proof SET certificate = $4
        WHERE team = $1 AND claim_kind = $2 AND claim = $3 AND kind = 'certificate'";
    CERTIFICATES = "SELECT team, claim_kind, claim, certificate FROM team_proof
        WHERE kind = 'certificate' AND certificate IS NOT NULL ORDER BY team, claim_kind, claim";
    REFUSE_PROOF = "INSERT INTO team_proof_refused (team, claim_kind, claim, kind, since) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (team, claim_kind, claim, kind) DO UPDATE SET since = $5";
    REFUSED = "SELECT claim_kind, claim, kind FROM team_proof_refused WHERE team = $1";
    LET_PROVE = "DELETE FROM team_proof_refused WHERE team = $1 AND claim_kind = $2 AND claim = $3";
    DROP_PROOF = "DELETE FROM team_proof WHERE team = $1 AND claim_kind = $2 AND claim = $3 AND kind = $4";

    KEYS = "SELECT team, fingerprint, armored, added, withdrawn FROM team_key ORDER BY team, added DESC, fingerprint";
    ADD_KEY = "INSERT INTO team_key (team, fingerprint, armored, added) VALUES ($1, $2, $3, $4)
        ON CONFLICT (team, fingerprint) DO UPDATE SET armored = $3";
    KEY = "SELECT armored, withdrawn FROM team_key WHERE team = $1 AND fingerprint = $2";
    RESTORE_KEY = "UPDATE team_key SET withdrawn = NULL WHERE team = $1 AND fingerprint = $2 AND withdrawn IS NOT NULL";
    WITHDRAW_KEY = "UPDATE team_key SET withdrawn = $3 WHERE team = $1 AND fingerprint = $2 AND withdrawn IS NULL";

    ADD_SECRET = "INSERT INTO team_secret_key (team, fingerprint, sealed, added) VALUES ($1, $2, $3, $4)
        ON CONFLICT (team, fingerprint) DO UPDATE SET sealed = $3";
    SECRETS = "SELECT team, sealed FROM team_secret_key ORDER BY team, added DESC, fingerprint";

    MAILBOXES = "SELECT team, address FROM team_mailbox ORDER BY team, position";
    MAILBOX = "SELECT team FROM team_mailbox WHERE address = $1";
    DROP_MAILBOXES = "DELETE FROM team_mailbox WHERE team = $1";
    ADD_MAILBOX = "INSERT INTO team_mailbox (address, team, position) VALUES ($1, $2, $3)";
}

/// Counts up with every change of a team, whatever the clocks of those who make it say.
pub(crate) fn version(c: &Read<'_>) -> Result<i64> {
    c.query_one(VERSION, &[], |row| row.get(0))
}

/// Something of the team was changed: whoever shows the directory reads it anew.
fn touch(tx: &Write<'_>, id: Id, now: Time) -> Result<()> {
    tx.execute(SET_UPDATED, params![id, now])?;
    tx.execute(BUMP, &[]).map(drop)
}

/// Every team with all that belongs to it. Keys are taken from `parsed` when they are there, by their armoured text.
pub(crate) fn all(c: &Read<'_>, parsed: &HashMap<String, PublicKey>) -> Result<Vec<Team>> {
    let mut teams = HashMap::new();
    for team in c.query(TEAMS, &[], team)? {
        teams.insert(team.id, team);
    }
    for (id, standing) in c.query(STATUSES, &[], standing)? {
        teams.entry(id).and_modify(|team| team.standing = Some(standing));
    }
    for (id, network) in c.query(NETWORKS, &[], network)? {
        teams.entry(id).and_modify(|team| team.record.networks.push(network));
    }
    for (id, proof) in c.query(PROOFS, &[], proof)? {
        teams.entry(id).and_modify(|team| team.proofs.push(proof));
    }
    for (id, key) in c.query(KEYS, &[], |row| key(row, parsed))? {
        // A key that is not readable any more (a limit was lowered) was logged; the others stay.
        teams.entry(id).and_modify(|team| team.keys.extend(key));
    }
    let mailboxes = c.query(MAILBOXES, &[], |row| Ok((row.get::<Id>(0)?, row.get::<String>(1)?)))?;
    for (id, address) in mailboxes {
        teams.entry(id).and_modify(|team| team.mailboxes.push(address));
    }
    Ok(teams.into_values().collect())
}

/// The record of one team with its standing and what proves its claims; without keys and mailboxes.
pub(crate) fn one(c: &Read<'_>, id: Id) -> Result<Option<Team>> {
    let Some(mut team) = c.query_opt(TEAM, params![id], team)? else { return Ok(None) };
    team.standing = c.query_opt(STATUS, params![id], standing)?.map(|(_, standing)| standing);
    team.record.networks =
        c.query(NETWORKS_OF, params![id], network)?.into_iter().map(|(_, network)| network).collect();
    team.proofs = c.query(PROOFS_OF, params![id], proof)?.into_iter().map(|(_, proof)| proof).collect();
    Ok(Some(team))
}

/// Writes a record, new or instead of the one before. Whether the desk is here stays as it is.
pub(crate) fn put(tx: &Write<'_>, id: Id, record: &TeamRecord, now: Time) -> Result<()> {
    // Networks have rows of their own.
    let rest = TeamRecord { networks: Vec::new(), ..record.clone() };
    let json =
        serde_json::to_string(&rest).map_err(|error| Error::Corrupt(format!("team record: {error}")))?;
    tx.execute(PUT_TEAM, params![id, json, record.irt, now])?;
    tx.execute(BUMP, &[])?;
    tx.execute(DROP_NETWORKS, params![id])?;
    for network in &record.networks {
        let (first, last) = (mapped(network.range.first()), mapped(network.range.last()));
        tx.execute(ADD_NETWORK, params![id, first.as_slice(), last.as_slice()])?;
    }
    Ok(())
}

/// Enters what proves a claim; of each kind there is one for a claim, the newest. What the operator took back of this
/// claim before is over with it.
pub(crate) fn put_proof(tx: &Write<'_>, id: Id, proof: &Proof, now: Time) -> Result<()> {
    let Proof { claim, kind, at, by, evidence, missing: _ } = proof;
    tx.execute(PUT_PROOF, params![id, claim.kind(), claim.text(), kind.name(), at, by, evidence])?;
    tx.execute(LET_PROVE, params![id, claim.kind(), claim.text()])?;
    touch(tx, id, now)
}

/// Keeps the certificate (DER) that proves the claim.
pub(crate) fn keep_certificate(tx: &Write<'_>, id: Id, claim: &Claim, certificate: &[u8]) -> Result<()> {
    tx.execute(KEEP_CERTIFICATE, params![id, claim.kind(), claim.text(), certificate]).map(drop)
}

/// The certificates that prove claims.
pub(crate) fn certificates(c: &Read<'_>) -> Result<Vec<(Id, Claim, Vec<u8>)>> {
    c.query(CERTIFICATES, &[], |row| Ok((row.get(0)?, claim(row, 1)?, row.get(3)?)))
}

/// The operator took back what this kind of proof says of the claim.
pub(crate) fn refuse_proof(tx: &Write<'_>, id: Id, claim: &Claim, kind: ProofKind, now: Time) -> Result<()> {
    tx.execute(REFUSE_PROOF, params![id, claim.kind(), claim.text(), kind.name(), now]).map(drop)
}

/// What the operator took back of the team's proofs, where nothing has proven the claim since.
pub(crate) fn refused(c: &Read<'_>, id: Id) -> Result<Vec<(Claim, ProofKind)>> {
    c.query(REFUSED, params![id], |row| Ok((claim(row, 0)?, row.get::<String>(2)?.parse()?)))
}

/// The team beside `id` of which it is proven that the `irt` object is its own.
pub(crate) fn irt_holder(c: &Read<'_>, irt: &str, id: Id) -> Result<Option<Id>> {
    c.query_opt(IRT_HOLDER, params![irt, id], |row| row.get(0))
}

/// Notes since when what proves the claim is not found any more; `None`: it is there.
pub(crate) fn note_missing(
    tx: &Write<'_>,
    id: Id,
    claim: &Claim,
    kind: ProofKind,
    since: Option<Time>,
    now: Time,
) -> Result<()> {
    tx.execute(NOTE_MISSING, params![id, claim.kind(), claim.text(), kind.name(), since])?;
    touch(tx, id, now)
}

/// `false` when there is no such proof.
pub(crate) fn drop_proof(tx: &Write<'_>, id: Id, claim: &Claim, kind: ProofKind, now: Time) -> Result<bool> {
    touch(tx, id, now)?;
    Ok(tx.execute(DROP_PROOF, params![id, claim.kind(), claim.text(), kind.name()])? == 1)
}

pub(crate) fn put_standing(tx: &Write<'_>, id: Id, standing: Option<Standing>, now: Time) -> Result<()> {
    match standing {
        Some(standing) => tx.execute(PUT_STATUS, params![id, standing.status.name(), standing.since])?,
        None => tx.execute(DROP_STATUS, params![id])?,
    };
    touch(tx, id, now)
}

/// What imported lists say of standings, and nobody has taken over.
pub(crate) fn stated(c: &Read<'_>) -> Result<Vec<(Id, Standing)>> {
    c.query(STATED, &[], standing)
}

pub(crate) fn put_stated(tx: &Write<'_>, id: Id, standing: Option<Standing>) -> Result<()> {
    match standing {
        Some(standing) => tx.execute(PUT_STATED, params![id, standing.status.name(), standing.since])?,
        None => tx.execute(DROP_STATED, params![id])?,
    };
    Ok(())
}

/// A key as it is known, in armour, and since when it is withdrawn.
pub(crate) fn key_of(c: &Read<'_>, id: Id, fingerprint: &str) -> Result<Option<(String, Option<Time>)>> {
    c.query_opt(KEY, params![id, fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Enters a key, or puts `armored` in place of what is known of it; whether it is withdrawn stays as it is.
pub(crate) fn add_key(tx: &Write<'_>, id: Id, fingerprint: &str, armored: &str, now: Time) -> Result<()> {
    tx.execute(ADD_KEY, params![id, fingerprint, armored, now])?;
    touch(tx, id, now)
}

/// `false` when the team has no such key in use.
pub(crate) fn withdraw_key(tx: &Write<'_>, id: Id, fingerprint: &str, now: Time) -> Result<bool> {
    touch(tx, id, now)?;
    Ok(tx.execute(WITHDRAW_KEY, params![id, fingerprint, now])? == 1)
}

/// `false` when the team has no such key that is withdrawn.
pub(crate) fn restore_key(tx: &Write<'_>, id: Id, fingerprint: &str, now: Time) -> Result<bool> {
    touch(tx, id, now)?;
    Ok(tx.execute(RESTORE_KEY, params![id, fingerprint])? == 1)
}

pub(crate) fn add_secret(tx: &Write<'_>, id: Id, fingerprint: &str, sealed: &[u8], now: Time) -> Result<()> {
    tx.execute(ADD_SECRET, params![id, fingerprint, sealed, now])?;
    touch(tx, id, now)
}

/// The sealed secret keys of all desks, each team's newest first.
pub(crate) fn secrets(c: &Read<'_>) -> Result<Vec<(Id, Vec<u8>)>> {
    c.query(SECRETS, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Whose mailbox the address is.
pub(crate) fn mailbox(c: &Read<'_>, address: &str) -> Result<Option<Id>> {
    c.query_opt(MAILBOX, params![address], |row| row.get(0))
}

pub(crate) fn put_desk(tx: &Write<'_>, id: Id, mailboxes: &[String], now: Time) -> Result<()> {
    tx.execute(SET_DESK, params![id, !mailboxes.is_empty(), now])?;
    tx.execute(BUMP, &[])?;
    tx.execute(DROP_MAILBOXES, params![id])?;
    for (position, address) in (0_i64..).zip(mailboxes) {
        tx.execute(ADD_MAILBOX, params![address, id, position])?;
    }
    Ok(())
}

fn team(row: &Row<'_>) -> Result<Team> {
    let json: String = row.get(1)?;
    let record: TeamRecord =
        serde_json::from_str(&json).map_err(|error| Error::Corrupt(format!("team record: {error}")))?;
    Ok(Team {
        id: row.get(0)?,
        record,
        standing: None,
        proofs: Vec::new(),
        keys: Vec::new(),
        desk: row.get(3)?,
        mailboxes: Vec::new(),
        updated: row.get(4)?,
    })
}

fn standing(row: &Row<'_>) -> Result<(Id, Standing)> {
    Ok((row.get(0)?, Standing { status: row.get::<String>(1)?.parse()?, since: row.get(2)? }))
}

fn network(row: &Row<'_>) -> Result<(Id, Network)> {
    let (first, last): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let range = AddressRange::new(address(&first)?, address(&last)?);
    let range = range.map_err(|error| Error::Corrupt(format!("team network: {error}")))?;
    Ok((row.get(0)?, Network { range }))
}

fn proof(row: &Row<'_>) -> Result<(Id, Proof)> {
    let claim = claim(row, 1)?;
    let kind = row.get::<String>(3)?.parse()?;
    let (at, by, evidence, missing) = (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
    Ok((row.get(0)?, Proof { claim, kind, at, by, evidence, missing }))
}

/// A claim of which the kind stands at `place` and the text behind it.
fn claim(row: &Row<'_>, place: usize) -> Result<Claim> {
    let (kind, claim): (String, String) = (row.get(place)?, row.get(place + 1)?);
    Claim::parse(&kind, &claim).map_err(|error| Error::Corrupt(format!("team proof: {error}")))
}

fn key(row: &Row<'_>, parsed: &HashMap<String, PublicKey>) -> Result<(Id, Option<TeamKey>)> {
    let armored: String = row.get(2)?;
    let known = parsed.get(&armored).cloned();
    let key = known.or_else(|| match PublicKey::parse_all(armored.as_bytes()) {
        Ok(keys) => keys.into_iter().next(),
        Err(error) => {
            tracing::error!(%error, "a stored public key cannot be read");
            None
        }
    });
    let (added, withdrawn) = (row.get(3)?, row.get(4)?);
    Ok((row.get(0)?, key.map(|key| TeamKey { key, added, withdrawn })))
}

/// IPv4 mapped into IPv6 (RFC 4291, section 2.5.5.2).
fn mapped(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

fn address(bytes: &[u8]) -> Result<IpAddr> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| Error::Corrupt("an address has 16 bytes".into()))?;
    Ok(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical())
}
