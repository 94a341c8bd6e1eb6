//! The objects that rules and authorisation look at: those of the registry, and those of the same submission that are
//! to be made together.

use std::collections::BTreeMap;

use kit::{Read, Result};
use rpsl::template::AttributeName;
use rpsl::{AddressRange, KeyReference, Object};

use super::keys;
use crate::store::objects::{self, Name};
use crate::store::updates::{self, Ends};

/// What can be asked of the registry while a change is judged. All names are in their one spelling.
pub(crate) trait Objects {
    /// The text of an object.
    fn text(&self, class: &str, key: &str) -> Result<Option<Vec<u8>>>;

    /// The names of the `key-cert` objects whose key a short name may mean.
    fn aliased(&self, alias: &KeyReference) -> Result<Vec<String>>;

    /// The text of the closest `inetnum` or `inet6num` around a range; itself is none.
    fn around(&self, range: AddressRange) -> Result<Option<Vec<u8>>>;

    /// The texts of all objects of a class of which there are few.
    fn of_class(&self, class: &str) -> Result<Vec<Vec<u8>>>;
}

/// Objects that are to be made together: class and key, and the text.
pub(crate) type Pending = BTreeMap<(String, String), Vec<u8>>;

/// The registry as one transaction sees it. What is pending stands behind what is stored: a change that is not done
/// yet authorises nothing that the stored object would not.
pub(crate) struct Stored<'a, 'c> {
    pub(crate) read: &'a Read<'c>,
    pub(crate) source: &'a str,
    pub(crate) pending: &'a Pending,
}

/// At most so many as-blocks, or keys with the same end, are looked at.
const MANY: i64 = 10_000;

impl Objects for Stored<'_, '_> {
    fn text(&self, class: &str, key: &str) -> Result<Option<Vec<u8>>> {
        let stored = objects::by_key(self.read, Name { source: self.source, class, key })?;
        let pending = || self.pending.get(&(class.to_owned(), key.to_owned())).cloned();
        Ok(stored.map(|object| object.raw).or_else(pending))
    }

    fn aliased(&self, alias: &KeyReference) -> Result<Vec<String>> {
        let none = Name { source: self.source, class: "", key: "" };
        let attribute = AttributeName::KeyCert.short();
        let found = updates::referrers(self.read, attribute, &alias.to_string(), none, MANY)?;
        let stored = found.into_iter().map(|(_, key)| key);
        let pending = self.pending.iter().filter(|((class, _), text)| {
            class == "key-cert" && keys::fingerprint(text).is_some_and(|print| alias.matches(&print))
        });
        let mut names: Vec<String> = stored.chain(pending.map(|((_, key), _)| key.clone())).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    fn around(&self, range: AddressRange) -> Result<Option<Vec<u8>>> {
        let found = updates::around(self.read, self.source, class_of(range), &ends(range))?;
        Ok(found.map(|(_, text)| text))
    }

    fn of_class(&self, class: &str) -> Result<Vec<Vec<u8>>> {
        let found = updates::of_class(self.read, self.source, class, MANY)?;
        Ok(found.into_iter().map(|(_, text)| text).collect())
    }
}

/// The class of networks of the range's family.
pub(crate) fn class_of(range: AddressRange) -> &'static str {
    if range.is_ipv4() { "inetnum" } else { "inet6num" }
}

/// The ends of a range as the database keeps them.
pub(crate) fn ends(range: AddressRange) -> Ends {
    let bytes = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        std::net::IpAddr::V6(address) => address.octets(),
    };
    (bytes(range.first()), bytes(range.last()))
}

/// The names that all attributes `attribute` of an object hold, in their one spelling, each once.
pub(crate) fn names(object: &Object<'_>, attribute: AttributeName) -> Vec<String> {
    let mut names = Vec::new();
    for value in object.all(attribute.as_str()) {
        for name in rpsl::template::normal_terms(attribute, &value.value()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The names that `new` holds and `old` does not.
pub(crate) fn added(
    old: Option<&Object<'_>>,
    new: Option<&Object<'_>>,
    attribute: AttributeName,
) -> Vec<String> {
    let before = old.map(|object| names(object, attribute)).unwrap_or_default();
    let now = new.map(|object| names(object, attribute)).unwrap_or_default();
    now.into_iter().filter(|name| !before.contains(name)).collect()
}

/// The mail addresses in all attributes `attribute` of an object, in lower case, each once.
pub(crate) fn mailboxes(object: &Object<'_>, attribute: AttributeName) -> Vec<String> {
    names(object, attribute)
}
