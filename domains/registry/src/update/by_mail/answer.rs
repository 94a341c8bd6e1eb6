//! The answer to a mail: whether there is one, to whom, and what it says.

use kit::clock::HOUR;
use kit::{Result, Time};
use mail::classify::Class;
use mail::message::Opened;

use super::act::Acted;
use crate::Registry;
use crate::post::Letter;
use crate::store::mails::{self, RegistryMail};

/// Answers to one address within an hour when its signature counts: robots may send a change a second for some time.
const PROVEN: i64 = 1_000;
/// Else, since anybody can write anybody's address into a mail.
const UNPROVEN: i64 = 5;
/// Those together, whatever addresses are written into mails.
const UNPROVEN_ALL: i64 = 100;
/// Within so long.
const EVERY: Time = HOUR;

/// Who gets the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whom {
    /// This address.
    Sender(String),
    /// Nobody, for this reason.
    Nobody(&'static str),
}

impl Whom {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Sender(address) => format!("answered to {address}"),
            Self::Nobody(why) => format!("not answered: {why}"),
        }
    }
}

/// Whom to answer: the sender, unless a machine wrote, a mail of a node like this one is in the way, or they had their
/// answers. RFC 3834 section 2.
pub(super) async fn whom(
    registry: &Registry,
    mail: &RegistryMail,
    opened: &Opened,
    class: &Class,
    proven: bool,
) -> Result<Whom> {
    let headers = &opened.headers;
    if class.is_automatic() || mail.envelope_from.is_empty() {
        return Ok(Whom::Nobody("a machine wrote it"));
    }
    if !headers.loop_marks.is_empty() {
        return Ok(Whom::Nobody("it comes from a node like this one"));
    }
    let sender = headers.reply_to.first().or(headers.from.first()).map(|mailbox| mailbox.address.clone());
    let Some(sender) = sender.filter(|address| address.contains('@')) else {
        return Ok(Whom::Nobody("it names no sender"));
    };
    if registry.takes_mail_for(&sender) {
        return Ok(Whom::Nobody("the registry does not write to itself"));
    }
    let (address, since) = (sender.to_lowercase(), mail.received_at - EVERY);
    let may = registry.node().db.read(move |c| {
        let most = if proven { PROVEN } else { UNPROVEN };
        Ok(mails::answered(c, &address, proven, since)? < most
            && (proven || mails::answered_unproven(c, since)? < UNPROVEN_ALL))
    });
    Ok(if may.await? { Whom::Sender(sender) } else { Whom::Nobody("too many answers in an hour") })
}

/// The answer to `to`.
pub(super) fn letter(
    registry: &Registry,
    mail: &RegistryMail,
    opened: &Opened,
    to: &str,
    acted: &Acted,
) -> Letter {
    let headers = &opened.headers;
    let source = registry.settings().source.as_deref().unwrap_or_default();
    let from = headers.from.first().map(|mailbox| mailbox.address.as_str()).unwrap_or_default();
    let result = if acted.success { "SUCCESS" } else { "FAILED" };
    let mut text = format!("> From:       {from}\n> Subject:    {}\n", clip(&headers.subject));
    if let Some(date) = headers.field("date") {
        text.push_str(&format!("> Date:       {}\n", clip(&date)));
    }
    if let Some(id) = &headers.message_id {
        text.push_str(&format!("> Message-ID: {}\n", clip(id)));
    }
    text.push('\n');
    text.push_str(&acted.text);
    text.push_str(&format!("\n-- \n{source} registry\n"));
    Letter {
        to: to.to_owned(),
        subject: format!("{result}: {}", clip(&headers.subject)).trim_end().to_owned(),
        references: headers.message_id.iter().cloned().collect(),
        text,
        about: format!("registry-mail:{}", mail.id),
        is_answer: true,
        reply_token: None,
    }
}

/// A header's value as it may be said again: one line, not endless.
fn clip(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(200).collect()
}
