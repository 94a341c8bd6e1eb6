//! An object's text line by line, with links to what it names.

use rpsl::template::AttributeName;

use crate::browse::{Known, Whole};

/// Lines of an object that a page shows.
const MOST: usize = 3_000;

/// A line.
pub(super) struct Line {
    pub(super) parts: Vec<Part>,
    /// It is the introducer's remark, derived now.
    pub(super) derived: bool,
}

/// A piece of a line.
pub(super) struct Part {
    pub(super) text: String,
    pub(super) href: Option<String>,
    /// It names an object that there is not.
    pub(super) missing: bool,
}

/// The lines of the object as it is shown.
pub(super) fn lines(whole: &Whole, derived: &[String]) -> Vec<Line> {
    let mut attribute = None;
    let lines = whole.shown.split(|byte| *byte == b'\n').map(rpsl::decode).take(MOST);
    let mut lines: Vec<Line> = lines
        .map(|line| {
            let line = line.trim_end();
            let begins = !line.starts_with([' ', '\t', '+', '#', '%']);
            let (head, value) = match line.split_once(':').filter(|_| begins) {
                Some((name, value)) => {
                    attribute = AttributeName::long(name);
                    (&line[..=name.len()], value)
                }
                None => ("", line),
            };
            let mut parts = vec![Part { text: head.to_owned(), href: None, missing: false }];
            match attribute.filter(|attribute| !attribute.references().is_empty()) {
                Some(attribute) => tokens(value, &mut |token| parts.push(part(whole, attribute, token))),
                None => parts.push(Part { text: value.to_owned(), href: None, missing: false }),
            }
            let is_derived =
                attribute == Some(AttributeName::Remarks) && derived.iter().any(|text| *text == value.trim());
            Line { parts, derived: is_derived }
        })
        .collect();
    while lines.last().is_some_and(|line| line.parts.iter().all(|part| part.text.is_empty())) {
        lines.pop();
    }
    lines
}

fn part(whole: &Whole, attribute: AttributeName, token: &str) -> Part {
    let known = whole.names.get(&(attribute, token.to_uppercase()));
    Part {
        text: token.to_owned(),
        href: match known {
            Some(Known::There(id)) => Some(id.path()),
            _ => None,
        },
        missing: known == Some(&Known::Missing),
    }
}

/// Calls `each` with every word and with what stands between, in order; a comment is one piece.
fn tokens(value: &str, each: &mut dyn FnMut(&str)) {
    let (value, comment) = value.split_at(value.find('#').unwrap_or(value.len()));
    let separates = |char: char| char == ',' || char.is_whitespace();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let blank = separates(first);
        let end = rest.find(|char| separates(char) != blank).unwrap_or(rest.len());
        each(&rest[..end]);
        rest = &rest[end..];
    }
    if !comment.is_empty() {
        each(comment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_cut_into_words_and_nothing_of_it_is_lost() {
        let cut = |value: &str| {
            let mut pieces = Vec::new();
            tokens(value, &mut |piece| pieces.push(piece.to_owned()));
            pieces
        };
        assert_eq!(cut("  A-MNT,B-MNT # ours"), ["  ", "A-MNT", ",", "B-MNT", " ", "# ours"]);
        assert_eq!(cut(""), [""; 0]);
        for value in ["ä, ö #", "#", " , ,", "IRT-X"] {
            assert_eq!(cut(value).concat(), value);
        }
    }
}
