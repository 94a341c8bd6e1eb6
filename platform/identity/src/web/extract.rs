//! From a request to a [`Granted`]: no handler reaches a service without one.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::Error;

use super::answer::{ApiError, PageError, problem};
use super::client::Client;
use super::cookie;
use super::kept::detour;
use crate::{Actor, Granted, Identity, Permission};

/// Who sent the request, once it is known: asked for once, used by every extractor.
#[derive(Clone)]
struct Caller(Option<Actor>);

/// Who sends this request: by bearer token if it has an `Authorization`, else by session cookie.
pub(super) async fn caller(parts: &mut Parts) -> Result<Option<Actor>, Error> {
    if let Some(Caller(known)) = parts.extensions.get::<Caller>() {
        return Ok(known.clone());
    }
    let identity = parts.extensions.get::<Identity>().cloned();
    let identity =
        identity.ok_or_else(|| Error::Corrupt("these routes stand outside of identity's layer".into()))?;
    let https = Client::of(parts).https;
    let session = cookie::SESSION.read(&parts.headers, https);
    let actor = match (parts.headers.get(header::AUTHORIZATION), session) {
        (Some(authorization), _) => {
            let token = authorization.to_str().ok().and_then(|text| text.split_once(' '));
            match token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
                Some((_, token)) => identity.bearer(token.trim()).await?,
                None => None,
            }
        }
        (None, Some(value)) => identity.session(value).await?,
        (None, None) => None,
    };
    parts.extensions.insert(Caller(actor.clone()));
    Ok(actor)
}

impl<P: Permission, S: Sync> FromRequestParts<S> for Granted<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let is_program = is_program(parts);
        let refuse = |error: Error| match is_program {
            true => ApiError(error).into_response(),
            false => PageError(error).into_response(),
        };
        match caller(parts).await.map_err(refuse)? {
            Some(actor) => Self::check(&actor).map_err(refuse),
            None if is_program => Err(unknown_program()),
            None => Err(detour("/login", &next_of(parts))),
        }
    }
}

/// Whether the answer is for a program: the API, or whoever sends a token.
pub(super) fn is_program(parts: &Parts) -> bool {
    path(parts).starts_with("/api/") || parts.headers.contains_key(header::AUTHORIZATION)
}

fn path(parts: &Parts) -> String {
    let whole = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    whole.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

fn unknown_program() -> Response {
    let detail =
        "Send a token that is in force as \"Authorization: Bearer …\"; tokens are made on the account page.";
    problem(StatusCode::UNAUTHORIZED, detail.into(), None)
}

/// Where to come back to: this page; a form's address is none to come back to.
pub(super) fn next_of(parts: &Parts) -> String {
    let looks = matches!(parts.method, Method::GET | Method::HEAD);
    if looks { path(parts) } else { "/".to_owned() }
}
