//! `/registry/contact/{token}`: the page behind the link in a mail that asks whether somebody reads there. For anybody who
//! has the link; looking at it changes nothing, because mail programs look at every link they see.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, PageError};
use ui::{Html, Page};

use crate::Registry;

pub(super) fn routes() -> Router<Registry> {
    Router::new().route("/registry/contact/{token}", get(show).post(confirm))
}

#[derive(Template)]
#[template(path = "registry-contact.html")]
struct ContactPage {
    page: Page,
    token: String,
    /// The address that the link is about; empty when it is about none any more.
    address: String,
    confirmed: bool,
}

async fn show(
    State(registry): State<Registry>,
    Path(token): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let address = registry.contact_of_link(&token).await?.unwrap_or_default();
    Ok(answer(frame, token, address, false))
}

async fn confirm(
    State(registry): State<Registry>,
    Path(token): Path<String>,
    frame: Frame,
) -> Result<Response, PageError> {
    let address = registry.confirm_by_token(&token).await?.unwrap_or_default();
    Ok(answer(frame, token, address, true))
}

fn answer(frame: Frame, token: String, address: String, confirmed: bool) -> Response {
    let status = if address.is_empty() { StatusCode::GONE } else { StatusCode::OK };
    let page = frame.page("Your mailbox", "");
    let mut response = (status, Html(ContactPage { page, token, address, confirmed })).into_response();
    // The address of this page is the secret: nobody is told where the reader came from.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
