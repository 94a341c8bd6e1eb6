//! What a connection does after a line: persistent connections (`-k`) and bulk mode, as data.

use super::{Ask, Flag, Query, QueryError};

/// Whether a connection is persistent: it is after the first `-k`, until `-k` comes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Session {
    persistent: bool,
}

/// What to do with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Answer, and wait for the next line.
    AnswerAndWait,
    /// Answer, and close the connection.
    AnswerAndClose,
    /// Nothing was asked: wait for the next line.
    Wait,
    /// Close the connection without an answer.
    Close,
}

impl Session {
    /// Whether the connection stays open after an answer.
    pub fn is_persistent(self) -> bool {
        self.persistent
    }

    /// What to do with a line that was read as `query`. A line that is no query never ends a persistent connection.
    pub fn turn(&mut self, query: &Result<Query, QueryError>) -> Turn {
        let Ok(query) = query else { return self.answered() };
        if query.ask() == Ask::Nothing {
            return if std::mem::replace(&mut self.persistent, true) { Turn::Close } else { Turn::Wait };
        }
        self.persistent |= query.has(Flag::Persistent);
        self.answered()
    }

    fn answered(self) -> Turn {
        if self.persistent { Turn::AnswerAndWait } else { Turn::AnswerAndClose }
    }
}

/// The words of bulk mode: after `begin` each line is something to look up, until `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// `begin`
    Begin,
    /// `end`
    End,
}

impl Word {
    /// Whether the line, with its end or without, is one of the words, in any case.
    pub fn of(line: &[u8]) -> Option<Self> {
        match line.trim_ascii() {
            word if word.eq_ignore_ascii_case(b"begin") => Some(Self::Begin),
            word if word.eq_ignore_ascii_case(b"end") => Some(Self::End),
            _ => None,
        }
    }
}
