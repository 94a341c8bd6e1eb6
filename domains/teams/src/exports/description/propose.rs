//! From a published description to a proposal for the record: a person decides field by field.

use kit::{Error, Result};
use mail::pgp::{PublicKey, Verdict, verify_cleartext, verify_detached};
use rfc2350::{NoteKind, Section, facts};

use super::describe;
use super::lines::{self, remit, without_lines};
use crate::record::{is_zone, mail_address};
use crate::{Audience, Difference, Email, Phone, Team, TeamRecord, Usage};

/// What a description would change in a team's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The record with all that the description says. It is not checked yet.
    pub record: TeamRecord,
    /// What differs from the record of now, field by field.
    pub differences: Vec<Difference>,
    /// What a person should know: what could not be placed or read.
    pub notes: Vec<String>,
    /// What is said of each signature, over the original bytes; none when the text is not signed.
    pub signatures: Vec<String>,
    /// Whether all is right with the signatures: none is there, or one is good by a key of the team that is good now.
    pub may_be_taken: bool,
    /// Whether it is signed by the team.
    pub is_signed: bool,
}

/// Reads `bytes` (a description as it was published, perhaps clear-signed) for `team`; `signature` is a detached one
/// over exactly these bytes. `at` is now, Unix seconds.
///
/// # Errors
/// [`Error::Invalid`] when the text is too large, or no such description.
pub fn propose(team: &Team, bytes: &[u8], signature: Option<&[u8]>, at: i64) -> Result<Proposal> {
    let parsed = rfc2350::parse(bytes).map_err(|error| Error::invalid("text", error.to_string()))?;
    if parsed.document.sections().next().is_none() {
        let advice = "no section of RFC 2350 was found in it: give the whole text, with its headings";
        return Err(Error::invalid("text", advice));
    }
    let keys: Vec<PublicKey> = team.keys_in_use().cloned().collect();
    let mut notes: Vec<String> = parsed
        .notes
        .iter()
        .map(|note| match &note.what {
            NoteKind::OtherSection(title) => {
                format!("line {}: the outline has no section {title:?}; it is not taken", note.line)
            }
            NoteKind::Preface => format!("line {}: text before the first heading is not taken", note.line),
            _ => note.to_string(),
        })
        .collect();
    let mut verdicts = Vec::new();
    if let Some(cleartext) = verify_cleartext(bytes, &keys, at) {
        if cleartext.has_text_around {
            notes.push("text around the signed one was not read".into());
        }
        verdicts.extend(cleartext.verdicts);
    } else if parsed.is_signed {
        notes
            .push("it was signed once, but its line breaks are lost: the signature cannot be checked".into());
    }
    if let Some(signature) = signature.filter(|signature| !signature.trim_ascii().is_empty()) {
        verdicts.extend(verify_detached(bytes, signature, &keys, at));
    }
    let is_signed = verdicts.iter().any(Verdict::is_good_now);
    let record = read(team, &parsed.document, &mut notes, at);
    Ok(Proposal {
        differences: record.difference(&team.record),
        record,
        notes,
        signatures: verdicts.iter().map(ToString::to_string).collect(),
        may_be_taken: verdicts.is_empty() || is_signed,
        is_signed,
    })
}

/// The record of now with the `fields` of the proposal.
///
/// # Errors
/// [`Error::Invalid`] when a field cannot be put into a record.
pub fn chosen(team: &Team, proposal: &Proposal, fields: &[String]) -> Result<TeamRecord> {
    let wrong = |error: serde_json::Error| Error::invalid("fields", error.to_string());
    let mut record = serde_json::to_value(&team.record).map_err(wrong)?;
    let proposed = serde_json::to_value(&proposal.record).map_err(wrong)?;
    for difference in proposal.differences.iter().filter(|difference| fields.contains(&difference.field)) {
        if let (Some(record), Some(value)) = (record.as_object_mut(), proposed.get(&difference.field)) {
            record.insert(difference.field.clone(), value.clone());
        }
    }
    serde_json::from_value(record).map_err(wrong)
}

