//! The whole answer: chain, networks, contact, key.

use std::net::IpAddr;

use netmap::RangeIdx;

use super::network::{network, range_text};
use super::resolve::ByObject;
use super::view::{Choice, View};
use super::{Answer, Asked, Basis, Contact, Found, IrtView, KeyView, Network, Step, StepKind};
use crate::index::{Abuse, NetworkView};

/// Networks of a chain that are told; deeper nests than this do not occur, but a file may be made of them.
const DEEPEST: usize = 64;

impl View {
    /// Who is responsible for all of `first` to `last`.
    pub(crate) fn answer(&self, first: IpAddr, last: IpAddr) -> Answer {
        let (first, last) = (first.to_canonical(), last.to_canonical());
        let nearest = self.index.covering(first, last);
        let kind = if first == last { Asked::Address } else { Asked::Range };
        let mut answer = Answer::new(range_text(first, last), kind);
        let asked = if first == last { StepKind::Address } else { StepKind::Range };
        answer.step(asked, answer.asked.clone());
        if let Some(range) = nearest {
            answer.country = self.index.country(range).to_owned();
            answer.netname = self.index.network(range).netname().to_string();
        }
        let found = self.find(nearest, first, last);
        self.walk(&mut answer, nearest, &found);
        let at = match &found {
            Found::Irt { at, .. } | Found::Abuse { at, .. } => Some(*at),
            Found::Claim { .. } | Found::Nobody => None,
        };
        answer.networks = self.networks(nearest, at);
        let team = match found {
            Found::Irt { at, choice } => {
                self.irt(&mut answer, self.index.network(at), choice);
                choice.team
            }
            Found::Abuse { abuse, team, .. } => {
                abuse_of(&mut answer, abuse);
                team
            }
            Found::Claim { team, range } => {
                answer.basis = Basis::Claim;
                answer.step(StepKind::Claim, range_text(range.0, range.1));
                Some(team)
            }
            Found::Nobody => None,
        };
        self.team_of(&mut answer, team);
        let claims: Vec<u32> = self.claims(first, last).map(|(team, _)| team).collect();
        self.claimed_by(&mut answer, &claims, team);
        answer
    }

    /// Who is responsible for a domain name: whose constituency it is, by the closest claim in the directory.
    pub(crate) fn answer_domain(&self, name: &str) -> Answer {
        let name = name.trim_end_matches('.').to_lowercase();
        let mut answer = Answer::new(name.clone(), Asked::Domain);
        answer.step(StepKind::Domain, name.clone());
        let claimants = self.by_domain(&name);
        let teams: Vec<u32> = claimants.iter().filter_map(|team| self.number(team)).collect();
        if let Some(claim) = claimants.first().and_then(|team| domain_claim(team, &name)) {
            answer.basis = Basis::Claim;
            answer.step(StepKind::Claim, claim.to_owned());
        }
        self.team_of(&mut answer, teams.first().copied());
        self.claimed_by(&mut answer, &teams, teams.first().copied());
        answer
    }

    /// Who is responsible for an AS: the team or abuse contact of its object, else whose constituency it is.
    pub(crate) fn answer_asn(&self, asn: u32) -> Answer {
        let mut answer = Answer::new(format!("AS{asn}"), Asked::AsNumber);
        answer.step(StepKind::AutNum, answer.asked.clone());
        let object = self.index.as_number(asn);
        let claimants = self.by_asn(asn);
        let claims: Vec<u32> = claimants.iter().filter_map(|team| self.number(team)).collect();
        if let Some(object) = object {
            answer.country = object.country().to_owned();
            answer.netname = object.netname().to_string();
        } else {
            answer.step(StepKind::NoObject, String::new());
        }
        let team = match object.and_then(|object| Some((object, self.find_at(object)?))) {
            Some((object, ByObject::Irt(choice))) => {
                self.irt(&mut answer, object, choice);
                choice.team
            }
            Some((_, ByObject::Abuse(abuse, team))) => {
                answer.step(StepKind::NoIrt, String::new());
                abuse_of(&mut answer, abuse);
                team
            }
            None => claims.first().copied().inspect(|_| {
                answer.basis = Basis::Claim;
                answer.step(StepKind::Claim, answer.asked.clone());
            }),
        };
        self.team_of(&mut answer, team);
        self.claimed_by(&mut answer, &claims, team);
        answer
    }

