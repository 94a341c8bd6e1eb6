//! `/investigations/INV-…`: the thread with one responsible contact.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, PageError, ReadCases, SendMail, WorkIncidents};
use kit::Result;
use ui::{Html, Page};

use super::answer::{May, Wrong, done, numbered, page, said};
use super::drafts::kept;
use super::messages::Letter;
use super::report::{ReplyForm, letters, reply_of};
use crate::Desk;
use crate::model::{CaseKind, InvestigationStatus, Number};
use crate::views::investigation::InvestigationView;
use crate::views::reach::Reach;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/investigations/{name}", get(show))
        .route("/investigations/{name}/reply", post(reply))
        .route("/investigations/{name}/note", post(note))
        .route("/investigations/{name}/remind", post(remind))
        .route("/investigations/{name}/status", post(status))
}

#[derive(Template)]
#[template(path = "investigation.html")]
struct InvestigationPage {
    page: Page,
    v: InvestigationView,
    letters: Vec<Letter>,
    reply: ReplyForm,
    note: String,
    note_wrong: Wrong,
    may: May,
}

impl InvestigationPage {
    fn is_open(&self) -> bool {
        self.v.investigation.status == InvestigationStatus::Open
    }

    fn clock(&self) -> ui::Clock {
        ui::Clock::new(self.v.investigation.created_at, self.v.investigation.due_at, self.page.now)
    }

    /// How far the newest mail has got.
    fn delivery(&self) -> (&'static str, String) {
        let last = self.v.mails.last();
        last.map_or(("", String::new()), |mail| crate::views::investigation::delivery(mail, self.page.now))
    }
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let v = desk.investigation_view(&by, numbered(&name, CaseKind::Investigation)?).await?;
    let name = v.investigation.name();
    let typed = kept(&desk, by.actor(), &format!("reply:{name}")).await?;
    let noted = kept(&desk, by.actor(), &format!("note:{name}")).await?;
    let reach = Reach::of(&desk, &v.investigation.recipient, &v.investigation.recipient_name);
    let reply = ReplyForm::of(&typed, v.investigation.tlp, reach);
    whole(&desk, &by, frame, v, reply, (noted.or("text", ""), Wrong::default())).await
}

async fn whole(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    v: InvestigationView,
    reply: ReplyForm,
    note: (String, Wrong),
) -> Result<Response, PageError> {
    let status = if reply.wrong.is_some() || note.1.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let title = format!("{} {}", v.investigation.name(), v.investigation.recipient_name);
    let page = page(desk, by, frame, title, "/incidents").await?;
    let letters = letters(desk, by, &v.messages).await?;
    let (note, note_wrong) = note;
    let may = May::of(by.actor());
    Ok((status, Html(InvestigationPage { page, v, letters, reply, note, note_wrong, may })).into_response())
}

async fn reply(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = Number { kind: CaseKind::Investigation, number: numbered(&name, CaseKind::Investigation)? };
    let refused = match reply_of(&form) {
        Ok(wanted) => match desk.reply(&by, number, wanted).await {
            Ok(sent) => {
                desk.drop_draft(by.actor(), format!("reply:{number}")).await?;
                return Ok(done(&desk, &format!("/investigations/{number}"), &sent));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "confirm")?;
    let v = desk.investigation_view(&reader, number.number).await?;
    let reach = Reach::of(&desk, &v.investigation.recipient, &v.investigation.recipient_name);
    let reply = ReplyForm::refused(&form, wrong, reach);
    whole(&desk, &reader, frame, v, reply, Default::default()).await
}

async fn note(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = Number { kind: CaseKind::Investigation, number: numbered(&name, CaseKind::Investigation)? };
    match desk.add_note(&by, number, form.raw("text").replace("\r\n", "\n")).await {
        Ok(()) => {
            desk.drop_draft(by.actor(), format!("note:{number}")).await?;
            Ok(said(
                &desk,
                &format!("/investigations/{number}"),
                "The note is kept; it never leaves the desk.",
            ))
        }
        Err(error) => {
            let wrong = Wrong::from(error, "text")?;
            let v = desk.investigation_view(&reader, number.number).await?;
            let reach = Reach::of(&desk, &v.investigation.recipient, &v.investigation.recipient_name);
            let reply = ReplyForm::of(&Default::default(), v.investigation.tlp, reach);
            whole(&desk, &reader, frame, v, reply, (form.raw("text").to_owned(), wrong)).await
        }
    }
}

async fn remind(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Investigation)?;
    let sent = desk.remind(&by, number).await?;
    Ok(done(&desk, &format!("/investigations/INV-{number}"), &sent))
}

async fn status(
    State(desk): State<Desk>,
    by: Granted<WorkIncidents>,
    Path(name): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Investigation)?;
    let resolved = form.text("status").parse::<InvestigationStatus>()? == InvestigationStatus::Resolved;
    desk.set_investigation(&by, number, resolved).await?;
    let words = if resolved { "resolved" } else { "open again" };
    Ok(said(&desk, &format!("/investigations/INV-{number}"), &format!("INV-{number} is {words}.")))
}
