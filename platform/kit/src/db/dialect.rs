//! All that the two engines say differently.

/// The database engine of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, inside the program.
    Sqlite,
    /// PostgreSQL, a server beside it.
    Postgres,
}

#[cfg(test)]
impl Engine {
    /// So many use cases that write run at once.
    pub(crate) fn writers(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres => super::postgres::WRITERS,
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// One statement, a constant, with `$1`…`$n` for its values.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// A statement that both engines understand.
    pub const fn new(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    /// For the few things of this crate that have no common words (full-text search, row locks).
    pub(crate) const fn by_engine(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for `engine`, as written.
    pub(super) fn text(self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    /// The first line, for messages.
    pub(super) fn for_people(self) -> &'static str {
        self.sqlite.trim().lines().next().unwrap_or_default()
    }
}

/// SQLite takes `$1` for a *name* and numbers it by appearance; `?1` is what both mean by `$1`.
/// Text in quotes is left alone.
pub(super) fn numbered_for_sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut in_quotes = false;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        in_quotes ^= c == '\'';
        let is_placeholder = c == '$' && !in_quotes && chars.peek().is_some_and(char::is_ascii_digit);
        out.push(if is_placeholder { '?' } else { c });
    }
    out
}

/// Expands the type vocabulary of a migration.
///
/// | word | SQLite | PostgreSQL |
/// |---|---|---|
/// | `{id}` | `BLOB` (16 bytes) | `UUID` |
/// | `{int}`, `{time}` | `INTEGER` (64 bits) | `BIGINT` |
/// | `{bool}` | `INTEGER` 0 or 1 | `BOOLEAN` |
/// | `{text}`, `{json}` | `TEXT`, compared by bytes | `TEXT COLLATE "C"` |
/// | `{blob}` | `BLOB` | `BYTEA` |
/// | `{serial}` | rowid, a key that grows | identity column |
/// | `{strict}` | `STRICT` | |
/// | `{keyed}` | `STRICT`, stored in the order of its primary key | |
pub(super) fn expand(script: &str, engine: Engine) -> String {
    let words: [(&str, &str, &str); 10] = [
        ("{id}", "BLOB", "UUID"),
        ("{int}", "INTEGER", "BIGINT"),
        ("{time}", "INTEGER", "BIGINT"),
        ("{bool}", "INTEGER", "BOOLEAN"),
        ("{text}", "TEXT", "TEXT COLLATE \"C\""),
        ("{json}", "TEXT", "TEXT COLLATE \"C\""),
        ("{blob}", "BLOB", "BYTEA"),
        ("{serial}", "INTEGER PRIMARY KEY", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        ("{strict}", "STRICT", ""),
        ("{keyed}", "STRICT, WITHOUT ROWID", ""),
    ];
    words.iter().fold(script.to_owned(), |text, (word, sqlite, postgres)| {
        text.replace(word, if engine == Engine::Sqlite { sqlite } else { postgres })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_keep_their_number_whatever_the_order() {
        assert_eq!(
            numbered_for_sqlite("SELECT * FROM t WHERE b = $2 AND a = $1 AND c = '$3 $1'"),
            "SELECT * FROM t WHERE b = ?2 AND a = ?1 AND c = '$3 $1'"
        );
    }

    #[test]
    fn no_word_of_the_vocabulary_is_left_over() {
        let all = "{id} {int} {time} {bool} {text} {json} {blob} {serial} {strict} {keyed}";
        for engine in [Engine::Sqlite, Engine::Postgres] {
            assert!(!expand(all, engine).contains('{'));
        }
    }
}
