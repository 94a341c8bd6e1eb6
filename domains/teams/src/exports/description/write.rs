//! From a record, as somebody may see it, to the document.

use kit::clock::SECOND;
use rfc2350::{Document, Section};

use super::lines::{self, with_lines};
use crate::{Seen, Usage};

/// The description of `seen`, with the keys that are good at `at`, Unix seconds.
pub fn describe(seen: &Seen, at: i64) -> Document {
    // A name that cannot be a first line is still found in 2.1.
    let title = format!("{}: description according to RFC 2350", seen.name);
    let mut document = Document::new(&title).unwrap_or_default();
    for text in lines::TEXTS {
        document.set(text.section, (text.of)(seen));
    }
    document.set(Section::LastUpdate, &last_update(seen));
    document.set(Section::TeamName, &names(seen));
    document.set(Section::TimeZone, &seen.time_zone);
    document.set(Section::Telephone, &telephones(seen));
    document.set(Section::Facsimile, &numbers(seen, |usage| usage == Usage::Fax));
    document.set(Section::Mail, &mail_addresses(seen));
    document.set(Section::Keys, &keys(seen, at));
    document.set(Section::Members, &members(seen));
    let hours = match seen.business_hours.trim() {
        "" => Vec::new(),
        hours => vec![format!("{}{}", lines::HOURS, hours.replace('\n', " "))],
    };
    document.set(Section::CustomerContact, &with_lines(&seen.customer_contact, hours));
    document.set(Section::Constituency, &with_lines(&seen.description, constituency(seen)));
    let host = match seen.host_organisation.as_str() {
        "" => Vec::new(),
        host => vec![format!("{}{host}", lines::HOST)],
    };
    document.set(Section::Affiliation, &with_lines(&seen.sponsorship, host));
    document.set(Section::Incidents, &with_lines(&seen.support_level, lines::remit_lines(seen)));
    if seen.keys_in_use().any(|key| key.can_sign(at).is_valid()) {
        let how = "Where the team has signed this text, the signature stands beside it under the same name with .asc behind it, by a key of 2.8.";
        document.set(Section::Authentication, how);
    }
    document
}

fn last_update(seen: &Seen) -> String {
    match seen.document.updated.as_str() {
        "" => ui::format::date(seen.updated),
        day => day.to_owned(),
    }
}

/// The name people know it by, and the one in full below it.
fn names(seen: &Seen) -> String {
    match seen.official_name.trim() {
        official if official.is_empty() || official == seen.name => seen.name.clone(),
        official => format!("{}\n{official}", seen.name),
    }
}

fn telephones(seen: &Seen) -> String {
    numbers(seen, |usage| usage != Usage::Fax)
}

/// `+00 5550 0223 (emergency, ask for the duty officer)`
fn numbers(seen: &Seen, wanted: impl Fn(Usage) -> bool) -> String {
    let phones = seen.phones.iter().filter(|phone| wanted(phone.usage));
    let line = |phone: &crate::Phone| {
        let about = [phone.usage.words(), &phone.comment, &phone.time_zone]
            .into_iter()
            .filter(|text| !text.is_empty());
        format!("{} ({})", phone.number, about.collect::<Vec<_>>().join(", "))
    };
    phones.map(line).collect::<Vec<_>>().join("\n")
}

fn mail_addresses(seen: &Seen) -> String {
    let line = |email: &crate::Email| format!("{} ({})", email.address, email.usage.words());
    seen.emails.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn keys(seen: &Seen, at: i64) -> String {
    let good = seen.keys_in_use().filter(|key| key.validity(at).is_valid());
    let key = |key: &mail::pgp::PublicKey| {
        let ids = key.user_ids().join(", ");
        let until =
            key.expires().map(|at| format!(", good until {}", ui::format::date(at.saturating_mul(SECOND))));
        let digits: Vec<char> = key.fingerprint().chars().collect();
        let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
        format!("{ids}{}\n{}", until.unwrap_or_default(), groups.join(" "))
    };
    good.map(key).collect::<Vec<_>>().join("\n\n")
}

fn members(seen: &Seen) -> String {
    let line = |person: &crate::Person| match person.function.as_str() {
        "" => person.name.clone(),
        function => format!("{}, {function}", person.name),
    };
    seen.people.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn constituency(seen: &Seen) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |mark: &str, values: Vec<String>, between: &str| {
        if !values.is_empty() {
            all.push(format!("{mark}{}", values.join(between)));
        }
    };
    add(lines::KINDS, seen.types.clone(), "; ");
    add(lines::SYSTEMS, seen.asns.iter().map(|asn| format!("AS{asn}")).collect(), ", ");
    add(lines::NETWORKS, seen.networks.iter().map(ToString::to_string).collect(), ", ");
    add(lines::DOMAINS, seen.domains.clone(), ", ");
    add(lines::COUNTRIES, seen.countries.iter().map(lines::country).collect(), "; ");
    all
}
