//! A form that cannot be taken yet is kept, and put back after the log-in or the proof: `/again`.

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kit::{Error, Id};
use ui::{Html, Page};

use super::answer::PageError;
use super::bare::Addresses;
use super::client::Client;
use super::extract::caller;
use super::form::{Fields, encode, own_path};
use super::hosts::Public;
use super::{Frame, cookie};
use crate::kept::KeptForm;
use crate::{Granted, Identity, OwnAccount};

/// A larger form is not kept: what people type is smaller.
const LARGEST: u64 = 512 * 1024;
/// Where what was kept is put back.
const AGAIN: &str = "/again";

pub(super) fn routes() -> Router {
    Router::new().route(AGAIN, get(again)).route("/again/drop", post(drop_it))
}

/// Marks an answer that leads somebody away from what they wanted to do; the address leads there and back by `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detour(pub &'static str);

/// The answer that sends the reader on the detour, and back to `next`.
pub(super) fn detour(by: &'static str, next: &str) -> Response {
    let mut response = Redirect::to(&leads_to(by, next)).into_response();
    response.extensions_mut().insert(Detour(by));
    response
}

fn leads_to(by: &str, next: &str) -> String {
    if next == "/" { by.to_owned() } else { format!("{by}?next={}", encode(next)) }
}

/// Keeps the form of a request whose answer is a [`Detour`]; of one that cannot be kept the detour says so, before anything
/// else is done.
pub(super) async fn keep_forms(State(addresses): State<Addresses>, request: Request, next: Next) -> Response {
    let Some(path) = path_of_form(&request) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let https = Client::of(&mut parts).https;
    let owner = owner(&mut parts, https).await;
    let request = Request::from_parts(parts, body);
    let Some(owner) = owner else { return next.run(request).await };
    let (request, form) = match Lost::by_its_kind(request.headers()) {
        Some(lost) => (request, Some(Err(lost))),
        None => match copied(request, &path).await {
            Some((request, form)) => (request, form.map(Ok)),
            None => {
                return (StatusCode::BAD_REQUEST, "The form did not arrive whole. Please send it again.")
                    .into_response();
            }
        },
    };
    let Some(form) = form else { return next.run(request).await };
    let mut response = next.run(request).await;
    let Some(Detour(by)) = response.extensions().get::<Detour>().copied() else { return response };
    let again = match keep(owner, form).await {
        Ok(secret) => {
            response.headers_mut().append(header::SET_COOKIE, cookie::FORM.set(&secret, https));
            AGAIN.to_owned()
        }
        Err(lost) => lost.told_at(&addresses.nearest(path.split('?').next().unwrap_or_default()).await),
    };
    let to = HeaderValue::from_str(&leads_to(by, &again)).unwrap_or(HeaderValue::from_static("/login"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// Keeps `form` for its owner; the secret for the browser.
async fn keep(owner: Result<(Identity, Id), Lost>, form: Result<KeptForm, Lost>) -> Result<String, Lost> {
    let (form, (identity, account)) = (form?, owner?);
    identity.keep_form(form, account).await.map_err(Lost::failed)
}

/// Whose the form is: somebody who is here, or whose session in this browser has ended. `None` for a stranger, whose form is
/// not kept.
async fn owner(parts: &mut Parts, https: bool) -> Option<Result<(Identity, Id), Lost>> {
    let identity = parts.extensions.get::<Identity>().cloned()?;
    match caller(parts).await {
        Err(error) => return Some(Err(Lost::failed(error))),
        Ok(Some(actor)) => return Some(Ok((identity, actor.account?))),
        Ok(None) => {}
    }
    let cookie = cookie::SESSION.read(&parts.headers, https)?;
    Some(match identity.once_of(cookie).await {
        Ok(Some(account)) => Ok((identity, account)),
        Ok(None) => Err(Lost::Late),
        Err(error) => Err(Lost::failed(error)),
    })
}

/// Why what was typed could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// It is too large.
    Large,
    /// There are files in it.
    Files,
    /// It is not known any more whose it is.
    Late,
    /// The node failed.
    Failed,
}

impl Lost {
    const ALL: [(&str, Self); 4] =
        [("large", Self::Large), ("files", Self::Files), ("late", Self::Late), ("failed", Self::Failed)];

    /// What can be said before the form is read.
    fn by_its_kind(headers: &HeaderMap) -> Option<Self> {
        match is_plain_form(headers) {
            false => Some(Self::Files),
            true => length(headers).is_none_or(|length| length > LARGEST).then_some(Self::Large),
        }
    }

    fn failed(error: Error) -> Self {
        tracing::error!(%error, "a form could not be kept");
        Self::Failed
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, lost)| lost)
    }

    /// The page that says so, and leads on to `page`.
    fn told_at(self, page: &str) -> String {
        let name = Self::ALL.into_iter().find(|(_, lost)| *lost == self).map_or("", |(name, _)| name);
        format!("{AGAIN}?lost={name}&at={}", encode(page))
    }

    fn why(self) -> &'static str {
        match self {
            Self::Large => "it is larger than 512 KiB",
            Self::Files => "files are not kept",
            Self::Late => "your last log-in in this browser is too long ago to know whose it is",
            Self::Failed => "the node failed",
        }
    }
}

