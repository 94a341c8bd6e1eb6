//! PGP/MIME (RFC 3156): `multipart/signed` and `multipart/encrypted`.

use sha2::{Digest, Sha256};

use super::{ComposeError, Outgoing, boundary, checks, content, header};
use crate::pgp::mime::{ENCRYPTED_CONTROL, ENCRYPTED_TYPE, SIGNATURE_TYPE, canonical_text};
use crate::pgp::{PublicKey, SecretKey, Seed, SignatureMode, encrypt, encrypt_and_sign};

/// How a mail is protected.
#[derive(Clone, Copy)]
pub struct Protection<'k> {
    /// Signs with this key.
    pub sign: Option<&'k SecretKey>,
    /// Encrypts to these keys; empty for a mail in the clear. Our own key belongs here if we want to read the mail again.
    pub encrypt_to: &'k [&'k PublicKey],
    /// When it is signed, Unix seconds; the keys must be valid then.
    pub at: i64,
    /// What stands in the open as subject of an encrypted mail; the real one is inside. `None`: the real one.
    pub outer_subject: Option<&'k str>,
}

impl std::fmt::Debug for Protection<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Protection")
            .field("sign", &self.sign.is_some())
            .field("encrypt_to", &self.encrypt_to.len())
            .finish()
    }
}

/// Writes a mail signed, encrypted, or signed and then encrypted in one message (RFC 3156 section 6.2). `seed` is used up:
/// 32 random bytes, fresh for each mail, since the session key comes from it.
///
/// # Errors
/// [`ComposeError`]: a value that cannot be written, or a key that cannot be used at that time, with its date.
pub fn protect(
    mail: &Outgoing,
    seed: &[u8; 32],
    protection: &Protection<'_>,
) -> Result<Vec<u8>, ComposeError> {
    checks::check(mail)?;
    if let Some(subject) = protection.outer_subject {
        checks::check(&Outgoing { subject: subject.to_owned(), ..mail.clone() })?;
    }
    if !protection.encrypt_to.is_empty() {
        return encrypted(mail, seed, protection);
    }
    match protection.sign {
        Some(key) => signed(mail, seed, key, protection.at),
        None => Err(ComposeError::NoProtection),
    }
}

fn signed(mail: &Outgoing, seed: &[u8; 32], key: &SecretKey, at: i64) -> Result<Vec<u8>, ComposeError> {
    let entity = content(mail, seed, None);
    // The line end before the boundary belongs to the boundary and is not signed.
    let entity = canonical_text(&entity).into_owned();
    let signature = key.sign_detached(&entity, SignatureMode::Binary, at)?;
    let boundary = boundary(seed, "signed", [entity.as_slice()].into_iter());
    let mut out = header(mail, &mail.subject);
    let micalg = signature.micalg;
    out.extend_from_slice(
        format!(
            "Content-Type: multipart/signed; micalg={micalg};\r\n\tprotocol=\"{SIGNATURE_TYPE}\";\r\n\t\
             boundary=\"{boundary}\"\r\n\r\n\
             This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\r\n--{boundary}\r\n"
        )
        .as_bytes(),
    );
    out.extend_from_slice(&entity);
    out.extend_from_slice(
        format!(
            "\r\n--{boundary}\r\nContent-Type: {SIGNATURE_TYPE}; name=\"signature.asc\"\r\n\
             Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n"
        )
        .as_bytes(),
    );
    out.extend_from_slice(&canonical_text(signature.armored.as_bytes()));
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok(out)
}

fn encrypted(mail: &Outgoing, seed: &[u8; 32], protection: &Protection<'_>) -> Result<Vec<u8>, ComposeError> {
    let entity = content(mail, seed, Some(&mail.subject));
    let drawn: [u8; 32] = Sha256::new().chain_update(seed).chain_update("session").finalize().into();
    let armored = match protection.sign {
        Some(key) => encrypt_and_sign(protection.encrypt_to, key, &entity, protection.at, Seed::from(drawn))?,
        None => encrypt(protection.encrypt_to, &entity, protection.at, Seed::from(drawn))?,
    };
    let boundary = boundary(seed, "encrypted", [armored.as_bytes()].into_iter());
    let mut out = header(mail, protection.outer_subject.unwrap_or(&mail.subject));
    out.extend_from_slice(
        format!(
            "Content-Type: multipart/encrypted;\r\n\tprotocol=\"{ENCRYPTED_TYPE}\";\r\n\tboundary=\"{boundary}\"\r\n\r\n\
             This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\r\n--{boundary}\r\n\
             Content-Type: {ENCRYPTED_TYPE}\r\nContent-Description: PGP/MIME version identification\r\n\r\n\
             {ENCRYPTED_CONTROL}\r\n--{boundary}\r\n\
             Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
             Content-Description: OpenPGP encrypted message\r\n\
             Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n"
        )
        .as_bytes(),
    );
    out.extend_from_slice(&canonical_text(armored.as_bytes()));
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Ok(out)
}
