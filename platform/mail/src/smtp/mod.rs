//! Listener for SMTP (RFC 5321) and LMTP (RFC 2033).
//!
//! It takes mail for addresses that its [`Intake`] knows and for no others: there is no relaying. `250` after the data is
//! said only when [`Intake::deliver`] has returned, that is, when the bytes are on disk.
//!
//! **End of data** is CR LF `.` CR LF and nothing else. A dot between bare LFs or bare CRs is content: servers that saw an
//! end there let a sender smuggle a second mail with a forged envelope through them. Command lines that do not end with
//! CR LF are refused for the same reason.
//!
//! What is stored is a `Received` field (RFC 5321 section 4.4) followed by the data as sent, dots unstuffed; the envelope is
//! handed over apart.

mod address;
mod room;
mod section;
mod serve;
mod session;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::envelope::Envelope;

pub use section::{LmtpSection, Section};
pub use serve::serve;

/// A future that an [`Intake`] returns.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where mail goes. The listener asks it which recipients exist and hands over whole mails.
pub trait Intake: Send + Sync {
    /// Whether mail for `rcpt` is taken. `Ok(false)` is answered with 550.
    ///
    /// # Errors
    /// [`Refusal::Temporary`] when that cannot be said now.
    fn knows<'a>(&'a self, rcpt: &'a str) -> Answer<'a, Result<bool, Refusal>>;

    /// Stores a mail for all recipients of its envelope, or for none. Returns when it is durable: the bytes, their folder
    /// and the database fsynced. The client is told so right after.
    ///
    /// # Errors
    /// [`Refusal`]: the mail was not taken; the client keeps or returns it.
    fn deliver(&self, envelope: Envelope, message: Vec<u8>) -> Answer<'_, Result<Accepted, Refusal>>;
}

/// A mail taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// A name to find it by, shown in the reply and so in the client's log. Letters, digits, `-`.
    pub id: String,
}

/// A mail not taken over. The texts go into the reply, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No room left on the disk: `452 4.3.1`, the client tries again.
    Full(String),
    /// Not now: `451 4.3.0`, the client tries again.
    Temporary(String),
    /// Never: `554 5.6.0`, the client returns it to its sender.
    Permanent(String),
    /// Larger than is stored: `552 5.3.4`.
    TooLarge(String),
}

/// The two protocols of the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// RFC 5321.
    Smtp,
    /// RFC 2033: like SMTP, with LHLO, and one reply per recipient after the data.
    Lmtp,
}

/// Settings of a listener.
#[derive(Clone)]
pub struct Config {
    /// Our name in the greeting and in `Received`; a host name.
    pub hostname: String,
    /// Largest mail in bytes, announced with SIZE (RFC 1870). Default 30 MiB.
    pub max_size: usize,
    /// Most recipients of one mail; RFC 5321 section 4.5.3.1.8 asks for 100 at least. Default 1,000.
    pub max_rcpts: usize,
    /// Connections at a time; one more gets 421. Default 200.
    pub max_connections: usize,
    /// Connections at a time from one address. Default 50.
    pub max_per_peer: usize,
    /// Errors after which a connection is closed with 421. Default 20.
    pub max_errors: usize,
    /// Bytes of mails that are on their way in, over all connections; beyond them a mail gets 452 and comes again. Each mail
    /// may have its first MiB besides. Default 256 MiB.
    pub max_in_flight: usize,
    /// How long a command is waited for. Default 5 minutes (RFC 5321 section 4.5.3.2.7).
    pub command_timeout: Duration,
    /// How long a block of data is waited for. Default 3 minutes (section 4.5.3.2.5).
    pub data_timeout: Duration,
    /// How long all data of one mail may take. Default 30 minutes.
    pub transfer_timeout: Duration,
    /// The time, microseconds since 1970 UTC.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl Config {
    /// Defaults for a host name and a clock (microseconds since 1970 UTC).
    pub fn new(hostname: impl Into<String>, now: Arc<dyn Fn() -> i64 + Send + Sync>) -> Config {
        Config {
            hostname: hostname.into(),
            max_size: 30 << 20,
            max_rcpts: 1_000,
            max_connections: 200,
            max_per_peer: 50,
            max_errors: 20,
            max_in_flight: 256 << 20,
            command_timeout: Duration::from_secs(300),
            data_timeout: Duration::from_secs(180),
            transfer_timeout: Duration::from_secs(1_800),
            now,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("hostname", &self.hostname).field("max_size", &self.max_size).finish()
    }
}
