//! `/trust/drills`: the drills and their figures, one drill, and the page behind a test message's link; and the same for
//! programs.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use identity::{ApiError, Fields, Frame, Granted, Introduce, LookUp, PageError, Problem};
use kit::{Error, Id};
use ui::{Html, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::views::{DrillView, Month, Row};
use super::{Check, Drill, NewDrill};
use crate::upkeep::{said, table};
use crate::web::Places;
use crate::{Trust, drill};

const PATH: &str = "/trust/drills";
/// The least standing of the teams that can be asked.
const ASKED: [&str; 4] = ["listed", "candidate", "accredited", "certified"];

pub(crate) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(list).post(begin))
        .route("/trust/drills/{id}", get(show))
        .route("/trust/drills/{id}/tests.csv", get(tests_csv))
        .route("/trust/drills/answer/{token}", get(look).post(answer))
}

#[derive(Template)]
#[template(path = "drills.html")]
struct ListPage {
    page: Page,
    places: Places,
    drills: Vec<DrillView>,
    months: Vec<Month>,
    bars: Vec<Bar>,
    own: Vec<Row>,
    /// Which teams can be asked: values and words.
    scopes: Vec<(String, String)>,
    may_begin: bool,
    rules: super::Rules,
    /// What was typed, and what is wrong with it: field and words.
    typed: NewDrill,
    wrong: (String, String),
}

impl ListPage {
    fn wrong(&self, field: &str) -> &str {
        if self.wrong.0 == field { &self.wrong.1 } else { "" }
    }

    fn hours(&self) -> u32 {
        self.typed.hours.unwrap_or(self.rules.answer_hours)
    }
}

/// A month in the drawing: the share that answered, 0 to 100 units high.
struct Bar {
    x: usize,
    y: usize,
    height: usize,
    label: String,
    percent: usize,
}

async fn list(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    let typed = NewDrill { scope: trust.settings().drill.scope.clone(), ..NewDrill::default() };
    whole(&trust, &granted, frame, typed, Default::default()).await
}

