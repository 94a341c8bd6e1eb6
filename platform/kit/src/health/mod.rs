//! What is wrong with a node: each crate looks at its own things and says it as [`Finding`]s, for `wardmote doctor`;
//! [`Pulse`] answers whoever asks from outside whether the node works.

mod pulse;

use std::fmt;

use crate::clock::{DAY, HOUR, MINUTE};
use crate::db::{Engine, Sql};
use crate::{Digest, Error, Node, Result, Time, params, statements};

pub use pulse::Pulse;

statements! {
    FAILED = "SELECT kind, count(*), max(last_error) FROM job WHERE failed = TRUE GROUP BY kind ORDER BY kind";
    OVERDUE = "SELECT kind, count(*), min(run_at) FROM job WHERE failed = FALSE AND run_at <= $1 AND locked_until <= $2
        GROUP BY kind ORDER BY kind";
    BEAT = "INSERT INTO counter (team, kind, last) VALUES ($1, 'health', $2)
        ON CONFLICT (team, kind) DO UPDATE SET last = excluded.last";
    BEATEN = "SELECT last FROM counter WHERE team = $1 AND kind = 'health'";
}

/// PostgreSQL looks after its files itself.
const DAMAGE: Sql = Sql::by_engine("PRAGMA quick_check(3)", "SELECT 'ok'");

/// A job that should have begun so long ago: nobody does the work.
const LATE: Time = 15 * MINUTE;
/// Less space than this is too little, in bytes.
const TOO_LITTLE_SPACE: u64 = 1_000_000_000;
/// Less than this is told when it is less than a twentieth of the disk, too.
const LITTLE_SPACE: u64 = 10_000_000_000;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Good,
    /// It works, and somebody should look at it in time.
    Mind,
    /// It needs a hand now.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// What was looked at, in a word or two.
    pub what: String,
    /// How it stands, in words; when not well, with what to do.
    pub words: String,
}

impl Finding {
    /// All is well.
    pub fn good(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, what: what.into(), words: words.into() }
    }

    /// It works, and somebody should look at it in time.
    pub fn mind(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self { verdict: Verdict::Mind, ..Self::good(what, words) }
    }

    /// It needs a hand now.
    pub fn bad(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, ..Self::good(what, words) }
    }

    /// Well or not.
    pub fn of(good: bool, what: impl Into<String>, words: impl Into<String>) -> Self {
        if good { Self::good(what, words) } else { Self::bad(what, words) }
    }

    /// What ends at `until`, seen at `now`: to be minded for `days` before, and bad when it has ended. `todo` says what
    /// somebody has to do then.
    pub fn ends(what: impl Into<String>, until: Time, now: Time, days: i64, todo: &str) -> Self {
        let left = (until - now).div_euclid(DAY);
        match until <= now {
            true => Self::bad(what, format!("has ended {} ago: {todo}", ago(now - until))),
            false if left < days => Self::mind(what, format!("good for {left} days: {todo}")),
            false => Self::good(what, format!("good for {left} days")),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Good => "ok  ",
            Verdict::Mind => "warn",
            Verdict::Bad => "BAD ",
        };
        write!(f, "{verdict} {:<14} {}", self.what, self.words)
    }
}

