//! OpenPGP for a team's mail: whose key is this and may it be used today, who signed this mail and was the key good
//! then, open what was encrypted to us, sign and encrypt what we send.
//!
//! Everything here is a synchronous function of its arguments: time comes in as Unix seconds, randomness as a
//! [`Seed`]; nothing touches a disk, a network or a clock. rPGP does packets and cryptography, rpgpie checks the
//! self-signatures of a key; *when* a key was good is decided in [`validity`], because rpgpie asks the system clock.
//!
//! | Standard | Part | State |
//! |---|---|---|
//! | RFC 4880, 9580 | v4 keys: parse, judge, generate (Ed25519 + Curve25519, as GnuPG 2.2 reads them) | done |
//! | RFC 9580 | v6 keys and signatures, SEIPD v2 | read, not written: GnuPG 2.2 does not know them |
//! | RFC 4880 5.2 | signatures detached, inline, cleartext | read and verify all; write detached and inline |
//! | RFC 4880 5.13 | encrypted data with integrity (SEIPD v1) | read and write |
//! | RFC 4880 5.7 | encrypted data without integrity | refused on purpose: it can be altered unseen (EFAIL) |
//! | RFC 4880 5.3 | messages encrypted to a password | refused: nobody here knows one |
//! | RFC 4880 5.2.3.15 | revocation by a third key | not honoured |
//! | RFC 4880 9.1 | ElGamal | not supported; such a key cannot be encrypted to |
//! | RFC 4880 9.3 | bzip2 | not supported; our keys do not ask for it |
//! | RFC 3156 | PGP/MIME: text as it is signed, names of digests | done in [`mime`] |
//! | GnuPG | OCB packets (type 20) | not supported; our keys do not ask for them |
//!
//! # Example
//! ```
//! use mail::pgp::{decrypt, encrypt, verify_detached, KeyParams, SecretKey, Seed, SignatureMode, Verdict};
//!
//! let noon = 1_790_000_000;
//! let team = SecretKey::generate(&KeyParams { user_id: "EXAMPLE-CERT <cert@cert.example>".into(), created: noon, expires: None },
//!     Seed::from([1; 32]))?;
//! let signed = team.sign_detached(b"text\r\n", SignatureMode::Binary, noon + 60)?;
//! let verdicts = verify_detached(b"text\r\n", signed.armored.as_bytes(), &[team.public().clone()], noon + 120);
//! assert!(matches!(verdicts[0], Verdict::Good { .. }));
//!
//! let sealed = encrypt(&[team.public()], b"the list", noon + 60, Seed::from([2; 32]))?;
//! assert_eq!(decrypt(sealed.as_bytes(), &[team], &[], noon + 120)?.bytes, b"the list");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod armor;
mod check;
mod cleartext;
mod decrypt;
mod encrypt;
mod generate;
mod history;
mod keyring;
mod merge;
pub mod mime;
mod packets;
mod public;
mod secret;
mod seed;
mod sign;
mod signed;
pub mod validity;
mod verdict;
mod verify;
mod words;

pub use cleartext::{Cleartext, verify_cleartext};
pub use decrypt::{Bounds, Decrypted, OpenError, Protection, decrypt, decrypt_within};
pub use encrypt::{EncryptError, encrypt, encrypt_and_sign};
pub use generate::KeyParams;
pub use keyring::KeyRing;
pub use public::{KeyError, Parsed, PublicKey};
pub use secret::SecretKey;
pub use seed::Seed;
pub use sign::{DetachedSignature, SignError, SignatureMode};
pub use signed::{Signed, signed_over, was_signed_over};
pub use validity::Validity;
pub use verdict::{Signer, Verdict};
pub use verify::verify_detached;

/// Limits on what foreign bytes may make us do. Each function that applies one says so.
pub mod limits {
    /// A file with public keys: 16 MiB. The largest honest single keys, with thousands of certifications, have 2 MiB.
    pub const KEY_FILE_BYTES: usize = 16 << 20;
    /// Keys read from one file.
    pub const KEYS_PER_FILE: usize = 2_000;
    /// Packets in one OpenPGP message layer, and in one signature file.
    pub const PACKETS: usize = 1_000;
    /// Signatures that a key may claim to have made over itself; each costs a public-key operation.
    pub const SELF_SIGNATURES: usize = 500;
    /// Signatures checked on one message.
    pub const SIGNATURES: usize = 8;
    /// Session keys that are tried with our secret keys (a message to many hidden recipients).
    pub const SESSION_KEY_TRIALS: usize = 32;
    /// Encryption, compression and signature layers inside each other.
    pub const DEPTH: usize = 8;
    /// An encrypted or signed message as it arrives: 48 MiB, a 30 MiB mail in base64 and more.
    pub const MESSAGE_BYTES: usize = 48 << 20;
    /// All that comes out of the compressed layers of one message: 64 MiB.
    pub const DECOMPRESSED_BYTES: u64 = 64 << 20;
    /// A detached signature.
    pub const SIGNATURE_BYTES: usize = 256 << 10;
    /// A user id, in bytes, as it is shown.
    pub const USER_ID_BYTES: usize = 1_000;
}
