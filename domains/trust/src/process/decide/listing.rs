//! How a team comes to be listed: by the operator's word, or by sponsors and a consultation.

use contracts::trust::record::Change;

use super::{Asked, Decision, one};
use crate::process::Paragraph;
use crate::process::command::Refused;
use crate::process::state::{Listing, Phase, Stage};

/// Most sponsors that an application names.
const MOST_SPONSORS: usize = 20;

pub(super) fn list_known(asked: Asked<'_>, source: &str) -> Decision {
    let source = asked.text(source, "The source")?;
    match asked.state.phase {
        Phase::Unknown | Phase::Withdrawn => {}
        _ => return Err(asked.not_now("Listing it as known")),
    }
    if asked.state.rejections >= asked.rules.rejections && !asked.state.leave {
        return Err(Refused::new(
            format!("The community rejected this team {} times in a row", asked.state.rejections),
            "The review board can give it leave to apply again",
        ));
    }
    asked.waited()?;
    one(Paragraph::Known, Change::Known { source })
}

pub(super) fn apply(asked: Asked<'_>, sponsors: &[String]) -> Decision {
    match asked.state.phase {
        Phase::Unknown | Phase::Withdrawn => {}
        _ => return Err(asked.not_now("An application")),
    }
    let (state, rules) = (asked.state, asked.rules);
    if state.rejections >= rules.rejections && !state.leave {
        return Err(Refused::new(
            format!("The team was rejected {} times in a row", state.rejections),
            "Ask the review board for leave to apply again",
        ));
    }
    asked.waited()?;
    let mut named: Vec<String> = sponsors.to_vec();
    named.sort();
    named.dedup();
    if named.len() > MOST_SPONSORS {
        return Err(Refused::new("These are too many sponsors", format!("Name {MOST_SPONSORS} at most")));
    }
    named.iter().try_for_each(|team| may_sponsor(asked, team))?;
    if named.len() < rules.sponsors as usize {
        return Err(Refused::new(
            format!("The application names {} of {} sponsors", named.len(), rules.sponsors),
            "Name accredited teams that know yours, and tell them",
        ));
    }
    one(Paragraph::Application, Change::Applied { sponsors: named })
}

pub(super) fn sponsor(asked: Asked<'_>) -> Decision {
    let Phase::Listing(listing) = &asked.state.phase else { return Err(asked.not_now("Sponsoring")) };
    let sponsor = voter(asked)?;
    if !listing.named.contains(&sponsor) {
        return Err(Refused::new(
            "The application does not name your team as a sponsor",
            "You can support it when the community is consulted",
        ));
    }
    if listing.sponsors.contains(&sponsor) {
        return Err(Refused::new("Your team sponsors it already", "Nothing more is needed"));
    }
    one(Paragraph::Application, Change::Sponsored { sponsor })
}

/// A team says so without a vote, too: it may have lost it, and the applicant is to know.
pub(super) fn decline_to_sponsor(asked: Asked<'_>, reason: &str) -> Decision {
    let Phase::Listing(listing) = &asked.state.phase else {
        return Err(asked.not_now("Declining to be a sponsor"));
    };
    let sponsor = asked.team()?.to_owned();
    if !listing.named.contains(&sponsor) {
        return Err(Refused::new(
            "The application does not name your team as a sponsor",
            "There is nothing to decline",
        ));
    }
    if !listing.takes_sponsors() {
        return Err(Refused::new("The community is consulted already", "You can object, or say nothing"));
    }
    if listing.declined.contains(&sponsor) {
        return Err(Refused::new("Your team has said so already", "The applicant can ask another team"));
    }
    let reason = asked.text(reason, "The reason")?;
    one(Paragraph::Application, Change::SponsorDeclined { sponsor, reason })
}

pub(super) fn name_sponsor(asked: Asked<'_>, sponsor: &str) -> Decision {
    let Phase::Listing(listing) = &asked.state.phase else {
        return Err(asked.not_now("Asking another sponsor"));
    };
    if !listing.takes_sponsors() {
        return Err(Refused::new(
            "The community is consulted already",
            "It can support the application in the consultation",
        ));
    }
    if listing.declined.contains(sponsor) {
        return Err(Refused::new(
            "That team does not stand up for yours",
            "Ask another one; it can change its mind by itself",
        ));
    }
    if listing.named.contains(sponsor) {
        return Err(Refused::new("The application names that team already", "Remind it, or ask another one"));
    }
    if listing.named.len() >= MOST_SPONSORS {
        return Err(Refused::new(
            format!("The application has named {MOST_SPONSORS} teams"),
            "Take it back, and apply when you know who stands up for you",
        ));
    }
    may_sponsor(asked, sponsor)?;
    one(Paragraph::Application, Change::SponsorNamed { sponsor: sponsor.to_owned() })
}

