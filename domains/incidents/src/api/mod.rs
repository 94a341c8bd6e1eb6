//! The desk for programs: `/api/v1`, described by OpenAPI from the code itself.
//!
//! - A program sends a token: `Authorization: Bearer …`; each route names the scope that it needs.
//! - Errors are `application/problem+json` (RFC 9457): what happened, to what, and what to do now.
//! - Lists come in pages: `next` goes into `after`, and means nothing but that.
//! - What can be changed has an `ETag`; a change names it in `If-Match`, and fails with 412 when somebody was faster.
//! - Times are RFC 3339 in UTC.

mod close;
mod etag;
mod extract;
mod failure;
mod incidents;
mod investigate;
mod investigations;
mod listing;
mod lookup;
mod messages;
mod new_report;
mod notes;
mod page;
mod reports;
mod search;
mod shapes;
mod triage;

use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Desk;

/// The routes of the desk for programs, to be nested under `/api/v1` within identity's layer, and their description.
pub fn routes(desk: Desk) -> OpenApiRouter {
    OpenApiRouter::with_openapi(common())
        .routes(routes!(reports::list, new_report::create))
        .routes(routes!(triage::triage))
        .routes(routes!(triage::undo))
        .routes(routes!(reports::read))
        .routes(routes!(reports::observables))
        .routes(routes!(notes::on_report))
        .routes(routes!(investigations::reply_to_report))
        .routes(routes!(incidents::list, incidents::create))
        .routes(routes!(incidents::read, incidents::change))
        .routes(routes!(incidents::observables))
        .routes(routes!(investigate::plan))
        .routes(routes!(investigate::launch))
        .routes(routes!(close::close))
        .routes(routes!(notes::on_incident))
        .routes(routes!(investigations::read))
        .routes(routes!(investigations::reply))
        .routes(routes!(investigations::remind))
        .routes(routes!(investigations::resolve))
        .routes(routes!(investigations::reopen))
        .routes(routes!(notes::on_investigation))
        .routes(routes!(messages::read))
        .routes(routes!(messages::original))
        .routes(routes!(search::search))
        .layer(map_response(unkept))
        .with_state(desk)
}

/// What all routes refer to.
fn common() -> OpenApi {
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let problem = (identity::Problem::name().into_owned(), identity::Problem::schema());
    let components = ComponentsBuilder::new().security_scheme("token", token).schema(problem.0, problem.1);
    OpenApiBuilder::new().components(Some(components.build())).build()
}

/// Cases are nobody's to keep on the way, and no browser is to guess what they are.
async fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
