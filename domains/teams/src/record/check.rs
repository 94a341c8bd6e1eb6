//! Every field in its usual form, and every mistake of a record named at once.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;

use kit::Error;

use crate::names::is_unseen;

use super::{Audience, Contact, Country, Misp, Person, TeamRecord};

/// Most entries of one kind in a record: more is a mistake, or somebody who wants the node to stop.
const TOO_MANY: usize = 10_000;
/// Most contacts, people, addresses and telephones.
const TOO_MANY_PEOPLE: usize = 500;
/// Longest text of several lines, in bytes.
const TOO_LONG: usize = 4_000;
/// Longest text of one line, in bytes.
const TOO_LONG_LINE: usize = 300;
/// Most mistakes that are named; who has more begins with these.
const TOO_WRONG: usize = 100;

/// A field that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = TeamFieldError)]
pub struct FieldError {
    /// Its name as in the JSON of a record; of an entry in a list with its place, from 0: `phones.2.number`.
    pub field: String,
    /// What stands in it and what would be right.
    pub message: String,
}

/// All that is wrong with a record; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(pub Vec<FieldError>);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect();
        f.write_str(&all.join("; "))
    }
}

impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Self {
        let mut all = wrong.0.into_iter();
        let first = all.next();
        let mut message = first.as_ref().map(|wrong| wrong.message.clone()).unwrap_or_default();
        for other in all {
            message.push_str(&format!("; {}: {}", other.field, other.message));
        }
        // Only the field of a list is an argument that somebody knows: "phones.2.number" belongs to "phones".
        let field = first.map(|wrong| wrong.field).unwrap_or_default();
        Self::invalid(field.split('.').next().unwrap_or_default(), message)
    }
}

/// Collects mistakes.
#[derive(Default)]
struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < TOO_WRONG {
            self.0.push(FieldError { field: field.into(), message: message.into() });
        }
    }

    /// A text of one line, without what no keyboard types.
    fn line(&mut self, field: impl Into<String>, text: &mut String) {
        *text =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
        self.size(field, text, TOO_LONG_LINE);
    }

    /// A name: a line in which every letter is seen.
    fn name(&mut self, field: &'static str, text: &mut String) {
        self.line(field, text);
        if let Some(unseen) = text.chars().find(|c| is_unseen(*c)) {
            let advice = "type the name anew";
            self.add(field, format!("it has U+{:04X} in it, which nobody sees: {advice}", u32::from(unseen)));
        }
    }

    /// A text of several lines, which end as on Unix.
    fn lines(&mut self, field: impl Into<String>, text: &mut String) {
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        *text = unix.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "").trim().to_owned();
        self.size(field, text, TOO_LONG);
    }

    fn size(&mut self, field: impl Into<String>, text: &str, most: usize) {
        if text.len() > most {
            self.add(field, format!("{} bytes are more than {most}: shorten it", text.len()));
        }
    }

    fn zone(&mut self, field: impl Into<String>, zone: &mut String) {
        *zone = zone.trim().to_owned();
        if !zone.is_empty() && !is_zone(zone) {
            self.add(field, format!("{zone:?} is no time zone: write Europe/Copenhagen"));
        }
    }

    fn address(&mut self, field: impl Into<String>, text: &mut String) {
        if text.trim().is_empty() {
            text.clear();
            return;
        }
        match mail_address(text) {
            Some(address) => *text = address,
            None => self.add(field, format!("{text:?} is no mail address")),
        }
    }

    fn number(&mut self, field: impl Into<String>, text: &mut String) {
        *text = text.trim().to_owned();
        let known = |c: char| c.is_ascii_digit() || "+-/.() ".contains(c) || c.is_ascii_alphabetic();
        if text.len() > 60
            || !text.chars().all(known)
            || !text.is_empty() && !text.contains(|c: char| c.is_ascii_digit())
        {
            self.add(field, format!("{text:?} is no telephone number: write +45 5550 0223"));
        }
    }

    fn country(&mut self, field: impl Into<String>, country: &mut Country) {
        let field = field.into();
        country.code = country.code.trim().to_ascii_uppercase();
        if !country.code.is_empty() && !is_country(&country.code) {
            self.add(&field, format!("{:?} is no country code: take two letters such as DK", country.code));
        }
        self.line(field, &mut country.name);
    }

    fn fingerprint(&mut self, field: impl Into<String>, text: &mut String) {
        *text = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let is_one = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !text.is_empty() && !is_one {
            self.add(
                field,
                format!("{text:?} is no fingerprint: it has 40 hexadecimal digits, newer ones 64"),
            );
        }
    }
}

