//! `/incidents`: the list; `/incidents/new` opens one, with reports or without.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases, TriageReports, WorkIncidents};
use kit::Result;
use taxonomy::rsit::Type;
use ui::{Html, Page};

use super::answer::{May, Wrong, done, page, said};
use super::report::label;
use super::triage::numbers;
use crate::case::NewIncident;
use crate::model::IncidentStatus;
use crate::triage::Action;
use crate::views::incident::{Incidents, PAGE};
use crate::{Desk, views};

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/incidents", get(list)).route("/incidents/new", get(form).post(open))
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct IncidentsPage {
    page: Page,
    status: IncidentStatus,
    list: Incidents,
    first: Option<String>,
    next: Option<String>,
    may: May,
}

impl IncidentsPage {
    fn title(&self) -> &'static str {
        match self.status {
            IncidentStatus::Open => "Open",
            IncidentStatus::Resolved => "Resolved",
            IncidentStatus::Abandoned => "Abandoned",
        }
    }

    fn said(&self) -> String {
        let count =
            self.list.counts.iter().find(|(status, _)| *status == self.status).map_or(0, |(_, count)| *count);
        format!("{} of {}", self.list.rows.len(), ui::format::plural(count, "incident", "incidents"))
    }
}

async fn list(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let status = query.text("status");
    let status = if status.is_empty() { IncidentStatus::Open } else { status.parse()? };
    let after = query.text("after");
    let after = if after.is_empty() { None } else { Some(after.parse()?) };
    let list = desk.incident_list(&by, status, after).await?;
    let first = after.map(|_| format!("/incidents?status={status}"));
    let next = list.next.map(|cursor| format!("/incidents?status={status}&after={cursor}"));
    let page = page(&desk, &by, frame, format!("Incidents: {status}"), "/incidents").await?;
    debug_assert!(list.rows.len() <= PAGE);
    Ok(Html(IncidentsPage { page, status, list, first, next, may: May::of(by.actor()) }).into_response())
}

#[derive(Template)]
#[template(path = "incident_new.html")]
struct NewPage {
    page: Page,
    numbers: Vec<i64>,
    title: String,
    description: String,
    classification: String,
    tlp: String,
    types: &'static [Type],
    wrong: Wrong,
}

async fn form(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    _may: Granted<WorkIncidents>,
    Query(query): Query<Fields>,
    frame: Frame,
) -> Result<Response, PageError> {
    let numbers = numbers(&query)?;
    let mut tlp = desk.settings().default_tlp;
    let mut title = String::new();
    if let Some(number) = numbers.first() {
        let first = desk.report_view(&by, *number, false).await?.report;
        (tlp, title) = (first.tlp, first.subject);
    }
    let page = page(&desk, &by, frame, "New incident", "/incidents").await?;
    let new = NewPage {
        page,
        numbers,
        title,
        description: String::new(),
        classification: String::new(),
        tlp: views::label(tlp).to_owned(),
        types: Type::all(),
        wrong: Wrong::default(),
    };
    Ok(Html(new).into_response())
}

async fn open(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    triage: Granted<TriageReports>,
    reader: Granted<ReadCases>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let numbers = numbers(&form)?;
    let refused = match opened(&desk, &by, &triage, &numbers, &form).await {
        Ok(response) => return Ok(response),
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "title")?;
    let page = page(&desk, &reader, frame, "New incident", "/incidents").await?;
    let again = NewPage {
        page,
        numbers,
        title: form.text("title").to_owned(),
        description: form.raw("description").to_owned(),
        classification: form.text("classification").to_owned(),
        tlp: form.text("tlp").to_owned(),
        types: Type::all(),
        wrong,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(again)).into_response())
}

async fn opened(
    desk: &Desk,
    by: &Granted<WorkIncidents>,
    triage: &Granted<TriageReports>,
    numbers: &[i64],
    form: &Fields,
) -> Result<Response> {
    let (title, classification) = (form.text("title").to_owned(), form.text("classification").to_owned());
    if !numbers.is_empty() {
        let result = desk.triage(triage, numbers.to_vec(), Action::Open { title, classification }).await?;
        let to = result.incident.map_or_else(|| "/incidents".to_owned(), |name| format!("/incidents/{name}"));
        return Ok(done(desk, &to, &result));
    }
    let description = form.raw("description").replace("\r\n", "\n");
    let new = NewIncident { title, description, classification, tlp: label(form.text("tlp"))? };
    let incident = desk.open_incident(by, new).await?;
    Ok(said(desk, &format!("/incidents/{}", incident.name()), &format!("{} is open.", incident.name())))
}
