//! Log-in, its second step, one-time links, log-out.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use ui::{Html, Page};

use super::answer::PageError;
use super::client::Client;
use super::extract::NotByCertificate;
use super::form::{Fields, encode, own_path};
use super::kept::lost_on_the_way;
use super::{Frame, Visitor, cookie};
use crate::{Entered, Granted, Identity, Institute, OwnAccount, Proofs, Refused};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/login", get(show).post(log_in))
        .route("/login/code", get(show_code).post(code))
        .route("/login/once/{link}", get(show_once).post(once))
        .route("/logout", get(show_logout).post(log_out))
        .route("/logout/everywhere", post(log_out_everywhere))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    login: String,
    next: String,
    error: String,
    /// Whether passkeys work at this address.
    passkeys: bool,
    /// What is to be said of the certificate that the browser shows.
    certificate: String,
    /// What is to be said of a form that could not be kept.
    lost: String,
    institutes: Vec<Institute>,
}

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    page: Page,
    next: String,
    lost: String,
    error: String,
    proofs: Proofs,
}

#[derive(Template)]
#[template(path = "login_once.html")]
struct OncePage {
    page: Page,
    link: String,
    is_good: bool,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage {
    page: Page,
}

async fn show(
    Extension(identity): Extension<Identity>,
    client: Client,
    Query(query): Query<Fields>,
    visitor: Visitor,
    Frame(page): Frame,
    certificate: Option<Extension<NotByCertificate>>,
) -> Response {
    let next = own_path(query.text("next")).to_owned();
    let certificate = match (&visitor.actor, certificate) {
        (Some(actor), _) if actor.by_certificate() => {
            format!("Your certificate has let you in as {}. You can log in as somebody else.", actor.name)
        }
        (Some(_), _) => return Redirect::to(&next).into_response(),
        (None, Some(Extension(NotByCertificate::Refused(why)))) => {
            format!("Your certificate is not taken: {why}. Log in another way.")
        }
        (None, Some(Extension(NotByCertificate::Unbound))) => {
            "Your certificate is good, and belongs to nobody here yet. Log in another way, and make it yours on the \
             account page."
                .to_owned()
        }
        (None, None) => String::new(),
    };
    let passkeys = identity.site(&client.host, client.https).is_ok();
    let (login, error) = (String::new(), String::new());
    let institutes = identity.settings().institutes.clone();
    let (page, lost) = (page.titled("Log in"), lost_on_the_way(&next));
    Html(LoginPage { page, login, next, error, passkeys, certificate, lost, institutes }).into_response()
}

async fn log_in(
    Extension(identity): Extension<Identity>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let (login, next) = (form.text("login").to_owned(), own_path(form.text("next")).to_owned());
    match identity.log_in(&login, form.raw("password").to_owned(), &client.from).await {
        Ok(entered) => entered_by(&identity, entered, &client, &headers, &next).await,
        Err(refused) => shown_again(page, &login, &next, refused, &identity, &client),
    }
}

/// The log-in with what was wrong.
pub(super) fn shown_again(
    page: Page,
    login: &str,
    next: &str,
    refused: Refused,
    identity: &Identity,
    client: &Client,
) -> Result<Response, PageError> {
    let (status, error) = told(refused)?;
    let passkeys = identity.site(&client.host, client.https).is_ok();
    let (login, next) = (login.to_owned(), next.to_owned());
    let (page, certificate, lost) = (page.titled("Log in"), String::new(), lost_on_the_way(&next));
    let institutes = identity.settings().institutes.clone();
    Ok((status, Html(LoginPage { page, login, next, error, passkeys, certificate, lost, institutes }))
        .into_response())
}

async fn show_code(
    Extension(identity): Extension<Identity>,
    client: Client,
    Query(query): Query<Fields>,
    Frame(page): Frame,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let half = cookie::SESSION.read(&headers, client.https).unwrap_or_default();
    let next = own_path(query.text("next"));
    code_page(&identity, page, half, next, (StatusCode::OK, String::new())).await
}

/// The second step with what was wrong.
pub(super) async fn code_again(
    identity: &Identity,
    page: Page,
    half: &str,
    next: &str,
    refused: Refused,
) -> Result<Response, PageError> {
    code_page(identity, page, half, next, told(refused)?).await
}

async fn code_page(
    identity: &Identity,
    page: Page,
    half: &str,
    next: &str,
    (status, error): (StatusCode, String),
) -> Result<Response, PageError> {
    // Whoever is not half-way gets the field, and the answer that nothing fits.
    let unknown = Proofs { code: true, ..Proofs::default() };
    let proofs = identity.second_steps(half).await?.unwrap_or(unknown);
    let (page, lost) = (page.titled("Second step"), lost_on_the_way(next));
    let page = CodePage { page, next: next.to_owned(), lost, error, proofs };
    Ok((status, Html(page)).into_response())
}

async fn code(
    Extension(identity): Extension<Identity>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let next = own_path(form.text("next")).to_owned();
    let half = cookie::SESSION.read(&headers, client.https).unwrap_or_default();
    match identity.log_in_code(half, form.text("code"), &client.from).await {
        Ok(value) => Ok(with_cookie(Redirect::to(&next), cookie::SESSION.set(&value, client.https))),
        Err(refused) => code_again(&identity, page, half, &next, refused).await,
    }
}

/// Looking at a one-time link uses nothing up: mail programs and chats look at every link they see.
async fn show_once(
    Extension(identity): Extension<Identity>,
    Path(link): Path<String>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let is_good = identity.link_is_good(&link).await?;
    let status = if is_good { StatusCode::OK } else { StatusCode::GONE };
    Ok((status, Html(OncePage { page: page.titled("One-time link"), link, is_good })).into_response())
}

async fn once(
    Extension(identity): Extension<Identity>,
    client: Client,
    Path(link): Path<String>,
    Frame(page): Frame,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    match identity.log_in_once(&link, &client.from).await {
        // There they set a new password.
        Ok(entered) => entered_by(&identity, entered, &client, &headers, "/account").await,
        Err(refused) => {
            let status = match told(refused)? {
                (StatusCode::TOO_MANY_REQUESTS, _) => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::GONE,
            };
            Ok((status, Html(OncePage { page: page.titled("One-time link"), link, is_good: false }))
                .into_response())
        }
    }
}

async fn show_logout(Frame(page): Frame) -> Response {
    Html(LogoutPage { page: page.titled("Log out") }).into_response()
}

async fn log_out(
    Extension(identity): Extension<Identity>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if let Some(value) = cookie::SESSION.read(&headers, client.https) {
        identity.log_out(value).await?;
    }
    Ok(with_cookie(Redirect::to("/login"), cookie::SESSION.clear(client.https)))
}

async fn log_out_everywhere(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    client: Client,
) -> Result<Response, PageError> {
    identity.log_out_everywhere(&granted).await?;
    Ok(with_cookie(Redirect::to("/login"), cookie::SESSION.clear(client.https)))
}

/// Sets the new cookie, ends the session of the old one, and goes on.
pub(super) async fn entered_by(
    identity: &Identity,
    entered: Entered,
    client: &Client,
    headers: &HeaderMap,
    next: &str,
) -> Result<Response, PageError> {
    if let Some(before) = cookie::SESSION.read(headers, client.https) {
        identity.log_out(before).await?;
    }
    let (value, to) = match entered {
        Entered::In(value) => (value, next.to_owned()),
        Entered::CodeNeeded(value) if next == "/" => (value, "/login/code".to_owned()),
        Entered::CodeNeeded(value) => (value, format!("/login/code?next={}", encode(next))),
    };
    Ok(with_cookie(Redirect::to(&to), cookie::SESSION.set(&value, client.https)))
}

/// Sets the cookie of a session that is whole, ends the one of before, and goes on.
pub(super) async fn entered_with(
    identity: &Identity,
    value: &str,
    client: &Client,
    headers: &HeaderMap,
    next: &str,
) -> Result<Response, PageError> {
    entered_by(identity, Entered::In(value.to_owned()), client, headers, next).await
}

fn with_cookie(answer: Redirect, cookie: HeaderValue) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn told(refused: Refused) -> Result<(StatusCode, String), PageError> {
    match refused {
        Refused::Wrong(why) => Ok((StatusCode::FORBIDDEN, why.to_owned())),
        Refused::Wait(seconds) => {
            let wait = ui::format::plural(seconds, "second", "seconds");
            Ok((StatusCode::TOO_MANY_REQUESTS, format!("Too many attempts. Try again in {wait}.")))
        }
        Refused::Failed(error) => Err(error.into()),
    }
}
