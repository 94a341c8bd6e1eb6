//! The names of other objects.

use kit::{Read, Result};
use rpsl::template::{AttributeName as A, Template};
use rpsl::{KeyReference, Object};

use super::Found;
use crate::update::objects::{Objects, added};
use crate::update::report::{Cause, Message};

/// Every name that is added must be that of an object of this registry, or of an account of this node. `itself` is the
/// object's own class and name, which it may name.
pub(crate) fn exist(
    objects: &dyn Objects,
    accounts: &Read<'_>,
    template: &Template,
    itself: (&str, &str),
    old: Option<&Object<'_>>,
    new: &Object<'_>,
) -> Result<Found> {
    let mut found = Found::new();
    for slot in template.attributes() {
        let (attribute, classes) = (slot.attribute, slot.attribute.references());
        if classes.is_empty() {
            continue;
        }
        for name in added(old, Some(new), attribute) {
            let any = attribute == A::MbrsByRef && name == "ANY";
            if any || classes.contains(&itself.0) && name == itself.1 {
                continue;
            }
            if let Some(text) = missing(objects, attribute, classes, &name)? {
                found.push((Cause::Reference, placed(new, attribute, &name, &text)));
            }
        }
    }
    if template.slot(A::Auth).is_some() {
        logins(accounts, old, new, &mut found)?;
    }
    Ok(found)
}

/// Why there is no such object; none when there is one.
fn missing(objects: &dyn Objects, attribute: A, classes: &[&str], name: &str) -> Result<Option<String>> {
    for class in classes {
        if objects.text(class, name)?.is_some() {
            return Ok(None);
        }
    }
    if let Some(key) = KeyReference::parse(name).filter(|key| classes == ["key-cert"] && !key.is_whole()) {
        match objects.aliased(&key)?.as_slice() {
            [_] => return Ok(None),
            [] => {}
            several => {
                let names = several.join(", ");
                return Ok(Some(format!(
                    "{name} may mean several keys: write the whole fingerprint, one of {names}"
                )));
            }
        }
    }
    let classes = classes.join(" or ");
    Ok(Some(format!(
        "unknown object referenced: there is no {classes} {name} here. Create it first, or put the name right ({attribute})"
    )))
}

/// The accounts that `auth: SSO …` names: there must be one already, or whoever made it later would be let in.
fn logins(accounts: &Read<'_>, old: Option<&Object<'_>>, new: &Object<'_>, found: &mut Found) -> Result<()> {
    let known: Vec<String> = old.map(sso).unwrap_or_default();
    for login in sso(new).into_iter().filter(|login| !known.contains(login)) {
        if !identity::is_login(accounts, &login)? {
            let text =
                format!("there is no account {login} on this node. Make it first, or use a key (PGPKEY-…)");
            found.push((Cause::Reference, placed(new, A::Auth, &login, &text)));
        }
    }
    Ok(())
}

fn sso(object: &Object<'_>) -> Vec<String> {
    let logins = object.all("auth").filter_map(|attribute| {
        let value = attribute.value();
        let mut words = value.split_ascii_whitespace();
        words.next().filter(|method| method.eq_ignore_ascii_case("SSO"))?;
        words.next().map(str::to_lowercase)
    });
    logins.collect()
}

/// The message, at the first attribute that holds the name.
fn placed(object: &Object<'_>, attribute: A, name: &str, text: &str) -> Message {
    let holds = |value: &str| {
        rpsl::template::normal_terms(attribute, value).iter().any(|term| term == name)
            || value.to_lowercase().contains(&name.to_lowercase())
    };
    let message = Message::error(text);
    match object.all(attribute.as_str()).find(|attribute| holds(&attribute.value())) {
        Some(attribute) => message.at(&attribute),
        None => message,
    }
}
