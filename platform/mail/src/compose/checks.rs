//! No value may leave its field.

use super::{ComposeError, Outgoing};
use crate::message::Mailbox;

/// Fields that are written from the values of [`Outgoing`], and those that the MTA writes.
const RESERVED: [&str; 14] = [
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "sender",
    "mime-version",
    "return-path",
    "received",
];

/// Longest value of any field, in bytes.
const VALUE: usize = 10_000;

/// Checks every value that goes into a header.
pub(super) fn check(mail: &Outgoing) -> Result<(), ComposeError> {
    if mail.to.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    mailbox("From", &mail.from)?;
    mail.to.iter().try_for_each(|m| mailbox("To", m))?;
    mail.cc.iter().try_for_each(|m| mailbox("Cc", m))?;
    mail.reply_to.iter().try_for_each(|m| mailbox("Reply-To", m))?;
    text("Subject", &mail.subject)?;
    id("Message-ID", &mail.message_id)?;
    mail.in_reply_to.iter().try_for_each(|i| id("In-Reply-To", i))?;
    mail.references.iter().try_for_each(|i| id("References", i))?;
    for (name, value) in &mail.headers {
        let token = !name.is_empty()
            && name.len() <= 76
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let lower = name.to_ascii_lowercase();
        if !token || RESERVED.contains(&lower.as_str()) || lower.starts_with("content-") {
            return Err(unusable("the name of a field", name));
        }
        text(name, value)?;
    }
    for file in &mail.attachments {
        text("a file name", &file.name)?;
        let word =
            |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b));
        let is_type = file.content_type.split_once('/').is_some_and(|(main, sub)| word(main) && word(sub));
        let is_container = file.content_type.starts_with("multipart/");
        if !is_type || is_container || file.content_type.len() > 100 {
            return Err(unusable("the type of a file", &file.content_type));
        }
    }
    Ok(())
}

fn mailbox(field: &str, mailbox: &Mailbox) -> Result<(), ComposeError> {
    text(field, &mailbox.name)?;
    let address = &mailbox.address;
    let whole = address.rsplit_once('@').is_some_and(|(local, domain)| {
        let free = |c: char| !c.is_control() && !c.is_whitespace() && !r#"<>()[]\,;:"@"#.contains(c);
        !local.is_empty() && !domain.is_empty() && local.chars().all(free) && domain.chars().all(free)
    });
    if whole && address.len() <= 254 { Ok(()) } else { Err(unusable(field, address)) }
}

fn id(field: &str, id: &str) -> Result<(), ComposeError> {
    let whole = id.len() <= 900 && id.bytes().all(|b| matches!(b, 33..=126) && !matches!(b, b'<' | b'>'));
    if whole && !id.is_empty() { Ok(()) } else { Err(unusable(field, id)) }
}

fn text(field: &str, value: &str) -> Result<(), ComposeError> {
    if value.chars().any(char::is_control) || value.contains(['\u{2028}', '\u{2029}']) {
        return Err(ComposeError::Control { field: field.to_owned() });
    }
    if value.len() > VALUE { Err(unusable(field, "a value that long")) } else { Ok(()) }
}

fn unusable(field: &str, value: &str) -> ComposeError {
    ComposeError::Value { field: field.to_owned(), value: value.to_owned() }
}
