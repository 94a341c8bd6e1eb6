//! What a drill is, what becomes of one test, and the figures of many.

use contracts::upkeep::DRILL_MAIL;
use kit::clock::SECOND;
use kit::{Id, Time, named};
use teams::Team;

named! {
    /// What became of a test.
    pub enum State {
        /// Its message is not written yet.
        Waiting = "waiting",
        /// The message is under way.
        Asked = "asked",
        /// Somebody answered in time.
        Answered = "answered",
        /// Somebody answered after the deadline.
        Late = "late",
        /// The deadline has passed without an answer.
        Silent = "silent",
        /// The message was refused for good.
        Bounced = "bounced",
        /// There is no address to send it to, or it could not be written.
        Unreachable = "unreachable",
    }
}

named! {
    /// A channel that drills can test. Each way that a team declares is tested by itself; one that is not named here
    /// is not tested yet.
    pub enum Way {
        /// A mail to the team's report address, encrypted when it has a key.
        Mail = "mail",
    }
}

impl Way {
    /// Where `team` is tested by this way; `None` when it declares no such place.
    pub fn address(self, team: &Team) -> Option<String> {
        match self {
            Self::Mail => team.report_address().map(str::to_owned),
        }
    }
}

/// A drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// Its id.
    pub id: Id,
    /// Why it is held, in the words that teams read.
    pub reason: String,
    /// The least standing of the teams that are tested.
    pub scope: String,
    /// When it began.
    pub started_at: Time,
    /// Who began it.
    pub started_by: String,
    /// Until then an answer is in time.
    pub deadline_at: Time,
}

/// One team on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its id.
    pub id: Id,
    /// The drill.
    pub drill: Id,
    /// The team.
    pub team: Id,
    /// By which channel.
    pub way: Way,
    /// Where.
    pub address: String,
    /// How the message travelled: `encrypted`, `signed`, `clear`; empty before it left.
    pub protection: String,
    /// What became of it.
    pub state: State,
    /// When the message left.
    pub asked_at: Option<Time>,
    /// When somebody answered.
    pub answered_at: Option<Time>,
    /// `link` or `mail`; empty without an answer.
    pub answered_by: String,
    /// Why the message did not arrive, in the words of whoever refused it.
    pub failure: String,
}

impl Check {
    /// What the mails of this test are about, in the queue.
    pub fn about(&self) -> String {
        format!("{DRILL_MAIL}{}", self.id)
    }

    /// The state after an answer that came at `at`, in a drill that ends at `deadline`; `None` when it changes nothing.
    pub fn after_answer(&self, at: Time, deadline: Time) -> Option<State> {
        match self.state {
            State::Waiting | State::Answered | State::Late | State::Unreachable => None,
            // A bounce from one member of a list does not outweigh another one's answer.
            State::Asked | State::Silent | State::Bounced if at <= deadline => Some(State::Answered),
            State::Asked | State::Silent | State::Bounced => Some(State::Late),
        }
    }

    /// From the message to the answer, in seconds; a clock that went backwards meanwhile gives 0.
    pub fn seconds(&self) -> Option<i64> {
        Some((self.answered_at?.saturating_sub(self.asked_at?) / SECOND).max(0))
    }
}

/// The figures of some tests.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Figures {
    /// Tests in all.
    pub tests: usize,
    /// Answered in time.
    pub answered: usize,
    /// Answered after the deadline.
    pub late: usize,
    /// Not answered by the deadline.
    pub silent: usize,
    /// Refused for good.
    pub bounced: usize,
    /// Without an address that can be written to.
    pub unreachable: usize,
    /// Still open.
    pub open: usize,
    /// Half of the answers came within this many seconds.
    pub median_seconds: Option<i64>,
    /// Nine of ten answers came within this many seconds.
    pub ninety_seconds: Option<i64>,
}

impl Figures {
    /// The figures of `checks`.
    pub fn of<'a>(checks: impl Iterator<Item = &'a Check>) -> Self {
        let mut figures = Self::default();
        let mut times = Vec::new();
        for check in checks {
            figures.tests += 1;
            *match check.state {
                State::Waiting | State::Asked => &mut figures.open,
                State::Answered => &mut figures.answered,
                State::Late => &mut figures.late,
                State::Silent => &mut figures.silent,
                State::Bounced => &mut figures.bounced,
                State::Unreachable => &mut figures.unreachable,
            } += 1;
            times.extend(check.seconds());
        }
        times.sort_unstable();
        figures.median_seconds = share(&times, 50);
        figures.ninety_seconds = share(&times, 90);
        figures
    }

    /// Teams that answered, of a hundred that were tested to the end.
    pub fn percent(&self) -> Option<usize> {
        let ended = self.tests - self.open;
        ((self.answered + self.late) * 100).checked_div(ended)
    }
}

/// The smallest of `sorted` that at least `percent` of a hundred do not exceed (nearest rank).
fn share(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}
