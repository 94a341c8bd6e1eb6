//! Addresses, prefixes and ranges: reading the small forms, canonical text, and which of them have no owner.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Up to six decimal numbers separated by single dots, read from the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dotted {
    /// The numbers; those behind `count` are 0.
    pub(crate) parts: [u32; 6],
    /// How many there are.
    pub(crate) count: usize,
    /// How many bytes they take.
    pub(crate) len: usize,
    /// A number was written with a zero in front, so its base is in doubt (RFC 6943, section 3.1.1).
    padded: bool,
}

impl Dotted {
    /// Reads as far as it goes; a dot that no digit follows is left. `None` for a number of more than five digits.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut dotted = Self { parts: [0; 6], count: 0, len: 0, padded: false };
        loop {
            let digits = bytes[dotted.len..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 || digits > 5 || dotted.count == 6 {
                return None;
            }
            let text = &bytes[dotted.len..dotted.len + digits];
            dotted.padded |= digits > 1 && text[0] == b'0';
            dotted.parts[dotted.count] = text.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
            dotted.count += 1;
            dotted.len += digits;
            let more = bytes.get(dotted.len) == Some(&b'.')
                && bytes.get(dotted.len + 1).is_some_and(u8::is_ascii_digit);
            if !more {
                return Some(dotted);
            }
            dotted.len += 1;
        }
    }

    /// The address in the first four numbers; missing ones are 0. `None` when one does not fit in an octet.
    pub(crate) fn address(&self) -> Option<Ipv4Addr> {
        let octet = |at: usize| u8::try_from(self.parts[at]).ok();
        if self.padded {
            return None;
        }
        Some(Ipv4Addr::new(octet(0)?, octet(1)?, octet(2)?, octet(3)?))
    }
}

/// First and last address of a prefix; bits behind the length are ignored. `None` for a length that is 0 or too long.
pub(crate) fn prefix(address: IpAddr, length: u32) -> Option<(IpAddr, IpAddr)> {
    match address {
        IpAddr::V4(v4) if (1..=32).contains(&length) => {
            let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
            let bits = u32::from(v4);
            Some((Ipv4Addr::from(bits & !hosts).into(), Ipv4Addr::from(bits | hosts).into()))
        }
        IpAddr::V6(v6) if (1..=128).contains(&length) => {
            let hosts = u128::MAX.checked_shr(length).unwrap_or(0);
            let bits = u128::from(v6);
            Some((Ipv6Addr::from(bits & !hosts).into(), Ipv6Addr::from(bits | hosts).into()))
        }
        _ => None,
    }
}

/// `::ffff:192.0.2.1` is how a dual-stack log writes `192.0.2.1`.
pub(crate) fn unmapped(address: Ipv6Addr) -> IpAddr {
    address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
}

/// Both families on one line of numbers, IPv4 as IPv4-mapped, so that ranges compare.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// No host ever has such an address, nor is it worth a look: `::`, all of `0.0.0.0/8` ("this network", RFC 791; most often a
/// version number), and the range of all addresses.
pub(crate) fn is_nobodys(first: IpAddr, last: IpAddr) -> bool {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            first.octets()[0] == 0
                && (last.octets()[0] == 0 || (first.is_unspecified() && last.is_broadcast()))
        }
        (first, IpAddr::V6(last)) => {
            first.is_unspecified() && (last.is_unspecified() || u128::from(last) == u128::MAX)
        }
        _ => false,
    }
}

/// Nobody can be told about this address (IANA special-purpose registries, RFC 6890). Ranges set aside for
/// documentation and benchmarks count as ordinary: examples and demonstrations use them.
pub(crate) fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || a == 0
                || a >= 224
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
        }
        IpAddr::V6(v6) => {
            // global unicast is 2000::/3 (RFC 4291); 64:ff9b::/96 stands for IPv4 addresses (RFC 6052)
            let first = v6.segments()[0];
            first & 0xe000 != 0x2000 && first != 0x0064
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn dotted_numbers() {
        let read = |text: &str| Dotted::read(text.as_bytes());
        assert_eq!(read("192.0.2.1.").unwrap().len, 9);
        assert_eq!(read("192.0.2.1").unwrap().address(), Some(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(read("1.2.3.4.5").unwrap().count, 5);
        assert_eq!(read("192.0.2.256").unwrap().address(), None);
        assert_eq!(read("192.0.02.1").unwrap().address(), None);
        assert_eq!(read("1.2.3.4.5.6.7"), None);
        assert_eq!(read("1234567.1"), None);
    }

    #[test]
    fn prefixes() {
        assert_eq!(prefix(ip("192.0.2.77"), 24), Some((ip("192.0.2.0"), ip("192.0.2.255"))));
        assert_eq!(prefix(ip("192.0.2.77"), 32), Some((ip("192.0.2.77"), ip("192.0.2.77"))));
        assert_eq!(prefix(ip("2001:db8::1"), 127), Some((ip("2001:db8::"), ip("2001:db8::1"))));
        assert_eq!(prefix(ip("192.0.2.77"), 0), None);
        assert_eq!(prefix(ip("192.0.2.77"), 33), None);
    }

    #[test]
    fn special_addresses() {
        for text in [
            "10.0.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "224.0.0.1",
            "255.255.255.255",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
        ] {
            assert!(is_special(ip(text)), "{text}");
        }
        for text in
            ["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "2001:db8::1", "64:ff9b::c000:201"]
        {
            assert!(!is_special(ip(text)), "{text}");
        }
    }
}
