//! What an accredited team does: confirm, ask for certification, leave.

use contracts::trust::record::{Change, Matter};

use super::board::case;
use super::listing::lacks;
use super::{Asked, Decision, one};
use crate::process::Paragraph;
use crate::process::command::{Assessed, Refused, Step};
use crate::process::state::Phase;

pub(super) fn confirm(asked: Asked<'_>, record: &str) -> Decision {
    let Phase::Accredited(_) = &asked.state.phase else { return Err(asked.not_now("Confirming the record")) };
    if record != asked.facts.record {
        return Err(Refused::new(
            "The record was changed since you looked at it",
            "Look at it as it is now, and confirm that",
        ));
    }
    if !asked.facts.missing.is_empty() {
        return Err(lacks(&asked.facts.missing));
    }
    let due = asked.rules.confirmation.after(asked.now);
    one(Paragraph::Confirmation, Change::Confirmed { record: asked.facts.record.clone(), due })
}

pub(super) fn request_certification(asked: Asked<'_>, report: &str) -> Decision {
    let Phase::Accredited(accreditation) = &asked.state.phase else {
        return Err(asked.not_now("Asking for certification"));
    };
    let from = asked.rules.certification_after.after(accreditation.since);
    if asked.now < from {
        return Err(Refused::new(
            format!("A team must be accredited for {}", asked.rules.certification_after),
            format!("Ask again from {}", ui::format::date(from)),
        ));
    }
    if asked.state.is_under_review() {
        return Err(Refused::new("The team is under special review", "Ask again when it is over"));
    }
    if accreditation.deadline.limit != contracts::trust::record::Limit::Confirmation {
        return Err(Refused::new("The record was not confirmed in time", "Confirm it first"));
    }
    if let Some(certified) = &accreditation.certified {
        let from = asked.rules.recertification.before(certified.deadline.due);
        if asked.now < from {
            return Err(Refused::new(
                "The certification is good for longer",
                format!("Ask again from {}", ui::format::date(from)),
            ));
        }
    }
    let mut steps = case(asked, Matter::Certification, Paragraph::Certification, 0, report)?;
    let number = asked.state.last_case + 1;
    let (text, evidence) = match &asked.facts.assessed {
        Some(Assessed { document, day }) => (
            format!(
                "The team assessed itself on {day}: the statement is attached. Its levels are the team's own, which hands \
                 them over as the file that the statement names."
            ),
            vec![document.clone()],
        ),
        None => ("The team has given no self-assessment.".to_owned(), Vec::new()),
    };
    let filed = Step::new(Paragraph::Certification, Change::Filed { case: number, text });
    steps.push(Step { evidence, ..filed });
    Ok(steps)
}

pub(super) fn depart(asked: Asked<'_>) -> Decision {
    match asked.state.phase {
        Phase::Unknown | Phase::Withdrawn | Phase::Listing(_) => Err(asked.not_now("Leaving")),
        // Leaving is no way around the board.
        Phase::Suspended { .. } => {
            Err(Refused::new("The team is suspended", "The board decides about it first"))
        }
        _ => {
            let again_from = asked.rules.reapply_withdrawn.after(asked.now);
            one(Paragraph::Departure, Change::Withdrawn { case: 0, again_from })
        }
    }
}
