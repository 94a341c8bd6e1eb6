//! What can go wrong in a use case, in words that reach the person who asked.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The outcome of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case was refused or failed. Each text says what happened, to what, and what to do now.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing asked for does not exist, or the asker may not know that it does.
    #[error("{0} was not found")]
    NotFound(String),
    /// Input that cannot be taken: the field it stands in and what to do about it.
    #[error("{field}: {message}")]
    Invalid {
        /// The name of the form field, JSON member or argument.
        field: String,
        /// What is wrong with it and what would be right.
        message: String,
    },
    /// Somebody else was faster, or the state no longer allows it.
    #[error("{0}")]
    Conflict(String),
    /// The actor is known and may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Nothing is wrong with the request; the node cannot take it now.
    #[error("{0}")]
    Unavailable(String),
    /// The disk that holds database or blobs is full; nothing was changed.
    #[error("the disk is full: free space on the node's data folder, nothing was changed")]
    StorageFull,
    /// What was stored cannot be read back.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The database refused or lost the statement.
    #[error("database: {message}")]
    Database {
        /// The driver's words.
        message: String,
        /// Whether running the same use case again may succeed (serialization failure, deadlock, lost connection).
        retry: bool,
    },
    /// The operating system refused a file or socket.
    #[error("{context}: {source}")]
    Io {
        /// What was being done to which file.
        context: String,
        /// The system's own error.
        source: std::io::Error,
    },
}

impl Error {
    /// Input refused: `field` is its name, `message` what is wrong and what would be right.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// `what` (such as "report IR-2041") does not exist for this actor.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::NotFound(what.to_string())
    }

    /// An error of the operating system while doing `context`; a full disk becomes [`Error::StorageFull`].
    pub fn io(context: impl Into<String>, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::storage_full(),
            _ => Self::Io { context: context.into(), source },
        }
    }

    /// The operating system does not let `path` be read; when that is since it belongs to another user, to whom.
    pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        let shown = path.display();
        match (source.kind(), std::fs::metadata(path)) {
            (std::io::ErrorKind::PermissionDenied, Ok(found)) => {
                let owner = found.uid();
                let whose =
                    format!("{shown} belongs to user {owner}: run this as that user (sudo -u '#{owner}' …)");
                Self::io(whose, source)
            }
            _ => Self::io(format!("reading {shown}"), source),
        }
    }

    /// [`Error::StorageFull`], as it is met: the log tells of it, at most once a minute.
    pub(crate) fn storage_full() -> Self {
        static TOLD: Seldom = Seldom::new();
        if TOLD.is_due(Instant::now()) {
            tracing::warn!("the disk is full: no mail is taken and nothing is changed until there is room");
        }
        Self::StorageFull
    }

    /// Whether the same request may succeed later without anybody changing it.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::StorageFull | Self::Io { .. } | Self::Database { retry: true, .. }
        )
    }
}

/// Once a minute, however often it is asked.
struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn is_due(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now.duration_since(last) >= Duration::from_secs(60));
        if due {
            *last = Some(now);
        }
        due
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, SystemIoFailure};
        match error.sqlite_error_code() {
            Some(DiskFull) => Self::storage_full(),
            code => Self::Database {
                message: error.to_string(),
                // A full disk shows as an I/O error, too, where SQLite cannot tell.
                retry: matches!(code, Some(DatabaseBusy | DatabaseLocked | SystemIoFailure)),
            },
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let code = error.code().cloned();
        if code == Some(SqlState::DISK_FULL) {
            return Self::storage_full();
        }
        let retry = error.is_closed()
            || matches!(code, Some(ref c) if *c == SqlState::T_R_SERIALIZATION_FAILURE || *c == SqlState::T_R_DEADLOCK_DETECTED);
        let message = match error.as_db_error() {
            Some(db) => format!("{} ({})", db.message(), db.code().code()),
            None => with_causes(&error),
        };
        Self::Database { message, retry }
    }
}

/// The error's words and those of its causes: PostgreSQL's client keeps to itself what happened, and only its cause says it.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| match cause.to_string() {
        cause if text.ends_with(&cause) => text,
        cause => format!("{text}: {cause}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_that_is_closed_to_us_it_is_told_whose_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let owner = file.path().metadata().unwrap().uid();
        let told = |kind: std::io::ErrorKind| Error::unreadable(file.path(), kind.into()).to_string();
        let words = told(std::io::ErrorKind::PermissionDenied);
        assert!(words.contains(&format!("belongs to user {owner}: run this as that user")), "{words}");
        assert!(told(std::io::ErrorKind::InvalidData).starts_with("reading /"));
    }

    #[test]
    fn a_disk_that_stays_full_is_told_once_a_minute() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        let told = |second: u64| seldom.is_due(start + Duration::from_secs(second));
        assert_eq!([0, 1, 59, 60, 61, 119, 120].map(told), [true, false, false, true, false, false, true]);
    }
}
