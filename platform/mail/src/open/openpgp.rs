//! Signed and encrypted mail: PGP/MIME (RFC 3156) and PGP inline. The keys are behind [`crate::unlock::Unlock`].

use memchr::memmem;

use super::file::{File, type_by_name};
use super::{Level, Opening, decode, entity, multipart};
use crate::message::{Part, PartKind, SignatureForm, SignatureInfo};
use crate::unlock::{SignatureVerdict, Unlocked};

const MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";
const MESSAGE_END: &str = "-----END PGP MESSAGE-----";
const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNED_END: &str = "-----END PGP SIGNATURE-----";

/// Whether a file is an OpenPGP message: armoured, or starting with a packet that a message can start with (a session
/// key, encrypted data; RFC 4880 section 11.3).
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(2_000)];
    if memmem::find(head, MESSAGE.as_bytes()).is_some() {
        return true;
    }
    let Some(&first) = bytes.first() else { return false };
    let tag = if first & 0x40 != 0 { first & 0x3f } else { (first & 0x3c) >> 2 };
    first & 0x80 != 0 && matches!(tag, 1 | 3 | 9 | 18)
}

impl Opening<'_> {
    /// `multipart/signed`: hands the first part, byte by byte as it came, to the verifier.
    pub(super) fn signed(&mut self, mime: &entity::Mime, body: &[u8], boundary: &str, path: &str) {
        let mut parts = multipart::Parts::new(body, boundary);
        let (Some(signed), Some(signature)) = (parts.next(), parts.next()) else {
            return self.note("a signed multipart without a signature", path, None);
        };
        let split = entity::split_part(signature);
        let signature_mime = entity::Mime::read(split.header, "application/octet-stream");
        let place = if path.is_empty() { "1".to_owned() } else { path.trim_end_matches('/').to_owned() };
        let protocol = [mime.protocol.as_str(), signature_mime.content_type.as_str()];
        if protocol.iter().any(|p| p.contains("pkcs7-signature")) {
            let words = "S/MIME signature: not checked, S/MIME is not supported yet".to_owned();
            let verdict = SignatureVerdict { good: false, key: None, signer: None, signed_at: None, words };
            self.opened.signatures.push(SignatureInfo { path: place, form: SignatureForm::Smime, verdict });
            return;
        }
        if !protocol.iter().any(|p| p.contains("pgp-signature")) || !self.may_verify(&place) {
            return;
        }
        let (signature, _) = decode::transfer(split.body, &signature_mime.encoding);
        let verdicts = self.unlock.verify_detached(signed, &signature);
        self.signatures(&place, SignatureForm::PgpMime, verdicts);
    }

    /// `multipart/encrypted`: true when it was one of PGP/MIME and is dealt with.
    pub(super) fn pgp_mime_encrypted(
        &mut self,
        body: &[u8],
        boundary: &str,
        path: &str,
        level: Level,
    ) -> bool {
        let mut parts = multipart::Parts::new(body, boundary);
        let (Some(control), Some(encrypted)) = (parts.next(), parts.next()) else { return false };
        let control = entity::Mime::read(entity::split_part(control).header, "");
        let split = entity::split_part(encrypted);
        let mime = entity::Mime::read(split.header, "application/octet-stream");
        let (bytes, _) = decode::transfer(split.body, &mime.encoding);
        if control.content_type != "application/pgp-encrypted" && !is_message(&bytes) {
            return false;
        }
        let path = super::child(path, 2);
        let listed = self.list_encrypted(&path, "multipart/encrypted", None, &bytes);
        if let Some(unlocked) = listed.then(|| self.unlocked(&path, &bytes)).flatten()
            && let Some(level) = self.deeper(level, &path)
        {
            self.mail(&unlocked.bytes, &format!("{path}/decrypted/"), level);
        }
        true
    }

    /// An attached OpenPGP message, already listed: its content is the file whose name is left without `.pgp`.
    pub(super) fn pgp_message(&mut self, path: &str, file: &File<'_>) {
        let Some(unlocked) = self.unlocked(path, file.bytes) else { return };
        let Some(level) = self.deeper(file.level, path) else { return };
        let name = file.name.as_deref().unwrap_or("decrypted");
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        self.file(File {
            path: format!("{path}/{name}"),
            content_type: type_by_name(name).to_owned(),
            name: Some(name.to_owned()),
            charset: None,
            bytes: &unlocked.bytes,
            kind: PartKind::Attachment,
            level,
        });
    }

    /// Armoured blocks inside a text that is already listed.
    pub(super) fn inline_pgp(&mut self, path: &str, file: &File<'_>) {
        let mut rest = file.bytes;
        while let Some(start) = memmem::find(rest, b"-----BEGIN PGP ") {
            let at_line_start = start == 0 || matches!(rest[start - 1], b'\n' | b' ' | b'>');
            let block = &rest[start..];
            let is_message = block.starts_with(MESSAGE.as_bytes());
            let is_signed = block.starts_with(SIGNED.as_bytes());
            if !at_line_start || !(is_message || is_signed) {
                rest = &block[1..];
                continue;
            }
            let ending = if is_message { MESSAGE_END } else { SIGNED_END };
            let Some(end) = memmem::find(block, ending.as_bytes()).map(|e| e + ending.len()) else {
                return self.note("an OpenPGP block without its end", path, None);
            };
            if is_signed {
                if !self.may_verify(path) {
                    return;
                }
                let around = [&file.bytes[..file.bytes.len() - block.len()], &block[end..]];
                if around.iter().any(|text| !text.trim_ascii().is_empty()) {
                    self.note("text stands outside the signature, and nobody vouches for it", path, None);
                }
                let verdicts = self.unlock.verify_inline(&block[..end]);
                self.signatures(path, SignatureForm::PgpInline, verdicts);
            } else if let Some(unlocked) = self.unlocked(path, &block[..end])
                && let Some(level) = self.deeper(file.level, path)
            {
                let charset = file.charset.clone();
                self.file(File {
                    path: format!("{path}/decrypted"),
                    content_type: "text/plain".into(),
                    name: None,
                    charset,
                    bytes: &unlocked.bytes,
                    kind: PartKind::Body,
                    level,
                });
            }
            rest = &block[end..];
        }
    }

    fn list_encrypted(&mut self, path: &str, content_type: &str, name: Option<String>, bytes: &[u8]) -> bool {
        use sha2::Digest;
        let path = self.unique(path.to_owned());
        let part = Part {
            path,
            content_type: content_type.to_owned(),
            name,
            size: bytes.len() as u64,
            sha256: data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes)),
            text: None,
            kind: PartKind::Encrypted,
        };
        self.push(part, bytes)
    }

    /// The plaintext, or a note why it stays closed.
    fn unlocked(&mut self, path: &str, message: &[u8]) -> Option<Unlocked> {
        if self.full {
            return None;
        }
        if self.decrypt_left == 0 {
            self.note("more encrypted messages than are opened", path, Some(self.limits.crypto));
            return None;
        }
        self.decrypt_left -= 1;
        match self.unlock.decrypt(message) {
            Ok(mut unlocked) => {
                if !unlocked.words.is_empty() {
                    self.note(unlocked.words.clone(), path, None);
                }
                let verdicts = std::mem::take(&mut unlocked.signatures);
                self.signatures(path, SignatureForm::PgpEncrypted, verdicts);
                Some(unlocked)
            }
            Err(why) => {
                self.note(format!("encrypted, and stays closed: {why}"), path, None);
                None
            }
        }
    }

    fn may_verify(&mut self, path: &str) -> bool {
        if self.verify_left == 0 {
            self.note("more signatures than are checked", path, Some(self.limits.crypto));
            return false;
        }
        self.verify_left -= 1;
        true
    }

    fn signatures(&mut self, path: &str, form: SignatureForm, verdicts: Vec<SignatureVerdict>) {
        let infos =
            verdicts.into_iter().map(|verdict| SignatureInfo { path: path.to_owned(), form, verdict });
        self.opened.signatures.extend(infos);
    }
}
