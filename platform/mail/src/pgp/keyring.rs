//! The keys at hand, as opening a mail asks for them.

use super::{Decrypted, Protection, PublicKey, SecretKey, Verdict, decrypt, mime, verify_cleartext};
use crate::unlock::{SignatureVerdict, Unlock, Unlocked};

/// Keys held in memory for opening mail at one moment.
#[derive(Debug, Clone)]
pub struct KeyRing<'a> {
    /// The keys of those who write to us.
    pub public: &'a [PublicKey],
    /// Our own.
    pub secret: &'a [SecretKey],
    /// When the mail is read, Unix seconds.
    pub at: i64,
}

impl Unlock for KeyRing<'_> {
    fn verify_detached(&self, signed: &[u8], signature: &[u8]) -> Vec<SignatureVerdict> {
        told(&mime::verify_mime(signed, signature, self.public, self.at))
    }

    fn verify_inline(&self, cleartext: &[u8]) -> Vec<SignatureVerdict> {
        let found = verify_cleartext(cleartext, self.public, self.at);
        told(&found.map_or_else(
            || vec![Verdict::Malformed("there is no signed text".into())],
            |found| found.verdicts,
        ))
    }

    fn decrypt(&self, message: &[u8]) -> Result<Unlocked, String> {
        let opened = decrypt(message, self.secret, self.public, self.at).map_err(|why| why.to_string())?;
        let words = protection(&opened);
        Ok(Unlocked { signatures: told(&opened.signatures), bytes: opened.bytes, words })
    }
}

fn told(verdicts: &[Verdict]) -> Vec<SignatureVerdict> {
    let told = verdicts.iter().map(|verdict| SignatureVerdict {
        good: verdict.is_good(),
        key: match verdict {
            Verdict::UnknownKey { key_id } => Some(key_id.clone()),
            _ => verdict.signer().map(|signer| signer.fingerprint.clone()),
        },
        signer: verdict.signer().map(|signer| signer.user_id.clone()),
        signed_at: verdict.signed_at(),
        words: verdict.to_string(),
    });
    told.collect()
}

fn protection(opened: &Decrypted) -> String {
    let keys = opened.recipients.join(", ");
    match opened.protection {
        Protection::None => "not encrypted".into(),
        Protection::ModificationDetected => format!("encrypted for {keys}; not altered on the way"),
        Protection::Authenticated => format!("encrypted and authenticated for {keys}"),
    }
}
