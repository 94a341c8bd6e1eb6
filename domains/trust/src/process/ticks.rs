//! What happens when time passes: reminders, lapses, the ends of consultations and ballots.
//!
//! [`next`] says what is to happen when, out of the state alone; [`tick`] gives what is due. What has happened is in the
//! state, so a clock that is put back repeats nothing. After a clock has jumped ahead each step happens once and in
//! order: reminders that were missed become one, and nothing lapses before that reminder is `notice` old.

use contracts::trust::record::{Change, Ending, Limit, Matter};
use kit::Time;

use super::command::Step;
use super::decide::close_ballot;
use super::rules::OnLapse;
use super::state::{Deadline, Listing, Phase, Stage};
use super::{Paragraph, Rules, State};

/// What is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Remind(Limit),
    Lapse(Limit),
    Consultation,
    Ballot(u32),
}

/// When something is to happen next, if nobody does anything meanwhile.
pub fn next_at(rules: &Rules, state: &State) -> Option<Time> {
    next(rules, state).map(|(at, _)| at)
}

/// The entries that are due at `now`, first things first; empty when nothing is due. Apply them and ask again.
pub fn tick(rules: &Rules, state: &State, now: Time) -> Vec<Step> {
    match next(rules, state) {
        Some((at, due)) if at <= now => steps(rules, state, now, due),
        _ => Vec::new(),
    }
}

fn next(rules: &Rules, state: &State) -> Option<(Time, Due)> {
    let mut all: Vec<(Time, Due)> = Vec::new();
    all.extend(state.deadlines().into_iter().filter_map(|deadline| of_deadline(rules, state, deadline)));
    if let Phase::Listing(Listing { stage: Stage::Consultation { until, .. }, .. }) = &state.phase {
        all.push((*until, Due::Consultation));
    }
    for (number, case) in &state.cases {
        all.extend(case.ballot.as_ref().map(|ballot| (ballot.until, Due::Ballot(*number))));
    }
    all.into_iter().min_by_key(|(at, _)| *at)
}

fn of_deadline(rules: &Rules, state: &State, deadline: &Deadline) -> Option<(Time, Due)> {
    if let Some((_, at)) = reminders(rules, deadline).find(|(step, _)| *step > deadline.reminded) {
        return Some((at, Due::Remind(deadline.limit)));
    }
    let waits_for_board = deadline.limit == Limit::Grace
        && rules.on_lapse == OnLapse::Review
        && state.case_about(Matter::Review).is_some();
    if waits_for_board {
        return None;
    }
    let noticed =
        if deadline.reminded_at == 0 { deadline.due } else { rules.notice.after(deadline.reminded_at) };
    Some((deadline.due.max(noticed), Due::Lapse(deadline.limit)))
}

/// The reminders of a limit: number from 1, and when. Those that would fall before it was set are none.
fn reminders<'a>(rules: &'a Rules, deadline: &'a Deadline) -> impl Iterator<Item = (u32, Time)> + 'a {
    let all = (1..).zip(rules.reminders.iter().map(|before| before.before(deadline.due)));
    all.filter(|(_, at)| *at > deadline.from)
}

fn steps(rules: &Rules, state: &State, now: Time, due: Due) -> Vec<Step> {
    match due {
        Due::Remind(limit) => remind(rules, state, now, limit),
        Due::Lapse(limit) => lapse(rules, state, now, limit),
        Due::Consultation => consultation(rules, state, now),
        Due::Ballot(number) => match state.cases.get(&number) {
            Some(case) => close_ballot(rules, state, now, number, case),
            None => Vec::new(),
        },
    }
}

fn remind(rules: &Rules, state: &State, now: Time, limit: Limit) -> Vec<Step> {
    let Some(deadline) = state.deadlines().into_iter().find(|deadline| deadline.limit == limit) else {
        return Vec::new();
    };
    let last = reminders(rules, deadline).filter(|(_, at)| *at <= now).last();
    let step = last.map_or(deadline.reminded + 1, |(step, _)| step);
    let paragraph = match limit {
        Limit::Acceptance => Paragraph::Acceptance,
        Limit::ListingData => Paragraph::ListingData,
        Limit::Completion => Paragraph::Completion,
        Limit::Confirmation | Limit::Grace => Paragraph::Confirmation,
        Limit::Certification => Paragraph::Certification,
    };
    vec![Step::new(paragraph, Change::Reminded { limit, step, due: deadline.due })]
}

fn lapse(rules: &Rules, state: &State, now: Time, limit: Limit) -> Vec<Step> {
    let (ending, reason) = (Ending::Lapsed, String::new());
    let step = match (limit, &state.phase) {
        (Limit::Acceptance | Limit::ListingData, Phase::Listing(_)) => {
            let rejections = state.rejections;
            (Paragraph::ListingRules, Change::ListingEnded { ending, reason, rejections, again_from: 0 })
        }
        (Limit::Acceptance, _) => {
            (Paragraph::Acceptance, Change::InvitationEnded { ending, reason, again_from: 0 })
        }
        (Limit::Completion, _) => {
            (Paragraph::Completion, Change::CandidacyEnded { ending, again_from: rules.reinvite.after(now) })
        }
        (Limit::Confirmation, _) => {
            (Paragraph::Confirmation, Change::Overdue { grace_until: rules.grace.after(now) })
        }
        (Limit::Grace, _) if rules.on_lapse == OnLapse::Review => {
            let case = state.last_case + 1;
            (Paragraph::Review, Change::CaseOpened { case, matter: Matter::Review, seconders: 0 })
        }
        (Limit::Grace, _) => (Paragraph::FallBack, Change::FellBack { case: 0 }),
        (Limit::Certification, _) => (Paragraph::Certification, Change::CertificationEnded {}),
        (Limit::ListingData, _) => return Vec::new(),
    };
    vec![Step::new(step.0, step.1)]
}

fn consultation(rules: &Rules, state: &State, now: Time) -> Vec<Step> {
    let Phase::Listing(Listing { stage: Stage::Consultation { supports, objections, .. }, .. }) =
        &state.phase
    else {
        return Vec::new();
    };
    let supported = u32::try_from(supports.len()).unwrap_or(u32::MAX);
    let change = if supported >= rules.supports && objections.is_empty() {
        Change::Listed { supports: supported }
    } else {
        Change::ListingEnded {
            ending: Ending::Consultation,
            reason: String::new(),
            rejections: state.rejections + 1,
            again_from: rules.reapply.after(now),
        }
    };
    vec![Step::new(Paragraph::Consultation, change)]
}
