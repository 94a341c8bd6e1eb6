//! Which addresses and AS numbers a certificate delegates (RFC 3779), and which hosts it names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use x509_cert::Certificate;
use x509_cert::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use x509_cert::der::{self, Decode as _, Tag, TagNumber, Tagged as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::dns_name;

/// id-pe-ipAddrBlocks (RFC 3779 section 2.2.1).
pub const ADDRESSES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.7");
/// id-pe-autonomousSysIds (section 3.2.1).
pub const NUMBERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.8");

/// An extension is at most so many bytes long.
pub const LARGEST: usize = 128 * 1024;

/// Blocks in order that do not touch one another.
pub type Blocks<T> = Vec<RangeInclusive<T>>;

/// What an extension says of one kind of resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Share {
    /// Nothing.
    #[default]
    None,
    /// What the issuer has, whatever that is.
    Inherited,
    /// These.
    Blocks(Blocks<u128>),
}

impl Share {
    /// The blocks that are named, not inherited.
    pub fn blocks(&self) -> &[RangeInclusive<u128>] {
        match self {
            Self::Blocks(blocks) => blocks,
            Self::None | Self::Inherited => &[],
        }
    }

    /// Whether everything that it names is among what `issuer` names.
    fn is_within(&self, issuer: &Self) -> bool {
        let has = |block: &RangeInclusive<u128>| {
            issuer.blocks().iter().any(|one| one.contains(block.start()) && one.contains(block.end()))
        };
        self.blocks().iter().all(has)
    }
}

/// What a certificate says of addresses and AS numbers; `None` where it lacks the extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// IPv4 and IPv6.
    pub addresses: Option<(Share, Share)>,
    /// AS numbers; routing domain identifiers are not read.
    pub numbers: Option<Share>,
}

impl Resources {
    /// Reads the extensions of `certificate`.
    ///
    /// # Errors
    /// Why they cannot be read, in words that follow "the certificate".
    pub fn of(certificate: &Certificate) -> Result<Self, String> {
        let mut resources = Self::default();
        for extension in certificate.tbs_certificate.extensions.iter().flatten() {
            let value = extension.extn_value.as_bytes();
            let (twice, read) = match extension.extn_id {
                ADDRESSES => (
                    resources.addresses.is_some(),
                    addresses(value).map(|read| resources.addresses = Some(read)),
                ),
                NUMBERS => {
                    (resources.numbers.is_some(), numbers(value).map(|read| resources.numbers = Some(read)))
                }
                _ => continue,
            };
            if twice {
                return Err("has the same extension twice (RFC 3779)".into());
            }
            read.map_err(|error| {
                format!(
                    "has an extension for addresses or AS numbers that cannot be read (RFC 3779): {error}"
                )
            })?;
        }
        Ok(resources)
    }

    /// Whether `issuer`, who is trusted, may delegate all this: what it says of itself is not exceeded (sections 2.3 and
    /// 3.3). An issuer that says nothing is trusted for all.
    pub fn is_within(&self, issuer: &Self) -> bool {
        let addresses = match (&self.addresses, &issuer.addresses) {
            (Some((v4, v6)), Some(above)) => v4.is_within(&above.0) && v6.is_within(&above.1),
            _ => true,
        };
        let numbers = match (&self.numbers, &issuer.numbers) {
            (Some(own), Some(above)) => own.is_within(above),
            _ => true,
        };
        addresses && numbers
    }

    /// The addresses that it names.
    pub fn named_addresses(&self) -> Blocks<IpAddr> {
        let Some((v4, v6)) = &self.addresses else { return Vec::new() };
        let v4 = v4.blocks().iter().map(|block| ip(*block.start(), true)..=ip(*block.end(), true));
        let v6 = v6.blocks().iter().map(|block| ip(*block.start(), false)..=ip(*block.end(), false));
        v4.chain(v6).collect()
    }

    /// The AS numbers that it names.
    pub fn named_numbers(&self) -> Blocks<u32> {
        let number = |value: u128| u32::try_from(value).unwrap_or(u32::MAX); // read from 32 bits
        let blocks = self.numbers.iter().flat_map(Share::blocks);
        blocks.map(|block| number(*block.start())..=number(*block.end())).collect()
    }
}

