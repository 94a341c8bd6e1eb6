//! Forms as they are sent: names and values, a name as often as there are boxes ticked.

use std::fmt::Write as _;

/// The fields of a form. An extractor would stop at the first field that does not fit; pages want to show all that
/// was typed again, so handlers take `Form<Fields>` and look.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form that was sent as `application/x-www-form-urlencoded`.
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// Names and values, in order.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// The first value called `name`, trimmed; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value called `name` as it was typed: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values called `name`: the boxes that were ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// `text` as a value in a query (RFC 3986, section 2.1).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            // Writing into a string does not fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// `next` if it is a path of this node, else `/`: a log-in never leads to another site.
pub(super) fn own_path(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") && next.len() <= 2_000 { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_in_never_leads_to_another_site() {
        for evil in ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "", "x"]
        {
            assert_eq!(own_path(evil), "/", "{evil:?}");
        }
        assert_eq!(own_path("/reports?q=a%20b&page=2"), "/reports?q=a%20b&page=2");
    }

    #[test]
    fn a_path_survives_as_the_value_of_a_query() {
        assert_eq!(encode("/reports?q=a b&x=é"), "/reports%3Fq%3Da%20b%26x%3D%C3%A9");
    }
}
