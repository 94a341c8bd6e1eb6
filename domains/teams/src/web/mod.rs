//! The directory for people.

mod claims;
mod edit;
mod keys;
mod list;
pub(crate) mod looker;
mod team;

use axum::Router;

pub(crate) use list::harmless;

use crate::Teams;

pub(crate) fn routes(teams: Teams) -> Router {
    Router::new()
        .merge(list::routes())
        .merge(team::routes())
        .merge(keys::routes())
        .merge(claims::routes())
        .merge(edit::routes())
        .with_state(teams)
}
