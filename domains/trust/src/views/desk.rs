//! The operator's desk, the board's table, and what the community is asked.

use contracts::trust::record::{Audience, Matter};
use identity::{Actor, Granted, Introduce, JudgeCases, LookUp};
use kit::{Id, Result, Time};

use super::case::{Countdown, countdowns};
use crate::process::{Listing, Phase, Stage, State};
use crate::{Trust, store};

/// A running case on the operator's desk.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Running {
    /// The team's id.
    #[schema(value_type = String)]
    pub team: Id,
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub phase: &'static str,
    /// The same in words that follow "the team is".
    pub phase_words: &'static str,
    /// Its standing.
    pub standing: &'static str,
    /// When something happened last.
    pub updated: Time,
    /// What is due next, and by whom.
    pub next: Option<Countdown>,
    /// The operator is to act.
    pub waits_for_us: bool,
    /// The operator, or the team, is late.
    pub overdue: bool,
    /// How many cases the board has about it.
    pub cases: usize,
    /// What a form names that is made from this: [`State::version_for`].
    pub number: i64,
}

/// A case on the board's table.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct BoardRow {
    /// The team's id.
    #[schema(value_type = String)]
    pub team: Id,
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// The case's number.
    pub case: u32,
    /// `review`, `suspension`, `reinstatement`, `certification`, `leave`.
    pub matter: &'static str,
    /// Since when.
    pub opened: Time,
    /// Until when the board votes; 0: no ballot is open.
    pub until: Time,
    /// The reader's own team may still cast its ballot.
    pub waits_for_us: bool,
}

/// Something that the community is asked.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct OpenQuestion {
    /// The team's id.
    #[schema(value_type = String)]
    pub team: Id,
    /// Its handle.
    pub handle: String,
    /// Its name.
    pub name: String,
    /// `sponsor`, `consultation`, `motion`.
    pub kind: &'static str,
    /// The case's number, for a motion; else 0.
    pub case: u32,
    /// Until when; 0: without a limit.
    pub until: Time,
    /// The reader's own team has spoken.
    pub answered: bool,
}

impl Trust {
    /// All running cases, those that wait for the operator first, then by what is due.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn desk(&self, granted: &Granted<Introduce>) -> Result<Vec<Running>> {
        let states = self.node().db.read(store::states).await?;
        let mut all: Vec<Running> =
            states.iter().filter_map(|(team, state)| self.running(granted.actor(), *team, state)).collect();
        all.sort_by_key(|row| {
            (!row.overdue, !row.waits_for_us, row.next.as_ref().map_or(Time::MAX, |next| next.due))
        });
        Ok(all)
    }

    fn running(&self, actor: &Actor, team: Id, state: &State) -> Option<Running> {
        let now = self.node().now();
        let runs = !matches!(state.phase, Phase::Unknown | Phase::Withdrawn) || !state.cases.is_empty();
        let quiet = matches!(state.phase, Phase::Listed { requested: 0, .. }) && state.cases.is_empty();
        if !runs || quiet {
            return None;
        }
        let subject = self.teams().directory().by_id(team)?;
        let due = countdowns(&self.settings().rules, state);
        let ours = due.iter().any(|countdown| countdown.who == "operator");
        let step = self.settings().rules.operator_step.after(state.updated);
        let late_team = due.iter().any(|countdown| countdown.due != 0 && countdown.due < now);
        let in_grace = state.accreditation().is_some_and(|accreditation| {
            accreditation.deadline.limit == contracts::trust::record::Limit::Grace
        });
        let next = due.iter().find(|countdown| countdown.who == "operator").or(due.first()).cloned();
        Some(Running {
            team,
            handle: subject.handle.clone(),
            name: subject.name.clone(),
            phase: state.phase.name(),
            phase_words: state.phase.words(),
            standing: state.standing_name(),
            updated: state.updated,
            next,
            waits_for_us: ours,
            overdue: (ours && step < now) || late_team || in_grace,
            cases: state.cases.len(),
            number: state.version_for(self.sees_as(actor, team)),
        })
    }

    /// The open cases of the review board, those that wait for the reader's ballot first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn board(&self, granted: &Granted<JudgeCases>) -> Result<Vec<BoardRow>> {
        let own = granted.team().to_string();
        let states = self.node().db.read(store::states).await?;
        let mut all = Vec::new();
        for (team, state) in &states {
            let Some(subject) = self.teams().directory().by_id(*team) else { continue };
            for (number, case) in &state.cases {
                let ballot = case.ballot.as_ref();
                let may = ballot.is_some_and(|ballot| {
                    ballot.eligible(&case.conflicts).any(|team| *team == own)
                        && !ballot.votes.contains_key(&own)
                });
                all.push(BoardRow {
                    team: *team,
                    handle: subject.handle.clone(),
                    name: subject.name.clone(),
                    case: *number,
                    matter: case.matter.name(),
                    opened: case.opened,
                    until: ballot.map_or(0, |ballot| ballot.until),
                    waits_for_us: may,
                });
            }
        }
        all.sort_by_key(|row| (!row.waits_for_us, row.until == 0, row.until, row.opened));
        Ok(all)
    }

    /// What the community is asked: sponsorships of the reader's team, consultations, motions that need seconders. Empty
    /// for readers whose team is no member.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn open_questions(&self, granted: &Granted<LookUp>) -> Result<Vec<OpenQuestion>> {
        let own = granted.team().to_string();
        let states = self.node().db.read(store::states).await?;
        let mut all = Vec::new();
        for (team, state) in &states {
            if self.sees(granted, *team) < Audience::Members {
                continue;
            }
            let Some(subject) = self.teams().directory().by_id(*team) else { continue };
            let mut add = |kind, case, until, answered| {
                let (handle, name) = (subject.handle.clone(), subject.name.clone());
                all.push(OpenQuestion { team: *team, handle, name, kind, case, until, answered });
            };
            if let Phase::Listing(Listing { named, sponsors, declined, stage, .. }) = &state.phase {
                if named.contains(&own) {
                    add("sponsor", 0, 0, sponsors.contains(&own) || declined.contains(&own));
                }
                if let Stage::Consultation { until, supports, objections } = stage {
                    add("consultation", 0, *until, supports.contains(&own) || objections.contains(&own));
                }
            }
            for (number, case) in &state.cases {
                if case.matter == Matter::Suspension && case.ballot.is_none() {
                    let answered = case.seconders.contains(&own) || case.opener == own;
                    add("motion", *number, 0, answered);
                }
            }
        }
        all.sort_by_key(|question| (question.answered, question.until));
        Ok(all)
    }
}
