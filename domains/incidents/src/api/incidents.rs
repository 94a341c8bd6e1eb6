//! Incidents: the list, a new one, one with all that belongs to it, changes.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use identity::{Granted, ReadCases, WorkIncidents};
use serde::{Deserialize, Serialize};
use taxonomy::Tlp;
use utoipa::{IntoParams, ToSchema};

use super::etag::{IfMatch, Tagged};
use super::extract::{Body, InPath, Query};
use super::failure::{Failure, Listing, Making, Reading, Versioned};
use super::page::{self, Page};
use super::reports::{PageQuery, SHOWN, observables_of};
use super::shapes::{Incident, Investigation, Message, Observable, Report};
use crate::model::{CaseKind, IncidentStatus, Number, Severity};
use crate::{Change, Desk, NewIncident};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// `open` (unless told), `resolved` or `abandoned`.
    #[param(value_type = Option<String>)]
    status: Option<IncidentStatus>,
    /// What `next` of the page before said.
    after: Option<String>,
    /// Rows of a page, 1 to 200; 50 unless told.
    limit: Option<usize>,
}

/// What an incident begins with.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewIncident)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    /// What it is called, in a few words.
    #[schema(example = "Phishing against library accounts")]
    title: String,
    /// What it is about.
    #[serde(default)]
    description: String,
    /// Its class; `other:undetermined` unless told.
    #[serde(default)]
    #[schema(example = "fraud:phishing")]
    classification: String,
    /// How it may be passed on; the desk's usual label unless told.
    #[schema(value_type = Option<String>, example = "TLP:AMBER")]
    tlp: Option<Tlp>,
}

/// What is to change; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = IncidentChange)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    /// What it is called.
    title: Option<String>,
    /// What it is about.
    description: Option<String>,
    /// Its class.
    #[schema(example = "fraud:phishing")]
    classification: Option<String>,
    /// `low`, `medium`, `high` or `critical`.
    #[schema(value_type = Option<String>, example = "high")]
    severity: Option<Severity>,
    /// How it may be passed on.
    #[schema(value_type = Option<String>, example = "TLP:GREEN")]
    tlp: Option<Tlp>,
    /// Who allows it, when the new label is less strict than what was sent to us.
    #[serde(default)]
    leave: String,
    /// Whoever does this takes it, or gives it back.
    take: Option<bool>,
    /// `open`, `resolved` or `abandoned`; nobody is told, see `/incidents/{number}/close`.
    #[schema(value_type = Option<String>)]
    status: Option<IncidentStatus>,
}

/// One incident with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentWhole)]
pub(super) struct Whole {
    #[serde(flatten)]
    incident: Incident,
    /// Its reports, newest first, at most 500.
    reports: Vec<Report>,
    /// Who was asked, by number.
    investigations: Vec<Investigation>,
    /// What its reports name, the first 200, each with who is responsible.
    observables: Vec<Observable>,
    /// There are more: see `/incidents/{number}/observables`.
    more_observables: bool,
    /// Its own mails and notes, oldest first; those of its reports and investigations stand there.
    messages: Vec<Message>,
}

/// Lists incidents
///
/// Of one status, newest first.
#[utoipa::path(get, path = "/incidents", operation_id = "list_incidents", tag = "Incidents", security(("token" = ["cases:read"])), params(ListQuery),
    responses((status = 200, description = "A page of incidents.", body = Page<Incident>), Listing))]
pub(super) async fn list(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Incident>>, Failure> {
    let status = query.status.unwrap_or(IncidentStatus::Open);
    let after = page::place(status.name(), query.after.as_deref())?;
    let (rows, next) = desk.incident_rows(&by, status, after, page::rows(query.limit)?).await?;
    let next = next.map(|cursor| page::told(status.name(), cursor));
    Ok(Json(Page { items: rows.iter().map(Incident::from).collect(), next }))
}

/// Opens an incident
///
/// Without a report; to open one from reports, see `/reports/triage`.
#[utoipa::path(post, path = "/incidents", operation_id = "open_incident", tag = "Incidents", security(("token" = ["incidents:work"])), request_body = Opening,
    responses((status = 201, description = "It was opened.", body = Incident,
        headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version."))), Making))]
pub(super) async fn create(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    Body { value, .. }: Body<Opening>,
) -> Result<Response, Failure> {
    let new = NewIncident {
        title: value.title,
        description: value.description,
        classification: value.classification,
        tlp: value.tlp.unwrap_or(desk.settings().default_tlp),
    };
    let incident = desk.open_incident(&by, new).await?;
    let location = format!("/api/v1/incidents/{}", incident.name());
    let tagged = Tagged { version: incident.version, body: Incident::from(&incident) };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged).into_response())
}

/// Reads an incident
///
/// With its reports, whom it was asked, and what it names with who is responsible.
#[utoipa::path(get, path = "/incidents/{number}", operation_id = "read_incident", tag = "Incidents", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3")),
    responses((status = 200, description = "The incident.", body = Whole,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))), Reading))]
pub(super) async fn read(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
) -> Result<Tagged<Whole>, Failure> {
    let mut found = desk.whole_incident(&by, path.number(CaseKind::Incident)?, SHOWN).await?;
    let more_observables = found.observables.len() > SHOWN;
    found.observables.truncate(SHOWN);
    let observables =
        found.observables.into_iter().map(|one| Observable::new(desk.registry(), by.team(), one));
    let body = Whole {
        incident: Incident::from(&found.incident),
        reports: found.reports.iter().map(Report::from).collect(),
        investigations: found.investigations.iter().map(Investigation::from).collect(),
        observables: observables.collect(),
        more_observables,
        messages: found.messages.iter().map(Message::from).collect(),
    };
    Ok(Tagged { version: found.incident.version, body })
}

/// Changes an incident
///
/// Members that are left out stay as they are. `If-Match` names the version that the change was made from.
#[utoipa::path(patch, path = "/incidents/{number}", operation_id = "change_incident", tag = "Incidents", security(("token" = ["incidents:work"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or `*`.", example = "\"3\"")),
    request_body = Changes,
    responses((status = 200, description = "As it is now.", body = Incident,
        headers(("ETag" = String, description = "Its new version."))), Versioned))]
pub(super) async fn change(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    path: InPath,
    version: IfMatch,
    Body { value, .. }: Body<Changes>,
) -> Result<Tagged<Incident>, Failure> {
    let number = path.number(CaseKind::Incident)?;
    let change = Change {
        title: value.title,
        description: value.description,
        classification: value.classification,
        severity: value.severity,
        tlp: value.tlp.map(|tlp| (tlp, value.leave)),
        take: value.take,
        status: value.status,
    };
    let changed = desk.change_incident(&by, number, version.0, change).await;
    let incident = changed.map_err(|error| version.refusal(error))?;
    Ok(Tagged { version: incident.version, body: Incident::from(&incident) })
}

/// Lists what an incident names
///
/// All of it, page by page, each with who is responsible.
#[utoipa::path(get, path = "/incidents/{number}/observables", operation_id = "list_incident_observables", tag = "Incidents", security(("token" = ["cases:read"])),
    params(("number" = String, Path, description = "`INC-…`", example = "INC-3"), PageQuery),
    responses((status = 200, description = "A page of observables.", body = Page<Observable>), Reading))]
pub(super) async fn observables(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    path: InPath,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Observable>>, Failure> {
    let name = Number { kind: CaseKind::Incident, number: path.number(CaseKind::Incident)? };
    observables_of(&desk, &by, name, query).await
}
