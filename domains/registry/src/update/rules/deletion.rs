//! Whether others need an object.

use kit::{Read, Result};
use rpsl::template::AttributeName;

use super::Found;
use crate::store::objects::Name;
use crate::store::updates;
use crate::update::keys;
use crate::update::report::{Cause, Message};

/// So many of those that refer to an object are told.
const TOLD: i64 = 5;

/// An object to which others refer must not go. That it names itself does not matter.
pub(crate) fn is_referenced(read: &Read<'_>, name: Name<'_>, text: &[u8]) -> Result<Found> {
    let mut values = vec![name.key.to_owned()];
    if name.class == "key-cert"
        && let Some(fingerprint) = keys::fingerprint(text)
    {
        values.extend(keys::aliases(&fingerprint));
        values.dedup();
    }
    let mut by: Vec<String> = Vec::new();
    for attribute in AttributeName::ALL {
        if !attribute.references().contains(&name.class) {
            continue;
        }
        for value in &values {
            for (class, key) in updates::referrers(read, attribute.short(), value, name, TOLD)? {
                let line = format!("[{class}] {key} ({attribute})");
                if !by.contains(&line) {
                    by.push(line);
                }
            }
        }
    }
    if by.is_empty() {
        return Ok(Found::new());
    }
    let more = if by.len() > TOLD as usize { ", and others" } else { "" };
    by.truncate(TOLD as usize);
    let text = format!(
        "Object [{}] {} is referenced from other objects: {}{more}. Change those first",
        name.class,
        name.key,
        by.join(", ")
    );
    Ok(vec![(Cause::Rule, Message::error(text))])
}
