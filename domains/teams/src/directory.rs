//! The whole directory in memory: look-ups while reading a mail or drawing a list cost no query.

mod addresses;

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use kit::Id;
use mail::pgp::PublicKey;

use crate::record::{Audience, Network};
use crate::team::Team;

/// All teams at one moment. It never changes; [`crate::Teams::directory`] gives the newest.
#[derive(Debug, Default)]
pub struct Directory {
    /// By name.
    teams: Vec<Arc<Team>>,
    by_id: HashMap<Id, usize>,
    by_handle: HashMap<String, usize>,
    by_irt: HashMap<String, usize>,
    by_mailbox: HashMap<String, usize>,
    by_address: HashMap<String, Vec<usize>>,
    /// Domains of the teams' own addresses; `None` where several teams share one.
    by_mail_domain: HashMap<String, Option<usize>>,
    /// Claims: the domain without `*.`, whether it means everything below, and whose it is.
    domains: HashMap<String, Vec<(bool, usize)>>,
    asns: HashMap<u32, Vec<usize>>,
    /// Claims, the smallest network first.
    networks: Vec<(Network, usize)>,
    desks: Vec<Arc<Team>>,
    keys: Vec<PublicKey>,
    owners: Vec<usize>,
    /// The words by which each team is found, for the public, for members, and for the operator.
    texts: [Vec<String>; 3],
}

impl Directory {
    /// The directory of these teams.
    pub fn new(mut teams: Vec<Arc<Team>>) -> Self {
        teams.sort_by_cached_key(|team| (team.name.to_lowercase(), team.id));
        let mut built = Self::default();
        for (at, team) in teams.iter().enumerate() {
            built.enter(at, team);
        }
        built.networks.sort_by_key(|(network, at)| (size(network), network.range, *at));
        built.texts = [Audience::Public, Audience::Members, Audience::Operator]
            .map(|audience| teams.iter().map(|team| crate::search::text(team, audience)).collect());
        built.desks = teams.iter().filter(|team| team.desk).cloned().collect();
        Self { teams, ..built }
    }

    fn enter(&mut self, at: usize, team: &Team) {
        self.by_id.insert(team.id, at);
        self.by_handle.insert(team.handle.clone(), at);
        // Who only says so would get what is meant for another.
        if let Some(irt) = team.irt.as_ref().filter(|_| team.irt_proof().is_some()) {
            self.by_irt.entry(irt.to_ascii_uppercase()).or_insert(at);
        }
        if team.desk {
            self.by_mailbox.extend(team.mailboxes.iter().map(|address| (address.clone(), at)));
        }
        for address in team.emails.iter().map(|email| &email.address).chain(&team.mailboxes) {
            let known = self.by_address.entry(address.clone()).or_default();
            if !known.contains(&at) {
                known.push(at);
            }
            if let Some((_, domain)) = address.rsplit_once('@') {
                let known = self.by_mail_domain.entry(domain.to_owned()).or_insert(Some(at));
                *known = known.filter(|known| *known == at);
            }
        }
        for domain in &team.domains {
            let (name, is_below) =
                domain.strip_prefix("*.").map_or((domain.as_str(), false), |name| (name, true));
            self.domains.entry(name.to_owned()).or_default().push((is_below, at));
        }
        for asn in &team.asns {
            self.asns.entry(*asn).or_default().push(at);
        }
        self.networks.extend(team.networks.iter().map(|network| (*network, at)));
        for key in team.keys_in_use() {
            self.keys.push(key.clone());
            self.owners.push(at);
        }
    }

    /// All teams by name.
    pub fn teams(&self) -> &[Arc<Team>] {
        &self.teams
    }

    /// The teams whose desk this node runs.
    pub fn desks(&self) -> &[Arc<Team>] {
        &self.desks
    }

    /// The team with this id.
    pub fn by_id(&self, id: Id) -> Option<Arc<Team>> {
        self.at(self.by_id.get(&id))
    }

    /// The team with this handle.
    pub fn by_handle(&self, handle: &str) -> Option<Arc<Team>> {
        self.at(self.by_handle.get(handle))
    }

    /// The team of which it is proven that the `irt` object of this name is its own, in any case (RFC 2622, section 2:
    /// names are case-insensitive).
    pub fn by_irt(&self, name: &str) -> Option<Arc<Team>> {
        self.at(self.by_irt.get(&name.trim().to_ascii_uppercase()))
    }

    /// The team of this node whose mailbox the address is, also with `+detail` behind the local part (RFC 5233).
    pub fn desk_for(&self, address: &str) -> Option<Arc<Team>> {
        let address = address.trim().to_lowercase();
        self.at(self.by_mailbox.get(&address).or_else(|| self.by_mailbox.get(&without_detail(&address))))
    }

    /// The teams that claim the domain `name`, by the claim that fits most closely: the name itself, else `*.` and
    /// the longest ending.
    pub fn by_domain(&self, name: &str) -> Vec<Arc<Team>> {
        self.by_domain_where(name, |_| true)
    }

