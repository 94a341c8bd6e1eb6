//! From the invitation to accreditation: signature, complete record, verification by somebody else.

use contracts::trust::record::Change;
use kit::clock::{HOUR, SECOND};

use super::listing::lacks;
use super::{Asked, Decision, one};
use crate::process::Paragraph;
use crate::process::command::{Acceptance, Refused, Step};
use crate::process::state::{Candidacy, Listing, Phase, Stage};

/// Most questions in one verification.
const MOST_QUESTIONS: usize = 500;

pub(super) fn request(asked: Asked<'_>) -> Decision {
    let Phase::Listed { requested: 0, .. } = asked.state.phase else {
        return Err(asked.not_now("Asking for accreditation"));
    };
    asked.waited()?;
    one(Paragraph::Invitation, Change::AccreditationRequested {})
}

pub(super) fn invite(asked: Asked<'_>) -> Decision {
    let Phase::Listed { .. } = asked.state.phase else { return Err(asked.not_now("An invitation")) };
    asked.waited()?;
    let (document, whole_until) = (asked.facts.document.clone(), asked.rules.whole.after(asked.now));
    let until = asked.rules.acceptance.after(asked.now).min(whole_until);
    let change = Change::Invited { document: document.clone(), until, whole_until };
    Ok(vec![Step { evidence: vec![document], ..Step::new(Paragraph::Invitation, change) }])
}

pub(super) fn sign(asked: Asked<'_>, acceptance: &Acceptance) -> Decision {
    let (document, deadline) = match &asked.state.phase {
        Phase::Listing(Listing { stage: Stage::Rules { document, deadline }, .. }) => (document, deadline),
        Phase::Invited(invitation) => (&invitation.document, &invitation.deadline),
        _ => return Err(asked.not_now("A signature")),
    };
    if acceptance.document != *document {
        return Err(Refused::new(
            "The signature is over another document",
            "Download the document again and sign exactly these bytes",
        ));
    }
    if asked.now >= deadline.due {
        return Err(Refused::new(
            format!("The time to sign ended on {}", ui::format::date(deadline.due)),
            "Ask the operator to begin again",
        ));
    }
    // OpenPGP counts whole seconds.
    let is_older = acceptance.at + SECOND < deadline.from;
    if is_older || acceptance.at < asked.rules.signature_age.before(asked.now) {
        return Err(Refused::new(
            format!("The signature was made on {}: it is stale", ui::format::date(acceptance.at)),
            "Sign the document anew",
        ));
    }
    if acceptance.at > asked.now + HOUR {
        return Err(Refused::new(
            "The signature is dated in the future",
            "Set the clock right and sign anew",
        ));
    }
    let evidence = vec![acceptance.document.clone(), acceptance.signature.clone()];
    let signature = Some(acceptance.by.clone());
    let (paragraph, change) = match &asked.state.phase {
        Phase::Invited(invitation) => {
            let until = asked.rules.completion.after(asked.now).min(invitation.whole_until);
            (Paragraph::Acceptance, Change::CandidacyBegun { signed_at: acceptance.at, until })
        }
        _ => {
            let until = asked.rules.listing_data.after(asked.now);
            (Paragraph::ListingRules, Change::RulesSigned { signed_at: acceptance.at, until })
        }
    };
    Ok(vec![Step { change, paragraph, evidence, signature }])
}

pub(super) fn complete(asked: Asked<'_>) -> Decision {
    let candidacy = candidate(asked, "Declaring the record complete")?;
    if !asked.facts.missing.is_empty() {
        return Err(lacks(&asked.facts.missing));
    }
    no_open_question(candidacy, "Answer them first")?;
    if candidacy.completed.as_ref() == Some(&asked.facts.record) {
        return Err(Refused::new("This record was declared complete before", "The operator verifies it now"));
    }
    one(Paragraph::Completion, Change::Completed { record: asked.facts.record.clone() })
}

