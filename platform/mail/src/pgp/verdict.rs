//! What a handler is told about a signature.

use std::fmt;

use super::words::date;

/// The key that made a signature, as far as it is known to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Fingerprint of the main key, upper-case hex.
    pub fingerprint: String,
    /// Main user id; empty when the key certifies none.
    pub user_id: String,
    /// Addresses of all user ids that the key upholds, lower-case.
    pub emails: Vec<String>,
}

impl Signer {
    /// Is this the key of the mail address `sender`? A good signature by *somebody else's* key proves nothing about the
    /// sender, so ask this before showing a mail as signed by its `From`.
    pub fn is(&self, sender: &str) -> bool {
        let sender = sender.trim().to_lowercase();
        self.emails.contains(&sender)
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.user_id.as_str() {
            "" => write!(f, "key {}", self.fingerprint),
            user_id => write!(f, "{user_id}, key {}", self.fingerprint),
        }
    }
}

/// What happened to a key after it had made a good signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// It has ended; Unix seconds.
    Expired(i64),
    /// Its owner has replaced or retired it; Unix seconds and the reason in words.
    Withdrawn(i64, String),
}

/// The verdict about one signature. `Display` says it in a sentence for the handler. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Right, and made while the key was valid.
    Good {
        /// Whose.
        signer: Signer,
        /// When the signature says it was made.
        signed_at: i64,
        /// How long the key is good, by what held when it signed; none when it does not expire.
        key_valid_until: Option<i64>,
        /// What has happened to the key since.
        since: Option<Since>,
    },
    /// The data are not what was signed.
    BadSignature {
        /// Whose it claims to be.
        signer: Signer,
    },
    /// We do not have this key.
    UnknownKey {
        /// Fingerprint when the signature gives it, else the key id; upper-case hex.
        key_id: String,
    },
    /// Made after the key had expired.
    KeyExpired {
        /// Whose.
        signer: Signer,
        /// When the signature says it was made.
        signed_at: i64,
        /// When the key expired.
        on: i64,
    },
    /// Made with a key whose owner has revoked it.
    KeyRevoked {
        /// Whose.
        signer: Signer,
        /// When the signature says it was made.
        signed_at: i64,
        /// When the key was revoked.
        on: i64,
        /// The owner's reason, in words.
        reason: String,
    },
    /// Says that it was made before its key existed.
    BeforeKey {
        /// Whose.
        signer: Signer,
        /// When the signature says it was made.
        signed_at: i64,
        /// When the key was made.
        from: i64,
    },
    /// The key is too weak, or was never meant to sign; `why` is a clause.
    WeakKey {
        /// Whose.
        signer: Signer,
        /// In words.
        why: String,
    },
    /// The digest can be forged.
    WeakDigest {
        /// Whose it claims to be.
        signer: Signer,
        /// Its name: SHA1, MD5, RIPEMD160.
        digest: String,
    },
    /// Says that it is made in the future.
    MadeInFuture {
        /// Whose.
        signer: Signer,
        /// When the signature says it is made.
        signed_at: i64,
    },
    /// The signer let it end.
    SignatureExpired {
        /// Whose.
        signer: Signer,
        /// When it ended.
        on: i64,
    },
    /// Made with an algorithm or in a format that is not known here.
    Unsupported(String),
    /// Not a signature at all, or a damaged one.
    Malformed(String),
}

impl Verdict {
    /// True for [`Verdict::Good`]: right, and the key was valid.
    pub fn is_good(&self) -> bool {
        matches!(self, Verdict::Good { .. })
    }

    /// True for [`Verdict::Good`] when the part that signed is good still: who has an old key of somebody else's could put any
    /// day into a signature.
    pub fn is_good_now(&self) -> bool {
        matches!(self, Verdict::Good { since: None, .. })
    }

    /// Whose signature it is, or claims to be, when we have the key.
    pub fn signer(&self) -> Option<&Signer> {
        use Verdict as V;
        match self {
            V::Good { signer, .. } | V::BadSignature { signer } | V::KeyExpired { signer, .. } => {
                Some(signer)
            }
            V::KeyRevoked { signer, .. } | V::BeforeKey { signer, .. } | V::WeakKey { signer, .. } => {
                Some(signer)
            }
            V::WeakDigest { signer, .. } | V::MadeInFuture { signer, .. } => Some(signer),
            V::SignatureExpired { signer, .. } => Some(signer),
            V::UnknownKey { .. } | V::Unsupported(_) | V::Malformed(_) => None,
        }
    }

    /// When the signature says it was made, where that is known and means something.
    pub fn signed_at(&self) -> Option<i64> {
        use Verdict as V;
        match self {
            V::Good { signed_at, .. } | V::KeyExpired { signed_at, .. } | V::KeyRevoked { signed_at, .. } => {
                Some(*signed_at)
            }
            V::BeforeKey { signed_at, .. } | V::MadeInFuture { signed_at, .. } => Some(*signed_at),
            _ => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Verdict as V;
        match self {
            V::Good { signer, signed_at, key_valid_until, since } => {
                write!(f, "good signature by {signer}, made {}, ", date(*signed_at))?;
                match (since, key_valid_until) {
                    (Some(Since::Expired(on)), _) => write!(f, "key good then, expired since {}", date(*on)),
                    (Some(Since::Withdrawn(on, why)), _) => {
                        write!(f, "key good then, withdrawn {}: {why}", date(*on))
                    }
                    (None, Some(until)) => write!(f, "key good until {}", date(*until)),
                    (None, None) => f.write_str("key does not expire"),
                }
            }
            V::BadSignature { signer } => {
                write!(
                    f,
                    "bad signature: this is not what {signer} signed; it was changed on the way, or is forged"
                )
            }
            V::UnknownKey { key_id } => write!(f, "signed with a key that is not known here: {key_id}"),
            V::KeyExpired { signer, signed_at, on } => {
                let (made, on) = (date(*signed_at), date(*on));
                write!(f, "not to be relied on: made {made} by {signer}, whose key had expired on {on}")
            }
            V::KeyRevoked { signer, signed_at, on, reason } => {
                let (made, on) = (date(*signed_at), date(*on));
                write!(
                    f,
                    "not to be relied on: made {made} by {signer}, whose key is revoked since {on}: {reason}"
                )
            }
            V::BeforeKey { signer, signed_at, from } => {
                let (made, from) = (date(*signed_at), date(*from));
                write!(
                    f,
                    "not to be relied on: says it was made {made}, before its key existed ({from}), by {signer}"
                )
            }
            V::WeakKey { signer, why } => write!(f, "not to be relied on: by {signer}; {why}"),
            V::WeakDigest { signer, digest } => {
                write!(f, "not to be relied on: by {signer}, made with {digest}, which can be forged")
            }
            V::MadeInFuture { signer, signed_at } => {
                write!(f, "not to be relied on: by {signer}, dated in the future, {}", date(*signed_at))
            }
            V::SignatureExpired { signer, on } => {
                write!(f, "no longer valid: by {signer}, who let this signature end on {}", date(*on))
            }
            V::Unsupported(what) => write!(f, "signature not checked: {what}"),
            V::Malformed(what) => write!(f, "not a readable signature: {what}"),
        }
    }
}
