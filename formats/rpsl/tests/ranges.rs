//! Ranges of addresses and AS numbers, in every form that dumps hold.

#![allow(clippy::unwrap_used)]

use rpsl::range::{parse_as_number, parse_inet6num, parse_inetnum, parse_range};

#[test]
fn all_forms_of_a_range_mean_the_same() {
    for (text, range, length) in [
        ("192.0.2.0 - 192.0.2.255", "192.0.2.0 - 192.0.2.255", Some(24)),
        ("192.0.2.0-192.0.2.255", "192.0.2.0 - 192.0.2.255", Some(24)),
        ("  192.0.2.0   -  192.0.2.255 ", "192.0.2.0 - 192.0.2.255", Some(24)),
        ("192.0.2.0/24", "192.0.2.0 - 192.0.2.255", Some(24)),
        ("192.0.2/24", "192.0.2.0 - 192.0.2.255", Some(24)),
        ("172.16/12", "172.16.0.0 - 172.31.255.255", Some(12)),
        ("10/8", "10.0.0.0 - 10.255.255.255", Some(8)),
        ("0/0", "0.0.0.0 - 255.255.255.255", Some(0)),
        ("010.01.02.003", "10.1.2.3 - 10.1.2.3", Some(32)),
        ("192.0.2.1 - 192.0.2.2", "192.0.2.1 - 192.0.2.2", None),
        ("192.0.2.3 - 192.0.2.9", "192.0.2.3 - 192.0.2.9", None),
        ("192.0.2.0 - 192.0.2.2", "192.0.2.0 - 192.0.2.2", None),
        ("2001:DB8::/32", "2001:db8::/32", Some(32)),
        ("2001:0db8:0000::/48", "2001:db8::/48", Some(48)),
        ("::/0", "::/0", Some(0)),
        ("2001:db8::1", "2001:db8::1/128", Some(128)),
        ("2001:db8:: - 2001:db8::ffff", "2001:db8::/112", Some(112)),
        ("2001:db8::1 - 2001:db8::3", "2001:db8::1 - 2001:db8::3", None),
    ] {
        let parsed = parse_range(text).unwrap();
        assert_eq!((parsed.to_string().as_str(), parsed.prefix_length()), (range, length), "{text}");
        assert_eq!(parse_range(&parsed.to_string()).unwrap(), parsed, "what is written is read again");
    }
}

#[test]
fn what_is_no_range_is_refused_with_a_hint() {
    let v4 = |text| parse_inetnum(text).unwrap_err().to_string();
    let form = "is not a range of IPv4 addresses: write it as 192.0.2.0 - 192.0.2.255 or 192.0.2.0/24";
    for text in [
        "",
        "-",
        "/",
        "192.0.2",
        "192.0.2.0.1",
        "192.0.2.256",
        "+1.2.3.4",
        "192.0.2.0 - 255",
        "1..2/8",
        "10/",
        "10/0x8",
        "0001/8",
        "2001:db8::/32",
    ] {
        assert_eq!(v4(text), format!("{text:?} {form}"));
    }
    assert_eq!(
        v4("192.0.2.1/24"),
        "\"192.0.2.1/24\" has bits set behind its prefix length; the network would be 192.0.2.0 - 192.0.2.255"
    );
    assert_eq!(v4("192.0.2.0/33"), "the prefix length of \"192.0.2.0/33\" is larger than 32");
    assert_eq!(v4("192.0.2.9 - 192.0.2.1"), "the range \"192.0.2.9 - 192.0.2.1\" ends before it begins");
    let v6 = |text| parse_inet6num(text).unwrap_err().to_string();
    assert_eq!(
        v6("192.0.2.0/24"),
        "\"192.0.2.0/24\" is not a range of IPv6 addresses: write it as 2001:db8::/32"
    );
    assert_eq!(
        v6("2001:db8::1/32"),
        "\"2001:db8::1/32\" has bits set behind its prefix length; the network would be 2001:db8::/32"
    );
    assert_eq!(v6("2001:db8::/129"), "the prefix length of \"2001:db8::/129\" is larger than 128");
}

#[test]
fn a_range_contains_its_ends_and_keeps_the_families_apart() {
    let range = parse_range("192.0.2.3 - 192.0.2.9").unwrap();
    for (address, inside) in [
        ("192.0.2.2", false),
        ("192.0.2.3", true),
        ("192.0.2.9", true),
        ("192.0.2.10", false),
        ("::ffff:192.0.2.5", false),
    ] {
        assert_eq!(range.contains(address.parse().unwrap()), inside, "{address}");
    }
}

#[test]
fn as_numbers_come_plain_and_with_a_dot() {
    for (text, number) in [
        ("AS64496", Some(64496)),
        ("as64496", Some(64496)),
        ("64496", Some(64496)),
        ("AS1.0", Some(65536)),
        ("AS4294967295", Some(u32::MAX)),
        ("AS4294967296", None),
        ("AS1.65536", None),
        ("AS", None),
        ("AS-1", None),
        ("AS+1", None),
        ("ÄS1", None),
    ] {
        assert_eq!(parse_as_number(text), number, "{text}");
    }
}