/// The hosts and single addresses that `certificate` is for (RFC 5280 section 4.2.1.6). Names in small letters, `*.` in
/// front; what is no name of a host is left out, and so is one that no organisation holds.
///
/// # Errors
/// The extension cannot be read; in words that follow "the certificate".
pub fn subjects(certificate: &Certificate) -> Result<(Vec<String>, Vec<IpAddr>), String> {
    let found = certificate.tbs_certificate.get::<SubjectAltName>();
    let found = found.map_err(|error| format!("has names that cannot be read: {error}"))?;
    let (mut names, mut addresses) = (Vec::new(), Vec::new());
    for name in found.map(|(_, names)| names.0).unwrap_or_default() {
        match name {
            GeneralName::DnsName(name) => {
                let name = name.as_str().to_ascii_lowercase();
                let base = name.strip_prefix("*.").unwrap_or(&name);
                if base.contains('.') && dns_name(base).is_ok_and(|read| read == base) {
                    names.push(name);
                }
            }
            GeneralName::IpAddress(bytes) => {
                let bytes = bytes.as_bytes();
                let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
                addresses.extend(v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)));
            }
            _ => {}
        }
    }
    Ok((names, addresses))
}

/// Blocks in order; those that touch one another become one.
pub fn merged<T: Copy + Ord>(mut blocks: Blocks<T>, next: impl Fn(T) -> Option<T>) -> Blocks<T> {
    blocks.sort_by_key(|block| (*block.start(), *block.end()));
    let mut merged: Blocks<T> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match merged.last_mut() {
            Some(last) if *block.start() <= *last.end() || next(*last.end()) == Some(*block.start()) => {
                *last = *last.start()..=(*last.end()).max(*block.end());
            }
            _ => merged.push(block),
        }
    }
    merged
}

/// The address after this one, of the same kind.
pub fn next_address(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| Ipv6Addr::from(next).into()),
    }
}

fn ip(value: u128, is_v4: bool) -> IpAddr {
    match u32::try_from(value) {
        Ok(value) if is_v4 => Ipv4Addr::from(value).into(),
        _ => Ipv6Addr::from(value).into(),
    }
}

/// IPAddrBlocks (section 2.2.3): IPv4 and IPv6. Families with a SAFI say nothing of plain addresses.
///
/// # Errors
/// It is none.
pub fn addresses(bytes: &[u8]) -> der::Result<(Share, Share)> {
    let (mut v4, mut v6) = (None, None);
    for family in elements(bytes)? {
        let [of, choice] = pair(family)?;
        let (share, bits) = match (of.tag(), of.value()) {
            (Tag::OctetString, [0, 1]) => (&mut v4, 32),
            (Tag::OctetString, [0, 2]) => (&mut v6, 128),
            (Tag::OctetString, [_, _] | [_, _, _]) => continue,
            _ => return Err(Tag::OctetString.value_error()),
        };
        let read = |one: AnyRef<'_>| match one.tag() {
            Tag::BitString => {
                let prefix = one.decode_as::<BitStringRef<'_>>()?;
                Ok((edge(prefix, bits, false)?, edge(prefix, bits, true)?))
            }
            _ => {
                let [first, last] = pair(one)?;
                Ok((edge(first.decode_as()?, bits, false)?, edge(last.decode_as()?, bits, true)?))
            }
        };
        if share.replace(self::share(choice, read)?).is_some() {
            return Err(Tag::Sequence.value_error());
        }
    }
    Ok((v4.unwrap_or_default(), v6.unwrap_or_default()))
}

/// The AS numbers of ASIdentifiers (section 3.2.3).
///
/// # Errors
/// It is none.
pub fn numbers(bytes: &[u8]) -> der::Result<Share> {
    let numbers = Tag::ContextSpecific { constructed: true, number: TagNumber::N0 };
    let routing_domains = Tag::ContextSpecific { constructed: true, number: TagNumber::N1 };
    let number = |one: AnyRef<'_>| one.decode_as::<u32>().map(u128::from);
    let read = |one: AnyRef<'_>| match one.tag() {
        Tag::Integer => Ok((number(one)?, number(one)?)),
        _ => {
            let [first, last] = pair(one)?;
            Ok((number(first)?, number(last)?))
        }
    };
    match elements(bytes)?.as_slice() {
        [one] if one.tag() == routing_domains => Ok(Share::None),
        [one] if one.tag() == numbers => share(AnyRef::from_der(one.value())?, read),
        [one, two] if one.tag() == numbers && two.tag() == routing_domains => {
            share(AnyRef::from_der(one.value())?, read)
        }
        _ => Err(Tag::Sequence.value_error()),
    }
}

