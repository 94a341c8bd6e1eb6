//! Which addresses of an object are contacts.

use rpsl::{ContactKind, Notes, Object, Record};

/// The contact addresses of an `irt` or a `role`, in lower case, each once; none of other classes, and none that are
/// known to be withheld.
pub(crate) fn addresses(raw: &[u8]) -> Vec<String> {
    let Ok(object) = Object::parse(raw) else { return Vec::new() };
    let Ok(record) = Record::read(&object, &mut Notes::default()) else { return Vec::new() };
    let found: Vec<String> = match record {
        Record::Irt(irt) => [irt.emails, irt.abuse_mailboxes, irt.irt_nfy].concat(),
        Record::Contact(contact) if contact.kind == ContactKind::Role => contact.abuse_mailboxes,
        _ => Vec::new(),
    };
    let mut addresses: Vec<String> = found.iter().map(|address| address.to_lowercase()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
