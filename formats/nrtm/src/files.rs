//! Snapshot and delta files (draft sections 7 and 8). Compression is the caller's business.

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::sequence::{self, Limits, Records};
use crate::{Error, FileKind, SessionId, Source};

/// What a file says of itself, and what the notification file said that it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The registry.
    pub source: Source,
    /// The session.
    pub session: SessionId,
    /// The version that the file leads to.
    pub version: u64,
}

/// One change of a delta file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An object that is new, or takes the place of the one with the same class and key; its RPSL text.
    Put(String),
    /// An object that is gone.
    Delete {
        /// Its class, in lower case.
        class: String,
        /// Its primary key as the server writes it; compared without regard to case.
        key: String,
    },
}

#[derive(Serialize, Deserialize)]
struct HeaderRecord {
    nrtm_version: u32,
    #[serde(rename = "type")]
    kind: String,
    source: Source,
    session_id: SessionId,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct ObjectRecord {
    object: String,
}

#[derive(Serialize, Deserialize)]
struct ChangeRecord {
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    primary_key: Option<String>,
}

/// Reads a snapshot file, object by object.
pub struct SnapshotReader<R>(Records<R>);

impl<R: BufRead> SnapshotReader<R> {
    /// Reads the header, which must be the one that was `expected`.
    ///
    /// # Errors
    /// It is another one, or none.
    pub fn open(read: R, expected: &Header, limits: Limits) -> Result<Self, Error> {
        open(read, FileKind::Snapshot, expected, limits).map(Self)
    }

    /// The next object's RPSL text; `None` at the end.
    ///
    /// # Errors
    /// The record is none, or over the limits. Nothing that follows is to be trusted.
    pub fn next_object(&mut self) -> Result<Option<String>, Error> {
        Ok(self.0.next::<ObjectRecord>("an object of the snapshot")?.map(|record| record.object))
    }
}

/// Reads a delta file, change by change.
pub struct DeltaReader<R> {
    records: Records<R>,
    any: bool,
}

impl<R: BufRead> DeltaReader<R> {
    /// Reads the header, which must be the one that was `expected`.
    ///
    /// # Errors
    /// It is another one, or none.
    pub fn open(read: R, expected: &Header, limits: Limits) -> Result<Self, Error> {
        Ok(Self { records: open(read, FileKind::Delta, expected, limits)?, any: false })
    }

    /// The next change; `None` at the end.
    ///
    /// # Errors
    /// The record is none or over the limits, or the file has no change at all. A delta is taken whole or not at all,
    /// so what came before is not to be applied either (draft section 5.4).
    pub fn next_change(&mut self) -> Result<Option<Change>, Error> {
        let Some(record) = self.records.next::<ChangeRecord>("a change of the delta")? else {
            return if self.any { Ok(None) } else { Err(Error::Ended("delta", "its first change")) };
        };
        self.any = true;
        match (record.action.as_str(), record.object, record.object_class, record.primary_key) {
            ("add_modify", Some(object), _, _) => Ok(Some(Change::Put(object))),
            ("delete", _, Some(class), Some(key)) => {
                Ok(Some(Change::Delete { class: class.to_ascii_lowercase(), key }))
            }
            ("add_modify", ..) => Err(Error::value("object", "missing in an add_modify")),
            ("delete", ..) => Err(Error::value("object_class, primary_key", "missing in a delete")),
            _ => Err(Error::value("action", "neither \"add_modify\" nor \"delete\"")),
        }
    }
}

fn open<R: BufRead>(read: R, kind: FileKind, expected: &Header, limits: Limits) -> Result<Records<R>, Error> {
    let mut records = Records::new(read, limits);
    let header: HeaderRecord =
        records.next("the header of the file")?.ok_or(Error::Ended(kind.name(), "its header"))?;
    let differs = |field: &'static str, found: &dyn std::fmt::Display, expected: &dyn std::fmt::Display| {
        Err(Error::value(field, format!("{found} in the {}'s header instead of {expected}", kind.name())))
    };
    if header.nrtm_version != 4 {
        return differs("nrtm_version", &header.nrtm_version, &4);
    }
    if header.kind != kind.name() {
        return differs("type", &header.kind.escape_debug(), &kind.name());
    }
    if header.source != expected.source {
        return differs("source", &header.source, &expected.source);
    }
    if header.session_id != expected.session {
        return differs("session_id", &header.session_id, &expected.session);
    }
    if header.version != expected.version {
        return differs("version", &header.version, &expected.version);
    }
    Ok(records)
}

/// Writes a snapshot file.
pub struct SnapshotWriter<W>(W);

impl<W: Write> SnapshotWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(to: W, header: &Header) -> std::io::Result<Self> {
        begin(to, FileKind::Snapshot, header).map(Self)
    }

    /// Writes one object.
    ///
    /// # Errors
    /// Writing fails.
    pub fn object(&mut self, rpsl: &str) -> std::io::Result<()> {
        sequence::write(&mut self.0, &ObjectRecord { object: rpsl.to_owned() })
    }

    /// Gives back what was written to.
    pub fn finish(self) -> W {
        self.0
    }
}

