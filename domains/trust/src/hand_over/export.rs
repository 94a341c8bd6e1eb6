//! The old operator's part: everything that the community is, in one place, signed.

use std::collections::{BTreeMap, BTreeSet};

use contracts::trust::record::{By, Capacity, Change, Entry, STREAM};
use identity::{Granted, ManageNode};
use kit::clock::SECOND;
use kit::events::{self, Link};
use kit::tables::{Cell, Rows};
use kit::{Digest, Error, Node, Read, Result, Time, Write};
use mail::pgp::{SecretKey, SignatureMode};
use pki::{LastList, Pki};

use super::folder::{MANIFEST, Out, SIGNATURE};
use super::manifest::{Manifest, on_a_line};
use super::word::{Next, Word, word, write};
use super::{
    CHECKPOINT, EVENTS, LOST, OPERATOR, READ_ME, RECORD, STREAMS, Told, blob_file, table_file, tables,
};
use crate::record::file::{self, Scope};
use crate::record::{self, hex};
use crate::store::CheckpointRow;
use crate::{Trust, signing};

const TO_READ: &str = "\
This folder is the whole of a community that Wardmote kept: the register of its teams, the record of trust with what it
rests on, the letters that were sent, and what was issued. It is secret: objections, votes and case files are in it.

  sha256sum -c MANIFEST                 nothing was altered, nothing is missing
  gpg --verify MANIFEST.asc MANIFEST    the old operator's key signed it
  wardmote hand-over verify .           both, and that the record replays to what stands here
  wardmote hand-over take .             at the next operator's empty node

MANIFEST      every file with its SHA-256
record.jsonl  the record of trust; `wardmote trust verify record.jsonl` checks it alone
tables/       the register, accounts without anything that logs in, authorities, certificates, drills, people
events.jsonl  the histories of teams, people and the authority, each a chain of its own
blobs/        documents and letters, named by their SHA-256
";

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// To whom it is.
    pub next: Next,
    /// Files, without manifest and signature.
    pub files: usize,
    /// Entries of the record.
    pub entries: i64,
    /// The digest of the last one, in hex.
    pub digest: String,
    /// Teams in the register.
    pub teams: usize,
    /// Letters that have not left yet: this node sends them still.
    pub waiting: usize,
    /// Documents that entries name and that are not here any more, by their SHA-256.
    pub lost: Vec<String>,
    /// The fingerprint of the key that signed it.
    pub signed_by: String,
}

/// All that is read in one moment.
struct Snapshot {
    links: Vec<Link>,
    tables: Vec<Rows>,
    told: Vec<Told>,
    checkpoint: CheckpointRow,
}

