//! `/search`: a number leads to its case, an address to its look-up, words to what holds them.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases};
use ui::{Html, Page};

use super::answer::{encode, page};
use crate::Desk;
use crate::model::{CaseKind, Number};
use crate::views::found::{Found, can_be_looked_up, words_of};

const HITS: usize = 100;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/search", get(show))
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    q: String,
    /// Where who is responsible for it can be seen.
    lookup: Option<String>,
    found: Vec<Found>,
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let q = query.text("q").to_owned();
    if let Ok(name) = q.parse::<Number>() {
        return Ok(Redirect::to(&path(&name)).into_response());
    }
    let found = desk.search(&by, &words_of(&q), HITS).await?;
    let lookup = can_be_looked_up(&q).then(|| format!("/lookup?q={}", encode(&q)));
    let title = if q.is_empty() { "Search".to_owned() } else { format!("Search: {q}") };
    let page = page(&desk, &by, frame, title, "").await?;
    Ok(Html(SearchPage { page, q, lookup, found }).into_response())
}

/// The page of a case.
pub(super) fn path(name: &Number) -> String {
    match name.kind {
        CaseKind::Report => format!("/reports/{name}"),
        CaseKind::Incident => format!("/incidents/{name}"),
        CaseKind::Investigation => format!("/investigations/{name}"),
    }
}
