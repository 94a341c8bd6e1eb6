//! Which addresses the node may be sent to by a stranger: those of the public Internet, and what the operator allows.
//!
//! A name is the applicant's; without this, they could have the node ask its own neighbours (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network or one address, as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    length: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address and no network such as 10.0.0.0/8");
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(whole), |length| length.parse().map_err(|_| wrong()))?;
        if length > whole { Err(wrong()) } else { Ok(Self { address, length }) }
    }
}

impl Network {
    pub(super) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same(u128::from(own.to_bits()) << 96, u128::from(other.to_bits()) << 96, self.length)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), self.length),
            _ => false,
        }
    }
}

/// Whether the first `length` of 128 bits are the same.
fn same(a: u128, b: u128, length: u8) -> bool {
    length == 0 || (a ^ b) >> (128 - u32::from(length)) == 0
}

/// Whether `address` is reachable from everywhere, after the special-purpose registries of IANA (RFC 6890 and what
/// updates it). What is not surely public is not.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) => true, // this network, private, loopback
        (100, 64..=127, _) => true, // shared, RFC 6598
        (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true, // link-local, private
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) => true, // protocols, documentation
        (192, 88, 99) | (198, 18 | 19, _) => true, // 6to4 relays, benchmarks
        (224.., ..) => true,        // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match (a, b) {
        // NAT64 and 6to4 carry an IPv4 address, which decides.
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && embedded(g, h),
        (0x2002, high) => embedded(high, c),
        (0x2001, 0..=0x1ff | 0xdb8) => false, // protocols, Teredo, documentation
        (0x3fff, 0..=0xfff) => false,         // documentation, RFC 9637
        (0x2000..=0x3fff, _) => true,         // global unicast
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_public_is_not_asked() {
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.7",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
            "3fff::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in ["9.9.9.9", "100.128.0.1", "172.32.0.1", "2600::1", "64:ff9b::909:909", "2a00::1"] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_address_in_the_clothes_of_another_is_as_public_as_itself(bits: u32) {
            let plain = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(is_public(plain.to_ipv6_mapped().into()), is_public(plain.into()));
        }

        #[test]
        fn a_network_contains_what_shares_its_first_bits(bits: u32, length in 0_u8..=32, flip in 0_u32..32) {
            let network: Network = format!("{}/{length}", Ipv4Addr::from_bits(bits)).parse().unwrap();
            let other = Ipv4Addr::from_bits(bits ^ 1 << flip);
            prop_assert!(network.contains(Ipv4Addr::from_bits(bits).into()));
            prop_assert_eq!(network.contains(other.into()), 31 - flip >= u32::from(length));
        }
    }
}
