//! The pages, and what verifiers fetch.

mod fetch;

use axum::Router;

use crate::Pki;

/// All of it.
pub(crate) fn routes(pki: &Pki) -> Router {
    Router::new().merge(fetch::routes(pki))
}
