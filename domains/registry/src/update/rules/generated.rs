//! What the registry writes into an object itself.

use kit::{Result, Time};
use rpsl::template::AttributeName as A;
use rpsl::write::Writer;
use rpsl::{AddressRange, KeyReference, Object};

use super::Found;
use crate::update::keys::Key;
use crate::update::objects::Objects;
use crate::update::report::{Cause, Message};

/// Puts whole names in place of short ones: keys in `auth`, `signature`, `encryption` that an alias means beyond doubt,
/// and the usual spelling of a range. What is ambiguous is left, and refused elsewhere.
pub(crate) fn whole_names(
    objects: &dyn Objects,
    text: Vec<u8>,
    range: Option<AddressRange>,
) -> Result<(Vec<u8>, Found)> {
    let mut found = Found::new();
    let Ok(object) = Object::parse(&text) else { return Ok((text, found)) };
    let mut writer = Writer::of(&object);
    if let (Some(range), Some(first)) = (range, object.attributes().next())
        && first.value() != range.to_string()
        && let Some(name) = A::long(first.name())
    {
        writer.set(name, &range.to_string());
        let info = format!("{} was written as {range}", first.value());
        found.push((Cause::Syntax, Message::info(info).at(&first)));
    }
    for name in [A::Auth, A::Signature, A::Encryption] {
        for attribute in object.all(name.as_str()) {
            for item in attribute.items() {
                let Some(key) = KeyReference::parse(&item) else { continue };
                if !matches!(key, KeyReference::Pgp(_)) || key.is_whole() {
                    continue;
                }
                if objects.text("key-cert", &key.to_string())?.is_some() {
                    continue;
                }
                if let [whole] = objects.aliased(&key)?.as_slice()
                    && writer.replace_item(name, &item, whole) > 0
                {
                    let info = format!("{item} was written as {whole}, which it is short for");
                    found.push((Cause::Syntax, Message::info(info).at(&attribute)));
                }
            }
        }
    }
    Ok((writer.to_bytes(), found))
}

/// The object as it will be stored: `changed` is gone, `created` and `last-modified` are right, and of a `key-cert` what
/// the key itself says, its whole fingerprint as the name.
pub(crate) fn complete(object: &Object<'_>, old: Option<&Object<'_>>, now: Time) -> (Vec<u8>, Found) {
    let mut found = Found::new();
    let mut writer = Writer::of(object);
    writer.remove("changed");
    if object.class() == "key-cert" {
        match Key::of(object) {
            Ok(key) => key_cert(&mut writer, object, old, &key, &mut found),
            Err(why) => {
                let message = Message::error(why);
                let at = object.get("certif");
                found.push((Cause::Syntax, at.map_or(message.clone(), |certif| message.at(&certif))));
            }
        }
    }
    writer.remove("created");
    writer.remove("last-modified");
    let moment = ui::format::iso(now);
    match old {
        None => writer.set(A::Created, &moment),
        Some(old) => {
            if let Some(created) = old.get("created") {
                writer.set(A::Created, &created.value());
            }
        }
    }
    writer.set(A::LastModified, &moment);
    (writer.to_bytes(), found)
}

fn key_cert(
    writer: &mut Writer,
    object: &Object<'_>,
    old: Option<&Object<'_>>,
    key: &Key,
    found: &mut Found,
) {
    let Some(first) = object.attributes().next() else { return };
    let fingerprint = key.fingerprint();
    match (KeyReference::parse(&first.value()), key) {
        (Some(name @ KeyReference::Pgp(_)), Key::Pgp(_)) if name.matches(&fingerprint) => {
            let whole = KeyReference::Pgp(fingerprint.clone());
            // An object that came by a short name keeps it.
            let keeps = old.is_some_and(|old| KeyReference::parse(&old.key()).as_ref() == Some(&name));
            if !keeps && name != whole {
                writer.set(A::KeyCert, &whole.to_string());
                let info = format!("{name} was written as {whole}: a key is named by its whole fingerprint");
                found.push((Cause::Syntax, Message::info(info).at(&first)));
            }
        }
        (Some(KeyReference::X509(_) | KeyReference::Auto(_)), Key::X509(_)) => {}
        _ => {
            let text = match key {
                Key::Pgp(_) => format!("the key in certif is PGPKEY-{fingerprint}; name the object so"),
                Key::X509(_) => {
                    "certif holds a certificate; name the object X509- and a number, or AUTO-1".into()
                }
            };
            found.push((Cause::Syntax, Message::error(text).at(&first)));
        }
    }
    writer.remove("method");
    writer.remove("owner");
    writer.remove("fingerpr");
    // A method that the object's class has must stand first; others follow where the template has them.
    writer.set(A::Method, key.method());
    for owner in key.owners() {
        writer.add(A::Owner, &owner);
    }
    writer.set(A::Fingerpr, &grouped(&fingerprint));
}

/// Four digits at a time.
fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    digits.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Whether two texts of an object say the same: but for blanks, comments between attributes, and what the registry
/// writes itself.
pub(crate) fn same(one: &Object<'_>, other: &Object<'_>) -> bool {
    let lines = |object: &Object<'_>| -> Vec<(String, Vec<String>)> {
        let own = ["created", "last-modified", "changed", "method", "owner", "fingerpr"];
        let attributes = object.attributes().filter(|attribute| !own.contains(&attribute.name()));
        let line = |text: std::borrow::Cow<'_, str>| text.split_whitespace().collect::<Vec<_>>().join(" ");
        attributes
            .map(|attribute| (attribute.name().to_owned(), attribute.text_lines().map(line).collect()))
            .collect()
    };
    lines(one) == lines(other)
}
