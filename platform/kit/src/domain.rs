//! What a domain brings to the house.

use crate::db::Sql;
use crate::jobs::Handler;

/// One domain, ready to be put together with the others: the binary knows nothing else of it.
pub struct Domain {
    /// Its name: the crate's.
    pub name: &'static str,
    /// Every statement of its store, for the test that prepares them all.
    pub statements: Vec<(&'static str, Sql)>,
    /// Its pages.
    pub routes: axum::Router,
    /// Its part of `/api/v1`, with its OpenAPI description.
    pub api: utoipa_axum::router::OpenApiRouter,
    /// What it does later.
    pub jobs: Vec<Handler>,
    /// Its places in the main menu.
    pub nav: Vec<NavEntry>,
}

/// A place in the main menu.
#[derive(Debug, Clone)]
pub struct NavEntry {
    /// Where it leads.
    pub href: &'static str,
    /// Its name.
    pub label: &'static str,
    /// The letter after `g` that goes there.
    pub key: char,
}
