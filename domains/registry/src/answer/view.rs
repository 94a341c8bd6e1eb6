//! Registry and directory side by side: which team a name, an address or a range belongs to.
//!
//! Made once for each pair of an index and a directory, so that an answer only reads tables.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use kit::clock::SECOND;
use kit::{Id, Time};
use netmap::{NetMap, Ranges as _};
use teams::{Directory, Team};

use super::TeamView;
use super::network::prefixes;
use crate::index::{Index, IrtRef};

/// An index and the teams of a directory, joined.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) index: Arc<Index>,
    pub(crate) directory: Arc<Directory>,
    /// When it was made: the keys are those that were good then.
    pub(crate) made: Time,
    members: Vec<Member>,
    numbers: HashMap<Id, u32>,
    /// For each list of teams that networks name: which of them answers.
    choices: Vec<Option<Choice>>,
    /// For each abuse contact: the team whose own mailbox that is.
    desks: Vec<Option<u32>>,
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
pub(crate) struct Choice {
    pub(crate) irt: IrtRef,
    pub(crate) team: Option<u32>,
}

impl View {
    /// Joins them; the keys are those that are good at `now`.
    pub(crate) fn new(index: Arc<Index>, directory: Arc<Directory>, now: Time) -> Self {
        let mut view = Self { index, directory: directory.clone(), made: now, ..Self::default() };
        let (mut claims, mut claimed) = (netmap::Builder::default(), Vec::new());
        for (number, team) in (0..).zip(directory.teams()) {
            view.numbers.insert(team.id, number);
            view.members.push(Member {
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
        view.claims = built.map;
        view.claimed = built.order.iter().map(|number| claimed[*number as usize]).collect();
        view.choices = view.index.irt_lists().iter().map(|list| view.choose(list)).collect();
        view.desks = view.index.contacts().iter().map(|contact| view.team_with(&contact.mailbox)).collect();
        view
    }

    /// The first that is in the directory; else the first of which the registry has the object.
    fn choose(&self, list: &[IrtRef]) -> Option<Choice> {
        let mut known = None;
        for irt in list {
            let team = self.team_of_irt(*irt);
            if team.is_some() {
                return Some(Choice { irt: *irt, team });
            }
            if irt.number().is_some() {
                known = known.or(Some(Choice { irt: *irt, team: None }));
            }
        }
        known
    }

    /// By its name in the directory; else by its mail address; else by the domain of that.
    fn team_of_irt(&self, irt: IrtRef) -> Option<u32> {
        if let Some(team) = self.directory.by_irt(self.index.irt_name(irt)) {
            return self.number(&team);
        }
        let (object, _) = self.index.irt(irt.number()?)?;
        let mailboxes = object.mailboxes();
        let exact = mailboxes.iter().find_map(|mailbox| self.team_with(mailbox));
        exact.or_else(|| {
            let by_domain = mailboxes.iter().find_map(|mailbox| self.directory.by_address(mailbox));
            by_domain.and_then(|team| self.number(&team))
        })
    }

    /// The team that has exactly this mail address in its record.
    fn team_with(&self, mailbox: &str) -> Option<u32> {
        let team = self.directory.by_address(mailbox)?;
        let mut own = team.emails.iter().map(|email| &email.address).chain(&team.mailboxes);
        own.any(|address| address.eq_ignore_ascii_case(mailbox)).then(|| self.number(&team))?
    }

    /// Which team of list number `list` answers; none when nothing is known of any of them.
    pub(crate) fn choice(&self, list: usize) -> Option<Choice> {
        self.choices[list]
    }

    /// The team whose own mailbox the abuse contact has.
    pub(crate) fn desk(&self, contact: u32) -> Option<u32> {
        self.desks[contact as usize]
    }

    /// The teams that count all of the range among their constituency, the closest claim first; each with its
    /// claim.
    pub(crate) fn claims(
        &self,
        first: IpAddr,
        last: IpAddr,
    ) -> impl Iterator<Item = (u32, (IpAddr, IpAddr))> + '_ {
        let around = self.claims.most_specific_covering(first, last);
        std::iter::successors(around, |range| self.claims.parent(*range))
            .map(|range| self.claimed[self.claims.place(range)])
    }

    pub(crate) fn member(&self, number: u32) -> &Member {
        &self.members[number as usize]
    }

    pub(crate) fn number(&self, team: &Team) -> Option<u32> {
        self.numbers.get(&team.id).copied()
    }
}

impl TeamView {
    fn of(team: &Team) -> Self {
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
