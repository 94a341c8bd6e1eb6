//! What is asked of the process, by capacity: the permission and what it can ask for stand in one signature.

use std::collections::BTreeSet;

use contracts::trust::Service;
use contracts::trust::record::{By, Capacity};
use identity::{Actor, Granted, Introduce, JudgeCases, ManageTeam, NO_TEAM, Permission};
use kit::{Error, Id, Read, Result, Time, Write};
use teams::Team;

use crate::process::{
    Asked, Command, Facts, Join, Judge, Operate, Refused, Represent, State, checklist, decide,
};
use crate::record::{self, Author};
use crate::{Trust, letters, store};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = TrustDone)]
pub struct Done {
    /// What the next form names: [`State::version_for`].
    pub number: i64,
    /// Where the team is now: `unknown`, `listing`, `listed`, `invited`, `candidate`, `accredited`, …
    pub phase: &'static str,
    /// Its standing now: `unknown`, `listed`, `candidate`, `accredited`, `certified`, `suspended`, `withdrawn`.
    pub standing: &'static str,
    /// The places of the entries that were made.
    pub entries: Vec<i64>,
}

impl Trust {
    /// A step of the operator about `team`. `seen` is the number that the form was made from, [`State::version_for`]; with
    /// `None` the step is taken whatever happened meanwhile.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the rules refuse it, or somebody was faster; [`Error::NotFound`] for a team that is not in the
    /// directory.
    pub async fn operate(
        &self,
        granted: &Granted<Introduce>,
        team: Id,
        command: Operate,
        seen: Option<i64>,
    ) -> Result<Done> {
        let capacity = if granted.is_node() { Capacity::Node } else { Capacity::Operator };
        self.act(granted.actor(), capacity, team, Command::Operate(command), seen).await
    }

    /// A step of the review board about `team`.
    ///
    /// # Errors
    /// As [`Trust::operate`].
    pub async fn judge(
        &self,
        granted: &Granted<JudgeCases>,
        team: Id,
        command: Judge,
        seen: Option<i64>,
    ) -> Result<Done> {
        self.act(granted.actor(), Capacity::Board, team, Command::Judge(command), seen).await
    }

    /// A step of the asker's own team about itself.
    ///
    /// # Errors
    /// As [`Trust::operate`].
    pub async fn represent(
        &self,
        granted: &Granted<ManageTeam>,
        command: Represent,
        seen: Option<i64>,
    ) -> Result<Done> {
        self.act(granted.actor(), Capacity::Team, granted.team(), Command::Represent(command), seen).await
    }

    /// A step of the asker's team about another team.
    ///
    /// # Errors
    /// As [`Trust::operate`].
    pub async fn join(
        &self,
        granted: &Granted<ManageTeam>,
        team: Id,
        command: Join,
        seen: Option<i64>,
    ) -> Result<Done> {
        self.act(granted.actor(), Capacity::Member, team, Command::Join(command), seen).await
    }

