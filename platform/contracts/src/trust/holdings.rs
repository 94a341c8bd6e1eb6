//! What certificates of trusted authorities say of names, addresses and AS numbers: who has the key holds them.

use std::net::IpAddr;
use std::ops::RangeInclusive;

/// What a certificate says that its holder has. Who issued it is trusted here to say so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings {
    /// The authority that issued it, by the name that it has here.
    pub issuer: String,
    /// The certificate's number, hex.
    pub serial: String,
    /// When it ends, microseconds since 1970 UTC.
    pub until: i64,
    /// The certificate (DER).
    pub certificate: Vec<u8>,
    /// Names of hosts, in small letters; `*.` in front means every name below.
    pub names: Vec<String>,
    /// Addresses in order; blocks that touch one another are one.
    pub addresses: Vec<RangeInclusive<IpAddr>>,
    /// AS numbers in order; blocks that touch one another are one.
    pub numbers: Vec<RangeInclusive<u32>>,
}

impl Holdings {
    /// Whether all addresses from `first` to `last` are among them.
    pub fn has_addresses(&self, first: IpAddr, last: IpAddr) -> bool {
        first.is_ipv4() == last.is_ipv4()
            && self.addresses.iter().any(|block| block.contains(&first) && block.contains(&last))
    }

    /// Whether the AS number is among them.
    pub fn has_number(&self, number: u32) -> bool {
        self.numbers.iter().any(|block| block.contains(&number))
    }

    /// Whether it speaks for `domain` (small letters, no `*.`): by that very name, or by `*.` of it or of a name above it.
    /// A name below it says nothing of it.
    pub fn has_domain(&self, domain: &str) -> bool {
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(base) => {
                domain.strip_suffix(base).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            None => name == domain,
        })
    }
}

/// Why a certificate that counted once is not found good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lapse {
    /// It counts no more: it has ended, was revoked, or its authority is not trusted for this any more. Why, in words.
    Over(String),
    /// It cannot be said now: the authority's revocation list is out of date, for example.
    Unknown(String),
}

/// Judges what certificates of authorities elsewhere prove of what a team claims. The community's own authority is none
/// of them: it issues for what is proven already.
pub trait HoldingsJudge: Send + Sync {
    /// Whether any authority is trusted for this here.
    fn is_asked(&self) -> bool;

    /// What the certificate says whose key has signed exactly `text`, lately before `at` (microseconds since 1970 UTC), in
    /// `signature` (detached CMS, PEM or DER).
    ///
    /// # Errors
    /// Why the signature or the certificate does not count, in words for the one who handed it in.
    fn holdings(&self, text: &[u8], signature: &[u8], at: i64) -> Result<Holdings, String>;

    /// What the certificate (DER) says at `at`, of which a signature counted before.
    ///
    /// # Errors
    /// That it counts no more, or that it cannot be said now.
    fn still_held(&self, certificate: &[u8], at: i64) -> Result<Holdings, Lapse>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_speaks_for_its_very_names_and_below_a_wildcard() {
        let holdings = |name: &str| Holdings { names: vec![name.into()], ..Holdings::default() };
        for (name, domain, expected) in [
            ("skerry.example", "skerry.example", true),
            ("www.skerry.example", "skerry.example", false),
            ("skerry.example", "www.skerry.example", false),
            ("*.skerry.example", "skerry.example", true),
            ("*.skerry.example", "lab.skerry.example", true),
            ("*.lab.skerry.example", "skerry.example", false),
            ("*.skerry.example", "otherskerry.example", false),
            ("skerry.example", "otherskerry.example", false),
        ] {
            assert_eq!(holdings(name).has_domain(domain), expected, "{name} {domain}");
        }
    }

    #[test]
    fn a_certificate_has_a_network_only_when_one_block_covers_it_whole() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let holdings = Holdings {
            addresses: vec![at("192.0.2.0")..=at("192.0.2.127"), at("2001:db8::")..=at("2001:db8::ff")],
            numbers: vec![64496..=64500],
            ..Holdings::default()
        };
        assert!(holdings.has_addresses(at("192.0.2.0"), at("192.0.2.127")));
        assert!(holdings.has_addresses(at("2001:db8::1"), at("2001:db8::1")));
        assert!(!holdings.has_addresses(at("192.0.2.0"), at("192.0.2.128")));
        assert!(!holdings.has_addresses(at("192.0.2.0"), at("2001:db8::1")));
        assert!(holdings.has_number(64496) && holdings.has_number(64500) && !holdings.has_number(64501));
    }
}
