//! Persons, roles, organisations, maintainers.

use rdap::{Entity, Kind, Property, Role, Status, Withheld};
use rpsl::{Contact, ContactKind, Notes, Object};

use super::{Maker, common};
use crate::answer::Basis;
use crate::rdap::read::Lot;
use crate::store::objects::Stored;

impl Maker<'_> {
    /// An entity with those that it names itself; `None` when the object cannot be read any more.
    pub(in crate::rdap) fn whole_entity(&self, lot: &Lot) -> Option<Entity> {
        let roles = if lot.main.class == "irt" { vec![Role::Abuse] } else { Vec::new() };
        let mut entity = self.entity(&lot.main, roles)?;
        entity.entities = self.entities(lot);
        Some(entity)
    }

    /// Those that an object names.
    pub(super) fn entities(&self, lot: &Lot) -> Vec<Entity> {
        lot.named.iter().filter_map(|(roles, stored)| self.entity(stored, roles.clone())).collect()
    }

    /// One entity, without those that it names.
    pub(in crate::rdap) fn entity(&self, stored: &Stored, roles: Vec<Role>) -> Option<Entity> {
        let raw = self.shown(stored);
        let object = Object::parse(&raw).ok()?;
        let mut entity = Entity::new(stored.key.clone());
        entity.links.push(self.rdap_link("self", &format!("entity/{}", identity::web::encode(&stored.key))));
        entity.events = common::events(&object);
        entity.remarks = common::remarks(&object);
        entity.port43.clone_from(&self.port43);
        entity.status.push(Status::Active);
        match stored.class.as_str() {
            "irt" => self.irt(&mut entity, &object),
            "person" | "role" => self.contact(&mut entity, &object, &roles),
            "organisation" => organisation(&mut entity, &object),
            _ => {
                entity.vcard.push(Property::name(stored.key.clone()));
                entity.vcard.push(Property::kind(Kind::Group));
            }
        }
        let filtered = object
            .get("source")
            .and_then(|source| source.comment().map(|note| note.eq_ignore_ascii_case("filtered")))
            .unwrap_or(false);
        if filtered && stored.class != "irt" && !entity.withheld.contains(&Withheld::Email) {
            entity.withheld.push(Withheld::Filtered);
        }
        if !entity.withheld.is_empty() {
            entity.status.push(Status::Removed);
        }
        entity.roles = roles;
        Some(entity)
    }

    /// A person's or role's own mail addresses are left out; its mailbox for abuse, and what stands in place of one,
    /// is what everybody is to have.
    fn contact(&self, entity: &mut Entity, object: &Object<'_>, roles: &[Role]) {
        let Ok(contact) = Contact::read(object, &mut Notes::default()) else { return };
        entity.vcard.push(Property::name(contact.name.clone()));
        entity.vcard.push(Property::kind(match contact.kind {
            ContactKind::Person => Kind::Individual,
            ContactKind::Role => Kind::Group,
        }));
        addresses(entity, &contact.address, &contact.phones, &contact.fax);
        let answers = self.found.basis == Basis::AbuseContact && roles.contains(&Role::Abuse);
        let stands_in = contact.abuse_mailboxes.is_empty() && answers;
        let told = if stands_in { &contact.emails } else { &contact.abuse_mailboxes };
        for (place, mailbox) in told.iter().enumerate() {
            entity.vcard.push(Property::email(mailbox.clone(), place + 1));
        }
        if !contact.emails.is_empty() && !stands_in {
            entity.withheld.push(Withheld::Email);
        }
        if contact.kind == ContactKind::Role && !told.is_empty() {
            entity.status.retain(|status| *status != Status::Removed);
        }
    }
}

fn organisation(entity: &mut Entity, object: &Object<'_>) {
    let name = common::first(object, "org-name").or_else(|| entity.handle.clone());
    entity.vcard.push(Property::name(name.unwrap_or_default()));
    entity.vcard.push(Property::kind(Kind::Org));
    let texts = |attribute: &str| -> Vec<String> {
        object.all(attribute).map(|value| value.value().into_owned()).collect()
    };
    addresses(entity, &texts("address"), &texts("phone"), &texts("fax-no"));
    if object.get("e-mail").is_some() {
        entity.withheld.push(Withheld::Email);
    }
}

pub(super) fn addresses(entity: &mut Entity, address: &[String], phones: &[String], fax: &[String]) {
    if !address.is_empty() {
        entity.vcard.push(Property::address(address));
    }
    for phone in phones {
        entity.vcard.push(Property::voice(phone.clone()));
    }
    for number in fax {
        entity.vcard.push(Property::fax(number.clone()));
    }
}
