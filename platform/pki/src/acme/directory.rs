//! Where everything is (RFC 8555, section 7.1.1), and nonces for those who have none yet (section 7.2).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::call::Base;
use crate::Pki;

pub(super) async fn directory(State(pki): State<Pki>, request: Request) -> Json<Value> {
    let (mut parts, _) = request.into_parts();
    let base = Base::of(&pki, &mut parts).await;
    Json(json!({
        "newNonce": base.url("new-nonce"),
        "newAccount": base.url("new-account"),
        "newOrder": base.url("new-order"),
        "revokeCert": base.url("revoke-certificate"),
        "keyChange": base.url("key-change"),
        "renewalInfo": base.url("renewal-info"),
        "meta": {"externalAccountRequired": true, "website": base.url("directory").replace("/acme/directory", "/")},
    }))
}

/// The nonce itself is put in with all answers.
pub(super) async fn nonce(request: Request) -> Response {
    match *request.method() == axum::http::Method::HEAD {
        true => StatusCode::OK.into_response(),
        false => StatusCode::NO_CONTENT.into_response(),
    }
}
