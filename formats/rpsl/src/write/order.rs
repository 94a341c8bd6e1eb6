//! In which order attributes stand.

use super::Piece;
use crate::template::{AttributeName, Template};

/// Where an attribute belongs that does not stand yet: before the first that comes after it in the template, and before
/// the comments there; with no template, last.
pub(super) fn place(template: Option<&Template>, name: AttributeName, pieces: &[Piece]) -> usize {
    let Some(template) = template else { return pieces.len() };
    let own = rank(template, name.as_str());
    let attributes = || pieces.iter().enumerate().filter(|(_, piece)| !piece.name.is_empty());
    // the first attribute is the object's name, before which nothing may stand
    let Some((at, _)) = attributes().skip(1).find(|(_, piece)| rank(template, &piece.name) > own) else {
        return pieces.len();
    };
    let comments = pieces[..at].iter().rev().take_while(|piece| piece.name.is_empty()).count();
    at - comments
}

pub(super) fn sort(template: &Template, pieces: &mut Vec<Piece>) {
    // Comments go with the attribute that follows them.
    let mut groups: Vec<(usize, Vec<Piece>)> = Vec::new();
    let mut lead = Vec::new();
    for piece in std::mem::take(pieces) {
        let rank = (!piece.name.is_empty()).then(|| rank(template, &piece.name));
        lead.push(piece);
        if let Some(rank) = rank {
            groups.push((rank, std::mem::take(&mut lead)));
        }
    }
    // the first attribute is the object's name, and stays the first
    if let Some(first) = groups.first_mut() {
        first.0 = 0;
    }
    groups.sort_by_key(|(rank, _)| *rank);
    *pieces = groups.into_iter().flat_map(|(_, group)| group).chain(lead).collect();
}

/// The place of an attribute in its class; smaller first. Those whose order is their author's have the same.
fn rank(template: &Template, name: &str) -> usize {
    let name = match (name, template.class()) {
        // where they stood in their time
        ("changed", _) => "created",
        ("abuse-mailbox", "irt") => "e-mail",
        _ => name,
    };
    let slots = template.attributes();
    match slots.iter().position(|slot| slot.attribute.as_str() == name) {
        Some(at) if slots[at].as_written => slots.iter().position(|slot| slot.as_written).unwrap_or(at),
        Some(at) => at,
        None => slots.len(),
    }
}
