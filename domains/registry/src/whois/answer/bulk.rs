//! `begin` … `end`: one line for each resource, for programs.
//!
//! The columns are parted by ` | ` and told in a remark first; an empty one is `-`. Later versions may add columns at
//! the end, and change none.

use std::fmt::Write as _;

use crate::answer::Answer;
use crate::{Registry, Resource};

/// Names of the columns.
const COLUMNS: [&str; 12] = [
    "asked", "basis", "network", "irt", "team", "trust", "contact", "key", "channel", "language", "verified",
    "chain",
];

/// The remark before the first line.
pub(in crate::whois) fn heading(out: &mut String) {
    let _ = writeln!(out, "% {}", COLUMNS.join(" | "));
}

/// The line for what a client sent.
pub(in crate::whois) fn line(registry: &Registry, text: &str, out: &mut String) {
    let snapshot = registry.snapshot().seen_by(&teams::Reader::PUBLIC);
    let view = snapshot.view();
    let answer = match Resource::parse(text) {
        Ok(Resource::Addresses(first, last)) => view.answer(first, last),
        Ok(Resource::Domain(name)) => view.answer_domain(&name),
        Ok(Resource::AsNumber(asn)) => view.answer_asn(asn),
        Err(_) => {
            let shown: String = text.trim().chars().take(80).collect();
            let _ = write!(out, "{} | error", cell(&shown));
            for _ in 2..COLUMNS.len() - 1 {
                out.push_str(" | -");
            }
            out.push_str(" | no address, range, AS number or domain name\n");
            return;
        }
    };
    let network = answer.networks.iter().find(|network| network.found).or(answer.networks.last());
    let team = answer.team.as_ref();
    let state = answer.contact.as_ref().and_then(|contact| registry.contact_state(&contact.address));
    let verified = state.and_then(|state| state.confirmed).map(ui::format::date).unwrap_or_default();
    let cells = [
        &*answer.asked,
        answer.basis.name(),
        network.map_or("", |network| &network.range),
        answer.irt.as_ref().map_or("", |irt| &irt.name),
        team.map_or("", |team| &team.name),
        team.map_or("", |team| &team.trust),
        answer.contact.as_ref().map_or("", |contact| &contact.address),
        answer.key.as_ref().map_or("", |key| &key.fingerprint),
        team.and_then(|team| team.channels.first()).map_or("", String::as_str),
        team.and_then(|team| team.languages.first()).map_or("", String::as_str),
        &verified,
        &chain(&answer),
    ];
    for (number, text) in cells.into_iter().enumerate() {
        if number > 0 {
            out.push_str(" | ");
        }
        out.push_str(&cell(text));
    }
    out.push('\n');
}

/// `inetnum 192.0.2.0/25 > mnt-irt IRT-EXAMPLE > team CERT Example`
fn chain(answer: &Answer) -> String {
    let steps = answer.chain.iter().skip(1);
    let told = steps.map(|step| format!("{} {}", step.kind.name(), step.key).trim().to_owned());
    told.collect::<Vec<_>>().join(" > ")
}

/// Nothing in it parts columns or lines.
fn cell(text: &str) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    text.chars().map(|char| if char.is_control() || char == '|' { '?' } else { char }).collect()
}
