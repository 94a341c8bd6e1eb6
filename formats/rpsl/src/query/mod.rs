//! Queries as users send them to port 43: one line with flags and what is looked for.
//!
//! ```
//! use rpsl::query::{Ask, Flag, Kind, Query};
//!
//! let query = Query::parse(b"-rBG -T inetnum,irt -c 192.0.2.77\r\n")?;
//! assert!(query.has(Flag::NoReferenced) && query.wants_irt());
//! assert_eq!(query.classes, ["inetnum", "irt"]);
//! assert!(matches!(query.key.as_ref().map(|key| key.kind()), Some(Kind::Address(_))));
//! assert_eq!(query.ask(), Ask::Search);
//! assert_eq!(query.to_string(), "-c -G -B -r -T inetnum,irt 192.0.2.77");
//! # Ok::<(), rpsl::query::QueryError>(())
//! ```
//!
//! The flags, the errors with their numbers and the rules of what goes together are those of the RIPE database's
//! server, for the sake of the scripts that know them.

mod error;
mod flag;
mod key;
mod parse;
mod rules;
mod session;
mod show;

use std::net::IpAddr;
use std::str::FromStr;

pub use error::QueryError;
pub use flag::{Flag, Flags, help};
pub use key::{Kind, SearchKey};
pub use session::{Session, Turn, Word};

use crate::range::AddressRange;
use crate::template::{AttributeName, Template};

/// Bytes of the longest line, without its end.
pub const LONGEST_LINE: usize = 1024;

/// Words of a line at most.
pub const MOST_ARGUMENTS: usize = 100;

/// A query that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The flags that stood in the line.
    pub flags: Flags,
    /// `-T`: the classes selected; empty for all.
    pub classes: Vec<&'static str>,
    /// `-i`: the attributes in which what is looked for must stand.
    pub inverse: Vec<AttributeName>,
    /// `-s`: the sources, in upper case and in order; empty for the server's own choice.
    pub sources: Vec<String>,
    /// `-t`: the class whose template is wanted.
    pub template: Option<&'static str>,
    /// `-v`: the class whose template is wanted with explanations.
    pub verbose: Option<&'static str>,
    /// `-V`: who is asking.
    pub client: Option<Client>,
    /// `--show-version`.
    pub version: Option<u32>,
    /// `--diff-versions`: two different ones, in the order of the line.
    pub versions: Option<(u32, u32)>,
    /// `-Z`.
    pub charset: Option<Charset>,
    /// What is looked for.
    pub key: Option<SearchKey>,
}

/// Who is asking (`-V`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The name of a program.
    pub tag: String,
    /// The address of a proxy's client; to be believed only where it is allowed ([`QueryError::not_a_proxy`]).
    pub address: Option<IpAddr>,
}

/// The character set of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// ASCII alone.
    Ascii,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing: `-k` alone, which opens or closes a persistent connection.
    Nothing,
    /// The help.
    Help,
    /// The sources.
    Sources,
    /// The server's version.
    Version,
    /// The classes.
    Types,
    /// The template of a class.
    Template(&'static str),
    /// The template of a class, with explanations.
    Verbose(&'static str),
    /// The versions of an object.
    ListVersions,
    /// One version of an object.
    ShowVersion(u32),
    /// The difference between two versions of an object.
    DiffVersions(u32, u32),
    /// Objects.
    Search,
}

/// Which networks are wanted, seen from the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// No flag: the network itself, or else the next one around it.
    Nearest,
    /// `-x`
    Exact,
    /// `-l`
    OneLess,
    /// `-L`
    AllLess,
    /// `-m`
    OneMore,
    /// `-M`
    AllMore,
}

impl Query {
    /// Reads one line, with its end or without; bytes that are not UTF-8 are Latin-1.
    ///
    /// # Errors
    /// What to answer instead, with its number: see [`QueryError`].
    pub fn parse(line: &[u8]) -> Result<Self, QueryError> {
        let query = parse::parse(line)?;
        rules::check(&query)?;
        Ok(query)
    }

