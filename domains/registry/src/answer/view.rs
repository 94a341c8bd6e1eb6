//! Registry and directory side by side: which team a name, an address or a range belongs to.
//!
//! What is made of the directory is shared by all views of it, so a change of the registry costs nothing here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use kit::clock::SECOND;
use kit::{Id, Time};
use netmap::{NetMap, Ranges as _};
use teams::{Directory, Field, Reader, Team};

use super::TeamView;
use super::network::prefixes;
use crate::index::{AbuseContact, Entry, Index, Irt, NetworkView};

/// An index and the teams of a directory, joined.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) index: Arc<Index>,
    pub(crate) directory: Arc<Directory>,
    /// When it was made: the keys are those that were good then.
    pub(crate) made: Time,
    /// Who asks: teams and claims that they may not know of are not there.
    reader: Reader,
    teams: Arc<Members>,
}

/// What is made of a directory once, so that an answer only reads tables.
#[derive(Debug, Default)]
struct Members {
    members: Vec<Member>,
    numbers: HashMap<Id, u32>,
    /// What teams count among their constituency. Place: place in `claimed`.
    claims: NetMap,
    claimed: Vec<(u32, (IpAddr, IpAddr))>,
}

/// A team of the directory, with what answers show of it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) team: Arc<Team>,
    pub(crate) view: TeamView,
    /// The fingerprint of the key to encrypt to.
    pub(crate) fingerprint: Option<String>,
}

/// Which of the teams that a network names answers for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The name, as the network writes it.
    pub(crate) name: &'a str,
    /// Its object, when there is one.
    pub(crate) irt: Option<&'a Entry<Irt>>,
    /// The team in the directory.
    pub(crate) team: Option<u32>,
}

impl View {
    /// Joins them, as the node itself sees them; the keys are those that are good at `now`.
    pub(crate) fn new(index: Arc<Index>, directory: Arc<Directory>, now: Time) -> Self {
        let teams = Arc::new(Members::of(&directory, now));
        Self { index, directory, made: now, reader: Reader::NODE, teams }
    }

    /// The same directory with another index.
    pub(crate) fn with_index(&self, index: Arc<Index>) -> Self {
        Self { index, ..self.clone() }
    }

    /// The same as `reader` sees it.
    pub(crate) fn seen_by(&self, reader: &Reader) -> Self {
        Self { reader: reader.clone(), ..self.clone() }
    }

    /// Whether the asker sees what `team` says in `field`.
    pub(super) fn sees(&self, team: &Team, field: Field) -> bool {
        self.reader.knows(team) && team.audience_of(field) <= self.reader.audience(team)
    }

    /// The team of which it is proven that the `irt` object of this name is its own.
    pub(crate) fn by_irt(&self, name: &str) -> Option<Arc<Team>> {
        self.directory.by_irt(name).filter(|team| self.reader.knows(team))
    }

    /// The teams that claim the name most closely, of those whose claims the asker sees; where something proves the claim
    /// of one, what others only claim does not count.
    pub(super) fn by_domain(&self, name: &str) -> Vec<Arc<Team>> {
        let sees = |team: &Team| self.sees(team, Field::Domains);
        let proven =
            self.directory.by_domain_where(name, |team| sees(team) && team.domain_proof(name).is_some());
        if proven.is_empty() { self.directory.by_domain_where(name, sees) } else { proven }
    }

    /// Who counts all of the range among their constituency, of [`View::claims`]: the closest whose claim is proven, else
    /// the closest.
    pub(crate) fn claimant(&self, first: IpAddr, last: IpAddr) -> Option<(u32, (IpAddr, IpAddr))> {
        let asked = teams::Network { range: rpsl::AddressRange::new(first, last).ok()? };
        let is_proven = |number: u32| self.member(number).team.network_proof(&asked).is_some();
        let mut claims = self.claims(first, last);
        let closest = claims.next()?;
        if is_proven(closest.0) {
            return Some(closest);
        }
        Some(claims.find(|(number, _)| is_proven(*number)).unwrap_or(closest))
    }

    /// The teams that claim the AS, of those whose claims the asker sees.
    pub(super) fn by_asn(&self, asn: u32) -> Vec<Arc<Team>> {
        let claimants = self.directory.by_asn(asn).into_iter();
        claimants.filter(|team| self.sees(team, Field::Asns)).collect()
    }

