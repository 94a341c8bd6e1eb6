#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod files;
mod follow;
mod jws;
mod key;
mod names;
mod notification;
mod sequence;

pub use error::{Error, Refusal};
pub use files::{Change, DeltaReader, DeltaWriter, Header, SnapshotReader, SnapshotWriter};
pub use follow::{FileKind, Keys, Known, Plan, Rotation, plan};
pub use jws::MAX_SIGNED;
pub use key::{PublicKey, SigningKey};
pub use names::{Hash, SessionId, Source};
pub use notification::{FileRef, MAX_DELTAS, Notification, RelativeUrl, STALE_AFTER};
pub use sequence::Limits;

/// The name that the signed notification file has on every server (draft section 6.4).
pub const NOTIFICATION_FILE: &str = "update-notification-file.jose";

/// Microseconds since 1970 in UTC, as everywhere in this program.
pub type Micros = i64;
