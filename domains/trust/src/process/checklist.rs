//! What a record must hold: the checklist of applicants, candidates and accredited teams.

use kit::Time;
use kit::clock::SECOND;
use teams::{IncidentType, Team, Usage};

/// The names of all items, as `not_asked` in the configuration has them.
pub const NAMES: &[&str] = &[
    "names",
    "country",
    "established",
    "host",
    "constituency",
    "description",
    "remit",
    "hours",
    "time-zone",
    "languages",
    "mail",
    "telephone",
    "emergency",
    "key",
];

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Item {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it asks for.
    pub asks: &'static str,
    /// Whether the record has it.
    pub done: bool,
    /// What is wrong, where there is more to say than that it is missing.
    pub wrong: String,
}

/// Holds the record of `team`, with its keys, against the list at `now`. Items named in `not_asked` are left out.
pub fn checklist(team: &Team, not_asked: &[String], now: Time) -> Vec<Item> {
    let constituency = !team.asns.is_empty()
        || !team.domains.is_empty()
        || !team.networks.is_empty()
        || !team.countries.is_empty();
    // The question of the year 2000, asked still: are viruses in its remit, is spam?
    let remit = [IncidentType::Malware, IncidentType::Spam].iter().all(|kind| team.remit.contains_key(kind));
    let has_phone = |usages: &[Usage]| team.phones.iter().any(|phone| usages.contains(&phone.usage));
    let key = team.encryption_key(now / SECOND).err();
    let all = [
        ("names", "its name, and its name in full", full(&team.name) && full(&team.official_name)),
        ("country", "the country it is in", full(&team.country.code)),
        ("established", "the day it was founded", full(&team.established)),
        ("host", "the organisation it belongs to", full(&team.host_organisation)),
        ("constituency", "networks, AS numbers, domains or countries it serves", constituency),
        ("description", "whom it serves, in words", full(&team.description)),
        ("remit", "what it handles: at least whether malware and spam are in its remit", remit),
        ("hours", "when people are there", full(&team.business_hours)),
        ("time-zone", "the time zone of these hours", full(&team.time_zone)),
        ("languages", "a language to write to it in", !team.languages.is_empty()),
        ("mail", "a mail address for reports", team.report_address().is_some()),
        ("telephone", "a telephone", has_phone(&[Usage::Voice, Usage::Emergency])),
        ("emergency", "a telephone for emergencies, at any hour", has_phone(&[Usage::Emergency])),
        ("key", "an OpenPGP key that is good now", key.is_none()),
    ];
    let asked = all.into_iter().filter(|(name, ..)| !not_asked.iter().any(|left_out| left_out == name));
    asked
        .map(|(name, asks, done)| {
            let wrong = if name == "key" { key.clone().unwrap_or_default() } else { String::new() };
            Item { name, asks, done, wrong }
        })
        .collect()
}

/// What is missing, in words.
pub fn missing(items: &[Item]) -> Vec<String> {
    items.iter().filter(|item| !item.done).map(|item| item.asks.to_owned()).collect()
}

fn full(text: &str) -> bool {
    !text.trim().is_empty()
}
