//! Single attributes as text.

use std::fmt::Write;

use crate::object::Attribute;
use crate::template::AttributeName;

/// The column in which values begin, as in the registries' answers.
const COLUMN: usize = 16;

/// One attribute as text, ended by `\n`: the name padded to 16 columns, and the value. A value of several lines goes on
/// in lines that begin with as many blanks; an empty one among them with `+`, so that it does not end the object.
/// Control characters are left out.
pub fn line(name: &str, value: &str) -> String {
    let mut text = format!("{name}:");
    for (number, part) in value.trim_end().split('\n').enumerate() {
        // first the control characters: blanks that stood between them must not make a line that ends the object
        let part: String = part.chars().filter(|char| !char.is_control() || *char == '\t').collect();
        let part = part.trim();
        // writing to a String cannot fail
        let _ = match (number, part.is_empty()) {
            (0, true) => Ok(()),
            // a long name leaves no room: one blank
            (0, false) => {
                write!(text, "{:width$}{part}", "", width = COLUMN.saturating_sub(text.len()).max(1))
            }
            (_, true) => text.write_str("\n+"),
            (_, false) => write!(text, "\n{:COLUMN$}{part}", ""),
        };
    }
    text.push('\n');
    text
}

/// An attribute with its short name, as answers to `-F` show it: `*mb: EXAMPLE-MNT`, without the blanks before the
/// value; ended by `\n`. Attributes without a short name keep theirs.
pub fn brief(attribute: &Attribute<'_>) -> Vec<u8> {
    let name = match AttributeName::long(attribute.name()) {
        Some(name) => format!("*{}:", name.short()),
        None => format!("{}:", attribute.name()),
    };
    let value = attribute.raw_value().trim_ascii();
    let mut text = name.into_bytes();
    if !value.is_empty() {
        text.push(b' ');
        text.extend_from_slice(value);
    }
    text.push(b'\n');
    text
}

/// Puts a word in the place of another in the value of an attribute, given with all its lines.
pub(super) fn replace_item(raw: &mut Vec<u8>, from: &str, to: &str) -> usize {
    let Some(colon) = memchr::memchr(b':', raw) else { return 0 };
    if from.is_empty() {
        return 0;
    }
    let mut written = raw[..=colon].to_vec();
    let mut count = 0;
    for line in raw[colon + 1..].split_inclusive(|&byte| byte == b'\n') {
        let comment = memchr::memchr(b'#', line).unwrap_or(line.len());
        let mut rest = &line[..comment];
        while !rest.is_empty() {
            let is_word = |byte: u8| !byte.is_ascii_whitespace() && byte != b',';
            let length =
                rest.iter().position(|&byte| is_word(byte) != is_word(rest[0])).unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            let meant = word.eq_ignore_ascii_case(from.as_bytes());
            count += usize::from(meant);
            written.extend_from_slice(if meant { to.as_bytes() } else { word });
            rest = after;
        }
        written.extend_from_slice(&line[comment..]);
    }
    *raw = written;
    count
}
