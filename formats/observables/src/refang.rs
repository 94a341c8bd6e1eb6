//! Undoing what people do to addresses so that nobody clicks them: `hxxp`, `[.]`, `(dot)`, `[@]`, `\.`.
//!
//! The text is rewritten once, and what was rewritten is remembered: extraction then reads ordinary text, and every
//! position in it can be led back to the original.

use std::borrow::Cow;
use std::ops::Range;

/// The text with all defanging undone: `hxxps://evil[.]example` becomes `https://evil.example`.
pub fn refang(text: &str) -> String {
    Refanged::new(text, usize::MAX).text.into_owned()
}

/// A text as it reads when the defanging is undone, with the way back to the original.
#[derive(Debug)]
pub(crate) struct Refanged<'t> {
    text: Cow<'t, str>,
    edits: Vec<Edit>,
    capped: bool,
}

/// `src` of the original became `out` of the refanged text.
#[derive(Debug, Clone)]
struct Edit {
    src: Range<usize>,
    out: Range<usize>,
}

impl<'t> Refanged<'t> {
    /// Undoes up to `max_edits` places.
    pub(crate) fn new(text: &'t str, max_edits: usize) -> Self {
        let mut writer = Writer { src: text, out: String::new(), copied: 0, edits: Vec::new() };
        let bytes = text.as_bytes();
        let mut at = 0;
        let mut capped = false;
        while at < bytes.len() {
            if !MAY_BE_DEFANGED[usize::from(bytes[at])] {
                at += 1;
                continue;
            }
            if writer.edits.len() >= max_edits {
                capped = true;
                break;
            }
            at = match bytes[at] {
                b':' => writer.scheme_before(at),
                b'\\' => writer.backslash(at),
                _ => writer.bracket(at),
            };
        }
        writer.finish(capped)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// There were more defanged places than allowed; the rest stands as it was.
    pub(crate) fn capped(&self) -> bool {
        self.capped
    }

    /// Leads a place in the refanged text back to the original; says whether something inside was defanged.
    pub(crate) fn original(&self, span: &Range<usize>) -> (Range<usize>, bool) {
        if self.edits.is_empty() {
            return (span.clone(), false);
        }
        let before_start = self.edits.partition_point(|edit| edit.out.end <= span.start);
        let before_end = self.edits.partition_point(|edit| edit.out.start < span.end);
        let moved = |count: usize, at: usize| match count.checked_sub(1).map(|last| &self.edits[last]) {
            Some(edit) => edit.src.end + (at - edit.out.end),
            None => at,
        };
        let start = match self.edits.get(before_start) {
            Some(edit) if edit.out.start <= span.start => edit.src.start,
            _ => moved(before_start, span.start),
        };
        let end = match before_end.checked_sub(1).map(|last| &self.edits[last]) {
            Some(edit) if span.end < edit.out.end => edit.src.end,
            _ => moved(before_end, span.end),
        };
        (start..end, before_end > before_start)
    }
}

/// The bytes at which a defanged place can be noticed.
const MAY_BE_DEFANGED: [bool; 256] = {
    let mut table = [false; 256];
    table[b'[' as usize] = true;
    table[b'(' as usize] = true;
    table[b'{' as usize] = true;
    table[b'\\' as usize] = true;
    table[b':' as usize] = true;
    table
};

/// How schemes are maimed, and what was meant.
const SCHEMES: [(&str, &str); 15] = [
    ("hxxp", "http"),
    ("hxxps", "https"),
    ("hxtp", "http"),
    ("hxtps", "https"),
    ("htxp", "http"),
    ("htxps", "https"),
    ("h**p", "http"),
    ("h**ps", "https"),
    ("hxp", "http"),
    ("hxps", "https"),
    ("meow", "http"),
    ("meows", "https"),
    ("fxp", "ftp"),
    ("fxps", "ftps"),
    ("sfxp", "sftp"),
];

struct Writer<'t> {
    src: &'t str,
    out: String,
    /// The original up to here stands in `out`.
    copied: usize,
    edits: Vec<Edit>,
}

