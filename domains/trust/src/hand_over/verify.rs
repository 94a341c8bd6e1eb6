//! Anybody's part: whether a hand-over is whole, unaltered, signed, and says one thing. No node is needed.

use std::collections::{BTreeMap, BTreeSet};

use contracts::trust::record::{Change, STREAM};
use kit::clock::SECOND;
use kit::events::Link;
use kit::tables::Rows;
use kit::{Digest, Error, Id, Result, Time};
use mail::pgp::{PublicKey, Verdict, verify_detached};

use super::export::named_by;
use super::folder::{In, MANIFEST, SIGNATURE};
use super::manifest::Manifest;
use super::{
    CHECKPOINT, EVENTS, LOST, OPERATOR, READ_ME, RECORD, Told, blob_file, goes_along, table_file, tables,
};
use crate::process::State;
use crate::record::file::{Checked, Reader};
use crate::record::{self, Checkpoint, file, hex, moment};

/// Longest line of the file of events, in bytes.
const LINE: usize = 4 << 20;

/// A hand-over in which everything fits.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The fingerprint of the key that signed it.
    pub signed_by: String,
    /// What the check of the record found.
    pub record: Checked,
    /// When the last entry was made.
    pub last: Time,
    /// Documents that are missing since before the hand-over, by their SHA-256.
    pub lost: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) tables: Vec<Rows>,
    pub(super) told: Vec<(String, Option<Id>, Link)>,
    pub(super) blobs: Vec<String>,
}

impl Verified {
    /// The rows of the table called `name`.
    pub fn rows(&self, name: &str) -> Option<&Rows> {
        self.tables.iter().find(|rows| rows.table.name == name)
    }

    /// How many rows the table called `name` has.
    pub fn count(&self, name: &str) -> usize {
        self.rows(name).map_or(0, |rows| rows.rows.len())
    }
}

/// Verifies `hand_over` against the old operator's `keys`; with `None` against the key that lies in it, whose fingerprint
/// must then be compared with one that came another way.
///
/// # Errors
/// [`Error::Invalid`] names the file, entry, row or signature that does not fit, and how.
pub fn verify(hand_over: &In, keys: Option<&[PublicKey]>) -> Result<Verified> {
    let manifest_bytes = hand_over.get(MANIFEST)?;
    let manifest = Manifest::parse(&manifest_bytes)?;
    let own;
    let keys = match keys {
        Some(keys) => keys,
        None => {
            own = PublicKey::parse_all(&hand_over.get(OPERATOR)?)
                .map_err(|error| Error::invalid(OPERATOR, error.to_string()))?;
            &own
        }
    };
    let made = moment(&manifest.made).map_err(|error| Error::invalid(MANIFEST, error.to_string()))?;
    let signed_by = signed(MANIFEST, &manifest_bytes, &hand_over.get(SIGNATURE)?, keys, made)?;
    let blobs = whole(hand_over, &manifest)?;

    let mut all = Vec::new();
    for table in tables() {
        all.push(table.parse(&listed(hand_over, &manifest, &table_file(table.name))?)?);
    }
    let record_bytes = listed(hand_over, &manifest, RECORD)?;
    let (record, links) = record_of(&record_bytes, &manifest, &all)?;
    checkpoint_of(&listed(hand_over, &manifest, CHECKPOINT)?, &manifest, keys)?;
    let told = events_of(&listed(hand_over, &manifest, EVENTS)?)?;
    let lost = match manifest.files.contains_key(LOST) {
        true => lost_in(&listed(hand_over, &manifest, LOST)?)?,
        false => Vec::new(),
    };
    let verified = Verified {
        last: links.last().map_or(0, |link| link.at),
        manifest,
        signed_by,
        record,
        lost,
        links,
        tables: all,
        told,
        blobs,
    };
    verified.replays()?;
    verified.rests_on_what_is_here()?;
    Ok(verified)
}

/// The fingerprint of the key that made a good signature over `bytes` at `made`.
fn signed(name: &str, bytes: &[u8], signature: &[u8], keys: &[PublicKey], made: Time) -> Result<String> {
    let verdicts = verify_detached(bytes, signature, keys, made / SECOND + 60);
    for verdict in &verdicts {
        if let Verdict::Good { signer, .. } = verdict {
            return Ok(signer.fingerprint.clone());
        }
    }
    let why = verdicts.first().map_or_else(|| "there is none".to_owned(), ToString::to_string);
    Err(Error::invalid(name, format!("its signature does not count: {why}")))
}

