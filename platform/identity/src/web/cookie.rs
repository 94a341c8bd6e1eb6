//! The cookies of this crate (RFC 6265, and the prefixes of its successor).
//!
//! By https each is called `__Host-…`: the browser then keeps it for this very host and sends it by https alone, and no
//! other host below the same domain can set it. Without https, for trying out, it has the plain name.

use axum::http::{HeaderMap, HeaderValue, header};
use kit::Time;
use kit::clock::{MINUTE, SECOND};

use crate::kept::KEPT;
use crate::service::LONGEST;

/// A cookie of ours.
pub(super) struct Cookie {
    name: &'static str,
    lasts: Time,
    /// No value is longer.
    longest: usize,
    /// Also other sites' links bring it; else only our own pages do.
    by_links: bool,
}

/// The session.
pub(super) const SESSION: Cookie = Cookie { name: "wardmote", lasts: LONGEST, longest: 100, by_links: true };
/// The browser of a stranger who was asked for a passkey.
pub(super) const BROWSER: Cookie =
    Cookie { name: "wardmote-browser", lasts: 10 * MINUTE, longest: 100, by_links: false };
/// A form that was kept.
pub(super) const FORM: Cookie = Cookie { name: "wardmote-form", lasts: KEPT, longest: 100, by_links: true };
/// A log-in at an institute, sealed.
pub(super) const INSTITUTE: Cookie =
    Cookie { name: "wardmote-institute", lasts: 10 * MINUTE, longest: 3_500, by_links: true };

impl Cookie {
    /// Its value, if the request has one of a fitting length.
    pub(super) fn read<'h>(&self, headers: &'h HeaderMap, https: bool) -> Option<&'h str> {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let (prefix, name) = (prefix(https), self.name);
        pairs
            .find(|(key, value)| {
                key.strip_prefix(prefix) == Some(name) && !value.is_empty() && value.len() <= self.longest
            })
            .map(|(_, value)| value)
    }

    /// The header that keeps `value` in the browser, out of scripts' reach and not sent along by other sites' forms.
    pub(super) fn set(&self, value: &str, https: bool) -> HeaderValue {
        self.header(value, self.lasts / SECOND, https)
    }

    /// The header that makes the browser forget it.
    pub(super) fn clear(&self, https: bool) -> HeaderValue {
        self.header("", 0, https)
    }

    fn header(&self, value: &str, seconds: i64, https: bool) -> HeaderValue {
        let (prefix, secure) = (prefix(https), if https { "; Secure" } else { "" });
        let (name, site) = (self.name, if self.by_links { "Lax" } else { "Strict" });
        let line =
            format!("{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={site}{secure}");
        // Our values are base32 and base64url; anything else would be a mistake of ours and logs the reader out.
        HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static("wardmote=; Path=/; Max-Age=0"))
    }
}

fn prefix(https: bool) -> &'static str {
    if https { "__Host-" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(text))])
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        assert_eq!(SESSION.read(&headers("theme=dark; wardmote=abc; keys=off"), false), Some("abc"));
        assert_eq!(SESSION.read(&headers("xwardmote=abc; wardmote="), false), None);
    }

    #[test]
    fn by_https_the_cookie_belongs_to_this_very_host() {
        let line = SESSION.set("abc", true);
        let line = line.to_str().unwrap();
        assert!(line.starts_with("__Host-wardmote=abc; Path=/; ") && line.ends_with("SameSite=Lax; Secure"));
        assert!(!line.contains("Domain"));
        assert!(!SESSION.set("abc", false).to_str().unwrap().contains("Secure"));
        // What another host of the same domain has set is not ours.
        assert_eq!(SESSION.read(&headers("wardmote=evil"), true), None);
        assert_eq!(SESSION.read(&headers("wardmote=evil; __Host-wardmote=abc"), true), Some("abc"));
    }
}