async fn whole(
    trust: &Trust,
    granted: &Granted<LookUp>,
    frame: Frame,
    typed: NewDrill,
    wrong: (String, String),
) -> Result<Response, PageError> {
    let (drills, months) = trust.drills(granted).await?;
    let status = if wrong.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        page: frame.page("Drills", "/trust"),
        places: Places::of(granted.actor(), PATH),
        bars: bars(&months),
        own: trust.own_tests(granted).await?,
        scopes: ASKED.iter().map(|name| ((*name).into(), format!("{name} and above"))).collect(),
        may_begin: Granted::<Introduce>::check(granted.actor()).is_ok(),
        rules: trust.settings().drill.clone(),
        drills,
        months,
        typed,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

/// The last twelve months, the oldest at the left.
fn bars(months: &[Month]) -> Vec<Bar> {
    let shown: Vec<(&Month, usize)> =
        months.iter().take(12).filter_map(|month| Some((month, month.figures.percent()?))).collect();
    let bar = |(place, (month, percent)): (usize, (&Month, usize))| Bar {
        x: place * 56 + 36,
        y: 108 - percent,
        height: percent.max(1),
        label: month.month.clone(),
        percent,
    };
    shown.into_iter().rev().enumerate().map(bar).collect()
}

async fn begin(
    State(trust): State<Trust>,
    look: Granted<LookUp>,
    granted: Granted<Introduce>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let hours = form.text("hours");
    let typed = NewDrill {
        reason: form.text("reason").into(),
        scope: form.text("scope").into(),
        // What is no number is refused as no time that teams could have.
        hours: (!hours.is_empty()).then(|| hours.parse().unwrap_or(0)),
    };
    match trust.start_drill(&granted, typed.clone()).await {
        Ok(id) => Ok(said(&trust, "The drill has begun: the messages leave now.", &format!("{PATH}/{id}"))),
        Err(Error::Invalid { field, message }) => whole(&trust, &look, frame, typed, (field, message)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "drill.html")]
struct DrillPage {
    page: Page,
    places: Places,
    drill: DrillView,
    sees_teams: bool,
}

/// Colour, symbol and word of a state.
fn words(state: &str) -> (&'static str, &'static str, &'static str) {
    match state {
        "waiting" => ("plain", "clock", "being sent"),
        "asked" => ("info", "out", "asked"),
        "answered" => ("ok", "answered", "answered"),
        "late" => ("warn", "over", "late"),
        "silent" => ("warn", "silent", "silent"),
        "bounced" => ("bad", "badsig", "bounced"),
        _ => ("bad", "none", "unreachable"),
    }
}

pub(crate) fn mark(state: &str) -> ui::Markup {
    let (kind, icon, word) = words(state);
    ui::status(kind, icon, word)
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let drill = trust.drill(&granted, id).await?;
    let sees_teams = trust.sees_teams(&granted);
    let page = frame.page("Drill", "/trust");
    Ok(Html(DrillPage { page, places: Places::of(granted.actor(), PATH), drill, sees_teams }).into_response())
}

async fn tests_csv(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let drill = trust.drill(&granted, id).await?;
    let head =
        ["team", "name", "channel", "address", "protection", "state", "seconds", "answered_by", "failure"];
    let rows = drill.tests.into_iter().map(|row| {
        let seconds = row.seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
        vec![
            row.team,
            row.name,
            row.channel,
            row.address,
            row.protection,
            row.state,
            seconds,
            row.answered_by,
            row.failure,
        ]
    });
    Ok(table("drill.csv", &head, rows)?)
}

#[derive(Template)]
#[template(path = "drill-answer.html")]
struct AnswerPage {
    page: Page,
    token: String,
    /// The test; `None` when the link is of none.
    found: Option<(Check, Drill)>,
    team: String,
}

async fn look(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let found = trust.drill_of_link(&token).await?;
    Ok(answer_page(&trust, frame, token, found))
}

async fn answer(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    let found = trust.answer_by_link(&token).await?;
    Ok(answer_page(&trust, frame, token, found))
}

fn answer_page(trust: &Trust, frame: Frame, token: String, found: Option<(Check, Drill)>) -> Response {
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::GONE };
    let team = found.as_ref().and_then(|(check, _)| trust.teams().directory().by_id(check.team));
    let team = team.map(|team| team.name.clone()).unwrap_or_default();
    let page = frame.page("Test of your mailbox", "");
    let mut response = (status, Html(AnswerPage { page, token, found, team })).into_response();
    // The address of this page is the secret: nobody is told where the reader came from.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

pub(crate) fn api() -> OpenApiRouter<Trust> {
    OpenApiRouter::new().routes(routes!(api_list, api_begin)).routes(routes!(api_show))
}

/// Drills and their figures.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Drills {
    /// The drills, the newest first.
    drills: Vec<DrillView>,
    /// Their figures by month, the newest first.
    months: Vec<Month>,
}

/// The drills of late and their figures by month.
#[utoipa::path(get, path = "/trust/drills", operation_id = "drills_list", tag = "trust",
    responses((status = 200, body = Drills), (status = 401, body = Problem)))]
async fn api_list(State(trust): State<Trust>, granted: Granted<LookUp>) -> Result<Json<Drills>, ApiError> {
    let (drills, months) = trust.drills(&granted).await?;
    Ok(Json(Drills { drills, months }))
}

/// Begins a drill; answers with it.
#[utoipa::path(post, path = "/trust/drills", operation_id = "drills_begin", tag = "trust", request_body = NewDrill,
    responses((status = 201, body = DrillView), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn api_begin(
    State(trust): State<Trust>,
    look: Granted<LookUp>,
    granted: Granted<Introduce>,
    Json(new): Json<NewDrill>,
) -> Result<(StatusCode, Json<DrillView>), ApiError> {
    let id = trust.start_drill(&granted, new).await?;
    Ok((StatusCode::CREATED, Json(trust.drill(&look, id).await?)))
}

/// One drill; its tests for members and the operator.
#[utoipa::path(get, path = "/trust/drills/{id}", operation_id = "drills_get", tag = "trust", params(("id" = String, Path, description = "its id")),
    responses((status = 200, body = DrillView), (status = 404, body = Problem)))]
async fn api_show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Json<DrillView>, ApiError> {
    Ok(Json(trust.drill(&granted, id).await?))
}
