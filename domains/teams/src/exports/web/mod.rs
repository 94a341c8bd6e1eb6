//! The files by HTTP: `/directory/…` for everybody, `/directory/members/…` for those who are entitled, keys by WKD.

mod description;
mod files;
mod keys;
mod pages;

use axum::Router;

use super::Exports;
use crate::Teams;

pub(crate) fn routes(teams: Teams) -> Router {
    let exports = Exports::new(teams);
    Router::new()
        .merge(description::routes())
        .merge(pages::routes())
        .merge(files::routes())
        .merge(keys::routes())
        .with_state(exports)
}