    /// [`Directory::by_domain`] among the teams that `counts` says yes to.
    pub fn by_domain_where(&self, name: &str, counts: impl Fn(&Team) -> bool) -> Vec<Arc<Team>> {
        let counts = |at: usize| self.teams.get(at).is_some_and(|team| counts(team));
        self.claims_of_domain(name, counts).iter().filter_map(|at| self.at(Some(at))).collect()
    }

    fn claims_of_domain(&self, name: &str, counts: impl Fn(usize) -> bool) -> Vec<usize> {
        let name = name.trim().trim_end_matches('.').to_lowercase();
        let mut rest = name.as_str();
        loop {
            let claims = self.domains.get(rest).into_iter().flatten();
            let found: Vec<_> = claims
                .filter(|(is_below, at)| *is_below != (rest == name) && counts(*at))
                .map(|(_, at)| *at)
                .collect();
            if !found.is_empty() {
                return found;
            }
            match rest.split_once('.') {
                Some((_, shorter)) => rest = shorter,
                None => return Vec::new(),
            }
        }
    }

    /// The teams that claim the AS.
    pub fn by_asn(&self, asn: u32) -> Vec<Arc<Team>> {
        self.asns.get(&asn).into_iter().flatten().filter_map(|at| self.at(Some(at))).collect()
    }

    /// The teams that claim the range from `first` to `last` as a whole, each with its claim, the smallest first.
    /// Reads all claims of the directory: for one question, not for a million.
    pub fn by_range(&self, first: IpAddr, last: IpAddr) -> Vec<(Network, Arc<Team>)> {
        let covers = |network: &Network| network.range.contains(first) && network.range.contains(last);
        let found = self.networks.iter().filter(|(network, _)| covers(network));
        found.filter_map(|(network, at)| Some((*network, self.at(Some(at))?))).collect()
    }

    /// The words by which each team is found, in the order of [`Directory::teams`].
    pub(crate) fn texts(&self, audience: Audience) -> &[String] {
        let [public, members, operator] = &self.texts;
        match audience {
            Audience::Public => public,
            Audience::Members | Audience::Team => members,
            Audience::Operator => operator,
        }
    }

    /// The places of the teams that claim the whole range, or something within it.
    pub(crate) fn who_claims_range(&self, first: IpAddr, last: IpAddr) -> HashSet<usize> {
        let fits = |network: &Network| {
            let range = network.range;
            range.contains(first) && range.contains(last)
                || first.is_ipv4() == range.is_ipv4() && first <= range.first() && range.last() <= last
        };
        self.networks.iter().filter(|(network, _)| fits(network)).map(|(_, at)| *at).collect()
    }

    /// The places of the teams that claim the AS.
    pub(crate) fn who_claims_asn(&self, asn: u32) -> HashSet<usize> {
        self.asns.get(&asn).into_iter().flatten().copied().collect()
    }

    /// The places of the teams whose claim fits `name` most closely.
    pub(crate) fn who_claims_domain(&self, name: &str) -> HashSet<usize> {
        self.claims_of_domain(name, |_| true).into_iter().collect()
    }

    /// Whether the whole range from `first` to `last` lies in one network of the team's constituency.
    pub fn own(&self, team: Id, first: IpAddr, last: IpAddr) -> bool {
        let team = self.by_id.get(&team).and_then(|at| self.teams.get(*at));
        team.is_some_and(|team| {
            team.networks.iter().any(|network| network.range.contains(first) && network.range.contains(last))
        })
    }

    /// The keys of all teams that were not withdrawn.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The key that `id` (a fingerprint or key id, hex, also of a subkey) names.
    pub fn key(&self, id: &str) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.has_id(id))
    }

    /// The team that has the key which `id` names; of several the one whose address it names.
    pub fn by_key(&self, id: &str) -> Option<Arc<Team>> {
        let mut found = self.keys.iter().zip(&self.owners).filter(|(key, _)| key.has_id(id)).peekable();
        let first = found.peek().map(|(_, owner)| **owner);
        let named = found
            .find(|(key, owner)| key.emails().iter().any(|address| self.place_of(address) == Some(**owner)));
        self.at(named.map(|(_, owner)| *owner).or(first).as_ref())
    }

    fn at(&self, place: Option<&usize>) -> Option<Arc<Team>> {
        place.and_then(|at| self.teams.get(*at)).cloned()
    }
}

/// `cert+token@team.example` → `cert@team.example`.
fn without_detail(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => match local.split_once('+') {
            Some((mailbox, _)) if !mailbox.is_empty() => format!("{mailbox}@{domain}"),
            _ => address.to_owned(),
        },
        None => address.to_owned(),
    }
}