/// Holds every file against the manifest, and the manifest against what lies there. Returns the documents.
fn whole(hand_over: &In, manifest: &Manifest) -> Result<Vec<String>> {
    for name in hand_over.names()? {
        if name != MANIFEST && name != SIGNATURE && !manifest.files.contains_key(&name) {
            return Err(Error::invalid(name, "the manifest does not name it: it was put in afterwards"));
        }
    }
    let known: BTreeSet<String> = tables().iter().map(|table| table_file(table.name)).collect();
    let mut blobs = Vec::new();
    for (name, sha256) in &manifest.files {
        let is_blob = name.strip_prefix("blobs/").is_some_and(|digest| digest == sha256);
        let fixed = [RECORD, EVENTS, CHECKPOINT, OPERATOR, LOST, READ_ME].contains(&name.as_str());
        if !is_blob && !fixed && !known.contains(name) {
            return Err(Error::invalid(name, "this version does not know what it is"));
        }
        if is_blob {
            blobs.push(sha256.clone());
        }
        if Digest::of(&hand_over.get(name)?).to_string() != *sha256 {
            return Err(Error::invalid(name, "it is not what the manifest vouches for: damaged or altered"));
        }
    }
    Ok(blobs)
}

/// A file that the manifest names, read anew: it must still be what was vouched for.
fn listed(hand_over: &In, manifest: &Manifest, name: &str) -> Result<Vec<u8>> {
    let bytes = hand_over.get(name)?;
    match manifest.files.get(name) {
        Some(sha256) if Digest::of(&bytes).to_string() == *sha256 => Ok(bytes),
        Some(_) => Err(Error::invalid(name, "it changed while it was read")),
        None => Err(Error::invalid(name, "the manifest does not name it")),
    }
}

/// The record: whole, in agreement with every checkpoint, and closed by the hand-over to the one whom the manifest names.
fn record_of(bytes: &[u8], manifest: &Manifest, all: &[Rows]) -> Result<(Checked, Vec<Link>)> {
    let mut kept = Vec::new();
    for rows in all.iter().filter(|rows| rows.table.name == "trust_checkpoint") {
        for row in &rows.rows {
            let (checkpoint, ..) = Checkpoint::parse(rows.text(row, "text"))?;
            if checkpoint.position != rows.int(row, "position") {
                return Err(Error::invalid("trust_checkpoint", "a checkpoint stands in the wrong place"));
            }
            kept.push((checkpoint.position, checkpoint.digest));
        }
    }
    let mut last = None;
    let checked = file::verify(bytes, &kept, |_, entry| last = Some(entry.change.clone()))
        .map_err(|error| Error::invalid(RECORD, error.to_string()))?;
    if (checked.entries, &checked.digest) != (manifest.entries, &manifest.digest) {
        return Err(Error::invalid(RECORD, "it ends elsewhere than the manifest says"));
    }
    match last {
        Some(Change::HandedOver { key, .. }) if key == manifest.key => {}
        _ => {
            return Err(Error::invalid(
                RECORD,
                "its last entry is not the hand-over to the one the manifest names",
            ));
        }
    }
    let mut reader = Reader::new(bytes)?;
    let mut links = Vec::new();
    while let Some(link) = reader.next_entry()? {
        links.push(link);
    }
    Ok((checked, links))
}

/// The last checkpoint vouches for all of the record, by the same keys.
fn checkpoint_of(bytes: &[u8], manifest: &Manifest, keys: &[PublicKey]) -> Result<()> {
    let (checkpoint, text, signature) = Checkpoint::parse(&String::from_utf8_lossy(bytes))?;
    let made = moment(&checkpoint.made)?;
    signed(CHECKPOINT, text.as_bytes(), signature.as_bytes(), keys, made)?;
    if (checkpoint.position, &checkpoint.digest) != (manifest.entries, &manifest.digest) {
        return Err(Error::invalid(CHECKPOINT, "it vouches for another record than the one here"));
    }
    Ok(())
}

/// The other streams, each a chain of its own.
fn events_of(bytes: &[u8]) -> Result<Vec<(String, Option<Id>, Link)>> {
    let mut ends: BTreeMap<String, (i64, Vec<u8>)> = BTreeMap::new();
    let mut told = Vec::new();
    for (n, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let wrong = |why: String| Error::invalid(format!("{EVENTS}, line {}", n + 1), why);
        if line.len() > LINE || line.last() != Some(&b'\n') {
            return Err(wrong("it is cut off, or longer than any event".into()));
        }
        let Told { stream, team, event } =
            serde_json::from_slice(line).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
        let link = Link::try_from(event).map_err(|why| wrong(why.into()))?;
        let team =
            team.map(|team| team.parse::<Id>()).transpose().map_err(|error| wrong(error.to_string()))?;
        if stream == STREAM || !goes_along(&stream) {
            return Err(wrong(format!("the stream {stream:?} is none that is handed over")));
        }
        let (place, previous) = ends.entry(stream.clone()).or_insert_with(|| (0, vec![0; 32]));
        link.check(&stream, *place + 1, previous).map_err(|why| wrong(format!("of {stream}, {why}")))?;
        (*place, *previous) = (link.position, link.digest.clone());
        told.push((stream, team, link));
    }
    Ok(told)
}

