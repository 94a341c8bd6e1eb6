//! Ranges of addresses as registries write them, and AS numbers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Quoted;
pub use crate::reverse::parse_reverse_domain;

/// An inclusive range of addresses of one family; not necessarily a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

/// Why a text is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// Not one of the forms that are read.
    #[error("{0} is not a range of {1} addresses: write it as {2}")]
    Form(Quoted, &'static str, &'static str),
    /// The prefix length is larger than the family allows.
    #[error("the prefix length of {0} is larger than {1}")]
    Length(Quoted, u8),
    /// Bits behind the prefix are set: it is unclear which network is meant.
    #[error("{0} has bits set behind its prefix length; the network would be {1}")]
    HostBits(Quoted, AddressRange),
    /// The last address comes before the first.
    #[error("the range {0} ends before it begins")]
    Reversed(Quoted),
    /// The two ends are of different families.
    #[error("one end of {0} is IPv4, the other IPv6")]
    Mixed(Quoted),
}

/// Why these are no ends of a range.
#[cold]
fn no_range(first: IpAddr, last: IpAddr) -> RangeError {
    let text = Quoted::new(&format!("{first} - {last}"));
    if first.is_ipv4() == last.is_ipv4() { RangeError::Reversed(text) } else { RangeError::Mixed(text) }
}

impl AddressRange {
    /// The range from `first` to `last`, both included.
    ///
    /// # Errors
    /// [`RangeError::Mixed`], [`RangeError::Reversed`].
    #[inline]
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, RangeError> {
        let in_order = match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => first.to_bits() <= last.to_bits(),
            (IpAddr::V6(first), IpAddr::V6(last)) => first.to_bits() <= last.to_bits(),
            _ => false,
        };
        if in_order { Ok(Self { first, last }) } else { Err(no_range(first, last)) }
    }

    /// The first address.
    pub fn first(self) -> IpAddr {
        self.first
    }

    /// The last address, which belongs to the range.
    pub fn last(self) -> IpAddr {
        self.last
    }

    /// Whether it is a range of IPv4 addresses.
    pub fn is_ipv4(self) -> bool {
        self.first.is_ipv4()
    }

    /// Whether the address lies in the range. Families are kept apart.
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.is_ipv4() && (self.first..=self.last).contains(&address)
    }

    /// The prefix length in bits, when the range is one prefix.
    #[inline]
    pub fn prefix_length(self) -> Option<u8> {
        // Ends of a prefix differ in all bits behind it, which the first does not have. Most of millions are IPv4: in 32 bits
        // this is a few instructions.
        let (whole, length) = match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let (first, differ) = (first.to_bits(), first.to_bits() ^ last.to_bits());
                (differ & differ.wrapping_add(1) == 0 && first & differ == 0, differ.leading_zeros())
            }
            (first, last) => {
                let (first, differ) = (bits6(first), bits6(first) ^ bits6(last));
                (differ & differ.wrapping_add(1) == 0 && first & differ == 0, differ.leading_zeros())
            }
        };
        whole.then(|| u8::try_from(length).ok()).flatten()
    }

    /// The prefix at `address`, which must have no bits behind `length`.
    fn from_prefix(address: IpAddr, length: u8, text: &str) -> Result<Self, RangeError> {
        let network = match address {
            IpAddr::V4(address) if length <= 32 => {
                let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
                let bits = address.to_bits();
                Self {
                    first: Ipv4Addr::from_bits(bits & !host).into(),
                    last: Ipv4Addr::from_bits(bits | host).into(),
                }
            }
            IpAddr::V6(address) if length <= 128 => {
                let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
                let bits = address.to_bits();
                Self {
                    first: Ipv6Addr::from_bits(bits & !host).into(),
                    last: Ipv6Addr::from_bits(bits | host).into(),
                }
            }
            _ => return Err(RangeError::Length(Quoted::new(text), if address.is_ipv4() { 32 } else { 128 })),
        };
        match network.first == address {
            true => Ok(network),
            false => Err(RangeError::HostBits(Quoted::new(text), network)),
        }
    }
}

