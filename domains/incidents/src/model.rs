//! What the desk works with: reports, incidents, investigations, and what stands in them.

use kit::{Digest, Error, Id, Result, Time};
use taxonomy::Tlp;

kit::named! {
    /// Where a report stands.
    pub enum ReportStatus {
        /// Nobody has decided on it.
        New = "new",
        /// It belongs to an incident that is open, or somebody works on it.
        Open = "open",
        /// It was answered.
        Resolved = "resolved",
        /// It was put aside.
        Rejected = "rejected",
    }
}

kit::named! {
    /// Where an incident stands.
    pub enum IncidentStatus {
        /// It is worked on.
        Open = "open",
        /// It was dealt with.
        Resolved = "resolved",
        /// It was given up.
        Abandoned = "abandoned",
    }
}

kit::named! {
    /// Where an investigation stands.
    pub enum InvestigationStatus {
        /// An answer is expected, or has come and is not dealt with.
        Open = "open",
        /// It is done.
        Resolved = "resolved",
    }
}

kit::named! {
    /// How bad an incident is.
    pub enum Severity {
        /// Nobody is harmed.
        Low = "low",
        /// The ordinary.
        Medium = "medium",
        /// Accounts, machines or data are lost.
        High = "high",
        /// Essential services are in danger.
        Critical = "critical",
    }
}

kit::named! {
    /// What became of a mail that came in; each has exactly one.
    pub enum Outcome {
        /// Acknowledged and not opened yet.
        Waiting = "waiting",
        /// A report of its own.
        New = "new",
        /// Joined the case that it answers.
        Joined = "joined",
        /// The same message again: counted, not kept twice.
        Duplicate = "duplicate",
        /// A delivery or disposition notice.
        Bounce = "bounce",
        /// An automatic reply; it changes nothing.
        AutoReply = "auto-reply",
        /// A report of its own whose mail could not be read; the bytes are there.
        Flagged = "flagged",
    }
}

kit::named! {
    /// The verdict on a mail's signature in one word; the words for people stand beside it.
    pub enum SignatureState {
        /// No signature.
        Unsigned = "unsigned",
        /// Good, by a key of the team that the mail says it is from.
        Good = "good",
        /// Good, but by a key of somebody else than the sender.
        Other = "other",
        /// It cannot be checked: the key is not known here.
        Unknown = "unknown",
        /// The text was altered, or the key was not valid.
        Bad = "bad",
    }
}

kit::named! {
    /// Which of the desk's things a number is of.
    pub enum CaseKind {
        /// `IR-…`
        Report = "IR",
        /// `INC-…`
        Incident = "INC",
        /// `INV-…`
        Investigation = "INV",
    }
}

/// A number as people write it: `IR-2041`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number {
    /// Of what.
    pub kind: CaseKind,
    /// Counted for the team.
    pub number: i64,
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.kind, self.number)
    }
}

impl std::str::FromStr for Number {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::invalid("number", format!("{text:?} is not a number such as IR-12, INC-3 or INV-7"));
        let (kind, number) = text.trim().split_once('-').ok_or_else(wrong)?;
        let kind = kind.to_ascii_uppercase().parse().map_err(|_| wrong())?;
        let number = number.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
        Ok(Self { kind, number })
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A complaint on its way to a decision.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its identifier.
    pub id: Id,
    /// Whose it is.
    pub team: Id,
    /// `IR-…`
    pub number: i64,
    /// Where it stands.
    pub status: ReportStatus,
    /// It was written by a machine.
    pub machine: bool,
    /// `human`, `arf`, `xarf`, `feed`, `bulk`, `generated`, `api`.
    pub kind: String,
    /// Its subject.
    pub subject: String,
    /// The reporter's address.
    pub from_address: String,
    /// The reporter's name as he writes it.
    pub from_name: String,
    /// When it came.
    pub received_at: Time,
    /// By when the reporter is to have a first answer.
    pub due_at: Time,
    /// When he had one.
    pub answered_at: Option<Time>,
    /// When it was resolved or rejected.
    pub closed_at: Option<Time>,
    /// How it may be passed on.
    pub tlp: Tlp,
    /// The verdict on its signature.
    pub signature: SignatureState,
    /// Who has taken it.
    pub owner: Option<Id>,
    /// That person's name; empty when nobody has.
    pub owner_name: String,
    /// How often the same message came again.
    pub same: i64,
    /// Something in it could not be read.
    pub flagged: bool,
    /// The message it began with.
    pub first_message: Id,
    /// Counts changes, for `If-Match`.
    pub version: i64,
}

impl Report {
    /// `IR-…`
    pub fn name(&self) -> Number {
        Number { kind: CaseKind::Report, number: self.number }
    }
}

/// What several reports are about.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Its identifier.
    pub id: Id,
    /// Whose it is.
    pub team: Id,
    /// `INC-…`
    pub number: i64,
    /// Where it stands.
    pub status: IncidentStatus,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// RSIT: `fraud:phishing`.
    pub classification: String,
    /// How bad it is.
    pub severity: Severity,
    /// The strictest of its parts.
    pub tlp: Tlp,
    /// Who has taken it.
    pub owner: Option<Id>,
    /// That person's name; empty when nobody has.
    pub owner_name: String,
    /// When it was opened.
    pub opened_at: Time,
    /// By whom.
    pub opened_by: String,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// How it ended.
    pub resolution: String,
    /// Counts changes, for `If-Match`.
    pub version: i64,
}

