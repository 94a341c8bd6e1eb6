//! One router for all pages and the API.

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use identity::web::{ApiError, PageError, Site};
use kit::Domain;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::domains::House;

/// The largest form or API request; a bulk look-up is the largest honest one.
const LARGEST_REQUEST: usize = 12 * 1024 * 1024;

pub fn router(house: &House, name: &str, domains: &[Domain]) -> Router {
    let mut pages = Router::new().merge(identity::web::routes()).merge(ui::routes());
    let mut api = OpenApiRouter::new();
    for domain in domains {
        pages = pages.merge(domain.routes.clone());
        api = api.nest("/api/v1", domain.api.clone());
    }
    let (api, mut description) = api.split_for_parts();
    description.info = utoipa::openapi::InfoBuilder::new()
        .title("Wardmote")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Incident desk and hub of CSIRTs. Errors are problem+json (RFC 9457)."))
        .build();
    let description = description.to_json().unwrap_or_default();
    let openapi = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], description) });
    let site =
        Site { node: name.to_owned(), nav: domains.iter().flat_map(|domain| domain.nav.clone()).collect() };
    let known = pages.merge(api).route("/api/v1/openapi.json", openapi).fallback(nothing_here);
    identity::web::protect(known, house.identity.clone(), site)
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(60)))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new())
        .merge(ui::assets())
        .route("/health", get(|| async { "ok\n" }))
}

/// What is asked for at an address where nothing is.
async fn nothing_here(uri: Uri) -> Response {
    let missing = kit::Error::not_found(uri.path());
    if uri.path().starts_with("/api/") {
        ApiError(missing).into_response()
    } else {
        PageError(missing).into_response()
    }
}
