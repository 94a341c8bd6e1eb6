//! What a team says about itself.

use kit::{Error, Result};
use rpsl::range::AddressRange;
use serde::{Deserialize, Serialize};

/// Most entries of one kind in a record: more is a mistake, or somebody who wants the node to stop.
const TOO_MANY: usize = 10_000;
/// Longest text, in bytes.
const TOO_LONG: usize = 4_000;

/// The record of a team as it enters it. Everything but handle and name may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Lines of its postal address.
    pub postal_address: String,
    /// Kinds of constituency: "Research & Education", "National".
    pub types: Vec<String>,
    /// Whom it serves, in words.
    pub description: String,
    /// AS numbers of its constituency.
    pub asns: Vec<u32>,
    /// Domains of its constituency; `*.` in front means everything below.
    pub domains: Vec<String>,
    /// Countries of a national team's constituency.
    pub countries: Vec<Country>,
    /// When people are there, in words.
    pub business_hours: String,
    /// IANA time zone of those hours.
    pub time_zone: String,
    /// ISO 639-1 codes, the preferred one first.
    pub languages: Vec<String>,
    /// How it wants to be told, the preferred way first.
    pub channels: Vec<Channel>,
    /// Mail addresses.
    pub emails: Vec<Email>,
    /// Telephones.
    pub phones: Vec<Phone>,
    /// The name of its `irt` object in the registry.
    pub irt: Option<String>,
    /// Its constituency in networks. Stored apart from the rest.
    #[serde(skip)]
    pub networks: Vec<Network>,
}

/// A country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Country {
    /// ISO 3166-1 alpha-2, capitals.
    pub code: String,
    /// Its name in English.
    pub name: String,
}

/// A network of the constituency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Its addresses; not necessarily a prefix.
    pub range: AddressRange,
    /// Whether the registry says the same; otherwise it is the team's claim.
    pub proven: bool,
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

/// A way to tell a team something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// IODEF (RFC 7970) over RID.
    Iodef,
    /// Mail encrypted to its key.
    MailEncrypted,
    /// Mail.
    Mail,
    /// Rows as an attachment to the mail.
    Csv,
}

impl Channel {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Iodef => "IODEF over RID",
            Self::MailEncrypted => "mail, encrypted",
            Self::Mail => "mail",
            Self::Csv => "rows as CSV",
        }
    }
}

/// What an address or telephone is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Usage {
    /// Incident reports go there.
    Report,
    /// The team, about anything else.
    Team,
    /// Emergencies, at any hour.
    Emergency,
    /// A telephone in business hours.
    Voice,
    /// Text messages.
    Text,
}

impl Usage {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Report => "incident reports",
            Self::Team => "the team",
            Self::Emergency => "emergency",
            Self::Voice => "telephone",
            Self::Text => "text messages",
        }
    }
}

/// A mail address of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address, lower case.
    pub address: String,
    /// What it is for.
    pub usage: Usage,
}

/// A telephone of the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// As it is dialled.
    pub number: String,
    /// What it is for.
    pub usage: Usage,
    /// IANA time zone of the hours it is answered; empty: at all hours.
    pub time_zone: String,
}

