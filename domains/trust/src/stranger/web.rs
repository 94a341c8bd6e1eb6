//! `/trust/apply`: the form for everybody and the page behind the link; `/trust/desk/applications/ID`: the operator's side.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, Introduce, PageError, Visitor};
use kit::{Error, Id, Result};
use ui::{Html, Page};

use super::model::{Applicant, State as Where, Told};
use super::use_cases::Sent;
use crate::Trust;
use crate::upkeep::{entered, said, secret_page};
use crate::web::Places;

const PATH: &str = "/trust/apply";
const DESK: &str = "/trust/desk";

pub(crate) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(form).post(apply))
        .route("/trust/apply/{token}", get(look).post(answer))
        .route("/trust/desk/applications/{id}", get(show).post(decide))
}

#[derive(Template)]
#[template(path = "stranger-apply.html")]
struct ApplyPage {
    page: Page,
    community: String,
    /// Whether the form is there.
    is_open: bool,
    /// Whom to write to instead: name and mailbox.
    operator: Option<(String, String)>,
    sent: Option<Sent>,
    days: u16,
    told: Told,
    sponsors: String,
    /// What is wrong: field and words.
    wrong: (String, String),
}

impl ApplyPage {
    fn wrong(&self, field: &str) -> &str {
        if self.wrong.0 == field { &self.wrong.1 } else { "" }
    }
}

fn page(trust: &Trust, frame: Frame, told: Told, wrong: (String, String), sent: Option<Sent>) -> ApplyPage {
    let operator = trust.operator().ok();
    ApplyPage {
        page: frame.page("Apply for your team", "/trust"),
        community: trust.settings().community().to_owned(),
        is_open: trust.takes_strangers(),
        operator: operator.map(|team| (team.name.clone(), team.mailbox().unwrap_or_default().to_owned())),
        sent,
        days: trust.settings().apply.confirm_days,
        sponsors: told.sponsors.join(", "),
        told,
        wrong,
    }
}

async fn form(State(trust): State<Trust>, frame: Frame) -> Response {
    Html(page(&trust, frame, Told::default(), Default::default(), None)).into_response()
}

async fn apply(
    State(trust): State<Trust>,
    visitor: Visitor,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let text = |field: &str| form.text(field).to_owned();
    let told = Told {
        team: text("team"),
        handle: text("handle"),
        country: text("country"),
        mail: text("mail"),
        person: text("person"),
        email: text("email"),
        words: text("words"),
        sponsors: form.text("sponsors").split([',', ' ', '\n', '\r']).map(str::to_owned).collect(),
    };
    let told = Told { sponsors: told.sponsors.into_iter().filter(|one| !one.is_empty()).collect(), ..told };
    let (status, page) = match trust.apply_as_stranger(told.clone(), visitor.peer).await {
        Ok(sent) => {
            let status = match sent {
                Sent::UnderWay => StatusCode::OK,
                Sent::TooMany => StatusCode::TOO_MANY_REQUESTS,
                Sent::Full => StatusCode::SERVICE_UNAVAILABLE,
            };
            (status, page(&trust, frame, told, Default::default(), Some(sent)))
        }
        Err(Error::Invalid { field, message }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page(&trust, frame, told, (field, message), None))
        }
        Err(error) => return Err(error.into()),
    };
    Ok((status, Html(page)).into_response())
}

#[derive(Template)]
#[template(path = "stranger-link.html")]
struct LinkPage {
    page: Page,
    community: String,
    token: String,
    /// The application; `None` when the link is of none any more.
    found: Option<Applicant>,
    /// It was just said that the application is somebody else's.
    dropped: bool,
}

impl LinkPage {
    fn step(&self) -> &'static str {
        match &self.found {
            _ if self.dropped => "dropped",
            None => "none",
            Some(found) => found.state.name(),
        }
    }
}

async fn look(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    link_page(&trust, frame, token, false).await
}

async fn answer(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    match form.text("do") {
        "enter" => return Ok(entered(&trust.stranger_enters(&token).await?)),
        "confirm" => trust.confirm_stranger(&token, true).await?,
        "drop" => {
            trust.confirm_stranger(&token, false).await?;
            return link_page(&trust, frame, token, true).await;
        }
        _ => return Err(Error::invalid("do", "confirm, drop or enter").into()),
    }
    link_page(&trust, frame, token, false).await
}

