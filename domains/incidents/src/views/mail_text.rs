//! Text that others wrote, made fit to be shown.

use observables::{Kind, Limits, extract};

/// How much of one text a page shows; the rest is in the original.
const SHOWN: usize = 128 * 1024;

/// `text` without what changes how the rest of a line is read: control characters and the marks that turn the direction of
/// writing (Unicode 15, section 23.2), by which a name can pretend to be another. Line ends and tabs stay.
pub(crate) fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| *c != '\r')
        .map(|c| if turns(c) || (c.is_control() && !matches!(c, '\n' | '\t')) { '\u{fffd}' } else { c })
        .collect()
}

/// The first `most` characters of `text`, with an ellipsis for the rest.
pub(crate) fn short(text: impl AsRef<str>, most: usize) -> String {
    let text = text.as_ref();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A piece of a text; marked ones name something that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) marked: bool,
}

/// A text as a page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its pieces in order.
    pub(crate) pieces: Vec<Piece>,
    /// There is more of it.
    pub(crate) cut: bool,
}

/// `text` cleaned, at most `limit` bytes of it (and never more than 128 kB), with what it names marked.
pub(crate) fn shown(text: &str, limit: usize) -> Shown {
    let limit = limit.min(SHOWN);
    let cut = text.len() > limit;
    let text = clean(text[..text.floor_char_boundary(limit)].trim_end());
    let limits = Limits { max_observables: 2_000, ..Limits::default() };
    let mut spans: Vec<std::ops::Range<usize>> = extract(&text, &limits)
        .found
        .into_iter()
        .filter(|one| matches!(one.kind, Kind::Ip | Kind::IpRange | Kind::Domain | Kind::Url | Kind::Sha256))
        .map(|one| one.span)
        .collect();
    // The longest first at each place: the URL, not the domain within it.
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let (mut pieces, mut at) = (Vec::new(), 0);
    let mut push = |text: &str, marked| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), marked });
        }
    };
    for span in spans {
        if span.start < at {
            continue;
        }
        push(&text[at..span.start], false);
        push(&text[span.clone()], true);
        at = span.end;
    }
    push(&text[at..], false);
    Shown { pieces, cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_names_is_marked_and_nothing_is_lost() {
        let text = "Seen hxxp://login[.]evil[.]example/x and 192.0.2.7 today";
        let shown = shown(text, 1_000);
        let marked: Vec<_> = shown.pieces.iter().filter(|p| p.marked).map(|p| p.text.as_str()).collect();
        assert_eq!(marked, ["hxxp://login[.]evil[.]example/x", "192.0.2.7"]);
        assert_eq!(shown.pieces.iter().map(|p| p.text.as_str()).collect::<String>(), text);
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(short("šč/x", 2), "šč…");
        assert_eq!(short("šč", 2), "šč");
    }

    #[test]
    fn a_name_cannot_turn_the_writing_around() {
        assert_eq!(clean("invoice\u{202e}fdp.exe\0\r\n"), "invoice\u{fffd}fdp.exe\u{fffd}\n");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_shown_whole_or_cut(text: String, limit in 0_usize..200) {
            let shown = shown(&text, limit);
            let length: usize = shown.pieces.iter().map(|piece| piece.text.len()).sum();
            proptest::prop_assert!(shown.cut || length <= 3 * text.len());
            proptest::prop_assert!(length <= 3 * limit);
        }
    }
}
