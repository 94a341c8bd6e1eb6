//! Passkeys: the questions that the script fetches, and the forms in which it sends the answers.

use axum::Json;
use axum::Router;
use axum::extract::{Extension, Form, Path};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use data_encoding::BASE64URL_NOPAD;
use kit::Error;
use serde_json::{Value, json};

use super::account::{back_with, not_taken};
use super::answer::{ApiError, PageError};
use super::client::Client;
use super::form::{Fields, own_path};
use super::{Frame, cookie, login, step_up};
use crate::{Granted, Identity, OwnAccount, PasskeyAnswer, Question, StepUp};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/account/passkeys", post(add))
        .route("/account/passkeys/begin", post(begin_add))
        .route("/account/passkeys/{passkey}/name", post(rename))
        .route("/account/passkeys/{passkey}/remove", post(remove))
        .route("/login/passkey", post(enter))
        .route("/login/passkey/begin", post(begin_enter))
        .route("/login/code/passkey", post(second_step))
        .route("/login/code/passkey/begin", post(begin_second_step))
        .route("/step-up/passkey", post(prove))
        .route("/step-up/passkey/begin", post(begin_prove))
}

/// What the script hands to the browser; byte strings are base64url without padding.
fn to_script(question: &Question, site: &webauthn::Site, more: Value) -> Value {
    let credential = |id: &Vec<u8>| json!({"type": "public-key", "id": BASE64URL_NOPAD.encode(id)});
    let credentials: Vec<_> = question.credentials.iter().map(credential).collect();
    let challenge = BASE64URL_NOPAD.encode(&question.challenge);
    match more {
        Value::Null => json!({
            "challenge": challenge, "rpId": site.id, "allowCredentials": credentials,
            "userVerification": "required", "timeout": 120_000,
        }),
        user => json!({
            "challenge": challenge, "rp": {"id": site.id, "name": "Wardmote"}, "user": user,
            "excludeCredentials": credentials, "attestation": "none", "timeout": 120_000,
            "pubKeyCredParams": webauthn::ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg})),
            "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
        }),
    }
}

fn answer(form: &Fields) -> Result<PasskeyAnswer, Error> {
    Ok(PasskeyAnswer {
        credential: bytes(form, "credential")?,
        client_data: bytes(form, "client_data")?,
        authenticator_data: bytes(form, "authenticator_data")?,
        signature: bytes(form, "signature")?,
        user: bytes(form, "user")?,
    })
}

fn bytes(form: &Fields, name: &str) -> Result<Vec<u8>, Error> {
    let bad =
        |_| Error::invalid("passkey", "the browser's answer cannot be read: try again with the script on");
    BASE64URL_NOPAD.decode(form.text(name).as_bytes()).map_err(bad)
}

async fn begin_add(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    client: Client,
) -> Result<Json<Value>, ApiError> {
    let site = identity.site(&client.host, client.https)?;
    let own = identity.own(&fresh).await?;
    let shown = if own.name.is_empty() { &own.login } else { &own.name };
    let id = BASE64URL_NOPAD.encode(own.id.as_bytes());
    let question = identity.offer_passkey(&fresh).await?;
    Ok(Json(to_script(&question, &site, json!({"id": id, "name": own.login, "displayName": shown}))))
}

async fn add(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    client: Client,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let site = identity.site(&client.host, client.https)?;
    let (client_data, attestation) = (bytes(&form, "client_data")?, bytes(&form, "attestation")?);
    match identity.add_passkey(&fresh, &site, form.text("device"), client_data, attestation).await {
        Ok(_) => {
            Ok(back_with("/account", &identity, "The passkey is added. It lets you in without a password."))
        }
        Err(error) => not_taken(&identity, &fresh, page, "passkey", error).await,
    }
}

async fn rename(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    Path(passkey): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    identity.rename_passkey(&granted, passkey.parse()?, form.text("device")).await?;
    Ok(back_with("/account", &identity, "The passkey has its new name."))
}

async fn remove(
    Extension(identity): Extension<Identity>,
    fresh: StepUp<OwnAccount>,
    Path(passkey): Path<String>,
) -> Result<Response, PageError> {
    identity.remove_passkey(&fresh, passkey.parse()?).await?;
    Ok(back_with("/account", &identity, "The passkey is removed. Delete it on the device, too."))
}

async fn begin_enter(
    Extension(identity): Extension<Identity>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let site = identity.site(&client.host, client.https)?;
    let known = cookie::BROWSER.read(&headers, client.https).map(str::to_owned);
    let browser = known.unwrap_or_else(|| identity.node().token::<32>());
    let question = identity.ask_to_enter(&browser, &client.from).await?;
    let set = cookie::BROWSER.set(&browser, client.https);
    Ok(([(header::SET_COOKIE, set)], Json(to_script(&question, &site, Value::Null))).into_response())
}

async fn enter(
    Extension(identity): Extension<Identity>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let site = identity.site(&client.host, client.https)?;
    let browser = cookie::BROWSER.read(&headers, client.https).unwrap_or_default();
    let (typed, next) = (form.text("login"), own_path(form.text("next")));
    match identity.log_in_by_passkey(&site, browser, typed, answer(&form)?, &client.from).await {
        Ok(value) => login::entered_with(&identity, &value, &client, &headers, next).await,
        Err(refused) => login::shown_again(page, typed, next, refused, &identity, &client),
    }
}

async fn begin_second_step(
    Extension(identity): Extension<Identity>,
    client: Client,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let site = identity.site(&client.host, client.https)?;
    let half = cookie::SESSION.read(&headers, client.https).unwrap_or_default();
    let question = identity.ask_for_second_step(half).await?;
    Ok(Json(to_script(&question, &site, Value::Null)))
}

async fn second_step(
    Extension(identity): Extension<Identity>,
    client: Client,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let site = identity.site(&client.host, client.https)?;
    let next = own_path(form.text("next"));
    let half = cookie::SESSION.read(&headers, client.https).unwrap_or_default();
    match identity.second_step_by_passkey(&site, half, answer(&form)?, &client.from).await {
        Ok(value) => login::entered_with(&identity, &value, &client, &HeaderMap::new(), next).await,
        Err(refused) => login::code_again(&identity, page, half, next, refused).await,
    }
}

async fn begin_prove(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    client: Client,
) -> Result<Json<Value>, ApiError> {
    let site = identity.site(&client.host, client.https)?;
    let question = identity.ask_to_step_up(&granted).await?;
    Ok(Json(to_script(&question, &site, Value::Null)))
}

async fn prove(
    Extension(identity): Extension<Identity>,
    granted: Granted<OwnAccount>,
    client: Client,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let site = identity.site(&client.host, client.https)?;
    let proved = identity.step_up_by_passkey(&granted, &site, answer(&form)?).await;
    step_up::answered(&identity, &granted, page, &form, proved).await
}
