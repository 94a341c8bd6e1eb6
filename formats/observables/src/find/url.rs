//! URLs (RFC 3986) around a `://`, with the host as an observable of its own.

use super::{Finder, Sink};
use crate::Kind;
use crate::domain::{self, Name};
use crate::ip;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// URLs that are looked for inside one URL (`?u=http://…`): a bound, so that the work stays linear.
const MAX_NESTED: u8 = 4;

/// Schemes that name a host, and their ports where a URL can leave them out.
const SCHEMES: [(&str, u16); 28] = [
    ("http", 80),
    ("https", 443),
    ("ftp", 21),
    ("ftps", 990),
    ("sftp", 22),
    ("ssh", 22),
    ("ws", 80),
    ("wss", 443),
    ("tcp", 0),
    ("udp", 0),
    ("tls", 0),
    ("ldap", 389),
    ("ldaps", 636),
    ("smb", 445),
    ("telnet", 23),
    ("tftp", 69),
    ("rtsp", 554),
    ("rtmp", 1935),
    ("irc", 6667),
    ("ircs", 6697),
    ("rdp", 3389),
    ("vnc", 5900),
    ("git", 9418),
    ("svn", 3690),
    ("mysql", 3306),
    ("socks4", 1080),
    ("socks5", 1080),
    ("rmi", 1099),
];

/// Longest user, host and port in bytes: a name has 253 at most.
const MAX_AUTHORITY: usize = 512;

enum Host {
    Name(Name),
    Address(IpAddr),
}

