//! Addresses, prefixes, domains, and what sets are made of.

use std::net::IpAddr;

use super::names::{as_number, object_name, set};
use super::scan::Scan;
use crate::range::{AddressRange, parse_inet6num, parse_inetnum, parse_range, parse_reverse_domain};
use crate::template::SetKind;

/// A prefix of IPv4 with all its four numbers.
pub(super) fn prefix4(text: &str) -> Option<AddressRange> {
    let (address, _) = text.split_once('/')?;
    let whole = address.trim().split('.').count() == 4;
    parse_inetnum(text).ok().filter(|_| whole)
}

/// A prefix of IPv6.
pub(super) fn prefix6(text: &str) -> Option<AddressRange> {
    let range = parse_inet6num(text).ok()?;
    (text.contains('/') && range.prefix_length().is_some()).then_some(range)
}

pub(super) fn prefix(text: &str) -> Option<AddressRange> {
    if text.contains(':') { prefix6(text) } else { prefix4(text) }
}

/// A prefix with a range operator or without (RFC 2622 section 2): `^-`, `^+`, `^24`, `^24-26`.
fn prefix_range(text: &str) -> Option<AddressRange> {
    let (network, operator) = text.split_once('^').map_or((text, None), |(left, right)| (left, Some(right)));
    let range = prefix(network)?;
    let most = if range.is_ipv4() { 32 } else { 128 };
    operator
        .is_none_or(|operator| is_operator(operator, range.prefix_length().unwrap_or(0), most))
        .then_some(range)
}

fn is_operator(text: &str, fewest: u8, most: u8) -> bool {
    let length = |text: &str| text.parse::<u8>().ok().filter(|length| (fewest..=most).contains(length));
    match text {
        "-" | "+" => true,
        _ => match text.split_once('-') {
            Some((low, high)) => length(low).zip(length(high)).is_some_and(|(low, high)| low <= high),
            None => length(text).is_some(),
        },
    }
}

/// A member of a set of the class.
pub(super) fn member(class: &str, text: &str, any_family: bool) -> bool {
    match class {
        "as-set" => as_number(text) || set(SetKind::As, text),
        "rtr-set" => {
            let address = text.parse::<IpAddr>().is_ok_and(|address| any_family || address.is_ipv4());
            address || set(SetKind::Router, text) || host(text, b"-_")
        }
        _ => {
            let (name, operator) =
                text.split_once('^').map_or((text, None), |(left, right)| (left, Some(right)));
            let named = set(SetKind::Route, name) || set(SetKind::As, name) || as_number(name);
            named && operator.is_none_or(|operator| is_operator(operator, 0, 128))
                || prefix_range(text).is_some_and(|range| any_family || range.is_ipv4())
        }
    }
}

/// `EXAMPLE-MNT`, `A-MNT, B-MNT {192.0.2.0/24^24-26}`, `EXAMPLE-MNT ANY`.
pub(super) fn mnt_routes(text: &str) -> bool {
    let (names, ranges) = match text.split_once('{') {
        Some((names, ranges)) => match ranges.trim_end().strip_suffix('}') {
            Some(ranges) => (names, Some(ranges)),
            None => return false,
        },
        None => {
            let last = text.len().saturating_sub(4);
            let any = text.get(last..).is_some_and(|end| end.eq_ignore_ascii_case(" ANY"));
            (if any { &text[..last] } else { text }, None)
        }
    };
    names.split(',').all(|name| object_name(name.trim()))
        && ranges.is_none_or(|ranges| ranges.split(',').all(|range| prefix_range(range.trim()).is_some()))
}

/// The name of a host (RFC 1034 section 3.5); `signs` beside letters and digits may stand within a label.
pub(super) fn host(text: &str, signs: &[u8]) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    (1..=254).contains(&text.len())
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
                && label.starts_with(|first: char| first.is_ascii_alphanumeric())
                && label.ends_with(|last: char| last.is_ascii_alphanumeric())
        })
}

/// A domain: a host's name; under `in-addr.arpa`, `ip6.arpa` and `e164.arpa` with the right numbers.
pub(super) fn domain(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let under = |zone: &str| {
        let at = name.len().checked_sub(zone.len())?;
        name.get(at..).filter(|tail| tail.eq_ignore_ascii_case(zone)).map(|_| &name[..at])
    };
    if under(".in-addr.arpa").is_some() || under(".ip6.arpa").is_some() {
        parse_reverse_domain(name).is_some()
    } else if let Some(digits) = under(".e164.arpa") {
        digits.split('.').all(|digit| digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit()))
    } else {
        host(name, b"-/")
    }
}