/// How many addresses lie between the ends.
fn size(network: &Network) -> u128 {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    bits(network.range.last()) - bits(network.range.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Claim, Proof, ProofKind};
    use crate::record::{Email, TeamRecord, Usage};

    fn team(n: u8, handle: &str, edit: impl FnOnce(&mut Team)) -> Arc<Team> {
        let email = Email { address: format!("cert@{handle}.example"), usage: Usage::Report };
        let record = TeamRecord {
            handle: handle.into(),
            name: handle.into(),
            emails: vec![email],
            ..TeamRecord::default()
        };
        let id = Id::from_bytes([n; 16]);
        let mut team = Team {
            id,
            record,
            standing: None,
            proofs: vec![],
            keys: vec![],
            desk: false,
            mailboxes: vec![],
            updated: 0,
        };
        edit(&mut team);
        Arc::new(team)
    }

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn names(teams: &[Arc<Team>]) -> Vec<&str> {
        teams.iter().map(|team| team.handle.as_str()).collect()
    }

    #[test]
    fn a_mailbox_is_found_with_and_without_detail() {
        let directory = Directory::new(vec![
            team(1, "aldermark", |t| (t.desk, t.mailboxes) = (true, vec!["cert@aldermark.example".into()])),
            team(2, "skerry", |_| {}),
        ]);
        for address in ["cert@aldermark.example", "CERT@Aldermark.example", "cert+rabc@aldermark.example"] {
            assert_eq!(directory.desk_for(address).unwrap().handle, "aldermark");
        }
        for address in ["cert@skerry.example", "certx@aldermark.example", "cert", "", "+x@aldermark.example"]
        {
            assert!(directory.desk_for(address).is_none(), "{address}");
        }
    }

    #[test]
    fn an_irt_object_is_a_teams_when_something_proves_it() {
        let claim = |t: &mut Team| t.record.irt = Some("IRT-SKERRY".into());
        let proof = Proof {
            claim: Claim::Irt("IRT-SKERRY".into()),
            kind: ProofKind::Operator,
            at: 0,
            by: String::new(),
            evidence: String::new(),
            missing: None,
        };
        let directory = Directory::new(vec![
            team(1, "aldermark", claim),
            team(2, "skerry", |t| {
                claim(t);
                t.proofs.push(proof.clone());
            }),
        ]);
        assert_eq!(directory.by_irt("irt-skerry").unwrap().handle, "skerry");
        let directory =
            Directory::new(vec![team(1, "aldermark", claim), team(2, "skerry", |t| t.proofs.push(proof))]);
        assert!(directory.by_irt("IRT-SKERRY").is_none(), "one only claims it, the other does so no more");
    }

    #[test]
    fn a_sender_is_known_by_address_else_by_a_domain_that_one_team_alone_has() {
        let shared = |t: &mut Team| {
            t.record.emails.push(Email { address: "x@shared.example".into(), usage: Usage::Team })
        };
        let directory = Directory::new(vec![
            team(1, "aldermark", shared),
            team(2, "skerry", |t| {
                t.record.emails.push(Email { address: "y@shared.example".into(), usage: Usage::Team });
            }),
        ]);
        assert_eq!(directory.by_address("Cert@skerry.example").unwrap().handle, "skerry");
        assert_eq!(directory.by_address("ines@skerry.example").unwrap().handle, "skerry");
        assert_eq!(directory.by_address("y@shared.example").unwrap().handle, "skerry");
        assert!(directory.by_address("z@shared.example").is_none(), "two teams write from there");
        assert!(directory.by_address("no address").is_none());
    }

    #[test]
    fn a_claimed_domain_is_the_name_itself_and_everything_below_only_with_a_star() {
        let directory = Directory::new(vec![
            team(1, "national", |t| t.record.domains = vec!["*.xx".into()]),
            team(2, "skerry", |t| t.record.domains = vec!["skerry.xx".into()]),
            team(3, "lab", |t| t.record.domains = vec!["lab.skerry.xx".into(), "*.lab.skerry.xx".into()]),
        ]);
        for (name, expected) in [
            ("skerry.xx", vec!["skerry"]),
            ("www.skerry.xx", vec!["national"]),
            ("LAB.skerry.xx.", vec!["lab"]),
            ("a.b.lab.skerry.xx", vec!["lab"]),
            ("xx", vec![]),
            ("skerry.example", vec![]),
        ] {
            assert_eq!(names(&directory.by_domain(name)), expected, "{name}");
        }
    }

    #[test]
    fn a_range_is_a_teams_own_when_all_of_it_is() {
        let directory = Directory::new(vec![
            team(1, "aldermark", |t| t.record.networks = networks(&["192.0.2.0/24", "2001:db8::/32"])),
            team(2, "skerry", |t| t.record.networks = networks(&["192.0.2.10 - 192.0.2.77"])),
        ]);
        let own = |first: &str, last: &str| {
            directory.own(Id::from_bytes([2; 16]), first.parse().unwrap(), last.parse().unwrap())
        };
        assert!(own("192.0.2.10", "192.0.2.77"));
        assert!(!own("192.0.2.10", "192.0.2.78"));
        assert!(!own("::ffff:192.0.2.10", "::ffff:192.0.2.10"));
        let address = "192.0.2.11".parse().unwrap();
        let found: Vec<_> = directory.by_range(address, address).into_iter().map(|(_, team)| team).collect();
        assert_eq!(names(&found), ["skerry", "aldermark"], "the closest claim first");
    }
}
