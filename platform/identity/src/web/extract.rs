//! From a request to a [`Granted`]: no handler reaches a service without one.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::Error;
use tls::ClientCertificate;

use super::answer::{ApiError, PageError, problem};
use super::client::Client;
use super::cookie;
use super::hosts::Public;
use super::kept::detour;
use crate::{Actor, Granted, Identity, Permission, Shown};

/// Who sent the request, once it is known: asked for once, used by every extractor.
#[derive(Clone)]
struct Caller(Option<Actor>);

/// What was said of a certificate that did not let its holder in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotByCertificate {
    /// It is not taken; why.
    Refused(String),
    /// It is good, and belongs to no account.
    Unbound,
}

/// Who sends this request: by bearer token if it has an `Authorization`, else by session cookie, else by the
/// certificate of the connection.
pub(super) async fn caller(parts: &mut Parts) -> Result<Option<Actor>, Error> {
    if let Some(Caller(known)) = parts.extensions.get::<Caller>() {
        return Ok(known.clone());
    }
    if parts.extensions.get::<Public>().is_some() {
        return Ok(None);
    }
    let identity = parts.extensions.get::<Identity>().cloned();
    let identity =
        identity.ok_or_else(|| Error::Corrupt("these routes stand outside of identity's layer".into()))?;
    let Client { https, from, .. } = Client::of(parts);
    let session = cookie::SESSION.read(&parts.headers, https);
    let mut actor = match (parts.headers.get(header::AUTHORIZATION), session) {
        (Some(authorization), _) => {
            let token = authorization.to_str().ok().and_then(|text| text.split_once(' '));
            match token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) {
                Some((_, token)) => identity.bearer(token.trim()).await?,
                None => None,
            }
        }
        (None, Some(value)) => {
            identity.session_at(value, Some(from.host.as_str()).filter(|host| !host.is_empty())).await?
        }
        (None, None) => None,
    };
    let by_token = parts.headers.contains_key(header::AUTHORIZATION);
    if let (None, false, Some(shown)) = (&actor, by_token, parts.extensions.get::<ClientCertificate>()) {
        match identity.by_certificate(shown, from.peer).await? {
            Shown::In(person) => actor = Some(*person),
            Shown::Refused(why) => drop(parts.extensions.insert(NotByCertificate::Refused(why))),
            Shown::Unbound => drop(parts.extensions.insert(NotByCertificate::Unbound)),
            Shown::Unknown => {}
        }
    }
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
            None if is_program => Err(unknown_program(parts.extensions.get())),
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

fn unknown_program(certificate: Option<&NotByCertificate>) -> Response {
    let advice =
        "Send a token that is in force as \"Authorization: Bearer …\"; tokens are made on the account page.";
    let detail = match certificate {
        Some(NotByCertificate::Refused(why)) => format!("Your certificate is not taken: {why}. {advice}"),
        Some(NotByCertificate::Unbound) => {
            format!("Your certificate is good, and belongs to no account here. {advice}")
        }
        None => advice.to_owned(),
    };
    problem(StatusCode::UNAUTHORIZED, detail, None)
}

/// Where to come back to: this page; a form's address is none to come back to.
pub(super) fn next_of(parts: &Parts) -> String {
    let looks = matches!(parts.method, Method::GET | Method::HEAD);
    if looks { path(parts) } else { "/".to_owned() }
}
