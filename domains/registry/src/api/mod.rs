//! `/api/v1/lookup`: who is responsible, for programs.

mod lookup;
mod media;
pub(crate) mod objects;

pub(crate) use lookup::answers;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Registry;

/// Bytes of a list that is looked up at once.
pub(crate) const LARGEST_LIST: usize = 10 << 20;

pub(crate) fn routes(registry: Registry) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(lookup::one, lookup::many))
        .routes(routes!(objects::update))
        .routes(routes!(objects::get, objects::put, objects::delete))
        .routes(routes!(objects::versions))
        .routes(routes!(objects::version))
        .routes(routes!(objects::referring))
        .layer(DefaultBodyLimit::max(LARGEST_LIST))
        .with_state(registry)
}
