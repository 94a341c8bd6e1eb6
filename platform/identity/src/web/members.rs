//! The team's accounts, for its administrator.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kit::{Error, Id};
use ui::{Html, Page};

use super::Frame;
use super::account::back_with;
use super::answer::PageError;
use super::client::Client;
use super::form::Fields;
use crate::{AccountView, Granted, Identity, ManageTeam, NewAccount, Role, StepUp, TokenView};

const PATH: &str = "/settings/accounts";

pub(super) fn routes() -> Router {
    Router::new()
        .route(PATH, get(show).post(create))
        .route("/settings/accounts/{account}", post(change))
        .route("/settings/accounts/{account}/link", post(link))
        .route("/settings/accounts/{account}/second-factor", post(reset))
        .route("/settings/tokens/{token}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    page: Page,
    team: String,
    accounts: Vec<AccountView>,
    tokens: Vec<TokenView>,
    /// The roles that the reader may give.
    roles: Vec<Role>,
    /// A one-time link just made, and for whom.
    link: Option<(String, String)>,
    typed: Fields,
    wrong: Option<(String, String)>,
}

impl MembersPage {
    fn error(&self, field: &str) -> &str {
        self.wrong.as_ref().filter(|(wrong, _)| wrong == field).map_or("", |(_, message)| message)
    }
}

async fn whole(
    identity: &Identity,
    granted: &Granted<ManageTeam>,
    page: Page,
    link: Option<(String, String)>,
    wrong: Option<(Fields, String, String)>,
) -> Result<Response, PageError> {
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (typed, wrong) = match wrong {
        Some((typed, field, message)) => (typed, Some((field, message))),
        None => (Fields::default(), None),
    };
    let may_give =
        |role: &Role| !role.is_office() && (*role != Role::NodeAdmin || granted.actor().has(Role::NodeAdmin));
    let page = MembersPage {
        page: page.titled("Accounts"),
        team: granted.actor().team_name.clone(),
        accounts: identity.accounts(granted).await?,
        tokens: identity.team_tokens(granted).await?,
        roles: Role::ALL.into_iter().filter(may_give).collect(),
        link,
        typed,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

async fn show(
    Extension(identity): Extension<Identity>,
    granted: Granted<ManageTeam>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    whole(&identity, &granted, page, None, None).await
}

async fn create(
    Extension(identity): Extension<Identity>,
    granted: StepUp<ManageTeam>,
    client: Client,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let new = NewAccount {
        login: form.text("login").to_owned(),
        name: form.text("name").to_owned(),
        roles: ticked(&form)?,
        password: None,
    };
    match identity.create_account(&granted, granted.team(), new).await {
        Ok(account) => {
            let link = one_time(&identity, &granted, &client, account).await?;
            whole(&identity, &granted, page, Some((form.text("login").to_owned(), link)), None).await
        }
        Err(Error::Invalid { field, message }) => {
            whole(&identity, &granted, page, None, Some((form, field, message))).await
        }
        Err(Error::Conflict(message)) => {
            whole(&identity, &granted, page, None, Some((form, "login".into(), message))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn change(
    Extension(identity): Extension<Identity>,
    granted: StepUp<ManageTeam>,
    Path(account): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let is_shut = form.text("disabled") == "yes";
    identity.set_access(&granted, account.parse()?, ticked(&form)?, is_shut).await?;
    Ok(back_with(PATH, &identity, "The account is changed; its sessions are ended."))
}

async fn link(
    Extension(identity): Extension<Identity>,
    granted: StepUp<ManageTeam>,
    client: Client,
    Path(account): Path<String>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let account = account.parse()?;
    let link = one_time(&identity, &granted, &client, account).await?;
    let known = identity.accounts(&granted).await?;
    let login =
        known.into_iter().find(|known| known.id == account).map(|known| known.login).unwrap_or_default();
    whole(&identity, &granted, page, Some((login, link)), None).await
}

async fn reset(
    Extension(identity): Extension<Identity>,
    granted: StepUp<ManageTeam>,
    Path(account): Path<String>,
) -> Result<Response, PageError> {
    identity.reset_second_factor(&granted, account.parse()?).await?;
    Ok(back_with(PATH, &identity, "The second factor is removed; the account's sessions are ended."))
}

async fn revoke(
    Extension(identity): Extension<Identity>,
    granted: Granted<ManageTeam>,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    identity.revoke_team_token(&granted, token.parse()?).await?;
    Ok(back_with(PATH, &identity, "The token is revoked."))
}

async fn one_time(
    identity: &Identity,
    granted: &Granted<ManageTeam>,
    client: &Client,
    account: Id,
) -> Result<String, PageError> {
    let secret = identity.one_time_login(granted, account).await?;
    let scheme = if client.https { "https" } else { "http" };
    Ok(format!("{scheme}://{}/login/once/{secret}", client.host))
}

fn ticked(form: &Fields) -> Result<BTreeSet<Role>, Error> {
    form.all("role").map(str::parse).collect()
}
