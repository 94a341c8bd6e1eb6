//! `/mail`: every mail that came in, and what became of it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases};
use kit::{Id, Result};
use ui::{Html, Page};

use super::answer::page;
use super::export::file;
use crate::Desk;
use crate::model::Outcome;
use crate::views::mail_log::MailLog;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/mail", get(show)).route("/mail/{id}/original", get(original))
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    page: Page,
    outcome: Option<Outcome>,
    log: MailLog,
    first: Option<String>,
    next: Option<String>,
}

impl MailPage {
    fn shows(&self, outcome: &Outcome) -> bool {
        self.outcome == Some(*outcome)
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let wanted = query.text("outcome");
    let outcome: Option<Outcome> = if wanted.is_empty() { None } else { Some(wanted.parse()?) };
    let after = query.text("after");
    let after: Option<Id> = if after.is_empty() { None } else { Some(after.parse()?) };
    let log = desk.mail_log(&by, outcome, after).await?;
    let first = after.map(|_| format!("/mail?outcome={wanted}"));
    let next = log.next.map(|id| format!("/mail?outcome={wanted}&after={id}"));
    let page = page(&desk, &by, frame, "Mail that came in", "/mail").await?;
    Ok(Html(MailPage { page, outcome, log, first, next }).into_response())
}

async fn original(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let id = id.parse().map_err(|_| kit::Error::not_found("this mail"))?;
    Ok(file(&format!("{id}.eml"), "message/rfc822", desk.original_of_mail(&by, id).await?))
}
