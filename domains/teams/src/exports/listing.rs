//! The directory as one file: JSON in the shape of the public directory that other programs read, and rows.

use kit::clock::SECOND;
use kit::{Error, Result, Time};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::record::Country;
use crate::{Misp, Seen, TrustStatus, Usage, import};

/// A team in the shape of the Trusted Introducer's `teams.json`, and what this directory knows beside it.
#[derive(Serialize)]
struct Row<'a> {
    official_name: &'a str,
    short_name: &'a str,
    country: &'a Country,
    established: &'a str,
    host_organisation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    classification: Option<Classification>,
    postal_address: &'a str,
    constituency: Constituency<'a>,
    business_hours: &'a str,
    business_hours_timezone: &'a str,
    pgp_keys: Vec<Key>,
    phones: Vec<PhoneRow<'a>>,
    emails: Vec<EmailRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    misp: Option<&'a Misp>,
    // From here on: what the original shape does not have. Programs that know that shape pass over it.
    handle: &'a str,
    /// The status where the original's three letters cannot say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    irt: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    more: Map<String, Value>,
}

#[derive(Serialize)]
struct Classification {
    code: &'static str,
    name: &'static str,
    since: String,
}

#[derive(Serialize)]
struct Constituency<'a> {
    types: &'a [String],
    asns: &'a [u32],
    domains: Vec<&'a str>,
    ipranges: Vec<String>,
    countries: &'a [Country],
    description: &'a str,
}

#[derive(Serialize)]
struct Key {
    fingerprint: String,
    expires: Option<String>,
}

#[derive(Serialize)]
struct PhoneRow<'a> {
    usage: &'static [&'static str],
    number: &'a str,
    timezone: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    comments: &'a str,
}

#[derive(Serialize)]
struct EmailRow<'a> {
    address: &'a str,
    usage: &'static [&'static str],
}

/// The file: teams in the order of their handles, so that the same directory has the same bytes.
///
/// # Errors
/// [`Error::Corrupt`] when it cannot be written, which does not happen to texts and numbers.
pub(super) fn json(teams: &[Seen], now: Time) -> Result<Vec<u8>> {
    let broken = |error: serde_json::Error| Error::Corrupt(format!("writing the directory: {error}"));
    let rows = teams.iter().map(|team| row(team, now)).collect::<Result<Vec<_>>>()?;
    let mut out = Vec::with_capacity(rows.len() * 2_000);
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    rows.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter)).map_err(broken)?;
    out.push(b'\n');
    Ok(out)
}

/// One team, with what the original shape cannot say under `more`: exactly the fields that would be missing or
/// different if this row were imported.
fn row(team: &Seen, now: Time) -> Result<Row<'_>> {
    let broken = |error: serde_json::Error| Error::Corrupt(format!("writing {}: {error}", team.handle));
    let mut row = plain(team, now);
    let read = import::one(serde_json::to_value(&row).map_err(broken)?);
    let record = serde_json::to_value(&team.record).map_err(broken)?;
    let differing = match read {
        Ok(entry) => team.record.differs_in(&entry.record),
        Err(_) => record.as_object().into_iter().flatten().map(|(field, _)| field.clone()).collect(),
    };
    for field in differing {
        if let Some(value) = record.get(&field) {
            row.more.insert(field, value.clone());
        }
    }
    Ok(row)
}

