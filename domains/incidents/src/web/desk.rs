//! `/`: the desk at a glance.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, PageError, ReadCases};
use ui::{Html, Page};

use super::answer::page_with;
use crate::Desk;
use crate::views::Waiting;
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
    let page = page_with(Waiting { reports: o.to_decide, incidents: o.open }, frame, "Desk", "/");
    Ok(Html(DeskPage { page, o }).into_response())
}
