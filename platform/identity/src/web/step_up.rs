//! Proving oneself again before a dangerous act: `/step-up`.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use ui::{Html, Page};

use super::Frame;
use super::answer::{ApiError, PageError};
use super::extract::{is_program, next_of};
use super::form::{Fields, own_path};
use super::kept::{detour, lost_on_the_way};
use super::login::told;
use crate::step_up::NotFresh;
use crate::{Granted, Identity, OwnAccount, Permission, Proofs, Refused, StepUp};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/step-up", get(show))
        .route("/step-up/code", post(code))
        .route("/step-up/password", post(password))
        .route("/step-up/certificate", post(certificate))
}

impl<P: Permission, S: Send + Sync> FromRequestParts<S> for StepUp<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let granted = Granted::<P>::from_request_parts(parts, state).await?;
        let is_program = is_program(parts);
        let Some(identity) = parts.extensions.get::<Identity>() else {
            return Err(
                PageError(kit::Error::Corrupt("no identity before these routes".into())).into_response()
            );
        };
        match Self::check(granted, identity.node().now(), identity.fresh_for()) {
            Ok(fresh) => Ok(fresh),
            Err(NotFresh::Refused(error)) if is_program => Err(ApiError(error).into_response()),
            Err(NotFresh::Refused(error)) => Err(PageError(error).into_response()),
            // The script asks for a passkey's question: it goes to the page itself.
            Err(NotFresh::Ask) if parts.uri.path().ends_with("/begin") => {
                let location = serde_json::json!({"location": "/step-up?next=/account"});
                Err((StatusCode::FORBIDDEN, axum::Json(location)).into_response())
            }
            Err(NotFresh::Ask) => Err(detour("/step-up", &next_of(parts))),
        }
    }
}

/// For a door of which only some forms are dangerous: the proof that `granted` is fresh, or the answer that asks for it and
/// leads back to `next`. What was typed is kept.
///
/// # Errors
/// The answer to give instead.
pub fn step_up<P: Permission>(
    identity: &Identity,
    granted: Granted<P>,
    next: &str,
) -> Result<StepUp<P>, Box<Response>> {
    StepUp::check(granted, identity.node().now(), identity.fresh_for()).map_err(|why| {
        Box::new(match why {
            NotFresh::Refused(error) => PageError(error).into_response(),
            NotFresh::Ask => detour("/step-up", next),
        })
    })
}

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage {
    page: Page,
    proofs: Proofs,
    next: String,
    /// What is to be said of a form that could not be kept.
    lost: String,
    minutes: i64,
    /// They are here by a certificate.
    by_certificate: bool,
    error: String,
}

async fn whole(
    identity: &Identity,
    granted: &Granted<OwnAccount>,
    page: Page,
    next: &str,
    wrong: Option<(StatusCode, String)>,
) -> Result<Response, PageError> {
    let (status, error) = wrong.unwrap_or((StatusCode::OK, String::new()));
    let page = StepUpPage {
        page: page.titled("Is it you?"),
        proofs: identity.proofs(granted).await?,
        next: own_path(next).to_owned(),
        lost: lost_on_the_way(next),
        by_certificate: granted.actor().by_certificate(),
        minutes: identity.fresh_for() / kit::clock::MINUTE,
        error,
    };
    Ok((status, Html(page)).into_response())
}

async fn show(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
    Query(query): Query<Fields>,
) -> Result<Response, PageError> {
    whole(&identity, &granted, page, query.text("next"), None).await
}

async fn code(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let proved = identity.step_up_by_code(&granted, form.text("code")).await;
    answered(&identity, &granted, page, &form, proved).await
}

async fn password(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let proved = identity.step_up_by_password(&granted, form.raw("password").to_owned()).await;
    answered(&identity, &granted, page, &form, proved).await
}

async fn certificate(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    identity.step_up_by_certificate(&granted).await?;
    Ok(Redirect::to(own_path(form.text("next"))).into_response())
}

/// On to where the detour began, or the page again with what was wrong.
pub(super) async fn answered(
    identity: &Identity,
    granted: &Granted<OwnAccount>,
    page: Page,
    form: &Fields,
    proved: Result<(), Refused>,
) -> Result<Response, PageError> {
    match proved {
        Ok(()) => Ok(Redirect::to(own_path(form.text("next"))).into_response()),
        Err(refused) => whole(identity, granted, page, form.text("next"), Some(told(refused)?)).await,
    }
}
