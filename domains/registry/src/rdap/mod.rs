//! RDAP (RFC 9082, RFC 9083): the registry for programs of everybody, without log-in.
//!
//! `make` turns objects into answers; `door` is what all questions have in common: limits, headers, errors.

mod asked;
mod door;
mod help;
mod limits;
mod lookup;
mod make;
mod read;
mod search;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::Registry;
use door::Rdap;

pub(crate) fn routes(registry: Registry) -> Router {
    let rdap = Rdap { registry, limits: Arc::default() };
    Router::new()
        .route("/rdap/ip/{*asked}", get(lookup::ip))
        .route("/rdap/autnum/{asked}", get(lookup::autnum))
        .route("/rdap/domain/{asked}", get(lookup::domain))
        .route("/rdap/entity/{*asked}", get(lookup::entity))
        .route("/rdap/entities", get(search::entities))
        .route("/rdap/domains", get(search::domains))
        .route("/rdap/help", get(help::help))
        .route("/rdap/nameserver/{*asked}", get(help::unsupported))
        .route("/rdap/nameservers", get(help::unsupported))
        .route("/rdap", get(help::help))
        .route("/rdap/{*other}", get(help::unknown))
        .with_state(rdap)
}
