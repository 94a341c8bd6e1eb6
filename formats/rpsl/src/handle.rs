//! Names of objects: handles, compared without regard to case.

use std::fmt;
use std::hash::{Hash, Hasher};

/// The name of an object (`IRT-EXAMPLE`, `EX1-TEST`, `ORG-EX1-TEST`). Keeps the spelling for people;
/// equality, order and hash ignore ASCII case, as the registries do.
#[derive(Debug, Clone)]
pub struct Handle(String);

impl Handle {
    /// Bytes of the longest name taken; the registries' own limits are 80 and fewer.
    pub const LONGEST: usize = 255;

    /// Takes a name: 1 to [`Handle::LONGEST`] bytes, no control characters, no blanks at the ends.
    /// Blanks inside are allowed, since old objects name a person where a handle should stand.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&name.len());
        let clean = !name.chars().any(char::is_control) && name.trim().len() == name.len();
        (fits && clean).then(|| Self(name.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in upper case: what to store and look up as a key.
    pub fn to_key(&self) -> String {
        self.0.to_ascii_uppercase()
    }

    fn folded(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.bytes().map(|byte| byte.to_ascii_uppercase())
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Handle {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl PartialEq<str> for Handle {
    fn eq(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq<&str> for Handle {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Eq for Handle {}

impl Hash for Handle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.folded() {
            state.write_u8(byte);
        }
        state.write_u8(0xFF);
    }
}

impl PartialOrd for Handle {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Handle {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}
