//! An export of the record: lines of JSON that anybody can check with this program and without this node.
//!
//! The first line says what the file is; each following one is an entry with the digests of the chain, and, as far as the
//! reader may see it, with salt and particulars exactly as they were digested. What is withheld or erased has neither;
//! the chain verifies all the same.

use contracts::trust::record::{Audience, Entry, KINDS, STREAM};
use kit::events::Link;
use kit::{Error, Result, Time};
use serde::{Deserialize, Serialize};

use super::{Erasure, hex};

/// What the first line calls the file.
const MARK: &str = "wardmote record of trust";
/// The form described here.
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// What the file is.
    pub file: String,
    /// In which form.
    pub version: u32,
    /// Whose record.
    pub community: String,
    /// For whom: `public`, `members`, `whole`.
    pub audience: String,
    /// How many entries follow: a file that was cut off is seen by it.
    pub entries: i64,
    /// When it was made, microseconds since 1970 UTC.
    pub made: Time,
}

/// For whom an export is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For everybody.
    Public,
    /// For members of the community.
    Members,
    /// For the operator's successor: everything that was not erased.
    Whole,
}

impl Scope {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Members => "members",
            Self::Whole => "whole",
        }
    }

    const fn shows(self) -> Audience {
        match self {
            Self::Public => Audience::Public,
            Self::Members => Audience::Members,
            Self::Whole => Audience::Sealed,
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Public, Self::Members, Self::Whole].into_iter().find(|scope| scope.name() == text).ok_or_else(
            || Error::invalid("audience", format!("{text:?}: choose among public, members, whole")),
        )
    }
}

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    position: i64,
    at: Time,
    actor: String,
    kind: String,
    body_digest: String,
    previous: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body: Option<String>,
}

impl From<Link> for Row {
    fn from(link: Link) -> Self {
        let (salt, body) = link.told.unzip();
        Self {
            position: link.position,
            at: link.at,
            actor: link.actor,
            kind: link.kind,
            body_digest: hex(&link.body_digest),
            previous: hex(&link.previous),
            digest: hex(&link.digest),
            salt: salt.map(|salt| hex(&salt)),
            body,
        }
    }
}

impl TryFrom<Row> for Link {
    type Error = &'static str;

    fn try_from(row: Row) -> std::result::Result<Self, &'static str> {
        let bytes = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes());
        let digests = (bytes(&row.body_digest), bytes(&row.previous), bytes(&row.digest));
        let (Ok(body_digest), Ok(previous), Ok(digest)) = digests else {
            return Err("a digest is not written in hex");
        };
        let told = match (row.salt, row.body) {
            (Some(salt), Some(body)) => {
                Some((bytes(&salt).map_err(|_| "the salt is not written in hex")?, body))
            }
            (None, None) => None,
            _ => return Err("salt and particulars belong together"),
        };
        let Row { position, at, actor, kind, .. } = row;
        Ok(Self { position, at, actor, kind, body_digest, previous, digest, told })
    }
}

/// Writes an export of `links`, which are the whole stream in order; particulars that `scope` does not show are left out.
///
/// # Errors
/// An entry that is none of this program's.
pub fn write(links: Vec<Link>, community: &str, scope: Scope, made: Time) -> Result<Vec<u8>> {
    let failed = |error: serde_json::Error| Error::Corrupt(format!("writing the record: {error}"));
    let head = Head {
        file: MARK.into(),
        version: VERSION,
        community: community.to_owned(),
        audience: scope.name().into(),
        entries: i64::try_from(links.len()).unwrap_or(i64::MAX),
        made,
    };
    let mut out = serde_json::to_vec(&head).map_err(failed)?;
    out.push(b'\n');
    for link in links {
        let shown = match super::entry(&link)? {
            Some(entry) => entry.change.audience() <= scope.shows(),
            None => false,
        };
        let told = link.told.filter(|_| shown);
        let row = Row::from(Link { told, ..link });
        serde_json::to_writer(&mut out, &row).map_err(failed)?;
        out.push(b'\n');
    }
    Ok(out)
}

/// Limits on a file from elsewhere.
pub mod limits {
    /// Longest line, in bytes.
    pub const LINE: usize = 1 << 20;
    /// Most entries.
    pub const ENTRIES: i64 = 10_000_000;
}

/// A file that is read line by line.
pub struct Reader<R> {
    lines: R,
    /// The first line.
    pub head: Head,
    line: usize,
}

impl<R: std::io::BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`Error::Invalid`]: it is no export of a record of trust.
    pub fn new(mut lines: R) -> Result<Self> {
        let first = line(&mut lines, 1)?.unwrap_or_default();
        let head: Head = serde_json::from_slice(&first)
            .map_err(|_| Error::invalid("line 1", "this is no export of a record of trust"))?;
        if head.file != MARK || head.version != VERSION {
            return Err(Error::invalid("line 1", "this is no export that this version can read"));
        }
        if !(0..=limits::ENTRIES).contains(&head.entries) {
            return Err(Error::invalid("line 1", "it has more entries than can be checked"));
        }
        Ok(Self { lines, head, line: 1 })
    }

    /// The next entry; `None` at the end of the file.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the line that cannot be read.
    pub fn next_entry(&mut self) -> Result<Option<Link>> {
        self.line += 1;
        let Some(bytes) = line(&mut self.lines, self.line)? else { return Ok(None) };
        let wrong = |why: &str| Error::invalid(format!("line {}", self.line), why.to_owned());
        let row: Row = serde_json::from_slice(&bytes)
            .map_err(|error| wrong(&format!("it cannot be read, the file may be cut off here: {error}")))?;
        Link::try_from(row).map(Some).map_err(wrong)
    }
}

