//! Deciding on reports, and taking a decision back.

use axum::Json;
use axum::extract::State;
use identity::{Granted, TriageReports};
use kit::{Error, Result as Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, InPath};
use super::failure::{Changing, Failure, Pressing};
use super::shapes::Done;
use crate::Desk;
use crate::model::{CaseKind, Number};
use crate::triage::{AT_ONCE, Action};

kit::named! {
    /// What is done to reports.
    enum Verb {
        /// They are one new incident.
        Open = "open",
        /// They belong to an incident.
        Link = "link",
        /// They belong to it no longer.
        Unlink = "unlink",
        /// They are put aside.
        Reject = "reject",
        /// They were answered, without an incident.
        Resolve = "resolve",
        /// They wait for a decision again.
        Reopen = "reopen",
        /// Whoever does this takes them.
        Take = "take",
        /// Nobody has them.
        Release = "release",
    }
}

/// What is to be done to which reports: to all of them, or to none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Triage {
    /// Their numbers, at most 500.
    #[schema(example = json!(["IR-12", "IR-13"]))]
    reports: Vec<String>,
    /// `open`, `link`, `unlink`, `reject`, `resolve`, `reopen`, `take` or `release`.
    #[schema(value_type = String, example = "open")]
    action: Verb,
    /// The incident to link to, or to take them from.
    #[schema(example = "INC-3")]
    incident: Option<String>,
    /// What the new incident is called; the first report's subject unless told.
    #[serde(default)]
    title: String,
    /// Its class; `other:undetermined` unless told.
    #[serde(default)]
    #[schema(example = "fraud:phishing")]
    classification: String,
}

impl Triage {
    fn numbers(&self) -> Outcome<Vec<i64>> {
        if self.reports.is_empty() || self.reports.len() > AT_ONCE {
            return Err(Error::invalid("reports", format!("name 1 to {AT_ONCE} reports at once")));
        }
        let mut numbers = Vec::new();
        for name in &self.reports {
            let number = name.parse::<Number>().ok().filter(|number| number.kind == CaseKind::Report);
            let wrong = || Error::invalid("reports", format!("{name:?} is no report: write IR-12"));
            let number = number.ok_or_else(wrong)?.number;
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        Ok(numbers)
    }

    fn action(self) -> Outcome<Action> {
        let incident = || -> Outcome<Number> {
            let missing = || Error::invalid("incident", "say which incident: write INC-3");
            let name = self.incident.as_deref().ok_or_else(missing)?;
            name.parse().map_err(|_| missing())
        };
        Ok(match self.action {
            Verb::Open => Action::Open { title: self.title, classification: self.classification },
            Verb::Link => Action::Link(incident()?),
            Verb::Unlink => Action::Unlink(incident()?),
            Verb::Reject => Action::Reject,
            Verb::Resolve => Action::Resolve,
            Verb::Reopen => Action::Reopen,
            Verb::Take => Action::Take,
            Verb::Release => Action::Release,
        })
    }
}

/// What was taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenBack {
    /// The action, in words.
    words: String,
}

/// Decides on reports
///
/// Does one action to all reports named, or to none of them. It can be taken back until `until`.
#[utoipa::path(post, path = "/reports/triage", operation_id = "triage_reports", tag = "Reports", security(("token" = ["reports:triage"])), request_body = Triage,
    responses((status = 200, description = "What was done, and how to take it back.", body = Done), Changing))]
pub(super) async fn triage(
    State(desk): State<Desk>,
    by: Granted<TriageReports>,
    Body { value, .. }: Body<Triage>,
) -> Result<Json<Done>, Failure> {
    let numbers = value.numbers()?;
    let action = value.action()?;
    Ok(Json(desk.triage(&by, numbers, action).await?.into()))
}

/// Takes an action back
///
/// Whole or not at all: not when its time is over, or when somebody has built upon it. Mails that it had queued do not
/// leave.
#[utoipa::path(post, path = "/undo/{id}", operation_id = "undo_action", tag = "Reports", security(("token" = ["reports:triage"])),
    params(("id" = String, Path, description = "What `undo` of the action said.")),
    responses((status = 200, description = "It was taken back.", body = TakenBack), Pressing))]
pub(super) async fn undo(
    State(desk): State<Desk>,
    by: Granted<TriageReports>,
    path: InPath,
) -> Result<Json<TakenBack>, Failure> {
    Ok(Json(TakenBack { words: desk.undo(&by, path.id()?).await? }))
}
