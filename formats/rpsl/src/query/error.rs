//! What is said when a query cannot be answered: numbers and titles as scripts of the RIPE database's users expect
//! them, the rest in our own words.

use std::fmt;

use super::Flag;

/// Why a query is not answered, or (902) what was passed over.
///
/// Shown with its `%` lines, as it goes to the client:
///
/// ```
/// let error = rpsl::query::Query::parse(b"-T irt").unwrap_err();
/// assert_eq!(error.to_string(), "%ERROR:106: no search key specified\n%\n% Say what to look for.\n");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct QueryError {
    /// The number; scripts go by it.
    pub number: u16,
    /// A few words.
    pub title: String,
    /// What is wrong and what to do; may have several lines.
    pub detail: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.number == 902 { "WARNING" } else { "ERROR" };
        writeln!(f, "%{kind}:{}: {}", self.number, self.title)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        writeln!(f, "%")?;
        self.detail.lines().try_for_each(|line| writeln!(f, "% {line}"))
    }
}

fn error(number: u16, title: impl Into<String>, detail: impl Into<String>) -> QueryError {
    QueryError { number, title: title.into(), detail: detail.into() }
}

/// Foreign text fit for a line of an answer: without control characters, at most 60 characters.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|char| !char.is_control()).take(61).collect();
    if let Some((cut, _)) = shown.char_indices().nth(60) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

impl QueryError {
    /// 100: the server failed.
    pub fn internal() -> Self {
        error(100, "internal software error", "The query could not be answered. Try again later.")
    }

    /// 101: nothing was found; `source` is where it was looked for.
    pub fn no_entries(source: &str) -> Self {
        error(101, "no entries found", format!("No entries found in source {}.", shown(source)))
    }

    /// 102: no such source.
    pub fn unknown_source(source: &str) -> Self {
        let source = shown(source);
        error(
            102,
            "unknown source",
            format!("\"{source}\" is not a known source.\nUse \"-q sources\" to list known sources."),
        )
    }

    /// 103: no such class.
    pub fn unknown_class(class: &str) -> Self {
        let detail = "Use \"-q types\" to list the known types.";
        error(103, format!("unknown object type '{}'", shown(class)), detail)
    }

    /// 104: no such attribute.
    pub fn unknown_attribute(name: &str) -> Self {
        error(104, "unknown attribute", format!("\"{}\" is not a known attribute.", shown(name)))
    }

    /// 105: the attribute does not find objects by an inverse query.
    pub fn not_searchable(name: &str) -> Self {
        let detail = format!("\"{}\" is not an inverse searchable attribute.", shown(name));
        error(105, "attribute is not searchable", detail)
    }

    /// 105: what would be searched for is a secret, or nobody's business.
    pub fn only_keys() -> Self {
        error(
            105,
            "attribute is not searchable",
            "\"auth\" can be searched for keys only, such as PGPKEY-… and X509-….",
        )
    }

    /// 106: there is nothing to look for.
    pub fn no_key() -> Self {
        error(106, "no search key specified", "Say what to look for.")
    }

    /// 107: the line is longer than [`super::LONGEST_LINE`].
    pub fn too_long() -> Self {
        let detail = format!("A query may have {} bytes.", super::LONGEST_LINE);
        error(107, "input line too long", detail)
    }

    /// 109: flags that do not go together.
    pub fn combination(one: Flag, other: Flag) -> Self {
        let detail = format!("The flags \"{one}\" and \"{other}\" cannot be used together.");
        error(109, "invalid combination of flags passed", detail)
    }

    /// 110: a flag stands again that may stand once.
    pub fn repeated(flag: Flag) -> Self {
        error(110, "multiple use of flag", format!("The flag \"{flag}\" cannot be used multiple times."))
    }

    /// 111: no such flag, or a value that it does not take.
    pub fn invalid_option(detail: &str) -> Self {
        let detail = format!("{}\nSend the query \"help\" to see the valid options.", shown(detail));
        error(111, "invalid option supplied", detail)
    }

    /// 112: everything would be the answer.
    pub fn too_large() -> Self {
        let detail =
            "\"-m\" and \"-M\" are not answered for the whole address space. Ask for smaller ranges.";
        error(112, "unsupported query", detail)
    }

    /// 114: a kind of query that is not answered.
    pub fn unsupported(detail: &str) -> Self {
        error(114, "unsupported query", shown(detail))
    }

    /// 115: what was asked for cannot be in the classes selected, or nowhere at all.
    pub fn invalid_key(detail: &str) -> Self {
        error(115, "invalid search key", detail)
    }

    /// 116: the versions of persons and roles are not shown.
    pub fn no_versions() -> Self {
        error(116, "unsupported query", "Versions are not supported for PERSON/ROLE objects.")
    }

    /// 117: there are `last` versions.
    pub fn version_out_of_range(last: u32) -> Self {
        let detail = format!("Versions are numbered from 1; the last of this object is {last}.");
        error(117, format!("version cannot exceed {last} for this object"), detail)
    }

    /// 118: more words than [`super::MOST_ARGUMENTS`].
    pub fn too_many_arguments() -> Self {
        let detail = format!("A query may have {} words.", super::MOST_ARGUMENTS);
        error(118, "too many arguments supplied", detail)
    }

    /// 201: `who` asked for too much; `detail` says until when, and how to get more.
    pub fn access_denied(who: &str, detail: &str) -> Self {
        error(201, format!("access denied for {}", shown(who)), detail)
    }

    /// 203: only those who may do so ask for others.
    pub fn not_a_proxy() -> Self {
        error(203, "you are not allowed to act as a proxy", "Ask with \"-V\" and a tag alone.")
    }

    /// 305: nothing came for some time.
    pub fn timeout() -> Self {
        let detail = "The connection has been closed because nothing was asked for some time.";
        error(305, "connection has been closed", detail)
    }

    /// 306: `most` connections are open already.
    pub fn connections(most: usize) -> Self {
        let detail = format!(
            "From one address {most} connections may be open at a time. One connection can carry many\nqueries: see \"-k\"."
        );
        error(306, "connections exceeded", detail)
    }

    /// 901: two flags that say which networks are wanted.
    pub fn duplicate_ip_flags() -> Self {
        let detail = "Only one of -l, -L, -m, -M and -x can be used.";
        error(901, "duplicate IP flags passed", detail)
    }

    /// 902, a warning: a flag for networks where none was asked for.
    pub fn useless_ip_flag() -> Self {
        let detail = "-l, -L, -m, -M, -x and -d mean something for addresses only; they were passed over.";
        error(902, "useless IP flag passed", detail)
    }
}
