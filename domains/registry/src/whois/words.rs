//! What the server says beside objects, where [`rpsl::query::QueryError`] does not say it already. Numbers and first
//! lines are those of the RIPE database, since scripts read them; the words behind are for people.

use std::fmt::Write as _;

use rpsl::query::QueryError;

/// The lines that every answer begins with.
pub(super) const GREETING: &str = "% This is the query service of a Wardmote registry.\n\
                                   % The objects are in RPSL format. Send \"help\" for the queries it answers.\n\n";

/// An error with the empty line behind it.
pub(super) fn failure(error: &QueryError, out: &mut String) {
    let _ = writeln!(out, "{error}"); // writing to a String cannot fail
}

/// 101; `sources`: those that were asked for, none for all.
pub(super) fn no_entries(sources: &[String]) -> QueryError {
    let all = QueryError::no_entries("ALL");
    if sources.is_empty() {
        return QueryError { detail: "No entries found in any source of this registry.".into(), ..all };
    }
    QueryError::no_entries(&sources.join(","))
}

/// 117: the version was there, and its text is not any more.
pub(super) fn erased(version: i64) -> QueryError {
    let detail = format!("The text of version {version} was erased.");
    QueryError { detail, ..QueryError::version_out_of_range(0) }
}

/// 201: so many personal objects were left out.
pub(super) fn denied(objects: u32) -> QueryError {
    QueryError::access_denied(
        "personal data",
        &format!(
            "{objects} objects with personal data are left out: you have had your share of them for today.\n\
             Everything else is answered as ever, and from midnight (UTC) on so are these. Whoever needs more\n\
             names a token of an account: \"--token TOKEN QUERY\"."
        ),
    )
}

/// 306: this registry has all the connections that it takes.
pub(super) fn full() -> QueryError {
    let detail = "This registry has as many connections open as it takes. Please connect again in a minute.";
    QueryError { detail: detail.into(), ..QueryError::connections(0) }
}

/// 109: the queries of IRRd and other routing registries, which begin with an exclamation mark.
pub(super) fn other_language() -> QueryError {
    QueryError::unsupported(
        "Queries that begin with \"!\" are not answered here. Send \"help\" for those that are.",
    )
}

/// The token is not good.
pub(super) fn unknown_token() -> QueryError {
    let detail =
        "The token is not known, has expired, or may not look up. Tokens are made on the account page.";
    QueryError { number: 111, title: "invalid option supplied".into(), detail: detail.into() }
}

/// What those are told who have had their day's number of personal objects.
pub(super) fn slowed(number: u32, out: &mut String) {
    let _ = write!(
        out,
        "% Note: you have had {number} objects with personal data and more today, so answers come more slowly.\n\
         %       Addresses, teams and everything else are not counted. Whoever needs more names a token of an\n\
         %       account: \"--token TOKEN QUERY\".\n\n"
    );
}
