//! What ends a step early, and what the operator does beyond the rules, with a reason that stands in the report.

use contracts::trust::record::{Change, Ending, Matter};
use kit::Time;

use super::{Asked, Decision, one};
use crate::process::Paragraph;
use crate::process::command::{Refused, Step};
use crate::process::state::Phase;

pub(super) fn decline(asked: Asked<'_>, reason: &str) -> Decision {
    let reason = asked.text(reason, "The reason")?;
    end(asked, Ending::Declined, reason)
}

pub(super) fn take_back(asked: Asked<'_>) -> Decision {
    end(asked, Ending::TakenBack, String::new())
}

/// Ends an application, a request, an invitation or a candidacy.
fn end(asked: Asked<'_>, ending: Ending, reason: String) -> Decision {
    let (rules, now) = (asked.rules, asked.now);
    match &asked.state.phase {
        Phase::Listing(_) => {
            let rejected = u32::from(ending == Ending::Declined);
            let rejections = asked.state.rejections + rejected;
            let again_from = if rejected == 1 { rules.reapply.after(now) } else { 0 };
            one(Paragraph::Rejection, Change::ListingEnded { ending, reason, rejections, again_from })
        }
        Phase::Invited(_) => {
            one(Paragraph::Invitation, Change::InvitationEnded { ending, reason, again_from: 0 })
        }
        Phase::Listed { requested, .. } if *requested != 0 => {
            one(Paragraph::Invitation, Change::InvitationEnded { ending, reason, again_from: 0 })
        }
        Phase::Candidate(_) => {
            let again_from = rules.reinvite.after(now);
            one(Paragraph::Completion, Change::CandidacyEnded { ending, again_from })
        }
        _ => Err(asked.not_now("Ending a request")),
    }
}

pub(super) fn move_limit(asked: Asked<'_>, until: Time, reason: &str) -> Decision {
    let reason = asked.text(reason, "The reason")?;
    if asked.by.team.as_deref() == Some(asked.facts.team.as_str()) {
        return Err(Refused::new(
            "You are of this team",
            "Somebody of another team decides about its limits",
        ));
    }
    let waits = asked.state.again_from > asked.now;
    let runs = match &asked.state.phase {
        Phase::Unknown | Phase::Listed { .. } | Phase::Withdrawn => waits,
        Phase::Listing(listing) => {
            !matches!(listing.stage, crate::process::Stage::Applied | crate::process::Stage::Ready { .. })
        }
        Phase::Suspended { .. } => false,
        _ => true,
    };
    if !runs {
        return Err(Refused::new("No limit runs", "There is nothing to move"));
    }
    if until <= asked.now && !waits {
        return Err(Refused::new("The new end is past", "Choose a day that is to come"));
    }
    if until > asked.rules.whole.after(asked.now) {
        return Err(Refused::new(
            "The new end is too far away",
            format!("Choose a day within {}", asked.rules.whole),
        ));
    }
    // A wait may end at once, but 0 would say that nothing was moved.
    one(Paragraph::Override, Change::Overridden { deed: "limit moved".into(), reason, until: until.max(1) })
}

pub(super) fn suspend_at_once(asked: Asked<'_>, reason: &str) -> Decision {
    let reason = asked.text(reason, "The reason")?;
    match &asked.state.phase {
        Phase::Listed { .. } | Phase::Invited(_) | Phase::Candidate(_) | Phase::Accredited(_) => {}
        _ => return Err(asked.not_now("A suspension")),
    }
    let mut steps = vec![
        Step::new(
            Paragraph::Override,
            Change::Overridden { deed: "suspended at once".into(), reason: reason.clone(), until: 0 },
        ),
        Step::new(Paragraph::Override, Change::Suspended { case: 0 }),
    ];
    if asked.state.case_about(Matter::Reinstatement).is_none() {
        steps.extend(super::board::case(asked, Matter::Reinstatement, Paragraph::Reinstatement, 0, &reason)?);
    }
    Ok(steps)
}
