//! What the record shows to everybody: the newest checkpoint, all of them, and the record itself.

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contracts::trust::record::Audience;
use identity::{ApiError, Granted, LookUp, NO_TEAM};
use kit::Error;

use crate::Trust;
use crate::record::file::Scope;

/// Most checkpoints in one answer: more than a century of days.
const MOST: i64 = 40_000;

pub(crate) fn routes(trust: Trust) -> Router {
    Router::new()
        .route("/trust/checkpoint", get(newest))
        .route("/trust/checkpoint.txt", get(statement))
        .route("/trust/checkpoint.txt.asc", get(signature))
        .route("/trust/checkpoints", get(all))
        .route("/trust/record.jsonl", get(public))
        .route("/trust/record-members.jsonl", get(members))
        .with_state(trust)
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], body)
        .into_response()
}

async fn one(trust: &Trust) -> Result<crate::CheckpointRow, ApiError> {
    let newest = trust.checkpoints(1).await?.into_iter().next();
    Ok(newest.ok_or_else(|| Error::not_found("a checkpoint; the first is made within a day, and it"))?)
}

/// Statement and signature in one.
async fn newest(State(trust): State<Trust>) -> Result<Response, ApiError> {
    let row = one(&trust).await?;
    Ok(text(row.text + &row.signature))
}

async fn statement(State(trust): State<Trust>) -> Result<Response, ApiError> {
    Ok(text(one(&trust).await?.text))
}

async fn signature(State(trust): State<Trust>) -> Result<Response, ApiError> {
    let row = one(&trust).await?;
    if row.signature.is_empty() {
        return Err(Error::not_found("a signature: the community has no key yet, and one").into());
    }
    Ok(text(row.signature))
}

#[derive(serde::Deserialize)]
struct Limit {
    #[serde(default)]
    limit: Option<i64>,
}

async fn all(State(trust): State<Trust>, Query(Limit { limit }): Query<Limit>) -> Result<Response, ApiError> {
    let rows = trust.checkpoints(limit.unwrap_or(400).clamp(1, MOST)).await?;
    Ok(text(rows.into_iter().map(|row| row.text + &row.signature + "\n").collect()))
}

/// Anybody asks for it: it is made once for each state of the record.
async fn public(State(trust): State<Trust>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (tag, bytes) = trust.public_record().await?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let mut answer = record(bytes, "record-public.jsonl");
    if let Ok(tag) = tag.parse() {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    Ok(answer)
}

async fn members(State(trust): State<Trust>, granted: Granted<LookUp>) -> Result<Response, ApiError> {
    // About no team in particular: who sees what members see of any team.
    if trust.sees(&granted, NO_TEAM) < Audience::Members {
        return Err(Error::Forbidden(
            "The members' record is for members of the community; the public one is at /trust/record.jsonl"
                .into(),
        )
        .into());
    }
    Ok(record(trust.export_as(Scope::Members).await?, "record-members.jsonl"))
}

fn record(bytes: impl Into<Body>, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes.into()).into_response()
}
