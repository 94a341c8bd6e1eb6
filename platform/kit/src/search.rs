//! Full text over everything that came in: addresses, prefixes, domains, hashes and CVE numbers stay whole.
//!
//! One tokeniser for both engines; the inverted index is the database's.

use std::collections::BTreeSet;

use crate::db::{Read, Sql, Write};
use crate::{Id, Result, Time, params, statements};

statements! {
    INSERT_DOC = "INSERT INTO search_doc (team, kind, ref, at) VALUES ($1, $2, $3, $4) RETURNING seq";
    DOCS_OF = "SELECT seq FROM search_doc WHERE ref = $1";
    DELETE_DOC = "DELETE FROM search_doc WHERE seq = $1";
}

/// The statements that the engines word differently, for the test that prepares them all.
pub const BY_ENGINE: &[(&str, Sql)] =
    &[("INSERT_TEXT", INSERT_TEXT), ("DELETE_TEXT", DELETE_TEXT), ("FIND", FIND)];

const INSERT_TEXT: Sql = Sql::by_engine(
    "INSERT INTO search_text (rowid, words) VALUES ($1, $2)",
    "INSERT INTO search_text (seq, words) VALUES ($1, array_to_tsvector(string_to_array($2::text, ' ')))",
);
const DELETE_TEXT: Sql =
    Sql::by_engine("DELETE FROM search_text WHERE rowid = $1", "DELETE FROM search_text WHERE seq = $1");
const FIND: Sql = Sql::by_engine(
    "SELECT d.kind, d.ref, d.at FROM search_text t JOIN search_doc d ON d.seq = t.rowid
     WHERE search_text MATCH $2 AND d.team = $1 ORDER BY t.rowid DESC LIMIT $3",
    "SELECT d.kind, d.ref, d.at FROM search_text t JOIN search_doc d ON d.seq = t.seq
     WHERE t.words @@ $2::text::tsquery AND d.team = $1 ORDER BY t.seq DESC LIMIT $3",
);

/// Text longer than this is indexed in pieces, so that no engine's limit is met.
const CHUNK: usize = 64 * 1024;
/// What is beyond is not indexed: a mail of 30 MB is no more findable than its first 4 MB.
const INDEXED: usize = 4 * 1024 * 1024;
/// A longer word is cut: nobody types it.
const WORD: usize = 80;

/// The words of a text, ready for the index: taken out before the transaction, which has better things to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

impl Words {
    /// The words of `text`, in pieces that every engine takes.
    pub fn of(text: &str) -> Self {
        let pieces = pieces(&text[..floor(text, INDEXED)]);
        let joined = pieces.map(|piece| words(piece).into_iter().collect::<Vec<_>>().join(" "));
        Self(joined.filter(|words| !words.is_empty()).collect())
    }
}

/// Adds the words of the thing `reference` (of some `kind`) to the index of `team`.
///
/// # Errors
/// The database refuses it.
pub fn index(tx: &Write<'_>, team: Id, kind: &str, reference: Id, at: Time, words: &Words) -> Result<()> {
    for piece in &words.0 {
        let seq: i64 = tx.query_one(INSERT_DOC, params![team, kind, reference, at], |row| row.get(0))?;
        tx.execute(INSERT_TEXT, params![seq, piece])?;
    }
    Ok(())
}

/// Takes the thing `reference` out of the index.
///
/// # Errors
/// The database refuses it.
pub fn forget(tx: &Write<'_>, reference: Id) -> Result<()> {
    for seq in tx.query(DOCS_OF, params![reference], |row| row.get::<i64>(0))? {
        tx.execute(DELETE_TEXT, params![seq])?;
        tx.execute(DELETE_DOC, params![seq])?;
    }
    Ok(())
}

/// Something that holds all words asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What kind of thing.
    pub kind: String,
    /// Which one.
    pub reference: Id,
    /// When it came.
    pub at: Time,
}

/// The newest things of `team` that hold every word of `query`, each once, at most `limit`. A word that ends in
/// `*` stands for all that begin so. Nothing to look for finds nothing.
///
/// # Errors
/// The database is gone.
pub fn find(
    c: &Read<'_>,
    engine: crate::db::Engine,
    team: Id,
    query: &str,
    limit: usize,
) -> Result<Vec<Hit>> {
    let Some(query) = Query::parse(query).to_engine(engine) else { return Ok(Vec::new()) };
    // A thing may have several pieces that match; four times the limit is enough to fill a page of things.
    let mut hits: Vec<Hit> = c.query(FIND, params![team, query, 4 * limit as i64], |row| {
        Ok(Hit { kind: row.get(0)?, reference: row.get(1)?, at: row.get(2)? })
    })?;
    let mut seen = BTreeSet::new();
    hits.retain(|hit| seen.insert(hit.reference));
    hits.truncate(limit);
    Ok(hits)
}

