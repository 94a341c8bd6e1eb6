//! What is looked for: an address, a name, words.

use std::fmt;
use std::net::IpAddr;

use super::QueryError;
use crate::check::names;
use crate::error::Why;
use crate::range::{AddressRange, RangeError, parse_as_number, parse_range, parse_reverse_domain};
use crate::template::{AttributeName, SetKind, Slot, Template, key};
use crate::view::KeyReference;

/// What a query looks for: the text, with one blank wherever there are some, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchKey {
    text: String,
    kind: Kind,
}

/// What a text that is looked for is. Names are many things at once (`EXAMPLE` may be a maintainer, a network, a
/// person): [`SearchKey::attributes`] says where they may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// One address.
    Address(IpAddr),
    /// A prefix, written as one.
    Prefix(AddressRange),
    /// A range with both ends.
    Range(AddressRange),
    /// A prefix and the AS that announces it.
    Route(AddressRange, u32),
    /// A reverse domain and the addresses that it stands for.
    ReverseDomain(AddressRange),
    /// `AS64496`.
    AsNumber(u32),
    /// `AS64496 - AS64511`.
    AsBlock(u32, u32),
    /// `PGPKEY-…` or `X509-1`.
    KeyCert(KeyReference),
    /// A mail address.
    Mailbox,
    /// `IRT-…`.
    Irt,
    /// The name of a domain or a host, with a dot.
    Domain,
    /// One word.
    Name,
    /// Several words.
    Words,
}

impl SearchKey {
    /// Reads what is looked for; none when the text is blank.
    ///
    /// # Errors
    /// 115: an address that cannot be meant: a prefix with bits behind its length, a range that ends before it begins.
    pub fn parse(text: &str) -> Result<Option<Self>, QueryError> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Ok(None);
        }
        let kind = kind(&text).map_err(|error| QueryError::invalid_key(&error.to_string()))?;
        Ok(Some(Self { text, kind }))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The addresses, of an address, a prefix, a range, a route.
    pub fn range(&self) -> Option<AddressRange> {
        match self.kind {
            Kind::Address(address) => AddressRange::new(address, address).ok(),
            Kind::Prefix(range) | Kind::Range(range) | Kind::Route(range, _) => Some(range),
            _ => None,
        }
    }

    /// The addresses that a reverse domain stands for.
    pub fn reverse_range(&self) -> Option<AddressRange> {
        match self.kind {
            Kind::ReverseDomain(range) => Some(range),
            _ => None,
        }
    }

    /// The AS number.
    pub fn as_number(&self) -> Option<u32> {
        match self.kind {
            Kind::AsNumber(number) => Some(number),
            _ => None,
        }
    }

    /// The attributes by which objects of the class may be found with this key; empty when none can be meant. In the
    /// order of the template.
    pub fn attributes(&self, template: &'static Template) -> impl Iterator<Item = AttributeName> {
        template
            .attributes()
            .iter()
            .filter(|slot| slot.lookup && self.may_be(slot))
            .map(|slot| slot.attribute)
    }

    /// Whether an object of the class may be found with this key.
    pub fn fits(&self, template: &'static Template) -> bool {
        self.attributes(template).next().is_some()
    }

    fn may_be(&self, slot: &Slot) -> bool {
        use AttributeName as A;
        let text = self.text.as_str();
        let network = self.range().filter(|_| !matches!(self.kind, Kind::Route(..)));
        let family = |is_ipv4| network.is_some_and(|range| range.is_ipv4() == is_ipv4);
        let announced = |is_ipv4| self.range().is_some_and(|range| range.is_ipv4() == is_ipv4);
        let word =
            |signs: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte));
        let name = || self.range().is_none() && text.contains(char::is_alphabetic);
        match slot.attribute {
            A::Inetnum => family(true),
            A::Inet6num => family(false),
            A::Route => announced(true),
            A::Route6 => announced(false),
            A::AsBlock => matches!(self.kind, Kind::AsNumber(_) | Kind::AsBlock(..)),
            A::AutNum => matches!(self.kind, Kind::AsNumber(_)),
            A::Domain => {
                network.is_some()
                    || matches!(self.kind, Kind::ReverseDomain(_) | Kind::Domain)
                    || matches!(self.kind, Kind::Name | Kind::AsNumber(_) | Kind::Irt) && word(b"-/")
            }
            A::InetRtr => matches!(self.kind, Kind::Domain) || matches!(self.kind, Kind::Name) && word(b"-"),
            A::EMail => matches!(self.kind, Kind::Mailbox),
            A::KeyCert => matches!(self.kind, Kind::KeyCert(_)),
            A::Irt => matches!(self.kind, Kind::Irt),
            A::Netname => word(b"-_"),
            A::NicHdl => word(b"-"),
            A::Organisation => names::organisation(text) && !names::auto(text),
            A::AsSet => has_set(text, SetKind::As),
            A::RouteSet => has_set(text, SetKind::Route),
            A::RtrSet => has_set(text, SetKind::Router),
            A::FilterSet => has_set(text, SetKind::Filter),
            A::PeeringSet => has_set(text, SetKind::Peering),
            A::Poem => names::poem(text, "POEM-"),
            A::PoeticForm => names::poem(text, "FORM-"),
            A::Mntner | A::OrgName | A::Person | A::Role => name(),
            _ => false,
        }
    }
}

impl fmt::Display for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn has_set(text: &str, kind: SetKind) -> bool {
    let prefix = kind.prefix();
    text.split(':')
        .any(|part| part.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix)))
}

fn kind(text: &str) -> Result<Kind, Why> {
    match parse_range(text) {
        Ok(range) if text.contains('/') => return Ok(Kind::Prefix(range)),
        Ok(range) if text.contains('-') => return Ok(Kind::Range(range)),
        Ok(range) => return Ok(Kind::Address(range.first())),
        Err(RangeError::Form(..)) => {}
        // it is meant as a range, and is none
        Err(error) => return Err(error.into()),
    }
    if let Some((prefix, origin)) = key::route(text) {
        match parse_range(prefix) {
            Ok(range) if range.prefix_length().is_some() => return Ok(Kind::Route(range, origin)),
            Ok(_) | Err(RangeError::Form(..)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(range) = parse_reverse_domain(text) {
        return Ok(Kind::ReverseDomain(range));
    }
    let numbered = text.get(..2).is_some_and(|begin| begin.eq_ignore_ascii_case("AS"));
    if let Some(number) = parse_as_number(text).filter(|_| numbered) {
        return Ok(Kind::AsNumber(number));
    }
    if let Some((first, last)) = key::parse_as_block(text) {
        return Ok(Kind::AsBlock(first, last));
    }
    if text.contains(' ') {
        return Ok(Kind::Words);
    }
    Ok(match KeyReference::parse(text) {
        Some(key @ (KeyReference::Pgp(_) | KeyReference::X509(_))) => Kind::KeyCert(key),
        _ if text.contains('@') => Kind::Mailbox,
        _ if names::irt(text) => Kind::Irt,
        _ if is_domain(text) => Kind::Domain,
        _ => Kind::Name,
    })
}

/// Labels with a dot between two of them at least, or after the only one.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/_".contains(&byte))
    };
    text.contains('.') && text.strip_suffix('.').unwrap_or(text).split('.').all(label)
}
