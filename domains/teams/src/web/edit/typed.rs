//! What stands in the form, as texts: taken from a record, or as somebody typed it. Nothing of it is lost when it
//! cannot be taken.

use std::collections::BTreeMap;

use identity::Fields;

use crate::{
    Audience, Channel, Contact, ContactRole, Country, Email, Field, FieldError, Handled, IncidentType, Misp,
    Person, Phone, ServiceHours, TeamRecord, Usage,
};

/// Most rows of a list that a form brings; the record has fewer.
const TOO_MANY: usize = 600;
/// Channels that can be put in an order.
pub(super) const CHANNELS: usize = 5;

/// Texts of one line or several, by the names that they have in the JSON of a record.
pub(super) const TEXTS: [&str; 40] = [
    "name",
    "official_name",
    "country.code",
    "country.name",
    "established",
    "host_organisation",
    "postal_address",
    "types",
    "description",
    "asns",
    "domains",
    "networks",
    "countries",
    "mission",
    "sponsorship",
    "authority",
    "support_level",
    "services_reactive",
    "services_proactive",
    "business_hours",
    "time_zone",
    "hours",
    "languages",
    "rid_endpoint",
    "misp.org_uuid",
    "misp.org_name",
    "misp.org_email",
    "other_telecommunication",
    "customer_contact",
    "other_information",
    "policy_disclosure",
    "policy_communication",
    "reporting_forms",
    "disclaimer",
    "irt",
    "references.first",
    "references.registry_organisation",
    "references.trusted_introducer",
    "document.updated",
    "document.locations",
];

/// The lists with rows, and what stands in a row.
pub(super) const ROWS: [(&str, &[&str]); 4] = [
    ("emails", &["address", "usage"]),
    ("phones", &["number", "usage", "time_zone", "comment"]),
    ("contacts", &["role", "name", "email", "phone", "comment"]),
    ("people", &["name", "function", "account", "email", "phone", "key"]),
];

/// The form's texts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    values: BTreeMap<String, String>,
    rows: BTreeMap<&'static str, usize>,
}

impl Typed {
    /// What a record looks like in the form.
    pub(super) fn of(record: &TeamRecord) -> Self {
        let mut typed = Self::default();
        let json = serde_json::to_value(record).unwrap_or_default();
        for name in TEXTS.into_iter().chain(["document.notifications", "team_notes"]) {
            let pointer = format!("/{}", name.replace('.', "/"));
            if let Some(text) = json.pointer(&pointer).and_then(|value| value.as_str()) {
                typed.set(name, text.to_owned());
            }
        }
        let lines = |list: Vec<String>| list.join("\n");
        typed.set("types", lines(record.types.clone()));
        typed.set("asns", record.asns.iter().map(|asn| format!("AS{asn}")).collect::<Vec<_>>().join(" "));
        typed.set("domains", lines(record.domains.clone()));
        typed.set("networks", lines(record.networks.iter().map(ToString::to_string).collect()));
        let country = |country: &Country| format!("{} {}", country.code, country.name).trim().to_owned();
        typed.set("countries", lines(record.countries.iter().map(country).collect()));
        typed.set("hours", lines(record.hours.iter().map(ServiceHours::words).collect()));
        typed.set("languages", record.languages.join(", "));
        for (n, channel) in record.channels.iter().take(CHANNELS).enumerate() {
            typed.set(&format!("channels.{n}"), channel.name().into());
        }
        for (kind, handled) in &record.remit {
            typed.set(&format!("remit.{}", kind.name()), handled.name().into());
        }
        for (field, audience) in &record.visibility {
            typed.set(&format!("visibility.{}", field.name()), audience.name().into());
        }
        for (list, columns) in ROWS {
            let rows = json.get(list).and_then(|rows| rows.as_array()).map(Vec::as_slice).unwrap_or_default();
            for (n, row) in rows.iter().enumerate() {
                for column in columns {
                    let text = row.get(column).and_then(|value| value.as_str()).unwrap_or_default();
                    typed.set(&format!("{list}.{n}.{column}"), text.to_owned());
                }
            }
            typed.rows.insert(list, rows.len());
        }
        typed
    }

