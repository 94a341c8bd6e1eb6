//! Reading `PREFIX:WORD` labels, alone and in running text.

/// A text that is no label of the standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {protocol} label; write one of {known}")]
pub struct UnknownLabel {
    /// What was read.
    pub(crate) text: String,
    /// `TLP` or `PAP`.
    pub(crate) protocol: &'static str,
    /// The labels there are.
    pub(crate) known: &'static str,
}

/// The words of a label in capitals, without the prefix, blanks and quotes: `tlp: amber + strict` gives `AMBER+STRICT`.
/// `None` when it is far too long to be one.
pub(crate) fn normalised(text: &str, prefix: &str) -> Option<String> {
    if text.len() > 64 {
        return None;
    }
    let word: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '[' | ']')).collect();
    let word = word.to_ascii_uppercase();
    let bare =
        word.strip_prefix(prefix).map_or(word.as_str(), |rest| rest.trim_start_matches([':', '=', '-', '_']));
    Some(bare.to_owned())
}

/// What stands behind each `prefix` (in capitals) in the text: the rest of the text from the label's word on, and whether a
/// colon or `=` stands between. The prefix is a word of its own.
pub(crate) fn occurrences<'t>(text: &'t str, prefix: &'static str) -> impl Iterator<Item = (&'t str, bool)> {
    let bytes = text.as_bytes();
    let starts = bytes.windows(prefix.len()).enumerate().filter(move |(at, window)| {
        let free = *at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        free && window.eq_ignore_ascii_case(prefix.as_bytes())
    });
    starts.filter_map(move |(at, _)| {
        let mut from = at + prefix.len();
        let mut colon = false;
        // `TLP:RED`, `TLP: RED`, `TLP : RED`, `TLP-RED`, `TLP="red"`
        while from - at < prefix.len() + 4
            && matches!(bytes.get(from), Some(b':' | b'=' | b' ' | b'-' | b'_' | b'"' | b'\t'))
        {
            colon |= matches!(bytes[from], b':' | b'=');
            from += 1;
        }
        (from > at + prefix.len()).then(|| (&text[from..], colon))
    })
}

/// The word at the start of `rest`, when it is one of `words` (in capitals) as a whole; without a colon it must be written in
/// capitals, so that `the TLP clear enough` is none.
pub(crate) fn word_at<T: Copy>(rest: &str, colon: bool, words: &[(&'static str, T)]) -> Option<(T, usize)> {
    words.iter().find_map(|(word, value)| {
        let head = rest.as_bytes().get(..word.len())?;
        let same = if colon { head.eq_ignore_ascii_case(word.as_bytes()) } else { head == word.as_bytes() };
        let ends = !rest.as_bytes().get(word.len()).is_some_and(u8::is_ascii_alphanumeric);
        (same && ends).then_some((*value, word.len()))
    })
}