impl Incident {
    /// `INC-…`
    pub fn name(&self) -> Number {
        Number { kind: CaseKind::Incident, number: self.number }
    }
}

/// A question to one responsible contact about the addresses that are his.
#[derive(Debug, Clone)]
pub struct Investigation {
    /// Its identifier.
    pub id: Id,
    /// Whose it is.
    pub team: Id,
    /// `INV-…`
    pub number: i64,
    /// The incident it serves.
    pub incident: Id,
    /// Where it stands.
    pub status: InvestigationStatus,
    /// The subject of its mails.
    pub subject: String,
    /// The team asked, when it is in the directory.
    pub recipient_team: Option<Id>,
    /// What that contact is called.
    pub recipient_name: String,
    /// Its address.
    pub recipient: String,
    /// How the contact was found, as it was told then.
    pub chain: Vec<registry::Step>,
    /// The language of its mails.
    pub language: String,
    /// How it may be passed on.
    pub tlp: Tlp,
    /// Its mails were encrypted.
    pub encrypted: bool,
    /// How many rows went out.
    pub addresses: i64,
    /// The unguessable part of the address to which answers come.
    pub reply_token: String,
    /// When it was made.
    pub created_at: Time,
    /// By when an answer was asked for.
    pub due_at: Time,
    /// When a person answered last.
    pub answered_at: Option<Time>,
    /// How many reminders went out.
    pub reminders: i64,
    /// When it was resolved.
    pub closed_at: Option<Time>,
    /// Counts changes, for `If-Match`.
    pub version: i64,
}

impl Investigation {
    /// `INV-…`
    pub fn name(&self) -> Number {
        Number { kind: CaseKind::Investigation, number: self.number }
    }

    /// What its mails are about, for the queue.
    pub fn subject_of(&self) -> String {
        format!("investigation:{}", self.id)
    }
}

/// The case that a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A report.
    Report(Id),
    /// An incident.
    Incident(Id),
    /// An investigation.
    Investigation(Id),
}

impl Case {
    /// The stream of its events.
    pub fn stream(self) -> String {
        match self {
            Self::Report(id) => format!("report:{id}"),
            Self::Incident(id) => format!("incident:{id}"),
            Self::Investigation(id) => format!("investigation:{id}"),
        }
    }

    /// The identifier of the report, incident or investigation.
    pub fn id(self) -> Id {
        match self {
            Self::Report(id) | Self::Incident(id) | Self::Investigation(id) => id,
        }
    }
}

/// One mail or note.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its identifier.
    pub id: Id,
    /// Whose it is.
    pub team: Id,
    /// The case it belongs to.
    pub case: Case,
    /// It came from outside.
    pub incoming: bool,
    /// `mail`, `api`, `bounce`, `auto-reply`, `note`, `reminder`, `closing`, `acknowledgement`.
    pub kind: String,
    /// When it came, or was written here.
    pub at: Time,
    /// When its author says that he wrote it.
    pub written_at: Option<Time>,
    /// Its original bytes; a note has none.
    pub blob: Option<Digest>,
    /// Its author's address.
    pub from_address: String,
    /// Its author's name.
    pub from_name: String,
    /// To whom, parted by commas.
    pub recipients: String,
    /// Its subject.
    pub subject: String,
    /// The beginning of its text; of a note, all of it.
    pub preview: String,
    /// Message-ID without angle brackets.
    pub message_id: String,
    /// What makes it the same message when it comes again.
    pub fingerprint: Digest,
    /// How it may be passed on.
    pub tlp: Tlp,
    /// The verdict on its signature.
    pub signature: SignatureState,
    /// The verdict in words.
    pub signature_words: String,
    /// It came or went encrypted.
    pub encrypted: bool,
    /// How many parts it has.
    pub parts: i64,
    /// What could not be read, in words.
    pub notes: Vec<String>,
    /// How often it came again.
    pub same: i64,
    /// Who wrote it here.
    pub author: String,
}

/// One thing that a report or an incident names.
#[derive(Debug, Clone, PartialEq)]
pub struct Observable {
    /// Its place in the list, from 1.
    pub n: i64,
    /// What it is.
    pub kind: observables::Kind,
    /// Its canonical text.
    pub value: String,
    /// First and last address.
    pub range: Option<(std::net::IpAddr, std::net::IpAddr)>,
    /// The port written with it.
    pub port: Option<u16>,
    /// The part of the mail in which it was found first, or the report it came from.
    pub part: String,
    /// How often it was found.
    pub hits: i64,
    /// The time of the first mail that names it.
    pub first_seen: Time,
    /// The time of the last mail that names it.
    pub last_seen: Time,
    /// How it may be passed on: the least strict of the reports that name it.
    pub tlp: Tlp,
    /// Why it is left out, if it is.
    pub excluded: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_are_written_in_any_case() {
        for text in ["IR-1", "INC-17", "INV-532"] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
            assert_eq!(text.to_lowercase().parse::<Number>().unwrap().to_string(), text);
        }
        for wrong in ["", "IR", "IR-", "IR-0", "IR--1", "XX-1", "IR-1x", "IR-99999999999999999999"] {
            assert!(wrong.parse::<Number>().is_err(), "{wrong}");
        }
    }
}
