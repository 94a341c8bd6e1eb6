//! The letters of a step, before it is taken.

use askama::Template;
use ui::Page;

use super::Places;
use crate::letters::Preview;

#[derive(Template)]
#[template(path = "trust-letters.html")]
pub(super) struct LettersPage {
    pub(super) page: Page,
    pub(super) places: Places,
    pub(super) handle: String,
    pub(super) name: String,
    pub(super) preview: Preview,
    /// The form that was sent, to be sent again.
    pub(super) fields: Vec<(String, String)>,
}
