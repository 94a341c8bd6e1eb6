//! The desk's things as JSON.

use kit::{Id, Time};
use mail::queue::MailOut;
use registry::{Registry, Step};
use serde::Serialize;
use utoipa::ToSchema;

use super::lookup::LookUp;
use crate::model;

/// A moment for programs.
pub(super) fn at(time: Time) -> String {
    ui::format::iso(time)
}

/// A mailbox as its owner writes it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sender {
    /// The mail address.
    #[schema(example = "abuse@brackwater.example")]
    address: String,
    /// The name; may be empty.
    name: String,
}

/// A complaint on its way to a decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentReport)]
pub(super) struct Report {
    /// `IR-…`, counted for the team.
    #[schema(example = "IR-12")]
    number: String,
    /// `new`, `open`, `resolved` or `rejected`.
    #[schema(example = "new")]
    status: &'static str,
    /// It was written by a machine.
    machine: bool,
    /// `human`, `arf`, `xarf`, `feed`, `bulk`, `generated`, `api`.
    kind: String,
    /// Its subject.
    subject: String,
    /// Who sent it.
    from: Sender,
    /// When it came.
    #[schema(format = "date-time")]
    received_at: String,
    /// By when its sender is to have a first answer.
    #[schema(format = "date-time")]
    due_at: String,
    /// When they had one.
    #[schema(format = "date-time")]
    answered_at: Option<String>,
    /// When it was resolved or rejected.
    #[schema(format = "date-time")]
    closed_at: Option<String>,
    /// How it may be passed on.
    #[schema(example = "TLP:AMBER")]
    tlp: &'static str,
    /// The verdict on its signature: `unsigned`, `good`, `other`, `unknown` or `bad`.
    signature: &'static str,
    /// Who has taken it; empty when nobody has.
    owner: String,
    /// How often the same message came again.
    same: i64,
    /// Something in it could not be read.
    flagged: bool,
    /// Counts changes.
    version: i64,
}

impl From<&model::Report> for Report {
    fn from(r: &model::Report) -> Self {
        Self {
            number: r.name().to_string(),
            status: r.status.name(),
            machine: r.machine,
            kind: r.kind.clone(),
            subject: r.subject.clone(),
            from: Sender { address: r.from_address.clone(), name: r.from_name.clone() },
            received_at: at(r.received_at),
            due_at: at(r.due_at),
            answered_at: r.answered_at.map(at),
            closed_at: r.closed_at.map(at),
            tlp: r.tlp.label(),
            signature: r.signature.name(),
            owner: r.owner_name.clone(),
            same: r.same,
            flagged: r.flagged,
            version: r.version,
        }
    }
}

/// What several reports are about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Incident {
    /// `INC-…`, counted for the team.
    #[schema(example = "INC-3")]
    number: String,
    /// `open`, `resolved` or `abandoned`.
    status: &'static str,
    /// What it is called.
    title: String,
    /// What it is about.
    description: String,
    /// Class and type of the Reference Security Incident Taxonomy.
    #[schema(example = "fraud:phishing")]
    classification: String,
    /// `low`, `medium`, `high` or `critical`.
    severity: &'static str,
    /// How it may be passed on: the strictest of its parts.
    #[schema(example = "TLP:AMBER")]
    tlp: &'static str,
    /// Who has taken it; empty when nobody has.
    owner: String,
    /// When it was opened.
    #[schema(format = "date-time")]
    opened_at: String,
    /// By whom.
    opened_by: String,
    /// When it was closed.
    #[schema(format = "date-time")]
    closed_at: Option<String>,
    /// How it ended.
    resolution: String,
    /// Counts changes; stands in the `ETag`.
    version: i64,
}

impl From<&model::Incident> for Incident {
    fn from(i: &model::Incident) -> Self {
        Self {
            number: i.name().to_string(),
            status: i.status.name(),
            title: i.title.clone(),
            description: i.description.clone(),
            classification: i.classification.clone(),
            severity: i.severity.name(),
            tlp: i.tlp.label(),
            owner: i.owner_name.clone(),
            opened_at: at(i.opened_at),
            opened_by: i.opened_by.clone(),
            closed_at: i.closed_at.map(at),
            resolution: i.resolution.clone(),
            version: i.version,
        }
    }
}

/// A question to one responsible contact.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Investigation {
    /// `INV-…`, counted for the team.
    #[schema(example = "INV-7")]
    number: String,
    /// `open` or `resolved`.
    status: &'static str,
    /// The subject of its mails.
    subject: String,
    /// Who was asked.
    recipient: Sender,
    /// How the contact was found, as it was told then.
    chain: Vec<Step>,
    /// The language of its mails, ISO 639-1.
    language: String,
    /// The label of its mails.
    #[schema(example = "TLP:GREEN")]
    tlp: &'static str,
    /// Its first mail left encrypted.
    encrypted: bool,
    /// How many rows went out.
    addresses: i64,
    /// When it was made.
    #[schema(format = "date-time")]
    created_at: String,
    /// By when an answer was asked for.
    #[schema(format = "date-time")]
    due_at: String,
    /// When a person answered last.
    #[schema(format = "date-time")]
    answered_at: Option<String>,
    /// How many reminders went out.
    reminders: i64,
    /// When it was resolved.
    #[schema(format = "date-time")]
    closed_at: Option<String>,
    /// Counts changes; stands in the `ETag`.
    version: i64,
}

