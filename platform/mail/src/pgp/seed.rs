//! Randomness as a parameter.

use rand::{SeedableRng, rngs::StdRng};

/// 32 random bytes from which one operation draws all its randomness. It is used up by the call, because two messages
/// under one session key, or two keys with one secret, must not happen: draw a fresh one from the system for each.
pub struct Seed([u8; 32]);

impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Self {
        Seed(bytes)
    }
}

impl Seed {
    /// The generator (ChaCha) that starts from this seed.
    pub(super) fn into_rng(self) -> StdRng {
        StdRng::from_seed(self.0)
    }
}
