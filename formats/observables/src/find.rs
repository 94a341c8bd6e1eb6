//! One pass over the refanged text. Words (letters, digits, `.`, `-`, `_`) are read whole; what they can be is decided by
//! their shape and by the byte behind them: `://`, `:` or `@`. No regular expressions, no backtracking: every byte is
//! looked at a bounded number of times (see the tests that count).

mod email;
mod token;
mod url;
mod v4;
mod v6;

use crate::Kind;
use crate::domain::{self, Name};
use crate::ip;
use crate::meter::Meter;
use crate::refang::Refanged;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::ops::Range;

/// One occurrence, before duplicates are merged. The span is in the refanged text.
#[derive(Debug)]
pub(crate) struct Hit<'v> {
    pub(crate) kind: Kind,
    pub(crate) value: &'v str,
    pub(crate) span: Range<usize>,
    pub(crate) port: Option<u16>,
    pub(crate) range: Option<(IpAddr, IpAddr)>,
    pub(crate) special: bool,
}

/// Takes a hit; `false` ends the search.
pub(crate) type Sink<'s> = dyn FnMut(Hit<'_>) -> bool + 's;

pub(crate) struct Finder<'t> {
    refanged: &'t Refanged<'t>,
    text: &'t str,
    bytes: &'t [u8],
    max_url_bytes: usize,
    /// Canonical text is put together here; only what is new gets its own allocation.
    scratch: String,
    /// The end of the URL that is being read: its path holds file names, not domains.
    url_end: usize,
    /// URLs found inside that one.
    nested_urls: u8,
    /// No IPv6 address starts before this place.
    v6_tried: usize,
    /// Where the last mail address ended: the next one starts behind.
    email_end: usize,
    stopped: bool,
    meter: Meter,
}

/// What a byte can begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Word,
    Colon,
    At,
}

const CLASS: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        // bytes from 0x80 belong to non-ASCII characters; the word is taken apart later where they are no letters
        if b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_' || b >= 0x80 {
            table[byte] = Class::Word;
        }
        byte += 1;
    }
    table[b':' as usize] = Class::Colon;
    table[b'@' as usize] = Class::At;
    table
};

impl<'t> Finder<'t> {
    pub(crate) fn new(refanged: &'t Refanged<'t>, max_url_bytes: usize) -> Self {
        Self {
            refanged,
            text: refanged.text(),
            bytes: refanged.text().as_bytes(),
            max_url_bytes,
            scratch: String::new(),
            url_end: 0,
            nested_urls: 0,
            v6_tried: 0,
            email_end: 0,
            stopped: false,
            meter: Meter::default(),
        }
    }

    /// Reports everything in the text.
    pub(crate) fn run(&mut self, sink: &mut Sink<'_>) {
        let mut at = 0;
        while at < self.bytes.len() && !self.stopped {
            at = match CLASS[usize::from(self.bytes[at])] {
                Class::Other => {
                    self.meter.add(1);
                    at + 1
                }
                Class::Word => self.word(at, sink),
                Class::Colon => self.v6(at, sink).unwrap_or(at + 1),
                Class::At => self.email(at, sink).unwrap_or(at + 1),
            };
        }
    }

    /// Reads the word that begins at `start`; returns where to go on.
    fn word(&mut self, start: usize, sink: &mut Sink<'_>) -> usize {
        let end = self.word_end(start);
        match self.bytes.get(end) {
            Some(b':') if self.bytes[end..].starts_with(b"://") => {
                if let Some(next) = self.url(start, end, sink) {
                    return next;
                }
            }
            // the local part of a mail address is no domain
            Some(b'@') => return end,
            _ => {}
        }
        let word = &self.bytes[start..end];
        if word.is_ascii() {
            return self.piece(start, end, sink).unwrap_or(end);
        }
        // quotes, dashes and the like are no letters: take the word apart there
        let mut from = start;
        for (offset, c) in self.text[start..end].char_indices() {
            if !c.is_ascii() && !c.is_alphanumeric() && !is_mark(c) {
                if let Some(next) = self.piece(from, start + offset, sink).filter(|next| *next >= end) {
                    return next;
                }
                from = start + offset + c.len_utf8();
            }
        }
        self.piece(from, end, sink).unwrap_or(end)
    }

