//! The rule: the most specific network that names an incident response team; else the nearest abuse contact;
//! else who counts it among their constituency.

use std::net::IpAddr;

use netmap::RangeIdx;

use super::view::{Choice, View};
use super::{Basis, Brief};
use crate::index::{Abuse, Irt, NetworkView};

/// Who was found, and where.
pub(crate) enum Found<'a> {
    /// A team that the network names.
    Irt {
        at: RangeIdx,
        choice: Choice<'a>,
    },
    /// The abuse contact of a network, and the team whose mailbox that is.
    Abuse {
        at: RangeIdx,
        abuse: Abuse<'a>,
        team: Option<u32>,
    },
    /// A team by its claim.
    Claim {
        team: u32,
        range: (IpAddr, IpAddr),
    },
    Nobody,
}

impl View {
    /// Who is responsible for all of `first` to `last`; `network` is the smallest around them.
    pub(crate) fn find(&self, network: Option<RangeIdx>, first: IpAddr, last: IpAddr) -> Found<'_> {
        let index = &self.index;
        let mut at = network.and_then(|range| index.naming_irt(range));
        while let Some(range) = at {
            if let Some(choice) = self.choose(index.network(range)) {
                return Found::Irt { at: range, choice };
            }
            // It names teams of which neither registry nor directory know anything: nobody could be told.
            at = index.parent(range).and_then(|parent| index.naming_irt(parent));
        }
        if let Some((at, abuse)) = network.and_then(|range| index.abuse(range)) {
            let team = self.desk(abuse.contact);
            return Found::Abuse { at, abuse, team };
        }
        match self.claimant(first, last) {
            Some((team, range)) => Found::Claim { team, range },
            None => Found::Nobody,
        }
    }

    /// Who is responsible for an object that is no network, by its own attributes.
    pub(crate) fn find_at<'a>(&'a self, object: NetworkView<'a>) -> Option<ByObject<'a>> {
        if let Some(choice) = self.choose(object) {
            return Some(ByObject::Irt(choice));
        }
        let abuse = object.abuse()?;
        let team = self.desk(abuse.contact);
        Some(ByObject::Abuse(abuse, team))
    }

    /// The answer for one address, without reasons; `network` is the smallest around it.
    pub(crate) fn brief(&self, network: Option<RangeIdx>, address: IpAddr) -> Brief<'_> {
        let index = &self.index;
        let nearest = network.map(|range| index.network(range));
        let mut brief = Brief {
            basis: Basis::Nobody,
            team: None,
            irt: None,
            contact: None,
            fingerprint: None,
            network: network.map(|range| index.ends(range)),
            country: network.map_or("", |range| index.country(range)),
            netname: nearest.map(NetworkView::netname).unwrap_or_default(),
        };
        let team = match self.find(network, address, address) {
            Found::Irt { at, choice } => {
                let object = choice.irt.map(|entry| &entry.object);
                brief.basis = Basis::Irt;
                brief.irt = Some(choice.name);
                brief.network = Some(index.ends(at));
                brief.contact = object.and_then(|irt| irt.mailboxes.first()).map(|mailbox| &**mailbox);
                brief.fingerprint = object.and_then(|irt| self.registry_key(irt));
                choice.team
            }
            Found::Abuse { at, abuse, team } => {
                brief.basis = Basis::AbuseContact;
                brief.contact = Some(&abuse.contact.mailbox);
                brief.network = Some(index.ends(at));
                team
            }
            Found::Claim { team, range } => {
                brief.basis = Basis::Claim;
                brief.network = Some(range);
                Some(team)
            }
            Found::Nobody => None,
        };
        if let Some(team) = team.map(|number| self.member(number)) {
            brief.team = Some(&team.view);
            brief.contact = team.view.report_to.as_deref().or(brief.contact);
            // The team's own record is looked after; a key that ended there is not replaced by an older one.
            brief.fingerprint = team.fingerprint.as_deref();
        }
        brief
    }

    /// The fingerprint that the registry has of the key to encrypt to.
    pub(crate) fn registry_key(&self, irt: &Irt) -> Option<&str> {
        irt.encryption.iter().find_map(|key| self.index.key(key)?.fingerprint.as_deref())
    }
}

/// Who was found by an object's own attributes.
pub(crate) enum ByObject<'a> {
    /// A team that it names.
    Irt(Choice<'a>),
    /// Its abuse contact, and the team whose mailbox that is.
    Abuse(Abuse<'a>, Option<u32>),
}
