//! Entries of the record in words.

use contracts::trust::record::{Capacity, Change, Ending, Limit};

/// What happened, as a sentence without its subject's name. `name` gives the name of a team from its id.
pub fn told(change: &Change, name: &dyn Fn(&str) -> String) -> String {
    let day = |time: &i64| ui::format::date(*time);
    match change {
        Change::TakenOver { standing, source, .. } => {
            format!("Standing taken over: {standing}, from {source}")
        }
        Change::Known { source } => format!("Listed as known: {source}"),
        Change::Applied { sponsors } => {
            let names: Vec<String> = sponsors.iter().map(|team| name(team)).collect();
            format!("Applied for listing; sponsors: {}", names.join(", "))
        }
        Change::Sponsored { sponsor } => format!("{} stands up as sponsor", name(sponsor)),
        Change::SponsorDeclined { sponsor, reason } => {
            format!("{} does not stand up as sponsor: {reason}", name(sponsor))
        }
        Change::SponsorNamed { sponsor } => format!("{} is asked to be a sponsor", name(sponsor)),
        Change::RulesSent { until, .. } => format!("Rules sent, to be signed until {}", day(until)),
        Change::RulesSigned { .. } => "Rules signed".into(),
        Change::DataSubmitted { .. } => "Record handed in for the consultation".into(),
        Change::ConsultationOpened { until } => format!("Community consulted until {}", day(until)),
        Change::Supported { supporter, note } if note.is_empty() => {
            format!("{} supports it", name(supporter))
        }
        Change::Supported { supporter, note } => format!("{} supports it: {note}", name(supporter)),
        Change::Objected { objector, reason } => format!("{} objects: {reason}", name(objector)),
        Change::ObjectionWithdrawn { objector } => format!("{} took its objection back", name(objector)),
        Change::Listed { supports } => format!("Listed, with {supports} supports"),
        Change::ListingEnded { ending, reason, .. } => ended("Application", *ending, reason),
        Change::LeaveGiven {} => "The board gave leave to apply again".into(),
        Change::AccreditationRequested {} => "Asked for accreditation".into(),
        Change::Invited { until, .. } => {
            format!("Invitation package sent, to be signed until {}", day(until))
        }
        Change::InvitationEnded { ending, reason, .. } => ended("Invitation", *ending, reason),
        Change::CandidacyBegun { until, .. } => format!("Rules signed: candidate until {}", day(until)),
        Change::Asked { question, text } => format!("Question {question}: {text}"),
        Change::Answered { question, text } => format!("Answer to question {question}: {text}"),
        Change::Completed { .. } => "Record declared complete".into(),
        Change::Verified { finding, .. } => format!("Record verified: {finding}"),
        Change::Accredited { due } => format!("Accredited; to confirm its record by {}", day(due)),
        Change::CandidacyEnded { ending, .. } => ended("Candidacy", *ending, ""),
        Change::Reminded { limit, due, .. } => format!("Reminded ({}): {}", limit_name(*limit), day(due)),
        Change::Confirmed { due, .. } => format!("Record confirmed; next by {}", day(due)),
        Change::Overdue { grace_until } => {
            format!("Confirmation overdue; waited for until {}", day(grace_until))
        }
        Change::FellBack { case: 0 } => "Fell back to level 0: the record was not confirmed".into(),
        Change::FellBack { case } => format!("Fell back to level 0 by case {case}"),
        Change::Certified { until } => format!("Certified until {}", day(until)),
        Change::CertificationEnded {} => "Certification ended".into(),
        Change::CaseOpened { case, matter, .. } => {
            format!("Case {case} before the review board: {}", matter.name())
        }
        Change::Filed { case, text } => format!("Case {case}, file: {text}"),
        Change::Seconded { case, seconder } => {
            format!("{} seconds the motion of case {case}", name(seconder))
        }
        Change::Conflicted { case, member, reason } => {
            format!("{} has a conflict of interest in case {case}: {reason}", name(member))
        }
        Change::BallotOpened { case, until, roll, .. } => {
            format!("Ballot in case {case} until {}, {} teams on the roll", day(until), roll.len())
        }
        Change::Voted { case, voter, choice } => {
            format!("{} voted in case {case}: {}", name(voter), choice.name())
        }
        Change::BallotClosed { case, outcome, counts, needed, .. } => {
            let counts: Vec<String> =
                counts.iter().map(|count| format!("{} {}", count.votes, count.choice.name())).collect();
            let outcome = outcome.map_or("no decision", |choice| choice.name());
            format!("Ballot in case {case}: {outcome} ({}; quorum {needed})", counts.join(", "))
        }
        Change::CaseClosed { case, reason } => format!("Case {case} closed: {reason}"),
        Change::Suspended { case: 0 } => "Suspended at once by the operator".into(),
        Change::Suspended { case } => format!("Suspended by case {case}"),
        Change::Reinstated { .. } => "Reinstated".into(),
        Change::Withdrawn { case: 0, .. } => "Left the community".into(),
        Change::Withdrawn { case, .. } => format!("Taken off the list by case {case}"),
        Change::Overridden { deed, reason, until } if *until > 1 => {
            format!("Override, {deed} to {}: {reason}", day(until))
        }
        Change::Overridden { deed, reason, .. } => format!("Override, {deed}: {reason}"),
        Change::SeatGiven { member } => format!("{} has a seat on the review board", name(member)),
        Change::RoleGiven { member, role, .. } => {
            format!("Somebody of {} was appointed: {role}", name(member))
        }
        Change::RoleTaken { member, role, .. } => format!("An appointment at {} ended: {role}", name(member)),
        Change::SeatTaken { member } => format!("{} has no seat on the review board any more", name(member)),
        Change::ClockSetRight { until, reason, .. } => {
            format!("The clock was ahead, up to {}, and was set right: {reason}", day(until))
        }
        Change::Erased { entry, reason } => format!("What entry {entry} told was erased: {reason}"),
        Change::HandOverOrdered { operator, .. } => {
            format!("The owner's word: the operation is to be handed over to {operator}")
        }
        Change::HandOverCancelled { reason } => {
            format!("The owner took the word back, the operation stays: {reason}")
        }
        Change::HandedOver { operator, .. } => format!("The operation was handed over to {operator}"),
        Change::OperationTaken { operator, .. } => format!("{operator} has taken the operation"),
    }
}

