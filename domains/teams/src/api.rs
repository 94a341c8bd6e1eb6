//! The directory for programs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::{ApiError, Granted, ManageTeam, Problem};
use kit::{Error, Id, Result};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::own;
use crate::view::TeamView;
use crate::web::looker::{self, Looker};
use crate::{FieldError, Team, TeamQuery, TeamRecord, Teams};

/// Most teams in one answer.
const PAGE: usize = 200;

pub(crate) fn routes(teams: Teams) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(record, put_record))
        .routes(routes!(text_of_claims, prove_claims))
        .with_state(teams)
}

/// A part of the directory.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct TeamList {
    /// The teams by name.
    teams: Vec<TeamView>,
    /// How many fit in all.
    total: usize,
    /// What to send as `after` for those that follow; none at the end.
    next: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The `next` of the answer before.
    #[serde(default)]
    after: String,
}

/// The teams of the directory, 200 at a time.
#[utoipa::path(get, path = "/teams", operation_id = "teams_list", tag = "teams", params(TeamQuery, After), responses(
    (status = 200, body = TeamList), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(teams): State<Teams>,
    looker: Looker,
    Query(query): Query<TeamQuery>,
    Query(After { after }): Query<After>,
) -> Result<Json<TeamList>, ApiError> {
    let directory = teams.directory();
    let found = query.find(&directory, &looker.reader);
    let start = if after.is_empty() {
        0
    } else {
        let last = after.parse().ok().and_then(|id| directory.by_id(id));
        let last = last.ok_or_else(|| {
            Error::invalid("after", "this is no \"next\" of an answer: begin again without it")
        })?;
        found.partition_point(|team| place(team) <= place(&last))
    };
    let page = &found[start.min(found.len())..(start + PAGE).min(found.len())];
    let is_more = start + PAGE < found.len();
    let now = teams.node().now();
    Ok(Json(TeamList {
        teams: page.iter().map(|team| TeamView::of(&looker.reader.sees(team), now)).collect(),
        total: found.len(),
        next: page.last().filter(|_| is_more).map(|team| team.id.to_string()),
    }))
}

/// Where a team stands in the order of the directory.
fn place(team: &Team) -> (String, Id) {
    (team.name.to_lowercase(), team.id)
}

/// One team.
#[utoipa::path(get, path = "/teams/{handle}", operation_id = "teams_get", tag = "teams", params(("handle" = String, Path, description = "its handle")),
    responses((status = 200, body = TeamView), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn one(
    State(teams): State<Teams>,
    looker: Looker,
    Path(handle): Path<String>,
) -> Result<Json<TeamView>, ApiError> {
    let team = looker::find(&teams, &looker, &handle)?;
    Ok(Json(TeamView::of(&team, teams.node().now())))
}

/// What is wrong with a record (RFC 9457, with each field that is).
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = TeamRecordProblem)]
struct RecordProblem {
    /// `about:blank`.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, to what, and what to do now.
    detail: String,
    /// Every field that cannot be taken.
    errors: Vec<FieldError>,
}

/// The whole record of a team, as far as the reader may see it. Its `ETag` is the version that a change names.
#[utoipa::path(get, path = "/teams/{handle}/record", operation_id = "teams_record", tag = "teams",
    params(("handle" = String, Path, description = "its handle")),
    responses(
        (status = 200, body = TeamRecord, headers(("ETag" = String, description = "Its version, for If-Match."))),
        (status = 304, description = "It is what If-None-Match names"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn record(
    State(teams): State<Teams>,
    looker: Looker,
    Path(handle): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let team = looker::find(&teams, &looker, &handle)?;
    let tag = tag(&team);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(([(header::ETAG, tag)], Json(&team.record)).into_response())
}

/// A view's version: that of the whole record for those who may change it, else of what is seen.
fn tag(team: &crate::Seen) -> String {
    format!("\"{}\"", team.record_digest())
}

/// Put a record in place of the team's own. Fields that are left out become empty; the handle stays; what the team does
/// not see (the operator's notes) stays. `If-Match` names the version that the change was made from.
#[utoipa::path(put, path = "/teams/{handle}/record", operation_id = "teams_put_record", tag = "teams",
    params(("handle" = String, Path, description = "its handle"),
        ("If-Match" = String, Header, description = "The ETag that was read, or *.")),
    request_body = TeamRecord,
    responses(
        (status = 200, body = TeamRecord, headers(("ETag" = String, description = "Its new version."))),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, body = Problem, description = "It was changed since; nothing was changed now"),
        (status = 422, body = RecordProblem), (status = 428, body = Problem, description = "If-Match is missing")))]
