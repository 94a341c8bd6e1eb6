//! What [`crate::open`] asks of a key store. Opening a mail knows no keys: whoever does passes an [`Unlock`].

/// The answer about one signature, in fields for rules and in words for the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureVerdict {
    /// The signature is mathematically right *and* its key was valid when it was made.
    pub good: bool,
    /// Fingerprint of the signing key in upper-case hex, or its key id when the key is not known.
    pub key: Option<String>,
    /// User id of the key, as it stands on the key.
    pub signer: Option<String>,
    /// When the signature says it was made, Unix seconds.
    pub signed_at: Option<i64>,
    /// Which key, whose, valid when, and what is wrong if anything.
    pub words: String,
}

/// What an encrypted message held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlocked {
    /// The plaintext.
    pub bytes: Vec<u8>,
    /// Verdicts on signatures inside the encryption.
    pub signatures: Vec<SignatureVerdict>,
    /// In words: for which keys it was encrypted, and whether its integrity was protected.
    pub words: String,
}

/// Verifies and decrypts. Implementations bound their own work (decompression, packet nesting).
pub trait Unlock {
    /// Checks a detached signature (armoured or binary) over `signed`: the first part of a `multipart/signed` as it stands
    /// in the mail, from its header to before the line end that precedes the boundary. Making line ends CRLF (RFC 3156
    /// section 5) is the implementation's. One verdict per signature found.
    fn verify_detached(&self, signed: &[u8], signature: &[u8]) -> Vec<SignatureVerdict>;

    /// Checks a cleartext-signed text, given from `-----BEGIN PGP SIGNED MESSAGE-----` to `-----END PGP SIGNATURE-----`.
    fn verify_inline(&self, cleartext: &[u8]) -> Vec<SignatureVerdict>;

    /// Decrypts an OpenPGP message, armoured or binary.
    ///
    /// # Errors
    /// In words, why it stays closed: for which keys it is encrypted, or what is damaged.
    fn decrypt(&self, message: &[u8]) -> Result<Unlocked, String>;
}

/// A node without keys: signatures are listed as unchecked, encrypted parts stay closed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl Unlock for NoKeys {
    fn verify_detached(&self, _: &[u8], _: &[u8]) -> Vec<SignatureVerdict> {
        vec![unchecked()]
    }

    fn verify_inline(&self, _: &[u8]) -> Vec<SignatureVerdict> {
        vec![unchecked()]
    }

    fn decrypt(&self, _: &[u8]) -> Result<Unlocked, String> {
        Err("there is no key here to decrypt it with".into())
    }
}

fn unchecked() -> SignatureVerdict {
    SignatureVerdict {
        good: false,
        key: None,
        signer: None,
        signed_at: None,
        words: "signature not checked: no keys are known here".into(),
    }
}
