//! Versions: `ETag` with what is read, `If-Match` with what is changed (RFC 9110, sections 8.8.3 and 13.1.1).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::Error;
use serde::Serialize;

use super::failure::Failure;

/// Something with the version in which it is told.
pub(super) struct Tagged<T> {
    pub(super) version: i64,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, format!("\"{}\"", self.version))], Json(self.body)).into_response()
    }
}

/// The version that a change was made from; `None` for `*`, any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IfMatch(pub(super) Option<i64>);

impl IfMatch {
    /// The error of a change that names this version: that somebody was faster is 412 here.
    pub(super) fn refusal(self, error: Error) -> Failure {
        match error {
            Error::Conflict(words) if self.0.is_some() => stale(words),
            error => error.into(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let detail = "Say which version you change: read it, and send its ETag as \"If-Match\".";
            return Err(Failure::request(StatusCode::PRECONDITION_REQUIRED, detail));
        };
        parse(value.to_str().unwrap_or_default().trim())
    }
}

fn parse(value: &str) -> Result<IfMatch, Failure> {
    if value == "*" {
        return Ok(IfMatch(None));
    }
    let weak = value.strip_prefix("W/");
    let tag = weak.unwrap_or(value).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let Some(tag) = tag.filter(|tag| !tag.contains('"')) else {
        return Err(Failure::request(
            StatusCode::BAD_REQUEST,
            "\"If-Match\" is one ETag in quotes, as it was sent, or *.",
        ));
    };
    // A weak tag, or one that was never ours, matches no version.
    match tag.parse() {
        Ok(version) if weak.is_none() => Ok(IfMatch(Some(version))),
        _ => Err(stale("this is no version of ours: read it again, then repeat your change".into())),
    }
}

fn stale(words: String) -> Failure {
    Failure::request(StatusCode::PRECONDITION_FAILED, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strong_tag_or_any() {
        assert_eq!(parse("\"12\"").unwrap(), IfMatch(Some(12)));
        assert_eq!(parse("*").unwrap(), IfMatch(None));
        let status = |text: &str| parse(text).unwrap_err().into_response().status().as_u16();
        for unreadable in ["", "12", "\"1\", \"2\"", "\"", "W/"] {
            assert_eq!(status(unreadable), 400, "{unreadable}");
        }
        for foreign in ["W/\"12\"", "\"abc\"", "\"99999999999999999999\""] {
            assert_eq!(status(foreign), 412, "{foreign}");
        }
    }
}