impl<'t> Writer<'t> {
    fn replace(&mut self, src: Range<usize>, with: &str) {
        self.out.push_str(&self.src[self.copied..src.start]);
        let start = self.out.len();
        self.out.push_str(with);
        self.copied = src.end;
        self.edits.push(Edit { src, out: start..self.out.len() });
    }

    fn finish(mut self, capped: bool) -> Refanged<'t> {
        if self.edits.is_empty() {
            return Refanged { text: Cow::Borrowed(self.src), edits: self.edits, capped };
        }
        self.out.push_str(&self.src[self.copied..]);
        Refanged { text: Cow::Owned(self.out), edits: self.edits, capped }
    }

    /// The byte that stands before `at` once everything before is refanged.
    fn byte_before(&self, at: usize) -> Option<u8> {
        if at == self.copied && at > 0 {
            self.out.as_bytes().last().copied()
        } else {
            at.checked_sub(1).map(|before| self.src.as_bytes()[before])
        }
    }

    /// At a `:`: mends the scheme before `://`. Returns where to go on.
    fn scheme_before(&mut self, at: usize) -> usize {
        if self.src.as_bytes()[at..].starts_with(b"://") {
            self.mend_scheme(at);
        }
        at + 1
    }

    fn mend_scheme(&mut self, end: usize) {
        let bytes = self.src.as_bytes();
        let mut start = end;
        while start > self.copied && end - start < 6 && is_scheme_byte(bytes[start - 1]) {
            start -= 1;
        }
        let glued = start > self.copied && bytes[start - 1].is_ascii_alphanumeric();
        let word = &bytes[start..end];
        let meant = SCHEMES.iter().find(|(maimed, _)| maimed.as_bytes().eq_ignore_ascii_case(word));
        if let (false, Some((_, scheme))) = (glued, meant) {
            self.replace(start..end, scheme);
        }
    }

    /// At a `\`: `evil\.example` is a dot that was escaped.
    fn backslash(&mut self, at: usize) -> usize {
        let bytes = self.src.as_bytes();
        let dot = bytes.get(at + 1) == Some(&b'.') && bytes.get(at + 2).copied().is_some_and(is_name_byte);
        if dot && self.byte_before(at).is_some_and(is_name_byte) {
            self.replace(at..at + 2, ".");
            return at + 2;
        }
        at + 1
    }

    /// At an opening bracket: `[.]`, `(dot)`, `{@}`, `[://]` and their like, with a blank on both sides or none.
    fn bracket(&mut self, at: usize) -> usize {
        let bytes = self.src.as_bytes();
        let Some((end, meant)) = bracketed(bytes, at) else { return at + 1 };
        if meant == "://" || (meant == ":" && bytes[end..].starts_with(b"//")) {
            self.mend_scheme(at);
            self.replace(at..end, meant);
            return end;
        }
        let fits: fn(u8) -> bool = match meant {
            ":" => |byte| byte.is_ascii_alphanumeric() || byte == b':' || byte == b'[',
            _ => is_name_byte,
        };
        if meant == "/" {
            self.replace(at..end, meant);
            return end;
        }
        let before = self.byte_before(at);
        let after = bytes.get(end).copied();
        if before.is_some_and(fits) && after.is_some_and(fits) {
            self.replace(at..end, meant);
            return end;
        }
        if before == Some(b' ')
            && after == Some(b' ')
            && at > self.copied + 1
            && is_set_apart(bytes, at, end, meant)
        {
            self.replace(at - 1..end + 1, meant);
            return end + 1;
        }
        at + 1
    }
}