    /// What was sent. Rows in which nothing stands are left out.
    pub(super) fn sent(fields: &Fields) -> Self {
        let mut typed = Self::default();
        let mut take = |name: String| {
            let value = fields.raw(&name).to_owned();
            if !value.is_empty() {
                typed.values.insert(name, value);
            }
        };
        TEXTS.into_iter().chain(["document.notifications", "team_notes"]).for_each(|name| take(name.into()));
        (0..CHANNELS).for_each(|n| take(format!("channels.{n}")));
        IncidentType::ALL.iter().for_each(|kind| take(format!("remit.{}", kind.name())));
        Field::ALL.iter().for_each(|field| take(format!("visibility.{}", field.name())));
        for (list, columns) in ROWS {
            let sent = fields.text(&format!("{list}.rows")).parse::<usize>().unwrap_or_default();
            let mut kept = 0;
            for n in 0..sent.min(TOO_MANY) {
                let value = |column: &str| fields.raw(&format!("{list}.{n}.{column}"));
                // A role or usage alone is what the empty row had.
                if columns
                    .iter()
                    .all(|column| ["role", "usage"].contains(column) || value(column).trim().is_empty())
                {
                    continue;
                }
                for column in columns {
                    typed.values.insert(format!("{list}.{kept}.{column}"), value(column).to_owned());
                }
                kept += 1;
            }
            typed.rows.insert(list, kept);
        }
        typed
    }

    fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// What stands in the field `name`.
    pub(super) fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// How many rows of `list` are filled.
    pub(super) fn rows(&self, list: &str) -> usize {
        self.rows.get(list).copied().unwrap_or_default()
    }

