//! Directories as files: the JSON export of the Trusted Introducer, and the same with what a desk needs beside it.
//!
//! | field | here | in the Introducer's export |
//! |---|---|---|
//! | `handle` | a name of its own | none: made of the short name |
//! | `classification.code` | a word | `l`, `a`, `c` |
//! | `usage` of addresses and telephones | one word | a list of words |
//! | `business_hours` | `{zone, hours}` | a text, with `business_hours_timezone` |
//! | `key`, `irt`, `languages`, `channels`, `own` | may be there | none |
//! | `status` | a word, where `classification` has no letter | none |
//! | `more` | the fields of a record that this shape does not have | none |
//!
//! Fingerprints without keys (`pgp_keys`) are left out: nothing can be verified with them.

use kit::{Error, Result, Time};
use serde::Deserialize;

use crate::record::{Channel, Country, Email, Misp, Network, Phone, TeamRecord, Usage, mail_address};
use crate::team::{Standing, TrustStatus};

/// Largest file, in bytes.
const TOO_LARGE: usize = 64 << 20;
/// Most teams in a file.
const TOO_MANY: usize = 20_000;

/// One team of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its record, checked.
    pub record: TeamRecord,
    /// The standing that the file states, if it does. [`Teams::import`](crate::Teams::import) gives none.
    pub standing: Option<Standing>,
    /// Whether the file says that this node runs its desk.
    pub own: bool,
    /// The key that is to be made for it, in a sample.
    pub key: Option<KeyWish>,
}

/// A key that is to be made for a team of a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct KeyWish {
    /// Always true.
    pub generate: bool,
    /// When it is to have been made, from now: `-2y`, `-300d`.
    pub created: String,
    /// When it is to end, from now: `+29d`; `none`: never.
    pub expires: String,
    /// Whether it is to be revoked.
    pub revoked: bool,
}

impl KeyWish {
    /// When the key is to have been made and to end, for a demo at `now`; years have 365 days.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is no such time.
    pub fn times(&self, now: Time) -> Result<(Time, Option<Time>)> {
        let created = shifted(&self.created, now)?;
        let expires = if self.expires == "none" { None } else { Some(shifted(&self.expires, now)?) };
        Ok((created, expires))
    }
}

