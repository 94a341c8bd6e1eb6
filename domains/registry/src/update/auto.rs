//! `AUTO-1`: the registry chooses the name.

use std::collections::BTreeMap;

use kit::{Read, Result};
use rpsl::template::{AttributeName as A, Template};
use rpsl::write::Writer;
use rpsl::{KeyReference, Object};

use super::submission::{Item, Operation};
use crate::store::objects::{self, Name};
use crate::store::updates;

/// The names that were chosen in a submission, by what stands for them (`AUTO-1`).
pub(crate) type Autos = BTreeMap<String, String>;

/// At most so many numbers are tried for one name.
const TRIES: u32 = 1_000_000;

/// The attribute that holds the name of an object that may be named by the registry.
fn naming(class: &str) -> Option<A> {
    match class {
        "person" | "role" => Some(A::NicHdl),
        "organisation" => Some(A::Organisation),
        "key-cert" => Some(A::KeyCert),
        _ => None,
    }
}

/// Whether a name is one that the registry is to choose.
pub(crate) fn is_auto(name: &str) -> bool {
    name.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("AUTO-"))
}

/// Chooses names for the objects of a submission that ask for them. A name that was ever in use is not used again: what
/// refers to it elsewhere would mean somebody else.
pub(crate) fn choose(read: &Read<'_>, source: &str, items: &[Item]) -> Result<Autos> {
    let mut autos = Autos::new();
    for item in items {
        let Operation::Save { text, .. } = &item.operation else { continue };
        let Ok(object) = Object::parse(text) else { continue };
        let class = object.class().into_owned();
        let Some(attribute) = naming(&class) else { continue };
        let asked = object.get(attribute.as_str()).map(|name| name.value().to_uppercase());
        let Some(asked) = asked.filter(|name| is_auto(name) && !autos.contains_key(name)) else { continue };
        if let Some(name) = free(read, source, &class, &asked, &object, &autos)? {
            autos.insert(asked, name);
        }
    }
    Ok(autos)
}

fn free(
    read: &Read<'_>,
    source: &str,
    class: &str,
    asked: &str,
    object: &Object<'_>,
    autos: &Autos,
) -> Result<Option<String>> {
    // Letters behind the number are the initials that are wished for: AUTO-1AB.
    let wished: String = asked.chars().skip(5).skip_while(char::is_ascii_digit).collect();
    let initials = if wished.is_empty() { initials(object) } else { wished };
    let suffix = suffix(source);
    for number in 1..TRIES {
        let name = match class {
            "organisation" => format!("ORG-{initials}{number}-{source}"),
            "key-cert" => KeyReference::X509(number).to_string(),
            _ => format!("{initials}{number}{suffix}"),
        };
        let classes: &[&str] =
            if matches!(class, "person" | "role") { &["person", "role"] } else { &[class] };
        let mut taken = autos.values().any(|other| *other == name);
        for class in classes {
            let name = Name { source, class, key: &name };
            taken = taken || objects::by_key(read, name)?.is_some() || updates::was_used(read, name)?;
        }
        if !taken {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// `-WARD`, when the registry's name can end a handle: two to ten letters.
fn suffix(source: &str) -> String {
    let fits = (2..=10).contains(&source.len()) && source.bytes().all(|byte| byte.is_ascii_uppercase());
    if fits { format!("-{source}") } else { String::new() }
}

/// Two to four first letters of the words of the object's name.
fn initials(object: &Object<'_>) -> String {
    let name = match object.class().as_ref() {
        "organisation" => object.get("org-name"),
        class => object.get(class),
    };
    let name = name.map(|name| name.value().into_owned()).unwrap_or_default();
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(char::is_ascii_alphabetic));
    let letters: String = letters.take(4).map(|letter| letter.to_ascii_uppercase()).collect();
    if letters.len() < 2 { format!("{letters}XX").chars().take(2).collect() } else { letters }
}

/// The text with the chosen names in place of what stands for them.
pub(crate) fn resolve(text: &[u8], autos: &Autos) -> Vec<u8> {
    let Ok(object) = Object::parse(text) else { return text.to_vec() };
    let Some(template) = Template::of(&object.class()).filter(|_| !autos.is_empty()) else {
        return text.to_vec();
    };
    let mut writer = Writer::of(&object);
    for slot in template.attributes() {
        let names =
            !slot.attribute.references().is_empty() || naming(template.class()) == Some(slot.attribute);
        for (auto, name) in autos.iter().filter(|_| names) {
            writer.replace_item(slot.attribute, auto, name);
        }
    }
    writer.to_bytes()
}
