//! `/registry`: what is loaded, and what came in last.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, LookUp, PageError, UpdateRegistry};
use ui::{Html, Page};

use crate::Registry;
use crate::index::Report;
use crate::store::{Count, Import};

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/registry", get(show))
}

#[derive(Template)]
#[template(path = "registry.html")]
struct RegistryPage {
    page: Page,
    sources: Vec<Source>,
    imports: Vec<Import>,
    report: Report,
    /// The reader may write new objects.
    can_edit: bool,
}

/// One registry.
struct Source {
    name: String,
    objects: i64,
    newest: kit::Time,
    classes: Vec<Count>,
}

async fn show(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    let counts = registry.counts(&granted).await?;
    let imports = registry.imports(&granted).await?;
    let mut sources: Vec<Source> = Vec::new();
    for count in counts {
        if sources.last().is_none_or(|source| source.name != count.source) {
            let name = count.source.clone();
            sources.push(Source { name, objects: 0, newest: count.newest, classes: Vec::new() });
        }
        if let Some(source) = sources.last_mut() {
            source.objects += count.objects;
            source.newest = source.newest.max(count.newest);
            source.classes.push(count);
        }
    }
    let report = registry.snapshot().report().clone();
    let may = Granted::<UpdateRegistry>::check(granted.actor()).is_ok();
    let can_edit = may && registry.settings().source.is_some();
    let page = frame.page("Registry", "/registry");
    Ok(Html(RegistryPage { page, sources, imports, report, can_edit }).into_response())
}
