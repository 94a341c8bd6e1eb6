//! `/trust/record`: the register as of any day, one team's entries, checkpoints, the files to keep.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use contracts::trust::record::Audience;
use identity::{Fields, Frame, Govern, Granted, LookUp, NO_TEAM, PageError, StepUp};
use kit::{Error, Time};
use ui::{Html, Page};

use super::case::download;
use super::{Places, standing};
use crate::record::{Checkpoint, Erasure, Registered, moment};
use crate::upkeep::{said, table};
use crate::{CheckpointRow, Trust};

const PATH: &str = "/trust/record";
/// Most checkpoints on the page.
const CHECKPOINTS: i64 = 20;

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(show))
        .route("/trust/register.csv", get(csv))
        .route("/trust/record-whole.jsonl", get(whole_export))
        .route("/trust/record/erase", post(erase))
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    at: String,
}

#[derive(Template)]
#[template(path = "trust-record.html")]
struct RecordPage {
    page: Page,
    places: Places,
    /// The day that was asked for, as it was typed; empty: today.
    at: String,
    wrong: String,
    shown: Time,
    register: Vec<Row>,
    checkpoints: Vec<Kept>,
    erased: Vec<Erasure>,
    members: bool,
    owner: bool,
    typed: Fields,
    /// Why nothing was erased.
    refused: String,
}

/// A team of the register.
struct Row {
    team: Registered,
    /// Its name now.
    name: String,
    /// Its standing now, when it is another one.
    now: String,
}

/// A checkpoint as the page has it.
struct Kept {
    position: i64,
    digest: String,
    at: Time,
    signed: bool,
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(Asked { at }): Query<Asked>,
) -> Result<Response, PageError> {
    whole(&trust, &granted, frame, at, Default::default()).await
}

/// The page; `typed` is the form that was just refused, and why.
async fn whole(
    trust: &Trust,
    granted: &Granted<LookUp>,
    frame: Frame,
    at: String,
    (typed, refused): (Fields, String),
) -> Result<Response, PageError> {
    let now = trust.node().now();
    let (shown, wrong) = match asked(&at, now) {
        Ok(shown) => (shown, String::new()),
        Err(Error::Invalid { message, .. }) => (now, message),
        Err(error) => return Err(error.into()),
    };
    let register = trust.register_at(shown).await?;
    let today = trust.teams().directory();
    let row = |team: Registered| {
        let current = today.by_handle(&team.handle);
        let name = current.as_ref().map_or_else(|| team.handle.clone(), |team| team.name.clone());
        let now = current.map_or("gone", |team| team.status_name());
        let now = if now == team.standing { String::new() } else { now.to_owned() };
        Row { team, name, now }
    };
    let status = match (wrong.is_empty(), refused.is_empty()) {
        (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, false) => StatusCode::CONFLICT,
        (true, true) => StatusCode::OK,
    };
    let page = RecordPage {
        page: frame.page("The record of trust", "/trust"),
        places: Places::of(granted.actor(), PATH),
        at,
        wrong,
        shown,
        register: register.into_iter().map(row).collect(),
        checkpoints: trust.checkpoints(CHECKPOINTS).await?.iter().map(kept).collect(),
        erased: trust.erasures().await?,
        members: trust.sees(granted, NO_TEAM) >= Audience::Members,
        owner: Granted::<Govern>::check(granted.actor()).is_ok(),
        typed,
        refused,
    };
    Ok((status, Html(page)).into_response())
}

/// The moment that was asked for; without one, now.
fn asked(at: &str, now: Time) -> kit::Result<Time> {
    if at.trim().is_empty() { Ok(now) } else { moment(at) }
}

fn kept(row: &CheckpointRow) -> Kept {
    let digest = Checkpoint::parse(&row.text).map(|(checkpoint, ..)| checkpoint.digest).unwrap_or_default();
    Kept { position: row.position, digest, at: row.at, signed: !row.signature.is_empty() }
}

/// The register as a table for spreadsheets.
async fn csv(
    State(trust): State<Trust>,
    _granted: Granted<LookUp>,
    Query(Asked { at }): Query<Asked>,
) -> Result<Response, PageError> {
    let register = trust.register_at(asked(&at, trust.node().now())?).await?;
    let rows = register.into_iter().map(|team| {
        vec![team.handle, team.standing, ui::format::date(team.since), team.position.to_string()]
    });
    Ok(table("register.csv", &["team", "standing", "since", "entry"], rows)?)
}

/// The whole record, sealed parts too, for the hand-over.
async fn whole_export(State(trust): State<Trust>, granted: StepUp<Govern>) -> Result<Response, PageError> {
    let bytes = trust.export_whole(&granted).await?;
    Ok(download("record-whole.jsonl", "application/jsonl; charset=utf-8", bytes))
}

/// Erases what an entry tells, on the owner's word.
async fn erase(
    State(trust): State<Trust>,
    granted: StepUp<Govern>,
    look: Granted<LookUp>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = match form.text("entry").parse() {
        Ok(position) => trust.erase(&granted, position, form.text("reason")).await,
        Err(_) => Err(Error::invalid("entry", "name the entry by its number, as the case shows it")),
    };
    match done {
        Ok(()) => Ok(said(&trust, "Erased. An entry of the record says so, and why.", PATH)),
        Err(Error::Conflict(why) | Error::Invalid { message: why, .. }) => {
            whole(&trust, &look, frame, String::new(), (form, why)).await
        }
        Err(Error::NotFound(what)) => {
            let why = format!("There is no {what} in the record.");
            whole(&trust, &look, frame, String::new(), (form, why)).await
        }
        Err(error) => Err(error.into()),
    }
}
