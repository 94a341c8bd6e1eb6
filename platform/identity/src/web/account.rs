//! The reader's own account: password, second factor, sessions, tokens.

use askama::Template;
use axum::Router;
use axum::extract::{Extension, Form, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use data_encoding::HEXLOWER;
use kit::clock::DAY;
use kit::{Error, Id};
use tls::ClientCertificate;
use ui::{Html, Page, Toast};

use super::Frame;
use super::answer::PageError;
use super::client::Client;
use super::form::Fields;
use crate::actor::{Session, Way};
use crate::permission::scopes_of;
use crate::{
    CertificateView, Enrolment, Granted, Identity, Institute, InstituteLink, OpenPgpView, OwnAccount,
    PasskeyView, Role, SessionView, StepUp, TokenRequest, TokenView,
};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(password))
        .route("/account/second-factor", post(offer))
        .route("/account/second-factor/confirm", post(confirm))
        .route("/account/second-factor/remove", post(remove))
        .route("/account/tokens", post(create_token))
        .route("/account/tokens/{token}/revoke", post(revoke_token))
        .route("/account/shown-certificate", post(bind_certificate))
        .route("/account/shown-certificate/{certificate}/withdraw", post(withdraw_certificate))
        .route("/account/sessions/{session}/end", post(end_session))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    login: String,
    roles: Vec<Role>,
    has_password: bool,
    /// Whether the old password is asked for: not after a one-time link.
    asks_current: bool,
    recovery_left: Option<i64>,
    passkeys: Vec<PasskeyView>,
    certificates: Vec<CertificateView>,
    openpgp: Vec<OpenPgpView>,
    institutes: Vec<Institute>,
    institute_links: Vec<InstituteLink>,
    /// They are here by the certificate with this fingerprint.
    by_certificate: Option<String>,
    sessions: Vec<SessionView>,
    here: Option<Id>,
    tokens: Vec<TokenView>,
    /// What a token of theirs may do.
    scopes: Vec<(&'static str, &'static str)>,
    enrolment: Option<Enrolment>,
    recovery: Vec<String>,
    new_token: Option<String>,
    /// Their browser shows a good certificate that is nobody's.
    unbound: bool,
    wrong: Wrong,
}

/// What is wrong with what was typed: which form, which field, and what to do.
#[derive(Default)]
struct Wrong {
    form: &'static str,
    field: String,
    message: String,
}

impl Wrong {
    fn with(&self, form: &str, field: &str) -> &str {
        if self.form == form && self.field == field { &self.message } else { "" }
    }
}

/// What is shown besides what is always there.
#[derive(Default)]
struct Shown {
    enrolment: Option<Enrolment>,
    recovery: Vec<String>,
    new_token: Option<String>,
    unbound: bool,
    wrong: Wrong,
}

async fn whole(
    identity: &Identity,
    granted: &Granted<OwnAccount>,
    page: Page,
    shown: Shown,
) -> Result<Response, PageError> {
    let own = identity.own(granted).await?;
    let session = granted.actor().session.as_ref();
    let status = if shown.wrong.form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AccountPage {
        page: page.titled("Your account"),
        login: own.login,
        roles: granted.actor().roles().collect(),
        has_password: own.password_hash.is_some(),
        asks_current: own.password_hash.is_some() && !session.is_some_and(|session| session.by_link),
        recovery_left: identity.recovery_codes_left(granted).await?,
        passkeys: identity.passkeys(granted).await?,
        certificates: identity.certificates(granted).await?,
        openpgp: identity.openpgp_keys(granted).await?,
        institutes: identity.settings().institutes.clone(),
        institute_links: identity.institute_links(granted).await?,
        by_certificate: session.and_then(by_certificate),
        sessions: identity.sessions(granted).await?,
        here: session.and_then(|session| session.way.id()),
        tokens: identity.tokens(granted).await?,
        scopes: scopes_of(granted.actor()),
        enrolment: shown.enrolment,
        recovery: shown.recovery,
        new_token: shown.new_token,
        unbound: shown.unbound,
        wrong: shown.wrong,
    };
    Ok((status, Html(page)).into_response())
}

async fn show(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Frame(page): Frame,
    client: Client,
    certificate: Option<Extension<ClientCertificate>>,
) -> Result<Response, PageError> {
    let unbound = match certificate {
        Some(Extension(certificate)) => {
            identity.by_certificate(&certificate, client.from.peer).await? == crate::Shown::Unbound
        }
        None => false,
    };
    whole(&identity, &granted, page, Shown { unbound, ..Shown::default() }).await
}

