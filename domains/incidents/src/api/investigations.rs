//! Investigations: reading one, writing to its contact, ending it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use identity::{Granted, ReadCases, SendMail, WorkIncidents};
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;
use utoipa::ToSchema;

use super::etag::Tagged;
use super::extract::{Body, InPath};
use super::failure::{Changing, Failure, Pressing, Reading};
use super::shapes::{Delivery, Done, Investigation, Message};
use crate::model::{CaseKind, Number};
use crate::{Desk, Reply};

/// One investigation with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvestigationWhole)]
pub(super) struct Whole {
    #[serde(flatten)]
    investigation: Investigation,
    /// The incident that it serves.
    #[schema(example = "INC-3")]
    incident: String,
    /// Its mails and notes, oldest first.
    messages: Vec<Message>,
    /// How far each of our mails has got, oldest first.
    deliveries: Vec<Delivery>,
}

/// An answer to whoever wrote.
#[derive(Deserialize, ToSchema)]
#[schema(as = Reply)]
#[serde(deny_unknown_fields)]
pub(super) struct Writing {
    /// What it says, at most 256 kB.
    text: String,
    /// How it may be passed on; the desk's usual label unless told.
    #[schema(value_type = Option<String>, example = "TLP:GREEN")]
    tlp: Option<Tlp>,
    /// Somebody has said that everyone on the way may read it; an AMBER mail in clear does not leave without.
    #[serde(default)]
    confirmed: bool,
}

/// Reads an investigation
///
/// With its thread, and how far each of our mails has got.
#[utoipa::path(get, path = "/investigations/{number}", operation_id = "read_investigation", tag = "Investigations", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")),
    responses((status = 200, description = "The investigation.", body = Whole, headers(("ETag" = String, description = "Its version."))), Reading))]
pub(super) async fn read(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
) -> Result<Tagged<Whole>, Failure> {
    let found = desk.investigation_view(&by, path.number(CaseKind::Investigation)?).await?;
    let body = Whole {
        investigation: Investigation::from(&found.investigation),
        incident: found.incident.name().to_string(),
        messages: found.messages.iter().map(Message::from).collect(),
        deliveries: found.mails.iter().map(Delivery::from).collect(),
    };
    Ok(Tagged { version: found.investigation.version, body })
}

/// Writes to the contact of an investigation
///
/// Signed, encrypted when there is a valid key. It leaves at `until`.
#[utoipa::path(post, path = "/investigations/{number}/reply", operation_id = "reply_in_investigation", tag = "Investigations", security(("token" = ["mail:send"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")), request_body = Writing,
    responses((status = 202, description = "It is queued.", body = Done), Changing))]
pub(super) async fn reply(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    path: InPath,
    writing: Body<Writing>,
) -> Result<(StatusCode, Json<Done>), Failure> {
    write(&desk, &by, &path, CaseKind::Investigation, writing.value).await
}

/// Writes to the sender of a report
///
/// Signed, encrypted when there is a valid key. It leaves at `until`; the first answer stops the report's clock.
#[utoipa::path(post, path = "/reports/{number}/reply", operation_id = "reply_to_report", tag = "Reports", security(("token" = ["mail:send"])),
    params(("number" = String, Path, description = "`IR-…`", example = "IR-12")), request_body = Writing,
    responses((status = 202, description = "It is queued.", body = Done), Changing))]
pub(super) async fn reply_to_report(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    path: InPath,
    writing: Body<Writing>,
) -> Result<(StatusCode, Json<Done>), Failure> {
    write(&desk, &by, &path, CaseKind::Report, writing.value).await
}

async fn write(
    desk: &Desk,
    by: &Granted<SendMail>,
    path: &InPath,
    kind: CaseKind,
    writing: Writing,
) -> Result<(StatusCode, Json<Done>), Failure> {
    let name = Number { kind, number: path.number(kind)? };
    let tlp = writing.tlp.unwrap_or(desk.settings().default_tlp);
    let reply = Reply { text: writing.text, tlp, confirmed: writing.confirmed };
    Ok((StatusCode::ACCEPTED, Json(desk.reply(by, name, reply).await?.into())))
}

/// Reminds the contact of an investigation
///
/// Now, besides the reminders that run by themselves. It leaves at `until`.
#[utoipa::path(post, path = "/investigations/{number}/remind", operation_id = "remind_contact", tag = "Investigations", security(("token" = ["mail:send"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")),
    responses((status = 202, description = "The reminder is queued.", body = Done), Pressing))]
pub(super) async fn remind(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    path: InPath,
) -> Result<(StatusCode, Json<Done>), Failure> {
    let number = path.number(CaseKind::Investigation)?;
    Ok((StatusCode::ACCEPTED, Json(desk.remind(&by, number).await?.into())))
}

/// Ends an investigation
///
/// No reminder follows. A person's answer opens it again.
#[utoipa::path(post, path = "/investigations/{number}/resolve", operation_id = "resolve_investigation", tag = "Investigations",
    security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")),
    responses((status = 204, description = "It is resolved."), Pressing))]
pub(super) async fn resolve(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
) -> Result<StatusCode, Failure> {
    desk.set_investigation(&by, path.number(CaseKind::Investigation)?, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens an investigation again
#[utoipa::path(post, path = "/investigations/{number}/reopen", operation_id = "reopen_investigation", tag = "Investigations",
    security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")),
    responses((status = 204, description = "It is open."), Pressing))]
pub(super) async fn reopen(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
) -> Result<StatusCode, Failure> {
    desk.set_investigation(&by, path.number(CaseKind::Investigation)?, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
