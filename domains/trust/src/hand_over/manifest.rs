//! The manifest: what lies in a hand-over, by its SHA-256, and what it is. The old operator's key signs these bytes.
//!
//! `sha256sum -c MANIFEST` checks the files, `gpg --verify MANIFEST.asc MANIFEST` the signature: nobody needs this program
//! to see whether something was altered.

use std::collections::BTreeMap;

use kit::{Error, Result};

/// The first line.
const TITLE: &str = "# Wardmote hand-over, form 1";

/// Limits on a manifest from elsewhere.
pub mod limits {
    /// Its length, in bytes.
    pub const BYTES: usize = 256 << 20;
    /// Most files.
    pub const FILES: usize = 2_000_000;
    /// Longest path, in bytes.
    pub const PATH: usize = 120;
    /// Longest name of a community or an operator, in bytes.
    pub const NAME: usize = 400;
}

/// What a hand-over is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Whose register and record.
    pub community: String,
    /// Who hands over.
    pub from: String,
    /// To whom.
    pub to: String,
    /// The fingerprint of the next operator's key.
    pub key: String,
    /// How many entries the record has.
    pub entries: i64,
    /// The digest of the last one, in hex.
    pub digest: String,
    /// When, RFC 3339.
    pub made: String,
    /// Digests of the files (hex) by their paths.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    /// The bytes that are signed.
    pub fn text(&self) -> String {
        let Self { community, from, to, key, entries, digest, made, files } = self;
        let mut text = format!(
            "{TITLE}\n# Community: {community}\n# From: {from}\n# To: {to}\n# Key: {key}\n# Entries: {entries}\n\
             # Digest: {digest}\n# Made: {made}\n# Files: {}\n",
            files.len()
        );
        for (path, sha256) in files {
            text.push_str(&format!("{sha256}  {path}\n"));
        }
        text
    }

    /// Reads a manifest. It has one spelling: what is read is what [`Manifest::text`] writes.
    ///
    /// # Errors
    /// [`Error::Invalid`] says what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let none = |why: &str| Error::invalid("MANIFEST", why.to_owned());
        if bytes.len() > limits::BYTES {
            return Err(none("it is longer than any hand-over's"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| none("it is not text"))?;
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err(none("this is no hand-over, or one of a version that cannot be read here"));
        }
        let mut value = |name: &str| {
            let line =
                lines.next().and_then(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": "));
            let line = line.filter(|value| value.len() <= limits::NAME);
            line.map(str::to_owned).ok_or_else(|| none(&format!("the line {name:?} is missing or too long")))
        };
        let mut manifest = Self {
            community: value("Community")?,
            from: value("From")?,
            to: value("To")?,
            key: value("Key")?,
            entries: value("Entries")?.parse().map_err(|_| none("the number of entries cannot be read"))?,
            digest: value("Digest")?,
            made: value("Made")?,
            files: BTreeMap::new(),
        };
        let count: usize = value("Files")?.parse().map_err(|_| none("the number of files cannot be read"))?;
        if count > limits::FILES || !is_digest(&manifest.digest) || manifest.entries < 0 {
            return Err(none("its head cannot be right"));
        }
        for line in lines {
            let (sha256, path) = line.split_once("  ").ok_or_else(|| none("a line names no file"))?;
            if !is_digest(sha256) || !is_path(path) || manifest.files.len() == count {
                return Err(none(&format!(
                    "{path:?} is no file of a hand-over, or there are more than it says"
                )));
            }
            manifest.files.insert(path.to_owned(), sha256.to_owned());
        }
        if manifest.text() != text {
            return Err(none("it is not written as a manifest is: cut off, out of order, or altered"));
        }
        Ok(manifest)
    }
}

/// A name on one line, as it stands in a manifest.
pub(super) fn on_a_line(name: &str) -> String {
    let words: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words = words.trim().to_owned();
    while words.len() > limits::NAME {
        words.pop();
    }
    words
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Small letters, digits, `-`, `_`, `.`, in one folder at most: nothing that leads out of the hand-over or that some file
/// system takes for something else.
pub(super) fn is_path(path: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
    };
    path.len() <= limits::PATH && path.split('/').count() <= 2 && path.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            community: "Alba".into(),
            from: "Hub".into(),
            to: "Next".into(),
            key: "AB".repeat(20),
            entries: 7,
            digest: "0f".repeat(32),
            made: "2026-11-21T20:00:00Z".into(),
            files: [("record.jsonl".into(), "ab".repeat(32)), ("tables/team.jsonl".into(), "cd".repeat(32))]
                .into(),
        }
    }

    #[test]
    fn a_manifest_has_one_spelling_and_names_nothing_outside() {
        let text = manifest().text();
        assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), manifest());
        for (from, to) in [
            ("tables/team", "../team"),
            ("tables/team", "/etc/team"),
            ("tables/team", "tables/.team"),
            ("tables/team", "a/b/team"),
            ("record.jsonl", "zebra.jsonl"),
            ("# Files: 2", "# Files: 1"),
            ("# Files: 2", "# Files: 02"),
            ("# Entries: 7", "# Entries: +7"),
            ("form 1", "form 2"),
            ("jsonl\n", "jsonl \n"),
        ] {
            assert!(Manifest::parse(text.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
        }
        assert!(Manifest::parse(&text.as_bytes()[..text.len() - 1]).is_err());
        assert_eq!(on_a_line("  Alba\nthe Great\u{0} "), "Alba the Great");
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_the_same(cut in 0..400_usize, put in "[ -~\n]{0,9}") {
            let mut text = manifest().text();
            let cut = cut.min(text.len());
            text.insert_str(cut, &put);
            if let Ok(read) = Manifest::parse(text.as_bytes()) {
                prop_assert_eq!(read.text(), text);
            }
        }
    }
}
