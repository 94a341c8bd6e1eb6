//! What was just done, said at the foot of the next pages for as long as it can be undone.

use axum::http::{HeaderMap, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::prefs::cookie;

const COOKIE: &str = "toast";
/// A toast without undo is shown on the pages of the next 8 seconds.
const PLAIN_FOR: i64 = 8_000_000;
/// Browsers keep 4 kB a cookie; longer words are cut.
const TEXT_LIMIT: usize = 600;

/// Says what was done, and offers to undo it while that is still possible.
///
/// It travels in a cookie, so that it survives the redirect after a form and stays on every page until `until`.
/// It grants nothing: undo is a form like any other, and its route checks who may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toast {
    /// What was done: "2 reports linked to INC-217; their senders are told at 20:08."
    pub text: String,
    /// Path of the form that undoes it, if it can be undone.
    pub undo: Option<String>,
    /// When the undo window closes, µs since 1970 UTC.
    pub until: i64,
}

impl Toast {
    /// Says what was done and cannot, or need not, be undone. `now` in µs since 1970 UTC.
    pub fn said(text: impl Into<String>, now: i64) -> Toast {
        Toast { text: text.into(), undo: None, until: now + PLAIN_FOR }
    }

    /// Says what was done, and the path of the form that undoes it until `until` (µs since 1970 UTC).
    pub fn undoable(text: impl Into<String>, undo: impl Into<String>, until: i64) -> Toast {
        Toast { text: text.into(), undo: Some(undo.into()), until }
    }

    /// The `Set-Cookie` value that carries it to the pages that follow. `now` in µs since 1970 UTC.
    pub fn to_cookie(&self, now: i64) -> HeaderValue {
        let text = self.text.chars().take(TEXT_LIMIT).collect();
        let short = Toast { text, ..self.clone() };
        let seconds = self.until.saturating_sub(now).max(0).saturating_add(999_999) / 1_000_000;
        // A struct of text and a number cannot fail to be written as JSON.
        let value = BASE64URL_NOPAD.encode(&serde_json::to_vec(&short).unwrap_or_default());
        let line = format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax");
        // Base64url and the words above are visible ASCII.
        HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static("toast=; Path=/; Max-Age=0"))
    }

    /// Reads the toast out of a request's cookies: `None` when there is none, it is unreadable, or its time is over.
    pub fn from_cookies(headers: &HeaderMap, now: i64) -> Option<Toast> {
        let bytes = BASE64URL_NOPAD.decode(cookie(headers, COOKIE)?.as_bytes()).ok()?;
        let toast: Toast = serde_json::from_slice(&bytes).ok()?;
        let ours = toast.undo.as_deref().is_none_or(|path| path.starts_with('/') && !path.starts_with("//"));
        (ours && toast.until > now).then_some(toast)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;

    fn request(cookie: &HeaderValue) -> HeaderMap {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).unwrap())])
    }

    #[test]
    fn a_toast_is_shown_until_its_undo_window_closes() {
        let toast = Toast::undoable("2 reports linked to INC-217. “Done”", "/undo/7", 130_000_000);
        let cookie = toast.to_cookie(10_000_000);
        assert!(cookie.to_str().unwrap().contains("Max-Age=120;"));
        assert_eq!(Toast::from_cookies(&request(&cookie), 129_999_999), Some(toast));
        assert_eq!(Toast::from_cookies(&request(&cookie), 130_000_000), None);
    }

    #[test]
    fn undo_never_leads_to_another_host() {
        let toast = Toast::undoable("x", "//evil.example/", 10);
        assert_eq!(Toast::from_cookies(&request(&toast.to_cookie(0)), 0), None);
    }

    proptest::proptest! {
        #[test]
        fn any_cookie_is_read_without_panic(value in "[!-:<-~]{0,80}") {
            let cookie = HeaderValue::from_str(&format!("toast={value}")).unwrap();
            Toast::from_cookies(&HeaderMap::from_iter([(header::COOKIE, cookie)]), 0);
        }
    }
}
