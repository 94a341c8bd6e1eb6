//! What was refused, and why, in words that an operator can act on.

use crate::{Hash, Micros, Source};

/// A file that is not what it should be: its syntax, its signature, or what it says of itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading went wrong below us: disk, network, decompression.
    #[error("reading went wrong: {0}")]
    Read(#[from] std::io::Error),
    /// Over a limit.
    #[error("{what} is larger than {most} {unit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        most: u64,
        /// In what the limit is counted.
        unit: &'static str,
    },
    /// Not a JSON Web Signature in its compact form.
    #[error("this is no signed notification file (JWS, compact form): {0}")]
    NotSigned(&'static str),
    /// Signed in a way that we do not verify.
    #[error("the notification file is signed with {0:?}; only ES256 is verified")]
    Algorithm(String),
    /// The signature is no signature of any key that is expected.
    #[error("the signature fits none of the expected keys; if the registry has a new key, configure it")]
    Signature,
    /// Text that should be a key and is none.
    #[error("this is no {0} on the curve P-256, neither as PEM nor as JWK")]
    Key(&'static str),
    /// Not the JSON that it should be.
    #[error("{what} is not what it should be: {reason}")]
    Json {
        /// Which part.
        what: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A value that may not stand there.
    #[error("{field}: {reason}")]
    Value {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The record of a file that is none.
    #[error("record {0} does not begin with the record separator (RFC 7464)")]
    NoRecord(u64),
    /// A file without its header, or a delta without a change.
    #[error("the {0} ends before {1}")]
    Ended(&'static str, &'static str),
}

impl Error {
    pub(crate) fn value(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Value { field, reason: reason.into() }
    }

    pub(crate) fn json(what: &'static str, error: &serde_json::Error) -> Self {
        Self::Json { what, reason: error.to_string() }
    }
}

/// A notification file that is well-formed and signed, and is not followed all the same (draft sections 5.3 to 5.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Another registry's file.
    #[error("the notification file is of the registry {found}, not of {expected}: look at the URL")]
    OtherSource {
        /// Whose it is.
        found: Source,
        /// Whose it should be.
        expected: Source,
    },
    /// The same session went back.
    #[error(
        "the notification file has version {found}, older by {} than version {known} that was taken before",
        known - found
    )]
    OlderVersion {
        /// Its version.
        found: u64,
        /// The version that we have.
        known: u64,
    },
    /// Made before the one that was taken last: an old file came again.
    #[error("the notification file was made before the one that was taken last: an old one came again")]
    MadeEarlier {
        /// When it was made.
        found: Micros,
        /// When the last one was.
        known: Micros,
    },
    /// Older than a day: the server makes a new one at least every 24 hours.
    #[error("the notification file is {hours} hours old; the server should make one at least every 24 hours")]
    Stale {
        /// Its age.
        hours: i64,
    },
    /// Made in the future.
    #[error("the notification file was made {minutes} minutes in the future: compare the clocks")]
    Future {
        /// How far.
        minutes: i64,
    },
    /// The same version of a file with other contents.
    #[error("version {version} has another hash than before ({found} instead of {known})")]
    OtherHash {
        /// Which version of the file.
        version: u64,
        /// The new hash.
        found: Hash,
        /// The one that was told before.
        known: Hash,
    },
    /// The snapshot does not lead to the version of the notification file.
    #[error("no deltas lead from the snapshot's version {snapshot} to version {version}")]
    Gap {
        /// The snapshot's version.
        snapshot: u64,
        /// The version to reach.
        version: u64,
    },
}
