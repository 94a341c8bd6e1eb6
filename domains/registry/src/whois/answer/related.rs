//! Contacts and organisations that stand with what was found.

use std::collections::HashSet;
use std::sync::Arc;

use super::Group;
use crate::whois::memory::{Card, Objects, Stop};

/// Adds what the objects of the group refer to and what is in no group yet.
pub(super) fn add(
    objects: &Objects<'_, '_>,
    group: &mut Group,
    shown: &mut HashSet<i64>,
) -> Result<(), Stop> {
    let mut more: Vec<Arc<Card>> = Vec::new();
    for card in group.cards() {
        for organisation in &card.organisations {
            take(objects, card, &["organisation"], organisation, shown, &mut more)?;
        }
        for contact in &card.contacts {
            take(objects, card, &["role", "person"], contact, shown, &mut more)?;
        }
    }
    group.related.append(&mut more);
    group.related.sort_by_key(|card| card.template.map_or(u8::MAX, rpsl::template::Template::order));
    Ok(())
}

/// The object of this name: that of the referring object's registry before one of another.
fn take(
    objects: &Objects<'_, '_>,
    from: &Card,
    classes: &[&str],
    name: &str,
    shown: &mut HashSet<i64>,
    more: &mut Vec<Arc<Card>>,
) -> Result<(), Stop> {
    for class in classes {
        let cards = objects.named(class, name)?;
        let own = cards.iter().find(|card| card.source == from.source).or(cards.first());
        if let Some(card) = own {
            if shown.insert(card.row) {
                more.push(card.clone());
            }
            return Ok(());
        }
    }
    Ok(())
}

/// The `irt` of this name: that of the registry `source` before one of another.
pub(super) fn irt(objects: &Objects<'_, '_>, name: &str, source: &str) -> Result<Option<Arc<Card>>, Stop> {
    let cards = objects.named("irt", &name.to_ascii_uppercase())?;
    let own = cards.iter().position(|card| &*card.source == source).unwrap_or(0);
    Ok(cards.into_iter().nth(own))
}
