//! How we know, and with which key.

use askama::Template;

use super::Markup;
use crate::format;

/// A step of a chain of evidence, e.g. `mnt-irt` → `IRT-SKERRY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What kind of step it is (`inetnum`, `irt`, `team`); empty for a gap.
    pub kind: String,
    /// What stands there; for a gap the words that say what is missing (`no mnt-irt`).
    pub value: String,
    /// Whether something is missing here.
    pub gap: bool,
    /// Whether the value is a name of the registry's, to be set in the fixed-width face.
    pub code: bool,
}

impl Link {
    /// A step whose value is a name in the registry: an address, a range, an object's key.
    pub fn code(kind: impl Into<String>, value: impl Into<String>) -> Link {
        Link { kind: kind.into(), value: value.into(), gap: false, code: true }
    }

    /// A step whose value is a name for people: a team.
    pub fn name(kind: impl Into<String>, value: impl Into<String>) -> Link {
        Link { kind: kind.into(), value: value.into(), gap: false, code: false }
    }

    /// A place where something is missing.
    pub fn gap(words: impl Into<String>) -> Link {
        Link { kind: String::new(), value: words.into(), gap: true, code: false }
    }
}

/// The chain by which something was found, first step first.
pub fn chain(links: &[Link]) -> Markup {
    Markup::of(Chain { links })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ol class="chain">{% for link in links %}{% if link.gap %}<li class="gap">{{ link.value }}</li>{% else %}<li><span class="k">{{ link.kind }}</span> {% if link.code %}<code>{{ link.value }}</code>{% else %}{{ link.value }}{% endif %}</li>{% endif %}{% endfor %}</ol>"#
)]
struct Chain<'a> {
    links: &'a [Link],
}

/// A whole fingerprint, grouped to be read aloud; takes hexadecimal digits.
pub fn fingerprint(hex: &str) -> Markup {
    Markup::of(Fingerprint { grouped: format::fingerprint(hex) })
}

#[derive(Template)]
#[template(ext = "html", source = r#"<span class="fpr">{{ grouped }}</span>"#)]
struct Fingerprint {
    grouped: String,
}

/// The end of a fingerprint, where the key is named in a sentence.
pub fn key_end(hex: &str) -> Markup {
    Markup::of(KeyEnd { end: format::fingerprint_end(hex) })
}

#[derive(Template)]
#[template(ext = "html", source = "<code>{{ end }}</code>")]
struct KeyEnd {
    end: String,
}
