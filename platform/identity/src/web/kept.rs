//! A form that cannot be taken yet is kept, and put back after the log-in or the proof: `/again`.

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kit::{Error, Id};
use ui::{Html, Page};

use super::answer::PageError;
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

/// Keeps the form of a request whose answer is a [`Detour`].
pub(super) async fn keep_forms(request: Request, next: Next) -> Response {
    let Some(path) = path_of_form(&request) else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let https = Client::of(&mut parts).https;
    let owner = owner(&mut parts, https).await;
    let request = Request::from_parts(parts, body);
    let Some((identity, account)) = owner else { return next.run(request).await };
    let Some((request, kept)) = copied(request, path).await else {
        return (StatusCode::BAD_REQUEST, "The form did not arrive whole. Please send it again.")
            .into_response();
    };
    let Some(kept) = kept else { return next.run(request).await };
    let mut response = next.run(request).await;
    let Some(Detour(by)) = response.extensions().get::<Detour>().copied() else { return response };
    match identity.keep_form(kept, account).await {
        Ok(secret) => {
            let to =
                HeaderValue::from_str(&leads_to(by, AGAIN)).unwrap_or(HeaderValue::from_static("/login"));
            response.headers_mut().insert(header::LOCATION, to);
            response.headers_mut().append(header::SET_COOKIE, cookie::FORM.set(&secret, https));
        }
        Err(error) => tracing::error!(%error, "a form could not be kept"),
    }
    response
}

/// Whose the form is: somebody who is here, or whose session in this browser has ended. A stranger's is not kept.
async fn owner(parts: &mut Parts, https: bool) -> Option<(Identity, Id)> {
    let identity = parts.extensions.get::<Identity>().cloned()?;
    let known = |error| tracing::error!(%error, "it is not known whose a form is");
    if let Some(actor) = caller(parts).await.map_err(known).ok().flatten() {
        return Some((identity, actor.account?));
    }
    let cookie = cookie::SESSION.read(&parts.headers, https)?;
    let account = identity.once_of(cookie).await.map_err(known).ok().flatten()?;
    Some((identity, account))
}

/// The request, and a copy of its form if it has one that can be kept; `None` when it broke off.
async fn copied(request: Request, path: String) -> Option<(Request, Option<KeptForm>)> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::try_from(LARGEST).unwrap_or(usize::MAX)).await.ok()?;
    let fields = Fields::parse(&bytes).into_pairs();
    let is_worth_it = fields.iter().any(|(name, _)| is_typed(name));
    let kept = is_worth_it.then_some(KeptForm { path, fields });
    Some((Request::from_parts(parts, Body::from(bytes)), kept))
}

/// Where the form of this request goes, if it is one that can be kept.
fn path_of_form(request: &Request) -> Option<String> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_form = text(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let fits = text(header::CONTENT_LENGTH).parse::<u64>().is_ok_and(|length| length <= LARGEST);
    let path = own_path(request.uri().path_and_query().map_or("/", |path| path.as_str()));
    let elsewhere = ["/api/", "/login", "/logout", "/step-up", "/again", "/syncupdates/"];
    let is_public = request.extensions().get::<Public>().is_some();
    let is_ours = !is_public
        && request.method() == Method::POST
        && !elsewhere.iter().any(|start| path.starts_with(start));
    let by_token = request.headers().contains_key(header::AUTHORIZATION);
    (is_ours && is_form && fits && !by_token).then(|| path.to_owned())
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

async fn again(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
) -> Result<Response, PageError> {
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