async fn put_record(
    State(teams): State<Teams>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let team = looker::find(&teams, &looker, &handle)?;
    own(&granted, team.id)?;
    let expected = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).map(str::trim);
    let expected = match expected {
        None => {
            let detail = "Say which version you change: read the record, and send its ETag as \"If-Match\".";
            return Ok(problem(StatusCode::PRECONDITION_REQUIRED, detail, Vec::new()));
        }
        Some("*") => None,
        Some(tag) => Some(tag.trim_matches('"').to_owned()),
    };
    let record: TeamRecord = serde_json::from_slice(&body)
        .map_err(|error| Error::invalid("body", format!("it is no record of a team: {error}")))?;
    let record = match record.checked() {
        Ok(record) => record,
        Err(wrong) => {
            let detail = "The record was not saved: see each of the errors.";
            return Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, detail, wrong.0));
        }
    };
    match teams.save_over(&granted, team.id, record, expected).await {
        Ok(digest) => {
            let saved = looker::find(&teams, &looker, &handle)?;
            Ok(([(header::ETAG, format!("\"{digest}\""))], Json(&saved.record)).into_response())
        }
        Err(Error::Conflict(why)) => Ok(problem(StatusCode::PRECONDITION_FAILED, &why, Vec::new())),
        Err(error) => Err(error.into()),
    }
}

/// A signature by a certificate's key.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = TeamClaimsSignature)]
struct ClaimsSignature {
    /// Over the exact bytes of the text: CMS, detached, PEM.
    signature: String,
}

/// What a certificate proved.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = TeamClaimsProven)]
struct ClaimsProven {
    /// The claims, each with its kind: `network 192.0.2.0/24`, `domain skerry.example`, `asn AS64496`.
    proven: Vec<String>,
    /// The authority that issued the certificate, by the name that it has here.
    issuer: String,
    /// The certificate's number, hex.
    serial: String,
    /// When the certificate ends, and the proofs with it, RFC 3339.
    until: String,
}

/// The exact text that your team signs with a certificate's key to prove its claims.
#[utoipa::path(get, path = "/teams/{handle}/claims/certificate", operation_id = "teams_claims_text", tag = "teams",
    params(("handle" = String, Path, description = "its handle")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn text_of_claims(
    State(teams): State<Teams>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
) -> Result<Response, ApiError> {
    let team = looker::find(&teams, &looker, &handle)?;
    let text = teams.text_of_claims(&granted, team.id)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Prove claims of your team by a certificate: every claim that it speaks for.
#[utoipa::path(post, path = "/teams/{handle}/claims/certificate", operation_id = "teams_claims_prove", tag = "teams",
    params(("handle" = String, Path, description = "its handle")), request_body = ClaimsSignature,
    responses((status = 200, body = ClaimsProven), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn prove_claims(
    State(teams): State<Teams>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
    Json(ClaimsSignature { signature }): Json<ClaimsSignature>,
) -> Result<Json<ClaimsProven>, ApiError> {
    let team = looker::find(&teams, &looker, &handle)?;
    let shown = teams.prove_by_certificate(&granted, team.id, signature.into_bytes()).await?;
    Ok(Json(ClaimsProven {
        proven: shown.proven.iter().map(|claim| format!("{} {claim}", claim.kind())).collect(),
        issuer: shown.issuer,
        serial: shown.serial,
        until: ui::format::iso(shown.until),
    }))
}

fn problem(status: StatusCode, detail: &str, errors: Vec<FieldError>) -> Response {
    let problem = RecordProblem {
        kind: "about:blank".into(),
        title: status.canonical_reason().unwrap_or_default().into(),
        status: status.as_u16(),
        detail: detail.into(),
        errors,
    };
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, serde_json::to_string(&problem).unwrap_or_default()).into_response()
}
