//! Incident response teams: nothing is left out, and what is known of them is said.

use kit::Time;
use rdap::{ContactTrust, Entity, Kind, Notice, Property, Role, Status, Trust};
use rpsl::{Irt, KeyReference, Notes, Object};
use teams::Team;

use super::{Maker, entity};
use crate::{ContactState, Standing};

impl Maker<'_> {
    /// The card of an `irt` with every mail address, the best first, and how far its team is trusted.
    pub(super) fn irt(&self, entity: &mut Entity, object: &Object<'_>) {
        let Ok(irt) = Irt::read(object, &mut Notes::default()) else { return };
        entity.vcard.push(Property::name(irt.name.to_string()));
        entity.vcard.push(Property::kind(Kind::Group));
        entity::addresses(entity, &irt.address, &irt.phones, &irt.fax);
        for (place, mailbox) in irt.mailboxes().into_iter().enumerate() {
            entity.vcard.push(Property::email(mailbox, place + 1));
        }
        for uri in &irt.contact {
            entity.vcard.push(Property::contact_uri(uri.clone()));
        }
        for key in &irt.encryption {
            if let Some(fingerprint) = self.fingerprint(key) {
                entity.vcard.push(Property::openpgp(&fingerprint));
            }
        }
        let mut trust = match self.team(&irt) {
            Some(team) => self.trust(&team),
            None => Trust { status: "not listed".to_owned(), ..Trust::default() },
        };
        trust.introducer = crate::trust::introducer(object, self.settings())
            .filter(|_| trust.team.is_some())
            .map(str::to_owned);
        let contacts = self.contacts(&irt.mailboxes());
        trust.verified = contacts.iter().filter_map(|contact| contact.confirmed).max().map(time);
        trust.contacts = contacts.iter().map(told).collect();
        trust.found_at = self.found_at(&irt);
        entity.trust = Some(trust);
        if contacts.iter().any(|contact| contact.standing == Standing::Confirmed) {
            entity.status.push(Status::Validated);
        }
        if !contacts.is_empty() {
            let lines = contacts.iter().map(|contact| match contact.standing {
                Standing::Confirmed => {
                    let date = ui::format::date(contact.confirmed.unwrap_or_default());
                    format!("{} was validated on {date}", contact.address)
                }
                _ => contact.to_string(),
            });
            entity.remarks.push(Notice::new("contacts", lines));
        }
    }

    /// The entity of a team that has no object in the registry: name and trust, as the directory says.
    pub(super) fn team_alone(&self, team: &Team) -> Entity {
        let mut entity = Entity::nameless();
        entity.vcard.push(Property::name(team.name.clone()));
        entity.vcard.push(Property::kind(Kind::Group));
        entity.roles.push(Role::Abuse);
        entity.trust = Some(self.trust(team));
        entity
    }

    fn trust(&self, team: &Team) -> Trust {
        Trust {
            status: team.status_name().to_owned(),
            since: team.standing.map(|standing| time(standing.since)),
            team: Some(team.handle.clone()),
            name: Some(team.name.clone()),
            page: Some(format!("{}/teams/{}", self.question.base, team.handle)),
            ..Trust::default()
        }
    }

    /// The team that was found for the question, when this is its object; else the one that the directory has under
    /// this name.
    fn team(&self, irt: &Irt) -> Option<std::sync::Arc<Team>> {
        let is_found = self.found.irt.as_ref().is_some_and(|found| irt.name == found.name.as_str());
        let found = self.found.record.clone().filter(|_| is_found);
        found.or_else(|| self.snapshot.view().by_irt(irt.name.as_str()))
    }

    /// The handle of the network that names the team, when it lies around the one that is told.
    fn found_at(&self, irt: &Irt) -> Option<String> {
        let smallest = self.found.networks.last()?;
        let at = self.found.networks.iter().find(|network| network.found)?;
        let named = at.mnt_irt.iter().any(|name| irt.name == name.as_str());
        let handle = || rpsl::AddressRange::new(at.first, at.last).ok().map(|range| range.to_string());
        (named && at.row != smallest.row).then(handle).flatten()
    }

    fn fingerprint(&self, key: &KeyReference) -> Option<String> {
        let known = self.snapshot.view().index.key(key).and_then(|key| key.fingerprint.clone());
        known.or_else(|| match key {
            KeyReference::Pgp(id) if matches!(id.len(), 40 | 64) => Some(id.clone()),
            _ => None,
        })
    }

    /// What is known of each address: whether somebody reads there.
    fn contacts(&self, mailboxes: &[&str]) -> Vec<ContactState> {
        let registry = &self.question.registry;
        mailboxes.iter().filter_map(|mailbox| registry.contact_state(mailbox)).collect()
    }
}

fn told(state: &ContactState) -> ContactTrust {
    ContactTrust {
        address: state.address.clone(),
        state: state.standing.to_string(),
        verified: state.confirmed.map(time),
        method: state.by.map(|by| by.to_string()),
    }
}

fn time(at: Time) -> String {
    ui::format::iso(at)
}
