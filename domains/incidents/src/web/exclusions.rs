//! `/settings/exclusions`: what is left out of lists.

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, ManageTeam, PageError};
use ui::{Html, Page};

use super::answer::{Wrong, said};
use crate::Desk;

const PATH: &str = "/settings/exclusions";

pub(super) fn routes() -> Router<Desk> {
    Router::new().route(PATH, get(show).post(set))
}

#[derive(Template)]
#[template(path = "exclusions.html")]
struct ExclusionsPage {
    page: Page,
    rules: String,
    wrong: Wrong,
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ManageTeam>,
    frame: Frame,
) -> Result<Response, PageError> {
    let rules = desk.exclusion_rules(by.team()).await?;
    let page = frame.page("What is left out", "");
    Ok(Html(ExclusionsPage { page, rules, wrong: Wrong::default() }).into_response())
}

async fn set(
    State(desk): State<Desk>,
    by: Granted<ManageTeam>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let rules = form.raw("rules").replace("\r\n", "\n");
    match desk.set_exclusions(&by, rules.clone()).await {
        Ok(()) => Ok(said(&desk, PATH, "The rules are kept; they hold for mails that come from now on.")),
        Err(error) => {
            let wrong = Wrong::from(error, "rules")?;
            let page = frame.page("What is left out", "");
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(ExclusionsPage { page, rules, wrong }))
                .into_response())
        }
    }
}
