//! What a team says about itself: everything of a public directory and of RFC 2350.
//!
//! | module | what |
//! |---|---|
//! | here | the record as a whole, how two of them differ |
//! | `contacts` | addresses, telephones, people and the roles in which they are reached |
//! | `practice` | what the team handles, when, and by which channels |
//! | `visibility` | who may see which field |
//! | `check` | every field in its usual form, every mistake named |

mod check;
mod contacts;
mod practice;
mod visibility;

use std::collections::BTreeMap;

use rpsl::range::AddressRange;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use check::{FieldError, Wrong};
pub(crate) use check::{is_zone, mail_address};
pub use contacts::{Contact, ContactRole, Email, Needs, Person, Phone, Usage};
pub use practice::{Channel, CrossReferences, Document, Handled, IncidentType, Misp, ServiceHours, Weekday};
pub use visibility::{Audience, Field};

/// The record of a team as it enters it. Everything but handle and name may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct TeamRecord {
    /// Its short name in this directory and in addresses: 1–40 of `a-z`, `0-9`, `-`.
    pub handle: String,
    /// Its name for people, such as "CERT Skerry".
    pub name: String,
    /// Its name in full.
    pub official_name: String,
    /// Where it is.
    pub country: Country,
    /// The day it was founded, `YYYY-MM-DD`; empty when unknown.
    pub established: String,
    /// The organisation it belongs to.
    pub host_organisation: String,
    /// Lines of its postal address (RFC 2350, 2.2).
    pub postal_address: String,
    /// Kinds of constituency: "Research & Education", "National".
    pub types: Vec<String>,
    /// Whom it serves, in words (RFC 2350, 3.2).
    pub description: String,
    /// AS numbers of its constituency.
    pub asns: Vec<u32>,
    /// Domains of its constituency; `*.` in front means everything below. Claims, see [`crate::Claim`].
    pub domains: Vec<String>,
    /// Countries of a national team's constituency.
    pub countries: Vec<Country>,
    /// What it is there for (RFC 2350, 3.1).
    pub mission: String,
    /// Who pays for it, whom it belongs to (RFC 2350, 3.3).
    pub sponsorship: String,
    /// By what right it acts, and what it may order its constituency (RFC 2350, 3.4).
    pub authority: String,
    /// Which incidents it handles; a type that is not named here is not said.
    pub remit: BTreeMap<IncidentType, Handled>,
    /// How far it helps with which incidents, in words (RFC 2350, 4.1).
    pub support_level: String,
    /// What it does when something has happened (RFC 2350, 5.1).
    pub services_reactive: String,
    /// What it does before (RFC 2350, 5.2).
    pub services_proactive: String,
    /// When people are there, in words.
    pub business_hours: String,
    /// IANA time zone of those hours (RFC 2350, 2.3).
    pub time_zone: String,
    /// The same hours for programs, in that zone; empty when only words are given.
    pub hours: Vec<ServiceHours>,
    /// ISO 639-1 codes, the preferred one first.
    pub languages: Vec<String>,
    /// How it wants to be told, the preferred way first.
    pub channels: Vec<Channel>,
    /// Where its RID listener is (RFC 6546), an `https` URL; empty without one.
    pub rid_endpoint: String,
    /// Its organisation in MISP.
    pub misp: Option<Misp>,
    /// Mail addresses.
    pub emails: Vec<Email>,
    /// Telephones.
    pub phones: Vec<Phone>,
    /// Who is reached in which role.
    pub contacts: Vec<Contact>,
    /// Its people and their functions (RFC 2350, 2.9).
    pub people: Vec<Person>,
    /// Other ways to reach it (RFC 2350, 2.6).
    pub other_telecommunication: String,
    /// How its constituency is to reach it (RFC 2350, 2.11).
    pub customer_contact: String,
    /// What else there is to say (RFC 2350, 2.10).
    pub other_information: String,
    /// How it co-operates, and what it tells to whom (RFC 2350, 4.2).
    pub policy_disclosure: String,
    /// How it protects what is said to it, and knows who speaks (RFC 2350, 4.3).
    pub policy_communication: String,
    /// The forms by which incidents are reported (RFC 2350, 6).
    pub reporting_forms: String,
    /// What it does not answer for (RFC 2350, 7).
    pub disclaimer: String,
    /// The name of its `irt` object in the registry.
    pub irt: Option<String>,
    /// What it is called in other directories.
    pub references: CrossReferences,
    /// About the document that RFC 2350 asks for (section 1).
    pub document: Document,
    /// Notes of the team for itself.
    pub team_notes: String,
    /// Notes of the community's operator about the team; the team does not see them.
    pub operator_notes: String,
    /// Who may see what, where the team decided otherwise than [`Field::default_audience`].
    pub visibility: BTreeMap<Field, Audience>,
    /// Its constituency in networks, as a file names them: `192.0.2.0/24`, `2001:db8::/32`,
    /// `192.0.2.10 - 192.0.2.77`. Claims, see [`crate::Claim`].
    #[schema(value_type = Vec<String>)]
    pub networks: Vec<Network>,
}

/// A country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Country {
    /// ISO 3166-1 alpha-2, capitals.
    pub code: String,
    /// Its name in English.
    pub name: String,
}

/// A network of the constituency: a claim until [`crate::Team::network_proof`] finds what proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// Its addresses; not necessarily a prefix.
    pub range: AddressRange,
}

