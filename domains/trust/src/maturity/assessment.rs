//! What a team says: a level and a note for each parameter.

use std::collections::BTreeMap;

use kit::{Error, Id, Result, Time};
use serde::{Deserialize, Serialize};

use super::catalogue::{HIGHEST, Model, Profile};

/// Longest note, in bytes.
const NOTE: usize = 2_000;

/// What a team says of one parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = AssessmentAnswer)]
pub struct Answer {
    /// The level, 0 to 4; none before it is judged.
    pub level: Option<u8>,
    /// Why, for the team itself.
    pub note: String,
}

/// Levels and notes by the parameters' ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Levels(pub BTreeMap<String, Answer>);

/// An assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Its id.
    pub id: Id,
    /// Whose.
    pub team: Id,
    /// The model's name.
    pub model: String,
    /// The profile that the team aims at; may be empty.
    pub profile: String,
    /// What it says.
    pub levels: Levels,
    /// When it was begun, and by whom.
    pub begun: (Time, String),
    /// When it was finished, and by whom; `None`: a draft.
    pub finished: Option<(Time, String)>,
    /// Counts its savings.
    pub version: i64,
}

impl Levels {
    /// The level of a parameter.
    pub fn level(&self, id: &str) -> Option<u8> {
        self.0.get(id).and_then(|answer| answer.level)
    }

    /// The note of a parameter.
    pub fn note(&self, id: &str) -> &str {
        self.0.get(id).map_or("", |answer| &answer.note)
    }

    /// The answers to `model`'s parameters, each in its bounds; others are left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the parameter.
    pub fn checked(mut self, model: &Model) -> Result<Self> {
        self.0.retain(|id, _| model.parameters().any(|parameter| parameter.id == *id));
        for (id, answer) in &mut self.0 {
            if answer.level.is_some_and(|level| level > HIGHEST) {
                return Err(Error::invalid(id.as_str(), format!("levels are 0 to {HIGHEST}")));
            }
            answer.note = answer.note.trim().to_owned();
            if answer.note.len() > NOTE {
                return Err(Error::invalid(
                    id.as_str(),
                    format!("a note has at most {NOTE} bytes: shorten it"),
                ));
            }
        }
        Ok(self)
    }

    /// The ids of `model` that have no level yet.
    pub fn missing<'m>(&self, model: &'m Model) -> Vec<&'m str> {
        let ids = model.parameters().map(|parameter| parameter.id.as_str());
        ids.filter(|id| self.level(id).is_none()).collect()
    }

    /// The mean level of some parameters, of those that have one.
    pub fn mean<'m>(&self, ids: impl Iterator<Item = &'m str>) -> Option<f64> {
        let levels: Vec<f64> = ids.filter_map(|id| self.level(id)).map(f64::from).collect();
        (!levels.is_empty()).then(|| levels.iter().sum::<f64>() / levels.len() as f64)
    }

    /// What is below `profile`: parameter, level, least level.
    pub fn below<'p>(&self, profile: &'p Profile) -> Vec<(&'p str, u8, u8)> {
        let all =
            profile.minimum.iter().map(|(id, least)| (id.as_str(), self.level(id).unwrap_or(0), *least));
        all.filter(|(_, level, least)| level < least).collect()
    }
}
