//! Bytes to text: UTF-8 where it is valid, else Latin-1, which is what registry dumps are written in.

use std::borrow::Cow;

/// Decodes one line. Valid UTF-8 is taken as it is; anything else is Latin-1 (ISO 8859-1), in which every
/// byte is the code point of the same number, so that this never fails.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Whether the line holds nothing but blanks (and a carriage return).
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// Whether the line is a comment: `%` (server remarks) or `#` (RFC 2622) in the first column.
pub(crate) fn is_comment(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'%' | b'#'))
}

/// Whether the line goes on with the attribute before it (RFC 2622 section 2: space, tab or plus sign).
pub(crate) fn is_continuation(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t' | b'+'))
}