    /// Which of the teams that the object names answers: the first that is in the directory; else the first of which the
    /// registry has the object. None when nothing is known of any of them.
    pub(crate) fn choose<'a>(&'a self, object: NetworkView<'a>) -> Option<Choice<'a>> {
        let mut known = None;
        for name in object.irt_names() {
            let irt = self.index.irt(name, object.place().source);
            let team = self.team_of_irt(name, irt);
            if team.is_some() {
                return Some(Choice { name, irt, team });
            }
            if irt.is_some() {
                known = known.or(Some(Choice { name, irt, team: None }));
            }
        }
        known
    }

    /// By its proven name in the directory; else by its mail address; else by the domain of that.
    fn team_of_irt(&self, name: &str, irt: Option<&Entry<Irt>>) -> Option<u32> {
        if let Some(team) = self.by_irt(name) {
            return self.number(&team);
        }
        let mailboxes = &irt?.object.mailboxes;
        let exact = mailboxes.iter().find_map(|mailbox| self.team_with(mailbox));
        exact.or_else(|| {
            let by_domain = mailboxes.iter().find_map(|mailbox| self.directory.by_address(mailbox));
            by_domain.filter(|team| self.reader.knows(team)).and_then(|team| self.number(&team))
        })
    }

    /// The team that has exactly this mail address in its record.
    fn team_with(&self, mailbox: &str) -> Option<u32> {
        let team = self.directory.by_address(mailbox).filter(|team| self.reader.knows(team))?;
        let mut own = team.emails.iter().map(|email| &email.address).chain(&team.mailboxes);
        own.any(|address| address.eq_ignore_ascii_case(mailbox)).then(|| self.number(&team))?
    }

    /// The team whose own mailbox the abuse contact has.
    pub(crate) fn desk(&self, contact: &AbuseContact) -> Option<u32> {
        self.team_with(&contact.mailbox)
    }

    /// The teams that count all of the range among their constituency, the closest claim first, each with its claim; of
    /// those whose claims the asker sees.
    pub(crate) fn claims(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = (u32, (IpAddr, IpAddr))> + '_ {
        let Members { claims, claimed, .. } = &*self.teams;
        let around = claims.most_specific_covering(first, last);
        let all = std::iter::successors(around, |range| claims.parent(*range))
            .map(|range| claimed[claims.place(range)]);
        all.filter(|(number, _)| self.sees(&self.member(*number).team, Field::Networks))
    }

    pub(crate) fn member(&self, number: u32) -> &Member {
        &self.teams.members[number as usize]
    }

    pub(crate) fn number(&self, team: &Team) -> Option<u32> {
        self.teams.numbers.get(&team.id).copied()
    }
}

impl Members {
    fn of(directory: &Directory, now: Time) -> Self {
        let mut all = Self::default();
        let (mut claims, mut claimed) = (netmap::Builder::default(), Vec::new());
        for (number, team) in (0..).zip(directory.teams()) {
            all.numbers.insert(team.id, number);
            all.members.push(Member {
                view: TeamView::of(team),
                fingerprint: team.encryption_key(now / SECOND).ok().map(|key| key.fingerprint()),
                team: team.clone(),
            });
            for network in &team.networks {
                let claim = (number, (network.range.first(), network.range.last()));
                // Teams claim what they like, ranges that cross others' too; prefixes never cross.
                for (first, last) in prefixes(claim.1.0, claim.1.1) {
                    if claims.push(first, last, false).is_ok() {
                        claimed.push(claim);
                    }
                }
            }
        }
        let built = claims.build();
        all.claims = built.map;
        all.claimed = built.order.iter().map(|number| claimed[*number as usize]).collect();
        all
    }
}

impl TeamView {
    /// What everybody may see of the team; [`super::Answer::seen_by`] adds what a reader may see beside it.
    fn of(team: &Team) -> Self {
        Self::seen(&team.seen_by(teams::Audience::Public))
    }

    pub(super) fn seen(team: &teams::Seen) -> Self {
        Self {
            handle: team.handle.clone(),
            name: team.name.clone(),
            trust: team.status_name().to_owned(),
            country: team.country.code.clone(),
            report_to: team.report_address().map(str::to_owned),
            emergency: team.emergency_phone().map(str::to_owned),
            channels: team.channels.iter().map(|channel| channel.words().to_owned()).collect(),
            languages: team.languages.clone(),
            own: team.desk,
        }
    }
}
