//! A rendered page as an answer, with the headers that keep it safe.

use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Answers with a rendered template, `200 OK`; for another status answer `(status, Html(page))`.
///
/// The answer is never stored by the browser or by a proxy (pages hold what not everybody may see) and carries
/// the headers of [`secure`]. A template that fails to render is logged and answered with 500.
#[derive(Clone, Debug)]
pub struct Html<T>(pub T);

impl<T: Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        let body = match self.0.render() {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(template = std::any::type_name::<T>(), %error, "page not rendered");
                return (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "This page could not be written. Please try again.",
                )
                    .into_response();
            }
        };
        let mut response = axum::response::Html(body).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        secure(response.headers_mut());
        response
    }
}

const SECURE: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Sets the headers of every page: nothing inline, nothing from elsewhere, not in a frame, no type guessing.
///
/// A header that is already there stays: a page that must differ (a mail shown in a sandboxed frame) says so itself.
pub fn secure(headers: &mut HeaderMap) {
    for (name, value) in SECURE {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
