//! The small words of the protocol: a registry's name, a session, a hash.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Error;

/// The name of a registry, as its objects have it in `source:` (RFC 2622 section 2: an object name: letters, digits,
/// `_` and `-`, beginning with a letter and ending with a letter or digit). Compared in upper case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(String);

impl Source {
    const LONGEST: usize = 80;

    /// As text, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let inside = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        let first = bytes.first().is_some_and(u8::is_ascii_alphabetic);
        let last = bytes.last().is_some_and(u8::is_ascii_alphanumeric);
        if !inside || !first || !last || bytes.len() > Self::LONGEST {
            return Err(Error::value(
                "source",
                "not a registry's name: letters, digits, - and _, a letter first",
            ));
        }
        Ok(Self(text.to_ascii_uppercase()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A session of a server: as long as it lasts, versions count on without a gap (a UUID of version 4, RFC 9562
/// section 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    /// The session of these 16 random bytes.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl FromStr for SessionId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::value(
                "session_id",
                "not a UUID of version 4, such as ca128382-78d9-41d1-8927-1ecef15275be",
            )
        };
        let id = Uuid::try_parse(text).map_err(|_| wrong())?;
        if id.get_version_num() != 4 || text.len() != 36 {
            return Err(wrong());
        }
        Ok(Self(id))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The SHA-256 of a file as it lies on the server, compressed if it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| Error::value("hash", "not a SHA-256 in 64 hexadecimal digits"))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Written and read as the text that `Display` and `FromStr` speak.
macro_rules! as_text {
    ($($name:ty),+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

as_text!(Source, SessionId, Hash, crate::RelativeUrl);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registrys_name_is_an_object_name() {
        for good in ["RIPE", "ripe", "WARD-TEST", "A1_B"] {
            assert_eq!(good.parse::<Source>().unwrap().as_str(), good.to_ascii_uppercase());
        }
        for bad in ["", "1A", "-A", "A-", "A B", "../A", "Ä", &"A".repeat(81)] {
            assert!(bad.parse::<Source>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_session_is_a_random_uuid_and_nothing_else() {
        let id = SessionId::from_random([7; 16]);
        assert_eq!(id.to_string().parse::<SessionId>().unwrap(), id);
        for bad in ["", "ca12838278d941d189271ecef15275be", "ca128382-78d9-11d1-8927-1ecef15275be"] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hash_is_of_the_bytes() {
        let hash = Hash::of(b"abc");
        assert_eq!(hash.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash.to_string().to_uppercase().parse::<Hash>().unwrap(), hash);
        assert!("ba78".parse::<Hash>().is_err());
    }
}
