//! The reader's OpenPGP keys: what is to be signed, and the signed text.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kit::Error;
use ui::{Html, Page};

use super::Frame;
use super::account::back_with;
use super::answer::PageError;
use super::form::Fields;
use crate::{Granted, Identity, OwnAccount, StepUp};

pub(super) fn routes() -> Router {
    Router::new().route("/account/openpgp", get(ask).post(add)).route("/account/openpgp/remove", post(remove))
}

#[derive(Template)]
#[template(path = "openpgp.html")]
struct AskPage {
    page: Page,
    text: String,
    sealed: String,
    typed: Fields,
    wrong: (String, String),
}

impl AskPage {
    fn error(&self, field: &str) -> &str {
        if self.wrong.0 == field { &self.wrong.1 } else { "" }
    }
}

async fn ask(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    shown(&identity, &granted, page, Fields::default(), None)
}

async fn add(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let added = identity.add_openpgp(&fresh, form.text("asked"), form.raw("key"), form.raw("signed")).await;
    match added {
        Ok(_) => Ok(back_with("/account", &identity, "The key is shown as yours.")),
        Err(Error::Invalid { field, message }) => {
            shown(&identity, &fresh, page, form, Some((field, message)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The text to be signed; what was typed stays.
fn shown(
    identity: &Identity,
    granted: &Granted<OwnAccount>,
    page: Page,
    typed: Fields,
    wrong: Option<(String, String)>,
) -> Result<Response, PageError> {
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (text, sealed) = identity.ask_for_openpgp(granted)?;
    let wrong = wrong.unwrap_or_default();
    Ok((status, Html(AskPage { page: page.titled("An OpenPGP key of yours"), text, sealed, typed, wrong }))
        .into_response())
}

async fn remove(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    identity.remove_openpgp(&fresh, form.text("fingerprint")).await?;
    Ok(back_with("/account", &identity, "The key is no longer shown as yours."))
}
