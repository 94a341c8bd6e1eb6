//! Names: those that we write, and those that are asked for.

use kit::{Error, Result};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Tag;
use x509_cert::der::asn1::{Any, ObjectIdentifier, SetOfVec};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use super::unencoded;

/// commonName (RFC 4519 section 2.3).
pub(crate) const CN: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// organizationName (RFC 4519 section 2.19).
pub(crate) const O: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// uid (RFC 4519 section 2.39).
pub(crate) const UID: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");
/// emailAddress (RFC 2985 section 5.2.1).
pub(crate) const MAIL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");

/// A subject of `parts`, the widest first, each at most 64 characters (RFC 5280 appendix A.1, `ub-common-name`); empty
/// ones are left out.
pub(crate) fn subject(parts: &[(ObjectIdentifier, &str)]) -> Result<Name> {
    let mut sequence = Vec::new();
    for (oid, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
        let text: String = text.chars().filter(|c| !c.is_control()).take(64).collect();
        let value = Any::new(Tag::Utf8String, text.into_bytes()).map_err(unencoded)?;
        let one = SetOfVec::try_from(vec![AttributeTypeAndValue { oid: *oid, value }]).map_err(unencoded)?;
        sequence.push(RelativeDistinguishedName(one));
    }
    Ok(RdnSequence(sequence))
}

/// The attributes of a name, as text: what is no text is `None`.
pub(crate) fn attributes(name: &Name) -> impl Iterator<Item = (ObjectIdentifier, Option<String>)> {
    name.0.iter().flat_map(|part| part.0.iter()).map(|attribute| {
        let bytes = attribute.value.value();
        let text = match x509_cert::der::Tagged::tag(&attribute.value) {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
                std::str::from_utf8(bytes).ok().map(str::to_owned)
            }
            Tag::TeletexString => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Tag::BmpString => {
                let units: Vec<u16> =
                    bytes.chunks(2).map(|two| two.iter().fold(0, |n, b| n << 8 | u16::from(*b))).collect();
                String::from_utf16(&units).ok()
            }
            _ => None,
        };
        (attribute.oid, text)
    })
}

/// Whether two names are the same to a reader: case and the number of spaces do not count.
pub(crate) fn names_alike(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(one) == plain(other)
}

/// A DNS name as it stands in certificates: small ASCII letters, no dot at the end, at least two labels; no wildcard
/// (RFC 5280 section 4.2.1.6, RFC 1034 section 3.5).
///
/// # Errors
/// [`Error::Invalid`] says what is wrong with it.
pub(crate) fn dns_name(text: &str) -> Result<String> {
    let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let bad = |why: &str| Err(Error::invalid("names", format!("{text:?} {why}")));
    if name.contains('*') {
        return bad("has a wildcard: name each host by itself");
    }
    if name.len() > 253 || name.split('.').count() < 2 {
        return bad("is no full name of a host, such as www.team.example");
    }
    let fits = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !name.split('.').all(fits) {
        return bad(
            "is no name of a host: labels are letters, digits and hyphens (international names in their xn-- form)",
        );
    }
    // An address is no name; the last label of a name is never a number.
    if name.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit())) {
        return bad("is an address: certificates here are for names");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_told_from_what_is_none() {
        assert_eq!(dns_name("WWW.Team.Example.").unwrap(), "www.team.example");
        assert_eq!(dns_name("xn--bcher-kva.example").unwrap(), "xn--bcher-kva.example");
        for bad in [
            "*.team.example",
            "localhost",
            "",
            "192.0.2.1",
            "a b.example",
            "-a.example",
            "a..example",
            "bücher.example",
        ] {
            assert!(dns_name(bad).is_err(), "{bad}");
        }
    }
}
