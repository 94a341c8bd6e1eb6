//! HTML as text: what a reader sees, and where its links lead, since that is what a phishing mail hides.

use mail_parser::decoders::html::html_to_text;

/// Longest link kept, in bytes.
const LINK: usize = 4_096;
/// Most links listed.
const LINKS: usize = 1_000;
/// Most attributes looked at: each may cost [`LINK`] bytes of reading.
const ATTRIBUTES: usize = 10_000;

/// Text of an HTML document, followed by the targets of its links that the text does not show.
pub(super) fn text(html: &str) -> String {
    let mut text = html_to_text(html);
    let mut listed = std::collections::HashSet::new();
    for target in targets(html.as_bytes()).take(ATTRIBUTES) {
        if listed.len() >= LINKS {
            break;
        }
        let target = html_to_text(&target);
        let target = target.trim();
        if !target.is_empty() && !target.starts_with('#') && listed.insert(target.to_owned()) {
            text.push_str(if listed.len() == 1 { "\n\n" } else { "\n" });
            text.push_str(target);
        }
    }
    text
}

/// Values of the attributes that name another place.
fn targets(html: &[u8]) -> impl Iterator<Item = String> {
    memchr::memchr_iter(b'=', html).filter_map(move |equals| {
        let before = html[..equals].trim_ascii_end();
        let name = before.iter().rev().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
        let name = &before[before.len() - name..];
        let known: [&[u8]; 6] = [b"href", b"src", b"action", b"formaction", b"background", b"data"];
        if !known.iter().any(|k| name.eq_ignore_ascii_case(k)) {
            return None;
        }
        let value = html[equals + 1..html.len().min(equals + 1 + LINK)].trim_ascii_start();
        let (value, ends): (&[u8], &[u8]) = match value.split_first() {
            Some((b'"', rest)) => (rest, b"\""),
            Some((b'\'', rest)) => (rest, b"'"),
            _ => (value, b" \t\r\n>"),
        };
        let end = value.iter().position(|b| ends.contains(b)).unwrap_or(value.len());
        let value = &value[..end];
        // An inline picture is no place to go to.
        if value.len() >= 5 && value[..5].eq_ignore_ascii_case(b"data:") {
            return None;
        }
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_shows_where_it_leads() {
        let html = "<p>Log in at <a HREF = 'http://login.bank.example/?a=1&amp;b=2'>your bank</a></p>\
                    <img src=http://pixel.example/x.gif><a href=\"#top\">up</a>";
        let text = text(html);
        assert!(text.contains("Log in at your bank"), "{text}");
        assert!(text.ends_with("http://login.bank.example/?a=1&b=2\nhttp://pixel.example/x.gif"), "{text}");
    }
}
