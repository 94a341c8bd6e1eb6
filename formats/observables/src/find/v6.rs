//! IPv6 (RFC 4291, RFC 5952) around a colon. Times, MAC addresses and program text (`std::dec`) are the look-alikes.

use super::{Finder, Sink};
use crate::ip;
use std::net::{IpAddr, Ipv6Addr};

/// Longest text of an address with an embedded IPv4 address, plus a port behind a dot.
const MAX_BYTES: usize = 45 + 6;

impl Finder<'_> {
    /// Looks for an address that goes through the colon at `colon`; returns where to go on when there is one.
    pub(super) fn v6(&mut self, colon: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let next = *self.bytes.get(colon + 1)?;
        if colon < self.v6_tried || !(next.is_ascii_hexdigit() || next == b':') {
            return None;
        }
        let (start, end) = self.v6_extent(colon);
        let text = &self.text[start..end];
        let (address, mut port) = parse(text)?;
        let span_end = end - port.map_or(0, |_| text.len() - text.rfind('.').unwrap_or(text.len()));
        let behind = &self.bytes[end..];
        let bracketed = start > 0 && self.bytes[start - 1] == b'[' && behind.starts_with(b"]");
        let single = ip::unmapped(address);
        let same_family = |last: &IpAddr| last.is_ipv4() == single.is_ipv4();
        if let Some((last, next)) =
            self.v6_range_end(end).filter(|(last, _)| *last > single && same_family(last))
        {
            self.address_hit(start..next, single, last, None, sink);
            return Some(next);
        }
        if !is_plausible(address) {
            return None;
        }
        if behind.starts_with(b"/")
            && let Some((length, next)) = self.prefix_length(end + 1)
        {
            // the length of a mapped prefix counts the 96 bits in front, too
            let length = if single.is_ipv4() { length.checked_sub(96) } else { Some(length) };
            if let Some((first, last)) = length.and_then(|length| ip::prefix(single, length)) {
                self.address_hit(start..next, first, last, None, sink);
            }
            return Some(next);
        }
        let mut go_on = end;
        if port.is_none() && (bracketed || behind.starts_with(b"#")) {
            let from = if bracketed { end + 1 } else { end };
            (port, go_on) = self.port_behind(from);
        }
        self.address_hit(start..span_end, single, single, port, sink);
        Some(go_on)
    }

    /// From where to where an address through this colon can reach at most. May be empty.
    fn v6_extent(&mut self, colon: usize) -> (usize, usize) {
        let mut start = colon;
        while start > 0 && colon - start < 5 && self.bytes[start - 1].is_ascii_hexdigit() {
            start -= 1;
        }
        let mut end = colon;
        while end < self.bytes.len() && is_v6_byte(self.bytes[end]) {
            end += 1;
        }
        self.meter.add(end - start);
        self.v6_tried = end;
        let (reach, before) = (end, start.checked_sub(1).map(|at| self.bytes[at]));
        // `ip6:2001:db8::1`, `src:2001:db8::1`: what stands before the first colon is a name
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || colon - start > 4 {
            start = colon + 1;
        } else if self.bytes[start..end].starts_with(b":") && !self.bytes[start..end].starts_with(b"::") {
            start += 1;
        }
        let trailing = |end: usize| {
            let text = &self.bytes[start.min(end)..end];
            text.ends_with(b".") || (text.ends_with(b":") && !text.ends_with(b"::"))
        };
        while trailing(end) {
            end -= 1;
        }
        // letters that are no hexadecimal digits go on: this is a word
        let goes_on = self.bytes.get(reach).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if goes_on || start > end || end - start > MAX_BYTES { (reach, reach) } else { (start, end) }
    }

    fn prefix_length(&self, at: usize) -> Option<(u32, usize)> {
        let digits = self.bytes[at..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let ends = !self.bytes.get(at + digits).is_some_and(u8::is_ascii_alphanumeric);
        let length = self.text[at..at + digits].parse().ok().filter(|length| *length <= 128 && ends)?;
        Some((length, at + digits))
    }

    /// The second half of `2001:db8::1-2001:db8::5` or of the same with blanks around the hyphen.
    fn v6_range_end(&self, end: usize) -> Option<(IpAddr, usize)> {
        let behind = &self.bytes[end..];
        let from = end + if behind.starts_with(b" - ") { 3 } else { usize::from(behind.starts_with(b"-")) };
        if from == end {
            return None;
        }
        let length = self.bytes[from..].iter().take(MAX_BYTES).take_while(|byte| is_v6_byte(**byte)).count();
        let text = self.text[from..from + length].trim_end_matches('.');
        Some((ip::unmapped(text.parse().ok()?), from + text.len()))
    }
}

fn is_v6_byte(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b':' || byte == b'.'
}

/// Reads an address, or an address with a port behind a dot (tcpdump).
fn parse(text: &str) -> Option<(Ipv6Addr, Option<u16>)> {
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    let short = text.find("::");
    if colons < 2 || (short.is_none() && colons < 6) {
        return None;
    }
    // eight pairs are an EUI-64, not an address
    if short.is_none() && text.len() == 8 * 3 - 1 && text.split(':').all(|group| group.len() == 2) {
        return None;
    }
    if let Ok(address) = text.parse() {
        return Some((address, None));
    }
    let (address, port) = text.rsplit_once('.')?;
    Some((address.parse().ok()?, Some(port.parse().ok()?)))
}

/// Program text can be an address by its syntax: `dead::beef`, `a::b`. A real one has a digit, and three digits at least
/// in its first group, or a second group behind it (`64:ff9b::1`).
fn is_plausible(address: Ipv6Addr) -> bool {
    let text = address.to_string();
    match text.find("::") {
        Some(0) => true,
        Some(at) => text.bytes().any(|byte| byte.is_ascii_digit()) && (at >= 3 || text[..at].contains(':')),
        None => !address.segments().iter().all(|group| (0x10..=0xff).contains(group)),
    }
}
