//! `POST /drafts?form=…`: what is typed is kept until it is sent.

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use identity::{Actor, Fields, Granted, PageError, WorkIncidents};
use kit::{Error, Result};

use crate::Desk;

/// The fields of a form as they were typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    /// The first value called `name`, if the form was typed into at all.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value called `name`, else `otherwise`.
    pub(super) fn or(&self, name: &str, otherwise: impl Into<String>) -> String {
        self.get(name).map_or_else(|| otherwise.into(), str::to_owned)
    }

    /// All values called `name`.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether nothing was typed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/drafts", post(save))
}

async fn save(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    Query(query): Query<Fields>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<StatusCode, PageError> {
    let form = query.text("form");
    if form.is_empty() {
        return Err(Error::invalid("form", "say which form this is").into());
    }
    // A confirmation is given anew each time: it is no text that could be lost.
    let typed: Vec<_> = typed.into_iter().filter(|(name, _)| !name.starts_with("confirm")).collect();
    let body = serde_json::to_string(&typed).map_err(|error| Error::Corrupt(error.to_string()))?;
    desk.save_draft(by.actor(), form.to_owned(), body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the reader has typed into `form` and not sent.
pub(super) async fn kept(desk: &Desk, by: &Actor, form: &str) -> Result<Typed> {
    let kept = desk.draft_of(by, form.to_owned()).await?;
    Ok(kept.and_then(|(body, _)| serde_json::from_str(&body).ok()).unwrap_or_default())
}
