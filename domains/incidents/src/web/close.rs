//! `/incidents/INC-…/close`: how it ends, and what the reporters are told.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, PageError, ReadCases, SendMail};
use kit::Result;
use ui::{Html, Page};

use super::answer::{Wrong, done, numbered, page};
use super::drafts::{Typed, kept};
use super::report::label;
use super::triage::numbers;
use crate::answers::Closing;
use crate::model::{CaseKind, IncidentStatus, Report};
use crate::views::incident::IncidentView;
use crate::views::reach::Reach;
use crate::{Desk, views};

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/incidents/{name}/close", get(show).post(close))
}

#[derive(Template)]
#[template(path = "close.html")]
struct ClosePage {
    page: Page,
    v: IncidentView,
    /// The reporters with how far a mail to each reaches.
    reporters: Vec<(Report, Reach)>,
    status: String,
    resolution: String,
    text: String,
    tlp: String,
    confirmed: bool,
    chosen: Vec<i64>,
    wrong: Wrong,
}

impl ClosePage {
    /// Whether somebody among the reporters can only be told in clear.
    fn must_confirm(&self) -> bool {
        self.reporters.iter().any(|(_, reach)| reach.must_confirm(&self.tlp))
    }

    fn is_chosen(&self, report: &Report) -> bool {
        self.chosen.contains(&report.number)
    }
}

/// What reporters are told when nothing else was written.
const THANKS: &str = "Thank you for your report. The incident that it belongs to has been dealt with, and we have closed it on our \
    side.\n\nIf you see more of it, please answer to this mail.";

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    _may: Granted<SendMail>,
    Path(name): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let v = desk.incident_view(&by, numbered(&name, CaseKind::Incident)?).await?;
    let typed: Typed = kept(&desk, by.actor(), &format!("close:{}", v.incident.name())).await?;
    let people = |report: &&Report| !report.machine && !report.from_address.is_empty();
    let chosen = if typed.is_empty() {
        v.reports.iter().filter(people).map(|report| report.number).collect()
    } else {
        typed.all("r").filter_map(|text| text.parse().ok()).collect()
    };
    let form = ClosePage {
        page: Page::default(),
        reporters: reporters(&desk, &v),
        status: typed.or("status", IncidentStatus::Resolved.name()),
        resolution: typed.or("resolution", ""),
        text: typed.or("text", THANKS),
        tlp: typed.or("tlp", views::label(v.incident.tlp)),
        confirmed: false,
        chosen,
        wrong: Wrong::default(),
        v,
    };
    whole(&desk, &by, frame, form).await
}

async fn whole(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    mut form: ClosePage,
) -> Result<Response, PageError> {
    form.page = page(desk, by, frame, format!("Close {}", form.v.incident.name()), "/incidents").await?;
    let status = if form.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(form)).into_response())
}

fn reporters(desk: &Desk, v: &IncidentView) -> Vec<(Report, Reach)> {
    let reach = |report: &Report| Reach::of(desk, &report.from_address, &report.from_name);
    v.reports.iter().map(|report| (report.clone(), reach(report))).collect()
}

async fn close(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Incident)?;
    let chosen = numbers(&form)?;
    let refused = match closing(&form, &chosen) {
        Ok(closing) => match desk.close(&by, number, closing).await {
            Ok(result) => {
                desk.drop_draft(by.actor(), format!("close:INC-{number}")).await?;
                return Ok(done(&desk, &format!("/incidents/INC-{number}"), &result));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "confirm")?;
    let v = desk.incident_view(&reader, number).await?;
    let again = ClosePage {
        page: Page::default(),
        reporters: reporters(&desk, &v),
        status: form.text("status").to_owned(),
        resolution: form.raw("resolution").to_owned(),
        text: form.raw("text").to_owned(),
        tlp: form.text("tlp").to_owned(),
        confirmed: form.text("confirm") == "yes",
        chosen,
        wrong,
        v,
    };
    whole(&desk, &reader, frame, again).await
}

fn closing(form: &Fields, chosen: &[i64]) -> Result<Closing> {
    Ok(Closing {
        status: form
            .text("status")
            .parse()
            .map_err(|_| kit::Error::invalid("status", "choose resolved or abandoned"))?,
        resolution: form.raw("resolution").replace("\r\n", "\n"),
        text: form.raw("text").replace("\r\n", "\n"),
        reporters: chosen.to_vec(),
        tlp: label(form.text("tlp"))?,
        confirmed: form.text("confirm") == "yes",
    })
}
