//! What stands around every page: navigation, reader, preferences, what was just done.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kit::NavEntry;
use ui::{NavItem, Page, Toast, Who};

use super::answer::Undressed;
use super::extract::caller;
use crate::{Actor, Identity};

/// What all pages of the node share. The binary makes it from its domains.
#[derive(Clone, Default)]
pub struct Site {
    /// The node's public name, for the foot of the page.
    pub node: String,
    /// The places in the main menu, in order.
    pub nav: Arc<[NavEntry]>,
}

/// The page around a handler's own part: an extractor.
#[derive(Debug, Clone)]
pub struct Frame(
    /// It.
    pub Page,
);

impl Frame {
    /// The page under `title`, with the place `here` (its address in the main menu) marked.
    pub fn page(self, title: impl Into<String>, here: &str) -> Page {
        self.0.titled(title).at(here)
    }
}

impl<S: Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Without an answer from the database it is a page without a reader; the handler will say what is wrong.
        let actor = caller(parts).await.ok().flatten();
        Ok(Self(page(
            parts.extensions.get::<Identity>(),
            parts.extensions.get::<Site>(),
            &parts.headers,
            actor,
        )))
    }
}

pub(super) fn page(
    identity: Option<&Identity>,
    site: Option<&Site>,
    headers: &HeaderMap,
    actor: Option<Actor>,
) -> Page {
    let now = identity.map_or(0, |identity| identity.node().now());
    let nav = site.filter(|_| actor.is_some()).map_or(&[][..], |site| &site.nav);
    let entry = |entry: &NavEntry| NavItem {
        href: entry.href.to_owned(),
        label: entry.label.to_owned(),
        key: Some(entry.key),
        ..NavItem::default()
    };
    Page {
        title: String::new(),
        nav: nav.iter().map(entry).collect(),
        who: actor.map(|actor| Who { team: actor.team_name, account: actor.name }),
        node: site.map(|site| site.node.clone()).unwrap_or_default(),
        preferences: ui::preferences(headers),
        toast: Toast::from_cookies(headers, now),
        now,
    }
}

/// Shows an error within the page of whoever caused it, so that they can go on from there.
pub(super) async fn dress_errors(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut later = parts.clone();
    later.extensions = parts.extensions.clone();
    parts.extensions.remove::<Undressed>();
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(Undressed(error)) = response.extensions().get::<Undressed>().cloned() else { return response };
    let Ok(Frame(page)) = Frame::from_request_parts(&mut later, &()).await;
    error.on(page).into_response()
}