impl TeamRecord {
    /// Puts letters and line ends into their usual form, drops doublets and empty entries, and checks every field.
    ///
    /// # Errors
    /// [`Wrong`] names all fields that cannot be taken, what stands in them, and what would be right.
    pub fn checked(mut self) -> Result<Self, Wrong> {
        let mut wrong = Mistakes::default();
        self.check_names(&mut wrong);
        self.check_texts(&mut wrong);
        self.check_constituency(&mut wrong);
        self.check_reach(&mut wrong);
        self.check_people(&mut wrong);
        self.check_channels(&mut wrong);
        for field in self.visibility.keys().filter(|field| !field.is_free()) {
            wrong.add("visibility", format!("who sees {} is not for the team to decide", field.words()));
        }
        for (field, _) in
            self.visibility.iter().filter(|(field, by)| field.is_free() && **by == Audience::Operator)
        {
            wrong.add("visibility", format!("{}: the team itself sees all that it enters", field.words()));
        }
        // What is as it would be anyhow needs no row.
        self.visibility.retain(|field, audience| *audience != field.default_audience());
        if wrong.0.is_empty() { Ok(self) } else { Err(Wrong(wrong.0)) }
    }

    fn check_names(&mut self, wrong: &mut Mistakes) {
        let is_handle = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.handle.is_empty() || self.handle.len() > 40 || !self.handle.chars().all(is_handle) {
            wrong.add("handle", format!("{:?} is none: take 1 to 40 of a-z, 0-9 and -", self.handle));
        }
        wrong.name("name", &mut self.name);
        if self.name.is_empty() {
            wrong.add("name", "the team needs a name that people know it by");
        }
        wrong.name("official_name", &mut self.official_name);
        wrong.country("country", &mut self.country);
        for (field, day) in
            [("established", &mut self.established), ("document.updated", &mut self.document.updated)]
        {
            *day = day.trim().to_owned();
            if !day.is_empty() && day.parse::<jiff::civil::Date>().is_err() {
                wrong.add(field, format!("{day:?} is no day: write 2014-09-01"));
            }
        }
        wrong.name("host_organisation", &mut self.host_organisation);
        self.irt = self.irt.take().map(|irt| irt.trim().to_ascii_uppercase()).filter(|irt| !irt.is_empty());
        if let Some(irt) = self.irt.as_ref().filter(|irt| !irt.starts_with("IRT-") || irt.len() > 80) {
            wrong.add("irt", format!("{irt:?} is no name of an irt object: it begins with IRT-"));
        }
        wrong.line("references.first", &mut self.references.first);
        wrong.line("references.registry_organisation", &mut self.references.registry_organisation);
        wrong.line("references.trusted_introducer", &mut self.references.trusted_introducer);
    }

    fn check_texts(&mut self, wrong: &mut Mistakes) {
        let texts = [
            ("postal_address", &mut self.postal_address),
            ("description", &mut self.description),
            ("mission", &mut self.mission),
            ("sponsorship", &mut self.sponsorship),
            ("authority", &mut self.authority),
            ("support_level", &mut self.support_level),
            ("services_reactive", &mut self.services_reactive),
            ("services_proactive", &mut self.services_proactive),
            ("business_hours", &mut self.business_hours),
            ("other_telecommunication", &mut self.other_telecommunication),
            ("customer_contact", &mut self.customer_contact),
            ("other_information", &mut self.other_information),
            ("policy_disclosure", &mut self.policy_disclosure),
            ("policy_communication", &mut self.policy_communication),
            ("reporting_forms", &mut self.reporting_forms),
            ("disclaimer", &mut self.disclaimer),
            ("document.locations", &mut self.document.locations),
            ("document.notifications", &mut self.document.notifications),
            ("team_notes", &mut self.team_notes),
            ("operator_notes", &mut self.operator_notes),
        ];
        for (field, text) in texts {
            wrong.lines(field, text);
        }
        wrong.zone("time_zone", &mut self.time_zone);
        if self.hours.len() > 20 {
            wrong.add("hours", "20 lines are enough: join some");
        }
        for hours in self.hours.iter().filter(|hours| !hours.is_right()) {
            wrong.add("hours", format!("{:?} are no hours: write mon-fri 09:00-17:00", hours.words()));
        }
    }