/// `-2y`, `+6m`, `-30d` from `now`.
fn shifted(text: &str, now: Time) -> Result<Time> {
    let wrong =
        || Error::invalid("key", format!("{text:?} is no time from now: write -2y, +6m, +29d or none"));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let days = match unit {
        'd' => 1,
        'm' => 30,
        'y' => 365,
        _ => return Err(wrong()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    if number.abs() > 10_000 {
        return Err(wrong());
    }
    Ok(now + number * days * kit::clock::DAY)
}

/// What a file held.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The teams that can be taken.
    pub entries: Vec<Entry>,
    /// In words, which were left out and why.
    pub left_out: Vec<String>,
}

/// Reads a directory. A team that cannot be taken is left out with its reason; the others are kept.
///
/// # Errors
/// [`Error::Invalid`] when it is no JSON list at all, or beyond 64 MiB or 20,000 teams.
pub fn parse(json: &[u8]) -> Result<Parsed> {
    if json.len() > TOO_LARGE {
        return Err(Error::invalid("file", "it is larger than 64 MiB; split it"));
    }
    let rows: Vec<serde_json::Value> = serde_json::from_slice(json)
        .map_err(|error| Error::invalid("file", format!("it is no JSON list of teams: {error}")))?;
    if rows.len() > TOO_MANY {
        return Err(Error::invalid(
            "file",
            format!("{} teams are more than {TOO_MANY}; split it", rows.len()),
        ));
    }
    let mut parsed = Parsed::default();
    let mut seen = std::collections::HashSet::new();
    for (n, row) in rows.into_iter().enumerate() {
        let name =
            row.get("short_name").and_then(|name| name.as_str()).unwrap_or("without a name").to_owned();
        match one(row) {
            Ok(entry) if !seen.insert(entry.record.handle.clone()) => {
                parsed.left_out.push(format!(
                    "team {} ({name}): the handle {} came before",
                    n + 1,
                    entry.record.handle
                ));
            }
            Ok(entry) => parsed.entries.push(entry),
            Err(why) => parsed.left_out.push(format!("team {} ({name}): {why}", n + 1)),
        }
    }
    Ok(parsed)
}

/// Reads one row, as [`parse`] does with each.
///
/// # Errors
/// In words, why it cannot be taken.
pub(crate) fn one(row: serde_json::Value) -> Result<Entry, String> {
    let row = serde_json::from_value::<Row>(row).map_err(|error| error.to_string())?;
    row.entry().map_err(|error| error.to_string())
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    handle: String,
    #[serde(default)]
    own: bool,
    official_name: String,
    short_name: String,
    #[serde(default)]
    country: Country,
    #[serde(default)]
    established: Option<String>,
    #[serde(default)]
    host_organisation: Option<String>,
    #[serde(default)]
    classification: Option<Classification>,
    #[serde(default)]
    postal_address: Option<String>,
    #[serde(default)]
    constituency: Constituency,
    #[serde(default)]
    business_hours: Option<Hours>,
    #[serde(default)]
    business_hours_timezone: Option<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    channels: Vec<Channel>,
    #[serde(default)]
    emails: Vec<EmailRow>,
    #[serde(default)]
    phones: Vec<PhoneRow>,
    #[serde(default)]
    key: Option<KeyWish>,
    #[serde(default)]
    irt: Option<String>,
    #[serde(default)]
    misp: Option<Misp>,
    /// The standing where `classification` has no letter for it.
    #[serde(default)]
    status: Option<String>,
    /// Fields of the record that the shape of the public directory does not have, or has in another form.
    #[serde(default)]
    more: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Classification {
    code: String,
    #[serde(default)]
    since: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Constituency {
    types: Vec<String>,
    asns: Vec<u32>,
    domains: Vec<String>,
    ipranges: Vec<String>,
    countries: Vec<Country>,
    description: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Hours {
    Parts { zone: String, hours: String },
    Text(String),
}

#[derive(Deserialize)]
struct EmailRow {
    address: String,
    #[serde(default)]
    usage: Words,
}

#[derive(Deserialize)]
struct PhoneRow {
    number: String,
    #[serde(default)]
    usage: Words,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    comments: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Words {
    fn has(&self, word: &str) -> bool {
        match self {
            Self::One(one) => one == word,
            Self::Many(many) => many.iter().any(|one| one == word),
        }
    }
}

impl Row {
    fn entry(self) -> Result<Entry> {
        let (time_zone, business_hours) = match self.business_hours {
            Some(Hours::Parts { zone, hours }) => (zone, hours),
            Some(Hours::Text(hours)) => (self.business_hours_timezone.unwrap_or_default(), hours),
            None => (self.business_hours_timezone.unwrap_or_default(), String::new()),
        };
        let networks = self.constituency.ipranges.iter().map(|text| {
            let range = rpsl::range::parse_range(text);
            let wrong = |error| Error::invalid("ipranges", format!("{error}"));
            range.map(|range| Network { range }).map_err(wrong)
        });
        let networks = networks.collect::<Result<_>>()?;
        let record = TeamRecord {
            handle: if self.handle.is_empty() { handle_of(&self.short_name) } else { self.handle },
            name: self.short_name,
            official_name: self.official_name,
            country: self.country,
            established: self.established.unwrap_or_default(),
            host_organisation: self.host_organisation.unwrap_or_default(),
            postal_address: self.postal_address.unwrap_or_default(),
            types: self.constituency.types,
            description: self.constituency.description,
            asns: self.constituency.asns,
            domains: self.constituency.domains,
            countries: self.constituency.countries,
            business_hours,
            time_zone,
            languages: self.languages,
            channels: self.channels,
            emails: self.emails.into_iter().filter_map(EmailRow::email).collect(),
            phones: self.phones.into_iter().filter_map(PhoneRow::phone).collect(),
            misp: self.misp,
            irt: self.irt,
            networks,
            ..TeamRecord::default()
        };
        let mut standing = self.classification.map(Classification::standing).transpose()?;
        if let (Some(standing), Some(status)) = (&mut standing, self.status) {
            standing.status = status.parse()?;
        }
        let record = with_more(record, self.more)?;
        Ok(Entry { record: record.checked()?, standing, own: self.own, key: self.key })
    }
}

/// Puts the fields of an export of ours in place of what the public shape says of them. The handle is the row's own, and
/// notes of an operator are none of another's business.
fn with_more(record: TeamRecord, more: serde_json::Map<String, serde_json::Value>) -> Result<TeamRecord> {
    if more.is_empty() {
        return Ok(record);
    }
    let wrong = |error: serde_json::Error| Error::invalid("more", error.to_string());
    let mut value = serde_json::to_value(record).map_err(wrong)?;
    if let Some(fields) = value.as_object_mut() {
        fields.extend(more.into_iter().filter(|(field, _)| field != "handle" && field != "operator_notes"));
    }
    serde_json::from_value(value).map_err(wrong)
}

impl EmailRow {
    /// One that is none is left out: the export holds what people typed.
    fn email(self) -> Option<Email> {
        let usage = match () {
            () if self.usage.has("report") => Usage::Report,
            () if self.usage.has("emergency") => Usage::Emergency,
            () => Usage::Team,
        };
        Some(Email { address: mail_address(&self.address)?, usage })
    }
}

impl PhoneRow {
    /// One that is none is left out, a time zone that is none is forgotten.
    fn phone(self) -> Option<Phone> {
        let usage = match () {
            () if self.usage.has("emergency") => Usage::Emergency,
            () if self.usage.has("text") => Usage::Text,
            () if self.usage.has("fax") && !self.usage.has("voice") => Usage::Fax,
            () => Usage::Voice,
        };
        let phone = Phone {
            number: self.number.chars().take(60).collect(),
            usage,
            time_zone: self.timezone.filter(|zone| crate::record::is_zone(zone)).unwrap_or_default(),
            comment: self.comments.unwrap_or_default().chars().take(200).collect(),
        };
        let alone =
            TeamRecord { handle: "x".into(), name: "x".into(), phones: vec![phone], ..TeamRecord::default() };
        alone.checked().ok()?.phones.pop()
    }
}

impl Classification {
    fn standing(self) -> Result<Standing> {
        let since = self.since.unwrap_or_else(|| "1970-01-01".into());
        let day: jiff::civil::Date = since.parse().map_err(|_| {
            Error::invalid("classification", format!("{since:?} is no day: write 2014-09-01"))
        })?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC);
        let midnight = midnight.map_err(|error| Error::invalid("classification", error.to_string()))?;
        Ok(Standing {
            status: self.code.parse::<TrustStatus>()?,
            since: midnight.timestamp().as_microsecond(),
        })
    }
}

/// "CERT Skerry" → `cert-skerry`.
fn handle_of(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let parts: Vec<String> =
        plain.collect::<String>().split('-').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    parts.join("-").chars().take(40).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_introducers_own_shape_is_read() {
        let json = br#"[{"official_name": "Example CERT", "short_name": "EX CERT / 2", "country": {"code": "at", "name": "Austria"},
            "established": "2016-11-01", "host_organisation": "Example", "classification": {"code": "c", "name": "Certified",
            "since": "2020-06-30"}, "postal_address": "x", "constituency": {"types": ["CIIP"], "asns": [64496],
            "domains": ["*.example"], "ipranges": ["192.0.2.0/24"], "countries": []}, "business_hours": "08:00 to 18:00",
            "business_hours_timezone": "Europe/Vienna", "pgp_keys": [{"fingerprint": "945C 2808"}],
            "phones": [{"usage": ["voice", "emergency"], "number": "+00 1", "timezone": "Europe/Vienna"}],
            "emails": [{"address": "Team@cert.example", "usage": ["contact"]}, {"address": "nonsense", "usage": []}]},
            {"official_name": "Second", "short_name": "Second", "constituency": {"ipranges": ["x"]}}, 7]"#;
        let parsed = parse(json).unwrap();
        assert_eq!((parsed.entries.len(), parsed.left_out.len()), (1, 2), "{:?}", parsed.left_out);
        assert!(parsed.left_out[0].starts_with("team 2 (Second): ipranges"), "{:?}", parsed.left_out);
        let team = &parsed.entries[0];
        assert_eq!(team.record.handle, "ex-cert-2");
        assert_eq!(team.standing.unwrap().status, TrustStatus::Certified);
        assert_eq!(team.record.time_zone, "Europe/Vienna");
        assert_eq!(team.record.emails.len(), 1);
        assert_eq!(team.record.phones[0].usage, Usage::Emergency);
    }

    #[test]
    fn a_keys_times_are_told_from_now() {
        let wish = KeyWish { created: "-2y".into(), expires: "+29d".into(), ..KeyWish::default() };
        let day = kit::clock::DAY;
        assert_eq!(wish.times(1_000 * day).unwrap(), (270 * day, Some(1_029 * day)));
        for bad in ["", "y", "soon", "+1é", "+99999999999y"] {
            assert!(KeyWish { created: bad.into(), ..wish.clone() }.times(0).is_err(), "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, name in "\\PC*", range in "\\PC{0,20}") {
            drop(parse(&bytes));
            let json = serde_json::json!([{ "official_name": name, "short_name": name, "constituency": { "ipranges": [range] } }]);
            let parsed = parse(json.to_string().as_bytes()).unwrap();
            proptest::prop_assert_eq!(parsed.entries.len() + parsed.left_out.len(), 1);
        }
    }
}
