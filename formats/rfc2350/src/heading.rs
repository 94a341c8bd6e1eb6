//! Which lines are headings.

use crate::Section;
use crate::section::{begins_a_title, is_small};

/// Longest title of a section that the outline does not know, in bytes.
const LONG_TITLE: usize = 100;

/// A line that may be a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heading<'a> {
    /// A section of the outline. What follows the title on the same line, such as `CET` in `2.3 Time Zone: CET`.
    Known { section: Section, is_numbered: bool, rest: &'a str },
    /// A number with a title that the outline does not have; only the context says whether it is a heading.
    Other { number: Number, title: &'a str },
}

/// `2.11` is 2 and 11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) chapter: u8,
    /// Of the first level below; none in a chapter's own number.
    pub(crate) section: Option<u8>,
}

/// What `line` is the heading of.
pub(crate) fn heading(line: &str) -> Option<Heading<'_>> {
    let line = unadorned(line);
    let Some((number, rest)) = number(line) else {
        let section = Section::by_title(title_of(line))?;
        return Some(Heading::Known { section, is_numbered: false, rest: "" });
    };
    let title = title_of(rest);
    if let Some(section) = Section::by_title(title) {
        return Some(Heading::Known { section, is_numbered: true, rest: "" });
    }
    let split = [": ", " - ", " – ", " — "]
        .iter()
        .filter_map(|mark| rest.split_once(mark))
        .min_by_key(|(before, _)| before.len());
    if let Some((before, after)) = split
        && let Some(section) = Section::by_title(before)
    {
        return Some(Heading::Known { section, is_numbered: true, rest: after.trim() });
    }
    let is_title = title.len() <= LONG_TITLE
        && title.split_whitespace().count() <= 12
        && title.starts_with(char::is_uppercase)
        && !title.ends_with(['.', ',', ';', ':', '-']);
    is_title.then_some(Heading::Other { number, title })
}

/// A heading of the outline within a line, as where all line breaks were lost: number and title at the beginning of
/// `text`. Gives the length of both.
pub(crate) fn inner(text: &str) -> Option<(Section, usize)> {
    let (_, rest) = number(text)?;
    let ends = word_ends(rest);
    // "Time Zone" is one word in a title's plain form.
    if !ends.iter().take(2).filter_map(|end| rest.get(..*end)).any(begins_a_title) {
        return None;
    }
    // The longest title counts: "Incident Reporting Forms" begins with one, too.
    ends.iter().rev().find_map(|end| {
        let title = rest.get(..*end)?;
        // Small words do not count in a title; behind it they are the text's own first ones.
        if title.rsplit(char::is_whitespace).next().is_some_and(is_small) {
            return None;
        }
        Some((Section::by_title(title)?, text.len() - rest.len() + end))
    })
}

/// Where the first words of `text` end, at most as many as the longest title has.
fn word_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::with_capacity(10);
    let mut in_word = false;
    for (at, c) in text.char_indices().take(120) {
        if c.is_whitespace() && in_word {
            ends.push(at);
            if ends.len() == 10 {
                return ends;
            }
        }
        in_word = !c.is_whitespace();
    }
    if in_word && text.len() <= 120 {
        ends.push(text.len());
    }
    ends
}

/// The number at the beginning of `text`, and what follows it: `2.1 Name`, `2.1. Name`, `2.1) Name`, `2.1Name`.
fn number(text: &str) -> Option<(Number, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let digits = text[..end].trim_end_matches('.');
    let mut parts = digits.split('.');
    let small = |part: &str| (part.len() <= 2).then(|| part.parse::<u8>().ok()).flatten();
    let number = Number { chapter: small(parts.next()?)?, section: parts.next().map(small).unwrap_or(None) };
    if digits.split('.').count() > 4 || digits.split('.').any(|part| small(part).is_none()) {
        return None;
    }
    let rest = text[end..].strip_prefix(')').unwrap_or(&text[end..]);
    let follows = rest.starts_with(char::is_whitespace) || rest.starts_with(char::is_uppercase);
    follows.then(|| (number, rest.trim_start()))
}

/// A line without the marks by which other formats make headings: `## 2.1 Name`, `**2.1 Name**`.
fn unadorned(line: &str) -> &str {
    line.trim().trim_start_matches('#').trim_matches(['*', '_', ' ', '\t'])
}

/// A title without dot leaders and the number of a page (a line of the table of contents), and without a colon.
fn title_of(text: &str) -> &str {
    let mut title = text.trim();
    loop {
        let before_page = title.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_led = before_page.ends_with("  ") || before_page.trim_end().ends_with(['.', '…', '_']);
        let is_page = before_page.len() < title.len() && is_led;
        let shorter = if is_page { before_page } else { title };
        let shorter = match shorter.trim_end() {
            led if led.ends_with("...")
                || led.ends_with('…')
                || led.ends_with(". .")
                || led.ends_with("__") =>
            {
                led.trim_end_matches(['.', '…', '_', ' ', '\t'])
            }
            plain => plain.trim_end_matches([':', '*', '_']).trim_end(),
        };
        if shorter.len() == title.len() {
            return title;
        }
        title = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(line: &str) -> Option<(Section, &str)> {
        match heading(line)? {
            Heading::Known { section, rest, .. } => Some((section, rest)),
            Heading::Other { .. } => None,
        }
    }

    #[test]
    fn headings_are_found_in_all_their_clothes() {
        for (line, section, rest) in [
            ("2.1 Name of the Team", Section::TeamName, ""),
            ("  4. Name of the team:", Section::TeamName, ""),
            ("## 2.3) Time zone", Section::TimeZone, ""),
            ("**2.3 Time Zone: CET**", Section::TimeZone, "CET"),
            ("2.3 Time Zone – UTC+01:00", Section::TimeZone, "UTC+01:00"),
            ("1.1 Date of Last Update ........... 3", Section::LastUpdate, ""),
            ("1.1. Date of Last Update    3", Section::LastUpdate, ""),
            ("2.7Electronic Mail Address", Section::Mail, ""),
            ("CHARTER", Section::Charter, ""),
        ] {
            assert_eq!(known(line), Some((section, rest)), "{line}");
        }
    }

    #[test]
    fn text_is_no_heading() {
        for line in [
            "",
            "2.1",
            "The address of the team is below.",
            "2350 Name of the Team",
            "1.2.3.4.5 Address",
            "Address: 1 Quay Street",
        ] {
            assert_eq!(heading(line), None, "{line}");
        }
        assert!(matches!(
            heading("1.5 Document Identification"),
            Some(Heading::Other { title: "Document Identification", .. })
        ));
        assert_eq!(heading("1. Call us, then write."), None);
    }

    #[test]
    fn a_title_is_found_where_the_line_break_behind_it_was_lost() {
        let text = "2.1 Name of the Team The CSIRT is named";
        assert_eq!(inner(text), Some((Section::TeamName, "2.1 Name of the Team".len())));
        assert_eq!(inner("2.8)."), None);
        assert_eq!(
            inner("6. Incident Reporting Forms None"),
            Some((Section::Forms, "6. Incident Reporting Forms".len()))
        );
        assert_eq!(inner("3 teams answered"), None);
    }
}
