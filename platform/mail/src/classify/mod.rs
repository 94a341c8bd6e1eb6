//! Which kind of mail this is: exactly one class, found by what standards say and not by free text.
//!
//! The tests run in this order, and the first that holds decides:
//!
//! | # | test | class |
//! |---|---|---|
//! | 1 | `multipart/report; report-type=delivery-status`, or a `message/delivery-status` part of the outer mail (RFC 3464; many MTAs forget the parameter) | [`Class::Bounce`] |
//! | 2 | `report-type=disposition-notification` or such a part (RFC 8098) | [`Class::DispositionNotification`] |
//! | 3 | `report-type=feedback-report` or such a part (RFC 5965) | [`Machine::Arf`] |
//! | 4 | `X-XARF` or `X-ARF` field, or a JSON part that is an XARF document | [`Machine::Xarf`] |
//! | 5 | a mailer daemon's mail in which such a notice is nested: gateways wrap them | [`Class::Bounce`] |
//! | 6 | `Auto-Submitted: auto-replied` (RFC 3834), or an older vacation header | [`Class::AutoReply`] |
//! | 7 | any other `Auto-Submitted` than `no`, a null reverse-path, a mailer daemon as sender | [`Machine::Feed`] with a table in it, else [`Machine::Generated`] |
//! | 8 | `Precedence: bulk, list, junk`, `List-Id`, `List-Unsubscribe` | [`Machine::Feed`] with a table in it, else [`Machine::Bulk`] |
//! | 9 | everything else | [`Class::Human`] |
//!
//! 1 stands before 6 because MTAs send their bounces as `auto-replied`. Only the outer mail counts (and what was encrypted
//! in it): a person who forwards a bounce as an attachment is a person.

mod report;

use crate::envelope::Envelope;
use crate::message::{Opened, Part, PartKind};

pub use report::{Action, Bounce, DeliveryReport, DispositionNotification, Returned};

/// The class of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// A delivery status notification (RFC 3464): state of a mail that was sent, never a report.
    Bounce(Bounce),
    /// A message disposition notification, "has been read" (RFC 8098).
    DispositionNotification(DispositionNotification),
    /// An automatic answer to a mail (RFC 3834): filed, changes nothing.
    AutoReply,
    /// Made by a machine; opens reports, is not answered.
    MachineReport(Machine),
    /// Written by a person, as far as can be told.
    Human,
}

/// Kinds of machine mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// Abuse Reporting Format (RFC 5965).
    Arf,
    /// Extended ARF: JSON, versions 1 to 4.
    Xarf,
    /// A table of hosts: CSV, JSON or XML, also inside an archive.
    Feed,
    /// Sent to many.
    Bulk,
    /// Sent by a program.
    Generated,
}

impl Class {
    /// Whether a machine made it: then it reopens nothing and is not answered.
    pub fn is_automatic(&self) -> bool {
        !matches!(self, Class::Human)
    }
}

/// Largest JSON part looked into for XARF, in bytes: the format's own samples with evidence stay below.
const XARF_BYTES: usize = 4 << 20;

/// Classes a mail. `envelope` is that of its delivery.
pub fn classify(mail: &Opened, envelope: &Envelope) -> Class {
    let report_type = report_type(mail);
    let is_report =
        |kind: &str| report_type.as_deref() == Some(kind) || outer(mail).any(|p| is_type(p, kind));
    if is_report("delivery-status") {
        return Class::Bounce(report::bounce(outer(mail)));
    }
    if is_report("disposition-notification") {
        return Class::DispositionNotification(report::disposition(mail));
    }
    if is_report("feedback-report") {
        return Class::MachineReport(Machine::Arf);
    }
    if mail.headers.has("x-xarf") || mail.headers.has("x-arf") || outer(mail).any(is_xarf) {
        return Class::MachineReport(Machine::Xarf);
    }
    if let Some(wrapped) = wrapped_bounce(mail, envelope) {
        return Class::Bounce(wrapped);
    }
    if is_auto_reply(mail) {
        return Class::AutoReply;
    }
    let machine = |otherwise| Class::MachineReport(if has_table(mail) { Machine::Feed } else { otherwise });
    if is_generated(mail, envelope) {
        return machine(Machine::Generated);
    }
    if is_bulk(mail) {
        return machine(Machine::Bulk);
    }
    Class::Human
}

/// The leaves of the outer mail, and of what was encrypted in it.
fn outer(mail: &Opened) -> impl Iterator<Item = &Part> {
    mail.parts.iter().filter(|part| {
        let (_, inside) = part.path.rsplit_once("/decrypted/").unwrap_or(("", &part.path));
        !inside.contains('/') && part.kind != PartKind::ZipMember
    })
}