/// What is to be said to somebody on the way to `next`, before they log in or prove themselves: that what they had typed
/// could not be kept, and why. Empty when nothing is lost.
pub(super) fn lost_on_the_way(next: &str) -> String {
    let query = next.strip_prefix(AGAIN).and_then(|rest| rest.strip_prefix('?')).unwrap_or_default();
    match Lost::named(Fields::parse(query.as_bytes()).text("lost")) {
        Some(lost) => format!("What you sent was not taken and could not be kept: {}.", lost.why()),
        None => String::new(),
    }
}

/// The request, and a copy of its form if it has one that can be kept; `None` when it broke off.
async fn copied(request: Request, path: &str) -> Option<(Request, Option<KeptForm>)> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::try_from(LARGEST).unwrap_or(usize::MAX)).await.ok()?;
    let fields = Fields::parse(&bytes).into_pairs();
    let is_worth_it = fields.iter().any(|(name, _)| is_typed(name));
    let kept = is_worth_it.then(|| KeptForm { path: path.to_owned(), fields });
    Some((Request::from_parts(parts, Body::from(bytes)), kept))
}

/// Where the form of this request goes, if it is one that its owner would miss.
fn path_of_form(request: &Request) -> Option<String> {
    let headers = request.headers();
    let is_form =
        is_plain_form(headers) || text(headers, header::CONTENT_TYPE).starts_with("multipart/form-data");
    let path = own_path(request.uri().path_and_query().map_or("/", |path| path.as_str()));
    let elsewhere = ["/api/", "/login", "/logout", "/step-up", "/again", "/syncupdates/"];
    let is_public = request.extensions().get::<Public>().is_some();
    let is_ours = !is_public
        && request.method() == Method::POST
        && !elsewhere.iter().any(|start| path.starts_with(start));
    let by_token = headers.contains_key(header::AUTHORIZATION);
    (is_ours && is_form && length(headers).is_some() && !by_token).then(|| path.to_owned())
}

fn is_plain_form(headers: &HeaderMap) -> bool {
    text(headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded")
}

/// How long the form says it is.
fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_LENGTH).parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn is_typed(name: &str) -> bool {
    !crate::kept::SECRET.contains(&name)
}

#[derive(Template)]
#[template(path = "again.html")]
struct AgainPage {
    page: Page,
    form: KeptForm,
}

#[derive(Template)]
#[template(path = "again_lost.html")]
struct LostPage {
    page: Page,
    why: &'static str,
    /// The page with the form.
    at: String,
}

async fn again(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    client: Client,
    Frame(page): Frame,
    Query(query): Query<Fields>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if let Some(lost) = Lost::named(query.text("lost")) {
        let (why, at) = (lost.why(), own_path(query.text("at")).to_owned());
        return Ok(Html(LostPage { page: page.titled("It could not be kept"), why, at }).into_response());
    }
    let secret = cookie::FORM.read(&headers, client.https).unwrap_or_default();
    let form = identity.kept_form(&granted, secret).await?;
    let gone =
        || Error::not_found("what you had typed: it is kept for half an hour, for you alone. The page");
    let form = form.ok_or_else(gone)?;
    Ok(Html(AgainPage { page: page.titled("Send it now"), form }).into_response())
}

async fn drop_it(
    Extension(identity): Extension<Identity>,
    _: Granted<OwnAccount>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if let Some(secret) = cookie::FORM.read(&headers, client.https) {
        identity.forget_form(secret).await?;
    }
    Ok(([(header::SET_COOKIE, cookie::FORM.clear(client.https))], Redirect::to("/")).into_response())
}
