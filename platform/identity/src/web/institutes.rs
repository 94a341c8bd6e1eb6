//! Log-in by an institute: there and back, and tying it to the own account.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data_encoding::BASE64URL_NOPAD;
use kit::Error;
use ui::{Html, Page};

use super::account::back_with;
use super::answer::PageError;
use super::client::Client;
use super::form::{Fields, own_path};
use super::login::{entered_by, shown_again};
use super::{Frame, cookie};
use crate::institutes::{Flow, Vouched};
use crate::{Granted, Identity, OwnAccount, Refused, StepUp};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/login/institute/{institute}", get(begin))
        .route("/login/institute/{institute}/back", get(back))
        .route("/account/institutes/{institute}/link", get(begin_link))
        .route("/account/institutes", post(link))
        .route("/account/institutes/remove", post(unlink))
}

#[derive(Template)]
#[template(path = "institute_link.html")]
struct LinkPage {
    page: Page,
    shown: String,
    login: String,
    sealed: String,
}

async fn begin(
    Extension(identity): Extension<Identity>,
    client: Client,
    Path(institute): Path<String>,
    Query(query): Query<Fields>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let next = own_path(query.text("next"));
    identity.institute(&institute)?;
    if let Err(refused) = identity.may_ask_institute(&client.from).await {
        return shown_again(page, "", next, refused, &identity, &client);
    }
    there(&identity, &client, &institute, next, false).await
}

async fn begin_link(
    Extension(identity): Extension<Identity>,
    _: StepUp<OwnAccount>,
    client: Client,
    Path(institute): Path<String>,
) -> Result<Response, PageError> {
    there(&identity, &client, &institute, "/account", true).await
}

/// Sends the browser to the institute.
async fn there(
    identity: &Identity,
    client: &Client,
    institute: &str,
    next: &str,
    link: bool,
) -> Result<Response, PageError> {
    let institute = identity.institute(institute)?.clone();
    let flow = Flow::new(identity.node(), &institute.name, next, link);
    let back = where_back(identity, client, &institute.name);
    let sealed = flow.sealed(identity.node());
    let address = identity.institute_address(institute, flow, back).await?;
    let set = cookie::INSTITUTE.set(&sealed, client.https);
    Ok(([(header::SET_COOKIE, set)], Redirect::to(&address)).into_response())
}

async fn back(
    Extension(identity): Extension<Identity>,
    client: Client,
    Path(institute): Path<String>,
    Query(query): Query<Fields>,
    Frame(page): Frame,
    granted: Option<GrantedOwn>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let institute = identity.institute(&institute)?.clone();
    let sealed = cookie::INSTITUTE.read(&headers, client.https).unwrap_or_default();
    let flow = Flow::open(identity.node(), &institute.name, sealed);
    let flow = flow.filter(|flow| flow.is_answered_by(query.text("state")));
    let Some(flow) = flow else {
        let why = "The log-in at the institute took longer than ten minutes, or was begun in another browser. Try again.";
        return shown_again(page, "", "/", Refused::Wrong(why), &identity, &client);
    };
    if query.text("code").is_empty() {
        let why = "The institute did not log you in. Try again, or log in another way.";
        return shown_again(page, "", &flow.next, Refused::Wrong(why), &identity, &client);
    }
    if let Err(refused) = identity.may_ask_institute(&client.from).await {
        return shown_again(page, "", &flow.next, refused, &identity, &client);
    }
    let code = query.text("code").to_owned();
    let back = where_back(&identity, &client, &institute.name);
    let (next, link) = (flow.next.clone(), flow.link);
    let vouched = identity.institute_says(institute, flow, code, back).await?;
    let mut response = match granted.filter(|_| link) {
        Some(GrantedOwn(granted)) => confirm(&identity, &granted, page, &vouched),
        None => match identity.log_in_by_institute(vouched, &client.from).await {
            Ok(entered) => entered_by(&identity, entered, &client, &headers, &next).await?,
            Err(refused) => shown_again(page, "", &next, refused, &identity, &client)?,
        },
    };
    response.headers_mut().append(header::SET_COOKIE, cookie::INSTITUTE.clear(client.https));
    Ok(response)
}

/// Asks before anything is tied: the browser may be logged in at the institute as somebody else.
fn confirm(identity: &Identity, granted: &Granted<OwnAccount>, page: Page, vouched: &Vouched) -> Response {
    let node = identity.node();
    let plain = serde_json::to_vec(vouched).unwrap_or_default(); // strings always become JSON
    let sealed = BASE64URL_NOPAD.encode(&node.secrets.seal(&purpose(granted), &plain, node.random()));
    let login = granted.actor().name.clone();
    let page = page.titled("Tie it to your account?");
    Html(LinkPage { page, shown: vouched.shown.clone(), login, sealed }).into_response()
}

/// It is sealed for one session: another cannot send it.
fn purpose(granted: &Granted<OwnAccount>) -> String {
    let way = granted.actor().session.as_ref().map(|session| session.way.bytes()).unwrap_or_default();
    format!("institute-link:{}", data_encoding::HEXLOWER.encode(&way))
}

async fn link(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let bad =
        || Error::Conflict("this does not come from your session: begin again on the account page".into());
    let sealed = BASE64URL_NOPAD.decode(form.text("person").as_bytes()).map_err(|_| bad())?;
    let plain = identity.node().secrets.open(&purpose(&fresh), &sealed).map_err(|_| bad())?;
    let vouched: Vouched = serde_json::from_slice(&plain).map_err(|_| bad())?;
    identity.link_institute(&fresh, vouched).await?;
    Ok(back_with("/account", &identity, "Your institute lets you in from now on."))
}

async fn unlink(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    identity.unlink_institute(&fresh, form.text("issuer"), form.text("subject")).await?;
    Ok(back_with("/account", &identity, "Your institute does not let you in any more."))
}

fn where_back(identity: &Identity, client: &Client, institute: &str) -> String {
    let scheme = if client.https { "https" } else { "http" };
    let here = format!("{scheme}://{}", client.host);
    let origin = identity.settings().origin.clone().unwrap_or(here);
    format!("{}/login/institute/{institute}/back", origin.trim_end_matches('/'))
}

/// The reader's own account if somebody is logged in; it refuses nobody.
struct GrantedOwn(Granted<OwnAccount>);

impl<S: Send + Sync> axum::extract::OptionalFromRequestParts<S> for GrantedOwn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        let actor = super::extract::caller(parts).await.ok().flatten();
        Ok(actor.and_then(|actor| Granted::check(&actor).ok()).map(Self))
    }
}