impl From<&model::Investigation> for Investigation {
    /// Without the reply address: whoever has that can write into the case.
    fn from(i: &model::Investigation) -> Self {
        Self {
            number: i.name().to_string(),
            status: i.status.name(),
            subject: i.subject.clone(),
            recipient: Sender { address: i.recipient.clone(), name: i.recipient_name.clone() },
            chain: i.chain.clone(),
            language: i.language.clone(),
            tlp: i.tlp.label(),
            encrypted: i.encrypted,
            addresses: i.addresses,
            created_at: at(i.created_at),
            due_at: at(i.due_at),
            answered_at: i.answered_at.map(at),
            reminders: i.reminders,
            closed_at: i.closed_at.map(at),
            version: i.version,
        }
    }
}

/// One thing that a case names, and who is responsible for it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Observable {
    /// Its place in the list, from 1.
    n: i64,
    /// `ip`, `ip-range`, `domain`, `url`, `email`, `md5`, `sha1`, `sha256`, `sha512`, `cve`, `asn`.
    #[schema(example = "ip")]
    kind: &'static str,
    /// Its canonical text.
    #[schema(example = "192.0.2.77")]
    value: String,
    /// The port written with it.
    port: Option<u16>,
    /// The part of the mail in which it was found first, or the report that it came from.
    part: String,
    /// How often it was found.
    hits: i64,
    /// The time of the first mail that names it.
    #[schema(format = "date-time")]
    first_seen: String,
    /// The time of the last mail that names it.
    #[schema(format = "date-time")]
    last_seen: String,
    /// How it may be passed on.
    #[schema(example = "TLP:AMBER")]
    tlp: &'static str,
    /// Why it is left out, if it is.
    excluded: Option<String>,
    /// Who is responsible; absent for what nobody can be asked about, such as a hash, and for what is left out.
    look_up: Option<LookUp>,
}

impl Observable {
    /// `one` as `reader` sees it.
    pub(super) fn new(registry: &Registry, reader: Id, one: model::Observable) -> Self {
        Self {
            look_up: if one.excluded.is_none() { LookUp::of(registry, reader, &one) } else { None },
            n: one.n,
            kind: one.kind.as_str(),
            value: one.value,
            port: one.port,
            part: one.part,
            hits: one.hits,
            first_seen: at(one.first_seen),
            last_seen: at(one.last_seen),
            tlp: one.tlp.label(),
            excluded: one.excluded,
        }
    }
}

/// A mail or a note in a case.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    /// Its identifier, for `/messages/{id}`.
    pub(super) id: String,
    /// It came from outside.
    incoming: bool,
    /// `mail`, `api`, `bounce`, `auto-reply`, `note`, `reminder`, `closing`, `acknowledgement`.
    kind: String,
    /// When it came, or was written here.
    #[schema(format = "date-time")]
    at: String,
    /// Its author.
    from: Sender,
    /// To whom, parted by commas.
    to: String,
    /// Its subject.
    subject: String,
    /// The beginning of its text; of a note, all of it.
    preview: String,
    /// Message-ID without angle brackets.
    message_id: String,
    /// How it may be passed on.
    #[schema(example = "TLP:AMBER")]
    tlp: &'static str,
    /// The verdict on its signature: `unsigned`, `good`, `other`, `unknown` or `bad`.
    signature: &'static str,
    /// The verdict in words.
    signature_words: String,
    /// It came or left encrypted.
    encrypted: bool,
    /// What could not be read, in words.
    notes: Vec<String>,
    /// How often it came again.
    same: i64,
    /// Who wrote it here, or how it came.
    author: String,
    /// Whether `/messages/{id}/original` has its bytes.
    original: bool,
}

impl From<&model::Message> for Message {
    fn from(m: &model::Message) -> Self {
        Self {
            id: m.id.to_string(),
            incoming: m.incoming,
            kind: m.kind.clone(),
            at: at(m.at),
            from: Sender { address: m.from_address.clone(), name: m.from_name.clone() },
            to: m.recipients.clone(),
            subject: m.subject.clone(),
            preview: m.preview.clone(),
            message_id: m.message_id.clone(),
            tlp: m.tlp.label(),
            signature: m.signature.name(),
            signature_words: m.signature_words.clone(),
            encrypted: m.encrypted,
            notes: m.notes.clone(),
            same: m.same,
            author: m.author.clone(),
            original: m.blob.is_some(),
        }
    }
}

/// How far a mail of ours has got.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    /// The mail's Message-ID without angle brackets.
    message_id: String,
    /// To whom.
    recipient: String,
    /// `waiting`, `deferred`, `sent`, `delivered`, `displayed`, `failed` or `cancelled`.
    state: &'static str,
    /// Since when.
    #[schema(format = "date-time")]
    since: String,
    /// When it leaves at the earliest; until then it can be taken back.
    #[schema(format = "date-time")]
    leaves_at: String,
    /// How often the relay was asked.
    attempts: i64,
    /// The last words of the relay or of a notice.
    reply: String,
}

impl From<&MailOut> for Delivery {
    fn from(m: &MailOut) -> Self {
        Self {
            message_id: m.message_id.clone(),
            recipient: m.recipient.clone(),
            state: m.state.name(),
            since: at(m.state_at),
            leaves_at: at(m.leave_at),
            attempts: m.attempts,
            reply: m.reply.clone(),
        }
    }
}

/// What was done, and how to take it back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    /// In words.
    words: String,
    /// Goes into `/undo/{id}`.
    undo: String,
    /// Until when it can be taken back; mails leave then.
    #[schema(format = "date-time")]
    until: String,
    /// The incident it was about.
    #[schema(example = "INC-3")]
    incident: Option<String>,
}

impl From<crate::Done> for Done {
    fn from(done: crate::Done) -> Self {
        Self {
            words: done.words,
            undo: done.undo.id.to_string(),
            until: at(done.undo.until),
            incident: done.incident.map(|number| number.to_string()),
        }
    }
}
