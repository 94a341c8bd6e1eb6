//! What a stranger tells, and where their application is.

use std::str::FromStr;

use kit::{Error, Id, Result, Time};
use serde::{Deserialize, Serialize};
use teams::{Country, Email, TeamRecord, Usage};

use crate::people;

/// Longest words, in characters.
const LONGEST: usize = 2_000;
/// Most sponsors that can be named.
const MOST_SPONSORS: usize = 10;

/// What was typed into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The team's name.
    pub team: String,
    /// The handle that it wishes for.
    pub handle: String,
    /// Its country, two letters (ISO 3166-1).
    pub country: String,
    /// The team's mail address.
    pub mail: String,
    /// The person's name.
    pub person: String,
    /// The person's mail address; it becomes their login.
    pub email: String,
    /// Who they are and why they apply, in their words.
    pub words: String,
    /// The handles of teams that would be sponsors, as typed.
    pub sponsors: Vec<String>,
}

impl Told {
    /// It in one form.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field of the form.
    pub fn checked(self) -> Result<Self> {
        let record = self.record()?;
        let short = |field: &str, text: &str, longest: usize, advice: &str| {
            let text = text.trim().to_owned();
            let fits = !text.is_empty() && text.chars().count() <= longest && !text.contains('\0');
            if fits { Ok(text) } else { Err(Error::invalid(field, advice)) }
        };
        let sponsors: Vec<String> =
            self.sponsors.iter().map(|one| one.trim().to_lowercase()).filter(|one| !one.is_empty()).collect();
        if sponsors.len() > MOST_SPONSORS || sponsors.iter().any(|one| one.chars().count() > 40) {
            return Err(Error::invalid("sponsors", "write up to ten short names, with commas between"));
        }
        Ok(Self {
            team: record.name,
            handle: record.handle,
            country: record.country.code,
            mail: record.emails.into_iter().map(|email| email.address).next().unwrap_or_default(),
            person: short("person", &self.person, 100, "write your name, up to 100 characters")?,
            email: people::address(&self.email)?,
            words: short("words", &self.words, LONGEST, "say in up to 2,000 characters who you are")?,
            sponsors,
        })
    }

    /// The record with which the team begins.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field of the form.
    pub(super) fn record(&self) -> Result<TeamRecord> {
        if self.team.trim().is_empty() {
            return Err(Error::invalid("team", "write the team's name"));
        }
        let mail = people::address(&self.mail).map_err(|error| renamed(error, "mail"))?;
        let record = TeamRecord {
            handle: self.handle.trim().to_lowercase(),
            name: self.team.clone(),
            official_name: self.team.clone(),
            country: Country { code: self.country.trim().to_uppercase(), ..Country::default() },
            emails: vec![Email { address: mail, usage: Usage::Report }],
            ..TeamRecord::default()
        };
        record.checked().map_err(|wrong| match Error::from(wrong) {
            Error::Invalid { field, message } => {
                let field = match field.split(['.', '[']).next().unwrap_or_default() {
                    "name" | "official_name" => "team".to_owned(),
                    "emails" => "mail".to_owned(),
                    other => other.to_owned(),
                };
                Error::Invalid { field, message }
            }
            other => other,
        })
    }
}

fn renamed(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid { message, .. } => Error::invalid(field, message),
        other => other,
    }
}

/// Where an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has said yet that the address is theirs.
    Typed,
    /// It waits for the operator.
    Open,
    /// Team and account are made; the person has not come in yet, or has.
    Taken,
    /// The operator has refused it.
    Refused,
}

impl State {
    /// Its name, as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Refused => "refused",
        }
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Typed, Self::Open, Self::Taken, Self::Refused];
        let found = all.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| Error::Corrupt(format!("{text:?} is no state of an application")))
    }
}

/// An application by a stranger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Its id.
    pub id: Id,
    /// Where it is.
    pub state: State,
    /// What was typed.
    pub told: Told,
    /// When it came, or was confirmed, or decided.
    pub at: Time,
    /// When it is deleted.
    pub until: Time,
    /// Who decided it; empty: nobody yet.
    pub decided_by: String,
    /// Why it was refused.
    pub reason: String,
    /// The team that was made.
    pub team: Option<Id>,
    /// The account that was made.
    pub account: Option<Id>,
}
