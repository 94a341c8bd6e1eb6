//! How a reader wants the pages: theme and single keys, kept in two cookies of their browser.

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

/// Colours of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system is set.
    #[default]
    System,
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

/// How this reader wants the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Colours.
    pub theme: Theme,
    /// Whether single letters act as commands (WCAG 2.2, success criterion 2.1.4).
    pub keys_on: bool,
}

impl Default for Preferences {
    fn default() -> Preferences {
        Preferences { theme: Theme::System, keys_on: true }
    }
}

impl Preferences {
    /// Value of `data-theme` on `<html>`; `None`: as the system is set.
    pub fn theme_name(&self) -> Option<&'static str> {
        match self.theme {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }
}

/// Reads the preferences out of a request's cookies; what is missing or unknown is the default.
pub fn preferences(headers: &HeaderMap) -> Preferences {
    let theme = match cookie(headers, "theme") {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    };
    Preferences { theme, keys_on: cookie(headers, "keys") != Some("off") }
}

/// The value of a cookie (RFC 6265, section 5.4), from any of the request's `Cookie` headers.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// `/theme?to=light|dark|system` and `/keys?to=on|off`: each sets its cookie for a year and goes back to the page
/// from which it was called. They change nothing but the reader's own view, so plain links may call them.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/theme", get(set_theme)).route("/keys", get(set_keys))
}

#[derive(Deserialize)]
struct To {
    to: String,
}

async fn set_theme(headers: HeaderMap, Query(To { to }): Query<To>) -> Response {
    match to.as_str() {
        "light" | "dark" | "system" => keep("theme", &to, &headers),
        _ => {
            (StatusCode::BAD_REQUEST, "There is no such theme. Choose light, dark or system.").into_response()
        }
    }
}

async fn set_keys(headers: HeaderMap, Query(To { to }): Query<To>) -> Response {
    match to.as_str() {
        "on" | "off" => keep("keys", &to, &headers),
        _ => (StatusCode::BAD_REQUEST, "Single keys are either on or off.").into_response(),
    }
}

/// Sets a cookie and goes back. `value` is one of the words checked above, so it is fit for a header.
fn keep(name: &str, value: &str, request: &HeaderMap) -> Response {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    for (key, text) in [(header::SET_COOKIE, cookie.as_str()), (header::LOCATION, back(request))] {
        headers.insert(key, HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("/")));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Path and query of the page before, never another host: whatever `Referer` says, only what follows the
/// authority is taken, and only if it is a path.
fn back(request: &HeaderMap) -> &str {
    let referer = request.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, rest)) = referer.split_once("://") else { return "/" };
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    // "//host" and "/\host" would be read as another host.
    if path[1..].starts_with(['/', '\\']) { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn theme_and_keys_come_from_the_cookies() {
        let read = preferences(&with(header::COOKIE, "session=abc; theme=dark; keys=off"));
        assert_eq!(read, Preferences { theme: Theme::Dark, keys_on: false });
        assert_eq!(preferences(&with(header::COOKIE, "theme=mauve; keys=")), Preferences::default());
    }

    #[test]
    fn goes_back_to_a_path_of_ours_only() {
        let back_from = |referer| back(&with(header::REFERER, referer)).to_owned();
        assert_eq!(back_from("https://desk.aldermark.example/reports?q=ssh"), "/reports?q=ssh");
        assert_eq!(back_from("https://elsewhere.example//evil.example/"), "/");
        assert_eq!(back_from("https://elsewhere.example/\\evil.example/"), "/");
        assert_eq!(back_from("https://desk.aldermark.example"), "/");
        assert_eq!(back_from("nonsense"), "/");
    }
}