/// How the node's jobs, disk and database stand.
///
/// # Errors
/// The database is gone.
pub async fn findings(node: &Node) -> Result<Vec<Finding>> {
    let now = node.now();
    let (failed, overdue, damage) = node
        .db
        .read(move |c| {
            let failed: Vec<Failed> =
                c.query(FAILED, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let overdue: Vec<Overdue> = c.query(OVERDUE, params![now - LATE, now], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
            Ok((failed, overdue, c.query(DAMAGE, &[], |row| row.get::<String>(0))?))
        })
        .await?;
    let mut found = jobs(now, &failed, &overdue);
    found.push(space(&node.blobs.space()?));
    if node.db.engine() == Engine::Sqlite {
        found.push(match damage.iter().all(|word| word == "ok") {
            true => Finding::good("database file", "no damage found"),
            false => Finding::bad(
                "database file",
                format!("is damaged ({}): stop the node and take the last backup", damage.join("; ")),
            ),
        });
    }
    Ok(found)
}

/// A kind of job, how many have given up, and the words of one of them.
type Failed = (String, i64, Option<String>);
/// A kind of job, how many are overdue, and when the first should have begun.
type Overdue = (String, i64, Time);

fn jobs(now: Time, failed: &[Failed], overdue: &[Overdue]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (kind, count, why) in failed {
        let why = why.as_deref().unwrap_or("no reason is noted");
        let todo = "the log has more; what waited for it does not happen until it is asked for again";
        found.push(Finding::bad("jobs", format!("{kind}: {count} have given up (last: {why}): {todo}")));
    }
    for (kind, count, since) in overdue {
        let late = ago(now - since);
        let todo = "does the node run? Start it with `wardmote serve`, or see its log";
        found
            .push(Finding::bad("jobs", format!("{kind}: {count} are overdue, the first for {late}: {todo}")));
    }
    if found.is_empty() {
        found.push(Finding::good("jobs", "none has given up, none is overdue"));
    }
    found
}

fn space(space: &Space) -> Finding {
    let words = format!("{} MB of {} MB free", space.free / 1_000_000, space.whole / 1_000_000);
    match space.free {
        ..TOO_LITTLE_SPACE => {
            Finding::bad("disk", format!("{words}: make room, or no mail can be taken soon"))
        }
        free if free < LITTLE_SPACE.min(space.whole / 20) => {
            Finding::mind("disk", format!("{words}: make room"))
        }
        _ => Finding::good("disk", words),
    }
}

/// How much room there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What the node's user can still write.
    pub free: u64,
    /// The whole disk.
    pub whole: u64,
}

/// Whether the bytes are there that the database names: `names` is a sample of `what`.
pub fn bytes_of(node: &Node, what: &str, names: &[Digest]) -> Finding {
    let mut lost = names.iter().filter_map(|name| node.blobs.get(*name).err());
    let whole = match names.len() {
        0 => "there are none yet".to_owned(),
        count => format!("the newest {count} are there"),
    };
    let Some(first) = lost.next() else { return Finding::good(what, whole) };
    let count = 1 + lost.count();
    let first = match first {
        Error::NotFound(name) => format!("{name} is missing"),
        other => other.to_string(),
    };
    let todo = "put the folder blobs of the last backup beside the database";
    Finding::bad(what, format!("{count} of the newest {} cannot be read ({first}): {todo}", names.len()))
}

/// A length of time in words: minutes, hours or days.
pub fn ago(length: Time) -> String {
    match length {
        ..HOUR => format!("{} min", length / MINUTE),
        HOUR..DAY => format!("{} h", length / HOUR),
        _ => format!("{} days", length / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_nearly_full_needs_a_hand() {
        let of = |free, whole| space(&Space { free, whole }).verdict;
        assert_eq!(of(999_000_000, 10_000_000_000), Verdict::Bad);
        assert_eq!(of(4_000_000_000, 100_000_000_000), Verdict::Mind, "less than a twentieth");
        assert_eq!(of(6_000_000_000, 100_000_000_000), Verdict::Good);
        assert_eq!(of(11_000_000_000, 4_000_000_000_000), Verdict::Good, "a large disk");
    }

    #[test]
    fn what_ends_is_told_in_time_and_what_has_ended_is_bad() {
        let of = |until| Finding::ends("it", until, 0, 60, "renew it");
        assert_eq!(of(61 * DAY), Finding::good("it", "good for 61 days"));
        assert_eq!(of(60 * DAY - 1), Finding::mind("it", "good for 59 days: renew it"));
        assert_eq!(of(-HOUR), Finding::bad("it", "has ended 1 h ago: renew it"));
        assert_eq!(of(-3 * DAY).words, "has ended 3 days ago: renew it");
    }
}