    fn check_constituency(&mut self, wrong: &mut Mistakes) {
        let lists = [
            ("types", self.types.len()),
            ("asns", self.asns.len()),
            ("domains", self.domains.len()),
            ("networks", self.networks.len()),
            ("countries", self.countries.len()),
            ("languages", self.languages.len()),
        ];
        for (field, count) in lists {
            if count > TOO_MANY {
                wrong.add(field, format!("{count} entries are more than {TOO_MANY}: join some"));
            }
        }
        for kind in &mut self.types {
            wrong.line("types", kind);
        }
        self.types.retain(|kind| !kind.is_empty());
        for country in &mut self.countries {
            wrong.country("countries", country);
        }
        self.countries.retain(|country| *country != Country::default());
        for domain in &mut self.domains {
            *domain = domain.trim().trim_end_matches('.').to_lowercase();
            let bare = domain.strip_prefix("*.").unwrap_or(domain);
            if bare.is_empty() || bare.len() > 253 || bare.contains(['/', '@', '*']) || has_space(bare) {
                wrong.add(
                    "domains",
                    format!("{domain:?} is no domain: write skerry.example or *.skerry.example"),
                );
            }
        }
        for language in &self.languages {
            if !(2..=3).contains(&language.len()) || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
                wrong.add("languages", format!("{language:?} is no language code: write en, de, sl"));
            }
        }
        distinct(&mut self.types);
        distinct(&mut self.domains);
        distinct(&mut self.asns);
        distinct(&mut self.languages);
        distinct(&mut self.channels);
        self.networks.sort();
        self.networks.dedup();
    }

    fn check_reach(&mut self, wrong: &mut Mistakes) {
        let counts = [
            ("emails", self.emails.len()),
            ("phones", self.phones.len()),
            ("contacts", self.contacts.len()),
            ("people", self.people.len()),
        ];
        for (field, count) in counts {
            if count > TOO_MANY_PEOPLE {
                wrong.add(field, format!("{count} entries are more than {TOO_MANY_PEOPLE}: join some"));
            }
        }
        for (n, email) in self.emails.iter_mut().enumerate().take(TOO_MANY_PEOPLE) {
            match mail_address(&email.address) {
                Some(address) => email.address = address,
                None => wrong
                    .add(format!("emails.{n}.address"), format!("{:?} is no mail address", email.address)),
            }
        }
        for (n, phone) in self.phones.iter_mut().enumerate().take(TOO_MANY_PEOPLE) {
            let field = format!("phones.{n}.number");
            wrong.number(&field, &mut phone.number);
            if phone.number.is_empty() {
                wrong.add(field, "the number is missing");
            }
            wrong.zone(format!("phones.{n}.time_zone"), &mut phone.time_zone);
            wrong.line(format!("phones.{n}.comment"), &mut phone.comment);
        }
    }

    fn check_people(&mut self, wrong: &mut Mistakes) {
        self.contacts.retain(|contact| *contact != Contact { role: contact.role, ..Contact::default() });
        for (n, contact) in self.contacts.iter_mut().enumerate().take(TOO_MANY_PEOPLE) {
            wrong.line(format!("contacts.{n}.name"), &mut contact.name);
            wrong.line(format!("contacts.{n}.comment"), &mut contact.comment);
            wrong.address(format!("contacts.{n}.email"), &mut contact.email);
            wrong.number(format!("contacts.{n}.phone"), &mut contact.phone);
            let (needs, role) = (contact.role.needs(), contact.role.words());
            if needs.name && contact.name.is_empty() {
                wrong.add(format!("contacts.{n}.name"), format!("a contact for {role} needs a name"));
            }
            if needs.email && contact.email.is_empty() {
                wrong
                    .add(format!("contacts.{n}.email"), format!("a contact for {role} needs a mail address"));
            }
            if needs.phone && contact.phone.is_empty() {
                let advice =
                    format!("a contact for {role} needs a telephone that is answered round the clock");
                wrong.add(format!("contacts.{n}.phone"), advice);
            }
            if needs.either && contact.email.is_empty() && contact.phone.is_empty() {
                let advice = format!("a contact for {role} needs a mail address or a telephone");
                wrong.add(format!("contacts.{n}.email"), advice);
            }
        }
        self.people.retain(|person| *person != Person::default());
        let mut names = HashSet::new();
        for (n, person) in self.people.iter_mut().enumerate().take(TOO_MANY_PEOPLE) {
            wrong.line(format!("people.{n}.name"), &mut person.name);
            wrong.line(format!("people.{n}.function"), &mut person.function);
            wrong.line(format!("people.{n}.account"), &mut person.account);
            wrong.address(format!("people.{n}.email"), &mut person.email);
            wrong.number(format!("people.{n}.phone"), &mut person.phone);
            wrong.fingerprint(format!("people.{n}.key"), &mut person.key);
            if person.name.is_empty() {
                wrong.add(format!("people.{n}.name"), "the name is missing");
            } else if !names.insert(person.name.clone()) {
                let advice = format!("{} stands here already: join the entries", person.name);
                wrong.add(format!("people.{n}.name"), advice);
            }
        }
    }

    fn check_channels(&mut self, wrong: &mut Mistakes) {
        wrong.line("rid_endpoint", &mut self.rid_endpoint);
        let url = &self.rid_endpoint;
        let host = url.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or_default());
        if !url.is_empty() && host.is_none_or(|host| host.is_empty() || host.contains('@') || has_space(url))
        {
            wrong.add(
                "rid_endpoint",
                format!("{url:?} is no address: write https://rid.skerry.example:4590/"),
            );
        }
        self.misp = self.misp.take().filter(|misp| *misp != Misp::default());
        if let Some(misp) = &mut self.misp {
            misp.org_uuid = misp.org_uuid.trim().to_ascii_lowercase();
            if !is_uuid(&misp.org_uuid) {
                let advice = "it is no UUID: copy it from the organisation's page in MISP";
                wrong.add("misp.org_uuid", format!("{:?}: {advice}", misp.org_uuid));
            }
            wrong.line("misp.org_name", &mut misp.org_name);
            wrong.address("misp.org_email", &mut misp.org_email);
        }
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

