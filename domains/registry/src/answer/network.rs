//! Ranges for people.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Network;
use crate::index::NetworkView;

use rpsl::AddressRange;

/// A range as people write it: one address, a prefix, or both ends when it is no prefix.
pub fn range_text(first: IpAddr, last: IpAddr) -> String {
    let mut text = Vec::new();
    push_range(&mut text, first, last);
    String::from_utf8(text).unwrap_or_default() // cannot fail: addresses are ASCII
}

/// Writes [`range_text`] behind what `line` has.
pub(crate) fn push_range(line: &mut Vec<u8>, first: IpAddr, last: IpAddr) {
    push_address(line, first);
    if first == last {
        return;
    }
    match AddressRange::new(first, last).ok().and_then(AddressRange::prefix_length) {
        Some(length) => {
            line.push(b'/');
            let (digits, count) = &OCTETS[usize::from(length)];
            line.extend_from_slice(&digits[..count - 1]);
        }
        None => {
            line.extend_from_slice(b" - ");
            push_address(line, last);
        }
    }
}

/// Writes an address behind what `line` has: IPv4 without the way over a formatter, since lists have millions.
pub(crate) fn push_address(line: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            let (mut text, mut end) = ([0; 16], 0);
            for octet in address.octets() {
                let (digits, length) = OCTETS[usize::from(octet)];
                text[end..end + 4].copy_from_slice(&digits);
                end += length;
            }
            line.extend_from_slice(&text[..end - 1]);
        }
        // Writing into a vector does not fail.
        IpAddr::V6(address) => drop(write!(line, "{address}")),
    }
}

/// Each number in decimal digits with a dot behind it, and how many bytes that are.
static OCTETS: [([u8; 4], usize); 256] = {
    let (mut all, mut number) = ([([b'.'; 4], 2); 256], 0);
    while number < 256 {
        let digits = [number / 100, number / 10 % 10, number % 10];
        let count = if number >= 100 {
            3
        } else if number >= 10 {
            2
        } else {
            1
        };
        let mut place = 0;
        while place < count {
            all[number].0[place] = b'0' + digits[3 - count + place] as u8; // fits: a digit
            place += 1;
        }
        all[number].1 = count + 1;
        number += 1;
    }
    all
};

/// The fewest prefixes that make up a range, in order; none when its ends are reversed or of two families.
pub(crate) fn prefixes(first: IpAddr, last: IpAddr) -> Vec<(IpAddr, IpAddr)> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => cut(first.to_bits().into(), last.to_bits().into())
            .map(|(from, to)| {
                (Ipv4Addr::from_bits(from as u32).into(), Ipv4Addr::from_bits(to as u32).into())
            })
            .collect(),
        (IpAddr::V6(first), IpAddr::V6(last)) => cut(first.to_bits(), last.to_bits())
            .map(|(from, to)| (Ipv6Addr::from_bits(from).into(), Ipv6Addr::from_bits(to).into()))
            .collect(),
        _ => Vec::new(),
    }
}

/// At most two prefixes for each bit.
fn cut(first: u128, last: u128) -> impl Iterator<Item = (u128, u128)> {
    let mut next = (first <= last).then_some(first);
    std::iter::from_fn(move || {
        let from = next?;
        // As large as the start is aligned, and as fits.
        let mut host = (from & from.wrapping_neg()).wrapping_sub(1);
        while from.checked_add(host).is_none_or(|end| end > last) {
            host >>= 1;
        }
        let to = from + host;
        next = to.checked_add(1).filter(|next| *next <= last);
        Some((from, to))
    })
}

pub(super) fn network(view: NetworkView<'_>, ends: (IpAddr, IpAddr), found: bool) -> Network {
    Network {
        range: range_text(ends.0, ends.1),
        first: ends.0,
        last: ends.1,
        netname: view.netname().to_string(),
        status: view.status().to_owned(),
        country: view.country().to_owned(),
        mnt_irt: view.irt_names().map(str::to_owned).collect(),
        source: view.source().to_owned(),
        found,
        row: view.place().row,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_written_as_ever() {
        for text in ["0.0.0.0", "9.10.99.100", "255.255.255.255", "192.0.2.7", "2001:db8::7"] {
            let address = text.parse().unwrap();
            assert_eq!(range_text(address, address), text);
        }
    }

    #[test]
    fn a_range_is_cut_into_the_fewest_prefixes() {
        let cut = |first: &str, last: &str| -> Vec<String> {
            let prefixes = prefixes(first.parse().unwrap(), last.parse().unwrap());
            prefixes.into_iter().map(|(first, last)| range_text(first, last)).collect()
        };
        assert_eq!(cut("192.0.2.0", "192.0.2.255"), ["192.0.2.0/24"]);
        assert_eq!(
            cut("192.0.2.10", "192.0.2.77"),
            [
                "192.0.2.10/31",
                "192.0.2.12/30",
                "192.0.2.16/28",
                "192.0.2.32/27",
                "192.0.2.64/29",
                "192.0.2.72/30",
                "192.0.2.76/31"
            ]
        );
        assert_eq!(cut("0.0.0.0", "255.255.255.255"), ["0.0.0.0/0"]);
        assert_eq!(cut("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), ["::/0"]);
        assert_eq!(cut("2001:db8::1", "2001:db8::1"), ["2001:db8::1"]);
        assert!(cut("192.0.2.2", "192.0.2.1").is_empty());
    }

    proptest! {
        #[test]
        fn addresses_and_ranges_are_written_as_the_standard_library_does(first: u32, length in 0u8..=32, other: u32) {
            let ip = |bits: u32| IpAddr::V4(Ipv4Addr::from_bits(bits));
            let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            let (of, to) = (ip(first & !host), ip(first | host));
            let prefix = if length == 32 { of.to_string() } else { format!("{of}/{length}") };
            prop_assert_eq!(range_text(of, to), prefix);
            let (low, high) = (ip(first.min(other)), ip(first.max(other)));
            let (told, both) = (range_text(low, high), format!("{low} - {high}"));
            let is_prefix = AddressRange::new(low, high).unwrap().prefix_length().is_some();
            prop_assert_eq!(told == both, !is_prefix);
        }
    }
}
