//! `/reports/IR-…`: one report with all its mails; answers and notes are written here.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, PageError, ReadCases, SendMail, WorkIncidents};
use kit::Result;
use taxonomy::Tlp;
use ui::{Html, Page};

use super::answer::{May, Wrong, done, numbered, page, said};
use super::drafts::{Typed, kept};
use super::messages::{Letter, letter};
use crate::answers::Reply;
use crate::model::{CaseKind, Number};
use crate::views::reach::Reach;
use crate::views::report::ReportView;
use crate::{Desk, views};

/// Mails that are opened whole; older ones are shown as far as they are stored beside their originals.
const OPENED: usize = 20;
const TEXT: usize = 128 * 1024;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/reports/{name}", get(show))
        .route("/reports/{name}/reply", post(reply))
        .route("/reports/{name}/note", post(note))
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    page: Page,
    v: ReportView,
    letters: Vec<Letter>,
    reply: ReplyForm,
    note: String,
    note_wrong: Wrong,
    may: May,
}

/// The form of an answer, as typed.
pub(super) struct ReplyForm {
    pub(super) text: String,
    pub(super) tlp: String,
    pub(super) confirmed: bool,
    pub(super) wrong: Wrong,
    /// Who will be able to read it.
    pub(super) reach: Reach,
}

impl ReplyForm {
    /// What was typed last into the form `name`, or an empty one with the label `tlp`.
    pub(super) fn of(typed: &Typed, tlp: Tlp, reach: Reach) -> Self {
        Self {
            text: typed.or("text", ""),
            tlp: typed.or("tlp", views::label(tlp)),
            confirmed: false,
            wrong: Wrong::default(),
            reach,
        }
    }

    /// What was sent, with what is wrong with it.
    pub(super) fn refused(form: &Fields, wrong: Wrong, reach: Reach) -> Self {
        Self {
            text: form.raw("text").to_owned(),
            tlp: form.text("tlp").to_owned(),
            confirmed: form.text("confirm") == "yes",
            wrong,
            reach,
        }
    }
}

/// An answer out of a form.
pub(super) fn reply_of(form: &Fields) -> Result<Reply> {
    Ok(Reply {
        text: form.raw("text").replace("\r\n", "\n"),
        tlp: label(form.text("tlp"))?,
        confirmed: form.text("confirm") == "yes",
    })
}

/// A TLP label out of a form.
pub(super) fn label(text: &str) -> Result<Tlp> {
    let wrong = || kit::Error::invalid("tlp", format!("{text:?} is no TLP label: choose one of the list"));
    Tlp::parse(text).ok_or_else(wrong)
}

/// The choices of a TLP label.
pub(super) fn labels(name: &str, words: &str, chosen: &str) -> ui::Select {
    let options: Vec<(String, String)> =
        Tlp::ALL.iter().map(|tlp| (views::label(*tlp).to_owned(), tlp.label().to_owned())).collect();
    ui::select(name, words).options(&options).chosen(chosen)
}

async fn show(
    State(desk): State<Desk>,
    by: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let number = numbered(&name, CaseKind::Report)?;
    let v = desk.report_view(&by, number, true).await?;
    let typed = kept(&desk, by.actor(), &format!("reply:{}", v.report.name())).await?;
    let noted = kept(&desk, by.actor(), &format!("note:{}", v.report.name())).await?;
    let reach = Reach::of(&desk, &v.report.from_address, &v.report.from_name);
    let reply = ReplyForm::of(&typed, v.report.tlp, reach);
    whole(&desk, &by, frame, v, reply, (noted.or("text", ""), Wrong::default())).await
}

async fn whole(
    desk: &Desk,
    by: &Granted<ReadCases>,
    frame: Frame,
    v: ReportView,
    reply: ReplyForm,
    note: (String, Wrong),
) -> Result<Response, PageError> {
    let status = if reply.wrong.is_some() || note.1.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let title = format!("{} {}", v.report.name(), v.report.subject);
    let page = page(desk, by, frame, title, "/reports").await?;
    let letters = letters(desk, by, &v.messages).await?;
    let may = May::of(by.actor());
    let (note, note_wrong) = note;
    Ok((status, Html(ReportPage { page, v, letters, reply, note, note_wrong, may })).into_response())
}

/// The messages of a case: the newest are opened whole.
pub(super) async fn letters(
    desk: &Desk,
    by: &Granted<ReadCases>,
    messages: &[crate::model::Message],
) -> Result<Vec<Letter>> {
    let opened = messages.len().saturating_sub(OPENED);
    let mut letters = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        if index < opened {
            let stored = crate::model::Message { blob: None, ..message.clone() };
            let mut one = letter(desk, by, &stored, TEXT).await?;
            one.message.blob = message.blob;
            letters.push(one);
        } else {
            letters.push(letter(desk, by, message, TEXT).await?);
        }
    }
    Ok(letters)
}

async fn reply(
    State(desk): State<Desk>,
    by: Granted<SendMail>,
    reader: Granted<ReadCases>,
    Path(name): Path<String>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let number = Number { kind: CaseKind::Report, number: numbered(&name, CaseKind::Report)? };
    let refused = match reply_of(&form) {
        Ok(wanted) => match desk.reply(&by, number, wanted).await {
            Ok(sent) => {
                desk.drop_draft(by.actor(), format!("reply:{number}")).await?;
                return Ok(done(&desk, &format!("/reports/{number}"), &sent));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let wrong = Wrong::from(refused, "confirm")?;
    let v = desk.report_view(&reader, number.number, true).await?;
    let reach = Reach::of(&desk, &v.report.from_address, &v.report.from_name);
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
    let number = Number { kind: CaseKind::Report, number: numbered(&name, CaseKind::Report)? };
    match desk.add_note(&by, number, form.raw("text").replace("\r\n", "\n")).await {
        Ok(()) => {
            desk.drop_draft(by.actor(), format!("note:{number}")).await?;
            Ok(said(&desk, &format!("/reports/{number}"), "The note is kept; it never leaves the desk."))
        }
        Err(error) => {
            let wrong = Wrong::from(error, "text")?;
            let v = desk.report_view(&reader, number.number, true).await?;
            let reach = Reach::of(&desk, &v.report.from_address, &v.report.from_name);
            let reply = ReplyForm::of(&Typed::default(), v.report.tlp, reach);
            whole(&desk, &reader, frame, v, reply, (form.raw("text").to_owned(), wrong)).await
        }
    }
}
