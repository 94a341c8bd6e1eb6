//! `/incidents/INC-…`: everything about one incident in place.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, PageError, ReadCases, WorkIncidents};
use kit::Result;
use taxonomy::rsit::Type;
use ui::{Html, Page};

use super::answer::{May, Wrong, numbered, page, said};
use super::drafts::{Typed, kept};
use super::export;
use super::report::label;
use crate::case::Change;
use crate::model::{CaseKind, Number, Severity};
use crate::views::incident::IncidentView;
use crate::views::timeline::Stop;
use crate::{Desk, views};

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/incidents/{name}", get(show).post(change))
        .route("/incidents/{name}/note", post(note))
        .route("/incidents/{name}/observables.csv", get(csv))
}

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    page: Page,
    v: IncidentView,
    typed: Edited,
    wrong: Wrong,
    note: String,
    note_wrong: Wrong,
    types: &'static [Type],
    may: May,
}

/// The fields of the form that changes an incident.
struct Edited {
    title: String,
    description: String,
    classification: String,
    severity: String,
    tlp: String,
    leave: String,
    version: i64,
}

impl Edited {
    fn of(v: &IncidentView) -> Self {
        let incident = &v.incident;
        Self {
            title: incident.title.clone(),
            description: incident.description.clone(),
            classification: incident.classification.clone(),
            severity: incident.severity.to_string(),
            tlp: views::label(incident.tlp).to_owned(),
            leave: String::new(),
            version: incident.version,
        }
    }

    fn typed(form: &Fields, version: i64) -> Self {
        Self {
            title: form.text("title").to_owned(),
            description: form.raw("description").to_owned(),
            classification: form.text("classification").to_owned(),
            severity: form.text("severity").to_owned(),
            tlp: form.text("tlp").to_owned(),
            leave: form.text("leave").to_owned(),
            version,
        }
    }
}

impl IncidentPage {
    fn severities(&self) -> ui::Select {
        let options: Vec<(String, String)> =
            Severity::ALL.iter().map(|one| (one.to_string(), one.to_string())).collect();
        ui::select("severity", "Severity").options(&options).chosen(&self.typed.severity)
    }

    /// Colour of the severity.
    fn alarm(&self) -> &'static str {
        match self.v.incident.severity {
            Severity::Low => "plain",
            Severity::Medium => "",
            Severity::High => "warn",
            Severity::Critical => "bad",
        }
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let v = desk.incident_view(&by, numbered(&name, CaseKind::Incident)?).await?;
    let noted: Typed = kept(&desk, by.actor(), &format!("note:{}", v.incident.name())).await?;
    let typed = Edited::of(&v);
    whole(&desk, &by, frame, v, (typed, Wrong::default()), (noted.or("text", ""), Wrong::default())).await
}

async fn whole(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    v: IncidentView,
    edit: (Edited, Wrong),
    note: (String, Wrong),
) -> Result<Response, PageError> {
    let status =
        if edit.1.is_some() || note.1.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = format!("{} {}", v.incident.name(), v.incident.title);
    let page = page(desk, by, frame, title, "/incidents").await?;
    let ((typed, wrong), (note, note_wrong)) = (edit, note);
    let may = May::of(by.actor());
    Ok((status, Html(IncidentPage { page, v, typed, wrong, note, note_wrong, types: Type::all(), may }))
        .into_response())
}

async fn change(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Incident)?;
    let version = form.text("version").parse().ok();
    let refused = match changes(&form) {
        Ok(change) => match desk.change_incident(&by, number, version, change).await {
            Ok(incident) => {
                let to = format!("/incidents/{}", incident.name());
                return Ok(said(&desk, &to, &format!("{} is changed.", incident.name())));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "version")?;
    let v = desk.incident_view(&reader, number).await?;
    // Whoever saves again has seen what the other has made of it.
    let typed = Edited::typed(&form, v.incident.version);
    whole(&desk, &reader, frame, v, (typed, wrong), Default::default()).await
}

/// What the form asks for: a field that was not sent stays as it is.
fn changes(form: &Fields) -> Result<Change> {
    let sent = |name: &str| form.all(name).next().map(str::to_owned);
    Ok(Change {
        title: sent("title"),
        description: sent("description").map(|text| text.replace("\r\n", "\n")),
        classification: sent("classification"),
        severity: sent("severity").map(|text| text.parse()).transpose()?,
        tlp: sent("tlp")
            .map(|text| Ok::<_, kit::Error>((label(&text)?, form.text("leave").to_owned())))
            .transpose()?,
        take: sent("take").map(|text| text == "yes"),
        status: sent("status").map(|text| text.parse()).transpose()?,
    })
}

async fn note(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = Number { kind: CaseKind::Incident, number: numbered(&name, CaseKind::Incident)? };
    match desk.add_note(&by, number, form.raw("text").replace("\r\n", "\n")).await {
        Ok(()) => {
            desk.drop_draft(by.actor(), format!("note:{number}")).await?;
            Ok(said(&desk, &format!("/incidents/{number}"), "The note is kept; it never leaves the desk."))
        }
        Err(error) => {
            let wrong = Wrong::from(error, "text")?;
            let v = desk.incident_view(&reader, number.number).await?;
            let typed = Edited::of(&v);
            whole(&desk, &reader, frame, v, (typed, Wrong::default()), (form.raw("text").to_owned(), wrong))
                .await
        }
    }
}

async fn csv(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Incident)?;
    let (incident, rows) = desk.incident_observables(&by, number).await?;
    Ok(export::observables_csv(&incident, &rows))
}
