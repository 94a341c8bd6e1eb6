//! `/reports/link`: the incident to which the chosen reports belong is chosen among the open ones.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases};
use ui::{Html, Page};

use super::answer::page;
use super::triage::numbers;
use crate::Desk;
use crate::views::incident::IncidentRow;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/reports/link", get(show))
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    page: Page,
    numbers: Vec<i64>,
    q: String,
    incidents: Vec<IncidentRow>,
}

impl LinkPage {
    /// The reports as values of one query: `12&r=IR-13`.
    fn joined(&self) -> String {
        self.numbers.iter().map(i64::to_string).collect::<Vec<_>>().join("&r=IR-")
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let numbers = numbers(&query)?;
    let q = query.text("q").to_owned();
    let incidents = desk.incidents_to_link(&by, q.clone()).await?;
    let page = page(&desk, &by, frame, "Link reports to an incident", "/reports").await?;
    Ok(Html(LinkPage { page, numbers, q, incidents }).into_response())
}