fn plain(team: &Seen, now: Time) -> Row<'_> {
    let classification = team.standing.map(|standing| {
        let (code, name) = match standing.status {
            TrustStatus::Accredited => ("a", "Accredited"),
            TrustStatus::Certified => ("c", "Certified"),
            // A candidate keeps its old status in the original shape, which has no letter for it.
            _ => ("l", "Listed"),
        };
        Classification { code, name, since: ui::format::date(standing.since) }
    });
    let status = team.standing.map(|standing| standing.status);
    let unsaid = |status: &TrustStatus| {
        !matches!(status, TrustStatus::Listed | TrustStatus::Accredited | TrustStatus::Certified)
    };
    let good = team.keys_in_use().filter(|key| key.validity(now / SECOND).is_valid());
    Row {
        official_name: if team.official_name.is_empty() { &team.name } else { &team.official_name },
        short_name: &team.name,
        country: &team.country,
        established: &team.established,
        host_organisation: &team.host_organisation,
        classification,
        postal_address: &team.postal_address,
        constituency: Constituency {
            types: &team.types,
            asns: &team.asns,
            domains: both_spellings(&team.domains),
            ipranges: team.networks.iter().map(ToString::to_string).collect(),
            countries: &team.countries,
            description: &team.description,
        },
        business_hours: &team.business_hours,
        business_hours_timezone: &team.time_zone,
        pgp_keys: good
            .map(|key| Key {
                fingerprint: grouped(&key.fingerprint()),
                expires: key.expires().map(|at| ui::format::date(at.saturating_mul(SECOND))),
            })
            .collect(),
        phones: team
            .phones
            .iter()
            .map(|phone| PhoneRow {
                usage: match phone.usage {
                    Usage::Emergency => &["voice", "emergency"],
                    Usage::Fax => &["fax"],
                    Usage::Text => &["text"],
                    _ => &["voice"],
                },
                number: &phone.number,
                timezone: &phone.time_zone,
                comments: &phone.comment,
            })
            .collect(),
        emails: emails(team),
        misp: team.misp.as_ref(),
        handle: &team.handle,
        status: status.filter(unsaid).map(TrustStatus::name),
        irt: team.irt.as_deref(),
        more: Map::new(),
    }
}

/// By four, with single blanks.
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Programs that read the original take the first address for `contact`; reports go there.
fn emails(team: &Seen) -> Vec<EmailRow<'_>> {
    let mut rows: Vec<_> = team.emails.iter().collect();
    rows.sort_by_key(|email| email.usage != Usage::Report);
    let usage = |usage: Usage| -> &'static [&'static str] {
        match usage {
            Usage::Report => &["contact", "report"],
            Usage::Emergency => &["emergency"],
            _ => &["contact"],
        }
    };
    rows.iter().map(|email| EmailRow { address: &email.address, usage: usage(email.usage) }).collect()
}

/// A claim of everything below a name is written with `*.` and without: some programs know no `*.`, others nothing else.
fn both_spellings(domains: &[String]) -> Vec<&str> {
    let mut all: Vec<&str> = Vec::with_capacity(domains.len() * 2);
    for domain in domains {
        let bare = domain.strip_prefix("*.").unwrap_or(domain);
        for spelling in [bare, domain.as_str()] {
            if !all.contains(&spelling) {
                all.push(spelling);
            }
        }
    }
    all
}

/// The directory as a table.
///
/// # Errors
/// As [`json`].
pub(super) fn table(teams: &[Seen], now: Time) -> Result<Vec<u8>> {
    let failed = |error: csv::Error| Error::Corrupt(format!("writing the table: {error}"));
    let mut rows = csv::Writer::from_writer(Vec::new());
    let head = [
        "handle",
        "name",
        "official_name",
        "country",
        "status",
        "since",
        "host_organisation",
        "report_to",
        "emergency",
        "types",
        "asns",
        "domains",
        "networks",
        "irt",
        "keys",
        "time_zone",
    ];
    rows.write_record(head).map_err(failed)?;
    for team in teams {
        let good = team.keys_in_use().filter(|key| key.validity(now / SECOND).is_valid());
        let cells = [
            team.handle.clone(),
            team.name.clone(),
            team.official_name.clone(),
            team.country.code.clone(),
            team.status_name().to_owned(),
            team.standing.map(|standing| ui::format::date(standing.since)).unwrap_or_default(),
            team.host_organisation.clone(),
            team.report_address().unwrap_or_default().to_owned(),
            team.emergency_phone().unwrap_or_default().to_owned(),
            team.types.join("; "),
            team.asns.iter().map(|asn| format!("AS{asn}")).collect::<Vec<_>>().join(" "),
            team.domains.join(" "),
            team.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            team.irt.clone().unwrap_or_default(),
            good.map(|key| key.fingerprint()).collect::<Vec<_>>().join(" "),
            team.time_zone.clone(),
        ];
        rows.write_record(cells.map(crate::web::harmless)).map_err(failed)?;
    }
    rows.into_inner().map_err(|error| Error::Corrupt(format!("writing the table: {error}")))
}
