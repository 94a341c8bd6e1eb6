//! Objects by name, by number, by what they say.

use rpsl::query::{Kind, SearchKey};
use rpsl::template::{AttributeName as A, Template, normal_key, normal_terms};

use super::Found;
use super::networks::MOST;
use crate::whois::memory::{Objects, Stop};
use crate::whois::request::Request;

/// An AS number: the block around it and its object.
pub(super) fn of_as(objects: &Objects<'_, '_>, request: &Request, asn: u32) -> Result<Found, Stop> {
    let mut found = Found::default();
    if request.wants_class("as-block") {
        let rows = objects.placed(|placed| placed.blocks(asn))?;
        found.take(objects, request, rows.into_iter().take(1).collect())?;
    }
    for card in objects.named("aut-num", &format!("AS{asn}"))? {
        found.add(request, card);
    }
    Ok(found)
}

/// Objects that have `key` as their name, or among the words by which they are found.
pub(super) fn called(objects: &Objects<'_, '_>, request: &Request, key: &SearchKey) -> Result<Found, Stop> {
    let mut found = Found::default();
    let fitting = || request.templates.iter().copied().filter(|template| !is_by_address(template.class()));
    for template in fitting() {
        if let Ok(key) = normal_key(template.class(), key.text()) {
            for card in objects.named(template.class(), &key)? {
                found.add(request, card);
            }
        }
    }
    // These are of one class by their form: nothing else is called so.
    if found.is_empty() || !matches!(key.kind(), Kind::Irt | Kind::KeyCert(_) | Kind::AsBlock(..)) {
        for attribute in lookups(&request.templates) {
            by_words(objects, request, attribute, key.text(), &mut found)?;
        }
    }
    found.sort();
    Ok(found)
}

/// `-i`: objects that have `key` in one of the attributes.
pub(super) fn naming(objects: &Objects<'_, '_>, request: &Request, key: &str) -> Result<Found, Stop> {
    let mut found = Found::default();
    for attribute in &request.inverse {
        by_words(objects, request, *attribute, key, &mut found)?;
    }
    found.sort();
    Ok(found)
}

/// Objects that have all words of `text` in `attribute`.
fn by_words(
    objects: &Objects<'_, '_>,
    request: &Request,
    attribute: A,
    text: &str,
    found: &mut Found,
) -> Result<(), Stop> {
    let words = normal_terms(attribute, text);
    // The longest is the rarest, mostly.
    let Some(rarest) = words.iter().max_by_key(|word| word.len()) else { return Ok(()) };
    let cards = objects.with_term(attribute, rarest, MOST + 1)?;
    found.cut |= cards.len() > MOST;
    for card in cards {
        let mut own = None;
        let all = words.len() == 1 || {
            let own = own.get_or_insert_with(|| card.values(attribute).collect::<Vec<_>>());
            words.iter().all(|word| own.contains(word))
        };
        if all {
            found.add(request, card);
        }
    }
    Ok(())
}

/// The attributes by which a plain query finds objects of these classes; primary keys are found without.
fn lookups(templates: &[&'static Template]) -> Vec<A> {
    let mut all = Vec::new();
    for template in templates {
        for slot in template.attributes().iter().filter(|slot| slot.lookup && !slot.primary) {
            if !all.contains(&slot.attribute) {
                all.push(slot.attribute);
            }
        }
    }
    all
}

fn is_by_address(class: &str) -> bool {
    matches!(class, "inetnum" | "inet6num" | "route" | "route6")
}
