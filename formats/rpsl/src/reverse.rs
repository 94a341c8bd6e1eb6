//! Reverse domains: names in the DNS that stand for addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::range::AddressRange;

/// The addresses that a reverse domain stands for: `2.0.192.in-addr.arpa` for `192.0.2.0/24` (RFC 1035 section 3.5),
/// `0-127.2.0.192.in-addr.arpa` for a part of one (as registries write RFC 2317), `8.b.d.0.1.0.0.2.ip6.arpa`
/// for `2001:db8::/32` (RFC 3596 section 2.5). With the last dot or without, in any case.
pub fn parse_reverse_domain(name: &str) -> Option<AddressRange> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let under = |zone: &str| {
        let at = name.len().checked_sub(zone.len())?;
        name.get(at..).filter(|tail| tail.eq_ignore_ascii_case(zone)).and_then(|_| name.get(..at))
    };
    match (under(".in-addr.arpa"), under(".ip6.arpa")) {
        (Some(labels), _) => ipv4(labels),
        (None, Some(labels)) => ipv6(labels),
        (None, None) => None,
    }
}

fn ipv4(labels: &str) -> Option<AddressRange> {
    let (mut first, mut last, mut count) = (0u32, 0u32, 0u32);
    for label in labels.rsplit('.') {
        // A part of the last octet; nothing may follow it.
        let (low, high) = match label.split_once('-') {
            Some((low, high)) if count == 3 => (octet(low)?, octet(high)?),
            Some(_) => return None,
            None => (octet(label)?, octet(label)?),
        };
        count += 1;
        if count > 4 || low > high {
            return None;
        }
        (first, last) = (first << 8 | low, last << 8 | high);
    }
    let missing = 8 * (4 - count);
    let fill = u32::MAX.checked_shr(32 - missing).unwrap_or(0);
    let first = Ipv4Addr::from_bits(first.checked_shl(missing)?);
    let last = Ipv4Addr::from_bits(last.checked_shl(missing)? | fill);
    AddressRange::new(first.into(), last.into()).ok()
}

/// A decimal number without leading zero.
fn octet(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse::<u8>().ok().filter(|_| plain).map(u32::from)
}

fn ipv6(labels: &str) -> Option<AddressRange> {
    let (mut bits, mut count) = (0u128, 0u32);
    for label in labels.rsplit('.') {
        let digit = label.bytes().next().filter(|_| label.len() == 1)?;
        count += 1;
        if count > 32 {
            return None;
        }
        bits = bits << 4 | u128::from(char::from(digit).to_digit(16)?);
    }
    let missing = 128 - 4 * count;
    let fill = u128::MAX.checked_shr(128 - missing).unwrap_or(0);
    let first = bits.checked_shl(missing)?;
    AddressRange::new(Ipv6Addr::from_bits(first).into(), Ipv6Addr::from_bits(first | fill).into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::parse_range;

    #[test]
    fn a_reverse_domain_stands_for_its_addresses() {
        for (name, range) in [
            ("2.0.192.in-addr.arpa", "192.0.2.0/24"),
            ("192.IN-ADDR.arpa.", "192.0.0.0/8"),
            ("7.2.0.192.in-addr.arpa", "192.0.2.7"),
            ("0-127.2.0.192.in-addr.arpa", "192.0.2.0/25"),
            ("3-9.2.0.192.in-addr.arpa", "192.0.2.3 - 192.0.2.9"),
            ("8.b.d.0.1.0.0.2.ip6.arpa", "2001:db8::/32"),
            ("2.ip6.arpa", "2000::/4"),
        ] {
            assert_eq!(parse_reverse_domain(name), parse_range(range).ok(), "{name}");
        }
        for name in [
            "in-addr.arpa",
            ".in-addr.arpa",
            "256.in-addr.arpa",
            "01.in-addr.arpa",
            "1.2.3.4.5.in-addr.arpa",
            "9-3.2.0.192.in-addr.arpa",
            "0-1.0.192.in-addr.arpa",
            "1.0-9.2.192.in-addr.arpa",
            "+1.in-addr.arpa",
            "ab.ip6.arpa",
            "g.ip6.arpa",
            "example",
            "é.ip6.arpa",
        ] {
            assert_eq!(parse_reverse_domain(name), None, "{name}");
        }
    }
}