/// Whether that team can be named as a sponsor.
fn may_sponsor(asked: Asked<'_>, sponsor: &str) -> Result<(), Refused> {
    let why = match sponsor {
        own if own == asked.facts.team => "A team cannot sponsor itself",
        other if !asked.facts.voters.contains(other) => "A sponsor is not accredited",
        _ => return Ok(()),
    };
    Err(Refused::new(why, "Name accredited teams of the community"))
}

pub(super) fn send_rules(asked: Asked<'_>) -> Decision {
    let Phase::Listing(Listing { stage: Stage::Applied, .. }) = &asked.state.phase else {
        return Err(asked.not_now("Sending the rules"));
    };
    let until = asked.rules.acceptance.after(asked.now);
    let mut steps =
        one(Paragraph::ListingRules, Change::RulesSent { document: asked.facts.document.clone(), until })?;
    steps[0].evidence = vec![asked.facts.document.clone()];
    Ok(steps)
}

pub(super) fn submit(asked: Asked<'_>) -> Decision {
    let Phase::Listing(Listing { stage: Stage::Data { .. }, .. }) = &asked.state.phase else {
        return Err(asked.not_now("Handing in the record"));
    };
    if !asked.facts.missing.is_empty() {
        return Err(lacks(&asked.facts.missing));
    }
    one(Paragraph::ListingData, Change::DataSubmitted { record: asked.facts.record.clone() })
}

pub(super) fn open_consultation(asked: Asked<'_>) -> Decision {
    let Phase::Listing(listing @ Listing { stage: Stage::Ready { .. }, .. }) = &asked.state.phase else {
        return Err(asked.not_now("A consultation"));
    };
    let standing_up = listing.sponsors.intersection(&asked.facts.voters).count();
    if standing_up < asked.rules.sponsors as usize {
        return Err(Refused::new(
            format!("{standing_up} of {} sponsors have stood up for the team", asked.rules.sponsors),
            "Remind the sponsors; each says so with its own account",
        ));
    }
    one(
        Paragraph::Consultation,
        Change::ConsultationOpened { until: asked.rules.consultation.after(asked.now) },
    )
}

pub(super) fn support(asked: Asked<'_>, note: &str) -> Decision {
    let (supporter, supported, objected) = voice(asked)?;
    if supported {
        return Err(Refused::new("Your team supports it already", "One voice for each team"));
    }
    if objected {
        return Err(Refused::new("Your team objects", "Take the objection back first"));
    }
    let note = if note.trim().is_empty() { String::new() } else { asked.text(note, "The note")? };
    one(Paragraph::Consultation, Change::Supported { supporter, note })
}

pub(super) fn object(asked: Asked<'_>, reason: &str) -> Decision {
    let (objector, supported, objected) = voice(asked)?;
    if objected {
        return Err(Refused::new("Your team objects already", "One voice for each team"));
    }
    if supported {
        return Err(Refused::new(
            "Your team has supported it in the open",
            "Write to the operator; an objection beside a support would show who objects",
        ));
    }
    let reason = asked.text(reason, "The reason")?;
    one(Paragraph::Consultation, Change::Objected { objector, reason })
}

pub(super) fn withdraw_objection(asked: Asked<'_>) -> Decision {
    let (objector, _, objected) = voice(asked)?;
    if !objected {
        return Err(Refused::new("Your team has not objected", "There is nothing to take back"));
    }
    one(Paragraph::Consultation, Change::ObjectionWithdrawn { objector })
}

/// The team that speaks, and whether it has supported or objected.
fn voice(asked: Asked<'_>) -> Result<(String, bool, bool), Refused> {
    let Phase::Listing(Listing { stage: Stage::Consultation { until, supports, objections }, .. }) =
        &asked.state.phase
    else {
        return Err(asked.not_now("Speaking in a consultation"));
    };
    let team = voter(asked)?;
    if asked.now >= *until {
        return Err(Refused::new(
            format!("The consultation ended on {}", ui::format::date(*until)),
            "Write to the operator",
        ));
    }
    let (supported, objected) = (supports.contains(&team), objections.contains(&team));
    Ok((team, supported, objected))
}

/// The team that asks, which has a vote in the community.
pub(super) fn voter(asked: Asked<'_>) -> Result<String, Refused> {
    let team = asked.team()?;
    if asked.facts.voters.contains(team) {
        Ok(team.to_owned())
    } else {
        Err(Refused::new("Your team has no vote", "Its standing must entitle it to one"))
    }
}

pub(super) fn lacks(missing: &[String]) -> Refused {
    Refused::new(
        format!("The record lacks: {}", missing.join("; ")),
        "Fill it in on the team's page, then try again",
    )
}
