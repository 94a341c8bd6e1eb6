//! What the layout needs to know: the field `page` of every page's template.

use crate::{Preferences, Toast};

/// Everything around the main part of a page. A template that extends `layout.html` has it as its field `page`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What this page shows, for the window's title: the most telling words first, without the product's name.
    pub title: String,
    /// The top bar's places, in order; empty before log-in.
    pub nav: Vec<NavItem>,
    /// Who is reading; `None` before log-in.
    pub who: Option<Who>,
    /// This node's public name, for the foot of the page.
    pub node: String,
    /// Theme and keys as the reader has set them.
    pub preferences: Preferences,
    /// What was just done, with its undo.
    pub toast: Option<Toast>,
    /// The moment of the answer, µs since 1970 UTC: whether a time is "today", what is left on a clock.
    pub now: i64,
}

impl Page {
    /// A page without navigation and reader: log-in, errors before log-in.
    pub fn bare(title: impl Into<String>) -> Page {
        Page { title: title.into(), ..Page::default() }
    }

    /// The same page under another title.
    pub fn titled(mut self, title: impl Into<String>) -> Page {
        self.title = title.into();
        self
    }

    /// Marks the place with this address as the one where the reader is.
    pub fn at(mut self, href: &str) -> Page {
        for item in &mut self.nav {
            item.current = item.href == href;
        }
        self
    }
}

/// A place in the top bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NavItem {
    /// Where it goes, e.g. `/reports`.
    pub href: String,
    /// Its name, e.g. `Reports`.
    pub label: String,
    /// How many things wait there.
    pub count: Option<i64>,
    /// Whether this page belongs to it.
    pub current: bool,
    /// The letter that goes there after `g`.
    pub key: Option<char>,
}

/// The reader of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The team for which they act, e.g. `Aldermark CERT`.
    pub team: String,
    /// Their account's name, e.g. `kes`.
    pub account: String,
}
