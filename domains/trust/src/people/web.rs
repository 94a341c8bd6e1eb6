//! `/trust/people`: who is trusted and who is on the way, one person, and the page on which a nominee answers; and the
//! same for programs.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use identity::{ApiError, Fields, Frame, Granted, Introduce, JudgeCases, LookUp, PageError, Problem, StepUp};
use kit::{Error, Id};
use ui::{Html, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::nominate::Nomination;
use super::views::{ObjectionView, PersonView};
use super::{Attestation, Rules};
use crate::upkeep::{entered, said, secret_page};
use crate::web::Places;
use crate::{Trust, people};

const PATH: &str = "/trust/people";

pub(crate) fn routes() -> Router<Trust> {
    Router::new()
        .route(PATH, get(list).post(nominate))
        .route("/trust/people/{id}", get(show))
        .route("/trust/people/{id}/vouch", post(vouch))
        .route("/trust/people/{id}/withdraw", post(withdraw))
        .route("/trust/people/{id}/object", post(object))
        .route("/trust/people/{id}/approve", post(approve))
        .route("/trust/people/{id}/died", post(died))
        .route("/trust/people/{id}/objections/{objection}", post(judge))
        .route("/trust/people/answer/{token}", get(look).post(answer))
}

/// Symbol, word and colour of a state.
pub(crate) fn mark(state: &str) -> ui::Markup {
    let (kind, icon) = match state {
        "nominated" => ("info", "candidate"),
        "vetted" => ("info", "told"),
        "approved" => ("ok", "check"),
        "active" => ("ok", "accredited"),
        "inactive" => ("warn", "suspended"),
        "idle" => ("plain", "clock"),
        "blocked" => ("bad", "held"),
        _ => ("plain", "none"),
    };
    ui::status(kind, icon, state)
}

#[derive(Template)]
#[template(path = "people.html")]
struct ListPage {
    page: Page,
    places: Places,
    people: Vec<PersonView>,
    rules: Rules,
    may_name: bool,
    typed: Nomination,
    wrong: (String, String),
}

impl ListPage {
    fn wrong(&self, field: &str) -> &str {
        if self.wrong.0 == field { &self.wrong.1 } else { "" }
    }

    fn ticked(&self, one: &Attestation) -> bool {
        self.typed.attestations.contains(&one.key)
    }
}

async fn list(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    whole(&trust, &granted, frame, Nomination::default(), Default::default()).await
}

async fn whole(
    trust: &Trust,
    granted: &Granted<LookUp>,
    frame: Frame,
    typed: Nomination,
    wrong: (String, String),
) -> Result<Response, PageError> {
    let status = if wrong.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        people: trust.people(granted).await?,
        page: frame.page("People", "/trust"),
        places: Places::of(granted.actor(), PATH),
        rules: trust.settings().people.clone(),
        may_name: trust.voucher(granted).is_ok(),
        typed,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

fn typed(form: &Fields) -> Nomination {
    Nomination {
        name: form.text("name").into(),
        email: form.text("email").into(),
        login: form.text("login").into(),
        about: form.text("about").into(),
        attestations: form.all("attest").map(str::to_owned).collect(),
    }
}

async fn nominate(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let typed = typed(&form);
    match trust.nominate(&granted, typed.clone()).await {
        Ok(id) => {
            let words = format!("{} is named; they are not told before enough teams vouch.", typed.name);
            Ok(said(&trust, &words, &format!("{PATH}/{id}")))
        }
        Err(Error::Invalid { field, message }) => {
            whole(&trust, &granted, frame, typed, (field, message)).await
        }
        // What was typed stays, with the reason at its head.
        Err(Error::Conflict(why)) => whole(&trust, &granted, frame, typed, ("name".into(), why)).await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    places: Places,
    person: PersonView,
    objections: Vec<ObjectionView>,
    attestations: Vec<Attestation>,
    may_vouch: bool,
    vouches: bool,
    may_approve: bool,
    may_judge: bool,
    /// What was typed and refused: field, text, and why.
    refused: (String, String, String),
}

impl PersonPage {
    /// Whether they have not said yes yet.
    fn waits(&self) -> bool {
        !self.person.consented
    }

    fn typed(&self, field: &str) -> &str {
        if self.refused.0 == field { &self.refused.1 } else { "" }
    }

    fn wrong(&self, field: &str) -> &str {
        if self.refused.0 == field { &self.refused.2 } else { "" }
    }
}

async fn show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    one(&trust, &granted, frame, id, Default::default()).await
}

async fn one(
    trust: &Trust,
    granted: &Granted<LookUp>,
    frame: Frame,
    id: Id,
    refused: (String, String, String),
) -> Result<Response, PageError> {
    let person = trust.person(granted, id).await?;
    let status = if refused.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = PersonPage {
        page: frame.page(&person.name, "/trust"),
        places: Places::of(granted.actor(), PATH),
        objections: trust.objections(granted, id).await?,
        attestations: trust.settings().people.attestations.clone(),
        may_vouch: trust.voucher(granted).is_ok(),
        vouches: trust.vouches_for(granted, id).await?,
        may_approve: Granted::<Introduce>::check(granted.actor()).is_ok(),
        may_judge: Granted::<JudgeCases>::check(granted.actor()).is_ok(),
        person,
        refused,
    };
    Ok((status, Html(page)).into_response())
}

async fn vouch(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    frame: Frame,
    Path(id): Path<Id>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    trust.person(&granted, id).await?;
    let attestations = form.all("attest").map(str::to_owned).collect();
    let comment = form.text("comment").to_owned();
    match trust.vouch(&granted, id, attestations, comment.clone()).await {
        Ok(()) => Ok(said(&trust, "You vouch for them.", &format!("{PATH}/{id}"))),
        Err(Error::Invalid { message, .. }) => {
            one(&trust, &granted, frame, id, ("comment".into(), comment, message)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Response, PageError> {
    trust.withdraw_vouch(&granted, id).await?;
    Ok(said(&trust, "You do not vouch for them any more.", &format!("{PATH}/{id}")))
}

async fn object(
    State(trust): State<Trust>,
    granted: StepUp<LookUp>,
    frame: Frame,
    Path(id): Path<Id>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    trust.person(&granted, id).await?;
    let reason = form.text("reason").to_owned();
    match trust.object(&granted, id, reason.clone()).await {
        Ok(()) => {
            let words = "Your objection is sealed: introducer and board read it, nobody else.";
            Ok(said(&trust, words, &format!("{PATH}/{id}")))
        }
        Err(Error::Invalid { message, .. }) => {
            one(&trust, &granted, frame, id, ("reason".into(), reason, message)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn version(form: &Fields) -> Result<i64, Error> {
    form.text("version").parse().map_err(|_| Error::invalid("version", "load the page again"))
}

async fn approve(
    State(trust): State<Trust>,
    granted: StepUp<Introduce>,
    Path(id): Path<Id>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    trust.approve_person(&granted, id, version(&form)?).await?;
    Ok(said(&trust, "Approved; they are told by mail.", &format!("{PATH}/{id}")))
}

async fn died(
    State(trust): State<Trust>,
    granted: StepUp<Introduce>,
    Path(id): Path<Id>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    trust.bury_person(&granted, id, version(&form)?).await?;
    Ok(said(&trust, "Noted.", &format!("{PATH}/{id}")))
}

async fn judge(
    State(trust): State<Trust>,
    granted: StepUp<JudgeCases>,
    Path((id, objection)): Path<(Id, Id)>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let upheld = match form.text("do") {
        "uphold" => true,
        "dismiss" => false,
        _ => return Err(Error::invalid("do", "dismiss or uphold").into()),
    };
    trust.judge_objection(&granted, id, objection, upheld).await?;
    let words = if upheld { "Found right: the nomination ends." } else { "Dismissed." };
    Ok(said(&trust, words, &format!("{PATH}/{id}")))
}

#[derive(Template)]
#[template(path = "person-answer.html")]
struct AnswerPage {
    page: Page,
    token: String,
    name: String,
    /// `ask`, `wait`, `enter`, `none`.
    step: String,
}

async fn look(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    answer_page(&trust, frame, token).await
}

async fn answer(
    State(trust): State<Trust>,
    frame: Frame,
    Path(token): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    match form.text("do") {
        "enter" => return Ok(entered(&trust.first_entry(&token).await?)),
        "yes" => trust.answer_nomination(&token, true).await?,
        "no" => trust.answer_nomination(&token, false).await?,
        _ => return Err(Error::invalid("do", "yes or no").into()),
    }
    answer_page(&trust, frame, token).await
}

async fn answer_page(trust: &Trust, frame: Frame, token: String) -> Result<Response, PageError> {
    let person = trust.person_of_link(&token).await?;
    let step = match person.as_ref().map(|person| &person.standing) {
        Some(standing) if standing.state == people::State::Vetted && standing.consented_at.is_none() => "ask",
        Some(standing) if matches!(standing.state, people::State::Vetted | people::State::Blocked) => "wait",
        Some(standing) if standing.state == people::State::Approved => "enter",
        _ => "none",
    };
    let name = person.map(|person| person.name).unwrap_or_default();
    let page = AnswerPage { page: frame.page("Your nomination", ""), token, name, step: step.into() };
    Ok(secret_page(page, step != "none"))
}

pub(crate) fn api() -> OpenApiRouter<Trust> {
    OpenApiRouter::new().routes(routes!(api_list)).routes(routes!(api_show))
}

/// The people of the community, by name. Vouching is for people with a browser, not for programs.
#[utoipa::path(get, path = "/trust/people", operation_id = "people_list", tag = "trust",
    responses((status = 200, body = Vec<PersonView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn api_list(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
) -> Result<Json<Vec<PersonView>>, ApiError> {
    Ok(Json(trust.people(&granted).await?))
}

/// One person.
#[utoipa::path(get, path = "/trust/people/{id}", operation_id = "people_get", tag = "trust", params(("id" = String, Path, description = "their id")),
    responses((status = 200, body = PersonView), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn api_show(
    State(trust): State<Trust>,
    granted: Granted<LookUp>,
    Path(id): Path<Id>,
) -> Result<Json<PersonView>, ApiError> {
    Ok(Json(trust.person(&granted, id).await?))
}
