//! The session cookie (RFC 6265).

use axum::http::{HeaderMap, HeaderValue, header};
use kit::clock::SECOND;

use crate::service::LONGEST;

const NAME: &str = "wardmote";

/// The value of the session cookie, if the request has one of a fitting length.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, value)| *name == NAME && !value.is_empty() && value.len() <= 100)
        .map(|(_, value)| value)
}

/// The header that keeps `value` in the browser, out of scripts' reach and not sent along by other sites' forms;
/// by https alone when `https`.
pub(super) fn set(value: &str, https: bool) -> HeaderValue {
    header_value(value, LONGEST / SECOND, https)
}

/// The header that makes the browser forget it.
pub(super) fn clear(https: bool) -> HeaderValue {
    header_value("", 0, https)
}

fn header_value(value: &str, seconds: i64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let line = format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // Our values are base32; anything else would be a mistake of ours and logs the reader out.
    HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static("wardmote=; Path=/; Max-Age=0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_cookie_is_found_among_others() {
        let headers =
            |text: &'static str| HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(text))]);
        assert_eq!(read(&headers("theme=dark; wardmote=abc; keys=off")), Some("abc"));
        assert_eq!(read(&headers("xwardmote=abc; wardmote=")), None);
    }

    #[test]
    fn by_https_the_cookie_is_for_https_alone() {
        assert!(set("abc", true).to_str().unwrap().ends_with("HttpOnly; SameSite=Lax; Secure"));
        assert!(!set("abc", false).to_str().unwrap().contains("Secure"));
    }
}
