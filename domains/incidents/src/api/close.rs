//! Closing an incident, with a word to each reporter.

use axum::Json;
use axum::extract::State;
use identity::{Granted, SendMail};
use kit::Error;
use serde::Deserialize;
use taxonomy::Tlp;
use utoipa::ToSchema;

use super::extract::{Body, InPath};
use super::failure::{Changing, Failure};
use super::shapes::Done;
use crate::model::{CaseKind, IncidentStatus, Number};
use crate::triage::AT_ONCE;
use crate::{Closing, Desk};

/// How an incident ends.
#[derive(Deserialize, ToSchema)]
#[schema(as = Closing)]
#[serde(deny_unknown_fields)]
pub(super) struct Ending {
    /// `resolved` or `abandoned`.
    #[schema(value_type = String, example = "resolved")]
    status: IncidentStatus,
    /// How it ended, for the record.
    #[serde(default)]
    resolution: String,
    /// What each chosen reporter is told; nobody is told anything when empty.
    #[serde(default)]
    text: String,
    /// The reports whose senders are told.
    #[serde(default)]
    #[schema(example = json!(["IR-12"]))]
    reporters: Vec<String>,
    /// The label of what they are told; the desk's usual one unless told.
    #[schema(value_type = Option<String>, example = "TLP:GREEN")]
    tlp: Option<Tlp>,
    /// Somebody has said that everyone on the way may read it; an AMBER mail in clear does not leave without.
    #[serde(default)]
    confirmed: bool,
}

/// Closes an incident
///
/// Its reports and investigations with it, and answers the chosen reporters. All of it can be taken back until `until`.
#[utoipa::path(post, path = "/incidents/{number}/close", operation_id = "close_incident", tag = "Incidents", security(("token" = ["mail:send"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3")), request_body = Ending,
    responses((status = 200, description = "It is closed.", body = Done), Changing))]
pub(super) async fn close(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    path: InPath,
    Body { value, .. }: Body<Ending>,
) -> Result<Json<Done>, Failure> {
    let number = path.number(CaseKind::Incident)?;
    if value.reporters.len() > AT_ONCE {
        return Err(Error::invalid("reporters", format!("at most {AT_ONCE} are told at once")).into());
    }
    let report = |name: &String| {
        let named = name.parse::<Number>().ok().filter(|number| number.kind == CaseKind::Report);
        let wrong = || Error::invalid("reporters", format!("{name:?} is no report: write IR-12"));
        named.map(|named| named.number).ok_or_else(wrong)
    };
    let closing = Closing {
        status: value.status,
        resolution: value.resolution,
        text: value.text,
        reporters: value.reporters.iter().map(report).collect::<Result<_, _>>()?,
        tlp: value.tlp.unwrap_or(desk.settings().default_tlp),
        confirmed: value.confirmed,
    };
    Ok(Json(desk.close(&by, number, closing).await?.into()))
}