/// Takes what `document` says into the team's record. A section that says what our own description of the team says
/// changes nothing, nor does one that says nothing.
fn read(team: &Team, document: &rfc2350::Document, notes: &mut Vec<String>, at: i64) -> TeamRecord {
    let seen = team.seen_by(Audience::Public);
    let ours = describe(&seen, at);
    let says = |section: Section| document.get(section).filter(|text| ours.get(section) != Some(*text));
    let mut record = team.record.clone();
    for text in lines::TEXTS {
        if let Some(said) = says(text.section) {
            *(text.of_mut)(&mut record) = said.to_owned();
        }
    }
    for part in [Section::Triage, Section::Coordination, Section::Resolution] {
        if let Some(said) = says(part) {
            record.services_reactive = lines::with_lines(
                &record.services_reactive,
                vec![format!("{}:", part.title()), said.to_owned()],
            );
        }
    }
    for chapter in
        [Section::Document, Section::Contact, Section::Charter, Section::Policies, Section::Services]
    {
        if says(chapter).is_some() {
            notes.push(format!("{chapter}: the text of the chapter itself is not taken"));
        }
    }
    if let Some(said) = says(Section::LastUpdate) {
        match facts::day(said) {
            Some(day) => record.document.updated = day,
            None => notes.push(format!("{}: no day was found in {said:?}", Section::LastUpdate)),
        }
    }
    if let Some(said) = says(Section::TeamName) {
        names(said, &mut record);
    }
    if let Some(said) = says(Section::TimeZone) {
        let words = said.split(|c: char| c.is_whitespace() || "(),;".contains(c));
        match words.map(|word| word.trim_end_matches('.')).find(|word| word.contains('/') && is_zone(word)) {
            Some(zone) => record.time_zone = zone.to_owned(),
            None => notes.push(format!(
                "{}: {said:?} names no time zone such as Europe/Copenhagen",
                Section::TimeZone
            )),
        }
    }
    if let Some(said) = says(Section::Telephone) {
        phones(said, &mut record, &seen.phones, Usage::Voice);
    }
    if let Some(said) = says(Section::Facsimile) {
        phones(said, &mut record, &seen.phones, Usage::Fax);
    }
    if let Some(said) = says(Section::Mail) {
        emails(said, &mut record, &seen.emails);
    }
    if let Some(said) = says(Section::Keys) {
        for fingerprint in facts::fingerprints(said).iter().filter(|fingerprint| !team.has_key(fingerprint)) {
            notes.push(format!("the key {fingerprint} is not in the directory: add it on the team's page"));
        }
    }
    if says(Section::Members).is_some() {
        notes.push(format!("{} is not taken: enter people in the form", Section::Members));
    }
    if let Some(said) = says(Section::CustomerContact) {
        let (text, [hours]) = without_lines(said, [lines::HOURS]);
        record.customer_contact = text;
        record.business_hours = hours.unwrap_or(record.business_hours);
    }
    if let Some(said) = says(Section::Constituency) {
        constituency(said, &mut record, notes);
    }
    if let Some(said) = says(Section::Affiliation) {
        let (text, [host]) = without_lines(said, [lines::HOST]);
        record.sponsorship = text;
        record.host_organisation = host.unwrap_or(record.host_organisation);
    }
    if let Some(said) = says(Section::Incidents) {
        let (text, handled) = remit(said);
        record.support_level = text;
        if !handled.is_empty() {
            record.remit = handled.into_iter().collect();
        }
    }
    record
}

/// One line is the name in full; of two the first is what people say.
fn names(said: &str, record: &mut TeamRecord) {
    let mut lines = said.lines().filter(|line| !line.trim().is_empty());
    let (first, second, third) = (lines.next(), lines.next(), lines.next());
    match (first, second, third) {
        (Some(name), Some(official), None) if name.len() <= 80 => {
            (record.name, record.official_name) = (name.to_owned(), official.to_owned());
        }
        (Some(official), ..) => record.official_name = official.trim_end_matches('.').to_owned(),
        _ => {}
    }
}

/// The numbers of `said` in place of those that everybody saw; those that are not shown to everybody stay.
fn phones(said: &str, record: &mut TeamRecord, shown: &[Phone], usage: Usage) {
    let is_fax = usage == Usage::Fax;
    let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
    let mut all: Vec<Phone> = record
        .phones
        .iter()
        .filter(|phone| !shown.contains(phone) || (phone.usage == Usage::Fax) != is_fax)
        .cloned()
        .collect();
    for line in said.lines() {
        for number in facts::telephones(line) {
            if all.iter().any(|phone| digits(&phone.number) == digits(&number)) {
                continue;
            }
            let known = shown.iter().find(|phone| digits(&phone.number) == digits(&number)).cloned();
            let lower = line.to_lowercase();
            let is_emergency = !is_fax
                && ["emergency", "24/7", "24x7", "round the clock"].iter().any(|word| lower.contains(word));
            let usage = if is_emergency { Usage::Emergency } else { usage };
            all.push(known.unwrap_or(Phone { number, usage, ..Phone::default() }));
        }
    }
    record.phones = all;
}

fn emails(said: &str, record: &mut TeamRecord, shown: &[Email]) {
    let mut all: Vec<Email> = record.emails.iter().filter(|email| !shown.contains(email)).cloned().collect();
    for address in facts::mail_addresses(said).iter().filter_map(|address| mail_address(address)) {
        if all.iter().any(|email| email.address == address) {
            continue;
        }
        let known = shown.iter().find(|email| email.address == address).cloned();
        let is_first = !all.iter().any(|email| email.usage == Usage::Report)
            && !shown.iter().any(|email| email.usage == Usage::Report);
        let usage = if is_first { Usage::Report } else { Usage::Team };
        all.push(known.unwrap_or(Email { address, usage }));
    }
    record.emails = all;
}

fn constituency(said: &str, record: &mut TeamRecord, notes: &mut Vec<String>) {
    let marks = [lines::KINDS, lines::SYSTEMS, lines::NETWORKS, lines::DOMAINS, lines::COUNTRIES];
    let (text, [kinds, systems, networks, domains, countries]) = without_lines(said, marks);
    record.description = text;
    let list = |text: String, between: &str| -> Vec<String> {
        text.split(between).map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    };
    if let Some(kinds) = kinds {
        record.types = list(kinds, ";");
    }
    if let Some(systems) = systems {
        record.asns = list(systems, ",")
            .iter()
            .filter_map(|asn| asn.trim_start_matches("AS").trim().parse().ok())
            .collect();
    }
    if let Some(networks) = networks {
        let mut all = Vec::new();
        for network in list(networks, ",") {
            match network.parse() {
                Ok(network) => all.push(network),
                Err(error) => notes.push(format!("{}: {error}", Section::Constituency)),
            }
        }
        record.networks = all;
    }
    if let Some(domains) = domains {
        record.domains = list(domains, ",");
    }
    if let Some(countries) = countries {
        record.countries = lines::countries(&countries);
    }
}
