//! The process for programs: the same commands, the same refusals.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use identity::{ApiError, Granted, Introduce, JudgeCases, LookUp, ManageTeam, Problem};
use kit::{Error, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::process::{Join, Judge, Operate, Represent};
use crate::record::{Registered, moment};
use crate::views::{BoardRow, CaseView, OpenQuestion, Running, Year};
use crate::{Admitted, Done, Newcomer, Trust};

pub(crate) fn routes(trust: Trust) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(case))
        .routes(routes!(admit))
        .routes(routes!(operate))
        .routes(routes!(judge))
        .routes(routes!(join))
        .routes(routes!(represent))
        .routes(routes!(document))
        .routes(routes!(sign))
        .routes(routes!(desk))
        .routes(routes!(board))
        .routes(routes!(questions))
        .routes(routes!(year))
        .routes(routes!(register))
        .with_state(trust)
}

/// From which state a command was made.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// `number` of the case as it was seen; the command is refused when somebody was faster. Without it, it is not asked.
    seen: Option<i64>,
}

fn team(trust: &Trust, handle: &str) -> Result<Id, ApiError> {
    let found = trust.teams().directory().by_handle(handle);
    Ok(found.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?.id)
}

/// A team's case, as far as you may see it.
#[utoipa::path(get, path = "/trust/teams/{handle}", operation_id = "trust_case", tag = "trust",
    params(("handle" = String, Path, description = "its handle")),
    responses((status = 200, body = CaseView), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn case(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(handle): Path<String>,
) -> Result<Json<CaseView>, ApiError> {
    Ok(Json(trust.case(&granted, team(&trust, &handle)?).await?))
}

/// Makes a team that is not listed, with an account for its first person.
#[utoipa::path(post, path = "/trust/newcomers", operation_id = "trust_admit", tag = "trust", request_body = Newcomer,
    responses((status = 200, body = Admitted), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn admit(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    Json(newcomer): Json<Newcomer>,
) -> Result<Json<Admitted>, ApiError> {
    Ok(Json(trust.admit(&granted, newcomer).await?))
}

/// A step of the operator about a team.
#[utoipa::path(post, path = "/trust/teams/{handle}/operator", operation_id = "trust_operate", tag = "trust",
    params(("handle" = String, Path, description = "its handle"), Seen), request_body = Operate,
    responses((status = 200, body = Done), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn operate(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    Path(handle): Path<String>,
    Query(Seen { seen }): Query<Seen>,
    Json(command): Json<Operate>,
) -> Result<Json<Done>, ApiError> {
    Ok(Json(trust.operate(&granted, team(&trust, &handle)?, command, seen).await?))
}

/// A step of the review board about a team.
#[utoipa::path(post, path = "/trust/teams/{handle}/board", operation_id = "trust_judge", tag = "trust",
    params(("handle" = String, Path, description = "its handle"), Seen), request_body = Judge,
    responses((status = 200, body = Done), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn judge(
    State(trust): State<Trust>,
    granted: Granted<JudgeCases>,
    Path(handle): Path<String>,
    Query(Seen { seen }): Query<Seen>,
    Json(command): Json<Judge>,
) -> Result<Json<Done>, ApiError> {
    Ok(Json(trust.judge(&granted, team(&trust, &handle)?, command, seen).await?))
}

/// A step of your team about another one: sponsor, support, object, propose, second.
#[utoipa::path(post, path = "/trust/teams/{handle}/member", operation_id = "trust_join", tag = "trust",
    params(("handle" = String, Path, description = "its handle"), Seen), request_body = Join,
    responses((status = 200, body = Done), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn join(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
    Query(Seen { seen }): Query<Seen>,
    Json(command): Json<Join>,
) -> Result<Json<Done>, ApiError> {
    Ok(Json(trust.join(&granted, team(&trust, &handle)?, command, seen).await?))
}

/// A step of your team about itself.
#[utoipa::path(post, path = "/trust/own", operation_id = "trust_represent", tag = "trust", params(Seen),
    request_body = Represent,
    responses((status = 200, body = Done), (status = 403, body = Problem), (status = 409, body = Problem)))]
async fn represent(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    Query(Seen { seen }): Query<Seen>,
    Json(command): Json<Represent>,
) -> Result<Json<Done>, ApiError> {
    Ok(Json(trust.represent(&granted, command, seen).await?))
}

/// The exact bytes that your team is to sign.
#[utoipa::path(get, path = "/trust/own/document", operation_id = "trust_document", tag = "trust",
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, body = Problem)))]
async fn document(State(trust): State<Trust>, granted: Granted<LookUp>) -> Result<Response, ApiError> {
    let bytes = trust.document_to_sign(&granted).await?;
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, bytes).into_response())
}

/// Hands in the signature over it: detached, or the document with the signature in it.
#[utoipa::path(post, path = "/trust/own/signature", operation_id = "trust_sign", tag = "trust", params(Seen),
    request_body(content = String, description = "OpenPGP, or CMS (application/pkcs7-signature)", content_type = "application/pgp-signature"),
    responses((status = 200, body = Done), (status = 400, body = Problem), (status = 409, body = Problem)))]
async fn sign(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    Query(Seen { seen }): Query<Seen>,
    body: Bytes,
) -> Result<Json<Done>, ApiError> {
    Ok(Json(trust.sign(&granted, body.to_vec(), seen).await?))
}

/// The operator's desk: all running cases.
#[utoipa::path(get, path = "/trust/desk", operation_id = "trust_desk", tag = "trust",
    responses((status = 200, body = Vec<Running>), (status = 403, body = Problem)))]
async fn desk(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
) -> Result<Json<Vec<Running>>, ApiError> {
    Ok(Json(trust.desk(&granted).await?))
}

/// The open cases of the review board.
#[utoipa::path(get, path = "/trust/board", operation_id = "trust_board", tag = "trust",
    responses((status = 200, body = Vec<BoardRow>), (status = 403, body = Problem)))]
async fn board(
    State(trust): State<Trust>,
    granted: Granted<JudgeCases>,
) -> Result<Json<Vec<BoardRow>>, ApiError> {
    Ok(Json(trust.board(&granted).await?))
}

/// What the community is asked.
#[utoipa::path(get, path = "/trust/questions", operation_id = "trust_questions", tag = "trust",
    responses((status = 200, body = Vec<OpenQuestion>), (status = 401, body = Problem)))]
async fn questions(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
) -> Result<Json<Vec<OpenQuestion>>, ApiError> {
    Ok(Json(trust.open_questions(&granted).await?))
}

/// The figures of a year.
#[utoipa::path(get, path = "/trust/year/{year}", operation_id = "trust_year", tag = "trust",
    params(("year" = i16, Path, description = "such as 2026")),
    responses((status = 200, body = Year), (status = 401, body = Problem)))]
async fn year(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(year): Path<i16>,
) -> Result<Json<Year>, ApiError> {
    Ok(Json(trust.year(&granted, year).await?))
}

/// The register on a day.
#[utoipa::path(get, path = "/trust/at/{date}", operation_id = "trust_at", tag = "trust",
    params(("date" = String, Path, description = "2026-03-01, or a moment")),
    responses((status = 200, body = Vec<Registered>), (status = 400, body = Problem)))]
async fn register(
    State(trust): State<Trust>,
    _granted: Granted<LookUp>,
    Path(date): Path<String>,
) -> Result<Json<Vec<Registered>>, ApiError> {
    Ok(Json(trust.register_at(moment(&date)?).await?))
}
