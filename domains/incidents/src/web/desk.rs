//! `/`: the desk at a glance.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, PageError, ReadCases};
use ui::{Html, Page};

use super::answer::page;
use crate::Desk;
use crate::views::overview::Overview;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/", get(show))
}

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    page: Page,
    o: Overview,
}

impl DeskPage {
    fn clock(&self, report: &crate::model::Report) -> ui::Clock {
        ui::Clock::new(report.received_at, report.due_at, self.page.now)
    }
}

async fn show(State(desk): State<Desk>, by: Granted<ReadCases>, frame: Frame) -> Result<Response, PageError> {
    let o = desk.overview(&by).await?;
    let page = page(&desk, &by, frame, "Desk", "/").await?;
    Ok(Html(DeskPage { page, o }).into_response())
}