fn bits6(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for AddressRange {
    /// As the registries write it: `192.0.2.0 - 192.0.2.255` for IPv4, `2001:db8::/32` for IPv6 (a range
    /// that is no prefix: with both ends).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix_length() {
            Some(length) if !self.is_ipv4() => write!(f, "{}/{length}", self.first),
            _ => write!(f, "{} - {}", self.first, self.last),
        }
    }
}

/// Reads the key of an `inetnum`: `192.0.2.0 - 192.0.2.255`, `192.0.2.0/24`, the short `172.16/12`, or a
/// single address. Octets are decimal even with leading zeros (`010` is ten), as registries mean them.
///
/// # Errors
/// The form is none of these, bits are set behind the prefix, or the range is reversed.
pub fn parse_inetnum(text: &str) -> Result<AddressRange, RangeError> {
    let form = || RangeError::Form(Quoted::new(text), "IPv4", "192.0.2.0 - 192.0.2.255 or 192.0.2.0/24");
    let text = text.trim();
    if let Some((first, last)) = text.split_once('-') {
        let first = octets(first.trim(), 4).ok_or_else(form)?;
        let last = octets(last.trim(), 4).ok_or_else(form)?;
        return AddressRange::new(first.into(), last.into());
    }
    match text.split_once('/') {
        Some((address, length)) => {
            let address = octets(address.trim(), 1).ok_or_else(form)?;
            AddressRange::from_prefix(address.into(), number(length.trim(), 3).ok_or_else(form)?, text)
        }
        None => {
            let address = octets(text, 4).ok_or_else(form)?.into();
            Ok(AddressRange { first: address, last: address })
        }
    }
}

/// Reads the key of an `inet6num`: `2001:db8::/32`, a single address, or `first - last`, which some
/// registries print.
///
/// # Errors
/// The form is none of these, bits are set behind the prefix, or the range is reversed.
pub fn parse_inet6num(text: &str) -> Result<AddressRange, RangeError> {
    let form = || RangeError::Form(Quoted::new(text), "IPv6", "2001:db8::/32");
    let address = |text: &str| text.trim().parse::<Ipv6Addr>().map(IpAddr::from).map_err(|_| form());
    let text = text.trim();
    if let Some((first, last)) = text.split_once('-') {
        return AddressRange::new(address(first)?, address(last)?);
    }
    match text.split_once('/') {
        Some((first, length)) => {
            AddressRange::from_prefix(address(first)?, number(length.trim(), 3).ok_or_else(form)?, text)
        }
        None => address(text).map(|address| AddressRange { first: address, last: address }),
    }
}

/// Reads a range of either family, in any form that [`parse_inetnum`] and [`parse_inet6num`] read.
///
/// # Errors
/// As theirs.
pub fn parse_range(text: &str) -> Result<AddressRange, RangeError> {
    if text.contains(':') { parse_inet6num(text) } else { parse_inetnum(text) }
}

/// Reads an AS number: `AS64496`, `64496`, or with a dot (`AS1.10`, RFC 5396 section 2).
pub fn parse_as_number(text: &str) -> Option<u32> {
    let text = text.trim();
    let prefixed = text.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("AS"));
    let digits = if prefixed { &text[2..] } else { text };
    match digits.split_once('.') {
        Some((high, low)) => {
            let (high, low): (u16, u16) = (number(high, 5)?, number(low, 5)?);
            Some(u32::from(high) << 16 | u32::from(low))
        }
        None => number(digits, 10),
    }
}

/// At least `fewest` of four octets; those missing are zero.
fn octets(text: &str, fewest: usize) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut count = 0;
    for part in text.split('.') {
        *octets.get_mut(count)? = number(part, 3)?;
        count += 1;
    }
    (count >= fewest).then_some(octets.into())
}

/// Decimal digits only (`parse` alone would take a plus sign), at most `longest` of them.
fn number<N: std::str::FromStr>(text: &str, longest: usize) -> Option<N> {
    let digits = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
