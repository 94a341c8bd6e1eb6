//! The SMTP envelope (RFC 5321 section 2.3.1): who a mail was handed over by and for, apart from what its header claims.

use std::net::IpAddr;

/// Envelope of one mail as it was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Reverse-path of `MAIL FROM` without angle brackets; empty for the null path `<>` of bounces.
    pub from: String,
    /// Forward-paths of the recipients that were accepted, in order, as written.
    pub rcpts: Vec<String>,
    /// What the client called itself in EHLO, HELO or LHLO.
    pub helo: String,
    /// The client's address; `None` when the mail came through a pipe.
    pub peer: Option<IpAddr>,
    /// When the mail's data began to arrive, microseconds since 1970 UTC.
    pub received_at: i64,
}