    /// From the smallest network up to the one where the team was found: what names none is a gap.
    fn walk(&self, answer: &mut Answer, nearest: Option<RangeIdx>, found: &Found<'_>) {
        let Some(nearest) = nearest else {
            answer.step(StepKind::NoObject, String::new());
            return;
        };
        let name = |range| {
            let (first, last) = self.index.ends(range);
            range_text(first, last)
        };
        let kind = if self.index.ends(nearest).0.is_ipv4() { StepKind::Inetnum } else { StepKind::Inet6num };
        answer.step(kind, name(nearest));
        let at = match found {
            Found::Irt { at, .. } => Some(*at),
            _ => None,
        };
        // Teams of which nothing is known are told one by one; networks that name none only once.
        let mut here = nearest;
        for _ in 0..DEEPEST {
            if at == Some(here) {
                return;
            }
            let network = self.index.network(here);
            let names: Vec<&str> = network.irt_names().collect();
            if !names.is_empty() {
                answer.step(StepKind::UnknownIrt, names.join(", "));
            }
            let Some(next) = self.index.parent(here).and_then(|parent| self.index.naming_irt(parent)) else {
                answer.step(StepKind::NoIrtAtAll, String::new());
                return;
            };
            if names.is_empty() {
                answer.step(StepKind::NoIrt, String::new());
            }
            answer.step(StepKind::Above, name(next));
            here = next;
        }
    }

    fn networks(&self, nearest: Option<RangeIdx>, found: Option<RangeIdx>) -> Vec<Network> {
        let chain = std::iter::successors(nearest, |range| self.index.parent(*range)).take(DEEPEST);
        let mut networks: Vec<Network> = chain
            .map(|range| network(self.index.network(range), self.index.ends(range), found == Some(range)))
            .collect();
        networks.reverse();
        networks
    }

    fn irt(&self, answer: &mut Answer, at: NetworkView<'_>, choice: Choice<'_>) {
        let name = choice.name.to_owned();
        answer.basis = Basis::Irt;
        answer.other_irts = at.irt_names().filter(|irt| *irt != name).map(str::to_owned).collect();
        let also = match answer.other_irts.as_slice() {
            [] => String::new(),
            others => format!("also named: {}", others.join(", ")),
        };
        answer.chain.push(Step { kind: StepKind::MntIrt, key: name.clone(), note: also });
        let Some(entry) = choice.irt else {
            let note = "the registry has no such object; the directory knows the name".to_owned();
            answer.chain.push(Step { kind: StepKind::Irt, key: name.clone(), note });
            answer.irt = Some(IrtView::named(name));
            return;
        };
        let irt = &entry.object;
        let view = IrtView {
            name: irt.name.to_string(),
            source: self.index.source(entry.source).to_owned(),
            mailboxes: irt.mailboxes.iter().map(ToString::to_string).collect(),
            phones: irt.phones.iter().map(ToString::to_string).collect(),
            encryption: irt.encryption.iter().map(ToString::to_string).collect(),
            signature: irt.signature.iter().map(ToString::to_string).collect(),
            row: entry.row,
        };
        answer.step(StepKind::Irt, view.name.clone());
        if let Some(address) = view.mailboxes.first() {
            answer.contact = Some(Contact {
                name: view.name.clone(),
                address: address.clone(),
                source: format!("irt {}", view.name),
                verified: None,
            });
        }
        answer.key = self
            .registry_key(irt)
            .map(|fingerprint| KeyView { fingerprint: fingerprint.to_owned(), from: "registry".to_owned() });
        answer.irt = Some(view);
    }

    fn team_of(&self, answer: &mut Answer, team: Option<u32>) {
        let Some(team) = team.map(|number| self.member(number)) else {
            if answer.basis == Basis::Nobody {
                answer.step(StepKind::Nobody, String::new());
            }
            return;
        };
        answer.step(StepKind::Team, team.view.name.clone());
        if let Some(address) = &team.view.report_to {
            answer.contact = Some(Contact {
                name: team.view.name.clone(),
                address: address.clone(),
                source: "directory".to_owned(),
                verified: None,
            });
        }
        // The team's own record is looked after; a key that ended there is not replaced by an older one.
        answer.key = team
            .fingerprint
            .as_ref()
            .map(|fingerprint| KeyView { fingerprint: fingerprint.clone(), from: "directory".to_owned() });
        answer.team = Some(team.view.clone());
        answer.record = Some(team.team.clone());
    }

    fn claimed_by(&self, answer: &mut Answer, claims: &[u32], found: Option<u32>) {
        for team in claims.iter().filter(|team| Some(**team) != found) {
            let name = &self.member(*team).view.name;
            if !answer.claimed_by.contains(name) {
                answer.claimed_by.push(name.clone());
            }
        }
    }
}

