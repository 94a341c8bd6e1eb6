//! What stands in the path and in the query of a question (RFC 9082 sections 3 and 4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of the longest name that is looked for.
const LONGEST: usize = 255;

/// An address, or a prefix; bits behind the prefix's length do not count (section 3.1.1).
pub(super) fn addresses(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) if length.len() <= 3 && length.bytes().all(|byte| byte.is_ascii_digit()) => {
            (address, Some(length.parse::<u32>().ok()?))
        }
        Some(_) => return None,
        None => (text, None),
    };
    match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => {
            let host = u32::MAX.checked_shr(length.unwrap_or(32)).unwrap_or(0);
            let bits = address.to_bits();
            (length.is_none_or(|length| length <= 32))
                .then(|| (Ipv4Addr::from_bits(bits & !host).into(), Ipv4Addr::from_bits(bits | host).into()))
        }
        IpAddr::V6(address) => {
            let host = u128::MAX.checked_shr(length.unwrap_or(128)).unwrap_or(0);
            let bits = address.to_bits();
            (length.is_none_or(|length| length <= 128))
                .then(|| (Ipv6Addr::from_bits(bits & !host).into(), Ipv6Addr::from_bits(bits | host).into()))
        }
    }
}

/// An AS number in decimal digits (section 3.1.2).
pub(super) fn autnum(text: &str) -> Option<u32> {
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A domain name without its last dot, lower case (section 3.1.3). Names in other scripts come as A-labels.
pub(super) fn domain(text: &str) -> Option<String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte))
    };
    (name.len() <= LONGEST && name.split('.').all(label)).then_some(name)
}

/// The addresses below a name of reversed addresses (`2.0.192.in-addr.arpa`).
pub(super) fn reversed(name: &str) -> Option<(IpAddr, IpAddr)> {
    if let Some(octets) = name.strip_suffix(".in-addr.arpa") {
        let octets: Vec<&str> = octets.split('.').collect();
        let mut bytes = [0_u8; 4];
        for (place, octet) in octets.iter().rev().enumerate() {
            *bytes.get_mut(place)? = octet.parse().ok()?;
        }
        return addresses(&format!("{}/{}", Ipv4Addr::from(bytes), octets.len() * 8));
    }
    let nibbles: Vec<&str> = name.strip_suffix(".ip6.arpa")?.split('.').collect();
    let mut bits = 0_u128;
    for (place, nibble) in nibbles.iter().rev().enumerate() {
        let digit = u128::from_str_radix(nibble, 16).ok().filter(|_| nibble.len() == 1 && place < 32)?;
        bits |= digit << (124 - 4 * place);
    }
    addresses(&format!("{}/{}", Ipv6Addr::from_bits(bits), nibbles.len() * 4))
}

/// What is searched for: a whole name, or `*` for whatever stands there (section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) before: String,
    /// What stands behind the `*`; `None` without one.
    pub(super) after: Option<String>,
}

impl Pattern {
    /// With at most one `*`, and at least two letters before it: who wants all has the dumps.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (before, after) = match text.split_once('*') {
            Some((before, after)) => (before, Some(after.to_owned())),
            None => (text, None),
        };
        let fits = text.len() <= LONGEST
            && before.chars().count() >= 2
            && !text.contains(char::is_control)
            && after.as_ref().is_none_or(|after| !after.contains('*'));
        fits.then(|| Self { before: before.to_owned(), after })
    }

    /// Whether it means `name`, in any case.
    pub(super) fn means(&self, name: &str) -> bool {
        let (name, before) = (name.to_lowercase(), self.before.to_lowercase());
        match &self.after {
            None => name == before,
            Some(after) => {
                let rest = name.strip_prefix(before.as_str());
                rest.is_some_and(|rest| rest.ends_with(&after.to_lowercase()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_prefixes_are_read_and_nothing_else() {
        let read = |text: &str| addresses(text).map(|(first, last)| format!("{first} {last}"));
        assert_eq!(read("192.0.2.77").as_deref(), Some("192.0.2.77 192.0.2.77"));
        assert_eq!(read("192.0.2.77/24").as_deref(), Some("192.0.2.0 192.0.2.255"));
        assert_eq!(read("0.0.0.0/0").as_deref(), Some("0.0.0.0 255.255.255.255"));
        assert_eq!(read("2001:db8::/127").as_deref(), Some("2001:db8:: 2001:db8::1"));
        for wrong in [
            "",
            "192.0.2",
            "192.0.2.0/33",
            "192.0.2.0/+4",
            "192.0.2.0/",
            "::/129",
            "a/8",
            "192.0.2.0 - 192.0.2.9",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_asked_is_read_or_refused(text in "(?s).{0,80}") {
            if let Some((first, last)) = addresses(&text) {
                proptest::prop_assert!(first <= last && first.is_ipv4() == last.is_ipv4());
            }
            if let Some(name) = domain(&text) {
                let _ = reversed(&name);
            }
            let _ = autnum(&text);
            if let Some(pattern) = Pattern::parse(&text) {
                proptest::prop_assert!(pattern.after.is_some() || pattern.means(&pattern.before));
                let _ = pattern.means(&text);
            }
        }

        #[test]
        fn the_reversed_name_of_a_prefix_is_that_prefix(bits: u32, octets in 1_usize..=4) {
            let (first, last) = addresses(&format!("{}/{}", Ipv4Addr::from_bits(bits), octets * 8)).unwrap();
            let IpAddr::V4(address) = first else { panic!("{first}") };
            let labels: Vec<String> = address.octets()[..octets].iter().rev().map(ToString::to_string).collect();
            proptest::prop_assert_eq!(reversed(&format!("{}.in-addr.arpa", labels.join("."))), Some((first, last)));
        }
    }

    #[test]
    fn reversed_names_become_networks() {
        let read = |text: &str| reversed(text).map(|(first, last)| crate::range_text(first, last));
        assert_eq!(read("2.0.192.in-addr.arpa").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(read("8.b.d.0.1.0.0.2.ip6.arpa").as_deref(), Some("2001:db8::/32"));
        for wrong in [
            "in-addr.arpa",
            "1.2.3.4.5.in-addr.arpa",
            "300.192.in-addr.arpa",
            "10.ip6.arpa",
            "skerry.example",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(reversed(&format!("{}ip6.arpa", "0.".repeat(40))), None);
    }

    #[test]
    fn a_pattern_says_enough_and_is_compared_without_case() {
        let pattern = |text: &str| Pattern::parse(text).unwrap();
        assert!(pattern("Skerry*").means("SKERRY Research"));
        assert!(pattern("skerry research").means("Skerry Research"));
        assert!(!pattern("skerry").means("Skerry Research"));
        assert!(pattern("2.0.*.in-addr.arpa").means("2.0.192.in-addr.arpa"));
        assert!(!pattern("aba*ba").means("aba"), "the two parts do not overlap");
        for wrong in ["", "*", "a*", "ab*c*", "x"] {
            assert_eq!(Pattern::parse(wrong), None, "{wrong}");
        }
    }
}