async fn password(
    Extension(identity): Extension<Identity>,
    granted: StepUp<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    if form.raw("password") != form.raw("again") {
        let message = "the two are not the same. Type the new password twice.";
        let wrong = Wrong { form: "password", field: "again".into(), message: message.into() };
        return whole(&identity, &granted, page, Shown { wrong, ..Shown::default() }).await;
    }
    let (current, new) = (form.raw("current").to_owned(), form.raw("password").to_owned());
    match identity.change_password(&granted, current, new).await {
        Ok(()) => Ok(said(&identity, "Your password is changed; your other sessions are ended.")),
        Err(error) => not_taken(&identity, &granted, page, "password", error).await,
    }
}

async fn offer(
    Extension(identity): Extension<Identity>,
    granted: StepUp<OwnAccount>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let enrolment = Some(identity.offer_totp(&granted).await?);
    whole(&identity, &granted, page, Shown { enrolment, ..Shown::default() }).await
}

async fn confirm(
    Extension(identity): Extension<Identity>,
    granted: StepUp<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    match identity.confirm_totp(&granted, form.text("code")).await {
        Ok(recovery) => whole(&identity, &granted, page, Shown { recovery, ..Shown::default() }).await,
        Err(Error::Invalid { field, message }) => {
            // The same secret again: it is in the authenticator already.
            let enrolment = identity.offered_totp(&granted).await?;
            let wrong = Wrong { form: "confirm", field, message };
            whole(&identity, &granted, page, Shown { enrolment, wrong, ..Shown::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn remove(
    Extension(identity): Extension<Identity>,
    granted: StepUp<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    match identity.remove_totp(&granted, form.raw("current").to_owned()).await {
        Ok(()) => Ok(said(&identity, "Your second factor is removed.")),
        Err(error) => not_taken(&identity, &granted, page, "remove", error).await,
    }
}

async fn create_token(
    Extension(identity): Extension<Identity>,
    granted: StepUp<OwnAccount>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let days = form.text("days").parse::<i64>().ok().filter(|days| (1..=3_650).contains(days));
    let request = TokenRequest {
        name: form.text("name").to_owned(),
        scopes: form.all("scope").map(str::to_owned).collect(),
        expires: days.map(|days| identity.node().now() + days * DAY),
    };
    match identity.create_token(&granted, request).await {
        Ok(token) => {
            whole(&identity, &granted, page, Shown { new_token: Some(token), ..Shown::default() }).await
        }
        Err(error) => not_taken(&identity, &granted, page, "token", error).await,
    }
}

async fn revoke_token(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    identity.revoke_token(&granted, token.parse()?).await?;
    Ok(said(&identity, "The token is revoked."))
}

async fn bind_certificate(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    shown: Option<Extension<ClientCertificate>>,
) -> Result<Response, PageError> {
    let none = || Error::Conflict("your browser shows no certificate here: choose one when it asks".into());
    let Extension(shown) = shown.ok_or_else(none)?;
    identity.bind_own_certificate(&fresh, &shown).await?;
    Ok(said(&identity, "The certificate is yours now: it lets you in at this address."))
}

async fn withdraw_certificate(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Path(certificate): Path<String>,
) -> Result<Response, PageError> {
    identity.withdraw_certificate(&fresh, &certificate).await?;
    Ok(said(&identity, "The certificate lets nobody in any more."))
}

fn by_certificate(session: &Session) -> Option<String> {
    match &session.way {
        Way::Certificate(fingerprint) => Some(HEXLOWER.encode(fingerprint)),
        Way::Cookie(_) => None,
    }
}

async fn end_session(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Path(session): Path<String>,
) -> Result<Response, PageError> {
    identity.end_session(&granted, session.parse()?).await?;
    Ok(said(&identity, "The session is ended."))
}

/// Input that cannot be taken is shown with its reason beside the field; other errors have their own page.
pub(super) async fn not_taken(
    identity: &Identity,
    granted: &Granted<OwnAccount>,
    page: Page,
    form: &'static str,
    error: Error,
) -> Result<Response, PageError> {
    match error {
        Error::Invalid { field, message } => {
            let wrong = Wrong { form, field, message };
            whole(identity, granted, page, Shown { wrong, ..Shown::default() }).await
        }
        error => Err(error.into()),
    }
}

/// Back to the account page, which says what was done.
fn said(identity: &Identity, what: &str) -> Response {
    back_with("/account", identity, what)
}

pub(super) fn back_with(to: &str, identity: &Identity, what: &str) -> Response {
    let now = identity.node().now();
    let headers = HeaderMap::from_iter([
        (header::SET_COOKIE, Toast::said(what, now).to_cookie(now)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    (headers, Redirect::to(to)).into_response()
}
