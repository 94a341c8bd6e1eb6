//! Changes come from our own pages only: another site's form or script is refused (CSRF).
//!
//! Browsers say where a request comes from: `Sec-Fetch-Site` (W3C Fetch Metadata), or at least `Origin`. A request
//! that changes something and says neither is refused too, so that an old browser is told rather than exposed. A
//! request with a bearer token is none that a browser was tricked into, nor is one without cookie at an address where
//! programs send what proves itself.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::Error;

use super::answer::{ApiError, PageError};

pub(super) async fn refuse_foreign(request: Request, next: Next) -> Response {
    let for_programs = FOR_PROGRAMS.iter().any(|prefix| request.uri().path().starts_with(prefix));
    match verdict(request.method(), request.headers(), for_programs) {
        Ok(()) => next.run(request).await,
        Err(why) => {
            let error = Error::Forbidden(why.to_owned());
            match request.uri().path().starts_with("/api/") {
                true => ApiError(error).into_response(),
                false => PageError(error).into_response(),
            }
        }
    }
}

/// Where programs send signed texts, or ask what everybody may know: nobody needs to be logged in there.
const FOR_PROGRAMS: [&str; 3] = ["/syncupdates/", "/pki/ocsp", "/acme/"];

fn verdict(method: &Method, headers: &HeaderMap, for_programs: bool) -> Result<(), &'static str> {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) => Ok(()),
        (Some(_), _) => Err(
            "this change was asked for by another site, so it was not made. Open the page here and try again.",
        ),
        (None, Some(origin)) if is_ours(origin, text("host").unwrap_or_default()) => Ok(()),
        (None, Some(_)) => Err(
            "this change was asked for by another site, or a proxy alters the Host header; it was not made.",
        ),
        (None, None) if for_programs && !headers.contains_key(header::COOKIE) => Ok(()),
        (None, None) => Err(
            "the browser does not say from which site this change was asked for, so it was not made. Use a current \
             browser; programs send a token as \"Authorization: Bearer …\".",
        ),
    }
}

/// Whether an origin (`https://desk.example:8443`) has our host and port.
fn is_ours(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let bare = |name: &str| name.strip_suffix(default_port).unwrap_or(name).to_ascii_lowercase();
    !host.is_empty() && bare(authority) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        verdict(&Method::POST, &headers.collect(), false).is_ok()
    }

    #[test]
    fn a_change_comes_from_our_own_pages_or_not_at_all() {
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(!post(&[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://desk.example"),
            ("host", "desk.example")
        ]));
        assert!(!post(&[("sec-fetch-site", "cross-site")]));
        assert!(post(&[("origin", "https://desk.example"), ("host", "desk.example:443")]));
        assert!(post(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!post(&[("origin", "https://desk.example.evil.example"), ("host", "desk.example")]));
        assert!(!post(&[("origin", "null"), ("host", "desk.example")]));
        assert!(!post(&[("host", "desk.example")]));
        assert!(post(&[("authorization", "Bearer x")]));
        assert!(verdict(&Method::GET, &HeaderMap::new(), false).is_ok());
    }

    #[test]
    fn a_program_without_a_cookie_sends_what_proves_itself_where_programs_do() {
        let verdict = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            verdict(&Method::POST, &headers.collect(), true).is_ok()
        };
        assert!(verdict(&[("host", "desk.example")]));
        assert!(!verdict(&[("host", "desk.example"), ("cookie", "wardmote=x")]));
        assert!(!verdict(&[("sec-fetch-site", "cross-site")]));
        assert!(!verdict(&[("origin", "https://evil.example"), ("host", "desk.example")]));
    }
}