fn line(lines: &mut impl std::io::BufRead, number: usize) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut bounded = std::io::Read::take(lines, limits::LINE as u64 + 1);
    std::io::BufRead::read_until(&mut bounded, b'\n', &mut bytes)
        .map_err(|error| Error::io(format!("reading line {number}"), error))?;
    if bytes.len() > limits::LINE {
        return Err(Error::invalid(format!("line {number}"), "it is longer than any entry"));
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// What a check of a file found, when all fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Entries.
    pub entries: i64,
    /// The places of those whose particulars are withheld here.
    pub withheld: Vec<i64>,
    /// What was erased, by whom and on whose word, in the order in which it was.
    pub erased: Vec<Erasure>,
    /// The digest of the last entry, in hex.
    pub digest: String,
    /// Checkpoints that it agrees with, by their places.
    pub checkpoints: Vec<i64>,
}

fn is_public(kind: &str) -> bool {
    KINDS.iter().any(|(name, audience)| *name == kind && *audience == Audience::Public)
}

/// Checks a file: every entry follows the one before and tells what was recorded, standings follow one another, the file
/// is whole, and it agrees with `checkpoints` (place and digest, in any order). Hands each entry that is shown to `each`.
///
/// # Errors
/// [`Error::Invalid`] names the first entry, or the checkpoint, that does not fit.
pub fn verify(
    lines: impl std::io::BufRead,
    checkpoints: &[(i64, String)],
    mut each: impl FnMut(Time, &Entry),
) -> Result<Checked> {
    let mut reader = Reader::new(lines)?;
    let mut previous = vec![0; 32];
    let mut standings: std::collections::HashMap<String, String> = Default::default();
    let mut withheld = std::collections::BTreeSet::new();
    let mut checked = Checked {
        entries: 0,
        withheld: Vec::new(),
        erased: Vec::new(),
        digest: hex(&previous),
        checkpoints: Vec::new(),
    };
    while let Some(link) = reader.next_entry()? {
        let place = checked.entries + 1;
        let wrong = |why: &str| Error::invalid(format!("entry {place}"), why.to_owned());
        if place > reader.head.entries {
            return Err(wrong("the file has more entries than it says"));
        }
        link.check(STREAM, place, &previous)
            .map_err(|why| wrong(&format!("it {why}: the record was altered")))?;
        match super::entry(&link).map_err(|error| wrong(&error.to_string()))? {
            Some(entry) => {
                if entry.change.kind() != link.kind {
                    return Err(wrong("its kind is not that of what it tells"));
                }
                let known = standings.get(&entry.team).map_or("unknown", String::as_str);
                if !entry.team.is_empty() && known != entry.from {
                    return Err(wrong(&format!(
                        "it says that {} was {}, and it was {known}",
                        entry.handle, entry.from
                    )));
                }
                standings.insert(entry.team.clone(), entry.to.clone());
                if let Some(erasure) = Erasure::of(place, link.at, &entry) {
                    if !withheld.remove(&erasure.entry) {
                        return Err(wrong(&format!(
                            "it says that what entry {} told was erased, and that is told, or was erased before",
                            erasure.entry
                        )));
                    }
                    checked.erased.push(erasure);
                }
                each(link.at, &entry);
            }
            // Public entries are never erased: the register rests on them.
            None if is_public(&link.kind) => {
                return Err(wrong("what it tells is public and is not there: a public entry is withheld"));
            }
            None => drop(withheld.insert(place)),
        }
        previous = link.digest;
        checked.entries = place;
        checked.digest = hex(&previous);
        for (position, digest) in checkpoints.iter().filter(|(position, _)| *position == place) {
            if *digest != checked.digest {
                return Err(Error::invalid(
                    format!("checkpoint {position}"),
                    "the record up to there is not the one that was vouched for: history was rewritten",
                ));
            }
            checked.checkpoints.push(*position);
        }
    }
    checked.withheld = withheld.into_iter().collect();
    if checked.entries != reader.head.entries {
        return Err(Error::invalid(
            format!("entry {}", checked.entries + 1),
            format!(
                "it is missing: the file says that it has {} entries, and was cut off",
                reader.head.entries
            ),
        ));
    }
    if let Some((position, _)) = checkpoints.iter().find(|(position, _)| *position > checked.entries) {
        return Err(Error::invalid(
            format!("checkpoint {position}"),
            "the file ends before it: entries that were vouched for are missing, or the file is older",
        ));
    }
    Ok(checked)
}
