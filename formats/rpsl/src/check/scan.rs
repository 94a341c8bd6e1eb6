//! Reads a value from its beginning to its end, piece by piece.

/// What is left of a value.
pub(super) struct Scan<'a>(pub(super) &'a str);

impl<'a> Scan<'a> {
    /// Takes the text when it comes next, in any case.
    pub(super) fn word(&mut self, text: &str) -> bool {
        let comes = self.0.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text));
        if comes {
            self.0 = &self.0[text.len()..];
        }
        comes
    }

    /// Takes as many bytes of a kind as come, at most `most`; gives them.
    pub(super) fn run(&mut self, most: usize, kind: impl Fn(u8) -> bool) -> &'a str {
        let length = self.0.bytes().take(most).take_while(|&byte| byte.is_ascii() && kind(byte)).count();
        let (run, rest) = self.0.split_at(length);
        self.0 = rest;
        run
    }

    /// Takes a number without leading zero: `first` to `most` digits.
    pub(super) fn number(&mut self, most: usize) -> bool {
        self.0.starts_with(|digit: char| ('1'..='9').contains(&digit))
            && !self.run(most, |byte| byte.is_ascii_digit()).is_empty()
    }

    /// Whether all was taken.
    pub(super) fn ended(&self) -> bool {
        self.0.is_empty()
    }
}

/// Letters, digits, `-` and `_`, of which the last is a letter or digit.
pub(super) fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && text.bytes().next_back().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// [`is_name`], and the first is a letter.
pub(super) fn is_named(text: &str) -> bool {
    is_name(text) && text.starts_with(|first: char| first.is_ascii_alphabetic())
}
