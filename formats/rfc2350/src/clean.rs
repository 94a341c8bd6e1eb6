//! From bytes to lines that can be looked at.

/// The text of `bytes`: UTF-8 where it is, else one character per byte (ISO 8859-1), with line ends as LF, tabs as
/// blanks, and without control characters.
pub(crate) fn text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let raw = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                text.push('\n');
            }
            // A page's end, as in documents that were made to be printed.
            '\n' | '\u{c}' | '\u{2028}' | '\u{2029}' | '\u{85}' => text.push('\n'),
            '\t' => text.push_str("        "),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => text.push(' '),
            '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            c if c.is_control() || is_direction_mark(c) => {}
            c => text.push(c),
        }
    }
    text
}

/// They could make a line look like another.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// The text within a cleartext signature (RFC 4880, section 7), also where its line breaks were lost; none without one.
/// It says nothing of the signature: that is over the original bytes.
pub(crate) fn signed(text: &str) -> Option<String> {
    let start = match text.trim_start().starts_with(SIGNED) {
        true => text.find(SIGNED)?,
        false => text.find(&format!("\n{SIGNED}"))? + 1,
    };
    let mut rest = text[start + SIGNED.len()..].trim_start();
    while let Some(after) = rest.strip_prefix("Hash:") {
        let names = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ',';
        let after = after.trim_start();
        rest = after.trim_start_matches(names).trim_start();
        // "Hash: SHA256, SHA512"
        while after.len() - rest.len() > 1 && after[..after.len() - rest.len()].trim_end().ends_with(',') {
            let shorter = rest.trim_start_matches(names).trim_start();
            if shorter.len() == rest.len() {
                break;
            }
            rest = shorter;
        }
    }
    let end = rest.find(SIGNATURE).unwrap_or(rest.len());
    let lines = rest[..end]
        .lines()
        .map(|line| line.strip_prefix("- ").filter(|line| line.starts_with('-')).unwrap_or(line));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Lines as one text: what all are indented by taken away, no blanks at line ends, no more than one empty line in a
/// row, none at the ends.
pub(crate) fn body<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> String {
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let least = lines.clone().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    let mut text = String::new();
    let mut is_blank_before = false;
    for line in lines {
        let line = line.get(least..).unwrap_or_default().trim_end();
        if line.is_empty() {
            is_blank_before = true;
            continue;
        }
        if !text.is_empty() {
            text.push_str(if is_blank_before { "\n\n" } else { "\n" });
        }
        text.push_str(line);
        is_blank_before = false;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_signed_text_is_taken_out_of_its_armour_also_when_flat() {
        let signed_text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n1. Contact\n- --dash\n-----BEGIN PGP SIGNATURE-----\n\nabc\n";
        assert_eq!(signed(signed_text).unwrap(), "1. Contact\n--dash");
        assert_eq!(
            signed("-----BEGIN PGP SIGNED MESSAGE----- Hash: SHA256 Lab CERT 1. Contact").unwrap(),
            "Lab CERT 1. Contact"
        );
        assert_eq!(signed("   -----BEGIN PGP SIGNED MESSAGE-----\nx").unwrap(), "x");
        assert_eq!(signed("text\n -----BEGIN PGP SIGNED MESSAGE-----"), None);
    }

    #[test]
    fn bytes_of_any_kind_become_lines() {
        assert_eq!(text(b"a\r\nb\rc\x0cd\x00\x07"), "a\nb\nc\nd");
        assert_eq!(text(b"caf\xe9"), "café");
        assert_eq!(body("\n\n  a\n    b\n\n\n  c  \n".lines()), "a\n  b\n\nc");
    }
}
