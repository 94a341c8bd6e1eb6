//! Errors of use cases as answers: a page for people, problem+json (RFC 9457) for programs.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kit::Error;
use ui::ErrorPage;

/// An error as a page. Handlers of pages return it by `?`.
#[derive(Debug)]
pub struct PageError(pub Error);

/// An error as problem+json. Handlers of the API return it by `?`.
#[derive(Debug)]
pub struct ApiError(pub Error);

/// What a program is told about an error (RFC 9457, section 3).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, to what, and what to do now.
    pub detail: String,
    /// The member of the request that is wrong, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl std::convert::From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl std::convert::From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        undressed(page(&self.0))
    }
}

/// The page as it is, for whoever knows the reader to dress it with their navigation: see `frame::dress_errors`.
pub(super) fn undressed(page: ErrorPage) -> Response {
    let mut response = page.clone().into_response();
    response.extensions_mut().insert(Undressed(page));
    response
}

/// An error page that does not know its reader yet.
#[derive(Clone)]
pub(super) struct Undressed(pub ErrorPage);

/// The error in words for people. Causes on our side go into the log, not onto the page.
pub(super) fn page(error: &Error) -> ErrorPage {
    let said = sentence(&error.to_string());
    let status = status(error);
    match error {
        Error::NotFound(_) => ErrorPage::not_found(said),
        Error::Invalid { .. } => {
            ErrorPage::bad_request(said, "Go back and put it right; nothing was changed.")
        }
        Error::Conflict(_) => ErrorPage::conflict(said),
        Error::Forbidden(_) => ErrorPage::forbidden(said),
        Error::Unavailable(_) | Error::StorageFull => {
            ErrorPage::new(status, said, "Try again in a moment; nothing was changed.")
        }
        _ => {
            tracing::error!(%error, "a page failed");
            ErrorPage::internal()
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        let detail = if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self.0, "a request failed");
            "The node failed; nothing was changed. Its log has the cause.".to_owned()
        } else {
            sentence(&self.0.to_string())
        };
        let field = match self.0 {
            Error::Invalid { field, .. } => Some(field),
            _ => None,
        };
        problem(status, detail, field)
    }
}

/// A problem+json answer.
pub(super) fn problem(status: StatusCode, detail: String, field: Option<String>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error").to_owned();
    let body = Problem { kind: "about:blank".into(), title, status: status.as_u16(), detail, field };
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"wardmote\""));
    }
    response
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) => StatusCode::CONFLICT,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// First letter large, full stop at the end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