/// Reads a bracket with one of the known contents; gives the place behind it and what was meant.
fn bracketed(bytes: &[u8], at: usize) -> Option<(usize, &'static str)> {
    let close = match bytes[at] {
        b'[' => b']',
        b'(' => b')',
        _ => b'}',
    };
    // `evil[.example`: the closing bracket is often forgotten
    if bytes[at] == b'['
        && bytes.get(at + 1) == Some(&b'.')
        && bytes.get(at + 2).copied().is_some_and(is_name_byte)
    {
        return Some((at + 2, "."));
    }
    let window = &bytes[at + 1..bytes.len().min(at + 8)];
    let length = window.iter().position(|byte| *byte == close)?;
    let meant = match window[..length].trim_ascii() {
        b"." => ".",
        b":" => ":",
        b"@" => "@",
        b"/" => "/",
        b"://" => "://",
        word if word.eq_ignore_ascii_case(b"dot") => ".",
        word if word.eq_ignore_ascii_case(b"at") => "@",
        _ => return None,
    };
    Some((at + 1 + length + 1, meant))
}

/// `joe [at] evil [dot] example`: the words `at` and `dot` between blanks, and behind `at` something with a dot, so that
/// `I was (at) home` stays.
fn is_set_apart(bytes: &[u8], at: usize, end: usize, meant: &str) -> bool {
    let rest = &bytes[end + 1..];
    let word = rest.iter().take(64).take_while(|byte| is_name_byte(**byte)).count();
    let behind = rest[word..].strip_prefix(b" ").unwrap_or(&rest[word..]);
    let dot_follows = matches!(behind.first(), Some(b'.' | b'[' | b'(' | b'{'));
    let spelt = bytes[at + 1..end].iter().any(u8::is_ascii_alphabetic);
    spelt && is_name_byte(bytes[at - 2]) && word > 0 && (meant == "." || (meant == "@" && dot_follows))
}

/// A byte that can stand beside a dot in a name or an address. Non-ASCII letters have such bytes only.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'-' || byte == b'_'
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'*'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(defanged: &str, meant: &str) {
        assert_eq!(refang(defanged), meant);
    }

    #[test]
    fn the_usual_ways_are_undone() {
        check("hxxps://evil[.]example(.)com/a", "https://evil.example.com/a");
        check("hXXp[://]evil{.}example", "http://evil.example");
        check("HxXpS[:]//evil[dot]example", "https://evil.example");
        check(
            "fxp://evil.example meow://evil.example h**p://evil.example",
            "ftp://evil.example http://evil.example http://evil.example",
        );
        check("joe[@]evil[.]example joe[at]evil(dot)example", "joe@evil.example joe@evil.example");
        check("joe [at] evil [dot] example", "joe@evil.example");
        check("192[.]0[.]2[.]1 2001:db8[:]0[:][:]5", "192.0.2.1 2001:db8:0::5");
        check("evil\\.example evil[.example", "evil.example evil.example");
        check("hxxp://evil.example[/]login[/]", "http://evil.example/login/");
        check("müller[.]example", "müller.example");
    }

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "sshd[1234]: Failed (preauth) {x} [::]:80 [2001:db8::1]:443",
            "I was (at) home, see [.] and C:\\.ssh",
            "at 12:30:45 foo::bar [Dot]",
            "xhxxp:/ nothing",
            "[.",
            "(",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn positions_lead_back_to_the_original() {
        let text = "see hxxp://evil[.]example/x now";
        let refanged = Refanged::new(text, 10);
        assert_eq!(refanged.text(), "see http://evil.example/x now");
        let (span, defanged) = refanged.original(&(4..25));
        assert_eq!((&text[span], defanged), ("hxxp://evil[.]example/x", true));
        let (span, defanged) = refanged.original(&(11..23));
        assert_eq!((&text[span], defanged), ("evil[.]example", true));
        let (span, defanged) = refanged.original(&(26..29));
        assert_eq!((&text[span], defanged), ("now", false));
        let (span, defanged) = refanged.original(&(0..3));
        assert_eq!((&text[span], defanged), ("see", false));
    }

    #[test]
    fn too_many_places_are_left_and_told() {
        let refanged = Refanged::new("a[.]b[.]c[.]d", 2);
        assert_eq!(refanged.text(), "a.b.c[.]d");
        assert!(refanged.capped());
    }
}
