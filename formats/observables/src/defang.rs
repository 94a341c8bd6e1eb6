//! Making text harmless to show or to mail: no program makes a link of `hxxp://evil[.]example`.

use crate::find::Finder;
use crate::refang::Refanged;
use crate::{Kind, Limits};

/// Writes addresses, names, URLs and mail addresses in `text` so that nobody follows them by accident:
/// `http://evil.example` becomes `hxxp://evil[.]example`, `joe@evil.example` becomes `joe[@]evil[.]example`. The rest of
/// the text, and what was defanged already, stays as it is. [`refang`](crate::refang) undoes it.
pub fn defang(text: &str) -> String {
    let refanged = Refanged::new(text, usize::MAX);
    let mut spans = Vec::new();
    Finder::new(&refanged, Limits::default().max_url_bytes).run(&mut |hit| {
        if matches!(hit.kind, Kind::Ip | Kind::IpRange | Kind::Domain | Kind::Url | Kind::Email) {
            spans.push(refanged.original(&hit.span).0);
        }
        true
    });
    spans.sort_by_key(|span| span.start);

    let mut out = String::with_capacity(text.len() + spans.len() * 4);
    let mut done = 0;
    for span in spans {
        // a host stands inside its URL
        if span.end <= done {
            continue;
        }
        let start = span.start.max(done);
        out.push_str(&text[done..start]);
        push_defanged(text, start, span.end, &mut out);
        done = span.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Writes `text[start..end]` defanged.
fn push_defanged(text: &str, start: usize, end: usize, out: &mut String) {
    let bytes = text.as_bytes();
    let beside_letters =
        |at: usize| at > 0 && is_letter(bytes[at - 1]) && bytes.get(at + 1).copied().is_some_and(is_letter);
    for (offset, c) in text[start..end].char_indices() {
        let at = start + offset;
        match c {
            '.' if beside_letters(at) => out.push_str("[.]"),
            '@' if beside_letters(at) => out.push_str("[@]"),
            't' | 'T' if in_http(text, at) => out.push('x'),
            _ => out.push(c),
        }
    }
}

/// Is this one of the two `t` of a scheme `http` or `https`?
fn in_http(text: &str, at: usize) -> bool {
    [1, 2].into_iter().any(|back| {
        let Some(word) = at.checked_sub(back).and_then(|start| text.get(start..)) else { return false };
        let (head, rest) = match word.split_at_checked(4) {
            Some(parts) => parts,
            None => return false,
        };
        let free = at == back || !text.as_bytes()[at - back - 1].is_ascii_alphanumeric();
        let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
        free && head.eq_ignore_ascii_case("http") && rest.starts_with("://")
    })
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}
