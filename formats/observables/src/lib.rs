#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod collect;
mod defang;
mod domain;
mod exclude;
mod find;
mod ip;
mod meter;
mod refang;

pub use defang::defang;
pub use exclude::{Exclusions, Problem, Rule, RuleError};
pub use refang::refang;

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::str::FromStr;

/// Takes everything out of `text` that a handler may want to look up.
///
/// Observables come in the order of their first occurrence; the same one twice is one entry with a count. The
/// work is linear in the length of the text, whatever stands in it.
pub fn extract(text: &str, limits: &Limits) -> Extraction {
    let (text, cut) = limits.fit(text);
    let refanged = refang::Refanged::new(text, limits.max_observables.saturating_mul(4));
    let mut collector = collect::Collector::new(&refanged, limits.max_observables);
    find::Finder::new(&refanged, limits.max_url_bytes).run(&mut |hit| collector.add(hit));
    let (found, full) = collector.finish();
    Extraction { found, truncated: cut || full || refanged.capped() }
}

/// What [`extract`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extraction {
    /// The observables, each once, in order of first occurrence.
    pub found: Vec<Observable>,
    /// A limit was reached: there may be more in the text than stands here. Tell the reader.
    pub truncated: bool,
}

/// One thing that can be looked up, matched or reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observable {
    /// What it is.
    pub kind: Kind,
    /// Its canonical text: equal things have equal text, however they were written.
    pub value: String,
    /// Where it first stands, in bytes of the original text, brackets of the defanging included.
    pub span: Range<usize>,
    /// The port written behind it (`:8443`, `#53`, ` port 22`), the first one if there were several.
    pub port: Option<u16>,
    /// It was written so that nobody clicks it by accident (`hxxp`, `[.]`).
    pub defanged: bool,
    /// First and last address; only for [`Kind::Ip`] and [`Kind::IpRange`].
    pub range: Option<(IpAddr, IpAddr)>,
    /// It has no owner that could be told: private, loopback, link-local, multicast or reserved addresses (not
    /// those for documentation or benchmarks), `localhost` and `.arpa` names, private AS numbers (RFC 6996).
    pub special: bool,
    /// How often it stands in the text.
    pub count: u32,
}

/// The kinds of observables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// One IPv4 or IPv6 address: `192.0.2.1`, `2001:db8::1` (RFC 5952).
    Ip,
    /// A range or a prefix of more than one address, as `first-last`.
    IpRange,
    /// A domain name, lower case, in ASCII (`xn--…`), without a dot at the end.
    Domain,
    /// A URL with scheme and host in lower case and without its default port; path and query as written.
    Url,
    /// A mail address in lower case.
    Email,
    /// 32 hexadecimal digits, lower case.
    Md5,
    /// 40 hexadecimal digits, lower case.
    Sha1,
    /// 64 hexadecimal digits, lower case.
    Sha256,
    /// 128 hexadecimal digits, lower case.
    Sha512,
    /// A vulnerability: `CVE-2021-44228`.
    Cve,
    /// An autonomous system in asplain (RFC 5396): `AS64496`.
    Asn,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Ip,
        Self::IpRange,
        Self::Domain,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Cve,
        Self::Asn,
    ];

    /// The name used in stores and exports, such as `ip-range`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ip => "ip",
            Self::IpRange => "ip-range",
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Email => "email",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
            Self::Cve => "cve",
            Self::Asn => "asn",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Reads what [`Kind::as_str`] wrote.
    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownKind)
    }
}

/// A name that is no [`Kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown kind of observable; known are ip, ip-range, domain, url, email, md5, sha1, sha256, sha512, cve, asn"
)]
pub struct UnknownKind;

/// How much [`extract`] reads and keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text that are read; what follows is left out. 32 MiB unless told.
    pub max_text_bytes: usize,
    /// Distinct observables that are kept. 200,000 unless told: a feed of 100,000 addresses is a normal report.
    pub max_observables: usize,
    /// Longest URL in bytes; a longer one is cut there. 4,096 unless told.
    pub max_url_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_text_bytes: 32 << 20, max_observables: 200_000, max_url_bytes: 4_096 }
    }
}

impl Limits {
    /// The part of `text` that is read, and whether something was left out. Cuts behind a blank where one is near,
    /// so that `192.0.2.17` does not become `192.0.2.1`.
    fn fit<'t>(&self, text: &'t str) -> (&'t str, bool) {
        if text.len() <= self.max_text_bytes {
            return (text, false);
        }
        let head = &text[..text.floor_char_boundary(self.max_text_bytes)];
        let near = head.floor_char_boundary(head.len().saturating_sub(1_024));
        let cut = head[near..].rfind(|c: char| c.is_ascii_whitespace()).map_or(head.len(), |at| near + at);
        (&head[..cut], true)
    }
}