/// `message/<kind>`, or its form for international addresses (RFC 6533).
fn is_type(part: &Part, kind: &str) -> bool {
    let sub = part.content_type.strip_prefix("message/");
    sub.is_some_and(|s| s.strip_prefix("global-").unwrap_or(s) == kind)
}

/// The `report-type` parameter of `multipart/report` (RFC 3462), lower case.
fn report_type(mail: &Opened) -> Option<String> {
    let value =
        mail.headers.field("content-type").filter(|_| mail.headers.content_type == "multipart/report")?;
    let value = value.to_ascii_lowercase();
    let (_, after) = value.split_once("report-type")?;
    let word = after.trim_start_matches([' ', '=', '"', '\'', '\t']);
    Some(word.split([';', '"', '\'', ' ']).next().unwrap_or_default().to_owned())
}

fn is_xarf(part: &Part) -> bool {
    let Some(text) =
        part.text.as_deref().filter(|t| t.len() <= XARF_BYTES && t.trim_start().starts_with('{'))
    else {
        return false;
    };
    let Ok(serde_json::Value::Object(document)) = serde_json::from_str(text.trim()) else { return false };
    let has = |key: &str| document.keys().any(|k| k.eq_ignore_ascii_case(key));
    has("xarf_version") || (has("ReporterInfo") && has("Report"))
}

fn is_auto_reply(mail: &Opened) -> bool {
    let h = &mail.headers;
    let says_yes = |name: &str| h.field(name).is_some_and(|v| !v.is_empty() && !v.eq_ignore_ascii_case("no"));
    h.auto_submitted.as_deref() == Some("auto-replied")
        || matches!(h.precedence.as_deref(), Some("auto_reply" | "auto-reply"))
        || ["x-autoreply", "x-autorespond", "x-auto-reply", "x-vacation"].iter().any(|n| says_yes(n))
        || h.field("x-autogenerated").is_some_and(|v| v.eq_ignore_ascii_case("reply"))
}

/// The notice inside a mailer daemon's mail, with the mail that the notice is about.
fn wrapped_bounce(mail: &Opened, envelope: &Envelope) -> Option<Bounce> {
    if !is_from_daemon(mail, envelope) {
        return None;
    }
    let status = mail.parts.iter().find(|p| is_type(p, "delivery-status"))?;
    let (prefix, _) = status.path.rsplit_once('/')?;
    let inside = |p: &&Part| {
        let rest = p.path.strip_prefix(prefix).and_then(|r| r.strip_prefix('/'));
        rest.is_some_and(|r| !r.contains('/'))
    };
    Some(report::bounce(mail.parts.iter().filter(inside)))
}

fn is_generated(mail: &Opened, envelope: &Envelope) -> bool {
    let h = &mail.headers;
    h.auto_submitted.as_deref().is_some_and(|a| !a.is_empty() && a != "no")
        || is_from_daemon(mail, envelope)
        || h.has("x-autogenerated")
        || h.has("x-fc-machinegenerated")
}

/// The null reverse-path (RFC 5321 section 4.5.5), or a sender that only mail systems use.
fn is_from_daemon(mail: &Opened, envelope: &Envelope) -> bool {
    let h = &mail.headers;
    let daemon = |address: &str| {
        let local = address.split('@').next().unwrap_or_default();
        ["mailer-daemon", "mail-daemon"].iter().any(|d| local.eq_ignore_ascii_case(d))
    };
    envelope.from.is_empty()
        || h.return_path.as_deref() == Some("")
        || h.from.iter().any(|m| daemon(&m.address))
}

fn is_bulk(mail: &Opened) -> bool {
    let h = &mail.headers;
    matches!(h.precedence.as_deref(), Some("bulk" | "list" | "junk"))
        || h.list_id.is_some()
        || h.has("list-unsubscribe")
        || h.has("feedback-id")
}

fn has_table(mail: &Opened) -> bool {
    let table = ["csv", "tsv", "json", "jsonl", "ndjson", "xml"];
    mail.parts.iter().any(|p| {
        let extension =
            p.name.as_deref().and_then(|n| n.rsplit_once('.')).map(|(_, e)| e.to_ascii_lowercase());
        extension.is_some_and(|e| table.contains(&e.as_str()))
            || matches!(p.content_type.as_str(), "text/csv" | "application/json" | "application/xml")
    })
}
