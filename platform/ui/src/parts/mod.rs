//! The parts of which pages are made: each a function that gives [`Markup`], for `{{ ui::icon("lock") }}`.

mod chain;
mod clock;
mod controls;
mod fields;
mod lists;
mod qr;
mod standing;
mod status;

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

pub use chain::{Link, chain, fingerprint, key_end};
pub use clock::{Clock, date, time, time_exact};
pub use controls::{Button, go, post, submit};
pub use fields::{Field, Select, field, select};
pub use lists::{Pager, empty, pager, toast};
pub use qr::qr;
pub use standing::{team_link, tlp, trust, whose};
pub use status::{delivery, icon, icon_big, protection, signature, status};

/// HTML made by a template: it goes into a page as it is.
///
/// Only a part's own template makes one, which has escaped every value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Renders a part.
    fn of(part: impl Template) -> Markup {
        // The parts hold text and numbers only: writing those into a string cannot fail.
        Markup(part.render().unwrap_or_default())
    }

    /// Whether there is anything to see.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// Makes a builder print itself where a template names it.
macro_rules! prints_as_html {
    ($($part:ty)*) => { $(
        impl std::fmt::Display for $part {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.markup(), out)
            }
        }
        impl askama::filters::HtmlSafe for $part {}
    )* };
}
pub(crate) use prints_as_html;
