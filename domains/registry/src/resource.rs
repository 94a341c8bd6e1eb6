//! What people type or paste: an address, a range, a name, an AS number.

use std::net::IpAddr;

use kit::{Error, Result};
use observables::{Kind, Limits, Observable};

/// Something to look up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    /// An address (both the same), a prefix or a range.
    Addresses(IpAddr, IpAddr),
    /// A domain name, lower case, in ASCII.
    Domain(String),
    /// An AS number.
    AsNumber(u32),
}

impl Resource {
    /// Reads one resource: `192.0.2.77`, `192.0.2.0/25`, `192.0.2.10 - 192.0.2.77`, `AS64500`, `host.example`, also
    /// defanged (`192[.]0[.]2[.]77`), a URL or a mail address (then it is their host).
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is nothing of these.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if let Some((first, last)) = addresses(text) {
            return Ok(Self::Addresses(first, last));
        }
        let limits = Limits { max_text_bytes: 8 << 10, max_observables: 16, ..Limits::default() };
        let found = observables::extract(text, &limits).found;
        found.iter().find_map(Self::of).ok_or_else(|| {
            let shown: String = text.chars().take(60).collect();
            Error::invalid(
                "resource",
                format!("{shown:?} is no address, range, AS number or domain name; write 192.0.2.77, 192.0.2.0/25, AS64500 or host.example"),
            )
        })
    }

    fn of(observable: &Observable) -> Option<Self> {
        match (observable.kind, observable.range) {
            (Kind::Ip | Kind::IpRange, Some((first, last))) => Some(Self::Addresses(first, last)),
            (Kind::Domain, _) => Some(Self::Domain(observable.value.clone())),
            (Kind::Asn, _) => rpsl::range::parse_as_number(&observable.value).map(Self::AsNumber),
            _ => None,
        }
    }
}

/// The addresses of a text that is nothing but one address, prefix or range.
pub(crate) fn addresses(text: &str) -> Option<(IpAddr, IpAddr)> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some((address.to_canonical(), address.to_canonical()));
    }
    if !text.contains(['/', '-']) {
        return None;
    }
    let range = rpsl::range::parse_range(text).ok()?;
    Some((range.first(), range.last()))
}

/// The host of a URL as `observables` writes it, and its address when it is one.
pub(crate) fn url_host(url: &str) -> Option<(&str, Option<IpAddr>)> {
    let (_, rest) = url.split_once("://")?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(bracketed) = host.strip_prefix('[') {
        let address = bracketed.split(']').next().unwrap_or_default();
        return Some((address, address.parse().ok()));
    }
    let host = host.split(':').next().unwrap_or_default();
    Some((host, host.parse().ok()))
}

/// The addresses, ranges and AS numbers in a text, each once, and whether a limit was reached. Names are left
/// out: a log is full of them, and most have nobody to tell.
pub(crate) fn in_text(text: &str) -> (Vec<Resource>, bool) {
    let extraction = observables::extract(text, &Limits::default());
    let wanted =
        extraction.found.iter().filter(|one| matches!(one.kind, Kind::Ip | Kind::IpRange | Kind::Asn));
    (wanted.filter_map(Resource::of).collect(), extraction.truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, first: &str, last: &str) {
        let expected = Resource::Addresses(first.parse().unwrap(), last.parse().unwrap());
        assert_eq!(Resource::parse(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn what_people_type_is_understood() {
        check(" 192.0.2.77 ", "192.0.2.77", "192.0.2.77");
        check("192.0.2.0/25", "192.0.2.0", "192.0.2.127");
        check("192.0.2.10 - 192.0.2.77", "192.0.2.10", "192.0.2.77");
        check("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
        check("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1");
        check("192[.]0[.]2[.]77", "192.0.2.77", "192.0.2.77");
        check("hxxp://198.51.100[.]132/login.php", "198.51.100.132", "198.51.100.132");
        assert_eq!(Resource::parse("as64500").unwrap(), Resource::AsNumber(64_500));
        assert_eq!(
            Resource::parse("Lab.Skerry.Example").unwrap(),
            Resource::Domain("lab.skerry.example".into())
        );
        assert_eq!(Resource::parse("kes@skerry.example").unwrap(), Resource::Domain("skerry.example".into()));
        let why = Resource::parse("nothing at all").unwrap_err().to_string();
        assert!(why.contains("192.0.2.77"), "{why}");
    }

    #[test]
    fn the_host_of_a_url_is_found() {
        assert_eq!(url_host("https://u:p@www.skerry.example:8443/a?b@c"), Some(("www.skerry.example", None)));
        assert_eq!(url_host("http://[2001:db8::1]:80/"), Some(("2001:db8::1", "2001:db8::1".parse().ok())));
    }
}
