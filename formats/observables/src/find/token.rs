//! What is recognised by its own shape: hashes, CVE numbers, AS numbers.

use super::{Finder, Sink};
use crate::Kind;
use std::fmt::Write as _;

impl Finder<'_> {
    /// Hashes in a word of 32 bytes or more; a dot, a hyphen or an underscore beside them does not matter
    /// (`<hash>.exe`).
    pub(super) fn hashes(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) {
        let bytes = &self.bytes[start..end];
        let mut from = start;
        for part in bytes.split(|byte| matches!(byte, b'.' | b'-' | b'_')) {
            if let Some(kind) = hash_kind(part) {
                self.scratch.clear();
                self.scratch.push_str(&self.text[from..from + part.len()]);
                self.scratch.make_ascii_lowercase();
                self.plain_hit(kind, from..from + part.len(), false, sink);
            }
            from += part.len() + 1;
        }
    }

    /// CVE numbers in a word.
    pub(super) fn cves(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) {
        let mut at = start;
        while at + "CVE-1999-0001".len() <= end {
            let free = at == start || !self.bytes[at - 1].is_ascii_alphanumeric();
            let length = if free { cve_length(&self.bytes[at..end]) } else { None };
            if let Some(length) = length {
                self.scratch.clear();
                self.scratch.push_str(&self.text[at..at + length]);
                self.scratch.make_ascii_uppercase();
                self.plain_hit(Kind::Cve, at..at + length, false, sink);
                at += length;
            } else {
                at += 1;
            }
        }
    }

    /// `AS64496`, `ASN64496`, `AS1.10` (asdot, RFC 5396), `ASN 64496`, `ASN: 64496`.
    pub(super) fn asn(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let word = &self.bytes[start..end];
        let letters = word.iter().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let name = &word[..letters];
        let named = name.eq_ignore_ascii_case(b"AS") || name.eq_ignore_ascii_case(b"ASN");
        if !named {
            return None;
        }
        let (from, to) = if word.len() > letters {
            (start + letters, end)
        } else {
            let gap = self.bytes[end..]
                .iter()
                .take(2)
                .take_while(|byte| matches!(byte, b' ' | b':' | b'#' | b'='))
                .count();
            let digits =
                self.bytes[end + gap..].iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
            (end + gap, end + gap + digits)
        };
        let number = as_number(&self.text[from..to])?;
        // AS2 and AS4 are protocols; `as` is an English word
        if number < 10 || (number < 100 && name.iter().any(u8::is_ascii_lowercase)) {
            return None;
        }
        self.scratch.clear();
        let written = write!(self.scratch, "AS{number}");
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
        let private = (64_512..=65_534).contains(&number) || (4_200_000_000..u32::MAX).contains(&number);
        self.plain_hit(Kind::Asn, start..to, private, sink);
        Some(to)
    }
}

fn hash_kind(part: &[u8]) -> Option<Kind> {
    let kind = match part.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        128 => Kind::Sha512,
        _ => return None,
    };
    // a row of digits is a serial number, a row of few letters a picture in base64
    let hex = part.iter().all(u8::is_ascii_hexdigit);
    let digits =
        part.iter().fold(0u16, |seen, byte| seen | 1 << (char::from(*byte).to_digit(16).unwrap_or(0)));
    let mixed = digits.count_ones() >= 6
        && part.iter().any(u8::is_ascii_digit)
        && part.iter().any(u8::is_ascii_alphabetic);
    (hex && mixed).then_some(kind)
}

/// Bytes of the CVE number at the start: a year from 1999 and four to nineteen digits.
fn cve_length(bytes: &[u8]) -> Option<usize> {
    let (head, rest) = bytes.split_at_checked(4)?;
    let (year, rest) = rest.split_at_checked(4)?;
    let digits = rest.strip_prefix(b"-")?.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
    let length = 9 + digits;
    let known = head.eq_ignore_ascii_case(b"CVE-") && (year == b"1999" || year.starts_with(b"20"));
    let ends = !bytes.get(length).is_some_and(u8::is_ascii_alphanumeric);
    (known && year.iter().all(u8::is_ascii_digit) && (4..=19).contains(&digits) && ends).then_some(length)
}

/// Asplain or asdot; not the reserved numbers 0 (RFC 7607) and 4294967295 (RFC 7300).
fn as_number(text: &str) -> Option<u32> {
    let digits =
        |text: &str| (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = match text.split_once('.') {
        Some((high, low)) if digits(high) && digits(low) => {
            (u32::from(high.parse::<u16>().ok()?) << 16) | u32::from(low.parse::<u16>().ok()?)
        }
        Some(_) => return None,
        None if digits(text) => text.parse().ok()?,
        None => return None,
    };
    (number != 0 && number != u32::MAX).then_some(number)
}
