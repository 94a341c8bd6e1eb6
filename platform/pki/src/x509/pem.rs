//! PEM (RFC 7468), read leniently: text around the blocks and lines of any length are taken.

use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};

/// More blocks than this are not looked at.
const MOST: usize = 16;

/// The blocks of `text` in order, each with its label and its bytes; what is no base64 is left out.
pub fn blocks(text: &str) -> Vec<(String, Vec<u8>)> {
    let mut rest = text;
    let mut found = Vec::new();
    while found.len() < MOST
        && let Some((_, after)) = rest.split_once("-----BEGIN ")
        && let Some((label, body)) = after.split_once("-----")
        && let Some((body, after)) = body.split_once("-----END ")
    {
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        if let Ok(bytes) = BASE64_MIME_PERMISSIVE.decode(body.as_bytes()) {
            found.push((label.to_owned(), bytes));
        }
        rest = after;
    }
    found
}

/// `bytes` as one block under `label`.
pub fn armour(label: &str, bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes);
    let mut lines = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    lines + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_armoured_is_read_again_also_with_other_line_ends(bytes: Vec<u8>, text: String) {
            let armoured = armour("CERTIFICATE", &bytes);
            let expected = vec![("CERTIFICATE".to_owned(), bytes)];
            proptest::prop_assert_eq!(&blocks(&armoured), &expected);
            proptest::prop_assert_eq!(&blocks(&format!("a chain:\r\n{}", armoured.replace('\n', "\r\n"))), &expected);
            blocks(&text);
        }
    }
}
