//! Randomness and identifiers as parameters.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Clock;

/// Where random bytes come from.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A secret of `N` random bytes, written in lower-case base32 without padding (5 bits a character), so
    /// that it survives mail systems that change the case of an address.
    fn token<const N: usize>(&self) -> String
    where
        Self: Sized,
    {
        random_token::<N>(self)
    }
}

/// A secret of `N` bytes from `random` in lower-case base32; see [`Random::token`].
pub fn random_token<const N: usize>(random: &dyn Random) -> String {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the kernel's generator does not fail once the system has booted");
    }
}

/// A reproducible sequence: for tests and samples only.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// The sequence that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // SplitMix64 (Steele, Lea, Flood 2014): one addition and a mix for each eight bytes.
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mixed = (z ^ (z >> 31)).to_le_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

/// The identifier of anything stored: a UUIDv7 (RFC 9562), so that rows made together lie together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(uuid::Uuid);

impl Id {
    /// A new identifier from the time and 74 random bits.
    pub fn new(clock: &dyn Clock, random: &dyn Random) -> Self {
        let mut bytes = [0; 10];
        random.fill(&mut bytes);
        let millis = u64::try_from(clock.now() / 1_000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// The identifier made of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// Its sixteen bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map(Self)
            .map_err(|_| crate::Error::invalid("id", format!("{text:?} is not an identifier")))
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl rusqlite::ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(rusqlite::types::ValueRef::Blob(self.0.as_bytes())))
    }
}

impl rusqlite::types::FromSql for Id {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let bytes: [u8; 16] = bytes.try_into().map_err(|_| {
            rusqlite::types::FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() }
        })?;
        Ok(Self::from_bytes(bytes))
    }
}

impl postgres::types::ToSql for Id {
    fn to_sql(
        &self,
        ty: &postgres::types::Type,
        out: &mut bytes::BytesMut,
    ) -> Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        postgres::types::ToSql::to_sql(&self.0, ty, out)
    }

    fn accepts(ty: &postgres::types::Type) -> bool {
        <uuid::Uuid as postgres::types::ToSql>::accepts(ty)
    }

    postgres::types::to_sql_checked!();
}

impl<'a> postgres::types::FromSql<'a> for Id {
    fn from_sql(
        ty: &postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        <uuid::Uuid as postgres::types::FromSql>::from_sql(ty, raw).map(Self)
    }

    fn accepts(ty: &postgres::types::Type) -> bool {
        <uuid::Uuid as postgres::types::FromSql>::accepts(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn ids_made_later_sort_later() {
        let (clock, random) = (ManualClock::new(1_700_000_000_000_000), SeededRandom::new(1));
        let first = Id::new(&clock, &random);
        clock.advance(crate::clock::SECOND);
        let second = Id::new(&clock, &random);
        assert!(first < second);
        assert_eq!(first.to_string().parse::<Id>().unwrap(), first);
    }

    #[test]
    fn a_token_has_five_bits_a_character_and_no_capitals() {
        let token = SeededRandom::new(7).token::<15>();
        assert_eq!(token.len(), 24);
        assert!(token.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
    }
}
