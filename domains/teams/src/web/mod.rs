//! The directory for people.

mod keys;
mod list;
mod team;

use axum::Router;

use crate::Teams;

pub(crate) fn routes(teams: Teams) -> Router {
    Router::new().merge(list::routes()).merge(team::routes()).merge(keys::routes()).with_state(teams)
}