/// `NULL`, which inherits, or a sequence of what `read` reads: the first and the last of a block.
fn share(choice: AnyRef<'_>, read: impl Fn(AnyRef<'_>) -> der::Result<(u128, u128)>) -> der::Result<Share> {
    if choice.is_null() {
        return Ok(Share::Inherited);
    }
    let mut blocks = Vec::new();
    for one in choice.decode_as::<Vec<AnyRef<'_>>>()? {
        let (first, last) = read(one)?;
        if first > last {
            return Err(one.tag().value_error());
        }
        blocks.push(first..=last);
    }
    Ok(Share::Blocks(merged(blocks, |last| last.checked_add(1))))
}

/// The first address that begins with these bits, or the last one.
fn edge(prefix: BitStringRef<'_>, bits: usize, is_last: bool) -> der::Result<u128> {
    let length = prefix.bit_len();
    if length > bits {
        return Err(Tag::BitString.length_error());
    }
    let mut whole = [0; 16];
    let value = prefix.raw_bytes();
    whole[..value.len()].copy_from_slice(value);
    // In the upper bits of 128, the rest unset.
    let all = |length: usize| u128::MAX.checked_shr(u32::try_from(length).unwrap_or(128)).unwrap_or(0);
    let rest = all(length);
    let upper = u128::from_be_bytes(whole) & !rest;
    let upper = if is_last { upper | rest } else { upper };
    Ok(upper >> (128 - bits))
}

fn elements(bytes: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    if bytes.len() > LARGEST {
        return Err(Tag::Sequence.length_error());
    }
    Vec::from_der(bytes)
}