    /// The record that was typed, checked; `before` is the team's, for what the form does not hold.
    ///
    /// # Errors
    /// All fields that cannot be taken.
    pub(super) fn record(&self, before: &TeamRecord) -> Result<TeamRecord, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let text = |name: &str| self.text(name).trim().to_owned();
        let record = TeamRecord {
            handle: before.handle.clone(),
            name: text("name"),
            official_name: text("official_name"),
            country: Country { code: text("country.code"), name: text("country.name") },
            established: text("established"),
            host_organisation: text("host_organisation"),
            postal_address: text("postal_address"),
            types: lines(self.text("types")),
            description: text("description"),
            asns: self.asns(&mut wrong),
            domains: words(self.text("domains")),
            countries: lines(self.text("countries")).iter().map(|line| country(line)).collect(),
            mission: text("mission"),
            sponsorship: text("sponsorship"),
            authority: text("authority"),
            remit: self.remit(),
            support_level: text("support_level"),
            services_reactive: text("services_reactive"),
            services_proactive: text("services_proactive"),
            business_hours: text("business_hours"),
            time_zone: text("time_zone"),
            hours: self.hours(&mut wrong),
            languages: words(&self.text("languages").to_lowercase()),
            channels: self.channels(),
            rid_endpoint: text("rid_endpoint"),
            misp: Some(Misp {
                org_uuid: text("misp.org_uuid"),
                org_name: text("misp.org_name"),
                org_email: text("misp.org_email"),
            }),
            emails: self.emails(),
            phones: self.phones(),
            contacts: self.contacts(),
            people: self.people(),
            other_telecommunication: text("other_telecommunication"),
            customer_contact: text("customer_contact"),
            other_information: text("other_information"),
            policy_disclosure: text("policy_disclosure"),
            policy_communication: text("policy_communication"),
            reporting_forms: text("reporting_forms"),
            disclaimer: text("disclaimer"),
            irt: Some(text("irt")),
            references: crate::CrossReferences {
                first: text("references.first"),
                registry_organisation: text("references.registry_organisation"),
                trusted_introducer: text("references.trusted_introducer"),
            },
            document: crate::Document {
                updated: text("document.updated"),
                locations: text("document.locations"),
                notifications: text("document.notifications"),
            },
            team_notes: text("team_notes"),
            operator_notes: before.operator_notes.clone(),
            visibility: self.visibility(),
            networks: self.networks(&mut wrong),
        };
        match record.checked() {
            Ok(record) if wrong.is_empty() => Ok(record),
            Ok(_) => Err(wrong),
            Err(more) => {
                wrong.extend(more.0);
                Err(wrong)
            }
        }
    }

    fn asns(&self, wrong: &mut Vec<FieldError>) -> Vec<u32> {
        let read = |word: &String| {
            let digits = word
                .trim_start_matches(|c: char| c.eq_ignore_ascii_case(&'a') || c.eq_ignore_ascii_case(&'s'));
            digits.parse().map_err(|_| error("asns", format!("{word:?} is no AS number: write AS64500")))
        };
        collect(words(self.text("asns")).iter().map(read), wrong)
    }

    fn networks(&self, wrong: &mut Vec<FieldError>) -> Vec<crate::Network> {
        let read = |line: &String| {
            line.parse().map_err(|_| {
                let advice = "write 192.0.2.0/24, 2001:db8::/32 or 192.0.2.10 - 192.0.2.77";
                error("networks", format!("{line:?} is no network: {advice}"))
            })
        };
        collect(lines(&self.text("networks").replace(',', "\n")).iter().map(read), wrong)
    }

    fn hours(&self, wrong: &mut Vec<FieldError>) -> Vec<ServiceHours> {
        let read = |line: &String| {
            let hours = ServiceHours::parse(line);
            hours.ok_or_else(|| error("hours", format!("{line:?} are no hours: write mon-fri 09:00-17:00")))
        };
        collect(lines(self.text("hours")).iter().map(read), wrong)
    }

    fn remit(&self) -> BTreeMap<IncidentType, Handled> {
        let chosen = |kind: &IncidentType| {
            let text = self.text(&format!("remit.{}", kind.name()));
            Some((*kind, Handled::ALL.into_iter().find(|handled| handled.name() == text)?))
        };
        IncidentType::ALL.iter().filter_map(chosen).collect()
    }

    fn channels(&self) -> Vec<Channel> {
        let chosen = |n: usize| {
            let text = self.text(&format!("channels.{n}"));
            Channel::ALL.into_iter().find(|channel| channel.name() == text)
        };
        (0..CHANNELS).filter_map(chosen).collect()
    }

    fn visibility(&self) -> BTreeMap<Field, Audience> {
        let chosen =
            |field: &Field| Some((*field, self.text(&format!("visibility.{}", field.name())).parse().ok()?));
        Field::ALL.iter().filter(|field| field.is_free()).filter_map(chosen).collect()
    }

    fn cells<'a>(&'a self, list: &'static str) -> impl Iterator<Item = impl Fn(&str) -> String + 'a> + 'a {
        (0..self.rows(list))
            .map(move |n| move |column: &str| self.text(&format!("{list}.{n}.{column}")).trim().to_owned())
    }

    fn emails(&self) -> Vec<Email> {
        let row = |cell: &dyn Fn(&str) -> String| {
            let usage = Usage::OF_EMAILS.into_iter().find(|usage| usage.name() == cell("usage"));
            Email { address: cell("address"), usage: usage.unwrap_or(Usage::Team) }
        };
        self.cells("emails").map(|cell| row(&cell)).collect()
    }

    fn phones(&self) -> Vec<Phone> {
        let row = |cell: &dyn Fn(&str) -> String| {
            let usage = Usage::OF_PHONES.into_iter().find(|usage| usage.name() == cell("usage"));
            Phone {
                number: cell("number"),
                usage: usage.unwrap_or(Usage::Voice),
                time_zone: cell("time_zone"),
                comment: cell("comment"),
            }
        };
        self.cells("phones").map(|cell| row(&cell)).collect()
    }

    fn contacts(&self) -> Vec<Contact> {
        let row = |cell: &dyn Fn(&str) -> String| {
            let role = ContactRole::ALL.into_iter().find(|role| role.name() == cell("role"));
            Contact {
                role: role.unwrap_or_default(),
                name: cell("name"),
                email: cell("email"),
                phone: cell("phone"),
                comment: cell("comment"),
            }
        };
        self.cells("contacts").map(|cell| row(&cell)).collect()
    }

    fn people(&self) -> Vec<Person> {
        let row = |cell: &dyn Fn(&str) -> String| Person {
            name: cell("name"),
            function: cell("function"),
            account: cell("account"),
            email: cell("email"),
            phone: cell("phone"),
            key: cell("key"),
        };
        self.cells("people").map(|cell| row(&cell)).collect()
    }
}