    async fn act(
        &self,
        actor: &Actor,
        capacity: Capacity,
        team: Id,
        command: Command,
        seen: Option<i64>,
    ) -> Result<Done> {
        let (by, sees) = (acting(actor, capacity), self.sees_as(actor, team));
        let subject = self.subject(team)?;
        let mut facts = self.facts(&subject);
        match &command {
            Command::Operate(Operate::SendRules) => facts.document = self.put_document(&subject, false)?,
            Command::Operate(Operate::Invite) => facts.document = self.put_document(&subject, true)?,
            Command::Operate(Operate::Accredit) => {
                facts.signature_lost = self.signature_lost(&subject).await?
            }
            Command::Represent(Represent::RequestCertification { .. }) => {
                facts.assessed = self.put_assessment(team).await?;
            }
            _ => {}
        }
        let (this, name) = (self.clone(), actor.name.clone());
        let has_standing = subject.standing.is_some();
        let work = move |tx: &Write<'_>| {
            let mut state = store::state(tx, team)?;
            if state.number == 0 && (has_standing || teams::is_stated(tx, team)?) {
                return Err(Error::Conflict(format!(
                    "{} has a standing that is not in the record of trust yet. The owner of the community takes the standings \
                     over first (wardmote trust take-over).",
                    subject.name
                )));
            }
            if !speaks_for_itself(&command) && seen.is_some_and(|seen| seen != state.version_for(sees)) {
                return Err(Refused {
                    why: "Somebody was faster: the case has changed since this page was shown".into(),
                    todo: "Look at it as it is now, and decide again".into(),
                }
                .into());
            }
            if teams::record_digest(tx, team)?.is_some_and(|digest| digest != facts.record) {
                return Err(Error::Conflict(format!(
                    "The record of {} was changed a moment ago: look at it as it is now, and decide again.",
                    subject.name
                )));
            }
            let facts = facts.clone().with_seats(&seats(tx)?);
            let now = this.moment(&state);
            let asked = Asked { rules: &this.settings().rules, state: &state, facts: &facts, by: &by, now };
            let steps = decide(asked, &command)?;
            let author =
                Author { team, handle: subject.handle.clone(), by: by.clone(), name: name.clone(), at: now };
            let before = state.standing();
            let entries =
                record::write(this.node(), tx, &this.settings().rules, &author, &mut state, &steps)?;
            letters::plan(this.node(), tx, &entries)?;
            let done = Done {
                number: state.version_for(sees),
                phase: state.phase.name(),
                standing: state.standing_name(),
                entries,
            };
            Ok((done, state.standing() != before))
        };
        let (done, stands_otherwise) = self.node().db.write(work).await?;
        if stands_otherwise {
            self.teams().reload().await?;
        }
        Ok(done)
    }

    /// Where `team` is in the process.
    ///
    /// # Errors
    /// The database is gone.
    pub(crate) async fn state(&self, team: Id) -> Result<State> {
        self.node().db.read(move |c| store::state(c, team)).await
    }

    /// The team of the directory.
    pub(crate) fn subject(&self, team: Id) -> Result<std::sync::Arc<Team>> {
        self.teams().directory().by_id(team).ok_or_else(|| Error::not_found("the team"))
    }

    /// What is so about `team` outside of its state, but for the board.
    pub(crate) fn facts(&self, team: &Team) -> Facts {
        let now = self.node().now();
        let items = checklist::checklist(team, &self.settings().rules.not_asked, now);
        Facts {
            team: team.id.to_string(),
            record: team.record_digest(),
            missing: checklist::missing(&items),
            voters: self.voters(),
            ..Facts::default()
        }
    }

    /// The teams that are entitled to a vote now; their ids.
    pub(crate) fn voters(&self) -> BTreeSet<String> {
        let directory = self.teams().directory();
        let entitled =
            directory.teams().iter().filter(|team| self.teams().entitles(team, Service::Vote).is_ok());
        entitled.map(|team| team.id.to_string()).collect()
    }

    /// Now, but never before the last entry about the team: a clock that was put back does not turn the record round.
    pub(crate) fn moment(&self, state: &State) -> Time {
        self.node().now().max(state.updated)
    }
}

/// What one team says does not depend on what others say meanwhile: only on where the case is, which the decision asks.
fn speaks_for_itself(command: &Command) -> bool {
    use Join as J;
    matches!(
        command,
        Command::Join(
            J::Sponsor | J::DeclineToSponsor { .. } | J::Support { .. } | J::Object { .. } | J::Second { .. }
        )
    )
}

/// Who acts, as the record names them.
pub(crate) fn by<P: Permission>(granted: &Granted<P>, capacity: Capacity) -> By {
    acting(granted.actor(), capacity)
}

pub(crate) fn acting(actor: &Actor, capacity: Capacity) -> By {
    By {
        capacity,
        team: (actor.team != NO_TEAM).then(|| actor.team.to_string()),
        account: actor.account.map(|account| account.to_string()),
    }
}

pub(crate) fn seats(c: &Read<'_>) -> Result<BTreeSet<String>> {
    Ok(store::seats(c)?.iter().map(Id::to_string).collect())
}
