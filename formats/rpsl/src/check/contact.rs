//! Ways to reach people: mail addresses, telephone numbers, URIs; and where things are.

use super::scan::Scan;
use crate::view::mailbox::{is_mailbox, is_withheld};

/// What was found about a mail address.
pub(super) enum Mailbox {
    Good,
    /// Nobody reads it.
    Placeholder,
    No,
}

/// One address, alone or as `Name <address>`.
pub(super) fn mailbox(text: &str) -> Mailbox {
    let address = match text.split_once('<') {
        Some((name, rest)) if !name.contains(['@', ',', '>']) => match rest.strip_suffix('>') {
            Some(address) => address,
            None => return Mailbox::No,
        },
        _ => text,
    };
    if !is_mailbox(address) {
        Mailbox::No
    } else if is_withheld(address) {
        Mailbox::Placeholder
    } else {
        Mailbox::Good
    }
}

/// `+386 1 555 01 00`, `+386 (1) 555`, each perhaps with `ext. 12`.
pub(super) fn phone(text: &str) -> bool {
    let digits = |byte: u8| byte.is_ascii_digit() || b". -".contains(&byte);
    let mut scan = Scan(text);
    let mut number = scan.word("+") && !scan.run(30, digits).is_empty();
    if scan.word("(") {
        number &= !scan.run(30, digits).is_empty() && scan.word(")") && !scan.run(30, digits).is_empty();
    }
    if scan.word("ext.") {
        number &= !scan.run(30, digits).is_empty();
    }
    number && scan.ended() && text.len() <= 30 && text.contains(|char: char| char.is_ascii_digit())
}

pub(super) fn https(text: &str) -> bool {
    let mut scan = Scan(text);
    scan.word("https://")
        && scan.0.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
        && scan.0.bytes().all(is_uri_byte)
}

/// A URI with its scheme (RFC 3986 section 3). What runs a program or opens a file is no way to reach anybody.
pub(super) fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let refused = ["javascript", "vbscript", "data", "file", "blob", "about"];
    scheme_fits
        && !refused.iter().any(|refused| refused.eq_ignore_ascii_case(scheme))
        && !rest.is_empty()
        && rest.bytes().all(is_uri_byte)
}

fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte)
}

/// Latitude and longitude in degrees.
pub(super) fn location(text: &str) -> bool {
    let mut numbers = text.split_ascii_whitespace();
    let (Some(latitude), Some(longitude), None) = (numbers.next(), numbers.next(), numbers.next()) else {
        return false;
    };
    within(latitude, 90.0) && within(longitude, 180.0)
}

fn within(text: &str, most: f64) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ends = digits.bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
    plain && ends && digits.len() <= 20 && digits.parse::<f64>().is_ok_and(|degrees| degrees <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(takes: impl Fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert!(takes(text), "{text:?} should be taken"));
        bad.iter().for_each(|text| assert!(!takes(text), "{text:?} should be refused"));
    }

    #[test]
    fn ways_to_reach_people_are_told_from_what_leads_nowhere() {
        check(
            |text| matches!(mailbox(text), Mailbox::Good),
            &["team@cert.example", "The Team <team@cert.example>", "a@b"],
            &[
                "team",
                "@cert.example",
                "a@b, c@d",
                "Team <team@cert.example",
                "a b@c.example",
                "unread@ripe.net",
            ],
        );
        check(
            phone,
            &["+386 1 555 01 00", "+44-20.55", "+386 (0)1 555", "+1 555 ext. 12"],
            &["386 1", "+", "+ -", "+38a", "+1 (2", "+1 ext", &format!("+{}", "1".repeat(30))],
        );
        check(
            https,
            &["https://cert.example/geo.csv"],
            &["http://cert.example/", "https://", "https://a b", "https:///x"],
        );
        check(
            uri,
            &["sip:team@cert.example", "https://t.me/x", "tel:+3861555"],
            &["cert.example", ":x", "a b:c", "sip:", "javascript:alert(1)", "DATA:text/html,x", "x:a b"],
        );
        check(
            location,
            &["46.05 14.50", "-90 180", "+.5 -0"],
            &["91 0", "0 181", "46.05", "46,05 14", "nan 0", "1 2 3", "1. 2"],
        );
    }
}