async fn link_page(trust: &Trust, frame: Frame, token: String, dropped: bool) -> Result<Response, PageError> {
    let found = trust.stranger_of_link(&token).await?;
    let (there, community) = (found.is_some() || dropped, trust.settings().community().to_owned());
    let page = LinkPage { page: frame.page("Your application", "/trust"), community, token, found, dropped };
    Ok(secret_page(page, there))
}

/// A team that was named as sponsor, as the directory has it.
struct Sponsor {
    handle: String,
    /// Its name and standing; `None`: there is no such team.
    known: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "stranger-desk.html")]
struct DeskPage {
    page: Page,
    places: Places,
    one: Applicant,
    sponsors: Vec<Sponsor>,
    /// Teams of the directory that look like this one, by handle and name, and why.
    alike: Vec<(String, String, &'static str)>,
    needed: u32,
    handle: String,
    login: String,
    reason: String,
    /// What is wrong: field and words.
    wrong: (String, String),
}

impl DeskPage {
    fn wrong(&self, field: &str) -> &str {
        if self.wrong.0 == field { &self.wrong.1 } else { "" }
    }
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    frame: Frame,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    let one = trust.stranger(&granted, id).await?;
    let (handle, login) = (one.told.handle.clone(), one.told.email.clone());
    desk_page(&trust, &granted, frame, one, (handle, login, String::new()), Default::default())
}

/// `typed`: handle, login, reason.
fn desk_page(
    trust: &Trust,
    granted: &Granted<Introduce>,
    frame: Frame,
    one: Applicant,
    (handle, login, reason): (String, String, String),
    wrong: (String, String),
) -> Result<Response, PageError> {
    let directory = trust.teams().directory();
    let sponsor = |handle: &String| Sponsor {
        handle: handle.clone(),
        known: directory.by_handle(handle).map(|team| (team.name.clone(), team.status_name())),
    };
    let told = &one.told;
    let mut alike = Vec::new();
    for team in directory.teams().iter().filter(|team| Some(team.id) != one.team) {
        let why = match () {
            () if team.handle == told.handle => "the same handle",
            () if team.name.eq_ignore_ascii_case(&told.team) => "the same name",
            () if team
                .emails
                .iter()
                .any(|email| email.address == told.mail || email.address == told.email) =>
            {
                "the same address"
            }
            () => continue,
        };
        alike.push((team.handle.clone(), team.name.clone(), why));
    }
    let status = if wrong.1.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = DeskPage {
        page: frame.page("Application", "/trust"),
        places: Places::of(granted.actor(), DESK),
        sponsors: told.sponsors.iter().map(sponsor).collect(),
        alike,
        needed: trust.settings().rules.sponsors,
        one,
        handle,
        login,
        reason,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

async fn decide(
    State(trust): State<Trust>,
    granted: Granted<Introduce>,
    frame: Frame,
    Path(id): Path<Id>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let text = |field: &str| form.text(field).trim().to_owned();
    let (handle, login, reason) = (text("handle"), text("login"), text("reason"));
    let done = match form.text("do") {
        "take" => trust.take_stranger(&granted, id, &handle, &login).await.map(Some),
        "refuse" => trust.refuse_stranger(&granted, id, &reason).await.map(|()| None),
        _ => Err(Error::invalid("do", "take or refuse")),
    };
    let wrong = match done {
        Ok(Some(team)) => {
            let team = trust.subject(team)?;
            let words = format!(
                "{} is in the directory, without a standing; the invitation is on its way.",
                team.name
            );
            return Ok(said(&trust, &words, &format!("/trust/teams/{}", team.handle)));
        }
        Ok(None) => return Ok(said(&trust, "The application is refused; the person is told.", DESK)),
        Err(Error::Invalid { field, message }) => (field, message),
        Err(Error::Conflict(why)) => ("take".to_owned(), why),
        Err(error) => return Err(error.into()),
    };
    let one = trust.stranger(&granted, id).await?;
    let (handle, login) = match form.text("do") {
        "take" => (handle, login),
        _ => (one.told.handle.clone(), one.told.email.clone()),
    };
    desk_page(&trust, &granted, frame, one, (handle, login, reason), wrong)
}

impl DeskPage {
    fn is_open(&self) -> bool {
        self.one.state == Where::Open
    }
}
