//! What keeps trust up between decisions, put together: drills, maturity, the code of conduct, people.

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use kit::jobs::Handler;
use kit::{Error, Result, Sql};
use ui::{Html, Toast};
use utoipa_axum::router::OpenApiRouter;

use crate::{Trust, conduct, drill, maturity, people, stranger};

/// The statements of all parts.
pub(crate) fn statements() -> Vec<(&'static str, Sql)> {
    [drill::STATEMENTS, maturity::STATEMENTS, conduct::STATEMENTS, people::STATEMENTS, stranger::STATEMENTS]
        .concat()
}

/// The pages of all parts.
pub(crate) fn routes(trust: Trust) -> Router {
    Router::new()
        .merge(drill::routes())
        .merge(maturity::routes())
        .merge(conduct::routes())
        .merge(people::routes())
        .merge(stranger::routes())
        .with_state(trust)
}

/// The paths of all parts below `/api/v1`.
pub(crate) fn api(trust: Trust) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(drill::api())
        .merge(maturity::api())
        .merge(conduct::api())
        .merge(people::api())
        .with_state(trust)
}

/// The jobs of all parts.
pub(crate) fn handlers(trust: &Trust) -> Vec<Handler> {
    [
        drill::handlers(trust),
        conduct::handlers(trust),
        people::handlers(trust),
        vec![stranger::handler(trust)],
    ]
    .concat()
}

/// Plans the first of their jobs.
pub(crate) async fn start(trust: &Trust) -> Result<()> {
    drill::start(trust).await?;
    people::start(trust).await
}

/// To the page `to`, saying there what was done.
pub(crate) fn said(trust: &Trust, words: &str, to: &str) -> Response {
    let now = trust.node().now();
    ([(header::SET_COOKIE, Toast::said(words, now).to_cookie(now))], Redirect::to(to)).into_response()
}

/// A page whose address is a secret: nobody is told where its reader came from. `there`: what the link is of is there still.
pub(crate) fn secret_page(page: impl Template, there: bool) -> Response {
    let status = if there { StatusCode::OK } else { StatusCode::GONE };
    (status, [(header::REFERRER_POLICY, "no-referrer")], Html(page)).into_response()
}

/// In for the first time, by a secret link: on to `to`, and nothing of it is kept or told.
pub(crate) fn entered(to: &str) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (headers, Redirect::to(to)).into_response()
}

/// A table as a file for spreadsheets.
///
/// # Errors
/// It cannot be written.
pub(crate) fn table(name: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Response> {
    let failed = |error: csv::Error| Error::Corrupt(format!("writing the table: {error}"));
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(head).map_err(failed)?;
    for row in rows {
        out.write_record(row.into_iter().map(harmless)).map_err(failed)?;
    }
    let bytes = out.into_inner().map_err(|error| Error::Corrupt(format!("writing the table: {error}")))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// A cell that a spreadsheet does not take for a formula (OWASP, CSV injection).
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}