    /// The end of the word that begins at `start`.
    fn word_end(&mut self, start: usize) -> usize {
        let mut end = start;
        while end < self.bytes.len() && CLASS[usize::from(self.bytes[end])] == Class::Word {
            end += 1;
        }
        self.meter.add(end - start);
        end
    }

    /// Looks at one word; `Some` when something behind it was read too.
    fn piece(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let (start, end) = self.trimmed(start, end);
        let word = &self.bytes[start..end];
        self.meter.add(word.len());
        let first = *word.first()?;
        let dots = word.iter().filter(|byte| **byte == b'.').count();
        if dots >= 2
            && first.is_ascii_digit()
            && word.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'))
        {
            return self.v4(start, end, sink);
        }
        if word.len() >= 3
            && (first | 0x20) == b'a'
            && let Some(next) = self.asn(start, end, sink)
        {
            return Some(next);
        }
        if word.len() >= 32 {
            self.hashes(start, end, sink);
        }
        if word.len() >= 13 && word.contains(&b'-') {
            self.cves(start, end, sink);
        }
        if dots > 0 && start >= self.url_end { self.bare_domains(start, end, sink) } else { None }
    }

    /// Without the punctuation around: `"evil.example."`, `-evil.example`, `_evil.example_`.
    fn trimmed(&self, mut start: usize, mut end: usize) -> (usize, usize) {
        let outer = |byte: u8| byte == b'.' || byte == b'-';
        while start < end && outer(self.bytes[start]) {
            start += 1;
        }
        while start < end && (outer(self.bytes[end - 1]) || self.bytes[end - 1] == b'_') {
            if self.bytes[end - 1] == b'_' && self.bytes[start] == b'_' {
                start += 1;
            }
            end = end.saturating_sub(1).max(start);
        }
        (start, end)
    }

    /// Domain names in a word with dots: one, or several with an ellipsis between.
    fn bare_domains(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let mut from = start;
        while let Some(gap) = self.text[from..end].find("..") {
            self.meter.add(gap);
            self.bare_domain(from, from + gap, sink);
            from += gap;
            while self.bytes[from] == b'.' {
                from += 1;
            }
        }
        self.bare_domain(from, end, sink)
    }

