//! One router for all pages and the API.

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use identity::web::{ApiError, PageError, Site};
use kit::Domain;
use kit::health::Pulse;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::domains::House;

/// The largest form or API request; a bulk look-up is the largest honest one.
const LARGEST_REQUEST: usize = 12 * 1024 * 1024;

pub fn router(house: &House, name: &str, domains: &[Domain]) -> Router {
    let pulse = Pulse::new(house.node.clone());
    let mut pages = Router::new().merge(identity::web::routes()).merge(ui::routes());
    for domain in domains {
        pages = pages.merge(domain.routes.clone());
    }
    let (api, description) = api(domains);
    let description = description.to_json().unwrap_or_default();
    let openapi = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], description) });
    let site =
        Site { node: name.to_owned(), nav: domains.iter().flat_map(|domain| domain.nav.clone()).collect() };
    let known = pages.merge(api).route("/api/v1/openapi.json", openapi).fallback(nothing_here);
    let machines =
        house.pki.acme_routes().merge(house.acme.as_ref().map(|acme| acme.routes()).unwrap_or_default());
    let limit = RequestBodyLimitLayer::new(LARGEST_REQUEST);
    // Within the house's door, so that whoever sends too much is told in words.
    identity::web::protect(known.layer(limit), house.identity.clone(), site)
        .merge(machines.layer(limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(60)))
        .layer(CatchPanicLayer::new())
        .layer(CompressionLayer::new().compress_when(not_compressed_yet()))
        .merge(ui::assets())
        .route("/health", get(move || pulse.clone().answer()))
}

/// What is worth compressing: the files of a mirrored registry are, already.
fn not_compressed_yet() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/gzip"))
}

/// The API of all domains, and what it says of itself.
fn api(domains: &[Domain]) -> (Router, OpenApi) {
    let mut api = OpenApiRouter::new();
    for domain in domains {
        api = api.nest("/api/v1", domain.api.clone());
    }
    let (api, mut description) = api.split_for_parts();
    description.info = utoipa::openapi::InfoBuilder::new()
        .title("Wardmote")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Incident desk and hub of CSIRTs. Errors are problem+json (RFC 9457)."))
        .build();
    (api, description)
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use mail::queue::NoRelay;
    use serde_json::Value;

    use super::*;
    use crate::config::Config;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_description_of_the_whole_api_hangs_together() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new("desk.example", folder.path().join("data"));
        let house = House::found(&config).await.unwrap();
        let domains = house.domains(Arc::new(NoRelay));
        let whole = serde_json::to_value(api(&domains).1).unwrap();
        let mut broken = Vec::new();

        let mut operations = BTreeMap::new();
        for (path, item) in whole["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                if let Some(other) = operations.insert(id, format!("{method} {path}")) {
                    broken.push(format!("two operations are called {id:?}: {other}, {method} {path}"));
                }
            }
        }
        assert!(operations.len() > 20, "{operations:?}");

        for reference in references(&whole) {
            if reference.strip_prefix('#').and_then(|pointer| whole.pointer(pointer)).is_none() {
                broken.push(format!("{reference} leads nowhere"));
            }
        }

        // Put together, the last one of a name wins: what each domain says of its own must be what is told.
        for domain in &domains {
            let own = serde_json::to_value(domain.api.get_openapi()).unwrap();
            for kind in ["schemas", "responses", "securitySchemes"] {
                for (name, shape) in own["components"][kind].as_object().into_iter().flatten() {
                    if whole["components"][kind][name] != *shape {
                        broken.push(format!("{kind}/{name} of {} is told otherwise", domain.name));
                    }
                }
            }
        }
        assert!(broken.is_empty(), "{}", broken.join("\n"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_two_crates_take_one_address() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new("desk.example", folder.path().join("data"));
        let house = House::found(&config).await.unwrap();
        let domains = house.domains(Arc::new(NoRelay));
        let _ = router(&house, "desk.example", &domains); // it panics when two do
    }

    /// Every `$ref` in the document.
    fn references(value: &Value) -> Vec<String> {
        match value {
            Value::Object(members) => {
                let own = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
                own.into_iter().chain(members.values().flat_map(references)).collect()
            }
            Value::Array(items) => items.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }
}
