//! Is this a domain name? Syntax (RFC 1035, RFC 5890), a known ending (public suffix list, RFC 2606), and the look of
//! things that only resemble one.

use idna::AsciiDenyList;

/// What is known about a checked name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// Labels of its public suffix: 1 for `example.com`, 2 for `example.co.uk`.
    pub(crate) suffix_labels: usize,
    /// Labels in all.
    pub(crate) labels: usize,
    /// Nobody owns it: `localhost` (RFC 6761) and what stands under `arpa` (RFC 3172).
    pub(crate) special: bool,
}

/// Writes the canonical form of `text` into `out` (lower case, ASCII, no dot at the end) and says what it is; `None`
/// when it is no domain name that can exist on the Internet.
pub(crate) fn canonical(text: &str, out: &mut String) -> Option<Name> {
    out.clear();
    if text.is_ascii() {
        if text.len() > 253 {
            return None;
        }
        out.push_str(text);
        out.make_ascii_lowercase();
    } else {
        // a character takes at most four bytes here and at least one in the ASCII form
        if text.len() > 4 * 253 {
            return None;
        }
        out.push_str(&idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::URL).ok()?);
    }
    check(out)
}

/// Checks a name in lower-case ASCII.
fn check(name: &str) -> Option<Name> {
    if name.len() > 253 {
        return None;
    }
    let labels = name.split('.').count();
    for (at, label) in name.split('.').enumerate() {
        // host names have no underscore, but service names do (RFC 8552), left of the registered part
        let underscore = at + 2 < labels;
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || (underscore && byte == b'_');
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'-' && inner(*byte));
        let bytes = label.as_bytes();
        if bytes.len() > 63
            || !edge(bytes.first())
            || !edge(bytes.last())
            || !bytes.iter().all(|byte| inner(*byte))
        {
            return None;
        }
    }
    if labels < 2 {
        return None;
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if matches!(last, "example" | "test" | "invalid" | "localhost") {
        return Some(Name { suffix_labels: 1, labels, special: last == "localhost" });
    }
    let suffix_labels = suffix_labels(name, last)?;
    let special = last == "arpa";
    (labels > suffix_labels || special).then_some(Name { suffix_labels, labels, special })
}

/// How many labels the ICANN part of the public suffix list takes; `None` for an unknown top-level domain. Names under
/// private suffixes (`example.github.io`) belong to somebody too, so those suffixes do not count.
fn suffix_labels(name: &str, last: &str) -> Option<usize> {
    let listed = |name: &str| {
        let suffix = psl::suffix(name.as_bytes())?;
        let labels = suffix.as_bytes().split(|byte| *byte == b'.').count();
        match suffix.typ()? {
            psl::Type::Icann => Some(labels),
            psl::Type::Private => Some(1),
        }
    };
    // the list as compiled in holds international endings in Unicode only
    if last.starts_with("xn--") { listed(&idna::domain_to_unicode(last).0) } else { listed(name) }
}

/// Endings that are top-level domains and far more often files.
const FILES: [&str; 5] = ["py", "sh", "zip", "mov", "pm"];

/// Endings that are both: files only when the rest looks like one.
const FILES_IN_PATHS: [&str; 13] =
    ["pl", "rs", "so", "md", "ps", "cc", "ml", "am", "ac", "in", "app", "st", "mk"];

/// File names that a text mentions without a path.
const FILE_STEMS: [&str; 12] = [
    "readme",
    "changelog",
    "license",
    "contributing",
    "security",
    "main",
    "lib",
    "mod",
    "build",
    "makefile",
    "configure",
    "install",
];

/// Is this name, as written in running text, rather a file or the end of a sentence? `in_path` tells that a slash stands
/// before it. A name that was defanged is never asked: somebody thought it dangerous, so it is meant as a domain.
pub(crate) fn looks_like_something_else(written: &str, name: Name, in_path: bool) -> bool {
    let mut labels = written.rsplit('.');
    let (last, before) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
    let is = |list: &[&str], word: &str| list.iter().any(|one| one.eq_ignore_ascii_case(word));
    if is(&FILES, last) {
        let host = written.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."));
        let country = last.len() == 2 && name.labels > 2;
        return !(host || country) || in_path;
    }
    if is(&FILES_IN_PATHS, last) && name.suffix_labels == 1 {
        let library = before.starts_with("lib") && last.eq_ignore_ascii_case("so");
        let document = is(&FILE_STEMS, before) && name.labels == 2;
        return in_path || library || document;
    }
    sentence_end(before, last)
}

/// `compromised.It was`: a blank is missing, and `It` is no Italian name.
fn sentence_end(before: &str, last: &str) -> bool {
    let title = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().skip(1).all(|c| c.is_ascii_lowercase())
    };
    title(last) && before.starts_with(|c: char| c.is_lowercase()) && before.chars().all(|c| !c.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(text: &str) -> Option<String> {
        let mut out = String::new();
        canonical(text, &mut out).map(|_| out)
    }

    #[test]
    fn names_that_can_exist() {
        assert_eq!(ascii("EXAMPLE.com").as_deref(), Some("example.com"));
        assert_eq!(ascii("_dmarc.example.com").as_deref(), Some("_dmarc.example.com"));
        assert_eq!(ascii("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(ascii("пример.рф").as_deref(), Some("xn--e1afmkfd.xn--p1ai"));
        assert_eq!(ascii("xn--e1afmkfd.xn--p1ai").as_deref(), Some("xn--e1afmkfd.xn--p1ai"));
        assert_eq!(ascii("someone.github.io").as_deref(), Some("someone.github.io"));
        assert_eq!(ascii("foo.co.uk").as_deref(), Some("foo.co.uk"));
    }

    #[test]
    fn names_that_cannot() {
        for text in [
            "com",
            "co.uk",
            "foo.bla",
            "-a.com",
            "a-.com",
            "a..com",
            ".com",
            "exa_mple.com",
            "192.0.2.1",
            "file.log",
            "router.local",
        ] {
            assert_eq!(ascii(text), None, "{text}");
        }
    }

    #[test]
    fn files_and_sentences_are_no_names() {
        let odd = |text: &str, in_path| {
            looks_like_something_else(text, canonical(text, &mut String::new()).unwrap(), in_path)
        };
        for text in [
            "setup.py",
            "install.sh",
            "invoice.zip",
            "README.md",
            "libssl.so",
            "compromised.It",
            "SpamFilter.pm",
            "main.rs",
        ] {
            assert!(odd(text, false), "{text}");
        }
        assert!(odd("exploit.pl", true));
        for text in [
            "exploit.pl",
            "www.example.zip",
            "salud.gov.py",
            "cdn.transfer.sh",
            "Example.It",
            "EVIL.IT",
            "evil.it",
            "test.cc",
        ] {
            assert!(!odd(text, false), "{text}");
        }
    }
}
