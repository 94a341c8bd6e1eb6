//! The registry for people.

mod bulk;
mod contact;
mod contacts;
mod loaded;
mod lookup;
mod nest;
mod scale;

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
        .merge(crate::mirror::routes())
        .merge(crate::update::syncupdates::routes())
        .with_state(registry)
}