/// `DK Denmark`.
fn country(line: &str) -> Country {
    let (code, name) = line.split_once(' ').unwrap_or((line, ""));
    Country { code: code.to_owned(), name: name.trim().to_owned() }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn error(field: &str, message: String) -> FieldError {
    FieldError { field: field.to_owned(), message }
}

fn collect<T>(read: impl Iterator<Item = Result<T, FieldError>>, wrong: &mut Vec<FieldError>) -> Vec<T> {
    let mut taken = Vec::new();
    for one in read {
        match one {
            Ok(one) => taken.push(one),
            Err(error) if wrong.len() < 100 => wrong.push(error),
            Err(_) => {}
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_goes_through_the_form_unchanged() {
        let text = r#"{"handle": "skerry", "name": "CERT Skerry", "country": {"code": "DK", "name": "Denmark"}, "types": ["Research & Education"],
            "asns": [64500, 64501], "domains": ["*.skerry.example", "skerry.example"], "networks": ["192.0.2.0/25", "192.0.2.200 - 192.0.2.210"],
            "countries": [{"code": "DK", "name": "Denmark"}], "hours": [{"days": ["mon", "fri"], "from": "09:00", "to": "17:00"}],
            "languages": ["da", "en"], "channels": ["iodef", "mail"], "remit": {"spam": "no", "malware": "constituency"},
            "misp": {"org_uuid": "55f6ea65-aa10-4c5a-bf01-4f84950d210f", "org_name": "Skerry", "org_email": ""},
            "emails": [{"address": "duty@skerry.example", "usage": "report"}], "phones": [{"number": "+00 1", "usage": "emergency", "time_zone": "Europe/Copenhagen", "comment": "x"}],
            "contacts": [{"role": "head", "name": "Ines", "email": "ines@skerry.example", "phone": "", "comment": ""}],
            "people": [{"name": "Ines", "function": "head", "account": "ines", "email": "", "phone": "", "key": ""}],
            "irt": "IRT-SKERRY", "references": {"first": "skerry", "registry_organisation": "", "trusted_introducer": ""},
            "document": {"updated": "2026-01-12", "locations": "https://skerry.example/", "notifications": "none"},
            "team_notes": "a\nb", "visibility": {"people": "team"}}"#;
        let record: TeamRecord = serde_json::from_str(text).unwrap();
        let record = record.checked().unwrap();
        let typed = Typed::of(&record);
        let back = typed.record(&record).unwrap();
        assert_eq!(back.difference(&record), [], "{back:?}");
        assert_eq!(back, record);
    }

    #[test]
    fn what_cannot_be_taken_is_named_and_stays_as_it_was_typed() {
        let before = TeamRecord { handle: "x".into(), name: "X".into(), ..TeamRecord::default() };
        let mut typed = Typed::of(&before);
        typed.set("asns", "AS64500 sixty".into());
        typed.set("networks", "192.0.2.0/24\n300.1.2.3".into());
        typed.set("hours", "always".into());
        typed.set("established", "then".into());
        let wrong: Vec<_> = typed.record(&before).unwrap_err().into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(wrong, ["asns", "hours", "networks", "established"]);
        assert_eq!(typed.text("networks"), "192.0.2.0/24\n300.1.2.3");
    }
}