/// A host's name, with an address when the host lies in the domain itself.
pub(super) fn name_server(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let name = words.next().is_some_and(|name| host(name, b"-_"));
    let address = words.next().is_none_or(|address| address.parse::<IpAddr>().is_ok());
    name && address && words.next().is_none()
}

/// Key tag, algorithm, digest type, digest (RFC 4034 section 5.3).
pub(super) fn ds_record(text: &str) -> bool {
    let clean = text.replace(['(', ')'], " ");
    let mut words = clean.split_ascii_whitespace();
    let tag = words.next().is_some_and(|tag| tag.parse::<u16>().is_ok());
    let algorithm = words.next().is_some_and(|algorithm| algorithm.parse::<u8>().is_ok());
    let Some(kind) = words.next().and_then(|kind| kind.parse::<u8>().ok()) else { return false };
    let digest: String = words.collect();
    let length = match kind {
        1 => digest.len() == 40,
        2 | 3 => digest.len() == 64,
        4 => digest.len() == 96,
        _ => (2..=512).contains(&digest.len()),
    };
    tag && algorithm && length && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Whether the prefix or address lies in the route's own prefix.
pub(super) fn lies_in(text: &str, route: AddressRange) -> bool {
    parse_range(text).is_ok_and(|range| route.contains(range.first()) && route.contains(range.last()))
}

/// A number, at most `most`.
pub(super) fn number(text: &str, most: u32) -> bool {
    let mut scan = Scan(text);
    let digits = scan.run(10, |byte| byte.is_ascii_digit());
    scan.ended() && digits.parse::<u32>().is_ok_and(|number| number <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(takes: impl Fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert!(takes(text), "{text:?} should be taken"));
        bad.iter().for_each(|text| assert!(!takes(text), "{text:?} should be refused"));
    }

    #[test]
    fn networks_and_names_in_the_dns_are_checked_to_the_last_number() {
        check(
            |text| prefix4(text).is_some(),
            &["192.0.2.0/24", "0.0.0.0/0"],
            &["192.0.2/24", "192.0.2.1/24", "192.0.2.0"],
        );
        check(
            |text| prefix6(text).is_some(),
            &["2001:db8::/32"],
            &["2001:db8::", "2001:db8::1/32", "192.0.2.0/24"],
        );
        check(|text| member("as-set", text, false), &["AS64496", "AS-A"], &["RS-A", "192.0.2.0/24"]);
        check(
            |text| member("route-set", text, false),
            &["192.0.2.0/24^+", "192.0.2.0/24^25-26", "RS-A^24", "AS64496", "AS-A"],
            &["192.0.2.0/24^23", "192.0.2.0/24^26-25", "2001:db8::/32", "RS-A^x", "192.0.2.0/24^"],
        );
        check(|text| member("route-set", text, true), &["2001:db8::/32^48"], &["2001:db8::/32^129"]);
        check(
            |text| member("rtr-set", text, false),
            &["192.0.2.1", "RTRS-A", "r1.example"],
            &["2001:db8::1", "-x"],
        );
        check(
            mnt_routes,
            &["A-MNT", "A-MNT ANY", "A-MNT, B-MNT {192.0.2.0/24, 2001:db8::/32^48}"],
            &["A-MNT {", "A-MNT {x}", "", "A MNT", "A-MNT {}"],
        );
        check(
            domain,
            &[
                "example.com",
                "2.0.192.in-addr.arpa.",
                "0-127.2.0.192.IN-ADDR.ARPA",
                "8.b.d.0.1.0.0.2.ip6.arpa",
                "1.6.8.3.e164.arpa",
            ],
            &[
                "2.0.256.in-addr.arpa",
                "x.ip6.arpa",
                "-a.example",
                "a..example",
                "12.e164.arpa",
                &"a.".repeat(128),
            ],
        );
        check(
            name_server,
            &["ns1.example", "ns1.example. 192.0.2.1", "ns.example 2001:db8::1"],
            &["ns1.example 1.2.3", "", "a b c"],
        );
        check(
            ds_record,
            &[&format!("64431 5 1 {}", "2B".repeat(20)), &format!("1 8 2 ( {} )", "ab ".repeat(32))],
            &["64431 5 1 2B", "70000 5 1 00", "1 8", &format!("1 8 2 {}", "xy".repeat(32))],
        );
    }
}