    fn bare_domain(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> Option<usize> {
        self.meter.add(end - start);
        let written = &self.text[start..end];
        let name = domain::canonical(written, &mut self.scratch)?;
        let behind = &self.bytes[end..];
        // `config.name = …`, `console.info(…)`: program text. `mail.example(192.0.2.1)` is not.
        let call =
            behind.starts_with(b"(") && behind.get(1) != Some(&b'[') && self.quad_at(end + 1).is_none();
        if call || behind.starts_with(b"=") {
            return None;
        }
        let in_path = start > 0 && matches!(self.bytes[start - 1], b'/' | b'\\');
        if domain::looks_like_something_else(written, name, in_path)
            && !self.refanged.original(&(start..end)).1
        {
            return None;
        }
        let (port, next) = self.port_behind(end);
        self.domain_hit(start..end, name, port, sink);
        Some(next)
    }

    /// `:8080` behind a name or an address; also where to go on.
    fn port_behind(&self, end: usize) -> (Option<u16>, usize) {
        if !matches!(self.bytes.get(end), Some(b':' | b'#')) {
            return (None, end);
        }
        let digits = self.bytes[end + 1..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let next = end + 1 + digits;
        let more = match self.bytes.get(next) {
            // `192.0.2.1:12:30:45` is a time
            Some(b':') => self.bytes.get(next + 1).is_some_and(u8::is_ascii_hexdigit),
            Some(byte) => byte.is_ascii_alphanumeric() || *byte == b'_',
            None => false,
        };
        match self.text[end + 1..next].parse::<u16>() {
            Ok(port) if !more && port > 0 => (Some(port), next),
            _ => (None, end),
        }
    }

    /// Reports the name whose canonical form stands in `scratch`.
    fn domain_hit(&mut self, span: Range<usize>, name: Name, port: Option<u16>, sink: &mut Sink<'_>) {
        let hit =
            Hit { kind: Kind::Domain, value: &self.scratch, span, port, range: None, special: name.special };
        self.stopped |= !sink(hit);
    }

    /// Reports an address or a range, unless it is nobody's.
    fn address_hit(
        &mut self,
        span: Range<usize>,
        first: IpAddr,
        last: IpAddr,
        port: Option<u16>,
        sink: &mut Sink<'_>,
    ) {
        if ip::is_nobodys(first, last) {
            return;
        }
        self.scratch.clear();
        let (kind, written) = if first == last {
            (Kind::Ip, write!(self.scratch, "{first}"))
        } else {
            (Kind::IpRange, write!(self.scratch, "{first}-{last}"))
        };
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
        let special = ip::is_special(first) && ip::is_special(last);
        let hit = Hit { kind, value: &self.scratch, span, port, range: Some((first, last)), special };
        self.stopped |= !sink(hit);
    }

    /// Reports something without port and range.
    fn plain_hit(&mut self, kind: Kind, span: Range<usize>, special: bool, sink: &mut Sink<'_>) {
        let hit = Hit { kind, value: &self.scratch, span, port: None, range: None, special };
        self.stopped |= !sink(hit);
    }
}

/// Combining marks belong to the letter before (Unicode blocks U+0300, and those of Indic scripts are alphanumeric).
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> u64 {
        let refanged = Refanged::new(text, usize::MAX);
        let mut finder = Finder::new(&refanged, 4_096);
        finder.run(&mut |_| true);
        finder.meter.steps
    }

    /// A megabyte of what makes careless parsers go back and forth: each byte may be looked at a bounded number of times.
    #[test]
    fn the_work_is_linear_in_hostile_texts() {
        let longest = "x".repeat(5_000);
        let patterns = [
            "1.1.1.1.",
            "1.1.1.1-",
            "1.1.1.1/",
            "a.a.a.a.",
            "[[[[",
            "[.]",
            "::::",
            ":.",
            "a:",
            "1:",
            "::1",
            "@@@@",
            "a@a@",
            "a+@",
            "..",
            ".-",
            "_",
            "http://",
            "http://a.example/",
            "http://a.example,",
            "http://a.example/,",
            "http://a@",
            "http://((((",
            "://",
            "hxxp[://]a[.]example/",
            "ä",
            "ä.",
            "…",
            "CVE-2021-",
            "AS1 ",
            "d41d8cd98f00b204e9800998ecf8427e",
            "1.1.1.1 - ",
            "1.1.1.1.1 > ",
            "version 1.1.1.1 ",
            "a/1.1.1.1",
            "'",
            "=@",
            "a=",
            "ASN ",
            "2001:db8::1-",
            "::1/",
            "http://[::1]:1/",
            &longest,
        ];
        for pattern in patterns {
            let text = pattern.repeat((1 << 20) / pattern.len());
            let looked_at = steps(&text) as f64 / text.len() as f64;
            assert!(looked_at < 60.0, "{pattern}: each byte was looked at {looked_at} times");
            let eighth = text.floor_char_boundary(text.len() / 8);
            let in_less = steps(&text[..eighth]) as f64 / eighth as f64;
            assert!(
                looked_at < in_less * 1.1 + 0.1,
                "{pattern}: {looked_at} times, in less text {in_less} times"
            );
        }
    }
}