struct Query(Vec<(String, bool)>);

impl Query {
    fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().take(16).flat_map(|term| {
            let (term, prefix) = term.strip_suffix('*').map_or((term, false), |t| (t, true));
            // A term with a character that no word holds (a comma, a quote) is several words; each is cut and lowered as
            // it was when it was indexed.
            let runs = term.split(|c| !is_inside(c)).map(trim).filter(|run| !run.is_empty());
            runs.map(|run| (lower(&run[..floor(run, WORD)]), prefix)).collect::<Vec<_>>()
        });
        Self(terms.collect())
    }

    /// In the engine's own query language, every word quoted.
    fn to_engine(&self, engine: crate::db::Engine) -> Option<String> {
        use crate::db::Engine::{Postgres, Sqlite};
        let terms: Vec<String> = self
            .0
            .iter()
            .map(|(word, prefix)| match (engine, prefix) {
                (Sqlite, false) => format!("\"{word}\""),
                (Sqlite, true) => format!("\"{word}\"*"),
                (Postgres, false) => format!("'{word}'"),
                (Postgres, true) => format!("'{word}':*"),
            })
            .collect();
        (!terms.is_empty()).then(|| terms.join(if engine == Sqlite { " AND " } else { " & " }))
    }
}

/// The words of `text`, each once: runs of letters, digits and `._:@/+-` in lower case, and of a compound such as
/// `login.evil.example` also its parts, so that `evil` finds it.
pub fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for run in text.split(|c| !is_inside(c)) {
        let run = trim(run);
        if run.is_empty() {
            continue;
        }
        let run = lower(&run[..floor(run, WORD)]);
        for part in run.split(|c: char| !c.is_alphanumeric()) {
            // The numbers inside an address say nothing by themselves.
            let worth = part.len() > 1 && part.len() < run.len() && !part.bytes().all(|b| b.is_ascii_digit());
            if worth {
                found.insert(part.to_owned());
            }
        }
        // 203.0.113.7:8443 is found by its address, user@host and https://host/path by the host.
        for piece in run.split(['/', '@']) {
            let host = piece.rsplit_once(':').map_or(piece, |(host, _port)| host);
            found.extend(
                [piece, host]
                    .into_iter()
                    .filter(|p| p.contains('.') && p.len() < run.len())
                    .map(str::to_owned),
            );
        }
        found.insert(run);
    }
    found
}

fn trim(run: &str) -> &str {
    run.trim_matches(|c: char| !c.is_alphanumeric())
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | ':' | '@' | '/' | '+' | '-')
}

fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = floor(rest, CHUNK);
        if end < rest.len() {
            // Words are not cut in two where there is a line end to cut at.
            end = rest[..end].rfind('\n').map_or(end, |newline| newline + 1);
        }
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        Some(piece)
    })
}

/// The last place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_handler_types_stays_whole() {
        let words = words(
            "Seen 203.0.113.7:8443, CVE-2024-12345 at https://login.evil.example/x; mail to Abuse@Ambrell.example.",
        );
        for word in [
            "203.0.113.7",
            "203.0.113.7:8443",
            "cve-2024-12345",
            "login.evil.example",
            "evil",
            "abuse@ambrell.example",
            "ambrell.example",
        ] {
            assert!(words.contains(word), "{word} in {words:?}");
        }
        assert!(!words.contains("113"));
    }

    #[test]
    fn long_text_is_cut_at_line_ends_and_nothing_is_lost() {
        let text = "zażółć gęślą jaźń\n".repeat(10_000);
        assert_eq!(pieces(&text).collect::<String>(), text);
        assert!(pieces(&text).all(|piece| piece.len() <= CHUNK && piece.ends_with('\n')));
        assert_eq!(pieces(&"ż".repeat(100_000)).collect::<String>().len(), 200_000);
    }

    #[test]
    fn a_query_cannot_speak_the_engines_language() {
        let query = Query::parse("a\"b OR words:* NEAR( '; drop");
        for engine in [crate::db::Engine::Sqlite, crate::db::Engine::Postgres] {
            let text = query.to_engine(engine).unwrap();
            let quote = if engine == crate::db::Engine::Sqlite { '"' } else { '\'' };
            assert_eq!(text.matches(quote).count() % 2, 0, "{text}");
            assert!(!text.contains(';') && !text.contains('('), "{text}");
        }
        assert_eq!(Query::parse("  ,,, ").to_engine(crate::db::Engine::Sqlite), None);
    }
}
