//! The review board: cases, motions, conflicts of interest, ballots, and what follows from them.

use contracts::trust::record::{Change, Choice, Matter};
use kit::Time;

use super::listing::voter;
use super::{Asked, Decision, one};
use crate::process::command::{Refused, Step};
use crate::process::state::{Case, Phase, State};
use crate::process::{Paragraph, Rules, ballot};

pub(super) fn open_review(asked: Asked<'_>, grounds: &str) -> Decision {
    match asked.state.phase {
        Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn => Err(asked.not_now("A review")),
        _ => case(asked, Matter::Review, Paragraph::Review, 0, grounds),
    }
}

pub(super) fn open_reinstatement(asked: Asked<'_>, grounds: &str) -> Decision {
    match asked.state.phase {
        Phase::Suspended { .. } => case(asked, Matter::Reinstatement, Paragraph::Reinstatement, 0, grounds),
        _ => Err(asked.not_now("A reinstatement")),
    }
}

pub(super) fn open_leave(asked: Asked<'_>, grounds: &str) -> Decision {
    match asked.state.phase {
        Phase::Unknown | Phase::Withdrawn
            if asked.state.rejections >= asked.rules.rejections && !asked.state.leave =>
        {
            case(asked, Matter::Leave, Paragraph::Rejection, 0, grounds)
        }
        _ => Err(Refused::new("The team needs no leave", "It can apply")),
    }
}

pub(super) fn propose_suspension(asked: Asked<'_>, grounds: &str) -> Decision {
    voter(asked)?;
    match asked.state.phase {
        Phase::Listed { .. } | Phase::Invited(_) | Phase::Candidate(_) | Phase::Accredited(_) => {
            case(asked, Matter::Suspension, Paragraph::Motion, asked.rules.seconders, grounds)
        }
        _ => Err(asked.not_now("A motion to suspend it")),
    }
}

/// Opens a case about `matter`, with `grounds` as the first thing in its file.
pub(super) fn case(
    asked: Asked<'_>,
    matter: Matter,
    paragraph: Paragraph,
    seconders: u32,
    grounds: &str,
) -> Decision {
    if let Some((number, _)) = asked.state.case_about(matter) {
        return Err(Refused::new(
            format!("Case {number} is about this already"),
            "Put what you have into its file",
        ));
    }
    let text = asked.text(grounds, "The grounds")?;
    let number = asked.state.last_case + 1;
    Ok(vec![
        Step::new(paragraph, Change::CaseOpened { case: number, matter, seconders }),
        Step::new(paragraph, Change::Filed { case: number, text }),
    ])
}

pub(super) fn second(asked: Asked<'_>, number: u32) -> Decision {
    let case = open(asked, number)?;
    let seconder = voter(asked)?;
    if case.matter != Matter::Suspension {
        return Err(Refused::new("This case is no motion", "It needs no seconders"));
    }
    if case.opener == seconder {
        return Err(Refused::new("Your team proposed it", "Other teams second it"));
    }
    if case.seconders.contains(&seconder) {
        return Err(Refused::new("Your team seconds it already", "Nothing more is needed"));
    }
    one(Paragraph::Motion, Change::Seconded { case: number, seconder })
}

pub(super) fn file(asked: Asked<'_>, number: u32, text: &str) -> Decision {
    let case = open(asked, number)?;
    not_conflicted(asked, case)?;
    one(Paragraph::Review, Change::Filed { case: number, text: asked.text(text, "The text")? })
}

pub(super) fn declare_conflict(asked: Asked<'_>, number: u32, reason: &str) -> Decision {
    let case = open(asked, number)?;
    let member = asked.team()?.to_owned();
    if case.conflicts.contains(&member) {
        return Err(Refused::new("Your team has declared it already", "It does not vote in this case"));
    }
    let reason = asked.text(reason, "The conflict of interest")?;
    let mut steps =
        one(Paragraph::Ballot, Change::Conflicted { case: number, member: member.clone(), reason })?;
    let mut after = case.clone();
    after.conflicts.insert(member.clone());
    if let Some(ballot) = &mut after.ballot {
        ballot.votes.remove(&member);
    }
    steps.extend(close_if_complete(asked, number, &after));
    Ok(steps)
}

pub(super) fn open_ballot(asked: Asked<'_>, number: u32) -> Decision {
    let case = open(asked, number)?;
    not_conflicted(asked, case)?;
    if case.ballot.is_some() {
        return Err(Refused::new("The board votes already", "Wait for the end of the ballot"));
    }
    let seconders = u32::try_from(case.seconders.len()).unwrap_or(u32::MAX);
    if seconders < case.needs {
        return Err(Refused::new(
            format!("The motion has {seconders} of {} seconders", case.needs),
            "Other teams of the community second it first",
        ));
    }
    // The team concerned does not judge itself.
    let roll: Vec<String> =
        asked.facts.board.iter().filter(|team| **team != asked.facts.team).cloned().collect();
    if roll.iter().all(|team| case.conflicts.contains(team)) {
        return Err(Refused::new(
            "Nobody on the board may vote in this case",
            "The owner of the community gives seats to further teams",
        ));
    }
    let (quorum, of) = (asked.rules.quorum, asked.rules.quorum_of);
    let until = asked.rules.ballot.after(asked.now);
    one(Paragraph::Ballot, Change::BallotOpened { case: number, until, roll, quorum, of })
}

