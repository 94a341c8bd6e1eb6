//! Teams as vCards: version 4.0 (RFC 6350) for address books, and small ones in version 3.0 (RFC 2426) for telephones,
//! many of which still read nothing newer.

use crate::{Email, Phone, Seen, Usage};

/// Longest line in bytes without its end (RFC 6350, section 3.2).
const LONGEST: usize = 75;

/// A card that is being written.
pub(super) struct Card {
    out: String,
}

impl Card {
    pub(super) fn begin(version: &str) -> Self {
        let mut card = Self { out: String::new() };
        card.raw("BEGIN", "VCARD");
        card.raw("VERSION", version);
        card
    }

    /// A property whose value is text, if there is one.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        if !value.trim().is_empty() {
            self.raw(name, &escaped(value));
        }
    }

    /// A property whose value has its form already.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        fold(&mut self.out, &format!("{name}:{value}"));
    }

    pub(super) fn end(mut self) -> String {
        self.raw("END", "VCARD");
        self.out
    }
}

/// `seen` as a card; `at` is now, Unix seconds: keys that are good then are named.
pub(super) fn of_team(seen: &Seen, at: i64) -> String {
    let mut card = Card::begin("4.0");
    card.raw("PRODID", "-//Wardmote//directory of teams//EN");
    card.raw("KIND", "org");
    card.raw("UID", &format!("urn:uuid:{}", seen.id));
    card.text("FN", &seen.name);
    let official = if seen.official_name.is_empty() { &seen.name } else { &seen.official_name };
    match seen.host_organisation.as_str() {
        "" => card.text("ORG", official),
        host => card.raw("ORG", &format!("{};{}", escaped(host), escaped(official))),
    }
    if !seen.postal_address.is_empty() || !seen.country.name.is_empty() {
        let label = match seen.postal_address.as_str() {
            "" => String::new(),
            lines => format!(";LABEL={}", parameter(lines)),
        };
        card.raw(&format!("ADR{label}"), &format!(";;;;;;{}", escaped(&seen.country.name)));
    }
    emails(&mut card, &seen.emails);
    phones(&mut card, &seen.phones);
    card.text("TZ", &seen.time_zone);
    for (rank, language) in seen.languages.iter().enumerate().take(100) {
        card.raw(&format!("LANG;PREF={}", rank + 1), language);
    }
    for key in seen.keys_in_use().filter(|key| key.validity(at).is_valid()) {
        card.raw("KEY", &format!("OPENPGP4FPR:{}", key.fingerprint()));
    }
    card.text("CATEGORIES", seen.trust());
    card.text("NOTE", &seen.business_hours);
    card.raw("REV", &revision(seen.updated));
    card.end()
}

fn emails(card: &mut Card, emails: &[Email]) {
    // The first that takes reports is the one to be written to.
    let mut ranked: Vec<&Email> = emails.iter().collect();
    ranked.sort_by_key(|email| match email.usage {
        Usage::Report => 0,
        Usage::Emergency => 2,
        _ => 1,
    });
    for (rank, email) in ranked.iter().enumerate().take(100) {
        card.text(&format!("EMAIL;TYPE=work;PREF={}", rank + 1), &email.address);
    }
}

fn phones(card: &mut Card, phones: &[Phone]) {
    for phone in phones {
        let kind = match phone.usage {
            Usage::Fax => "fax",
            Usage::Text => "text",
            // The standard has no word for it; the first to call is the one that is always answered.
            Usage::Emergency => "\"work,voice\";PREF=1",
            _ => "\"work,voice\"",
        };
        card.text(&format!("TEL;TYPE={kind}"), &phone.number);
    }
}

/// `20261121T200000Z` for microseconds since 1970.
fn revision(at: kit::Time) -> String {
    ui::format::iso(at)
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect::<String>()
        .split('.')
        .next()
        .map_or_else(String::new, |whole| format!("{}Z", whole.trim_end_matches('Z')))
}

/// A text value (RFC 6350, section 3.4; RFC 2426, section 4).
pub(super) fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.trim().replace("\r\n", "\n").chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A parameter's value, quoted, with RFC 6868's signs for what cannot stand in quotes.
fn parameter(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.trim().replace("\r\n", "\n").chars() {
        match c {
            '\n' => out.push_str("^n"),
            '^' => out.push_str("^^"),
            '"' => out.push_str("^'"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A content line, broken where it is too long, never within a character (RFC 6350, section 3.2).
fn fold(out: &mut String, line: &str) {
    let mut room = LONGEST;
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = LONGEST - 1;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_become_a_line_of_its_own() {
        let mut card = Card::begin("4.0");
        card.text("FN", "CERT; a, b\\ \r\nEND:VCARD");
        card.text("NOTE", "");
        assert_eq!(
            card.end(),
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:CERT\\; a\\, b\\\\ \\nEND:VCARD\r\nEND:VCARD\r\n"
        );
        assert_eq!(parameter("1 Quay \"Street\"\nSkerry"), "\"1 Quay ^'Street^'^nSkerry\"");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut out = String::new();
        fold(&mut out, &format!("FN:{}", "ø".repeat(100)));
        assert!(out.lines().all(|line| line.len() <= LONGEST), "{out}");
        assert_eq!(out.replace("\r\n ", "").trim_end(), format!("FN:{}", "ø".repeat(100)));
    }

    #[test]
    fn a_revision_is_in_the_basic_form() {
        assert_eq!(revision(kit::testing::START), "20261121T200000Z");
    }
}