impl Trust {
    /// Writes the hand-over that the owner has ordered into `out`, and closes the record here. It can be written again as
    /// long as the owner does not take the word back. With `authority_keys` the keys of the issuing authorities go along,
    /// so that lists and answers about what they have issued are signed at the other end.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the owner has not given the word, or named another key than `out` is encrypted to; the
    /// operator has no key here to sign with; keys of authorities in clear.
    pub async fn export_hand_over(
        &self,
        granted: &Granted<ManageNode>,
        pki: &Pki,
        mut out: Out,
        authority_keys: bool,
    ) -> Result<Exported> {
        match self.fill(granted, pki, &mut out, authority_keys).await {
            Ok(done) => {
                let mut seed = [0; 32];
                self.node().random().fill(&mut seed);
                out.close(seed, self.node().now() / SECOND)?;
                Ok(done)
            }
            Err(error) => {
                out.discard();
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        granted: &Granted<ManageNode>,
        pki: &Pki,
        out: &mut Out,
        authority_keys: bool,
    ) -> Result<Exported> {
        let next = self.ordered(out, authority_keys).await?;
        let operator = self.operator()?;
        let secrets = self.teams().secrets(operator.id);
        let Some(key) = secrets.first() else {
            return Err(Error::Conflict(format!(
                "{} has no OpenPGP key on this node: nobody could tell who hands over. Give its desk a key first.",
                operator.name
            )));
        };
        self.close_record(&next).await?;
        self.make_checkpoint().await?;
        let lists = if authority_keys { Vec::new() } else { pki.last_lists(granted)? };
        let node = self.node().clone();
        let work = move |c: &Read<'_>| snapshot(c, &node, authority_keys, &lists);
        let Snapshot { links, tables, told, checkpoint } = self.node().db.read(work).await?;

        let mut files = Files { out, digests: BTreeMap::new() };
        files.put(READ_ME, TO_READ.as_bytes())?;
        let (entries, digest) =
            links.last().map_or((0, String::new()), |last| (last.position, hex(&last.digest)));
        if checkpoint.position != entries || checkpoint.signature.is_empty() {
            return Err(Error::Conflict(
                "the last checkpoint is not signed: look at the operator's key".into(),
            ));
        }
        let needed = documents(&links, &tables)?;
        let now = self.node().now();
        let community = on_a_line(self.settings().community());
        files.put(RECORD, &file::write(links, self.settings().community(), Scope::Whole, now)?)?;
        files.put(CHECKPOINT, format!("{}{}", checkpoint.text, checkpoint.signature).as_bytes())?;
        let keys: String = secrets.iter().map(|key| key.public().to_armored()).collect();
        files.put(OPERATOR, keys.as_bytes())?;
        files.put(EVENTS, &lines(&told)?)?;
        for rows in &tables {
            files.put(&table_file(rows.table.name), &rows.lines()?)?;
        }
        let lost = self.put_documents(&mut files, &needed)?;
        if !lost.is_empty() {
            files.put(LOST, (lost.join("\n") + "\n").as_bytes())?;
        }
        let manifest = Manifest {
            community,
            from: on_a_line(&operator.name),
            to: on_a_line(&next.operator),
            key: next.key.clone(),
            entries,
            digest: digest.clone(),
            made: ui::format::iso(now),
            files: files.digests,
        };
        let text = manifest.text();
        out.put(SIGNATURE, sign(key, &text, now)?.as_bytes())?;
        out.put(MANIFEST, text.as_bytes())?;
        let count =
            |name: &str| tables.iter().find(|rows| rows.table.name == name).map_or(0, |rows| rows.rows.len());
        let letters = tables.iter().filter(|rows| rows.table.name == "mail_out");
        let waiting = letters.flat_map(|rows| rows.rows.iter().map(move |row| rows.text(row, "state")));
        Ok(Exported {
            next,
            files: manifest.files.len(),
            entries,
            digest,
            teams: count("team"),
            waiting: waiting.filter(|state| *state == "cancelled").count(),
            lost,
            signed_by: key.public().fingerprint(),
        })
    }

    /// Whom the owner has named, when `out` is for them.
    async fn ordered(&self, out: &Out, authority_keys: bool) -> Result<Next> {
        let next = match self.word().await? {
            Word::Given(next) | Word::Gone(next) => next,
            Word::None | Word::Taken(_) => {
                return Err(Error::Conflict(
                    "The owner of the community has not given the word: it is given at /trust/community, and names the \
                     next operator and its key. Nothing was written."
                        .into(),
                ));
            }
        };
        match out.key() {
            Some(key) if key.fingerprint() != next.key => Err(Error::Conflict(format!(
                "The owner has named the key {}, and the hand-over would be encrypted to {}. Nothing was written.",
                next.key,
                key.fingerprint()
            ))),
            None if authority_keys => Err(Error::Conflict(
                "Keys of authorities leave encrypted only: name the next operator's key (--to).".into(),
            )),
            _ => Ok(next),
        }
    }

    async fn close_record(&self, next: &Next) -> Result<()> {
        let (node, next) = (self.node().clone(), next.clone());
        let work = move |tx: &Write<'_>| {
            if matches!(word(tx)?, Word::Gone(_)) {
                return Ok(()); // written before, and written again
            }
            let by = By { capacity: Capacity::Operator, team: None, account: None };
            let Next { operator, key, .. } = next.clone();
            write(&node, tx, &by, Change::HandedOver { operator, key })
        };
        self.node().db.write(work).await
    }

    /// Puts the documents into `files`; returns those that are not here.
    fn put_documents(&self, files: &mut Files<'_>, needed: &BTreeSet<String>) -> Result<Vec<String>> {
        let mut lost = Vec::new();
        for name in needed {
            match self.node().blobs.get(signing::digest(name)?) {
                Ok(bytes) => files.put(&blob_file(name), &bytes)?,
                Err(Error::NotFound(_)) => lost.push(name.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(lost)
    }
}

/// What is written, with its digests.
struct Files<'a> {
    out: &'a mut Out,
    digests: BTreeMap<String, String>,
}

impl Files<'_> {
    fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.out.put(name, bytes)?;
        self.digests.insert(name.to_owned(), Digest::of(bytes).to_string());
        Ok(())
    }
}

fn snapshot(c: &Read<'_>, node: &Node, authority_keys: bool, lists: &[LastList]) -> Result<Snapshot> {
    let mut told = Vec::new();
    for name in STREAMS {
        for stream in events::streams(c, name)? {
            let teams = events::teams(c, &stream)?;
            for (team, link) in teams.into_iter().zip(events::links(c, &stream, 0, i64::MAX)?) {
                let team = team.map(|team| team.to_string());
                told.push(Told { stream: stream.clone(), team, event: link.into() });
            }
        }
    }
    let mut all = Vec::new();
    for table in tables() {
        let mut rows = table.read(c, node)?;
        if table.name == "pki_authority" && !authority_keys {
            without_keys(&mut rows, lists);
        }
        all.push(rows);
    }
    let checkpoint = crate::store::checkpoints(c, 1)?.into_iter().next();
    Ok(Snapshot {
        links: events::links(c, STREAM, 0, i64::MAX)?,
        tables: all,
        told,
        checkpoint: checkpoint
            .ok_or_else(|| Error::Conflict("there is no checkpoint of the record".into()))?,
    })
}

/// Takes the keys out of the authorities' rows, and puts their last lists in.
fn without_keys(rows: &mut Rows, lists: &[LastList]) {
    for at in 0..rows.rows.len() {
        rows.set(at, "key_sealed", Cell::Null);
        let id = rows.id(&rows.rows[at], "id");
        let Some(last) = lists.iter().find(|list| Some(list.authority) == id) else { continue };
        rows.set(at, "crl", Cell::Bytes(last.der.clone()));
        rows.set(at, "crl_number", Cell::Int(last.number));
        rows.set(at, "crl_until", Cell::Int(last.until));
    }
}

/// The documents that entries and letters rest on, by their SHA-256.
fn documents(links: &[Link], tables: &[Rows]) -> Result<BTreeSet<String>> {
    let mut needed = BTreeSet::new();
    for link in links {
        if let Some(entry) = record::entry(link)? {
            needed.extend(named_by(&entry));
        }
    }
    for rows in tables.iter().filter(|rows| rows.table.name == "mail_out") {
        needed.extend(rows.rows.iter().map(|row| hex(rows.bytes(row, "blob"))));
    }
    Ok(needed)
}

/// The documents that an entry names, by their SHA-256.
pub(super) fn named_by(entry: &Entry) -> Vec<String> {
    let mut named = entry.evidence.clone();
    if let Change::RulesSent { document, .. } | Change::Invited { document, .. } = &entry.change {
        named.push(document.clone());
    }
    named
}

fn lines(told: &[Told]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for one in told {
        serde_json::to_writer(&mut out, one)
            .map_err(|error| Error::Corrupt(format!("writing the events: {error}")))?;
        out.push(b'\n');
    }
    Ok(out)
}

fn sign(key: &SecretKey, text: &str, now: Time) -> Result<String> {
    let signed = key.sign_detached(text.as_bytes(), SignatureMode::Binary, now / SECOND);
    let signed = signed.map_err(|error| Error::Conflict(format!("the hand-over was not signed: {error}")))?;
    Ok(signed.armored)
}
