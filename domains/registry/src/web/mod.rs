//! The registry for people.

mod bulk;
mod contact;
mod contacts;
mod diff;
mod editor;
mod history;
mod loaded;
mod lookup;
mod nest;
mod object;
mod scale;
mod search;
mod text;
mod tree;

use axum::Router;
use axum::extract::DefaultBodyLimit;

use crate::Registry;
use crate::api::LARGEST_LIST;

pub(crate) fn routes(registry: Registry) -> Router {
    // A form writes a line end as six bytes.
    let form = DefaultBodyLimit::max(LARGEST_LIST * 3 / 2);
    Router::new()
        .merge(lookup::routes().layer(form))
        .merge(loaded::routes())
        .merge(contact::routes())
        .merge(contacts::routes())
        .merge(search::routes())
        .merge(object::routes())
        .merge(history::routes())
        .merge(tree::routes())
        .merge(editor::routes())
        .merge(crate::mirror::routes())
        .merge(crate::update::syncupdates::routes())
        .with_state(registry)
}

/// What somebody typed, short enough to be told back.
fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