fn lost_in(bytes: &[u8]) -> Result<Vec<String>> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::invalid(LOST, "it is not text"))?;
    Ok(text.lines().map(str::to_owned).collect())
}

impl Verified {
    /// What is stored is what the record gives: the state of each team, its standing, the list of entries.
    fn replays(&self) -> Result<()> {
        let wrong = |what: &str, why: String| Err(Error::invalid(what.to_owned(), why));
        let mut states: BTreeMap<String, State> = BTreeMap::new();
        let mut shown = BTreeMap::new();
        for link in &self.links {
            let Some(entry) = record::entry(link)? else { continue };
            if !entry.team.is_empty() {
                states.entry(entry.team.clone()).or_default().apply(link.at, &entry);
            }
            shown.insert(link.position, (link.at, entry));
        }
        for (rows, row) in self.each("trust_entry") {
            let position = rows.int(row, "position");
            let Some((at, entry)) = shown.remove(&position) else { continue };
            let team = rows.id(row, "team").unwrap_or(identity::NO_TEAM);
            let team = if team == identity::NO_TEAM { String::new() } else { team.to_string() };
            let change = &entry.change;
            let fits = team == entry.team
                && rows.int(row, "number") == entry.number
                && rows.int(row, "at") == at
                && rows.text(row, "kind") == change.name()
                && rows.text(row, "audience") == change.audience().name();
            if !fits {
                return wrong("trust_entry", format!("entry {position} of the record says something else"));
            }
        }
        if let Some(position) = shown.keys().next() {
            return wrong("trust_entry", format!("entry {position} of the record is missing"));
        }
        if self.count("trust_entry") as i64 != self.record.entries {
            return wrong("trust_entry", "it has another number of entries than the record".into());
        }
        let mut standings = BTreeMap::new();
        for (rows, row) in self.each("trust_team") {
            let team = rows.id(row, "team").unwrap_or(identity::NO_TEAM).to_string();
            let stored: State = serde_json::from_str(rows.text(row, "state"))
                .map_err(|error| Error::invalid("trust_team", format!("{team}: {error}")))?;
            let copied =
                rows.int(row, "number") == stored.number && rows.text(row, "phase") == stored.phase.name();
            if !stored.agrees_with(&states.remove(&team).unwrap_or_default()) || !copied {
                return wrong("trust_team", format!("the state of {team} is not what the record gives"));
            }
            standings.insert(team, stored.standing());
        }
        if let Some((team, _)) = states.iter().find(|(_, state)| **state != State::default()) {
            return wrong("trust_team", format!("{team} stands in the record, and not here"));
        }
        for (rows, row) in self.each("team_status") {
            let team = rows.id(row, "team").unwrap_or(identity::NO_TEAM).to_string();
            let by_record = standings.remove(&team).flatten();
            if by_record.map(|status| status.name()) != Some(rows.text(row, "status")) {
                let by_record = by_record.map_or("not listed", |status| status.name());
                return wrong(
                    "team_status",
                    format!("{team} is {}, and by the record {by_record}", rows.text(row, "status")),
                );
            }
        }
        match standings.into_iter().find(|(_, standing)| standing.is_some()) {
            Some((team, _)) => {
                wrong("team_status", format!("{team} has a standing by the record, and none here"))
            }
            None => Ok(()),
        }
    }

    /// Every document that an entry or a letter names lies here, or is known to be lost; certificates are what they are
    /// listed as.
    fn rests_on_what_is_here(&self) -> Result<()> {
        let here: BTreeSet<&str> = self.blobs.iter().chain(&self.lost).map(String::as_str).collect();
        let mut needed: Vec<(String, String)> = Vec::new();
        for link in &self.links {
            if let Some(entry) = record::entry(link)? {
                let of = format!("entry {}", link.position);
                needed.extend(named_by(&entry).into_iter().map(|digest| (of.clone(), digest)));
            }
        }
        for (rows, row) in self.each("mail_out") {
            needed.push(("a letter".into(), hex(rows.bytes(row, "blob"))));
        }
        if let Some((of, digest)) = needed.into_iter().find(|(_, digest)| !here.contains(digest.as_str())) {
            return Err(Error::invalid(blob_file(&digest), format!("{of} rests on it, and it is missing")));
        }
        for (rows, row) in self.each("pki_certificate") {
            if Digest::of(rows.bytes(row, "certificate")).as_bytes() != rows.bytes(row, "fingerprint") {
                let serial = rows.text(row, "serial");
                return Err(Error::invalid("pki_certificate", format!("{serial} is listed as another one")));
            }
        }
        Ok(())
    }

    /// The rows of the table called `name`.
    fn each(&self, name: &str) -> impl Iterator<Item = (&Rows, &[kit::tables::Cell])> {
        let rows = self.rows(name);
        rows.into_iter().flat_map(|rows| rows.rows.iter().map(move |row| (rows, row.as_slice())))
    }
}