impl Finder<'_> {
    /// Reads the URL whose scheme ends at `colon`, in the word from `word_start`; returns where to go on: behind the host,
    /// because the path may hold more (addresses, hashes, another URL).
    pub(super) fn url(&mut self, word_start: usize, colon: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let (start, scheme, default_port) = self.scheme(word_start, colon)?;
        let from = colon + "://".len();
        let nested = start < self.url_end;
        if nested && self.nested_urls >= MAX_NESTED {
            return None;
        }
        let outer_end = if nested { self.url_end } else { self.bytes.len() };
        let authority_end = self.authority_end(from, outer_end);
        let user_length = self.text[from..authority_end].rfind('@').map_or(0, |at| at + 1);
        let host_start = from + user_length;
        let (host_end, port) = self.host_extent(host_start, authority_end)?;
        let host = self.host(host_start..host_end)?;
        let host_span =
            if self.bytes[host_start] == b'[' { host_start + 1..host_end - 1 } else { host_start..host_end };

        // only now: a text of a million `http://` must not be searched to its end each time
        let end = self.url_end_behind(start, authority_end, outer_end);

        let host_text = match &host {
            Host::Name(_) => self.scratch.clone(),
            Host::Address(IpAddr::V6(v6)) => format!("[{v6}]"),
            Host::Address(v4) => v4.to_string(),
        };
        let special = match host {
            Host::Name(name) => name.special,
            Host::Address(address) => ip::is_special(address),
        };
        self.scratch.clear();
        self.scratch.push_str(scheme);
        self.scratch.push_str("://");
        self.scratch.push_str(&self.text[from..host_start]);
        self.scratch.push_str(&host_text);
        let shown = port.filter(|port| *port != default_port);
        if let Some(port) = shown {
            self.scratch.push(':');
            self.scratch.push_str(&port.to_string());
        }
        let rest = &self.text[authority_end..end];
        if !rest.starts_with('/') {
            self.scratch.push('/');
        }
        self.scratch.push_str(rest);
        let hit = super::Hit {
            kind: Kind::Url,
            value: &self.scratch,
            span: start..end,
            port,
            range: None,
            special,
        };
        self.stopped |= !sink(hit);

        match host {
            Host::Name(name) => {
                self.scratch.clear();
                self.scratch.push_str(&host_text);
                self.domain_hit(host_span, name, port, sink);
            }
            Host::Address(address) => self.address_hit(host_span, address, address, port, sink),
        }
        if nested {
            self.nested_urls += 1;
        } else {
            self.url_end = end;
            self.nested_urls = 0;
        }
        // an IPv6 host and a port are read; do not find them again
        self.v6_tried = self.v6_tried.max(authority_end);
        self.email_end = self.email_end.max(authority_end);
        Some(authority_end)
    }

    /// The scheme that ends at `colon`: where it starts, its name, its port.
    fn scheme(&self, word_start: usize, colon: usize) -> Option<(usize, &'static str, u16)> {
        let word = &self.bytes[word_start..colon];
        let length = word.iter().rev().take(8).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let glued = length == 8;
        let tail = &word[word.len() - length..];
        let exact = SCHEMES.iter().find(|(name, _)| !glued && name.as_bytes().eq_ignore_ascii_case(tail));
        // `Linkhttp://…`: the blank got lost
        let inside = || {
            SCHEMES[..2].iter().rev().find(|(name, _)| {
                tail.len() > name.len()
                    && tail[tail.len() - name.len()..].eq_ignore_ascii_case(name.as_bytes())
            })
        };
        let (name, port) = exact.or_else(inside)?;
        Some((colon - name.len(), name, *port))
    }

    /// Where user, host and port end.
    fn authority_end(&mut self, from: usize, outer_end: usize) -> usize {
        let stops = |byte: &u8| *byte <= b' ' || b"/?#<>\"'`|\\^{}(),;\x7f".contains(byte);
        let window = &self.bytes[from..outer_end.max(from).min(from + MAX_AUTHORITY)];
        let end = from + window.iter().position(stops).unwrap_or(window.len());
        self.meter.add(end - from);
        let end = self.text.floor_char_boundary(end);
        // non-ASCII punctuation ends it, too
        let strange = self.text[from..end].find(|c: char| !c.is_ascii() && !c.is_alphanumeric());
        let end = strange.map_or(end, |at| from + at);
        if matches!(self.bytes.get(end), Some(b'/' | b'?' | b'#')) {
            end
        } else {
            self.url_trimmed(from, end)
        }
    }

    /// Where the whole URL ends.
    fn url_end_behind(&mut self, start: usize, authority_end: usize, outer_end: usize) -> usize {
        if !matches!(self.bytes.get(authority_end), Some(b'/' | b'?' | b'#')) || authority_end >= outer_end {
            return authority_end;
        }
        let quoted = start > 0 && self.bytes[start - 1] == b'\'';
        let limit = outer_end.min(start.saturating_add(self.max_url_bytes)).max(authority_end);
        let limit = self.text.floor_char_boundary(limit);
        let mut end = authority_end;
        for (offset, c) in self.text[authority_end..limit].char_indices() {
            let at = authority_end + offset;
            let stop = match c {
                '<' | '>' | '"' | '`' | '|' | '\\' | '^' | '{' | '}' => true,
                '\'' => quoted,
                ',' | ';' => self.next_field(at + 1),
                _ if c.is_ascii() => c <= ' ' || c == '\x7f',
                _ => !c.is_alphanumeric(),
            };
            if stop {
                break;
            }
            end = at + c.len_utf8();
        }
        self.meter.add(end - authority_end);
        self.url_trimmed(authority_end, end)
    }

    /// Without the punctuation of the sentence around.
    fn url_trimmed(&mut self, from: usize, mut end: usize) -> usize {
        let text = &self.bytes[from..end];
        let count = |byte: u8| text.iter().filter(|b| **b == byte).count();
        let mut loose_round = count(b')').saturating_sub(count(b'('));
        let mut loose_square = count(b']').saturating_sub(count(b'['));
        self.meter.add(4 * text.len());
        while end > from {
            match self.bytes[end - 1] {
                b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' => {}
                b')' if loose_round > 0 => loose_round -= 1,
                b']' if loose_square > 0 => loose_square -= 1,
                _ => break,
            }
            end -= 1;
        }
        end
    }

    /// Does the next field of a table begin here? A comma may belong to a URL, but in `http://…,192.0.2.1,2026-01-02` it
    /// separates.
    fn next_field(&mut self, at: usize) -> bool {
        let window = &self.bytes[at..self.bytes.len().min(at + 48)];
        let length = window
            .iter()
            .position(|b| b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'"'))
            .unwrap_or(window.len());
        self.meter.add(length);
        let field = &window[..length];
        let digits = field.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let Some(first) = field.first() else { return true };
        let address = field.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'))
            && str::from_utf8(field).is_ok_and(|field| field.parse::<IpAddr>().is_ok());
        address
            || (!first.is_ascii_alphanumeric()
                && *first < 0x80
                && !matches!(first, b'/' | b'%' | b'-' | b'_' | b'+' | b'=' | b'&' | b'$'))
            || field.starts_with(b"http")
            || field.starts_with(b"hxxp")
            || (digits == 4 && field.get(4) == Some(&b'-'))
            || (field.starts_with(b"AS") && field[2..].iter().all(u8::is_ascii_digit))
            || (field.len() == 2 && field.iter().all(u8::is_ascii_uppercase))
            || (field.len() >= 32 && field.iter().all(u8::is_ascii_hexdigit))
    }

    /// Where the host ends, and the port behind it.
    fn host_extent(&self, start: usize, end: usize) -> Option<(usize, Option<u16>)> {
        let text = &self.text[start..end];
        let length =
            if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let port = match text[length..].strip_prefix(':') {
            Some("") => None,
            Some(port) => Some(port.parse().ok()?),
            None if length == text.len() => None,
            None => return None,
        };
        Some((start + length, port))
    }

    /// Reads the host; a name is left in `scratch`.
    fn host(&mut self, span: Range<usize>) -> Option<Host> {
        let text = &self.text[span];
        if let Some(inner) = text.strip_prefix('[') {
            let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
            return Some(Host::Address(ip::unmapped(address)));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Host::Address(address.into()));
        }
        // `http://3221225985/` is 192.0.2.1 to every browser (WHATWG URL, IPv4 parser)
        if (8..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(|bits: u32| Host::Address(Ipv4Addr::from(bits).into()));
        }
        domain::canonical(text.trim_end_matches('.'), &mut self.scratch).map(Host::Name)
    }
}
