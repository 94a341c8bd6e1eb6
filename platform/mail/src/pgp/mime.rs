//! PGP/MIME (RFC 3156): the bytes that are signed, and the names that stand in the headers.

use std::borrow::Cow;

pub use super::verify::verify_mime;

/// `protocol` of `multipart/signed`, and the type of its second part.
pub const SIGNATURE_TYPE: &str = "application/pgp-signature";
/// `protocol` of `multipart/encrypted`, and the type of its first part.
pub const ENCRYPTED_TYPE: &str = "application/pgp-encrypted";
/// The first part of `multipart/encrypted` (RFC 3156 section 4).
pub const ENCRYPTED_CONTROL: &str = "Version: 1\r\n";

/// `part` with every line end as CRLF (RFC 3156 section 5: signed in canonical text form). A lone CR ends a line too,
/// as mail systems rewrite it. Nothing else is touched: trailing blanks are part of what is signed.
pub fn canonical_text(part: &[u8]) -> Cow<'_, [u8]> {
    let ends_are_crlf = memchr::memchr2_iter(b'\r', b'\n', part).all(|at| match part[at] {
        b'\r' => part.get(at + 1) == Some(&b'\n'),
        _ => at > 0 && part[at - 1] == b'\r',
    });
    if ends_are_crlf {
        return Cow::Borrowed(part);
    }
    let mut text = Vec::with_capacity(part.len() + part.len() / 32);
    let mut from = 0;
    for at in memchr::memchr2_iter(b'\r', b'\n', part) {
        // The LF of a CRLF is already written
        if at < from {
            continue;
        }
        text.extend_from_slice(&part[from..at]);
        text.extend_from_slice(b"\r\n");
        from = if part[at] == b'\r' && part.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 };
    }
    text.extend_from_slice(&part[from..]);
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_crlf() {
        assert_eq!(canonical_text(b"a\nb\r\nc\rd \n").as_ref(), b"a\r\nb\r\nc\r\nd \r\n");
        assert_eq!(canonical_text(b"\n\n").as_ref(), b"\r\n\r\n");
        assert_eq!(canonical_text(b"\r\r\n").as_ref(), b"\r\n\r\n");
        assert_eq!(canonical_text(b"").as_ref(), b"");
    }

    #[test]
    fn what_is_canonical_is_not_copied() {
        assert!(matches!(canonical_text(b"a\r\nb\r\n"), Cow::Borrowed(_)));
        assert!(matches!(canonical_text(b"a\n"), Cow::Owned(_)));
    }

    proptest::proptest! {
        #[test]
        fn canonical_text_stays_canonical(part: Vec<u8>) {
            let once = canonical_text(&part).into_owned();
            let twice = canonical_text(&once);
            proptest::prop_assert_eq!(twice.as_ref(), &once[..]);
        }
    }
}
