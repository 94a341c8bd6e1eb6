//! Networks nest.

use kit::{Read, Result};
use rpsl::{AddressRange, Object};

use super::Found;
use crate::store::updates;
use crate::update::objects::{class_of, ends};
use crate::update::report::{Cause, Message};

/// Networks inside a new one that are looked at.
const INSIDE: i64 = 1_000;

/// A network lies in another whole or not at all; and an assignment, which is in use, is not cut up into allocations.
///
/// Of the status rules of the RIPE database this is the one that is kept: the others concern who holds address space
/// as a customer of whom, not who answers for it.
pub(crate) fn nests(
    read: &Read<'_>,
    source: &str,
    range: AddressRange,
    old: Option<&Object<'_>>,
    new: &Object<'_>,
) -> Result<Found> {
    let (class, place) = (class_of(range), ends(range));
    let mut found = Found::new();
    if old.is_none()
        && let Some(other) = updates::crossing(read, source, class, &place)?
    {
        let text = format!(
            "{range} overlaps with {other}: a part lies inside of it, a part outside. Choose a range within it, \
             around it, or beside it"
        );
        found.push((Cause::Rule, message(new, class, text)));
        return Ok(found);
    }
    let status = status(new);
    if old.is_some_and(|old| self::status(old) == status) {
        return Ok(found);
    }
    if level(&status) == Some(Level::Allocation)
        && let Some((above, text)) = updates::around(read, source, class, &place)?
        && level_of(&text) == Some(Level::Assignment)
    {
        let text = format!(
            "an allocation ({status}) cannot lie in {above}, which is an assignment: it is in use already"
        );
        found.push((Cause::Rule, message(new, "status", text)));
    }
    if level(&status) == Some(Level::Assignment) {
        let inside = updates::inside(read, source, class, &place, INSIDE)?;
        if let Some((below, _)) = inside.iter().find(|(_, text)| level_of(text) == Some(Level::Allocation)) {
            let text = format!("an assignment ({status}) cannot hold {below}, which is an allocation");
            found.push((Cause::Rule, message(new, "status", text)));
        }
    }
    Ok(found)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// To be handed on in parts.
    Allocation,
    /// In use.
    Assignment,
}

fn level(status: &str) -> Option<Level> {
    if status.starts_with("ALLOCATED")
        || status.starts_with("SUB-ALLOCATED")
        || status.starts_with("LIR-PART")
    {
        // ALLOCATED-ASSIGNED PA is both
        (!status.contains("ASSIGNED PA") || !status.starts_with("ALLOCATED-")).then_some(Level::Allocation)
    } else if status.starts_with("ASSIGNED") {
        Some(Level::Assignment)
    } else {
        None
    }
}

fn level_of(text: &[u8]) -> Option<Level> {
    level(&status(&Object::parse(text).ok()?))
}

fn status(object: &Object<'_>) -> String {
    object.get("status").map(|status| status.value().to_uppercase()).unwrap_or_default()
}

fn message(object: &Object<'_>, attribute: &str, text: String) -> Message {
    match object.get(attribute) {
        Some(attribute) => Message::error(text).at(&attribute),
        None => Message::error(text),
    }
}
