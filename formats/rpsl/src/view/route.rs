use crate::error::{Error, Notes, Why};
use crate::handle::Handle;
use crate::object::Object;
use crate::range::{AddressRange, parse_as_number, parse_inet6num, parse_inetnum};
use crate::view::{Registration, fields};

/// A `route` or `route6` object: which AS announces a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "route6")]
pub struct Route {
    /// The prefix.
    pub prefix: AddressRange,
    /// `origin`: the AS number.
    pub origin: u32,
    /// `descr`, line by line.
    pub descr: Vec<String>,
    /// `org`.
    pub org: Option<Handle>,
    /// Who keeps the object.
    pub registration: Registration,
}

impl Route {
    /// Reads a `route` or `route6`.
    ///
    /// # Errors
    /// Another class, a key that is no prefix, or no AS number in `origin`.
    pub fn read(object: &Object<'_>, notes: &mut Notes) -> Result<Self, Error> {
        let head = fields::head(object, &["route", "route6"], "route")?;
        let parse = if head.name() == "route" { parse_inetnum } else { parse_inet6num };
        let value = head.value();
        let prefix = parse(&value).map_err(|error| Error::of(head.name(), head.line(), error.into()))?;
        if prefix.prefix_length().is_none() || value.contains('-') {
            return Err(Error::of(
                head.name(),
                head.line(),
                fields::not("a prefix such as 192.0.2.0/24", &value),
            ));
        }
        let origin = object.get("origin").ok_or_else(|| Error::of("origin", object.line(), Why::Missing))?;
        let why = || fields::not("an AS number such as AS64496", &origin.value());
        let asn =
            parse_as_number(&origin.value()).ok_or_else(|| Error::of("origin", origin.line(), why()))?;

        let registration = Registration::default();
        let mut route = Self { prefix, origin: asn, descr: Vec::new(), org: None, registration };
        for line in object.lexer().skip(1) {
            let Some(attribute) = &fields::attribute(line, notes) else { continue };
            match attribute.name() {
                "descr" => fields::lines(&mut route.descr, attribute, notes),
                "org" => fields::handle(&mut route.org, attribute, notes),
                _ => route.registration.take(attribute, notes),
            }
        }
        Ok(route)
    }
}