    /// Whether the flag stood in the line.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.has(flag)
    }

    /// What is asked for.
    pub fn ask(&self) -> Ask {
        let help = self.key.as_ref().is_some_and(|key| key.text().eq_ignore_ascii_case("help"));
        match self {
            _ if self.has(Flag::ListSources) => Ask::Sources,
            _ if self.has(Flag::Version) => Ask::Version,
            _ if self.has(Flag::Types) => Ask::Types,
            Self { template: Some(class), .. } => Ask::Template(class),
            Self { verbose: Some(class), .. } => Ask::Verbose(class),
            _ if self.key.is_none() => Ask::Nothing,
            Self { versions: Some((one, other)), .. } => Ask::DiffVersions(*one, *other),
            Self { version: Some(number), .. } => Ask::ShowVersion(*number),
            _ if self.has(Flag::ListVersions) => Ask::ListVersions,
            _ if help && self.inverse.is_empty() => Ask::Help,
            _ => Ask::Search,
        }
    }

    /// Which networks are wanted.
    pub fn level(&self) -> Level {
        let levels = [
            (Flag::Exact, Level::Exact),
            (Flag::OneLess, Level::OneLess),
            (Flag::AllLess, Level::AllLess),
            (Flag::OneMore, Level::OneMore),
            (Flag::AllMore, Level::AllMore),
        ];
        levels.into_iter().find(|(flag, _)| self.has(*flag)).map_or(Level::Nearest, |(_, level)| level)
    }

    /// The addresses looked for; with `-d` those of a reverse domain, too.
    pub fn range(&self) -> Option<AddressRange> {
        let key = self.key.as_ref()?;
        key.range().or_else(|| key.reverse_range().filter(|_| self.has(Flag::ReverseDomain)))
    }

    /// The classes to search, in the order of the answer: those selected, without those that other flags exclude and,
    /// for queries that are not inverse, without those that the key cannot find.
    pub fn templates(&self) -> impl Iterator<Item = &'static Template> {
        Template::all().filter(|template| self.searches(template))
    }

    /// Whether the team is to be shown (`-c`, unless `-C` takes it back or `-K` shows keys only); `-b` shows it as well.
    pub fn wants_irt(&self) -> bool {
        self.has(Flag::AbuseContact)
            || self.has(Flag::Irt) && !self.has(Flag::NoIrt) && !self.has(Flag::PrimaryKeys)
    }

    /// Whether the contacts that objects name are to be shown after them.
    pub fn wants_referenced(&self) -> bool {
        let without =
            [Flag::NoReferenced, Flag::Brief, Flag::PrimaryKeys, Flag::Resource, Flag::AbuseContact];
        !without.into_iter().any(|flag| self.has(flag))
    }

    /// Whether objects are to be grouped by what they belong to.
    pub fn wants_grouping(&self) -> bool {
        ![Flag::NoGrouping, Flag::PrimaryKeys, Flag::AbuseContact].into_iter().any(|flag| self.has(flag))
    }

    /// Whether the answer is to be filtered.
    pub fn wants_filtering(&self) -> bool {
        ![Flag::NoFiltering, Flag::PrimaryKeys].into_iter().any(|flag| self.has(flag))
    }

    /// What was passed over; for the answer, before the objects.
    pub fn warnings(&self) -> Vec<QueryError> {
        let flagged = self.level() != Level::Nearest || self.has(Flag::ReverseDomain);
        let useless = flagged && self.ask() == Ask::Search && self.range().is_none();
        useless.then(QueryError::useless_ip_flag).into_iter().collect()
    }

    fn searches(&self, template: &'static Template) -> bool {
        let class = template.class();
        let among = |classes: &[&str]| classes.contains(&class);
        let personal = among(&["person", "role"]);
        let selected = match self.classes.is_empty() {
            true if self.has(Flag::ReverseDomain) => {
                among(&["inetnum", "inet6num", "route", "route6", "domain"])
            }
            true => true,
            false => among(&self.classes),
        };
        selected
            && !(personal && self.has(Flag::NoPersonal))
            && (!self.has(Flag::Resource)
                || among(&["aut-num", "inetnum", "inet6num", "route", "route6", "domain"]))
            && (!self.has(Flag::AbuseContact)
                || among(&["inetnum", "inet6num"]) && self.range().is_some()
                || among(&["aut-num"]))
            && (!self.inverse.is_empty() || self.finds(template))
    }

    fn finds(&self, template: &'static Template) -> bool {
        let Some(key) = &self.key else { return false };
        // with -d a reverse domain finds what an address does
        let reverse = key.reverse_range().filter(|_| self.has(Flag::ReverseDomain));
        let class = template.class();
        key.fits(template)
            || reverse.is_some_and(|range| {
                matches!(
                    (class, range.is_ipv4()),
                    ("inetnum" | "route", true) | ("inet6num" | "route6", false)
                )
            })
    }
}

impl Charset {
    fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "latin-1" | "latin1" | "iso-8859-1" => Some(Self::Latin1),
            "us-ascii" | "ascii" => Some(Self::Ascii),
            _ => None,
        }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(line: &str) -> Result<Self, QueryError> {
        Self::parse(line.as_bytes())
    }
}
