//! How the fields of a record stand in a description.

use rfc2350::Section;

use crate::record::Country;
use crate::{Handled, IncidentType, TeamRecord};

/// Where a text of the record is.
pub(super) struct Text {
    pub(super) section: Section,
    pub(super) of: fn(&TeamRecord) -> &String,
    pub(super) of_mut: fn(&mut TeamRecord) -> &mut String,
}

macro_rules! texts {
    ($($section:ident $($field:ident).+;)*) => {
        /// The sections whose whole text is one field.
        pub(super) const TEXTS: &[Text] = &[$(Text {
            section: Section::$section,
            of: |record| &record.$($field).+,
            of_mut: |record| &mut record.$($field).+,
        }),*];
    };
}

texts! {
    Notifications document.notifications;
    Locations document.locations;
    Address postal_address;
    OtherTelecommunication other_telecommunication;
    OtherInformation other_information;
    Mission mission;
    Authority authority;
    Disclosure policy_disclosure;
    Communication policy_communication;
    Response services_reactive;
    Proactive services_proactive;
    Forms reporting_forms;
    Disclaimers disclaimer;
}

/// Begins the line of service hours in 2.11.
pub(super) const HOURS: &str = "Hours: ";
/// Begins the line of the host in 3.3.
pub(super) const HOST: &str = "Host organisation: ";
/// Begin the lines of the constituency in 3.2.
pub(super) const KINDS: &str = "Kind: ";
pub(super) const SYSTEMS: &str = "Autonomous systems: ";
pub(super) const NETWORKS: &str = "Networks: ";
pub(super) const DOMAINS: &str = "Domains: ";
pub(super) const COUNTRIES: &str = "Countries: ";

/// Text, an empty line, and lines that programs read too.
pub(super) fn with_lines(text: &str, lines: Vec<String>) -> String {
    let parts = [text.trim().to_owned(), lines.join("\n")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The values of the lines that begin with `marks`, and the text without them.
pub(super) fn without_lines<const N: usize>(text: &str, marks: [&str; N]) -> (String, [Option<String>; N]) {
    let mut values = [const { None }; N];
    let mut rest = Vec::new();
    for line in text.lines() {
        match marks.iter().position(|mark| line.starts_with(mark)) {
            Some(at) => values[at] = line.strip_prefix(marks[at]).map(|value| value.trim().to_owned()),
            None => rest.push(line),
        }
    }
    (rest.join("\n").trim().to_owned(), values)
}

/// `- spam: not handled`
pub(super) fn remit_lines(record: &TeamRecord) -> Vec<String> {
    record.remit.iter().map(|(kind, handled)| format!("- {}: {}", kind.words(), handled.words())).collect()
}

/// The other way round; what is no such line stays text.
pub(super) fn remit(text: &str) -> (String, Vec<(IncidentType, Handled)>) {
    let mut remit = Vec::new();
    let mut rest = Vec::new();
    for line in text.lines() {
        let known =
            line.strip_prefix("- ").and_then(|line| line.rsplit_once(": ")).and_then(|(kind, handled)| {
                let kind = IncidentType::ALL.into_iter().find(|one| one.words() == kind)?;
                Some((kind, Handled::ALL.into_iter().find(|one| one.words() == handled)?))
            });
        match known {
            Some(known) => remit.push(known),
            None => rest.push(line),
        }
    }
    (rest.join("\n").trim().to_owned(), remit)
}

/// `Denmark (DK)`
pub(super) fn country(country: &Country) -> String {
    match (country.name.as_str(), country.code.as_str()) {
        ("", code) => format!("({code})"),
        (name, "") => name.to_owned(),
        (name, code) => format!("{name} ({code})"),
    }
}

/// The other way round.
pub(super) fn countries(text: &str) -> Vec<Country> {
    let one = |text: &str| {
        let text = text.trim();
        match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
            Some((name, code)) => Country { code: code.trim().to_owned(), name: name.trim().to_owned() },
            None => Country { code: String::new(), name: text.to_owned() },
        }
    };
    text.split("; ").map(one).filter(|country| !country.name.is_empty() || !country.code.is_empty()).collect()
}
