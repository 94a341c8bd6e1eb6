//! `POST /reports/triage`: what is done to the reports that were chosen; `POST /undo/…` takes it back.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use identity::{Fields, Granted, PageError, TriageReports};
use kit::{Error, Result};

use super::answer::{done, own_path, said};
use crate::Desk;
use crate::model::{CaseKind, Number};
use crate::triage::Action;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/reports/triage", post(triage)).route("/undo/{id}", post(undo))
}

async fn triage(
    State(desk): State<Desk>,
    by: Granted<TriageReports>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let numbers = numbers(&form)?;
    let back = own_path(form.text("back"), "/reports").to_owned();
    if form.text("do") == "link" && form.text("incident").is_empty() {
        // Without an incident there is one to be chosen first.
        let chosen: Vec<String> = numbers.iter().map(|number| format!("r=IR-{number}")).collect();
        return Ok(Redirect::to(&format!("/reports/link?{}", chosen.join("&"))).into_response());
    }
    let action = action(&form)?;
    let result = desk.triage(&by, numbers, action).await?;
    Ok(done(&desk, &back, &result))
}

/// The reports that were chosen: `r=IR-12` or `r=12`, each once.
pub(super) fn numbers(form: &Fields) -> Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for text in form.all("r") {
        let number = match text.trim().parse::<i64>() {
            Ok(number) if number > 0 => number,
            _ => {
                let name: Number = text.parse()?;
                if name.kind != CaseKind::Report {
                    return Err(Error::invalid("r", format!("{name} is no report")));
                }
                name.number
            }
        };
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

fn action(form: &Fields) -> Result<Action> {
    Ok(match form.text("do") {
        "open" => Action::Open {
            title: form.text("title").to_owned(),
            classification: form.text("classification").to_owned(),
        },
        "link" => Action::Link(form.text("incident").parse()?),
        "unlink" => Action::Unlink(form.text("incident").parse()?),
        "reject" => Action::Reject,
        "resolve" => Action::Resolve,
        "reopen" => Action::Reopen,
        "take" => Action::Take,
        "release" => Action::Release,
        other => {
            let known = "open, link, unlink, reject, resolve, reopen, take or release";
            return Err(Error::invalid("do", format!("{other:?} cannot be done; choose {known}")));
        }
    })
}

async fn undo(
    State(desk): State<Desk>,
    by: Granted<TriageReports>,
    Path(id): Path<String>,
    headers: axum::http::HeaderMap,
) -> Result<Response, PageError> {
    let words = desk.undo(&by, id.parse()?).await?;
    Ok(said(&desk, &referer(&headers), &format!("Taken back: {words}.")))
}

/// The page on which the button was pressed.
fn referer(headers: &axum::http::HeaderMap) -> String {
    let text =
        headers.get(axum::http::header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path =
        text.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    own_path(path, "/reports").to_owned()
}
