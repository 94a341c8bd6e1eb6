//! The machine-readable parts of delivery and disposition notifications (RFC 3464, RFC 8098).

use crate::message::{Opened, Part, PartKind, unfold};
use crate::open::fields;

/// Recipients read out of one notification.
const RECIPIENTS: usize = 1_000;

/// A delivery status notification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// One per recipient. Empty when the notification has no readable `message/delivery-status`.
    pub reports: Vec<DeliveryReport>,
    /// Which mail it is about.
    pub returned: Returned,
}

/// What happened to one recipient (RFC 3464 section 2.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// `Final-Recipient` without its type; where the mail ended.
    pub final_recipient: String,
    /// `Original-Recipient` without its type; whom it was sent to.
    pub original_recipient: Option<String>,
    /// `Action`; `None` when missing or unknown.
    pub action: Option<Action>,
    /// `Status`, three numbers such as `5.1.1` (RFC 3463); empty when missing.
    pub status: String,
    /// `Diagnostic-Code` without its type: the words of the refusing server.
    pub diagnostic: Option<String>,
    /// `Remote-MTA` without its type.
    pub remote_mta: Option<String>,
}

/// `Action` of RFC 3464 section 2.3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Given up.
    Failed,
    /// Not yet; the sender goes on trying.
    Delayed,
    /// In the mailbox.
    Delivered,
    /// Handed to a system that sends no notifications.
    Relayed,
    /// Passed to several further addresses.
    Expanded,
}

/// What a notification tells of the mail it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// `Message-ID` of the returned mail or header, without angle brackets.
    pub message_id: Option<String>,
    /// `Original-Envelope-Id` (RFC 3464 section 2.2.1).
    pub envelope_id: Option<String>,
}

/// A message disposition notification: somebody's program opened, or threw away, our mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DispositionNotification {
    /// `Final-Recipient` without its type.
    pub final_recipient: String,
    /// `Original-Recipient` without its type.
    pub original_recipient: Option<String>,
    /// `Original-Message-ID` without angle brackets.
    pub original_message_id: Option<String>,
    /// Disposition type in lower case: `displayed`, `deleted`, `dispatched`, `processed`.
    pub disposition: String,
    /// Sent without a person's doing (`automatic-action`).
    pub automatic: bool,
}

/// Reads the status parts among `parts`. When there are none (the boundary is wrong, or the part has no type), the fields
/// are looked for in the texts.
pub(super) fn bounce<'m>(parts: impl Iterator<Item = &'m Part>) -> Bounce {
    let parts: Vec<&Part> = parts.collect();
    let mut bounce = Bounce { returned: returned(&parts), ..Bounce::default() };
    for text in
        parts.iter().filter(|p| super::is_type(p, "delivery-status")).filter_map(|p| p.text.as_deref())
    {
        groups(text).iter().for_each(|group| bounce.add(group));
    }
    if bounce.reports.is_empty() {
        for text in parts.iter().filter_map(|p| p.text.as_deref()) {
            let groups = groups(text);
            groups
                .iter()
                .filter(|g| field(g, "final-recipient").is_some())
                .for_each(|group| bounce.add(group));
            if bounce.returned.message_id.is_none() {
                bounce.returned.message_id = groups.iter().find_map(|g| field(g, "message-id")).map(bare);
            }
        }
    }
    bounce
}

impl Bounce {
    fn add(&mut self, group: &Group) {
        if self.returned.envelope_id.is_none() {
            self.returned.envelope_id = field(group, "original-envelope-id");
        }
        if self.reports.len() < RECIPIENTS {
            self.reports.extend(delivery_report(group));
        }
    }
}

