//! The pages of the process: `/trust` and what lies below it.

mod board;
mod case;
mod community;
mod control;
mod desk;
mod letters;
mod overview;
mod own;
mod record;
mod step;
mod year;

use axum::Router;
use identity::{Actor, Role};
use ui::format::Int;

use crate::Trust;

/// The pages.
pub(crate) fn routes(trust: Trust) -> Router {
    Router::new()
        .merge(overview::routes())
        .merge(case::routes())
        .merge(step::routes())
        .merge(own::routes())
        .merge(desk::routes())
        .merge(board::routes())
        .merge(year::routes())
        .merge(community::routes())
        .merge(record::routes())
        .with_state(trust)
}

/// The places of trust that this reader can go to, on each of the pages.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) here: &'static str,
    /// Addresses and words.
    pub(crate) all: Vec<(&'static str, &'static str)>,
}

impl Places {
    /// For `actor`, with the place `here` marked.
    pub(crate) fn of(actor: &Actor, here: &'static str) -> Self {
        let all = [
            (true, "/trust", "Overview"),
            (actor.has(Role::Introducer), "/trust/desk", "Operator's desk"),
            (actor.has(Role::Board), "/trust/board", "Review board"),
            (true, "/trust/record", "Record"),
            (true, "/trust/year", "Figures"),
            (true, "/trust/drills", "Drills"),
            (true, "/trust/maturity", "Maturity"),
            (true, "/trust/conduct", "Code of conduct"),
            (true, "/trust/people", "People"),
            (true, "/pki", "Certificates"),
            (actor.has(Role::Owner), "/trust/community", "Community"),
        ];
        let all = all.into_iter().filter(|(may, ..)| *may).map(|(_, href, label)| (href, label)).collect();
        Self { here, all }
    }
}

/// A place of the process in colour, symbol and word; `phase` as [`crate::process::Phase::name`] has it.
pub(crate) fn standing(name: &str) -> ui::Markup {
    match name {
        "withdrawn" => ui::status("plain", "cross", "withdrawn"),
        other => ui::trust(other),
    }
}

/// Until when something is to be done: the day and how far away it is; what is over stands out.
pub(crate) fn due(time: impl Int, now: impl Int) -> ui::Markup {
    let (time, now) = (time.int(), now.int());
    if time == 0 {
        return ui::status("info", "due", "now");
    }
    let days = (time - now) / kit::clock::DAY;
    let (kind, icon) = match days {
        _ if time < now => ("bad", "over"),
        ..7 => ("warn", "clock"),
        _ => ("", "clock"),
    };
    ui::status(kind, icon, &format!("{}, {}", ui::format::date(time), ui::format::days_away(time, now)))
}

/// Who is to act, in words.
pub(crate) fn who(name: &str) -> &'static str {
    match name {
        "operator" => "the operator",
        "board" => "the review board",
        "community" => "the community",
        _ => "the team",
    }
}

/// A matter of the review board, in words.
pub(crate) fn matter(name: &str) -> &'static str {
    match name {
        "review" => "Special review",
        "suspension" => "Motion to suspend",
        "reinstatement" => "Reinstatement",
        "certification" => "Certification",
        _ => "Leave to apply again",
    }
}

/// A choice of a ballot, in words.
pub(crate) fn choice(name: &str) -> &'static str {
    match name {
        "keep" => "Leave it as it is",
        "suspend" => "Suspend",
        "fall-back" => "Fall back to level 0",
        "withdraw" => "Take off the list",
        "reinstate" => "Reinstate",
        "certify" => "Certify",
        "allow" => "Let it apply",
        _ => "Abstain",
    }
}
