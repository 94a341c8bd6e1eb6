//! `/`: the desk at a glance.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use identity::{Frame, Granted, LookUp, PageError, ReadCases};
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

async fn show(State(desk): State<Desk>, who: Granted<LookUp>, frame: Frame) -> Result<Response, PageError> {
    // Whoever keeps a team or the community has no cases to read: the directory is where they begin.
    let Ok(by) = Granted::<ReadCases>::check(who.actor()) else {
        return Ok(Redirect::to("/teams").into_response());
    };
    let o = desk.overview(&by).await?;
    let page = page_with(Waiting { reports: o.to_decide, incidents: o.open }, frame, "Desk", "/");
    Ok(Html(DeskPage { page, o }).into_response())
}