pub(super) fn ask(asked: Asked<'_>, text: &str) -> Decision {
    let candidacy = candidate(asked, "A question")?;
    if candidacy.questions.len() >= MOST_QUESTIONS {
        return Err(Refused::new("There are enough questions", "Decide, or put the team under review"));
    }
    let question = candidacy.questions.keys().max().copied().unwrap_or(0) + 1;
    one(Paragraph::Verification, Change::Asked { question, text: asked.text(text, "The question")? })
}

pub(super) fn answer(asked: Asked<'_>, question: u32, text: &str) -> Decision {
    let candidacy = candidate(asked, "An answer")?;
    if !candidacy.questions.contains_key(&question) {
        return Err(Refused::new(
            format!("There is no question {question}"),
            "Look at the list of questions",
        ));
    }
    one(Paragraph::Verification, Change::Answered { question, text: asked.text(text, "The answer")? })
}

pub(super) fn verify(asked: Asked<'_>, finding: &str) -> Decision {
    let candidacy = candidate(asked, "A verification")?;
    let verifier = asked.account()?;
    if asked.team()? == asked.facts.team {
        return Err(Refused::new("You are of this team", "Somebody of another team verifies it"));
    }
    if candidacy.applicants.contains(verifier) {
        return Err(Refused::new(
            "You have acted for this team in its candidacy",
            "Somebody else verifies it",
        ));
    }
    no_open_question(candidacy, "Remind the team")?;
    match &candidacy.completed {
        None => {
            return Err(Refused::new(
                "The team has not declared its record complete",
                "It does so on its page",
            ));
        }
        Some(record) if *record != asked.facts.record => {
            return Err(Refused::new(
                "The record was changed since the team declared it complete",
                "The team declares it complete again",
            ));
        }
        Some(_) => {}
    }
    if !asked.facts.missing.is_empty() {
        return Err(lacks(&asked.facts.missing));
    }
    let finding = asked.text(finding, "What was found")?;
    one(Paragraph::Verification, Change::Verified { record: asked.facts.record.clone(), finding })
}

fn no_open_question(candidacy: &Candidacy, todo: &str) -> Result<(), Refused> {
    let waiting = candidacy.questions.iter().filter(|(_, answered)| !**answered);
    let waiting: Vec<String> = waiting.map(|(number, _)| number.to_string()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    Err(Refused::new(format!("Questions wait for an answer: {}", waiting.join(", ")), todo))
}

pub(super) fn accredit(asked: Asked<'_>) -> Decision {
    let candidacy = candidate(asked, "Accreditation")?;
    let Some(verification) = &candidacy.verified else {
        return Err(Refused::new("The record was not verified", "Verify it first"));
    };
    if candidacy.applicants.contains(&verification.verifier) || verification.team == asked.facts.team {
        return Err(Refused::new(
            "Who verified the record acted for the team, too",
            "Somebody else verifies it",
        ));
    }
    if verification.record != asked.facts.record {
        return Err(Refused::new(
            "The record was changed since it was verified",
            "The team declares it complete again, and it is verified again",
        ));
    }
    no_open_question(candidacy, "Remind the team")?;
    if !asked.facts.missing.is_empty() {
        return Err(lacks(&asked.facts.missing));
    }
    if let Some(why) = &asked.facts.signature_lost {
        return Err(Refused::new(
            format!("The signed rules do not hold any more: {why}"),
            "End the candidacy and invite the team anew, with a key that is good",
        ));
    }
    let change = Change::Accredited { due: asked.rules.confirmation.after(asked.now) };
    let evidence = vec![candidacy.signed.document.clone(), candidacy.signed.signature.clone()];
    let signature = Some(candidacy.signed.by.clone());
    Ok(vec![Step { change, paragraph: Paragraph::Accreditation, evidence, signature }])
}

fn candidate<'a>(asked: Asked<'a>, what: &str) -> Result<&'a Candidacy, Refused> {
    match &asked.state.phase {
        Phase::Candidate(candidacy) if asked.now < candidacy.deadline.due => Ok(candidacy),
        Phase::Candidate(candidacy) => Err(Refused::new(
            format!("The candidacy ended on {}", ui::format::date(candidacy.deadline.due)),
            "The operator may move the limit for a stated reason",
        )),
        _ => Err(asked.not_now(what)),
    }
}
