//! The two widths of addresses.

use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::find::Find;
use crate::find::segments::Segments;
use crate::find::table::Table;

/// An address as a number.
pub(crate) trait Address: Copy + Ord + Default + Debug {
    /// How the most specific range around one is found.
    type Find: Find<Self>;

    /// For people.
    fn to_ip(self) -> IpAddr;
}

impl Address for u32 {
    type Find = Segments;

    fn to_ip(self) -> IpAddr {
        Ipv4Addr::from_bits(self).into()
    }
}

/// An IPv6 address. In two halves rather than as one number of 128 bits, which would be aligned to 16 bytes and make
/// a range a fifth larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Wide {
    pub(crate) high: u64,
    pub(crate) low: u64,
}

impl Wide {
    pub(crate) fn of(address: Ipv6Addr) -> Self {
        let bits = address.to_bits();
        Self { high: (bits >> 64) as u64, low: bits as u64 }
    }
}

impl Address for Wide {
    type Find = Table;

    fn to_ip(self) -> IpAddr {
        Ipv6Addr::from_bits((u128::from(self.high) << 64) | u128::from(self.low)).into()
    }
}

/// Two addresses of one family, in order.
pub(crate) enum Pair {
    V4(u32, u32),
    V6(Wide, Wide),
}

/// Why two addresses are no range.
pub(crate) enum NoPair {
    Mixed,
    Reversed,
}

/// Both ends as numbers of one family, in order. An end within the IPv6-mapped IPv4 addresses (`::ffff:0:0/96`) counts
/// as IPv4, as it does in every question: a range with one end among them has ends of two families.
pub(crate) fn pair(first: IpAddr, last: IpAddr) -> Result<Pair, NoPair> {
    match (first.to_canonical(), last.to_canonical()) {
        (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
            Ok(Pair::V4(first.to_bits(), last.to_bits()))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
            Ok(Pair::V6(Wide::of(first), Wide::of(last)))
        }
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => Err(NoPair::Reversed),
        _ => Err(NoPair::Mixed),
    }
}
