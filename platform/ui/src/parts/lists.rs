//! What stands at the ends of lists: pages, nothing, and what was just done.

use std::fmt::Display;

use askama::Template;

use super::{Markup, icon, post, prints_as_html};
use crate::{Toast, format};

/// The way to the page before and after, by key and not by number (rows may come in meanwhile).
#[derive(Clone, Debug, Default)]
pub struct Pager {
    said: String,
    before: Option<String>,
    after: Option<String>,
    swap: Option<String>,
}

/// A pager that says how much is shown: "50 of 10,648 reports".
pub fn pager(said: impl Display) -> Pager {
    Pager { said: said.to_string(), ..Pager::default() }
}

impl Pager {
    /// Address of the page before; `None` on the first.
    pub fn before(mut self, href: &Option<String>) -> Pager {
        self.before.clone_from(href);
        self
    }

    /// Address of the page after; `None` on the last.
    pub fn after(mut self, href: &Option<String>) -> Pager {
        self.after.clone_from(href);
        self
    }

    /// With the script, only these parts are replaced.
    pub fn swap(mut self, parts: impl Display) -> Pager {
        self.swap = Some(parts.to_string());
        self
    }

    fn markup(&self) -> Markup {
        Markup::of(PagerPart { p: self, previous: icon("prev"), next: icon("turn") })
    }
}

prints_as_html!(Pager);

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<nav class="pager" aria-label="Pages"><span>{{ p.said }}</span>{% if let Some(href) = p.before %}<a class="btn quiet" rel="prev" href="{{ href }}"{% if let Some(parts) = p.swap %} data-swap="{{ parts }}"{% endif %}>{{ previous }}Before</a>{% endif %}{% if let Some(href) = p.after %}<a class="btn quiet" rel="next" href="{{ href }}"{% if let Some(parts) = p.swap %} data-swap="{{ parts }}"{% endif %}>More{{ next }}</a>{% endif %}</nav>"#
)]
struct PagerPart<'a> {
    p: &'a Pager,
    previous: Markup,
    next: Markup,
}

/// What stands where a list would: that there is nothing, and what to do about it (may be empty).
pub fn empty(what: impl Display, advice: impl Display) -> Markup {
    Markup::of(Empty { what: what.to_string(), advice: advice.to_string() })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="empty"><p><b>{{ what }}</b></p>{% if !advice.is_empty() %}<p>{{ advice }}</p>{% endif %}</div>"#
)]
struct Empty {
    what: String,
    advice: String,
}

/// What was just done, with its undo; nothing when there is nothing to say. `now` in µs since 1970 UTC.
pub fn toast(toast: &Option<Toast>, now: impl format::Int) -> Markup {
    let Some(toast) = toast else { return Markup::default() };
    let undo = toast
        .undo
        .as_ref()
        .map(|path| post(path, "Undo").icon("undo").key("Control+Z").swap("body").to_string());
    let until_ms = toast.until / 1_000;
    let closes = format::time_exact(toast.until, now);
    Markup::of(ToastPart {
        check: icon("check"),
        text: &toast.text,
        undo: undo.map(Markup),
        until_ms,
        closes,
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="toast" role="status" data-until="{{ until_ms }}">{{ check }}<span>{{ text }}</span>{% if let Some(undo) = undo %}{{ undo }}<span class="rest">undo until {{ closes }}</span>{% endif %}</div>"#
)]
struct ToastPart<'a> {
    check: Markup,
    text: &'a str,
    undo: Option<Markup>,
    until_ms: i64,
    closes: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_offers_undo_only_if_there_is_one() {
        let said = toast(&Some(Toast::said("Note saved.", 0)), 0);
        assert!(said.as_str().contains("Note saved.") && !said.as_str().contains("Undo"));
        let undoable = toast(&Some(Toast::undoable("Rejected.", "/undo/7", 490_000_000)), 0).to_string();
        assert!(
            undoable.contains(r#"action="/undo/7""#) && undoable.contains("undo until 00:08:10"),
            "{undoable}"
        );
        assert!(toast(&None, 0).is_empty());
    }
}
