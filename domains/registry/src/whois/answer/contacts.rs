//! What is known of the addresses that an answer tells people to write to.

use super::Group;
use crate::whois::memory::Objects;

/// Adds a remark for each address of a team or for complaints of which something is known.
pub(super) fn remark(objects: &Objects<'_, '_>, group: &mut Group) {
    let mut remarks = Vec::new();
    for address in group.cards().flat_map(|card| card.mailboxes.iter()) {
        let known = objects.contact(address).map(|state| format!("Contact {state}"));
        remarks.extend(known.filter(|remark| !remarks.contains(remark)));
    }
    group.remarks.append(&mut remarks);
}
