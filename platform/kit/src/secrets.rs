//! Secrets at rest: keys, one-time-code seeds and passwords of relays are sealed under a key that is not in
//! the database.

use std::io::Write as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ring::hmac;

use crate::{Error, Random, Result};

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Secrets {
    cipher: XChaCha20Poly1305,
    marks: hmac::Key,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Secrets under `key`.
    pub fn new(key: [u8; 32]) -> Self {
        // One key for each use: what is marked tells nothing of what is sealed.
        let marks = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), b"wardmote marks");
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            marks: hmac::Key::new(hmac::HMAC_SHA256, marks.as_ref()),
        }
    }

    /// Makes the file at `path` with a new key, readable by its owner alone.
    ///
    /// # Errors
    /// It cannot be made, or is there already: a key is never written over.
    pub fn make_file(path: &Path, random: &dyn Random) -> Result<()> {
        let mut key = [0; 32];
        random.fill(&mut key);
        make_private(path, &data_encoding::HEXLOWER.encode(&key))
            .map_err(|error| Error::io(format!("writing {}", path.display()), error))
    }

    /// Secrets under the key in the file at `path` (32 bytes in hex).
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn from_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::io(format!("reading {}", path.display()), error))?;
        let key = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
        let key: [u8; 32] = key.and_then(|key| key.try_into().ok()).ok_or_else(|| {
            Error::Corrupt(format!("{} should hold 32 bytes in hexadecimal digits", path.display()))
        })?;
        Ok(Self::new(key))
    }

    /// `plain`, sealed so that it opens only for the same `purpose` (such as `team-key:skerry`).
    pub fn seal(&self, purpose: &str, plain: &[u8], random: &dyn Random) -> Vec<u8> {
        let mut sealed = vec![0; 24];
        random.fill(&mut sealed);
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let body = self.cipher.encrypt(XNonce::from_slice(&sealed), payload);
        sealed.extend(body.expect("the cipher refuses only what is longer than 256 GB"));
        sealed
    }

    /// A mark of `data` that only this node can make, and only for this `purpose`: HMAC-SHA-256 (RFC 2104). It need not
    /// be kept, for it is always the same.
    pub fn mark(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        let mut mark = [0; 32];
        mark.copy_from_slice(hmac::sign(&self.marks, &marked(purpose, data)).as_ref());
        mark
    }

    /// Whether `mark` is that of `data` for this `purpose`, compared in constant time.
    pub fn is_mark(&self, purpose: &str, data: &[u8], mark: &[u8]) -> bool {
        hmac::verify(&self.marks, &marked(purpose, data), mark).is_ok()
    }

    /// What was sealed for `purpose`.
    ///
    /// # Errors
    /// It was sealed under another key or for another purpose, or was altered.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let failed =
            || Error::Corrupt(format!("the secret for {purpose} was sealed under another key, or altered"));
        let (nonce, body) = sealed.split_at_checked(24).ok_or_else(failed)?;
        let payload = Payload { msg: body, aad: purpose.as_bytes() };
        self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| failed())
    }
}

/// Purpose and data, kept apart by the length of the first.
fn marked(purpose: &str, data: &[u8]) -> Vec<u8> {
    [&(purpose.len() as u64).to_be_bytes()[..], purpose.as_bytes(), data].concat()
}

/// Writes `text` to a new file that its owner alone can read.
///
/// # Errors
/// It is there already, or cannot be written.
pub(crate) fn make_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_secret_opens_only_for_its_purpose_and_unaltered() {
        let (secrets, random) = (Secrets::new([7; 32]), SeededRandom::new(1));
        let mut sealed = secrets.seal("totp:kes", b"seed", &random);
        assert_eq!(secrets.open("totp:kes", &sealed).unwrap(), b"seed");
        assert!(secrets.open("totp:jor", &sealed).is_err());
        assert!(Secrets::new([8; 32]).open("totp:kes", &sealed).is_err());
        sealed[30] ^= 1;
        assert!(secrets.open("totp:kes", &sealed).is_err());
        assert!(secrets.open("totp:kes", b"short").is_err());
    }

    #[test]
    fn a_mark_is_always_the_same_and_another_for_all_else() {
        let secrets = Secrets::new([7; 32]);
        let mark = secrets.mark("claim", b"skerry.example");
        assert!(secrets.is_mark("claim", b"skerry.example", &mark));
        assert_eq!(Secrets::new([7; 32]).mark("claim", b"skerry.example"), mark);
        for other in
            [secrets.mark("claims", b"kerry.example"), Secrets::new([8; 32]).mark("claim", b"skerry.example")]
        {
            assert!(!secrets.is_mark("claim", b"skerry.example", &other));
        }
        assert!(
            !secrets.is_mark("claim", b"skerry.example", &mark[..31]) && !secrets.is_mark("claim", b"", b"")
        );
    }

    #[test]
    fn the_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let random = SeededRandom::new(1);
        assert!(Secrets::from_file(&path).is_err(), "a key that is lost is not made anew");
        Secrets::make_file(&path, &random).unwrap();
        let sealed = Secrets::from_file(&path).unwrap().seal("x", b"y", &random);
        assert!(Secrets::make_file(&path, &random).is_err());
        assert_eq!(Secrets::from_file(&path).unwrap().open("x", &sealed).unwrap(), b"y");
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
