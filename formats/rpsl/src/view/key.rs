use std::fmt;

use crate::error::Notes;
use crate::object::Attribute;
use crate::view::fields;

/// A reference to a `key-cert` object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyReference {
    /// `PGPKEY-…`: hexadecimal digits in upper case: 8 (the short id, which can be forged: it names a key,
    /// it does not prove one), 16, or a whole fingerprint of 40 or 64.
    Pgp(String),
    /// `X509-n`: a certificate.
    X509(u32),
    /// `AUTO-n`: to be named by the registry; only in updates.
    Auto(u32),
}

impl KeyReference {
    /// Reads the name of a `key-cert`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once('-')?;
        let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        match kind.to_ascii_uppercase().as_str() {
            "PGPKEY"
                if matches!(id.len(), 8 | 16 | 40 | 64)
                    && id.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
            {
                Some(Self::Pgp(id.to_ascii_uppercase()))
            }
            "X509" if digits => id.parse().ok().map(Self::X509),
            "AUTO" if digits => id.parse().ok().map(Self::Auto),
            _ => None,
        }
    }
}

/// What a [`KeyReference`] leads to among the keys that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved<T> {
    /// No key.
    None,
    /// This one.
    One(T),
    /// Several keys end alike: the alias must be refused, and the whole fingerprint asked for.
    Ambiguous,
}

impl KeyReference {
    /// Whether the name is a key's whole fingerprint, or an X.509 number: it can mean one key only. An alias of 8 or
    /// 16 digits, of which other keys can be made, is not.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Pgp(digits) => digits.len() >= 40,
            Self::X509(_) => true,
            Self::Auto(_) => false,
        }
    }

    /// Whether the name may mean the OpenPGP key with this fingerprint (40 or 64 hexadecimal digits in any case,
    /// without blanks): the fingerprint itself, or an alias of it. The id of a version 4 key is the end of its
    /// fingerprint, of a version 5 or 6 key the beginning (RFC 9580 section 5.5.4); the short id is the id's end.
    pub fn matches(&self, fingerprint: &str) -> bool {
        let Self::Pgp(digits) = self else { return false };
        if !fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        let is = |part: Option<&str>| part.is_some_and(|part| part.eq_ignore_ascii_case(digits));
        match fingerprint.len() {
            40 => is(fingerprint.get(40usize.saturating_sub(digits.len())..)),
            64 if digits.len() == 8 => is(fingerprint.get(..8)) || is(fingerprint.get(8..16)),
            64 if matches!(digits.len(), 16 | 64) => is(fingerprint.get(..digits.len())),
            _ => false,
        }
    }

    /// Finds the key that is meant among those known, by their fingerprints; the same key may come twice.
    pub fn resolve<T: Copy + AsRef<str>>(&self, fingerprints: impl IntoIterator<Item = T>) -> Resolved<T> {
        let mut found: Option<T> = None;
        for fingerprint in fingerprints {
            if self.matches(fingerprint.as_ref()) {
                match found {
                    Some(other) if !other.as_ref().eq_ignore_ascii_case(fingerprint.as_ref()) => {
                        return Resolved::Ambiguous;
                    }
                    _ => found = Some(fingerprint),
                }
            }
        }
        found.map_or(Resolved::None, Resolved::One)
    }
}

impl fmt::Display for KeyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pgp(id) => write!(f, "PGPKEY-{id}"),
            Self::X509(number) => write!(f, "X509-{number}"),
            Self::Auto(number) => write!(f, "AUTO-{number}"),
        }
    }
}

/// One `auth:`: how a change is authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// Signed with this key.
    Key(KeyReference),
    /// A password. Its hash stays in the object's bytes and goes no further.
    Password,
    /// An account of the registry's single sign-on; its name, when it was not left out.
    Sso(Option<String>),
    /// A method of another registry or time (`MAIL-FROM`, `NONE`, …); its name.
    Other(String),
}

/// Adds the keys of `signature:` or `encryption:`.
pub(super) fn keys(list: &mut Vec<KeyReference>, attribute: &Attribute<'_>, notes: &mut Notes) {
    for item in attribute.items() {
        let Some(key) = KeyReference::parse(&item) else {
            notes.add(
                attribute.name(),
                attribute.line(),
                fields::not("a key such as PGPKEY-1A2B3C4D", &item),
            );
            continue;
        };
        if !fields::push(list, key, attribute, notes) {
            return;
        }
    }
}

/// Adds one `auth:`.
pub(super) fn auth(list: &mut Vec<Auth>, attribute: &Attribute<'_>, notes: &mut Notes) {
    let value = attribute.value();
    let mut words = value.split_ascii_whitespace();
    let Some(method) = words.next() else { return };
    let auth = match method.to_ascii_uppercase().as_str() {
        "MD5-PW" | "CRYPT-PW" | "BCRYPT-PW" => Auth::Password,
        "SSO" => Auth::Sso(words.next().map(str::to_owned)),
        _ => match KeyReference::parse(method) {
            Some(key) => Auth::Key(key),
            None if method.len() <= 32 => Auth::Other(method.to_owned()),
            None => {
                return notes.add(
                    attribute.name(),
                    attribute.line(),
                    fields::not("a way to authorise", &value),
                );
            }
        },
    };
    fields::push(list, auth, attribute, notes);
}
