//! `/registry/history`: the versions of an object, who made them, what changed.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Fields, Frame, Granted, LookUp, PageError};
use ui::{Html, Page};

use super::diff::{self, DiffLine};
use crate::Registry;
use crate::browse::{Id, Version};
use crate::store::changes::ChangeKind;

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/registry/history", get(show))
}

#[derive(Template)]
#[template(path = "registry-history.html")]
struct HistoryPage {
    page: Page,
    id: Id,
    versions: Vec<(Version, Option<Vec<DiffLine>>)>,
    personal: bool,
}

impl Version {
    /// Colour, symbol and words.
    fn look(&self) -> (&'static str, &'static str, &'static str) {
        match self.kind {
            ChangeKind::Found => ("plain", "doc", "imported"),
            ChangeKind::Create => ("ok", "plus", "created"),
            ChangeKind::Modify => ("info", "edit", "changed"),
            ChangeKind::Delete => ("bad", "cross", "deleted"),
        }
    }
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    let id = Id::new(query.text("source"), query.text("class"), query.text("key"));
    let versions = registry.history(&granted, id.clone()).await?;
    let versions = versions.into_iter().map(|mut version| {
        let lines = version.diff.take().map(|text| diff::lines(&text));
        (version, lines)
    });
    let personal = matches!(id.class.as_str(), "person" | "role");
    let page = frame.page(format!("History of {}", id.key), "/registry");
    Ok(Html(HistoryPage { page, id, versions: versions.collect(), personal }).into_response())
}
