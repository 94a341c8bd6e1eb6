//! Asking an address by mail whether somebody reads there.

use kit::{Digest, Result};
use mail::addresses;

use super::ABOUT;
use crate::Registry;
use crate::post::{Letter, Prepared};

/// A question that is written and not yet sent.
pub(super) struct Question {
    pub(super) letter: Prepared,
    /// Of the secret in it.
    pub(super) token: Digest,
}

/// Writes the mail that asks `address`, for the `number`th time. Blocks until its bytes are on disk.
///
/// # Errors
/// The node sends no mails for its registry; the disk is full.
pub(super) fn write(registry: &Registry, address: &str, number: i64) -> Result<Question> {
    let token = registry.node().token::<{ addresses::BYTES }>();
    let letter = Letter {
        to: address.to_owned(),
        subject: subject(registry, number),
        text: text(registry, address, &token, number),
        about: format!("{ABOUT}{address}"),
        reply_token: Some(token.clone()),
        ..Letter::default()
    };
    Ok(Question { letter: registry.write_letter(&letter)?, token: Digest::of(token.as_bytes()) })
}

fn subject(registry: &Registry, number: i64) -> String {
    let source = registry.settings().source.as_deref().unwrap_or_default();
    match number {
        1 => format!("Do you read this mailbox? ({source} registry)"),
        _ => format!("Do you read this mailbox? ({source} registry, asked {number} times)"),
    }
}

fn text(registry: &Registry, address: &str, token: &str, number: i64) -> String {
    let settings = registry.settings();
    let (source, base) = (settings.source.as_deref().unwrap_or_default(), &settings.base_url);
    let mut text = format!(
        "The {source} registry names {address} as a contact for security incidents. People who have an\n\
         incident to report rely on somebody reading there.\n\n"
    );
    if base.is_empty() {
        text.push_str("If you do, just answer this mail; nothing need be written.\n");
    } else {
        text.push_str(&format!(
            "If you do, follow this link and press the button, or just answer this mail:\n\n  {base}/registry/contact/{token}\n"
        ));
    }
    text.push_str(&format!(
        "\nIf {address} should not be named there, ask whoever keeps the object to change it:\nsearch the registry for the address to find it.\n\n"
    ));
    text.push_str(match number {
        1 | 2 => "Without an answer we shall ask again in a week, and in the end show that nobody answers.\n",
        _ => "This is the last time that we ask: without an answer within a week the registry will show that\nnobody answers at this address.\n",
    });
    text
}