impl TeamRecord {
    /// Puts letters into their usual case, drops doublets, and checks every field.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field, what stands in it, and what would be right.
    pub fn checked(mut self) -> Result<Self> {
        let wrong = |field: &str, message: String| Err(Error::invalid(field, message));
        let is_handle = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.handle.is_empty() || self.handle.len() > 40 || !self.handle.chars().all(is_handle) {
            return wrong("handle", format!("{:?} is none: take 1 to 40 of a-z, 0-9 and -", self.handle));
        }
        if self.name.trim().is_empty() {
            return wrong("name", "the team needs a name that people know it by".into());
        }
        self.country.code = self.country.code.trim().to_ascii_uppercase();
        if !self.country.code.is_empty() && !is_country(&self.country.code) {
            return wrong(
                "country",
                format!("{:?} is no country code: take two letters such as DK", self.country.code),
            );
        }
        if !self.established.is_empty() && self.established.parse::<jiff::civil::Date>().is_err() {
            return wrong("established", format!("{:?} is no day: write 2014-09-01", self.established));
        }
        if !self.time_zone.is_empty() && jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return wrong(
                "time_zone",
                format!("{:?} is no time zone: write Europe/Copenhagen", self.time_zone),
            );
        }
        for domain in &mut self.domains {
            *domain = domain.trim().trim_end_matches('.').to_lowercase();
            let bare = domain.strip_prefix("*.").unwrap_or(domain);
            if bare.is_empty() || bare.len() > 253 || bare.contains(['/', '@', ' ', '*']) {
                return wrong(
                    "domains",
                    format!("{domain:?} is no domain: write skerry.example or *.skerry.example"),
                );
            }
        }
        for email in &mut self.emails {
            email.address = mail_address(&email.address)
                .ok_or_else(|| Error::invalid("emails", format!("{:?} is no mail address", email.address)))?;
        }
        for language in &self.languages {
            if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
                return wrong("languages", format!("{language:?} is no language code: write en, de, sl"));
            }
        }
        self.irt = self.irt.map(|irt| irt.trim().to_ascii_uppercase()).filter(|irt| !irt.is_empty());
        if let Some(irt) = self.irt.as_ref().filter(|irt| !irt.starts_with("IRT-") || irt.len() > 80) {
            return wrong("irt", format!("{irt:?} is no name of an irt object: it begins with IRT-"));
        }
        dedup(&mut self.domains);
        dedup(&mut self.asns);
        dedup(&mut self.channels);
        self.networks.sort_by_key(|network| (network.range, !network.proven));
        self.networks.dedup_by_key(|network| network.range);
        self.check_sizes()?;
        Ok(self)
    }

    fn check_sizes(&self) -> Result<()> {
        let texts = [
            ("name", &self.name),
            ("official_name", &self.official_name),
            ("host_organisation", &self.host_organisation),
            ("postal_address", &self.postal_address),
            ("description", &self.description),
            ("business_hours", &self.business_hours),
        ];
        for (field, text) in texts {
            if text.len() > TOO_LONG {
                return Err(Error::invalid(
                    field,
                    format!("{} bytes are more than {TOO_LONG}: shorten it", text.len()),
                ));
            }
        }
        let lists = [
            ("types", self.types.len()),
            ("asns", self.asns.len()),
            ("domains", self.domains.len()),
            ("networks", self.networks.len()),
            ("countries", self.countries.len()),
            ("languages", self.languages.len()),
            ("emails", self.emails.len()),
            ("phones", self.phones.len()),
        ];
        for (field, count) in lists {
            if count > TOO_MANY {
                return Err(Error::invalid(
                    field,
                    format!("{count} entries are more than {TOO_MANY}: join some"),
                ));
            }
        }
        Ok(())
    }

    /// The names of the fields that differ from `other`'s, for the record of changes.
    pub fn differs_in(&self, other: &Self) -> Vec<String> {
        let value = |record: &Self| serde_json::to_value(record).unwrap_or_default();
        let (here, there) = (value(self), value(other));
        let fields = here.as_object().into_iter().flatten();
        let mut differing: Vec<String> = fields
            .filter(|(field, value)| there.get(field) != Some(value))
            .map(|(field, _)| field.clone())
            .collect();
        if self.networks != other.networks {
            differing.push("networks".into());
        }
        differing
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
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
fn dedup<T: PartialEq>(list: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len().min(TOO_MANY));
    for entry in list.drain(..).take(TOO_MANY + 1) {
        if !kept.contains(&entry) {
            kept.push(entry);
        }
    }
    *list = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> TeamRecord {
        TeamRecord { handle: "skerry".into(), name: "CERT Skerry".into(), ..TeamRecord::default() }
    }

    #[test]
    fn a_record_is_put_into_its_usual_form() {
        let checked = TeamRecord {
            domains: vec!["Skerry.Example.".into(), "skerry.example".into(), "*.Skerry.example".into()],
            irt: Some("irt-skerry".into()),
            emails: vec![Email { address: " CERT@Skerry.example ".into(), usage: Usage::Report }],
            ..record()
        }
        .checked()
        .unwrap();
        assert_eq!(checked.domains, ["skerry.example", "*.skerry.example"]);
        assert_eq!(checked.irt.as_deref(), Some("IRT-SKERRY"));
        assert_eq!(checked.emails[0].address, "cert@skerry.example");
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        let bad = [
            ("handle", TeamRecord { handle: "CERT Skerry".into(), ..record() }),
            ("name", TeamRecord { name: " ".into(), ..record() }),
            (
                "country",
                TeamRecord { country: Country { code: "DNK".into(), ..Country::default() }, ..record() },
            ),
            ("established", TeamRecord { established: "in 2014".into(), ..record() }),
            ("time_zone", TeamRecord { time_zone: "Skerry time".into(), ..record() }),
            ("domains", TeamRecord { domains: vec!["a b".into()], ..record() }),
            (
                "emails",
                TeamRecord { emails: vec![Email { address: "x".into(), usage: Usage::Team }], ..record() },
            ),
            ("languages", TeamRecord { languages: vec!["English".into()], ..record() }),
            ("irt", TeamRecord { irt: Some("SKERRY".into()), ..record() }),
            ("description", TeamRecord { description: "x".repeat(5_000), ..record() }),
            ("asns", TeamRecord { asns: (0..20_000).collect(), ..record() }),
        ];
        for (field, record) in bad {
            match record.checked() {
                Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
                other => panic!("{field}: {other:?}"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn a_checked_record_stays_as_it_is(domain in "[a-zA-Z*. ]{0,20}", address in "\\PC{0,20}@\\PC{0,20}", irt in "\\PC{0,12}") {
            let typed = TeamRecord {
                domains: vec![domain],
                emails: vec![Email { address, usage: Usage::Team }],
                irt: Some(format!("IRT-{irt}")),
                ..record()
            };
            if let Ok(checked) = typed.checked() {
                proptest::prop_assert_eq!(checked.clone().checked().unwrap(), checked);
            }
        }
    }
}
