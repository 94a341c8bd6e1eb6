//! What the notices say.

use kit::Time;

use super::{CHANGED, REFUSED};
use crate::browse::masked;
use crate::post::Letter;
use crate::settings::Settings;
use crate::store::updates::Notice;
use crate::update::judge::Verdict;
use crate::update::report::Action;

/// Characters of a submitted text that are shown to those who did not ask for it.
const LONGEST: usize = 8_000;

/// One mail with all that `told` says; `told` is for one recipient and not empty.
pub(super) fn of(settings: &Settings, told: &[Notice], now: Time) -> Letter {
    let source = settings.source.clone().unwrap_or_default();
    let count = |reason: &str| told.iter().filter(|notice| notice.reason == reason).count();
    let subject = match (count(CHANGED), count(REFUSED)) {
        (0, 1) => format!("{source}: a change was refused"),
        (0, refused) => format!("{source}: {refused} changes were refused"),
        (1, 0) => format!("{source}: an object was changed"),
        (changed, 0) => format!("{source}: {changed} objects were changed"),
        (changed, refused) => format!("{source}: {changed} changed, {refused} refused"),
    };
    let mut text = format!(
        "This is the registry {source}. On {}, by a submission to it:\n",
        ui::format::time_exact(now, 0).to_owned() + " UTC"
    );
    for notice in told {
        text.push_str("\n---\n");
        text.push_str(&notice.text);
    }
    text.push_str("\n---\nNobody reads answers to this mail. ");
    match settings.base_url.is_empty() {
        true => text.push_str("Questions go to the keeper of the registry.\n"),
        false => text.push_str(&format!("The registry: {}/registry\n", settings.base_url)),
    }
    let to = told.first().map(|notice| notice.recipient.clone()).unwrap_or_default();
    Letter { to, subject, text, about: "registry:notice".to_owned(), ..Letter::default() }
}

/// What was done with one object.
pub(super) fn changed(verdict: &Verdict, sender: &str, reasons: &[String]) -> String {
    let report = &verdict.report;
    let done = match report.action {
        Action::Create => "CREATED",
        Action::Delete => "DELETED",
        Action::Modify | Action::Nothing => "MODIFIED",
    };
    let mut text = format!("{done}: [{}] {}\nBy: {sender}\n", report.class, report.key);
    text.push_str(&format!("You are told as: {}\n\n", reasons.join("; ")));
    let old = verdict.old.as_ref().map(|old| masked(&old.raw, false)).unwrap_or_default();
    match (&verdict.new, report.action) {
        (Some(new), Action::Modify) => {
            text.push_str(&rpsl::diff::unified(&old, &masked(new, false)));
            text.push_str("\nThe object as it is now:\n\n");
            text.push_str(&rpsl::decode(&masked(new, false)));
        }
        (Some(new), _) => text.push_str(&rpsl::decode(&masked(new, false))),
        (None, _) => text.push_str(&rpsl::decode(&old)),
    }
    text
}

/// What was refused, and why.
pub(super) fn refused(verdict: &Verdict, source: &str, sender: &str) -> String {
    let report = &verdict.report;
    let tried = match report.action {
        Action::Create => "CREATE",
        Action::Delete => "DELETE",
        Action::Modify | Action::Nothing => "MODIFY",
    };
    let mut text = format!("{tried} REFUSED: [{}] {}\nBy: {sender}\n", report.class, report.key);
    text.push_str("Nothing was changed. You are told since your authorisation would have been needed:\n");
    for failure in &verdict.decision.failures {
        let asked = if failure.asked.is_empty() {
            "the keeper of the registry".into()
        } else {
            failure.asked.join(", ")
        };
        text.push_str(&format!("  {}: {asked}\n", failure.using));
    }
    text.push_str(&format!("If you know nothing of it, somebody has used your name in {source}.\n\n"));
    let sent = masked(report.text.as_bytes(), false);
    let sent = rpsl::decode(&sent);
    let shown: String = sent.chars().take(LONGEST).collect();
    text.push_str("What was sent:\n\n");
    text.push_str(&shown);
    if shown.len() < sent.len() {
        text.push_str("\n(the rest is left out)\n");
    }
    text
}
