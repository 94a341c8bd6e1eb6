//! Many at once: what stands in a pasted text, by who is responsible.

use std::collections::HashMap;
use std::time::Instant;

use kit::Id;

use crate::answer::{Answer, Basis};
use crate::resource::{self, Resource};
use crate::service::Snapshot;

/// Who is responsible for what stands in a text.
pub(super) struct Bulk {
    /// Those with the most first; nobody last.
    pub(super) groups: Vec<Group>,
    /// Addresses, ranges and AS numbers in all.
    pub(super) found: usize,
    /// Teams and contacts.
    pub(super) contacts: usize,
    /// There may be more in the text.
    pub(super) truncated: bool,
    /// How long it took, in words.
    pub(super) took: String,
}

/// What one team or contact is responsible for.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) href: Option<String>,
    pub(super) trust: String,
    pub(super) nobody: bool,
    pub(super) ours: bool,
    pub(super) count: usize,
    /// The first of its networks, and by what it was found.
    pub(super) found_at: String,
    /// The first few.
    pub(super) examples: Vec<String>,
}

/// Examples of a group.
const SHOWN: usize = 3;

pub(super) fn look_up(snapshot: &Snapshot, text: &str, team: Id) -> Bulk {
    let start = Instant::now();
    let (resources, truncated) = resource::in_text(text);
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for resource in &resources {
        let answer = snapshot.answer_resource(resource);
        let key = match (&answer.team, &answer.contact) {
            (Some(team), _) => format!("team {}", team.handle),
            (None, Some(contact)) => format!("contact {}", contact.address.to_lowercase()),
            (None, None) => String::new(),
        };
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(group(&answer, resource, team));
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.count += 1;
        if group.examples.len() < SHOWN {
            group.examples.push(answer.asked);
        }
    }
    groups.sort_by_key(|group| (group.nobody, std::cmp::Reverse(group.count)));
    Bulk {
        found: resources.len(),
        contacts: groups.iter().filter(|group| !group.nobody).count(),
        groups,
        truncated,
        took: format!("{:.0} ms", start.elapsed().as_secs_f64() * 1e3),
    }
}

fn group(answer: &Answer, resource: &Resource, reader: Id) -> Group {
    let network = answer.networks.iter().find(|network| network.found);
    let by = match answer.basis {
        Basis::Irt => "",
        Basis::AbuseContact => "abuse-mailbox only",
        Basis::Claim => "by its own claim",
        Basis::Nobody => "",
    };
    let at = match (network, resource) {
        (Some(network), _) => network.range.clone(),
        (None, Resource::AsNumber(asn)) if answer.basis != Basis::Nobody => format!("AS{asn}"),
        (None, _) => String::new(),
    };
    let found_at: Vec<&str> = [at.as_str(), by].into_iter().filter(|part| !part.is_empty()).collect();
    Group {
        name: match (&answer.team, &answer.contact) {
            (Some(team), _) => team.name.clone(),
            (None, Some(contact)) => contact.name.clone(),
            (None, None) => "Nobody".to_owned(),
        },
        href: answer.team.as_ref().map(|team| format!("/teams/{}", team.handle)),
        trust: answer.team.as_ref().map_or("", |team| &team.trust).to_owned(),
        nobody: answer.basis == Basis::Nobody,
        ours: answer.record.as_ref().is_some_and(|record| record.id == reader),
        count: 0,
        found_at: found_at.join(", "),
        examples: Vec::new(),
    }
}
