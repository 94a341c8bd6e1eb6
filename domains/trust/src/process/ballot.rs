//! A ballot of the review board: one for each team, a quorum of those without a conflict of interest, a majority of
//! what was cast for something.

use std::collections::{BTreeMap, BTreeSet};

use contracts::trust::record::{Choice, Count, Matter};
use kit::Time;
use serde::{Deserialize, Serialize};

/// A ballot that is open. Who voted what is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// Since when.
    pub opened: Time,
    /// Until when votes count.
    pub until: Time,
    /// The teams on the board when it was opened.
    pub roll: BTreeSet<String>,
    /// The quorum: so many of …
    pub quorum: u32,
    /// … every so many without a conflict.
    pub of: u32,
    /// What was cast, by team.
    pub votes: BTreeMap<String, Choice>,
}

/// What came of a ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What has the majority; none without quorum or majority.
    pub choice: Option<Choice>,
    /// Votes for each choice that has any.
    pub counts: Vec<Count>,
    /// How many ballots the quorum needed.
    pub needed: u32,
}

impl Ballot {
    /// The teams that may vote: those on the roll without a conflict of interest.
    pub fn eligible<'a>(&'a self, conflicts: &'a BTreeSet<String>) -> impl Iterator<Item = &'a String> {
        self.roll.difference(conflicts)
    }

    /// How many ballots a quorum needs: the stated part of those eligible, rounded up, and at least one.
    pub fn needed(&self, conflicts: &BTreeSet<String>) -> u32 {
        let eligible = u32::try_from(self.eligible(conflicts).count()).unwrap_or(u32::MAX);
        eligible.saturating_mul(self.quorum).div_ceil(self.of.max(1)).max(1)
    }

    /// Whether all who may vote have.
    pub fn is_complete(&self, conflicts: &BTreeSet<String>) -> bool {
        let mut eligible = self.eligible(conflicts).peekable();
        eligible.peek().is_some() && eligible.all(|team| self.votes.contains_key(team))
    }

    /// What comes of it when it is closed now.
    pub fn outcome(&self, conflicts: &BTreeSet<String>) -> Outcome {
        let mut counted: BTreeMap<Choice, u32> = BTreeMap::new();
        for team in self.eligible(conflicts) {
            if let Some(choice) = self.votes.get(team) {
                *counted.entry(*choice).or_default() += 1;
            }
        }
        let needed = self.needed(conflicts);
        let cast: u32 = counted.values().sum();
        let decided: u32 =
            counted.iter().filter(|(choice, _)| **choice != Choice::Abstain).map(|(_, n)| n).sum();
        let most = counted.iter().filter(|(choice, _)| **choice != Choice::Abstain).max_by_key(|(_, n)| **n);
        let choice = most.filter(|(_, n)| cast >= needed && **n * 2 > decided).map(|(choice, _)| *choice);
        let counts = counted.into_iter().map(|(choice, votes)| Count { choice, votes }).collect();
        Outcome { choice, counts, needed }
    }
}

/// What the board may decide about `matter`, the choice that changes nothing first.
pub const fn choices(matter: Matter) -> &'static [Choice] {
    match matter {
        Matter::Review => {
            &[Choice::Keep, Choice::FallBack, Choice::Suspend, Choice::Withdraw, Choice::Abstain]
        }
        Matter::Suspension => &[Choice::Keep, Choice::Suspend, Choice::Abstain],
        Matter::Reinstatement => &[Choice::Keep, Choice::Reinstate, Choice::Withdraw, Choice::Abstain],
        Matter::Certification => &[Choice::Keep, Choice::Certify, Choice::Abstain],
        Matter::Leave => &[Choice::Keep, Choice::Allow, Choice::Abstain],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ballot(votes: &[(&str, Choice)]) -> Ballot {
        Ballot {
            opened: 0,
            until: 1,
            roll: ["a", "b", "c", "d", "e"].map(String::from).into(),
            quorum: 1,
            of: 2,
            votes: votes.iter().map(|(team, choice)| ((*team).to_owned(), *choice)).collect(),
        }
    }

    #[test]
    fn a_majority_of_a_quorum_decides_and_nothing_less() {
        use Choice::{Abstain, Keep, Suspend};
        let none = BTreeSet::new();
        let outcome = |votes: &[(&str, Choice)]| ballot(votes).outcome(&none).choice;
        assert_eq!(outcome(&[]), None);
        assert_eq!(outcome(&[("a", Suspend), ("b", Suspend)]), None, "no quorum: three of five");
        assert_eq!(outcome(&[("a", Suspend), ("b", Suspend), ("c", Keep)]), Some(Suspend));
        assert_eq!(outcome(&[("a", Suspend), ("b", Keep), ("c", Abstain)]), None, "no majority");
        assert_eq!(outcome(&[("a", Suspend), ("b", Abstain), ("c", Abstain)]), Some(Suspend));
        assert_eq!(outcome(&[("a", Abstain), ("b", Abstain), ("c", Abstain)]), None);
        assert_eq!(outcome(&[("a", Suspend), ("b", Suspend), ("x", Suspend)]), None, "not on the roll");
    }

    #[test]
    fn a_conflicted_team_is_counted_out_of_the_quorum_and_its_vote_with_it() {
        use Choice::Suspend;
        let conflicts = ["c", "d", "e"].map(String::from).into();
        let cast = ballot(&[("a", Suspend), ("c", Choice::Keep)]);
        assert_eq!(cast.needed(&conflicts), 1);
        assert_eq!(cast.outcome(&conflicts).choice, Some(Suspend));
        assert!(!cast.is_complete(&conflicts));
        let all = ["a", "b", "c", "d", "e"].map(String::from).into();
        assert_eq!(cast.outcome(&all).choice, None);
        assert!(!cast.is_complete(&all));
    }
}
