//! Transfer encodings (RFC 2045 section 6) and charsets: bytes of a part into its content, content into UTF-8.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, charsets::map::charset_decoder, quoted_printable};

/// Undoes the transfer encoding. The flag tells that it was damaged and read leniently.
pub(super) fn transfer<'r>(body: &'r [u8], encoding: &str) -> (Cow<'r, [u8]>, bool) {
    match encoding {
        "base64" => match base64_decode(body) {
            Some(bytes) => (Cow::Owned(bytes), false),
            None => (Cow::Owned(lenient_base64(body)), true),
        },
        "quoted-printable" => match quoted_printable::quoted_printable_decode(body) {
            Some(bytes) => (Cow::Owned(bytes), false),
            None => (Cow::Owned(lenient_quoted_printable(body)), true),
        },
        _ => (Cow::Borrowed(body), false),
    }
}

/// Passes over what is not in the alphabet, and over padding in the middle (concatenated encodings).
fn lenient_base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let mut clean = Vec::with_capacity(body.len());
    let mut flush = |clean: &mut Vec<u8>| {
        // One letter alone carries no whole byte.
        if clean.len() % 4 == 1 {
            clean.pop();
        }
        out.extend(base64_decode(clean).unwrap_or_default());
        clean.clear();
    };
    for &b in body {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => clean.push(b),
            b'=' => flush(&mut clean),
            _ => (),
        }
    }
    flush(&mut clean);
    out
}

/// Leaves an `=` that encodes nothing as it is (RFC 2045 section 6.7 note 4).
fn lenient_quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if b != b'=' {
            out.push(b);
            continue;
        }
        let byte = match tail {
            [a, b, ..] => quoted_printable::quoted_printable_decode_char(*a, *b),
            _ => None,
        };
        if let Some(byte) = byte {
            out.push(byte);
            rest = &tail[2..];
            continue;
        }
        let spaces = tail.iter().take(100).take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        match tail.get(spaces) {
            Some(b'\n') => rest = &tail[spaces + 1..],
            _ => out.push(b'='),
        }
    }
    out
}

/// Content as UTF-8. `charset` is what the mail says; the flag tells that it names no charset known here. Without a usable
/// name: UTF-16 by its byte order mark, UTF-8 if it is valid, else Windows-1252, which gives every byte a character.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> (String, bool) {
    let charset = charset.map(|c| c.trim().trim_matches(['"', '\'']));
    let named = charset.filter(|c| !is_utf8(c));
    let decoder = named.and_then(|c| charset_decoder(c.as_bytes()));
    let unknown = named.is_some_and(|c| !c.is_empty()) && decoder.is_none();
    // What is valid UTF-8 beyond ASCII is hardly anything else, whatever a single-byte label says; ISO-2022 and UTF-7
    // are ASCII and go by the label.
    let text = match (decoder, std::str::from_utf8(bytes)) {
        (Some(decode), _) if !bytes.is_empty() => decode(bytes),
        (_, Ok(text)) => text.to_owned(),
        _ => guess(bytes),
    };
    (text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text), unknown)
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

fn guess(bytes: &[u8]) -> String {
    let name: &[u8] =
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") { b"utf-16" } else { b"cp1252" };
    charset_decoder(name).map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_encodings_give_what_can_be_had() {
        let (bytes, damaged) = transfer(b"SGVs!bG8=\r\nIHdvcmxk", "base64");
        assert_eq!(&*bytes, b"Hello world");
        assert!(damaged);
        let (bytes, _) = transfer(b"SGVsbG8=\r\nIHdvcmxk\r\n", "base64");
        assert_eq!(&*bytes, b"Hello world", "what stands after the padding is not lost");
        let (bytes, damaged) = transfer(b"SGVsbG8=\r\n \r\n", "base64");
        assert_eq!((&*bytes, damaged), (b"Hello".as_slice(), false));
        let (bytes, damaged) = transfer(b"50=% of =\r\nit=3D=C3=A4", "quoted-printable");
        assert_eq!(&*bytes, "50=% of it=ä".as_bytes());
        assert!(damaged);
    }

    #[test]
    fn bytes_without_a_true_charset_still_become_text() {
        assert_eq!(text("grün".as_bytes(), None).0, "grün");
        assert_eq!(text(b"gr\xfcn", None).0, "grün");
        assert_eq!(text(b"gr\xfcn", Some("x-nonsense")), ("grün".into(), true));
        assert_eq!(text(b"\xff\xfea\0,\0", None).0, "a,");
        assert_eq!(text(b"\xef\xbb\xbfip,time", Some("utf-8")).0, "ip,time");
    }
}
