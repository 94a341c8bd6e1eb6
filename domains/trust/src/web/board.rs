//! `/trust/board`: what the review board has before it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, JudgeCases, PageError};
use ui::{Html, Page};

use super::{Places, due, matter};
use crate::Trust;
use crate::views::BoardRow;

const PATH: &str = "/trust/board";

pub(super) fn routes() -> Router<Trust> {
    Router::new().route(PATH, get(show))
}

#[derive(Template)]
#[template(path = "trust-board.html")]
struct BoardPage {
    page: Page,
    places: Places,
    rows: Vec<BoardRow>,
    waiting: usize,
    /// Names of the teams with a seat.
    seats: Vec<String>,
    has_seat: bool,
    quorum: (u32, u32),
    ballot: String,
    year: i16,
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<JudgeCases>,
    frame: Frame,
) -> Result<Response, PageError> {
    let rows = trust.board(&granted).await?;
    let seats = trust.seats().await?;
    let rules = &trust.settings().rules;
    let page = BoardPage {
        page: frame.page("Review board", "/trust"),
        places: Places::of(granted.actor(), PATH),
        waiting: rows.iter().filter(|row| row.waits_for_us).count(),
        rows,
        has_seat: seats.contains(&granted.team()),
        seats: seats.iter().map(|seat| trust.name_of(&seat.to_string())).collect(),
        quorum: (rules.quorum, rules.quorum_of),
        ballot: rules.ballot.to_string(),
        year: super::year::this(trust.node().now()),
    };
    Ok(Html(page).into_response())
}