fn ended(what: &str, ending: Ending, reason: &str) -> String {
    let why = match ending {
        Ending::Lapsed => "the limit went by",
        Ending::TakenBack => "taken back by the team",
        Ending::Declined => "declined",
        Ending::Consultation => "the consultation did not find for it",
    };
    if reason.is_empty() { format!("{what} ended: {why}") } else { format!("{what} ended: {why}: {reason}") }
}

const fn limit_name(limit: Limit) -> &'static str {
    match limit {
        Limit::Acceptance => "signature",
        Limit::ListingData => "data of the application",
        Limit::Completion => "candidacy",
        Limit::Confirmation => "confirmation",
        Limit::Grace => "grace of the confirmation",
        Limit::Certification => "certification",
    }
}

/// A capacity in words that follow "by".
pub(crate) const fn capacity(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Operator => "the operator",
        Capacity::Board => "the review board",
        Capacity::Owner => "the owner of the community",
        Capacity::Team => "the team",
        Capacity::Member => "another team",
        Capacity::Node => "the node",
    }
}

/// What a limit asks for, and of whom, on pages.
pub(crate) const fn asks(limit: Limit) -> (&'static str, &'static str) {
    match limit {
        Limit::Acceptance => ("team", "sign the rules"),
        Limit::ListingData => ("team", "fill in the record"),
        Limit::Completion => ("team", "complete the record and be verified"),
        Limit::Confirmation => ("team", "confirm the record"),
        Limit::Grace => ("team", "confirm the record: overdue"),
        Limit::Certification => ("team", "renew the certification"),
    }
}
