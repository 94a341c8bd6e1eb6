//! Who is responsible for what a case names, from registry and directory in memory.

use kit::{Id, Time};
use observables::Kind;
use registry::{Answer, Registry};
use ui::Link;

use crate::model::{Investigation, Observable};

/// Who is to be told about an observable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Responsible {
    /// The team in the directory, if it is there.
    pub(crate) team: Option<Id>,
    /// What the team or the contact is called.
    pub(crate) name: String,
    /// The team's page.
    pub(crate) href: Option<String>,
    /// Its trust status; `not listed` when the directory does not know it.
    pub(crate) standing: String,
    /// It is the reader's own team.
    pub(crate) ours: bool,
    /// Where complaints go.
    pub(crate) address: String,
    /// How we know.
    pub(crate) chain: Vec<Link>,
}

/// Whether somebody can be responsible for such a thing.
pub(crate) fn can_be_asked_about(kind: Kind) -> bool {
    matches!(kind, Kind::Ip | Kind::IpRange | Kind::Domain | Kind::Url | Kind::Email | Kind::Asn)
}

impl Responsible {
    /// Who is responsible for `one`, as the desk of `reader` sees it; `None` when nobody is known.
    pub(crate) fn of(registry: &Registry, reader: Id, one: &Observable) -> Option<Self> {
        let answer = registry.answer_observable(reader, one.kind, &one.value)?;
        Self::from_answer(&answer, reader)
    }

    fn from_answer(answer: &Answer, reader: Id) -> Option<Self> {
        let chain = answer.chain.iter().map(link).collect();
        let address = answer.contact.as_ref().map(|contact| contact.address.clone()).unwrap_or_default();
        if let Some(team) = &answer.team {
            let id = answer.record.as_ref().map(|record| record.id);
            return Some(Self {
                ours: id == Some(reader),
                team: id,
                name: team.name.clone(),
                href: Some(format!("/teams/{}", team.handle)),
                standing: team.trust.clone(),
                address,
                chain,
            });
        }
        let contact = answer.contact.as_ref()?;
        let name = if contact.name.is_empty() { &contact.address } else { &contact.name };
        Some(Self {
            team: None,
            name: name.clone(),
            href: None,
            standing: "not listed".into(),
            ours: false,
            address,
            chain,
        })
    }

    /// What makes two of them one recipient.
    fn key(&self) -> (Option<Id>, String) {
        let address = if self.team.is_some() { String::new() } else { self.address.to_ascii_lowercase() };
        (self.team, address)
    }

    /// Whether `investigation` asks them.
    pub(crate) fn is_asked_by(&self, investigation: &Investigation) -> bool {
        let same_team = self.team.is_some() && self.team == investigation.recipient_team;
        same_team || (!self.address.is_empty() && investigation.recipient.eq_ignore_ascii_case(&self.address))
    }
}

/// A step of a chain as the pages show it.
pub(crate) fn link(step: &registry::Step) -> Link {
    if step.kind.is_gap() {
        return Link::gap(step.kind.name());
    }
    match step.kind {
        registry::StepKind::Team => Link::name("team", step.key.clone()),
        kind => Link::code(kind.name(), step.key.clone()),
    }
}

/// What one recipient is responsible for.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Who; `None` for what nobody is known to be responsible for.
    pub(crate) who: Option<Responsible>,
    /// What, in the order in which it was found; never empty.
    pub(crate) observables: Vec<Observable>,
    /// Whether the first was seen before, in words.
    pub(crate) seen: String,
}

impl Group {
    /// How often its things were found.
    pub(crate) fn hits(&self) -> i64 {
        self.observables.iter().map(|one| one.hits).sum()
    }

    /// The time of the first mail that names one of them.
    pub(crate) fn first_seen(&self) -> Time {
        self.observables.iter().map(|one| one.first_seen).min().unwrap_or_default()
    }

    /// The time of the last mail that names one of them.
    pub(crate) fn last_seen(&self) -> Time {
        self.observables.iter().map(|one| one.last_seen).max().unwrap_or_default()
    }

    /// What it stands for in one line: the first, and how many more.
    pub(crate) fn begins(&self) -> String {
        match self.observables.len() {
            0 | 1 => self.observables.first().map(|one| one.value.clone()).unwrap_or_default(),
            n => format!("{} and {} more", self.observables[0].value, n - 1),
        }
    }

    /// Whether something in it is too long for a narrow column.
    pub(crate) fn is_wide(&self) -> bool {
        self.observables.iter().any(|one| one.value.len() > 15)
    }
}

/// Parts `named` by who is responsible, in the order of the first thing of each, those without anybody last; and what
/// nobody can be asked about: other kinds, and what was left out by rule.
pub(crate) fn grouped(
    registry: &Registry,
    reader: Id,
    named: Vec<Observable>,
) -> (Vec<Group>, Vec<Observable>) {
    let (mut groups, mut nobody, mut others): (Vec<Group>, Vec<Observable>, Vec<Observable>) =
        Default::default();
    for one in named {
        if one.excluded.is_some() || !can_be_asked_about(one.kind) {
            others.push(one);
            continue;
        }
        let Some(who) = Responsible::of(registry, reader, &one) else {
            nobody.push(one);
            continue;
        };
        let key = who.key();
        let known = groups.iter_mut().find(|group| group.who.as_ref().is_some_and(|who| who.key() == key));
        match known {
            Some(group) => group.observables.push(one),
            None => groups.push(Group { who: Some(who), observables: vec![one], seen: String::new() }),
        }
    }
    if !nobody.is_empty() {
        groups.push(Group { who: None, observables: nobody, seen: String::new() });
    }
    (groups, others)
}
