//! Names and addresses of people, as jCard (RFC 7095) of vCard 4.0 (RFC 6350).

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

/// A card: at least a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VCard(Vec<Property>);

/// What an entity is (RFC 6350 section 6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A human being.
    Individual,
    /// Several, such as a role or a team.
    Group,
    /// An organisation.
    Org,
}

/// One property of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    name: &'static str,
    parameters: Vec<(&'static str, String)>,
    kind: &'static str,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    /// An address whose parts nobody knows: seven empty ones (RFC 7095 section 3.3.1.3).
    Unstructured,
}

impl VCard {
    /// Adds a property.
    pub fn push(&mut self, property: Property) {
        self.0.push(property);
    }

    /// Whether there is no property.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Property {
    fn text(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, parameters: Vec::new(), kind: "text", value: Value::Text(value.into()) }
    }

    fn uri(name: &'static str, value: impl Into<String>) -> Self {
        Self { kind: "uri", ..Self::text(name, value) }
    }

    fn with(mut self, parameter: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((parameter, value.into()));
        self
    }

    /// `fn`.
    pub fn name(name: impl Into<String>) -> Self {
        Self::text("fn", name)
    }

    /// `kind`.
    pub fn kind(kind: Kind) -> Self {
        let name = match kind {
            Kind::Individual => "individual",
            Kind::Group => "group",
            Kind::Org => "org",
        };
        Self::text("kind", name)
    }

    /// `adr`: the lines as somebody wrote them.
    pub fn address(lines: &[String]) -> Self {
        Self { value: Value::Unstructured, ..Self::text("adr", "") }.with("label", lines.join("\n"))
    }

    /// `tel` by which one speaks.
    pub fn voice(number: impl Into<String>) -> Self {
        Self::text("tel", number).with("type", "voice")
    }

    /// `tel` that takes faxes.
    pub fn fax(number: impl Into<String>) -> Self {
        Self::text("tel", number).with("type", "fax")
    }

    /// `email`; `preference` from 1, the best, to 100 (RFC 6350 section 5.3).
    pub fn email(address: impl Into<String>, preference: usize) -> Self {
        Self::text("email", address).with("pref", preference.clamp(1, 100).to_string())
    }

    /// `contact-uri`: another way to reach somebody (RFC 8605 section 2.1).
    pub fn contact_uri(uri: impl Into<String>) -> Self {
        Self::uri("contact-uri", uri)
    }

    /// `key`: an OpenPGP key by its fingerprint (hexadecimal digits).
    pub fn openpgp(fingerprint: &str) -> Self {
        Self::uri("key", format!("openpgp4fpr:{fingerprint}"))
    }

    /// `lang`: a language (RFC 5646), the best one with preference 1.
    pub fn language(tag: impl Into<String>, preference: usize) -> Self {
        let mut property = Self::text("lang", tag).with("pref", preference.clamp(1, 100).to_string());
        property.kind = "language-tag";
        property
    }
}

impl Serialize for VCard {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ("vcard", Properties(&self.0)).serialize(serializer)
    }
}

struct Properties<'a>(&'a [Property]);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len() + 1))?;
        // First of all, always (RFC 7095 section 3.2.1.1 and RFC 6350 section 6.7.9).
        list.serialize_element(&Property::text("version", "4.0"))?;
        for property in self.0 {
            list.serialize_element(property)?;
        }
        list.end()
    }
}

impl Serialize for Property {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parameters = Parameters(&self.parameters);
        match &self.value {
            Value::Text(text) => (self.name, parameters, self.kind, text).serialize(serializer),
            Value::Unstructured => (self.name, parameters, self.kind, [""; 7]).serialize(serializer),
        }
    }
}

struct Parameters<'a>(&'a [(&'static str, String)]);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
