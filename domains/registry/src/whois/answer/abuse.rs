//! Where complaints about a network or an AS go.

use crate::whois::memory::{Card, Objects};

/// The remark that RIPE's users know: `Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@holder.example'`. None for
/// objects that are no numbers.
pub(super) fn remark(objects: &Objects<'_, '_>, card: &Card) -> Option<String> {
    let mailbox = match &*card.class {
        "inetnum" | "inet6num" | "aut-num" => mailbox(objects, card),
        _ => return None,
    };
    Some(match mailbox {
        Some(mailbox) => format!("Abuse contact for '{}' is '{mailbox}'", card.key),
        None => format!("No abuse contact registered for {}", card.key),
    })
}

/// The address for complaints: of the nearest network that has one, itself or its organisation.
pub(super) fn mailbox<'o>(objects: &Objects<'o, '_>, card: &Card) -> Option<&'o str> {
    let index = &objects.view.index;
    if &*card.class == "aut-num" {
        return Some(&index.as_number(rpsl::range::parse_as_number(&card.key)?)?.abuse()?.contact.mailbox);
    }
    let (first, last) = crate::resource::addresses(&card.key)?;
    let range = index.covering(first, last)?;
    Some(&index.abuse(range)?.1.contact.mailbox)
}
