//! What a request says: path, query and body, each refused with a problem when it cannot be read.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query as Plain, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use kit::{Error, Id};
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::intake::read::clip;
use crate::model::{CaseKind, Number};

/// Bytes of a body.
const LARGEST: usize = 4 << 20;

/// The query of the address.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Plain::try_from_uri(&parts.uri).map(|Plain(query)| Self(query)).map_err(|error| {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Failure::request(
                StatusCode::BAD_REQUEST,
                format!("The query of the address cannot be read: {why}."),
            )
        })
    }
}

/// The one variable part of the path.
pub(super) struct InPath(String);

impl InPath {
    /// The number that it names, such as `IR-12`. What cannot be one does not exist.
    pub(super) fn number(&self, kind: CaseKind) -> Result<i64, Failure> {
        let named = self.0.parse::<Number>().ok().filter(|number| number.kind == kind);
        named.map(|number| number.number).ok_or_else(|| self.missing())
    }

    /// The identifier that it names. What cannot be one does not exist.
    pub(super) fn id(&self) -> Result<Id, Failure> {
        self.0.parse().map_err(|_| self.missing())
    }

    fn missing(&self) -> Failure {
        Error::not_found(format!("{:?}", clip(&self.0, 60))).into()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|_| Error::not_found("this address").into())
    }
}

/// A JSON body of at most 4 MiB, and the bytes that it came as.
pub(super) struct Body<T> {
    pub(super) value: T,
    pub(super) bytes: Bytes,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        if !is_json(&request) {
            let detail = "Send the body as JSON, with \"Content-Type: application/json\".";
            return Err(Failure::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| {
            Failure::request(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is larger than 4 MiB, or it broke off: send less at once.",
            )
        })?;
        let value = serde_json::from_slice(&bytes).map_err(|error| match error.is_data() {
            true => Failure::request(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("The body is not as described: {error}."),
            ),
            false => Failure::request(StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}.")),
        })?;
        Ok(Self { value, bytes })
    }
}

fn is_json(request: &Request) -> bool {
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
