//! `/trust/community`: the owner's page: who sits on the board, who holds an office, the hand-over.

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Appointed, Fields, Frame, Govern, Granted, PageError, Role, StepUp};
use kit::{Error, Id};
use ui::{Html, Page};

use super::Places;
use crate::Trust;
use crate::hand_over::Word;
use crate::upkeep::said;

const PATH: &str = "/trust/community";

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(show))
        .route("/trust/community/seats", post(seat))
        .route("/trust/community/offices", post(office))
        .route("/trust/community/take-over", post(take_over))
        .route("/trust/community/hand-over", post(hand_over))
}

#[derive(Template)]
#[template(path = "trust-community.html")]
struct CommunityPage {
    page: Page,
    places: Places,
    community: String,
    /// Teams with a seat: id and name.
    seats: Vec<(String, String)>,
    /// Teams that can get one.
    free: Vec<(String, String)>,
    appointed: Vec<Appointed>,
    offices: Vec<(String, String)>,
    operator: String,
    word: Word,
    /// Standings that the record does not know.
    unknown: usize,
    typed: Fields,
    /// The form that was refused, and why.
    wrong: (&'static str, String),
}

impl CommunityPage {
    /// There is a word of the owner that can be taken back.
    fn is_ordered(&self) -> bool {
        matches!(self.word, Word::Given(_) | Word::Gone(_))
    }

    fn wrong(&self, form: &str) -> &str {
        if self.wrong.0 == form { &self.wrong.1 } else { "" }
    }
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<Govern>,
    frame: Frame,
) -> Result<Response, PageError> {
    whole(&trust, &granted, frame, Fields::default(), Default::default()).await
}

async fn whole(
    trust: &Trust,
    granted: &Granted<Govern>,
    frame: Frame,
    typed: Fields,
    wrong: (&'static str, String),
) -> Result<Response, PageError> {
    let seats: Vec<String> = trust.seats().await?.iter().map(Id::to_string).collect();
    let named = |id: &String| (id.clone(), trust.name_of(id));
    let free = trust.voters().into_iter().filter(|voter| !seats.contains(voter));
    let mut free: Vec<(String, String)> = free.map(|voter| named(&voter)).collect();
    free.sort_by(|a, b| a.1.cmp(&b.1));
    let offices = Role::ALL.into_iter().filter(|role| role.is_office());
    let status = if wrong.1.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = CommunityPage {
        page: frame.page("The community", "/trust"),
        places: Places::of(granted.actor(), PATH),
        community: trust.settings().community().to_owned(),
        seats: seats.iter().map(named).collect(),
        free,
        appointed: trust.identity().appointed(granted).await?,
        offices: offices.map(|role| (role.name().to_owned(), role.name().to_owned())).collect(),
        operator: trust.operator().map_or_else(|error| error.to_string(), |team| team.name.clone()),
        word: trust.word().await?,
        unknown: trust.not_taken_over(granted).await?,
        typed,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

/// Back to the page, saying what was done, or the page with what is wrong and what was typed.
async fn answer(
    trust: &Trust,
    granted: &Granted<Govern>,
    frame: Frame,
    form: Fields,
    name: &'static str,
    done: kit::Result<String>,
) -> Result<Response, PageError> {
    match done {
        Ok(words) => Ok(said(trust, &words, PATH)),
        Err(Error::Conflict(why) | Error::NotFound(why) | Error::Invalid { message: why, .. }) => {
            whole(trust, granted, frame, form, (name, why)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn seat(
    State(trust): State<Trust>,
    granted: StepUp<Govern>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = match (form.text("team").parse::<Id>(), form.text("do")) {
        (Ok(team), "take") => {
            trust.take_seat(&granted, team).await.map(|()| "The seat is taken back.".to_owned())
        }
        (Ok(team), "give") => {
            trust.give_seat(&granted, team).await.map(|()| "The team has a seat.".to_owned())
        }
        _ => Err(Error::invalid("team", "choose the team")),
    };
    answer(&trust, &granted, frame, form, "seats", done).await
}

async fn office(
    State(trust): State<Trust>,
    granted: StepUp<Govern>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let (login, give) = (form.text("login"), form.text("do") != "take");
    let done = match form.text("office").parse::<Role>() {
        Ok(role) => {
            let done = trust.appoint(&granted, login, role, give).await;
            let words = if give { "has the role now" } else { "does not have the role any more" };
            done.map(|()| format!("{login} {words}: {role}. Their sessions are ended."))
        }
        Err(_) => Err(Error::invalid("office", "choose the office")),
    };
    answer(&trust, &granted, frame, form, "offices", done).await
}

async fn hand_over(
    State(trust): State<Trust>,
    granted: StepUp<Govern>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = match form.text("do") {
        "cancel" => trust
            .cancel_hand_over(&granted, form.text("reason"))
            .await
            .map(|()| "The word is taken back: the operation stays here.".to_owned()),
        _ => trust
            .order_hand_over(&granted, form.text("operator"), form.text("key"))
            .await
            .map(|()| "The word is given. The operator writes the hand-over now.".to_owned()),
    };
    answer(&trust, &granted, frame, form, "hand-over", done).await
}

async fn take_over(
    State(trust): State<Trust>,
    granted: StepUp<Govern>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = trust.take_over(&granted, form.text("source")).await;
    let done =
        done.map(|count| format!("{} taken over.", ui::format::plural(count, "standing", "standings")));
    answer(&trust, &granted, frame, form, "take-over", done).await
}
