//! JSON that cannot be read in two ways: no member stands twice in an object (RFC 7515, section 4 asks for it).

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Most members of one object.
const MEMBERS: usize = 200;

/// Reads `text` through. How deep it goes is bounded by the reader itself (128).
///
/// # Errors
/// It is no JSON, or a member stands twice in an object.
pub(super) fn check(text: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<Once>(text).map(drop)
}

/// Any value, looked at and forgotten.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if seen.len() == MEMBERS {
                return Err(A::Error::custom("an object has too many members"));
            }
            members.next_value::<Once>()?;
            if !seen.insert(name) {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_is_found_at_any_depth() {
        assert!(check(br#"{"a":[{"b":1,"c":null,"d":"x"}],"b":1.5,"c":true,"d":-3}"#).is_ok());
        assert!(check(br#"{"a":[{"b":1,"b":1}]}"#).is_err());
        assert!(check(br#"{"a":1,"\u0061":2}"#).is_err());
        assert!(check("[".repeat(10_000).as_bytes()).is_err());
        assert!(check(b"{} x").is_err());
    }
}