impl std::fmt::Display for Network {
    /// `192.0.2.0/25` when it is one prefix, else its first and last address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.range.prefix_length() {
            Some(length) => write!(f, "{}/{length}", self.range.first()),
            None => write!(f, "{} - {}", self.range.first(), self.range.last()),
        }
    }
}

impl std::str::FromStr for Network {
    type Err = rpsl::range::RangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        rpsl::range::parse_range(text).map(|range| Self { range })
    }
}

impl Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A field that differs between two records, for people who decide whether to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field's name, as in the JSON of a record.
    pub field: String,
    /// What stood there; empty when nothing.
    pub before: String,
    /// What stands there; empty when nothing.
    pub after: String,
}

impl TeamRecord {
    /// The names of the fields that differ from `other`'s, for the record of changes.
    pub fn differs_in(&self, other: &Self) -> Vec<String> {
        let (here, there) = (fields(self), fields(other));
        here.iter()
            .filter(|(field, value)| there.get(*field) != Some(value))
            .map(|(f, _)| f.clone())
            .collect()
    }

    /// What changes when this record takes the place of `before`: each field with both its values in words.
    pub fn difference(&self, before: &Self) -> Vec<Difference> {
        let (new, old) = (fields(self), fields(before));
        let words = |values: &serde_json::Map<String, serde_json::Value>, field: &str| {
            values.get(field).map(in_words).unwrap_or_default()
        };
        let differing = self.differs_in(before).into_iter();
        differing
            .map(|field| Difference { before: words(&old, &field), after: words(&new, &field), field })
            .collect()
    }

    /// The record's version: SHA-256, upper-case hex, over its fields in one order, without those that are empty
    /// (so a field that a later version of the program brings changes no digest) and without the operator's notes.
    pub fn digest(&self) -> String {
        let mut value = serde_json::Value::Object(fields(self));
        if let Some(fields) = value.as_object_mut() {
            fields.remove("operator_notes");
        }
        let mut text = String::new();
        canonical(&value, &mut text);
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

fn fields(record: &TeamRecord) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(record) {
        Ok(serde_json::Value::Object(fields)) => fields,
        // A record is an object, and all of its parts have a form in JSON.
        _ => serde_json::Map::new(),
    }
}

fn is_empty(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// JSON with the members in the order of their names and without empty ones.
fn canonical(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::Object(fields) => {
            let sorted: BTreeMap<_, _> = fields.iter().filter(|(_, value)| !is_empty(value)).collect();
            out.push('{');
            for (name, value) in sorted {
                out.push_str(&serde_json::Value::from(name.as_str()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        serde_json::Value::Array(list) => {
            out.push('[');
            for value in list {
                canonical(value, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// A value as a line or some lines that people read.
fn in_words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => {
            let entries: Vec<String> = list.iter().map(in_words).collect();
            let separator = if list.iter().any(serde_json::Value::is_object) { "\n" } else { ", " };
            entries.join(separator)
        }
        serde_json::Value::Object(fields) => {
            let parts = fields.iter().filter(|(_, value)| !is_empty(value));
            let parts: Vec<String> = parts
                .map(|(name, value)| format!("{}: {}", name.replace('_', " "), in_words(value)))
                .collect();
            parts.join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TeamRecord {
        TeamRecord { handle: "skerry".into(), name: "CERT Skerry".into(), ..TeamRecord::default() }
    }

    #[test]
    fn a_record_stored_before_a_field_was_there_is_read_and_has_the_same_digest() {
        let old: TeamRecord = serde_json::from_str(
            r#"{"handle": "skerry", "name": "CERT Skerry", "official_name": "", "phones": [{"number": "+00 1", "usage": "voice", "time_zone": ""}]}"#,
        )
        .unwrap();
        assert_eq!(old.phones[0].comment, "");
        let phone = Phone { number: "+00 1".into(), usage: Usage::Voice, ..Phone::default() };
        let new = TeamRecord { phones: vec![phone], ..record() };
        assert_eq!(old.digest(), new.digest());
        assert_eq!(old.digest().len(), 64);
    }

    #[test]
    fn the_digest_follows_what_the_team_says_and_not_what_the_operator_notes() {
        let noted = TeamRecord { operator_notes: "called on Monday".into(), ..record() };
        assert_eq!(noted.digest(), record().digest());
        let network = "192.0.2.0/25".parse().unwrap();
        let wider = TeamRecord { networks: vec![network], ..record() };
        assert_ne!(wider.digest(), record().digest());
    }

    #[test]
    fn a_difference_names_the_fields_and_both_values() {
        let before = TeamRecord { asns: vec![64496], ..record() };
        let after = TeamRecord {
            asns: vec![64496, 64497],
            networks: vec!["192.0.2.0/25".parse().unwrap(), "192.0.2.200 - 192.0.2.210".parse().unwrap()],
            ..record()
        };
        assert_eq!(after.differs_in(&before), ["asns", "networks"]);
        let said = after.difference(&before);
        assert_eq!((said[0].before.as_str(), said[0].after.as_str()), ("64496", "64496, 64497"));
        assert_eq!(said[1].after, "192.0.2.0/25, 192.0.2.200 - 192.0.2.210");
        assert!(before.difference(&before).is_empty());
    }

    #[test]
    fn a_record_goes_through_json_unchanged() {
        let whole = TeamRecord {
            networks: vec!["192.0.2.0/25".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            remit: [(IncidentType::Spam, Handled::No), (IncidentType::Phishing, Handled::Constituency)]
                .into(),
            visibility: [(Field::People, Audience::Team)].into(),
            ..record()
        };
        let json = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<TeamRecord>(&json).unwrap(), whole, "{json}");
    }
}
