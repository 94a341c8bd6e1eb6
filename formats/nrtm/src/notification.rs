//! The update notification file: where the registry stands, and which files lead there (draft section 6).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::jws::{self, Signed};
use crate::{Error, Hash, Keys, Micros, PublicKey, Rotation, SessionId, SigningKey, Source};

/// A day in microseconds: a notification file that is older is stale (draft section 5.6).
pub const STALE_AFTER: Micros = 24 * 60 * 60 * 1_000_000;

/// More deltas than this are not read: a week of one a minute.
pub const MAX_DELTAS: usize = 10_080;

/// What a server says of its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// When it was made.
    pub timestamp: Micros,
    /// The registry.
    pub source: Source,
    /// The session: the same as long as versions count on without a gap.
    pub session: SessionId,
    /// The highest version of snapshot and deltas.
    pub version: u64,
    /// All objects at one version.
    pub snapshot: FileRef,
    /// The changes from version to version, without a gap, oldest first.
    pub deltas: Vec<FileRef>,
    /// The key with which the server will sign next.
    pub next_signing_key: Option<PublicKey>,
}

/// A snapshot or delta file, as the notification file names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// The version that it leads to.
    pub version: u64,
    /// Where it lies, seen from the notification file.
    pub url: RelativeUrl,
    /// Of the file as it lies there.
    pub hash: Hash,
}

/// A path below the folder of the notification file: no scheme, no host, no `..`, nothing to be unescaped. So it can
/// lead nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelativeUrl(String);

impl RelativeUrl {
    const LONGEST: usize = 500;

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the file is compressed with gzip (draft section 6.3: its name says so).
    pub fn is_gzip(&self) -> bool {
        self.0.ends_with(".gz")
    }
}