/// Writes a delta file. It must get at least one change.
pub struct DeltaWriter<W>(W);

impl<W: Write> DeltaWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Writing fails.
    pub fn new(to: W, header: &Header) -> std::io::Result<Self> {
        begin(to, FileKind::Delta, header).map(Self)
    }

    /// Writes one change.
    ///
    /// # Errors
    /// Writing fails.
    pub fn change(&mut self, change: &Change) -> std::io::Result<()> {
        let record = match change {
            Change::Put(object) => ChangeRecord {
                action: "add_modify".to_owned(),
                object: Some(object.clone()),
                object_class: None,
                primary_key: None,
            },
            Change::Delete { class, key } => ChangeRecord {
                action: "delete".to_owned(),
                object: None,
                object_class: Some(class.clone()),
                primary_key: Some(key.clone()),
            },
        };
        sequence::write(&mut self.0, &record)
    }

    /// Gives back what was written to.
    pub fn finish(self) -> W {
        self.0
    }
}

fn begin<W: Write>(mut to: W, kind: FileKind, header: &Header) -> std::io::Result<W> {
    let record = HeaderRecord {
        nrtm_version: 4,
        kind: kind.name().to_owned(),
        source: header.source.clone(),
        session_id: header.session,
        version: header.version,
    };
    sequence::write(&mut to, &record)?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            source: "EXAMPLE".parse().unwrap(),
            session: "ca128382-78d9-41d1-8927-1ecef15275be".parse().unwrap(),
            version: 3,
        }
    }

    fn changes(bytes: &[u8]) -> Result<Vec<Change>, Error> {
        let mut reader = DeltaReader::open(bytes, &header(), Limits::REGISTRY)?;
        std::iter::from_fn(|| reader.next_change().transpose()).collect()
    }

    const DELTA: &str = "\x1e{\n\"nrtm_version\": 4, \"type\": \"delta\", \"source\": \"EXAMPLE\",
        \"session_id\": \"ca128382-78d9-41d1-8927-1ecef15275be\", \"version\": 3\n}
        \x1e{\"action\": \"delete\", \"object_class\": \"Person\", \"primary_key\": \"PRSN1-EXAMPLE\"}
        \x1e{\"action\": \"add_modify\", \"object\": \"route6: 2001:db8::/32\\norigin: AS64500\\nsource: EXAMPLE\"}";

    #[test]
    fn the_example_delta_of_the_draft_is_read_and_written() {
        let read = changes(DELTA.as_bytes()).unwrap();
        let gone = Change::Delete { class: "person".into(), key: "PRSN1-EXAMPLE".into() };
        let put = Change::Put("route6: 2001:db8::/32\norigin: AS64500\nsource: EXAMPLE".into());
        assert_eq!(read, [gone, put]);
        let mut writer = DeltaWriter::new(Vec::new(), &header()).unwrap();
        read.iter().for_each(|change| writer.change(change).unwrap());
        assert_eq!(changes(&writer.finish()).unwrap(), read);
    }

    #[test]
    fn a_file_that_is_not_the_one_expected_is_refused() {
        for (before, after, said) in [
            (": 4", ": 3", "nrtm_version: 3"),
            ("delta", "snapshot", "type: snapshot"),
            ("\"source\": \"EXAMPLE\"", "\"source\": \"OTHER\"", "source: OTHER"),
            ("-1ecef", "-2ecef", "session_id"),
            ("\"version\": 3", "\"version\": 4", "version: 4"),
            ("\"version\": 3", "\"version\": 4294967299", "version: 4294967299"),
            ("add_modify", "put", "action"),
            ("\"object\"", "\"text\"", "missing in an add_modify"),
            ("\"primary_key\"", "\"key\"", "missing in a delete"),
            ("\x1e{\"action\": \"add", "{\"action\": \"add", "record 2"),
        ] {
            assert!(DELTA.contains(before), "{before}");
            let error = changes(DELTA.replacen(before, after, 1).as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{after}: {error}");
        }
        let headless = DELTA.split('\x1e').nth(1).unwrap();
        assert!(
            changes(format!("\x1e{headless}").as_bytes()).unwrap_err().to_string().contains("first change")
        );
        assert!(changes(b"").unwrap_err().to_string().contains("its header"));
    }

    #[test]
    fn a_snapshot_may_be_empty() {
        let mut writer = SnapshotWriter::new(Vec::new(), &header()).unwrap();
        let read = |bytes: &[u8]| {
            let mut reader = SnapshotReader::open(bytes, &header(), Limits::REGISTRY).unwrap();
            std::iter::from_fn(|| reader.next_object().unwrap()).collect::<Vec<_>>()
        };
        assert!(read(&SnapshotWriter::new(Vec::new(), &header()).unwrap().finish()).is_empty());
        writer.object("irt: IRT-EXAMPLE\nremarks: \u{1e} \"ünïcode\"\n").unwrap();
        assert_eq!(read(&writer.finish()), ["irt: IRT-EXAMPLE\nremarks: \u{1e} \"ünïcode\"\n"]);
    }
}
