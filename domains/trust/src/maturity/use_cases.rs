//! Assess one's own team; look at it, its history, and the peers.

use contracts::upkeep::Assessed;
use identity::{Granted, LookUp, ManageTeam};
use kit::{Digest, Error, Id, Result, events};

use super::assessment::{Assessment, Levels};
use super::peers::{self, Quartiles};
use super::store;
use crate::Trust;

/// Most assessments of a history.
const HISTORY: i64 = 50;

/// An assessment as it was typed.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::ToSchema)]
pub struct Typed {
    /// The profile that the team aims at; may be empty.
    #[serde(default)]
    pub profile: String,
    /// Levels and notes.
    pub levels: Levels,
    /// The version of the draft that was changed; 0: there was none.
    #[serde(default)]
    pub version: i64,
}

/// The peers with whom a team is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peers {
    /// How many other teams there are.
    pub teams: usize,
    /// Their quartiles by parameter, in the model's order; `None` when they, or the teams that are not among them, are
    /// too few to stay without names.
    pub quartiles: Option<Vec<Quartiles>>,
}

impl Trust {
    /// The draft of the asker's team, if one was begun.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn assessment_draft(&self, granted: &Granted<ManageTeam>) -> Result<Option<Assessment>> {
        let team = granted.team();
        self.node().db.read(move |c| store::draft(c, team)).await
    }

    /// Saves the draft of the asker's team, and with `finish` makes it an assessment. Returns its id.
    ///
    /// # Errors
    /// [`Error::Invalid`] names a parameter, or those that are missing; [`Error::Conflict`] when somebody else has saved
    /// meanwhile.
    pub async fn save_assessment(
        &self,
        granted: &Granted<ManageTeam>,
        typed: Typed,
        finish: bool,
    ) -> Result<Id> {
        let catalogue = &self.settings().catalogue;
        let levels = typed.levels.checked(&catalogue.model)?;
        let known = |name: &str| catalogue.profiles.iter().any(|profile| profile.name == name);
        if !typed.profile.is_empty() && !known(&typed.profile) {
            return Err(Error::invalid("profile", format!("there is no profile {:?} here", typed.profile)));
        }
        let missing = levels.missing(&catalogue.model);
        if finish && !missing.is_empty() {
            let named = missing.iter().take(10).copied().collect::<Vec<_>>().join(", ");
            let more = missing.len().saturating_sub(10);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            return Err(Error::invalid("levels", format!("choose a level for {named}{more}")));
        }
        let (node, stamp) = (self.node().clone(), granted.stamp(self.node().now()));
        let (team, model, version) = (granted.team(), catalogue.model.name.clone(), typed.version);
        let profile = typed.profile;
        self.node()
            .db
            .write(move |tx| {
                let draft = store::draft(tx, team)?;
                if draft.as_ref().map_or(0, |draft| draft.version) != version {
                    return Err(Error::Conflict(
                        "somebody else of your team has saved this draft meanwhile".into(),
                    ));
                }
                let begun = (stamp.at, stamp.actor.clone());
                let assessment = Assessment {
                    id: draft.as_ref().map_or_else(|| node.id(), |draft| draft.id),
                    team,
                    model: model.clone(),
                    profile: profile.clone(),
                    levels: levels.clone(),
                    begun: draft.as_ref().map_or(begun, |draft| draft.begun.clone()),
                    finished: finish.then(|| (stamp.at, stamp.actor.clone())),
                    version,
                };
                match draft {
                    None => store::insert(tx, &assessment)?,
                    Some(_) if store::save(tx, &assessment)? => {}
                    Some(_) => return Err(Error::Conflict("the draft was finished meanwhile".into())),
                }
                if finish {
                    let text = serde_json::to_vec(&assessment.levels)
                        .map_err(|error| Error::Corrupt(format!("assessment: {error}")))?;
                    let event = Assessed {
                        team: team.to_string(),
                        assessment: assessment.id.to_string(),
                        model: model.clone(),
                        digest: Digest::of(&text).to_string(),
                    };
                    events::record(&node, tx, &stamp, &event)?;
                }
                Ok(assessment.id)
            })
            .await
    }

    /// Drops the draft of the asker's team.
    ///
    /// # Errors
    /// The database refuses it.
    pub async fn drop_assessment_draft(&self, granted: &Granted<ManageTeam>) -> Result<()> {
        let team = granted.team();
        self.node().db.write(move |tx| store::drop_draft(tx, team)).await
    }

    /// The finished assessments of the asker's team, the newest first.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn assessments(&self, granted: &Granted<LookUp>) -> Result<Vec<Assessment>> {
        let team = granted.team();
        self.node().db.read(move |c| store::of_team(c, team, HISTORY)).await
    }

    /// One finished assessment of the asker's team.
    ///
    /// # Errors
    /// [`Error::NotFound`], also when it is another team's or a draft.
    pub async fn assessment(&self, granted: &Granted<LookUp>, id: Id) -> Result<Assessment> {
        let team = granted.team();
        let found = self.node().db.read(move |c| store::by_id(c, id, team)).await?;
        found
            .filter(|assessment| assessment.finished.is_some())
            .ok_or_else(|| Error::not_found("the assessment"))
    }

    /// Puts the statement about the newest assessment of `team` among the documents: which it is, and the SHA-256 of the
    /// file in which the team hands its levels over, if it wants to. The levels do not stand in it.
    ///
    /// # Errors
    /// The database is gone, or the disk is full.
    pub(crate) async fn put_assessment(&self, team: Id) -> Result<Option<crate::process::Assessed>> {
        let newest = self.node().db.read(move |c| store::of_team(c, team, 1)).await?.into_iter().next();
        let Some((assessment, (at, _))) = newest.and_then(|one| Some((one.clone(), one.finished?))) else {
            return Ok(None);
        };
        let (day, profile) = (ui::format::date(at), &assessment.profile);
        let text = format!(
            "Self-assessment\n\nteam: {team}\nassessment: {}\nmodel: {}\nprofile: {}\nfinished: {day}\n\
             SHA-256 of its file maturity.json: {}\n",
            assessment.id,
            assessment.model,
            if profile.is_empty() { "none" } else { profile },
            Digest::of(&super::api::file_of(&assessment)?)
        );
        let document = self.node().blobs.put(text.as_bytes())?.to_string();
        Ok(Some(crate::process::Assessed { document, day }))
    }

    /// The other teams that assessed themselves; only those with the constituency type `kind`, unless it is empty. A group
    /// by type is open to teams of that type.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn peers(&self, granted: &Granted<LookUp>, kind: &str) -> Result<Peers> {
        let (own, model) = (granted.team(), self.settings().catalogue.model.clone());
        let name = model.name.clone();
        let all = self.node().db.read(move |c| store::latest(c, &name)).await?;
        let directory = self.teams().directory();
        let is_of_kind = |id: Id| {
            kind.is_empty()
                || directory.by_id(id).is_some_and(|team| team.types.iter().any(|one| one == kind))
        };
        let may_ask = is_of_kind(own);
        let others: Vec<&Levels> = all
            .iter()
            .filter(|assessment| assessment.team != own && may_ask && is_of_kind(assessment.team))
            .map(|assessment| &assessment.levels)
            .collect();
        // What is left when this group is taken from all teams must not be one team, either.
        let rest = all.iter().filter(|assessment| assessment.team != own).count() - others.len();
        let hides = rest == 0 || rest >= peers::ENOUGH;
        let quartiles = peers::quartiles(&others, &model).filter(|_| hides);
        Ok(Peers { teams: others.len(), quartiles })
    }
}