pub(crate) fn is_zone(zone: &str) -> bool {
    jiff::tz::TimeZone::get(zone).is_ok()
}

fn has_space(text: &str) -> bool {
    text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// `55f6ea65-aa10-4c5a-bf01-4f84950d210f`.
fn is_uuid(text: &str) -> bool {
    let is_hyphen = |at: usize| [8, 13, 18, 23].contains(&at);
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if is_hyphen(at) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// A mail address in small letters, if the text can be one.
pub(crate) fn mail_address(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let plain = address.len() <= 254
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    (plain && !local.is_empty() && !domain.is_empty()).then_some(address)
}

/// Keeps the first of equal entries; order stays, because it is an order of preference.
fn distinct<T: Hash + Eq + Clone>(list: &mut Vec<T>) {
    let mut seen = HashSet::new();
    list.retain(|entry| seen.insert(entry.clone()));
}

#[cfg(test)]
mod tests {
    use super::super::*;

    fn record() -> TeamRecord {
        TeamRecord { handle: "skerry".into(), name: "CERT Skerry".into(), ..TeamRecord::default() }
    }

    fn wrong(record: TeamRecord) -> Vec<String> {
        record.checked().unwrap_err().0.into_iter().map(|wrong| wrong.field).collect()
    }

    #[test]
    fn a_record_is_put_into_its_usual_form() {
        let checked = TeamRecord {
            domains: vec!["Skerry.Example.".into(), "skerry.example".into(), "*.Skerry.example".into()],
            irt: Some("irt-skerry".into()),
            emails: vec![Email { address: " CERT@Skerry.example ".into(), usage: Usage::Report }],
            postal_address: " Quay 1\r\nSkerry\r\n".into(),
            people: vec![
                Person::default(),
                Person {
                    name: "Ines".into(),
                    key: "abcd 0000 1111 2222 3333  4444 5555 6666 7777 8888".into(),
                    ..Person::default()
                },
            ],
            visibility: [(Field::People, Audience::Members), (Field::Emails, Audience::Members)].into(),
            ..record()
        }
        .checked()
        .unwrap();
        assert_eq!(checked.domains, ["skerry.example", "*.skerry.example"]);
        assert_eq!(checked.irt.as_deref(), Some("IRT-SKERRY"));
        assert_eq!(checked.emails[0].address, "cert@skerry.example");
        assert_eq!(checked.postal_address, "Quay 1\nSkerry");
        assert_eq!((checked.people.len(), checked.people[0].key.len()), (1, 40));
        assert_eq!(checked.visibility.len(), 1, "what is the default anyhow is not kept");
        assert_eq!(checked.clone().checked().unwrap(), checked, "once is enough");
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        let email = |address: &str| vec![Email { address: address.into(), usage: Usage::Team }];
        let phone = |number: &str| vec![Phone { number: number.into(), ..Phone::default() }];
        let bad = [
            ("handle", TeamRecord { handle: "CERT Skerry".into(), ..record() }),
            ("name", TeamRecord { name: " ".into(), ..record() }),
            (
                "country",
                TeamRecord { country: Country { code: "DNK".into(), ..Country::default() }, ..record() },
            ),
            ("established", TeamRecord { established: "in 2014".into(), ..record() }),
            (
                "document.updated",
                TeamRecord { document: Document { updated: "x".into(), ..Document::default() }, ..record() },
            ),
            ("time_zone", TeamRecord { time_zone: "Skerry time".into(), ..record() }),
            ("domains", TeamRecord { domains: vec!["a b".into()], ..record() }),
            ("emails.0.address", TeamRecord { emails: email("x"), ..record() }),
            ("phones.0.number", TeamRecord { phones: phone("call us"), ..record() }),
            ("phones.0.number", TeamRecord { phones: phone(""), ..record() }),
            ("languages", TeamRecord { languages: vec!["English".into()], ..record() }),
            ("irt", TeamRecord { irt: Some("SKERRY".into()), ..record() }),
            ("description", TeamRecord { description: "x".repeat(5_000), ..record() }),
            ("asns", TeamRecord { asns: (0..10_001).collect(), ..record() }),
            ("hours", TeamRecord { hours: vec![ServiceHours::default()], ..record() }),
            ("rid_endpoint", TeamRecord { rid_endpoint: "http://rid.skerry.example/".into(), ..record() }),
            (
                "misp.org_uuid",
                TeamRecord { misp: Some(Misp { org_name: "Skerry".into(), ..Misp::default() }), ..record() },
            ),
            ("visibility", TeamRecord { visibility: [(Field::Identity, Audience::Team)].into(), ..record() }),
        ];
        for (field, record) in bad {
            assert_eq!(wrong(record), [field]);
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let record = TeamRecord {
            established: "x".into(),
            emails: vec![
                Email { address: "cert@skerry.example".into(), usage: Usage::Report },
                Email { address: "x".into(), usage: Usage::Team },
            ],
            irt: Some("X".into()),
            ..record()
        };
        let error = kit::Error::from(record.clone().checked().unwrap_err()).to_string();
        assert_eq!(wrong(record), ["established", "irt", "emails.1.address"]);
        assert!(
            error.starts_with("established: ")
                && error.contains("irt: ")
                && error.contains("emails.1.address"),
            "{error}"
        );
    }

    #[test]
    fn the_role_of_a_contact_decides_what_it_needs() {
        let contact = |role: ContactRole| Contact { role, comment: "x".into(), ..Contact::default() };
        let needs = |role| wrong(TeamRecord { contacts: vec![contact(role)], ..record() });
        assert_eq!(needs(ContactRole::Report), ["contacts.0.email"]);
        assert_eq!(needs(ContactRole::Head), ["contacts.0.name", "contacts.0.email"]);
        assert_eq!(needs(ContactRole::Emergency), ["contacts.0.phone"]);
        assert_eq!(needs(ContactRole::SecurityOfficer), ["contacts.0.name", "contacts.0.email"]);
        let head = Contact { name: "Ines".into(), phone: "+00 1".into(), ..contact(ContactRole::Head) };
        assert!(TeamRecord { contacts: vec![head], ..record() }.checked().is_ok());
        let empty = Contact { role: ContactRole::Head, ..Contact::default() };
        assert!(TeamRecord { contacts: vec![empty], ..record() }.checked().unwrap().contacts.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_or_refused_and_taken_again_as_it_was(text in "\\PC{0,80}", zone in "\\PC{0,20}") {
            let record = TeamRecord {
                name: text.clone(),
                postal_address: text.clone(),
                domains: vec![text.clone()],
                languages: vec![text.clone()],
                time_zone: zone,
                rid_endpoint: text.clone(),
                contacts: vec![Contact { name: text.clone(), phone: text.clone(), ..Contact::default() }],
                people: vec![Person { name: text.clone(), key: text, ..Person::default() }],
                ..record()
            };
            if let Ok(checked) = record.checked() {
                proptest::prop_assert_eq!(checked.clone().checked().unwrap(), checked);
            }
        }
    }
}