fn abuse_of(answer: &mut Answer, abuse: Abuse<'_>) {
    answer.basis = Basis::AbuseContact;
    if !abuse.org.is_empty() {
        answer.step(StepKind::Org, abuse.org.to_owned());
    }
    answer.step(StepKind::AbuseC, abuse.handle.to_owned());
    let contact = abuse.contact;
    let note = if contact.by_email { "its e-mail: it has no abuse-mailbox" } else { "" }.to_owned();
    answer.chain.push(Step { kind: StepKind::AbuseMailbox, key: contact.mailbox.to_string(), note });
    answer.contact = Some(Contact {
        name: contact.name.to_string(),
        address: contact.mailbox.to_string(),
        source: format!("role {}", abuse.handle),
        verified: None,
    });
}

impl Answer {
    /// Nobody is asked for: where an object is told by itself.
    pub(crate) fn nobody() -> Self {
        Self::new(String::new(), Asked::Address)
    }

    fn new(asked: String, kind: Asked) -> Self {
        Self {
            asked,
            kind,
            basis: Basis::Nobody,
            chain: Vec::new(),
            networks: Vec::new(),
            irt: None,
            other_irts: Vec::new(),
            team: None,
            contact: None,
            key: None,
            claimed_by: Vec::new(),
            country: String::new(),
            netname: String::new(),
            record: None,
        }
    }

    fn step(&mut self, kind: StepKind, key: String) {
        self.chain.push(Step { kind, key, note: String::new() });
    }
}

impl IrtView {
    fn named(name: String) -> Self {
        Self {
            name,
            source: String::new(),
            mailboxes: Vec::new(),
            phones: Vec::new(),
            encryption: Vec::new(),
            signature: Vec::new(),
            row: 0,
        }
    }
}

/// The claim of `team` that fits `name` most closely: the name itself, else `*.` and the longest ending.
fn domain_claim<'a>(team: &'a teams::Team, name: &str) -> Option<&'a str> {
    let fits = |claim: &&String| {
        let below = claim.strip_prefix("*.").and_then(|ending| name.strip_suffix(ending));
        **claim == name || below.is_some_and(|host| host.ends_with('.'))
    };
    team.domains.iter().filter(fits).max_by_key(|claim| (**claim == name, claim.len())).map(String::as_str)
}

/// Why this network and not another, for people.
pub(super) fn summary(answer: &Answer) -> String {
    let claimed = match answer.claimed_by.as_slice() {
        [] => String::new(),
        teams => format!(" {} counts it among its constituency.", teams.join(" and ")),
    };
    let of = |count: usize| match count {
        1 => "the only network around it".to_owned(),
        count => format!("{count} networks around it"),
    };
    let levels = answer.networks.len();
    let sentence = match (answer.basis, answer.networks.iter().position(|network| network.found)) {
        (Basis::Irt, Some(at)) => {
            let smaller = levels - 1 - at;
            let larger = answer.networks[..at].iter().filter(|network| !network.mnt_irt.is_empty()).count();
            let mut parts = vec![match levels {
                1 => "The only network around it names the team.".to_owned(),
                levels => format!("The most specific of {levels} networks that names a team."),
            }];
            match smaller {
                0 => {}
                1 => parts.push("The smaller one names none that is known.".to_owned()),
                smaller => parts.push(format!("The {smaller} smaller ones name none that is known.")),
            }
            match larger {
                0 => {}
                1 => parts.push("A larger one names a team and is overruled.".to_owned()),
                larger => parts.push(format!("{larger} larger ones name a team and are overruled.")),
            }
            parts.join(" ")
        }
        (Basis::AbuseContact, Some(_)) => {
            format!("No team is named in {}; this is the nearest abuse contact.", of(levels))
        }
        (Basis::Claim, _) if answer.kind == Asked::Domain => {
            "A team of the directory counts the name among its constituency.".to_owned()
        }
        (Basis::Claim, _) => {
            "The registry names nobody; a team of the directory counts it among its constituency.".to_owned()
        }
        (Basis::Nobody, _) if levels == 0 => {
            "Nobody was found, neither in the registry nor in the directory.".to_owned()
        }
        (Basis::Nobody, _) => {
            format!("Nobody is named in {}, and no team of the directory claims it.", of(levels))
        }
        (Basis::Irt, None) => "Its own object names the team.".to_owned(),
        (Basis::AbuseContact, None) => "Its own object names no team; this is its abuse contact.".to_owned(),
    };
    sentence + &claimed
}
