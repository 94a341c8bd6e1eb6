//! `/trust/desk`: the operator's running cases, what is late first, and the way to list a team that is known.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, Introduce, PageError, StepUp};
use kit::{Error, Id};
use ui::{Html, Page};

use super::{Places, due, standing, who};
use crate::Trust;
use crate::process::Operate;
use crate::stranger::Applicant;
use crate::upkeep::said;
use crate::views::Running;

const PATH: &str = "/trust/desk";
/// A confirmation that is due within this is among the running cases.
const SOON: kit::Time = 30 * kit::clock::DAY;

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(show))
        .route("/trust/desk/known", post(list_known))
        .route("/trust/desk/clock", post(set_clock_right))
}

#[derive(Template)]
#[template(path = "trust-desk.html")]
struct DeskPage {
    page: Page,
    places: Places,
    /// Applications by people without an account.
    strangers: Vec<Applicant>,
    running: Vec<Running>,
    /// Teams that have only to confirm their record, and time enough.
    quiet: Vec<Running>,
    ours: usize,
    overdue: usize,
    cases: usize,
    /// Teams that are in the directory and not listed, by id.
    unlisted: Vec<(String, String)>,
    chosen: String,
    source: String,
    wrong: String,
    /// Why no letters leave.
    held: String,
    /// What is the matter with the clock.
    ahead: String,
    /// What was typed about it, and why it was refused.
    clock: (String, String),
}

/// The step that one click takes from the row, where one does: its name in the command, and its words.
fn step(row: &Running) -> Option<(&'static str, &'static str)> {
    let next = row.next.as_ref().filter(|next| next.who == "operator")?;
    match next.what.as_str() {
        "answer the application" => Some(("send-rules", "Send the rules")),
        "consult the community" => Some(("open-consultation", "Consult the community")),
        "send the invitation" => Some(("invite", "Send the invitation")),
        "accredit" => Some(("accredit", "Accredit")),
        _ => None,
    }
}

/// The step that is taken on the team's own page, where it asks for something: its name, and words for the link.
fn page(row: &Running) -> Option<(&'static str, &'static str)> {
    let next = row.next.as_ref().filter(|next| next.who == "operator")?;
    (next.what == "verify the record").then_some(("verify", "Verify the record"))
}

/// Nothing is due of this team but to confirm its record, later than `soon`.
fn is_quiet(row: &Running, soon: kit::Time) -> bool {
    let later = row.next.as_ref().is_some_and(|next| next.who == "team" && next.due > soon);
    row.phase == "accredited" && row.cases == 0 && !row.overdue && later
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    frame: Frame,
) -> Result<Response, PageError> {
    whole(&trust, &granted, frame, Default::default(), Default::default()).await
}

/// The page: with the team chosen, the source typed, what is wrong; and with what was typed of the clock, what is wrong.
async fn whole(
    trust: &Trust,
    granted: &Granted<Introduce>,
    frame: Frame,
    (chosen, source, wrong): (String, String, String),
    clock: (String, String),
) -> Result<Response, PageError> {
    let soon = trust.node().now() + SOON;
    let (quiet, running): (Vec<Running>, Vec<Running>) =
        trust.desk(granted).await?.into_iter().partition(|row| is_quiet(row, soon));
    let directory = trust.teams().directory();
    let applying: BTreeSet<Id> =
        running.iter().filter(|row| row.phase == "listing").map(|row| row.team).collect();
    let free = directory
        .teams()
        .iter()
        .filter(|team| team.standing.is_none() && team.id != granted.team() && !applying.contains(&team.id));
    let fine = wrong.is_empty() && clock.1.is_empty();
    let status = if fine { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = DeskPage {
        page: frame.page("Operator's desk", "/trust"),
        places: Places::of(granted.actor(), PATH),
        ours: running.iter().filter(|row| row.waits_for_us).count(),
        overdue: running.iter().filter(|row| row.overdue).count(),
        cases: running.iter().map(|row| row.cases).sum(),
        strangers: trust.strangers(granted).await?,
        running,
        quiet,
        unlisted: free.map(|team| (team.id.to_string(), team.name.clone())).collect(),
        chosen,
        source,
        wrong,
        ahead: trust.ahead().await?.map(|ahead| ahead.words()).unwrap_or_default(),
        clock,
        held: trust.operator().err().map(|error| error.to_string()).unwrap_or_default(),
    };
    Ok((status, Html(page)).into_response())
}

async fn list_known(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let (chosen, source) = (form.text("team").to_owned(), form.text("source").to_owned());
    let Ok(team) = chosen.parse::<Id>() else {
        return whole(
            &trust,
            &granted,
            frame,
            (chosen, source, "Choose the team.".into()),
            Default::default(),
        )
        .await;
    };
    match trust.operate(&granted, team, Operate::ListKnown { source: source.clone() }, None).await {
        Ok(_) => {
            let team = trust.subject(team)?;
            let words = format!("{} is listed as known; it and the community are told.", team.name);
            Ok(said(&trust, &words, &format!("/trust/teams/{}", team.handle)))
        }
        Err(Error::Conflict(why)) => {
            whole(&trust, &granted, frame, (chosen, source, why), Default::default()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn set_clock_right(
    State(trust): State<Trust>,
    granted: StepUp<Introduce>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let reason = form.text("reason").to_owned();
    match trust.set_clock_right(&granted, &reason).await {
        Ok(_) => Ok(said(&trust, "The clock is set right, and limits run again. The record says so.", PATH)),
        Err(Error::Conflict(why) | Error::Invalid { message: why, .. }) => {
            whole(&trust, &granted, frame, Default::default(), (reason, why)).await
        }
        Err(error) => Err(error.into()),
    }
}
