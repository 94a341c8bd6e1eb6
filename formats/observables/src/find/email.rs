//! Mail addresses around an `@` (RFC 5321, in the shape that people and logs write).

use super::{Finder, Sink};
use crate::Kind;
use crate::domain;

/// Longest local part in bytes (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

impl Finder<'_> {
    /// Reads around the `@` at `at`; returns where to go on when there is an address.
    pub(super) fn email(&mut self, at: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let start = self.local_start(at)?;
        let domain_start = at + 1;
        let mut end = self.word_end(domain_start);
        // `joe@evil.example…`: non-ASCII punctuation ends the name
        let word = &self.text[domain_start..end];
        if !word.is_ascii() {
            end = domain_start
                + word.find(|c: char| !c.is_ascii() && !c.is_alphanumeric()).unwrap_or(word.len());
        }
        end = domain_start + self.text[domain_start..end].trim_end_matches(['.', '-', '_']).len();
        let name = domain::canonical(&self.text[domain_start..end], &mut self.scratch)?;
        self.domain_hit(domain_start..end, name, None, sink);
        let local = self.text[start..at].to_lowercase();
        self.scratch.insert(0, '@');
        self.scratch.insert_str(0, &local);
        self.plain_hit(Kind::Email, start..end, name.special, sink);
        self.email_end = end;
        Some(end)
    }

    /// Where the local part before the `@` begins.
    fn local_start(&mut self, at: usize) -> Option<usize> {
        let mut start = at;
        // in a query string, `=` and `&` separate
        let in_url = at < self.url_end;
        let fits = |byte: u8| is_local(byte) && !(in_url && matches!(byte, b'=' | b'&'));
        while start > self.email_end && fits(self.bytes[start - 1]) {
            start -= 1;
            if at - start > MAX_LOCAL {
                return None;
            }
        }
        self.meter.add(at - start);
        let local = &self.text[start..at];
        // “joe@evil.example”: the address begins behind the last character that is no letter
        if let Some((last, c)) =
            local.char_indices().rev().find(|(_, c)| !c.is_ascii() && !c.is_alphanumeric())
        {
            start += last + c.len_utf8();
        }
        start += key_length(&self.text[start..at]);
        let local = self.text[start..at]
            .trim_start_matches(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_');
        (!local.is_empty() && !local.ends_with('.')).then_some(at - local.len())
    }
}

/// Atext of RFC 5322 as far as real addresses use it; bytes from 0x80 for RFC 6531.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'=' | b'~' | b'&' | b'\'')
        || byte >= 0x80
}

/// Bytes of a `key=` in front: `user=joe@evil.example`. A `=` that belongs to the address is that of a bounce address, with a
/// digit or a `+` before it or a domain behind it (`list-joe=evil.example@`, `joe=40evil.example@`), or of `prvs=` (BATV).
fn key_length(local: &str) -> usize {
    let Some((key, rest)) = local.split_once('=') else { return 0 };
    let word = key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'-');
    let returns = domain::canonical(rest.strip_prefix("40").unwrap_or(rest), &mut String::new()).is_some();
    if word && !returns && !matches!(key, "prvs" | "btv1") { key.len() + 1 } else { 0 }
}
