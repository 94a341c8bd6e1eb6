//! Whose a mail address is. Any team can write any address into its record, so that alone says nothing.

use std::sync::Arc;

use kit::Id;

use super::{Directory, without_detail};
use crate::record::TeamRecord;
use crate::team::Team;

impl Directory {
    /// The team whose address this is, with or without `+detail`: the desk of this node at which its mail comes in; else
    /// of the teams that have it in their records the one that has proven the domain; where nobody has, the only one that
    /// has it, unless another team alone claims the domain. `None` also when that is open: better nobody than the wrong one.
    pub fn holder(&self, address: &str) -> Option<Arc<Team>> {
        self.at(self.place_of(&without_detail(&address.trim().to_lowercase())).as_ref())
    }

    /// Who writes from this mail address: its [`Directory::holder`]; when no team has it in its record, the one that has
    /// proven the domain, else the only one with addresses in that domain. It is what the sender says; a signature proves
    /// it, see [`Team::has_key`].
    pub fn by_address(&self, address: &str) -> Option<Arc<Team>> {
        let address = without_detail(&address.trim().to_lowercase());
        if self.by_address.contains_key(&address) {
            return self.at(self.place_of(&address).as_ref());
        }
        let (_, domain) = address.rsplit_once('@')?;
        match self.provers(domain).as_slice() {
            [] => self.at(self.by_mail_domain.get(domain).and_then(Option::as_ref)),
            [one] => self.at(Some(one)),
            _ => None,
        }
    }

    /// The place of the first address in `record` that `team` may not enter by itself, because it is another team's as far
    /// as anybody knows, and that team; addresses that were in its record `before` are not looked at.
    pub(crate) fn contested(
        &self,
        team: Id,
        record: &TeamRecord,
        before: &TeamRecord,
    ) -> Option<(usize, Arc<Team>)> {
        let own = self.by_id.get(&team).copied();
        let is_other = |place: &&usize| Some(**place) != own;
        record.emails.iter().enumerate().find_map(|(n, email)| {
            let address = &email.address;
            if before.emails.iter().any(|known| known.address == *address) {
                return None;
            }
            let (_, domain) = address.rsplit_once('@')?;
            let desk = self.by_mailbox.get(address).filter(is_other);
            let (provers, claimers) = (self.provers(domain), self.claimers(domain));
            if desk.is_none() && own.is_some_and(|own| provers.contains(&own)) {
                return None;
            }
            let holders = self.by_address.get(address).into_iter().flatten();
            let others = desk.into_iter().chain(&provers).chain(holders).chain(&claimers);
            Some((n, self.at(others.into_iter().find(is_other))?))
        })
    }

    pub(super) fn place_of(&self, address: &str) -> Option<usize> {
        if let Some(desk) = self.by_mailbox.get(address) {
            return Some(*desk);
        }
        let (_, domain) = address.rsplit_once('@')?;
        let holders = self.by_address.get(address)?;
        let provers = self.provers(domain);
        let proven: Vec<_> = holders.iter().copied().filter(|place| provers.contains(place)).collect();
        match (proven.as_slice(), provers.as_slice(), holders.as_slice()) {
            ([one], ..) => Some(*one),
            ([], [], [one]) => {
                let claimers = self.claimers(domain);
                (claimers.is_empty() || claimers.contains(one)).then_some(*one)
            }
            _ => None,
        }
    }

    /// Who has proven the domain, by the proven claim that fits it most closely.
    fn provers(&self, domain: &str) -> Vec<usize> {
        self.claims_of_domain(domain, |place| {
            let proof = self.teams.get(place).and_then(|team| team.domain_proof(domain));
            proof.is_some_and(|proof| proof.claim.text().contains('.'))
        })
    }

    /// Who claims just this domain.
    fn claimers(&self, domain: &str) -> Vec<usize> {
        let claims = self.domains.get(domain).into_iter().flatten();
        claims.filter(|(is_below, _)| !is_below).map(|(_, place)| *place).collect()
    }
}