fn pair(sequence: AnyRef<'_>) -> der::Result<[AnyRef<'_>; 2]> {
    let parts: Vec<AnyRef<'_>> = sequence.decode_as()?;
    parts.try_into().map_err(|_| Tag::Sequence.value_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_the_first_and_the_last_address_that_begin_with_them() {
        let prefix = |unused, bytes| BitStringRef::new(unused, bytes).unwrap();
        let v4 = |text: &str| u128::from(u32::from(text.parse::<Ipv4Addr>().unwrap()));
        let is = |bits: BitStringRef<'_>, first: &str, last: &str| {
            assert_eq!((edge(bits, 32, false), edge(bits, 32, true)), (Ok(v4(first)), Ok(v4(last))));
        };
        is(prefix(0, &[192, 0, 2]), "192.0.2.0", "192.0.2.255");
        is(prefix(7, &[192, 0, 2, 128]), "192.0.2.128", "192.0.2.255");
        is(prefix(0, &[192, 0, 2, 7]), "192.0.2.7", "192.0.2.7");
        is(prefix(0, &[]), "0.0.0.0", "255.255.255.255");
        assert!(edge(prefix(0, &[192, 0, 2, 7, 0]), 32, false).is_err());
        assert_eq!(edge(prefix(0, &[0x20; 16]), 128, true), Ok(u128::from_be_bytes([0x20; 16])));
    }

    #[test]
    fn the_example_of_rfc_3779_is_read() {
        // Appendix B: 10.0.32/20, 10.0.64/24, 10.1/16, 10.2.48/20, 10.2.64/24, 10.3/16; 2001:0:2/48, 2001:0:200/39.
        let bytes = [
            0x30, 0x46, 0x30, 0x30, 0x04, 0x03, 0x00, 0x01, 0x01, 0x30, 0x29, 0x03, 0x04, 0x04, 0x0a, 0x00,
            0x20, 0x03, 0x04, 0x00, 0x0a, 0x00, 0x40, 0x03, 0x03, 0x00, 0x0a, 0x01, 0x30, 0x0c, 0x03, 0x04,
            0x04, 0x0a, 0x02, 0x30, 0x03, 0x04, 0x00, 0x0a, 0x02, 0x40, 0x03, 0x03, 0x00, 0x0a, 0x03, 0x00,
        ];
        assert!(addresses(&bytes).is_err(), "cut off");
        // Without SAFI and with its two families.
        let family = |afi: u8, blocks: &[u8]| {
            let mut list = vec![0x30, u8::try_from(blocks.len()).unwrap()];
            list.extend_from_slice(blocks);
            let mut whole = vec![0x30, u8::try_from(list.len() + 4).unwrap(), 0x04, 0x02, 0, afi];
            whole.extend(list);
            whole
        };
        let v4 = family(
            1,
            &[
                0x03, 0x04, 0x04, 0x0a, 0x00, 0x20, 0x30, 0x0c, 0x03, 0x04, 0x04, 0x0a, 0x02, 0x30, 0x03,
                0x04, 0x00, 0x0a, 0x02, 0x40,
            ],
        );
        let v6 = family(2, &[0x03, 0x07, 0x00, 0x20, 0x01, 0x00, 0x00, 0x00, 0x02]);
        let whole = |parts: &[&[u8]]| {
            let parts = parts.concat();
            [&[0x30, u8::try_from(parts.len()).unwrap()], parts.as_slice()].concat()
        };
        let (four, six) = addresses(&whole(&[&v4, &v6])).unwrap();
        let read = Resources { addresses: Some((four, six)), numbers: None };
        let shown: Vec<String> =
            read.named_addresses().iter().map(|block| format!("{} {}", block.start(), block.end())).collect();
        assert_eq!(
            shown,
            [
                "10.0.32.0 10.0.47.255",
                "10.2.48.0 10.2.64.255",
                "2001:0:2:: 2001:0:2:ffff:ffff:ffff:ffff:ffff"
            ]
        );
        assert!(addresses(&whole(&[&v4, &v4])).is_err(), "a family twice");
        let inherits = [0x30, 0x06, 0x04, 0x02, 0, 1, 0x05, 0x00];
        assert_eq!(addresses(&whole(&[&inherits])).unwrap(), (Share::Inherited, Share::None));
    }

    #[test]
    fn as_numbers_are_read_and_those_of_routing_domains_are_not() {
        // 135, 3000 to 3999, 5001; section 3.2.3's shape.
        let numbers = [
            0x30, 0x14, 0xa0, 0x12, 0x30, 0x10, 0x02, 0x02, 0x00, 0x87, 0x30, 0x08, 0x02, 0x02, 0x0b, 0xb8,
            0x02, 0x02, 0x0f, 0x9f, 0x05, 0x00,
        ];
        assert!(super::numbers(&numbers).is_err(), "a NULL among them");
        let numbers = [
            0x30, 0x16, 0xa0, 0x14, 0x30, 0x12, 0x02, 0x02, 0x00, 0x87, 0x30, 0x08, 0x02, 0x02, 0x0b, 0xb8,
            0x02, 0x02, 0x0f, 0x9f, 0x02, 0x02, 0x13, 0x89,
        ];
        let share = super::numbers(&numbers).unwrap();
        let read = Resources { addresses: None, numbers: Some(share) };
        assert_eq!(read.named_numbers(), [135..=135, 3000..=3999, 5001..=5001]);
        assert_eq!(super::numbers(&[0x30, 0x04, 0xa0, 0x02, 0x05, 0x00]).unwrap(), Share::Inherited);
        assert_eq!(super::numbers(&[0x30, 0x04, 0xa1, 0x02, 0x05, 0x00]).unwrap(), Share::None);
    }

    #[test]
    fn nobody_delegates_more_than_they_have() {
        let blocks = |first, last| Share::Blocks(vec![first..=last]);
        let own = |v4, numbers| Resources { addresses: Some((v4, Share::None)), numbers: Some(numbers) };
        let issuer = own(blocks(10, 20), blocks(1, 2));
        assert!(own(blocks(10, 20), blocks(2, 2)).is_within(&issuer));
        assert!(own(Share::Inherited, Share::None).is_within(&issuer));
        assert!(!own(blocks(10, 21), Share::None).is_within(&issuer));
        assert!(!own(blocks(10, 20), blocks(2, 3)).is_within(&issuer));
        // Who inherits from nobody has nothing to give; who says nothing is trusted.
        assert!(!own(blocks(10, 10), Share::None).is_within(&own(Share::Inherited, Share::None)));
        assert!(own(blocks(10, 10), blocks(1, 1)).is_within(&Resources::default()));
    }
}
