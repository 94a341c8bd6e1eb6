//! Why a passkey was not taken.

/// What is wrong with an answer of a browser or an authenticator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not what the specification says it should be; the part is named.
    #[error("the browser's answer cannot be read: {0}")]
    Malformed(&'static str),
    /// An answer to another question: another challenge, or registration for log-in.
    #[error("the answer belongs to another question")]
    WrongCeremony,
    /// The browser was at another site.
    #[error("the passkey was used at {0:?}, which is not this site")]
    WrongOrigin(String),
    /// The authenticator was asked for another site.
    #[error("the passkey belongs to another site")]
    WrongSite,
    /// Nobody touched it, or nobody was verified by it.
    #[error("the passkey did not verify its owner, by PIN or body")]
    NotVerified,
    /// A key of a kind that is not taken; the COSE algorithm's number.
    #[error("keys of this kind are not taken here")]
    UnknownKey,
    /// The signature is not by the key.
    #[error("the signature is not right")]
    BadSignature,
    /// The counter did not go up: two devices have the same key.
    #[error("the passkey's counter went backwards: it may have been copied")]
    Cloned,
    /// It says now that it can be backed up and did not before, or the other way round.
    #[error("the passkey is of another kind than when it was registered")]
    ChangedKind,
}
