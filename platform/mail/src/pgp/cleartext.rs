//! Cleartext signatures (RFC 4880 section 7): `-----BEGIN PGP SIGNED MESSAGE-----` in a mail's body.
//!
//! Read here and not by the library: mails come in any character set where it asks for UTF-8, and it takes a time
//! that grows with the square of the text.

use memchr::memmem;

use super::{PublicKey, Verdict, check::check, limits, packets};

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// A signed text found in a larger one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleartext {
    /// Only this was signed: dash escapes undone, blanks at line ends gone, lines ending with CRLF. The mail's own
    /// character set.
    pub text: Vec<u8>,
    /// One verdict per signature, at least one.
    pub verdicts: Vec<Verdict>,
    /// Text stands before or after the signed one, which nobody vouches for: show it apart.
    pub has_text_around: bool,
}

/// Finds the first cleartext-signed text in `body` and judges its signatures as [`super::verify_detached`] does; none
/// when there is none.
pub fn verify_cleartext(body: &[u8], candidates: &[PublicKey], at: i64) -> Option<Cleartext> {
    let start = line(body, BEGIN, 0)?;
    let rest = &body[start..];
    let after_begin = next_line(rest, 0);
    let blank = |around: &[u8]| around.iter().all(u8::is_ascii_whitespace);
    let whole = |text: Vec<u8>, verdicts, end: usize| Cleartext {
        text,
        verdicts,
        has_text_around: !blank(&body[..start]) || !blank(&rest[end..]),
    };
    let headers_end = match armor_headers(rest, after_begin) {
        Ok(end) => end,
        Err(why) => return Some(whole(Vec::new(), vec![Verdict::Malformed(why.into())], after_begin)),
    };
    let Some(signature_start) = line(rest, SIGNATURE, headers_end) else {
        let why = Verdict::Malformed("the signed text has no signature, it is cut off".into());
        return Some(whole(unescape(&rest[headers_end..]), vec![why], rest.len()));
    };
    let signature_end = line(rest, END, signature_start).map_or(rest.len(), |at| next_line(rest, at));
    let text = unescape(&rest[headers_end..signature_start]);
    let verdicts = match packets::signatures(&rest[signature_start..signature_end]) {
        Ok(signatures) => {
            signatures.iter().map(|signature| check(signature, &[&text], candidates, at)).collect()
        }
        Err(why) => vec![Verdict::Malformed(why)],
    };
    Some(whole(text, verdicts, signature_end))
}

/// Where the first line that starts with `mark` begins, from `from` on.
fn line(text: &[u8], mark: &[u8], from: usize) -> Option<usize> {
    let mut found = memmem::find_iter(&text[from..], mark).map(|at| at + from);
    found.find(|at| *at == 0 || matches!(text[at - 1], b'\n' | b'\r'))
}

/// Where the line after the one at `from` begins.
fn next_line(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at + 1)
}

/// Passes over the `Hash:` lines and the blank line after them. Any other line here would be shown as if it were
/// signed while it is not.
fn armor_headers(text: &[u8], mut from: usize) -> Result<usize, &'static str> {
    for _ in 0..limits::SIGNATURES {
        let end = next_line(text, from);
        let header = text[from..end].trim_ascii();
        if header.is_empty() {
            return Ok(end);
        }
        let names = header.strip_prefix(b"Hash:").ok_or("a header other than Hash stands in it")?;
        if !names.iter().all(|c| c.is_ascii_alphanumeric() || b"-, ".contains(c)) {
            return Err("its Hash header is not one");
        }
        from = end;
    }
    Err("it has too many headers")
}

/// The text as it was signed (RFC 4880 section 7.1): without dash escapes, without blanks at line ends, without the
/// last line end, lines ending with CRLF.
fn unescape(escaped: &[u8]) -> Vec<u8> {
    let escaped =
        escaped.strip_suffix(b"\n").map_or(escaped, |text| text.strip_suffix(b"\r").unwrap_or(text));
    let mut text = Vec::with_capacity(escaped.len() + escaped.len() / 32);
    for (number, line) in escaped.split(|c| *c == b'\n').enumerate() {
        if number > 0 {
            text.extend_from_slice(b"\r\n");
        }
        let line = line.strip_prefix(b"- ").unwrap_or(line);
        let end = line.iter().rposition(|c| !matches!(c, b' ' | b'\t' | b'\r')).map_or(0, |last| last + 1);
        text.extend_from_slice(&line[..end]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_unescaped() {
        assert_eq!(unescape(b"- -----BEGIN\n- dash  \r\nplain\t\n\n"), b"-----BEGIN\r\ndash\r\nplain\r\n");
        assert_eq!(unescape(b""), b"");
        assert_eq!(unescape(b"one\n"), b"one");
    }

    #[test]
    fn a_line_that_would_look_signed_spoils_it() {
        let body = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\nPay: 1000\n\ntext\n-----BEGIN PGP SIGNATURE-----\n\n";
        let found = verify_cleartext(body, &[], 0).unwrap();
        assert_eq!(found.verdicts, [Verdict::Malformed("a header other than Hash stands in it".into())]);
        assert!(found.text.is_empty());
    }

    #[test]
    fn a_cut_off_text_is_shown_and_not_vouched_for() {
        let found =
            verify_cleartext(b"hello\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext\n", &[], 0)
                .unwrap();
        assert_eq!(found.text, b"text");
        assert!(found.has_text_around);
        assert!(matches!(found.verdicts[..], [Verdict::Malformed(_)]));
        assert_eq!(verify_cleartext(b"quoted: -----BEGIN PGP SIGNED MESSAGE-----", &[], 0), None);
    }
}
