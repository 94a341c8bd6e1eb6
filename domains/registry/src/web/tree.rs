//! `/registry/tree`: what lies around a range and in it, which team answers where, and what is free.

use std::net::IpAddr;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, LookUp, PageError};
use ui::{Html, Page};

use crate::answer::{Basis, Network, range_text};
use crate::browse::{Child, Id, Space, Tree};
use crate::resource;
use crate::{Registry, Snapshot};

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/registry/tree", get(show))
}

#[derive(Template)]
#[template(path = "registry-tree.html")]
struct TreePage {
    page: Page,
    typed: String,
    wrong: String,
    range: String,
    tree: Option<Tree>,
    /// The address of the next page.
    next: Option<String>,
}

impl TreePage {
    /// The larger networks around the range, each with the address of its own page here.
    fn around(&self) -> Vec<Place<'_>> {
        let networks = self.tree.iter().flat_map(|tree| &tree.answer.networks);
        networks
            .map(|network| Place { network, here: network.range == self.range, object: object_of(network) })
            .collect()
    }

    /// Who answers for what names nobody itself: the team that was found for the whole range.
    fn inherited(&self) -> String {
        let Some(tree) = &self.tree else { return String::new() };
        match (&tree.answer.irt, &tree.answer.contact) {
            (Some(irt), _) => irt.name.clone(),
            (None, Some(contact)) => contact.address.clone(),
            (None, None) => String::new(),
        }
    }

    /// How large a free piece is.
    fn free(&self, addresses: &u128) -> String {
        size(*addresses, self.tree.as_ref().is_none_or(|tree| tree.first.is_ipv4()))
    }

    /// Whether that is a team.
    fn by_team(&self) -> bool {
        self.tree.as_ref().is_some_and(|tree| tree.answer.basis == Basis::Irt)
    }
}

/// A network around the range.
struct Place<'a> {
    network: &'a Network,
    here: bool,
    object: String,
}

fn object_of(network: &Network) -> String {
    object_path(&network.source, network.first, network.last)
}

fn object_path(source: &str, first: IpAddr, last: IpAddr) -> String {
    let class = if first.is_ipv4() { "inetnum" } else { "inet6num" };
    let key = rpsl::AddressRange::new(first, last)
        .map_or_else(|_| range_text(first, last), |range| range.to_string());
    Id::new(source, class, &key).path()
}

impl Child {
    fn object(&self) -> String {
        object_path(&self.source, self.first, self.last)
    }

    fn size(&self) -> String {
        size(self.addresses, self.first.is_ipv4())
    }
}

/// So many addresses, in a form that can be read.
fn size(addresses: u128, v4: bool) -> String {
    match i64::try_from(addresses) {
        Ok(count) if v4 || count < 1_000_000 => ui::format::plural(count, "address", "addresses"),
        _ => match addresses.checked_shr(64).unwrap_or(0) {
            0 => "less than a /64".to_owned(),
            1 => "a /64".to_owned(),
            networks => format!(
                "{} times a /64",
                i64::try_from(networks).map_or_else(|_| "very many".to_owned(), ui::format::count)
            ),
        },
    }
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let typed = query.text("range").to_owned();
    let from = query.text("from").parse::<IpAddr>().ok();
    let snapshot = registry.snapshot().seen_by(&registry.teams().reader(Some(granted.actor())));
    let wanted = match typed.as_str() {
        "" => None,
        text => Some(resource::addresses(text)),
    };
    let (tree, wrong) = match wanted {
        Some(Some((first, last))) => (Some(read(snapshot, first, last, from).await?), String::new()),
        Some(None) => {
            (None, format!("{} is no range: write 192.0.2.0/24 or 2001:db8::/32", super::short(&typed)))
        }
        None => (None, String::new()),
    };
    let range = tree.as_ref().map(|tree| range_text(tree.first, tree.last)).unwrap_or_default();
    let next = tree.as_ref().and_then(|tree| tree.next);
    let next = next.map(|next| format!("/registry/tree?range={}&from={next}", identity::web::encode(&range)));
    let title = if range.is_empty() { "Hierarchy".to_owned() } else { range.clone() };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = frame.page(title, "/registry");
    Ok((status, Html(TreePage { page, typed, wrong, range, tree, next })).into_response())
}

async fn read(snapshot: Snapshot, first: IpAddr, last: IpAddr, from: Option<IpAddr>) -> kit::Result<Tree> {
    // A large range has millions of networks in it.
    let read = tokio::task::spawn_blocking(move || snapshot.tree(first, last, from));
    read.await.map_err(|_| kit::Error::Corrupt("reading the hierarchy failed".into()))?
}
