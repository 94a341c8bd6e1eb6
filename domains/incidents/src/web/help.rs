//! `/help`: what the keys do, and what the words mean.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, PageError, ReadCases};
use ui::{Html, Page};

use super::answer::page;
use crate::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/help", get(show))
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    page: Page,
}

async fn show(State(desk): State<Desk>, by: Granted<ReadCases>, frame: Frame) -> Result<Response, PageError> {
    let page = page(&desk, &by, frame, "Keys and words", "").await?;
    Ok(Html(KeysPage { page }).into_response())
}