/// Reads the notification of a disposition.
pub(super) fn disposition(mail: &Opened) -> DispositionNotification {
    let parts = super::outer(mail).filter(|p| super::is_type(p, "disposition-notification"));
    let group: Group = parts.filter_map(|p| p.text.as_deref()).flat_map(groups).flatten().collect();
    // "manual-action/MDN-sent-manually; displayed/error" (RFC 8098 section 3.2.6)
    let value = field(&group, "disposition").unwrap_or_default().to_ascii_lowercase();
    let (mode, kind) = value.split_once(';').unwrap_or(("", &value));
    DispositionNotification {
        final_recipient: typed(&group, "final-recipient").unwrap_or_default(),
        original_recipient: typed(&group, "original-recipient"),
        original_message_id: field(&group, "original-message-id")
            .map(bare)
            .or_else(|| returned(&super::outer(mail).collect::<Vec<_>>()).message_id)
            .filter(|id| !id.is_empty()),
        disposition: kind.split('/').next().unwrap_or_default().trim().to_owned(),
        automatic: mode.trim().starts_with("automatic-action"),
    }
}

/// Fields of one group, names in lower case.
type Group = Vec<(String, String)>;

/// Groups of fields separated by empty lines.
fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![Vec::new()];
    let mut block = String::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            block.push_str(line);
            block.push('\n');
            continue;
        }
        let read = fields(block.as_bytes())
            .map(|(name, value)| (String::from_utf8_lossy(name).to_ascii_lowercase(), unfold(value)));
        groups.push(read.collect());
        block.clear();
    }
    groups.retain(|g| !g.is_empty());
    groups
}

/// A recipient's report, if the group is one. Some MTAs put the fields of the message into the same group.
fn delivery_report(group: &Group) -> Option<DeliveryReport> {
    let final_recipient = typed(group, "final-recipient");
    let original_recipient = typed(group, "original-recipient");
    let action = field(group, "action").and_then(|a| action(&a));
    let status = field(group, "status").map(|s| status(&s)).unwrap_or_default();
    let address = final_recipient.or_else(|| original_recipient.clone()).unwrap_or_default();
    if address.is_empty() && action.is_none() && status.is_empty() {
        return None;
    }
    Some(DeliveryReport {
        final_recipient: address,
        original_recipient,
        action,
        status,
        diagnostic: typed(group, "diagnostic-code"),
        remote_mta: typed(group, "remote-mta"),
    })
}

fn field(group: &Group, name: &str) -> Option<String> {
    group.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
}

/// The value after its type: `rfc822; user@team.example` (RFC 3464 section 2.1.2).
fn typed(group: &Group, name: &str) -> Option<String> {
    let value = field(group, name)?;
    let value = match value.split_once(';') {
        Some((kind, rest))
            if kind.trim().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')) =>
        {
            rest
        }
        _ => &value,
    };
    Some(bare(value.to_owned())).filter(|v| !v.is_empty())
}

fn bare(value: String) -> String {
    let value = value.trim();
    value.strip_prefix('<').and_then(|v| v.strip_suffix('>')).unwrap_or(value).to_owned()
}

fn action(value: &str) -> Option<Action> {
    match value.split([' ', '(', ';', ',']).next()?.to_ascii_lowercase().as_str() {
        "failed" | "failure" => Some(Action::Failed),
        "delayed" => Some(Action::Delayed),
        "delivered" => Some(Action::Delivered),
        "relayed" => Some(Action::Relayed),
        "expanded" => Some(Action::Expanded),
        _ => None,
    }
}

/// The three numbers of `5.1.1 (bad destination mailbox address)`.
fn status(value: &str) -> String {
    let code = value.trim().split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    let numbers = code.split('.').filter(|n| !n.is_empty() && n.len() <= 3).count();
    if numbers == 3 { code.to_owned() } else { String::new() }
}

/// The mail that came back: a nested mail, or its header (`text/rfc822-headers`).
fn returned(parts: &[&Part]) -> Returned {
    let is_header = |p: &&&Part| {
        p.kind == PartKind::NestedMail
            || matches!(
                p.content_type.as_str(),
                "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers"
            )
    };
    let headers = parts.iter().filter(is_header).filter_map(|p| p.text.as_deref());
    let message_id =
        headers.flat_map(|t| fields(t.as_bytes())).find(|(n, _)| n.eq_ignore_ascii_case(b"message-id"));
    Returned {
        message_id: message_id.map(|(_, v)| bare(unfold(v))).filter(|v| !v.is_empty()),
        envelope_id: None,
    }
}