impl FromStr for RelativeUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let segment = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain);
        if text.len() > Self::LONGEST || !text.split('/').all(segment) {
            return Err(Error::value("url", "not a path below the folder of the notification file"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RelativeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it stands in the file. What is not named here (`metadata`, what later versions add) is passed over.
#[derive(Serialize, Deserialize)]
struct Payload {
    nrtm_version: u32,
    timestamp: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_signing_key: Option<String>,
    source: Source,
    session_id: SessionId,
    version: u64,
    snapshot: FileRef,
    #[serde(default)]
    deltas: Vec<FileRef>,
}

impl Notification {
    /// Reads a notification file, verified with one of `keys`. Says which of the keys it was.
    ///
    /// # Errors
    /// It is over the limits, not signed by any of the keys, or does not keep to the rules of the draft, section 6.3.
    pub fn open(signed: &[u8], keys: &Keys) -> Result<(Self, Rotation), Error> {
        let signed = Signed::read(signed)?;
        match (signed.verify(&keys.current), &keys.next) {
            (Err(Error::Signature), Some(next)) => {
                Ok((Self::from_json(&signed.verify(next)?)?, Rotation::ToNext))
            }
            (payload, _) => Ok((Self::from_json(&payload?)?, Rotation::None)),
        }
    }

    /// The file as it is published, signed.
    ///
    /// # Errors
    /// It does not keep to the rules of the draft: nobody would follow it.
    pub fn sign(&self, key: &SigningKey) -> Result<String, Error> {
        Ok(jws::sign(self.to_json()?.as_bytes(), key))
    }

    /// Reads the payload.
    ///
    /// # Errors
    /// It does not keep to the rules of the draft, section 6.3.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let payload: Payload =
            serde_json::from_slice(json).map_err(|error| Error::json("the notification file", &error))?;
        if payload.nrtm_version != 4 {
            return Err(Error::value("nrtm_version", format!("{} instead of 4", payload.nrtm_version)));
        }
        if payload.kind != "notification" {
            return Err(Error::value("type", "not \"notification\""));
        }
        let key = payload.next_signing_key.as_deref().map(PublicKey::parse).transpose();
        let notification = Self {
            timestamp: read_time(&payload.timestamp)?,
            source: payload.source,
            session: payload.session_id,
            version: payload.version,
            snapshot: payload.snapshot,
            deltas: payload.deltas,
            next_signing_key: key.map_err(|error| Error::value("next_signing_key", error.to_string()))?,
        };
        notification.check()?;
        Ok(notification)
    }

    fn to_json(&self) -> Result<String, Error> {
        self.check()?;
        let payload = Payload {
            nrtm_version: 4,
            timestamp: write_time(self.timestamp)?,
            kind: "notification".to_owned(),
            next_signing_key: self.next_signing_key.as_ref().map(PublicKey::to_pem),
            source: self.source.clone(),
            session_id: self.session,
            version: self.version,
            snapshot: self.snapshot.clone(),
            deltas: self.deltas.clone(),
        };
        serde_json::to_string(&payload).map_err(|error| Error::json("the notification file", &error))
    }

    /// The rules about versions.
    fn check(&self) -> Result<(), Error> {
        if self.deltas.len() > MAX_DELTAS {
            return Err(Error::TooLarge {
                what: "the list of deltas",
                most: MAX_DELTAS as u64,
                unit: "entries",
            });
        }
        if self.snapshot.version == 0 {
            return Err(Error::value("snapshot", "version 0: versions count from 1"));
        }
        if self.deltas.first().is_some_and(|first| first.version < 2) {
            return Err(Error::value("deltas", "version 1 is a snapshot's, never a delta's"));
        }
        let contiguous = |pair: &[FileRef]| pair[0].version.checked_add(1) == Some(pair[1].version);
        if !self.deltas.windows(2).all(contiguous) {
            return Err(Error::value("deltas", "their versions have a gap"));
        }
        let highest = self.deltas.last().map_or(0, |delta| delta.version).max(self.snapshot.version);
        if self.version != highest {
            return Err(Error::value(
                "version",
                format!("{} although snapshot and deltas lead to {highest}", self.version),
            ));
        }
        Ok(())
    }
}

/// RFC 3339 with `Z`.
fn read_time(text: &str) -> Result<Micros, Error> {
    let wrong = || Error::value("timestamp", "not a time in UTC such as 2025-12-01T15:00:00Z (RFC 3339)");
    let plain = |byte: u8| byte.is_ascii_digit() || b"-:.TZ".contains(&byte);
    if text.len() > 40 || !text.ends_with('Z') || !text.bytes().all(plain) {
        return Err(wrong());
    }
    text.parse::<Timestamp>().map(Timestamp::as_microsecond).map_err(|_| wrong())
}

fn write_time(time: Micros) -> Result<String, Error> {
    let time = Timestamp::from_microsecond(time);
    time.map(|time| time.to_string()).map_err(|error| Error::value("timestamp", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{
        "nrtm_version": 4, "timestamp": "2025-12-01T15:00:00Z", "type": "notification", "source": "EXAMPLE",
        "session_id": "ca128382-78d9-41d1-8927-1ecef15275be", "version": 4,
        "snapshot": {"version": 3, "url": "ca128382-78d9-41d1-8927-1ecef15275be/nrtm-snapshot.3.04759.json.gz",
            "hash": "0000000000000000000000000000000000000000000000000000000000000003"},
        "deltas": [
            {"version": 3, "url": "a/nrtm-delta.3.0f681f0.json",
                "hash": "0000000000000000000000000000000000000000000000000000000000000033"},
            {"version": 4, "url": "a/nrtm-delta.4.d9c194a.json",
                "hash": "0000000000000000000000000000000000000000000000000000000000000004"}],
        "metadata": {"made_by": "a server"}}"#;

    fn check(before: &str, after: &str) -> Result<Notification, Error> {
        assert!(EXAMPLE.contains(before), "{before}");
        Notification::from_json(EXAMPLE.replacen(before, after, 1).as_bytes())
    }

    #[test]
    fn the_example_of_the_draft_is_read_and_written() {
        let read = check("4,", "4,").unwrap();
        assert_eq!((read.version, read.snapshot.version, read.deltas.len()), (4, 3, 2));
        assert_eq!(read.timestamp, 1_764_601_200_000_000);
        let again = Notification::from_json(read.to_json().unwrap().as_bytes()).unwrap();
        assert_eq!(again, read);
    }

    #[test]
    fn every_rule_of_the_draft_is_kept() {
        for (before, after, said) in [
            (r#""nrtm_version": 4"#, r#""nrtm_version": 3"#, "nrtm_version"),
            ("00Z", "00+01:00", "timestamp"),
            ("2025-12-01", "2025-13-01", "timestamp"),
            ("notification", "snapshot", "type"),
            ("EXAMPLE", "EX AMPLE", "registry's name"),
            ("-41d1-", "-11d1-", "UUID"),
            ("\"version\": 4,\n", "\"version\": 5,\n", "lead to 4"),
            (r#""version": 4,"#, r#""version": -4,"#, "invalid"),
            (r#"{"version": 3, "url": "a/"#, r#"{"version": 2, "url": "a/"#, "gap"),
            (r#"{"version": 3, "url": "ca"#, r#"{"version": 0, "url": "ca"#, "count from 1"),
            (r#""deltas": ["#, r#""deltas": [{"version": 1, "url": "a", "hash": "00"}, "#, "SHA-256"),
            (r#""version": 3, "url": "a/"#, r#""version": 3, "url": "../a/"#, "path below"),
            (r#""version": 3, "url": "a/"#, r#""version": 3, "url": "https://evil.example/"#, "path below"),
            (r#""version": 3, "url": "a/"#, r#""version": 3, "url": "/a/"#, "path below"),
            (r#""version": 3, "url": "a/"#, r#""version": 3, "url": "%2e%2e/"#, "path below"),
            (r#""metadata""#, r#""next_signing_key": "none", "metadata""#, "next_signing_key"),
            (r#""metadata""#, r#""version": 4, "metadata""#, "duplicate"),
        ] {
            let error = check(before, after).unwrap_err().to_string();
            assert!(error.contains(said), "{after}: {error}");
        }
    }
}
