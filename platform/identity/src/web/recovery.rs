//! Recovery in two halves: begun on the page of accounts, or by the community's operator on a page of its own, one half for the nominator, both for the owner.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kit::Error;
use ui::{Html, Page};

use super::Frame;
use super::answer::PageError;
use super::client::Client;
use super::form::Fields;
use super::login::{entered_with, told};
use crate::{Granted, Identity, Introduce, ManageTeam, OwnAccount, RecoveryBegun, RecoveryView, StepUp};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/settings/accounts/{account}/recovery", post(begin))
        .route("/settings/recovery", get(members).post(begin_members))
        .route("/account/recoveries", get(waiting))
        .route("/account/recoveries/{recovery}", post(show))
        .route("/login/recover", get(enter).post(recover))
}

/// A half that is shown this once.
#[derive(Template)]
#[template(path = "recovery_half.html")]
struct HalfPage {
    page: Page,
    half: String,
    /// Who has the other one.
    other: String,
}

#[derive(Template)]
#[template(path = "recoveries.html")]
struct WaitingPage {
    page: Page,
    recoveries: Vec<RecoveryView>,
}

/// Where the community's operator begins one.
#[derive(Template)]
#[template(path = "members_recovery.html")]
struct MembersRecoveryPage {
    page: Page,
    typed: Fields,
    wrong: Option<(String, String)>,
}

impl MembersRecoveryPage {
    fn error(&self, field: &str) -> &str {
        self.wrong.as_ref().filter(|(wrong, _)| wrong == field).map_or("", |(_, message)| message)
    }
}

#[derive(Template)]
#[template(path = "recover.html")]
struct RecoverPage {
    page: Page,
    login: String,
    error: String,
}

async fn begin(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<ManageTeam>,
    Path(account): Path<String>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let nominator = identity.nominator(&fresh, form.text("nominator")).await?;
    let begun = identity.begin_recovery(&fresh, account.parse()?, nominator).await?;
    Ok(operators_half(page, begun))
}

fn operators_half(page: Page, begun: RecoveryBegun) -> Response {
    let other = format!("{}, on the page /account/recoveries", begun.nominator);
    Html(HalfPage { page: page.titled("Your half of the recovery"), half: begun.half, other }).into_response()
}

async fn members(_: Granted<Introduce>, Frame(page): Frame) -> Response {
    let (typed, wrong) = (Fields::default(), None);
    Html(MembersRecoveryPage { page: page.titled("Recover a member's account"), typed, wrong })
        .into_response()
}

async fn begin_members(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<Introduce>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let begun = async {
        let nominator = identity.nominator(&fresh, form.text("nominator")).await?;
        identity.begin_members_recovery(&fresh, form.text("login"), nominator).await
    };
    match begun.await {
        Ok(begun) => Ok(operators_half(page, begun)),
        Err(Error::Invalid { field, message }) => {
            let page = page.titled("Recover a member's account");
            let shown = MembersRecoveryPage { page, typed: form, wrong: Some((field, message)) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn waiting(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let recoveries = identity.recoveries(&granted).await?;
    Ok(Html(WaitingPage { page: page.titled("Recoveries"), recoveries }).into_response())
}

async fn show(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Path(recovery): Path<String>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let half = identity.show_recovery_half(&fresh, recovery.parse()?).await?;
    let other = "whoever began the recovery".to_owned();
    Ok(Html(HalfPage { page: page.titled("Your half of the recovery"), half, other }).into_response())
}

async fn enter(Frame(page): Frame) -> Response {
    let (login, error) = (String::new(), String::new());
    Html(RecoverPage { page: page.titled("Recover your account"), login, error }).into_response()
}

async fn recover(
    Extension(identity): Extension<Identity>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let login = form.text("login").to_owned();
    match identity.recover(&login, [form.text("one"), form.text("other")], &client.from).await {
        Ok(value) => entered_with(&identity, &value, &client, &headers, "/account").await,
        Err(refused) => {
            let (status, error): (StatusCode, String) = told(refused)?;
            let page = page.titled("Recover your account");
            Ok((status, Html(RecoverPage { page, login, error })).into_response())
        }
    }
}
