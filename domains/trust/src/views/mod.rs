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
use identity::{Granted, LookUp, Role};
use kit::Id;

use crate::Trust;

impl Trust {
    /// How much of what is about `team` this reader is shown. The team itself never sees what is sealed from it, not
    /// even through those of its people who operate the community or sit on the board.
    pub fn sees(&self, granted: &Granted<LookUp>, team: Id) -> Audience {
        let actor = granted.actor();
        if actor.team == team {
            return Audience::Team;
        }
        if actor.has(Role::Introducer) || actor.has(Role::Board) {
            return Audience::Sealed;
        }
        let own = self.teams().directory().by_id(actor.team);
        match own {
            Some(own) if self.teams().entitles(&own, Service::MembersSite).is_ok() => Audience::Members,
            _ => Audience::Public,
        }
    }
}