pub(super) fn vote(asked: Asked<'_>, number: u32, choice: Choice) -> Decision {
    let case = open(asked, number)?;
    let voter = asked.team()?.to_owned();
    let Some(ballot) = &case.ballot else {
        return Err(Refused::new("No ballot is open in this case", "Somebody of the board opens it"));
    };
    if asked.now >= ballot.until {
        return Err(Refused::new(
            format!("The ballot ended on {}", ui::format::date(ballot.until)),
            "Your vote was not counted; a ballot without a decision can be repeated",
        ));
    }
    not_conflicted(asked, case)?;
    if !ballot.roll.contains(&voter) {
        return Err(Refused::new(
            "Your team is not on the roll of this ballot",
            "The roll was fixed when it was opened",
        ));
    }
    if ballot.votes.contains_key(&voter) {
        return Err(Refused::new("Your team has cast its ballot", "Each team has one, and it stays"));
    }
    if !ballot::choices(case.matter).contains(&choice) {
        let known: Vec<&str> = ballot::choices(case.matter).iter().map(|choice| choice.name()).collect();
        return Err(Refused::new(
            format!("{} cannot be decided in this case", choice.name()),
            format!("Choose among {}", known.join(", ")),
        ));
    }
    let mut steps = one(Paragraph::Ballot, Change::Voted { case: number, voter: voter.clone(), choice })?;
    let mut after = case.clone();
    if let Some(ballot) = &mut after.ballot {
        ballot.votes.insert(voter, choice);
    }
    steps.extend(close_if_complete(asked, number, &after));
    Ok(steps)
}

pub(super) fn close(asked: Asked<'_>, number: u32, reason: &str) -> Decision {
    let case = open(asked, number)?;
    not_conflicted(asked, case)?;
    if case.ballot.is_some() {
        return Err(Refused::new("The board votes on it", "Wait for the end of the ballot"));
    }
    if case.needs > 0 && u32::try_from(case.seconders.len()).unwrap_or(u32::MAX) >= case.needs {
        return Err(Refused::new(
            "Enough teams second this motion",
            "The board votes on it: open the ballot",
        ));
    }
    one(Paragraph::Review, Change::CaseClosed { case: number, reason: asked.text(reason, "The reason")? })
}

fn open<'a>(asked: Asked<'a>, number: u32) -> Result<&'a Case, Refused> {
    asked.state.cases.get(&number).ok_or_else(|| {
        Refused::new(
            format!("The team has no open case {number}"),
            "Look at the case again; it may be closed",
        )
    })
}

fn not_conflicted(asked: Asked<'_>, case: &Case) -> Result<(), Refused> {
    let team = asked.by.team.as_deref().unwrap_or_default();
    if case.conflicts.contains(team) || team == asked.facts.team {
        return Err(Refused::new("Your team has a conflict of interest in this case", "Others decide it"));
    }
    Ok(())
}

fn close_if_complete(asked: Asked<'_>, number: u32, case: &Case) -> Vec<Step> {
    match &case.ballot {
        Some(ballot) if ballot.is_complete(&case.conflicts) => {
            close_ballot(asked.rules, asked.state, asked.now, number, case)
        }
        _ => Vec::new(),
    }
}

/// Closes the ballot of `case`: the count, and what follows from it.
pub(in crate::process) fn close_ballot(
    rules: &Rules,
    state: &State,
    now: Time,
    number: u32,
    case: &Case,
) -> Vec<Step> {
    let Some(ballot) = &case.ballot else { return Vec::new() };
    let outcome = ballot.outcome(&case.conflicts);
    let mut steps = vec![Step::new(
        Paragraph::Ballot,
        Change::BallotClosed {
            case: number,
            outcome: outcome.choice,
            counts: outcome.counts,
            needed: outcome.needed,
            closes: outcome.choice.is_some(),
        },
    )];
    if let Some(choice) = outcome.choice {
        steps.extend(after_ballot(rules, state, now, number, choice));
    }
    steps
}

/// What a decision of the board does where the team is now; nothing where it has become pointless.
pub(in crate::process) fn after_ballot(
    rules: &Rules,
    state: &State,
    now: Time,
    case: u32,
    choice: Choice,
) -> Vec<Step> {
    let phase = &state.phase;
    let change = match (choice, phase) {
        (
            Choice::Suspend,
            Phase::Listed { .. } | Phase::Invited(_) | Phase::Candidate(_) | Phase::Accredited(_),
        ) => (Paragraph::Motion, Change::Suspended { case }),
        (
            Choice::FallBack,
            Phase::Invited(_) | Phase::Candidate(_) | Phase::Accredited(_) | Phase::Suspended { .. },
        ) => (Paragraph::FallBack, Change::FellBack { case }),
        (Choice::Withdraw, phase)
            if !matches!(phase, Phase::Unknown | Phase::Listing(_) | Phase::Withdrawn) =>
        {
            (Paragraph::Review, Change::Withdrawn { case, again_from: rules.reapply_withdrawn.after(now) })
        }
        (Choice::Reinstate, Phase::Suspended { was }) => {
            let due = if was.is_some() { rules.confirmation.after(now) } else { 0 };
            (Paragraph::Reinstatement, Change::Reinstated { due })
        }
        (Choice::Certify, Phase::Accredited(_)) => {
            (Paragraph::Certification, Change::Certified { until: rules.certification.after(now) })
        }
        (Choice::Allow, Phase::Unknown | Phase::Withdrawn) => (Paragraph::Rejection, Change::LeaveGiven {}),
        // Kept although it has not confirmed: it has another grace.
        (Choice::Keep, Phase::Accredited(accreditation))
            if accreditation.deadline.limit == contracts::trust::record::Limit::Grace
                && accreditation.deadline.due <= now =>
        {
            (Paragraph::Confirmation, Change::Overdue { grace_until: rules.grace.after(now) })
        }
        _ => return Vec::new(),
    };
    vec![Step::new(change.0, change.1)]
}
