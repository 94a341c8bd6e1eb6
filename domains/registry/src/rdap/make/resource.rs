//! Networks, AS numbers, domains.

use rdap::{
    Autnum, Cidr, Delegation, Domain, Entity, Event, EventAction, IpNetwork, Nameserver, Notice, Role,
};
use rpsl::Object;

use super::{Maker, common};
use crate::answer::{Basis, Network, prefixes};
use crate::rdap::read::Lot;
use crate::store::objects::Stored;

impl Maker<'_> {
    /// The network `network`, whose object is `lot`, below `parent`.
    pub(in crate::rdap) fn network(
        &self,
        lot: &Lot,
        network: &Network,
        parent: Option<&Network>,
    ) -> IpNetwork {
        let mut told = self.bare_network(network);
        let raw = self.shown(&lot.main);
        if let Ok(object) = Object::parse(&raw) {
            told.remarks = common::remarks(&object);
            told.events = common::events(&object);
        }
        told.handle.clone_from(&lot.main.key);
        told.entities = self.entities(lot);
        if let Some(parent) = parent {
            told.parent_handle = Some(handle(parent));
            told.links.push(self.rdap_link("up", &format!("ip/{}", path(parent))));
        }
        self.finish(&mut told.entities, &mut told.remarks, &mut told.events);
        told
    }

    fn bare_network(&self, network: &Network) -> IpNetwork {
        let mut told = IpNetwork::new(handle(network), network.first, network.last);
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        told.name = text(&network.netname);
        told.kind = text(&network.status);
        told.country = text(&network.country);
        told.cidrs = cidrs(network);
        told.links.push(self.rdap_link("self", &format!("ip/{}", path(network))));
        told.port43.clone_from(&self.port43);
        told
    }

    /// AS number `number`; without an object it is one that a team claims.
    pub(in crate::rdap) fn autnum(&self, number: u32, lot: Option<&Lot>) -> Autnum {
        let mut told = Autnum::new(number);
        told.links.push(self.rdap_link("self", &format!("autnum/{number}")));
        told.port43.clone_from(&self.port43);
        if let Some(lot) = lot {
            let raw = self.shown(&lot.main);
            if let Ok(object) = Object::parse(&raw) {
                told.name = common::first(&object, "as-name");
                told.kind = common::first(&object, "status");
                told.country = common::first(&object, "country");
                told.remarks = common::remarks(&object);
                told.events = common::events(&object);
            }
            told.entities = self.entities(lot);
        } else {
            told.status.clear();
        }
        self.finish(&mut told.entities, &mut told.remarks, &mut told.events);
        told
    }

    /// The domain `name`; without an object it is one that a team claims, or that belongs to a network. `teams` answer
    /// for it then.
    pub(in crate::rdap) fn domain(&self, name: &str, lot: Option<&Lot>, teams: &[Stored]) -> Domain {
        let mut told = Domain::new(name);
        told.links.push(self.rdap_link("self", &format!("domain/{}", identity::web::encode(name))));
        told.port43.clone_from(&self.port43);
        told.network = self.found.networks.last().map(|network| Box::new(self.bare_network(network)));
        match lot {
            Some(lot) => {
                told.handle = Some(lot.main.key.clone());
                let raw = self.shown(&lot.main);
                if let Ok(object) = Object::parse(&raw) {
                    let servers = object.all("nserver").filter_map(|value| {
                        let name = value.items().next()?;
                        Some(Nameserver::new(name.trim_end_matches('.').to_lowercase()))
                    });
                    told.nameservers = servers.collect();
                    let signed = object.get("ds-rdata").is_some();
                    told.delegation = Some(Delegation { delegation_signed: signed });
                    told.remarks = common::remarks(&object);
                    told.events = common::events(&object);
                }
                told.entities = self.entities(lot);
            }
            None => {
                told.status.clear();
                told.entities =
                    teams.iter().filter_map(|stored| self.entity(stored, vec![Role::Abuse])).collect();
            }
        }
        self.finish(&mut told.entities, &mut told.remarks, &mut told.events);
        told
    }

    /// A domain that a search found: without those that it names.
    pub(in crate::rdap) fn found_domain(&self, stored: &Stored) -> Domain {
        let lot = Lot { main: stored.clone(), named: Vec::new() };
        self.domain(&stored.key.to_lowercase(), Some(&lot), &[])
    }

    /// What is said of every resource: who answers when no object does, and why it is they.
    fn finish(&self, entities: &mut Vec<Entity>, remarks: &mut Vec<Notice>, events: &mut Vec<Event>) {
        let answers = entities.iter().any(|entity| entity.roles.contains(&Role::Abuse));
        if let Some(team) = self.found.record.as_ref().filter(|_| !answers) {
            entities.insert(0, self.team_alone(team));
        }
        if self.found.basis != Basis::Nobody {
            remarks.push(Notice::new("responsible", [self.found.summary()]));
        }
        events.push(Event {
            event_action: EventAction::LastUpdate,
            event_date: ui::format::iso(self.question.registry.now()),
        });
    }
}

/// Its key in the registry.
fn handle(network: &Network) -> String {
    match rpsl::AddressRange::new(network.first, network.last) {
        Ok(range) => range.to_string(),
        Err(_) => network.range.clone(),
    }
}

/// Where it is asked for: by its first prefix, when it is not one.
fn path(network: &Network) -> String {
    let (first, last) =
        prefixes(network.first, network.last).into_iter().next().unwrap_or((network.first, network.last));
    let length = rpsl::AddressRange::new(first, last).ok().and_then(rpsl::AddressRange::prefix_length);
    format!("{first}/{}", length.unwrap_or(if first.is_ipv4() { 32 } else { 128 }))
}

fn cidrs(network: &Network) -> Vec<Cidr> {
    let prefixes = prefixes(network.first, network.last).into_iter().filter_map(|(first, last)| {
        let length = rpsl::AddressRange::new(first, last).ok()?.prefix_length()?;
        Some(Cidr::new(first, length))
    });
    prefixes.collect()
}
