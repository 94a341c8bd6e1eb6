//! IPv4: addresses, prefixes (`/24`, `/255.255.255.0`, the short `172.16.1/24`), ranges, and ports in the notations of
//! common logs. Version numbers are the look-alike to keep out.

use super::{Finder, Sink};
use crate::ip::{self, Dotted};
use std::net::{IpAddr, Ipv4Addr};

impl Finder<'_> {
    /// Reads a word that consists of digits, dots and hyphens; returns where to go on when something was found.
    pub(super) fn v4(&mut self, start: usize, end: usize, sink: &mut Sink<'_>) -> Option<usize> {
        let word = &self.bytes[start..end];
        let dotted = Dotted::read(word)?;
        if self.is_version(start) {
            return None;
        }
        match (dotted.count, word.get(dotted.len)) {
            (4, None) => self.quad(start, end, dotted.address()?, sink),
            (4, Some(b'-')) => self.hyphen_range(start, end, start + dotted.len, dotted.address()?, sink),
            (3, None) => self.short_prefix(start, end, dotted.address()?, sink),
            (5, None) => self.tcpdump(start, end, dotted, sink),
            _ => None,
        }
    }

    /// One address that fills its word; what stands behind may make it more.
    fn quad(&mut self, start: usize, end: usize, first: Ipv4Addr, sink: &mut Sink<'_>) -> Option<usize> {
        let behind = &self.bytes[end..];
        if behind.starts_with(b"/") {
            return self.quad_slash(start, end, first, sink);
        }
        // `192.0.2.0 - 192.0.2.255`, as whois writes it
        if behind.starts_with(b" - ")
            && let Some((last, next)) = self.quad_at(end + 3).filter(|(last, _)| *last > first)
        {
            self.address_hit(start..next, first.into(), last.into(), None, sink);
            return Some(next);
        }
        let (mut port, mut next) = self.port_behind(end);
        // `from 192.0.2.1 port 4321`, as sshd writes it
        if let (None, Some(rest)) = (port, behind.strip_prefix(b" port ")) {
            let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
            let from = end + " port ".len();
            port = self.text[from..from + digits].parse().ok().filter(|port| *port > 0);
            next = if port.is_some() { from + digits } else { end };
        }
        self.address_hit(start..end, first.into(), first.into(), port, sink);
        Some(next)
    }

    /// `/24`, `/255.255.255.0`, a port (`/4432`, as some firewalls write it), or a path.
    fn quad_slash(
        &mut self,
        start: usize,
        end: usize,
        address: Ipv4Addr,
        sink: &mut Sink<'_>,
    ) -> Option<usize> {
        let single = IpAddr::from(address);
        if let Some((mask, next)) = self.quad_at(end + 1) {
            let bits = u32::from(mask);
            if bits.leading_ones() + bits.trailing_zeros() == 32 {
                let (first, last) = ip::prefix(single, bits.leading_ones())?;
                self.address_hit(start..next, first, last, None, sink);
                return Some(next);
            }
            self.address_hit(start..end, single, single, None, sink);
            return Some(end + 1);
        }
        let (number, next) = self.number_at(end + 1);
        match number {
            Some(0) => return Some(next),
            Some(length @ 1..=32) => {
                let (first, last) = ip::prefix(single, length)?;
                // `inside:10.1.2.3/22`: firewalls write the port so, and a host is no prefix
                let behind_name = start >= 2
                    && self.bytes[start - 1] == b':'
                    && self.bytes[start - 2].is_ascii_alphabetic();
                if behind_name && first != single {
                    self.address_hit(start..end, single, single, u16::try_from(length).ok(), sink);
                    return Some(next);
                }
                self.address_hit(start..next, first, last, None, sink);
            }
            Some(port) => {
                let port = u16::try_from(port).ok();
                self.address_hit(start..end, single, single, port, sink);
            }
            None => self.address_hit(start..end, single, single, None, sink),
        }
        Some(next)
    }

    /// `198.51.100.10-198.51.100.20`, and `198.51.100.10-20` where it cannot be a version with a revision.
    fn hyphen_range(
        &mut self,
        start: usize,
        end: usize,
        hyphen: usize,
        first: Ipv4Addr,
        sink: &mut Sink<'_>,
    ) -> Option<usize> {
        let rest = &self.bytes[hyphen + 1..end];
        let dotted = Dotted::read(rest).filter(|dotted| dotted.len == rest.len())?;
        let last = match dotted.count {
            4 => dotted.address()?,
            1 => {
                let octet = u8::try_from(dotted.parts[0]).ok().filter(|octet| *octet >= 10)?;
                let [a, b, c, d] = first.octets();
                (octet > d).then_some(Ipv4Addr::new(a, b, c, octet))?
            }
            _ => return None,
        };
        if first <= last {
            self.address_hit(start..end, first.into(), last.into(), None, sink);
        } else {
            self.address_hit(start..hyphen, first.into(), first.into(), None, sink);
            self.address_hit(hyphen + 1..end, last.into(), last.into(), None, sink);
        }
        Some(end)
    }

    /// `172.16.1/24`: only with a length that leaves no bits behind it, so that `8.13.8/8` stays a version.
    fn short_prefix(
        &mut self,
        start: usize,
        end: usize,
        address: Ipv4Addr,
        sink: &mut Sink<'_>,
    ) -> Option<usize> {
        if self.bytes.get(end) != Some(&b'/') {
            return None;
        }
        let (length, next) = self.number_at(end + 1);
        let (first, last) = ip::prefix(address.into(), length.filter(|length| (8..=32).contains(length))?)?;
        if first != IpAddr::from(address) {
            return None;
        }
        self.address_hit(start..next, first, last, None, sink);
        Some(next)
    }

    /// `192.0.2.1.54321 > 198.51.100.2.80:`, a line of tcpdump: the fifth number is the port.
    fn tcpdump(&mut self, start: usize, end: usize, source: Dotted, sink: &mut Sink<'_>) -> Option<usize> {
        let target_start = end + " > ".len();
        if !self.bytes[end..].starts_with(b" > ") {
            return None;
        }
        let target = Dotted::read(&self.bytes[target_start..]).filter(|target| target.count == 5)?;
        for (start, dotted) in [(start, source), (target_start, target)] {
            let port = u16::try_from(dotted.parts[4]).ok()?;
            let digits = self.text[start..start + dotted.len].rfind('.')?;
            let address = IpAddr::from(dotted.address()?);
            self.address_hit(start..start + digits, address, address, Some(port), sink);
        }
        Some(target_start + target.len)
    }

    /// A complete address at `at` that nothing else of a word follows; and the place behind it.
    pub(super) fn quad_at(&self, at: usize) -> Option<(Ipv4Addr, usize)> {
        let dotted = Dotted::read(self.bytes.get(at..)?).filter(|dotted| dotted.count == 4)?;
        let next = at + dotted.len;
        let ends = !self
            .bytes
            .get(next)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        Some((dotted.address()?, next)).filter(|_| ends)
    }

    /// A decimal number of up to five digits at `at` that ends there (`/24.` does, `/24.5` and `/24x` do not); and the
    /// place behind it.
    fn number_at(&self, at: usize) -> (Option<u32>, usize) {
        let digits = self.bytes[at..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let next = at + digits;
        let more = match self.bytes.get(next) {
            Some(b'.') => self.bytes.get(next + 1).is_some_and(u8::is_ascii_digit),
            Some(byte) => byte.is_ascii_alphanumeric() || *byte == b'_',
            None => false,
        };
        if digits == 0 || digits > 5 || more { (None, at) } else { (self.text[at..next].parse().ok(), next) }
    }

    /// `Firefox/1.2.3.4`, `version 1.2.3.4`, `v. 1.2.3.4`.
    fn is_version(&mut self, start: usize) -> bool {
        let before = &self.bytes[start.saturating_sub(24)..start];
        self.meter.add(before.len());
        if let [head @ .., b'/'] = before {
            // a product is one word with a letter in it; `mail.example/192.0.2.1` and `192.0.2.1/…` are none
            let word = head
                .iter()
                .rev()
                .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'(' | b';'));
            let (mut letters, mut dots, mut length) = (false, false, 0);
            for byte in word {
                letters |= byte.is_ascii_alphabetic();
                dots |= matches!(byte, b'.' | b':' | b'/' | b'=');
                length += 1;
            }
            let name = &head[head.len() - length..];
            return letters && !dots && !INTERFACES.iter().any(|one| one.eq_ignore_ascii_case(name));
        }
        let head = before.trim_ascii_end();
        let head =
            head.strip_suffix(b":").or_else(|| head.strip_suffix(b"=")).unwrap_or(head).trim_ascii_end();
        let length =
            head.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'.').count();
        let word = &head[head.len() - length..];
        VERSION_WORDS.iter().any(|one| one.eq_ignore_ascii_case(word))
    }
}

/// Words that announce a version.
const VERSION_WORDS: [&[u8]; 8] =
    [b"version", b"ver", b"ver.", b"v.", b"release", b"build", b"rev", b"firmware"];

/// Words that firewalls write before `/192.0.2.1`.
const INTERFACES: [&[u8]; 9] =
    [b"outside", b"inside", b"dmz", b"wan", b"lan", b"tcp", b"udp", b"icmp", b"ip"];
