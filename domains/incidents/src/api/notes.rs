//! Notes for the desk alone.

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Granted, WorkIncidents};
use serde::Deserialize;
use utoipa::ToSchema;

use super::extract::{Body, InPath};
use super::failure::{Changing, Failure};
use crate::Desk;
use crate::model::{CaseKind, Number};

/// A note; it never leaves the desk.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// What it says, at most 64 kB.
    text: String,
}

/// Writes a note into a report
#[utoipa::path(post, path = "/reports/{number}/notes", operation_id = "note_on_report", tag = "Reports", security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`IR-…`", example = "IR-12")), request_body = Note,
    responses((status = 204, description = "It is written."), Changing))]
pub(super) async fn on_report(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
    note: Body<Note>,
) -> Result<StatusCode, Failure> {
    write(&desk, &by, &path, CaseKind::Report, note).await
}

/// Writes a note into an incident
#[utoipa::path(post, path = "/incidents/{number}/notes", operation_id = "note_on_incident", tag = "Incidents", security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3")), request_body = Note,
    responses((status = 204, description = "It is written."), Changing))]
pub(super) async fn on_incident(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
    note: Body<Note>,
) -> Result<StatusCode, Failure> {
    write(&desk, &by, &path, CaseKind::Incident, note).await
}

/// Writes a note into an investigation
#[utoipa::path(post, path = "/investigations/{number}/notes", operation_id = "note_on_investigation", tag = "Investigations",
    security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`INV-…`", example = "INV-7")), request_body = Note,
    responses((status = 204, description = "It is written."), Changing))]
pub(super) async fn on_investigation(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
    note: Body<Note>,
) -> Result<StatusCode, Failure> {
    write(&desk, &by, &path, CaseKind::Investigation, note).await
}

async fn write(
    desk: &Desk,
    by: &Granted<WorkIncidents>,
    path: &InPath,
    kind: CaseKind,
    note: Body<Note>,
) -> Result<StatusCode, Failure> {
    let name = Number { kind, number: path.number(kind)? };
    desk.add_note(by, name, note.value.text).await?;
    Ok(StatusCode::NO_CONTENT)
}
