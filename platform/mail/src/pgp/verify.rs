//! Detached signatures.

use super::{PublicKey, Verdict, check::check, mime, packets};

/// Judges each signature in `signature` (armoured or binary) over `data`, against the keys in `candidates`, as read at
/// `at`, Unix seconds. There is always at least one verdict, and at most [`super::limits::SIGNATURES`].
///
/// The time that counts for the key is the one at which the signature says it was made: a key that has expired since
/// keeps its good signatures, one that is revoked as compromised loses them.
pub fn verify_detached(data: &[u8], signature: &[u8], candidates: &[PublicKey], at: i64) -> Vec<Verdict> {
    verify(&[data], signature, candidates, at)
}

/// As [`verify_detached`], for the first part of a `multipart/signed` mail (RFC 3156 section 5) as it stands in the
/// mail, from its own header to before the line end that precedes the boundary. Line ends are made CRLF; a line end
/// too much or too few at the very end, on which mail programs disagree, does no harm.
pub fn verify_mime(part: &[u8], signature: &[u8], candidates: &[PublicKey], at: i64) -> Vec<Verdict> {
    let text = mime::canonical_text(part);
    let shorter = text.strip_suffix(b"\r\n").unwrap_or(&text);
    let longer = [&text[..], b"\r\n"].concat();
    verify(&[&text, shorter, &longer], signature, candidates, at)
}

fn verify(data: &[&[u8]], signature: &[u8], candidates: &[PublicKey], at: i64) -> Vec<Verdict> {
    match packets::signatures(signature) {
        Ok(signatures) => signatures.iter().map(|signature| check(signature, data, candidates, at)).collect(),
        Err(why) => vec![Verdict::Malformed(why)],
    }
}
