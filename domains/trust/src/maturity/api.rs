//! Maturity for programs: the levels as files, and by the API.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use identity::{ApiError, Granted, LookUp, ManageTeam, PageError, Problem};
use kit::{Error, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::assessment::{Assessment, Levels};
use super::catalogue::{Catalogue, Model, Profile};
use super::use_cases::Typed;
use crate::Trust;
use crate::upkeep::table;

pub(super) fn files() -> Router<Trust> {
    Router::new()
        .route("/trust/maturity/{id}/levels.csv", get(levels_csv))
        .route("/trust/maturity/{id}/levels.json", get(levels_json))
}

async fn levels_csv(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let assessment = trust.assessment(&granted, id).await?;
    let rows = trust.settings().catalogue.model.parameters().map(|parameter| {
        let level = assessment.levels.level(&parameter.id).map(|level| level.to_string());
        let note = assessment.levels.note(&parameter.id).to_owned();
        vec![parameter.id.clone(), parameter.title.clone(), level.unwrap_or_default(), note]
    });
    Ok(table("maturity.csv", &["id", "title", "level", "note"], rows)?)
}

async fn levels_json(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let assessment = trust.assessment(&granted, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"maturity.json\""),
    ];
    Ok((headers, file_of(&assessment)?).into_response())
}

/// The bytes of the file in which a team hands its levels over.
pub(super) fn file_of(assessment: &Assessment) -> kit::Result<Vec<u8>> {
    serde_json::to_vec(&view(assessment)).map_err(|error| Error::Corrupt(format!("assessment: {error}")))
}

/// An assessment for programs.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct AssessmentView {
    /// Its id.
    id: String,
    /// What it was measured by.
    model: String,
    /// The profile that the team aims at; may be empty.
    profile: String,
    /// When it was finished, µs since 1970 UTC.
    finished_at: Option<i64>,
    /// Who finished it.
    finished_by: String,
    /// Level and note by the parameter's id.
    levels: Levels,
}

fn view(assessment: &Assessment) -> AssessmentView {
    let (at, by) = assessment.finished.clone().unzip();
    AssessmentView {
        id: assessment.id.to_string(),
        model: assessment.model.clone(),
        profile: assessment.profile.clone(),
        finished_at: at,
        finished_by: by.unwrap_or_default(),
        levels: assessment.levels.clone(),
    }
}

pub(crate) fn api() -> OpenApiRouter<Trust> {
    OpenApiRouter::new().routes(routes!(api_list, api_finish)).routes(routes!(api_model))
}

/// By what maturity is measured here.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct CatalogueView {
    /// The model.
    model: Model,
    /// The profiles.
    profiles: Vec<Profile>,
}

/// The model and the profiles.
#[utoipa::path(get, path = "/trust/maturity/model", operation_id = "maturity_model", tag = "trust",
    responses((status = 200, body = CatalogueView), (status = 401, body = Problem)))]
async fn api_model(State(trust): State<Trust>, _granted: Granted<LookUp>) -> Json<CatalogueView> {
    let Catalogue { model, profiles } = trust.settings().catalogue.clone();
    Json(CatalogueView { model, profiles })
}

/// The finished assessments of your own team, the newest first.
#[utoipa::path(get, path = "/trust/maturity", operation_id = "maturity_list", tag = "trust",
    responses((status = 200, body = Vec<AssessmentView>), (status = 401, body = Problem)))]
async fn api_list(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
) -> Result<Json<Vec<AssessmentView>>, ApiError> {
    Ok(Json(trust.assessments(&granted).await?.iter().map(view).collect()))
}

/// Finishes an assessment of your own team; `version` is that of the draft it takes the place of, 0 without one.
#[utoipa::path(post, path = "/trust/maturity", operation_id = "maturity_finish", tag = "trust", request_body = Typed,
    responses((status = 201, body = AssessmentView), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn api_finish(
    State(trust): State<Trust>,
    look: Granted<LookUp>,
    granted: Granted<ManageTeam>,
    Json(typed): Json<Typed>,
) -> Result<(StatusCode, Json<AssessmentView>), ApiError> {
    let id = trust.save_assessment(&granted, typed, true).await?;
    Ok((StatusCode::CREATED, Json(view(&trust.assessment(&look, id).await?))))
}
