//! Who looks at whose record: derived from the reader's team and roles at each request, never stored.

use std::sync::Arc;

use contracts::trust::Service;
use identity::{Actor, Granted, Introduce};

use crate::record::Audience;
use crate::{Directory, Seen, Team, Teams, TrustStatus};

/// Somebody who looks at the directory, at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// Whether they are logged in or show a token.
    pub is_known: bool,
    /// The team they act for, if the directory has it.
    pub team: Option<kit::Id>,
    /// What they see of teams that are not their own.
    pub others: Audience,
}

impl Reader {
    /// Everybody: whoever is not logged in, and whoever looks at the public host.
    pub const PUBLIC: Self = Self { is_known: false, team: None, others: Audience::Public };
    /// The node itself: its command line and what runs by itself.
    pub const NODE: Self = Self { is_known: true, team: None, others: Audience::Operator };

    /// Whether they may know that `team` is in the directory: the public knows of teams that are listed or more.
    pub fn knows(&self, team: &Team) -> bool {
        self.is_known || team.standing.is_some_and(|standing| standing.status >= TrustStatus::Listed)
    }

    /// As what they look at `team`.
    pub fn audience(&self, team: &Team) -> Audience {
        if self.team == Some(team.id) { self.others.max(Audience::Team) } else { self.others }
    }

    /// `team` as they see it.
    pub fn sees(&self, team: &Team) -> Seen {
        team.seen_by(self.audience(team))
    }
}

impl Teams {
    /// As what `actor` looks at the directory now: the community's operator sees all, a team whose standing entitles
    /// to the members' site sees what members see, and each team sees its own record whole.
    pub fn reader(&self, actor: Option<&Actor>) -> Reader {
        self.reader_in(&self.directory(), actor)
    }

    /// As what the desk of `team` looks at the directory now.
    pub fn desk_reader(&self, team: kit::Id) -> Reader {
        let own = self.directory().by_id(team);
        let is_member = own.is_some_and(|team| self.entitles(&team, Service::MembersSite).is_ok());
        let others = if is_member { Audience::Members } else { Audience::Public };
        Reader { is_known: true, team: Some(team), others }
    }

    pub(crate) fn reader_in(&self, directory: &Directory, actor: Option<&Actor>) -> Reader {
        let Some(actor) = actor else { return Reader::PUBLIC };
        let own: Option<Arc<Team>> = directory.by_id(actor.team);
        let is_member = own.as_ref().is_some_and(|team| self.entitles(team, Service::MembersSite).is_ok());
        let others = match () {
            () if Granted::<Introduce>::check(actor).is_ok() => Audience::Operator,
            () if is_member => Audience::Members,
            () => Audience::Public,
        };
        Reader { is_known: true, team: own.map(|team| team.id), others }
    }
}
