//! What all questions have in common: who asks and how often, the headers, errors as objects of RDAP.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::{Granted, LookUp, Visitor};
use kit::Error;
use rdap::{Body, Notice, Refusal};
use teams::Reader;

use super::limits::{Limits, Who};
use crate::{Registry, Snapshot};

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Rdap {
    pub(super) registry: Registry,
    pub(super) limits: Arc<Limits>,
}

/// A question that may be asked now, and the addresses that its answer needs.
pub(super) struct Question {
    pub(super) registry: Registry,
    /// As what the asker sees the directory.
    reader: Reader,
    /// Where this node's pages are reached.
    pub(super) base: String,
    /// What was asked, as an address.
    pub(super) value: String,
}

impl FromRequestParts<Rdap> for Question {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Rdap) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, state).await;
        let registry = state.registry.clone();
        let known = visitor.actor.as_ref().and_then(|actor| actor.account);
        let who = match known {
            Some(account) => Who::Account(account),
            None => Who::peer(visitor.peer),
        };
        let trusted = known.is_some() || {
            let networks = registry.teams().directory().by_range(visitor.peer, visitor.peer);
            networks.iter().any(|(_, team)| team.standing.is_some())
        };
        if let Err(wait) = state.limits.take(who, trusted, registry.now()) {
            return Err(slow_down(wait));
        }
        let own = &registry.settings().base_url;
        let base = if own.is_empty() { visitor.reached } else { own.clone() };
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let path = uri.path_and_query().map_or("/rdap", |path| path.as_str());
        // Who may not look up is answered as everybody is.
        let actor = visitor.actor.as_ref().filter(|actor| Granted::<LookUp>::check(actor).is_ok());
        let reader = registry.teams().reader(actor);
        Ok(Self { value: format!("{base}{path}"), base, reader, registry })
    }
}

impl Question {
    /// Registry and directory as the asker sees them.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.registry.snapshot().seen_by(&self.reader)
    }

    /// The host of the whois server: that of this node's public address, when it has one.
    pub(super) fn port43(&self) -> Option<String> {
        let own = &self.registry.settings().base_url;
        let (_, rest) = own.split_once("://")?;
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        (!host.is_empty()).then(|| host.to_owned())
    }
}

/// Why there is no answer.
pub(super) enum No {
    /// The question cannot be understood.
    Malformed(String),
    /// There is no such object.
    NotFound(String),
    /// Such questions are not answered here.
    Unsupported(String),
    /// Something of ours failed.
    Failed(Error),
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl IntoResponse for No {
    fn into_response(self) -> Response {
        let (status, title, text) = match self {
            Self::Malformed(text) => (StatusCode::BAD_REQUEST, "The question cannot be understood", text),
            Self::NotFound(text) => (StatusCode::NOT_FOUND, "Not found", text),
            Self::Unsupported(text) => (StatusCode::NOT_IMPLEMENTED, "Not answered here", text),
            Self::Failed(error) => {
                tracing::error!(%error, "a question by RDAP was not answered");
                let text = "Something failed here. Please try again in a minute.".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "No answer", text)
            }
        };
        refusal(status, title, vec![text])
    }
}

fn refusal(status: StatusCode, title: &str, description: Vec<String>) -> Response {
    let refusal = Refusal { error_code: status.as_u16(), title: title.to_owned(), description };
    answer(status, refusal, Vec::new())
}

fn slow_down(seconds: u64) -> Response {
    let text = format!(
        "Too many questions from your network at once. Go on in {seconds} s. An account with a token (Authorization: \
         Bearer …) may ask ten times as often; many at once are for POST /api/v1/lookup."
    );
    let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, "Slower, please", vec![text]);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// An answer with the headers that every answer has (RFC 7480 sections 4.2 and 5.6).
pub(super) fn answer<T: Body>(status: StatusCode, body: T, notices: Vec<Notice>) -> Response {
    written(status, &rdap::Response::new(body, notices))
}

pub(super) fn written<T: serde::Serialize>(status: StatusCode, body: &T) -> Response {
    let Ok(text) = serde_json::to_vec(body) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response(); // texts and numbers: cannot happen
    };
    let headers = [
        (header::CONTENT_TYPE, rdap::MEDIA_TYPE),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (status, headers, text).into_response()
}
