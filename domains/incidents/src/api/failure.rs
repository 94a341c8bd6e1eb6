//! Why a request was refused, for programs.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::{ApiError, Problem};
use kit::Error;
use utoipa::IntoResponses;
use utoipa::openapi::{Content, Ref, RefOr, Response as Description, ResponseBuilder};

/// A refusal: by a use case, or of the request as it was written.
#[derive(Debug)]
pub(super) enum Failure {
    /// A use case said no.
    UseCase(Error),
    /// The request itself is not in order.
    Request { status: StatusCode, detail: String, field: Option<&'static str> },
}

impl Failure {
    pub(super) fn request(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Request { status, detail: detail.into(), field: None }
    }

    /// 400, of the parameter `field`.
    pub(super) fn parameter(field: &'static str, detail: impl Into<String>) -> Self {
        Self::Request { status: StatusCode::BAD_REQUEST, detail: detail.into(), field: Some(field) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::UseCase(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::UseCase(error) => ApiError(error).into_response(),
            Self::Request { status, detail, field } => {
                let problem = Problem {
                    kind: "about:blank".into(),
                    title: status.canonical_reason().unwrap_or("Error").to_owned(),
                    status: status.as_u16(),
                    detail,
                    field: field.map(str::to_owned),
                };
                let mut response = (status, Json(problem)).into_response();
                let kind = HeaderValue::from_static("application/problem+json");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
        }
    }
}

const NO_TOKEN: (u16, &str) = (401, "No token, or one that is not in force.");
const NO_SCOPE: (u16, &str) = (403, "The token, or its owner, may not do this.");
const WRONG: (u16, &str) = (400, "The request cannot be read: a parameter or the JSON is malformed.");
const MISSING: (u16, &str) = (404, "There is no such thing, or it is another team's.");

const STATE: (u16, &str) = (409, "Its state does not allow it, or somebody was faster; nothing was changed.");
const BODY: [(u16, &str); 3] = [
    (413, "The body is larger than 4 MiB."),
    (415, "The body is not sent as application/json."),
    (422, "A member is not acceptable: `field` names it."),
];
const VERSION: [(u16, &str); 2] = [
    (412, "It was changed since the version that `If-Match` names; nothing was changed now."),
    (428, "`If-Match` is missing."),
];

macro_rules! sets {
    ($($(#[$meta:meta])* $name:ident [$($of:expr),+];)+) => { $(
        $(#[$meta])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Description>> {
                let sets: &[&[(u16, &str)]] = &[$($of),+];
                problems(&sets.concat())
            }
        }
    )+ };
}

sets! {
    /// The problems of a list.
    Listing [&[WRONG, NO_TOKEN, NO_SCOPE]];
    /// The problems of reading one thing.
    Reading [&[WRONG, NO_TOKEN, NO_SCOPE, MISSING]];
    /// The problems of making something.
    Making [&[WRONG, NO_TOKEN, NO_SCOPE], &BODY];
    /// The problems of a button.
    Pressing [&[NO_TOKEN, NO_SCOPE, MISSING, STATE]];
    /// The problems of changing something.
    Changing [&[WRONG, NO_TOKEN, NO_SCOPE, MISSING, STATE], &BODY];
    /// The problems of changing a version.
    Versioned [&[WRONG, NO_TOKEN, NO_SCOPE, MISSING], &BODY, &VERSION];
}

fn problems(of: &[(u16, &str)]) -> BTreeMap<String, RefOr<Description>> {
    let describe = |(status, what): &(u16, &str)| {
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new().description(*what).content("application/problem+json", content);
        (status.to_string(), RefOr::T(response.build()))
    };
    of.iter().map(describe).collect()
}
