//! What pages and the API show: running cases, one case whole, the community's open questions, the year's figures.

mod case;
mod desk;
mod words;
mod year;

pub use case::{
    BallotView, CaseView, Confirmation, Countdown, FiledView, Line, ListingView, MatterView, QuestionView,
};
pub use desk::{BoardRow, OpenQuestion, Running};
pub use words::told;
pub use year::{Month, StepTime, Year};

use contracts::trust::Service;
use contracts::trust::record::Audience;
use identity::{Actor, Granted, Introduce, JudgeCases, LookUp, NO_TEAM};
use kit::Id;

use crate::Trust;

impl Trust {
    /// How much of what is about `team` this reader is shown. The team itself never sees what is sealed from it, not
    /// even through those of its people who operate the community or sit on the board.
    pub fn sees(&self, granted: &Granted<LookUp>, team: Id) -> Audience {
        self.sees_as(granted.actor(), team)
    }

    pub(crate) fn sees_as(&self, actor: &Actor, team: Id) -> Audience {
        if actor.team == team {
            return Audience::Team;
        }
        if self.is_inside(actor) {
            return Audience::Sealed;
        }
        let own = self.teams().directory().by_id(actor.team);
        match own {
            Some(own) if self.teams().entitles(&own, Service::MembersSite).is_ok() => Audience::Members,
            _ => Audience::Public,
        }
    }

    /// Operator, or on the board for a team that has a vote now. A token needs the scope of the office, too.
    pub(crate) fn is_inside(&self, actor: &Actor) -> bool {
        let votes = || {
            let own = self.teams().directory().by_id(actor.team);
            own.is_some_and(|own| self.teams().entitles(&own, Service::Vote).is_ok())
        };
        Granted::<Introduce>::check(actor).is_ok()
            || (Granted::<JudgeCases>::check(actor).is_ok() && (actor.team == NO_TEAM || votes()))
    }
}
