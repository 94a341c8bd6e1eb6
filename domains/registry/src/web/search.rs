//! `/registry/search`: any object, by whatever is known of it.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, LookUp, PageError};
use ui::{Html, Page};

use crate::answer::{Network, range_text};
use crate::browse::{Found, Id};
use crate::{Registry, Resource};

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/registry/search", get(show))
}

#[derive(Template)]
#[template(path = "registry-search.html")]
struct SearchPage {
    page: Page,
    typed: String,
    found: Found,
    /// What was asked is an address, a range, a name or an AS number: it can be looked up.
    resource: String,
    /// The networks around it, the smallest first.
    networks: Vec<(Network, String)>,
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let typed = query.text("q").to_owned();
    let found = registry.find(&granted, &typed).await?;
    let (mut resource, mut networks) = (String::new(), Vec::new());
    match crate::resource::addresses(&typed) {
        Some((first, last)) => {
            resource = range_text(first, last);
            let answer = registry.snapshot().answer(first, last);
            let mut around = answer.networks;
            around.reverse();
            networks = around
                .into_iter()
                .map(|network| {
                    let class = if network.first.is_ipv4() { "inetnum" } else { "inet6num" };
                    let key = rpsl::AddressRange::new(network.first, network.last)
                        .map_or_else(|_| network.range.clone(), |range| range.to_string());
                    let path = Id::new(&network.source, class, &key).path();
                    (network, path)
                })
                .collect();
        }
        None if typed.contains('.') || typed.to_ascii_uppercase().starts_with("AS") => {
            if let Ok(Resource::Domain(name)) = Resource::parse(&typed) {
                resource = name;
            } else if let Some(number) = rpsl::range::parse_as_number(&typed) {
                resource = format!("AS{number}");
            }
        }
        None => {}
    }
    let page = frame.page("Registry search", "/registry");
    Ok(Html(SearchPage { page, typed, found, resource, networks }).into_response())
}
