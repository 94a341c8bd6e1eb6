//! What a team handles, when, and by which channels.

use serde::{Deserialize, Serialize};

/// A way to tell a team something.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
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
    /// Events in MISP.
    Misp,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Iodef, Self::MailEncrypted, Self::Mail, Self::Csv, Self::Misp];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iodef => "iodef",
            Self::MailEncrypted => "mail-encrypted",
            Self::Mail => "mail",
            Self::Csv => "csv",
            Self::Misp => "misp",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Iodef => "IODEF over RID",
            Self::MailEncrypted => "mail, encrypted",
            Self::Mail => "mail",
            Self::Csv => "rows as CSV",
            Self::Misp => "MISP",
        }
    }
}

/// A type of incident that a team may or may not handle.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum IncidentType {
    /// Viruses, worms, other malware.
    Malware,
    /// Unsolicited mail.
    Spam,
    /// Phishing and other fraud.
    Phishing,
    /// Break-ins.
    Intrusion,
    /// Accounts in strange hands.
    AccountCompromise,
    /// Denial of service.
    DenialOfService,
    /// Scans and probes.
    Scans,
    /// Data that got out or was altered.
    DataBreach,
    /// Systems that are open to attack.
    Vulnerability,
    /// Copyright.
    Copyright,
    /// Abusive content.
    AbusiveContent,
    /// Anything else.
    Other,
}

impl IncidentType {
    /// All of them, as forms show them.
    pub const ALL: [Self; 12] = [
        Self::Malware,
        Self::Spam,
        Self::Phishing,
        Self::Intrusion,
        Self::AccountCompromise,
        Self::DenialOfService,
        Self::Scans,
        Self::DataBreach,
        Self::Vulnerability,
        Self::Copyright,
        Self::AbusiveContent,
        Self::Other,
    ];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malware => "malware",
            Self::Spam => "spam",
            Self::Phishing => "phishing",
            Self::Intrusion => "intrusion",
            Self::AccountCompromise => "account-compromise",
            Self::DenialOfService => "denial-of-service",
            Self::Scans => "scans",
            Self::DataBreach => "data-breach",
            Self::Vulnerability => "vulnerability",
            Self::Copyright => "copyright",
            Self::AbusiveContent => "abusive-content",
            Self::Other => "other",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Malware => "viruses and other malware",
            Self::Spam => "spam",
            Self::Phishing => "phishing and fraud",
            Self::Intrusion => "intrusion",
            Self::AccountCompromise => "compromised accounts",
            Self::DenialOfService => "denial of service",
            Self::Scans => "scans and probes",
            Self::DataBreach => "leaked or altered data",
            Self::Vulnerability => "vulnerable systems",
            Self::Copyright => "copyright",
            Self::AbusiveContent => "abusive content",
            Self::Other => "anything else",
        }
    }
}

/// Whether a team handles a type of incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Handled {
    /// Whoever reports it.
    Yes,
    /// When it touches its constituency.
    Constituency,
    /// It does not.
    No,
}

impl Handled {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Constituency, Self::No];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Constituency => "constituency",
            Self::No => "no",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Yes => "handled",
            Self::Constituency => "handled for its constituency only",
            Self::No => "not handled",
        }
    }
}

/// A day of the week.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// All seven, Monday first (ISO 8601).
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// Its name in files and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }
}

/// Hours at which the team is there, on some days of the week, in the record's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ServiceHours {
    /// On which days.
    pub days: Vec<Weekday>,
    /// From, `HH:MM`.
    pub from: String,
    /// To, `HH:MM`; `24:00` is the end of the day.
    pub to: String,
}

impl ServiceHours {
    /// `mon-fri 09:00-17:00`.
    pub fn words(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut days = Weekday::ALL.iter().filter(|day| self.days.contains(day)).peekable();
        while let Some(first) = days.next() {
            let mut last = first;
            while let Some(next) = days.next_if(|next| **next as u8 == *last as u8 + 1) {
                last = next;
            }
            parts.push(if first == last {
                first.name().to_owned()
            } else {
                format!("{}-{}", first.name(), last.name())
            });
        }
        format!("{} {}-{}", parts.join(","), self.from, self.to)
    }

    /// Reads `mon-fri 09:00-17:00`, `sat,sun 10:00-12:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, hours) = text.trim().rsplit_once(' ')?;
        let (from, to) = hours.split_once('-')?;
        let day = |name: &str| {
            let name = name.trim().to_lowercase();
            Weekday::ALL.into_iter().find(|day| name.get(..3).is_some_and(|start| start == day.name()))
        };
        let mut all = Vec::new();
        for part in days.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (day(first)?, day(last)?);
            all.extend(Weekday::ALL.into_iter().filter(|day| (first..=last).contains(day)));
        }
        all.sort_unstable();
        all.dedup();
        let this = Self { days: all, from: from.trim().to_owned(), to: to.trim().to_owned() };
        this.is_right().then_some(this)
    }

    /// Whether both hours are such, in order, and there is a day.
    pub(super) fn is_right(&self) -> bool {
        match (minutes(&self.from), minutes(&self.to)) {
            (Some(from), Some(to)) => from < to && !self.days.is_empty() && self.days.len() <= 7,
            _ => false,
        }
    }
}

/// `09:30` → minutes since midnight.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hours) || !two(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

/// An organisation in MISP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Misp {
    /// Its UUID.
    pub org_uuid: String,
    /// Its name there.
    pub org_name: String,
    /// Its mail address there.
    pub org_email: String,
}

/// What the team is called in other directories; empty where it is not in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct CrossReferences {
    /// The name of its page at FIRST.
    pub first: String,
    /// Its `organisation` object in the registry.
    pub registry_organisation: String,
    /// Its handle at the Trusted Introducer.
    pub trusted_introducer: String,
}

/// About the document that describes the team (RFC 2350, section 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Document {
    /// The day of its last update, `YYYY-MM-DD`; empty: that of the record.
    pub updated: String,
    /// Where its current version is found (1.3).
    pub locations: String,
    /// To whom changes are announced (1.2).
    pub notifications: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_they_are_written() {
        for text in ["mon-fri 09:00-17:00", "mon,wed-thu,sun 00:00-24:00", "sat 10:30-12:00"] {
            assert_eq!(ServiceHours::parse(text).unwrap().words(), text);
        }
        assert_eq!(ServiceHours::parse("Monday-Friday 09:00-17:00").unwrap().words(), "mon-fri 09:00-17:00");
        for bad in [
            "",
            "mon",
            "mon 9-17",
            "mon 17:00-09:00",
            "fri-mon 09:00-17:00",
            "mon 09:00-24:30",
            "é 09:00-10:00",
        ] {
            assert_eq!(ServiceHours::parse(bad), None, "{bad}");
        }
    }
}
