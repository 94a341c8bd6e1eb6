//! When a certificate is to be renewed (RFC 9773): asked by anybody, by the certificate's own identifier.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kit::Time;
use kit::clock::HOUR;
use serde_json::json;

use super::jws::decode;
use super::order::timestamp;
use super::problem::Problem;
use crate::Pki;
use crate::issue::hex;
use crate::model::{Known, Purpose, Standing};

/// Clients ask again after so many seconds.
const ASK_AGAIN: u32 = 6 * 3600;

/// The server's certificate with the identifier `id`: that of its authority's key and its number, each in base64url, with a
/// dot between them (section 4.1).
///
/// # Errors
/// It is no identifier, or of a certificate that is not known here.
pub(super) fn named(pki: &Pki, id: &str) -> Result<std::sync::Arc<Known>, Problem> {
    let (authority, serial) = id.split_once('.').ok_or_else(|| {
        Problem::malformed(
            "a certificate is named by its authority's key and its number, with a dot between them",
        )
    })?;
    let (authority, serial) = (decode(authority, "certificate")?, hex(&decode(serial, "certificate")?));
    let state = pki.state();
    let by = state.authorities.iter().filter(|one| one.issuer.key_id == authority);
    let found = by.filter_map(|by| state.by_serial.get(&(by.stored.id, serial.clone()))).next();
    found
        .filter(|known| known.purpose == Purpose::Server)
        .cloned()
        .ok_or_else(|| Problem::not_found("certificate"))
}

/// Within which time a certificate is best renewed.
pub(super) async fn info(State(pki): State<Pki>, Path(id): Path<String>) -> Result<Response, Problem> {
    let known = named(&pki, &id)?;
    let (start, end) = window(&pki, &known);
    let body = json!({"suggestedWindow": {"start": timestamp(start), "end": timestamp(end)}});
    Ok(([(header::RETRY_AFTER, ASK_AGAIN.to_string())], Json(body)).into_response())
}

/// When two thirds of its time are over, in the thirtieth part of it that follows: not all clients come at once. What was
/// revoked is to be renewed at once, which a window in the past says (section 4.2).
fn window(pki: &Pki, known: &Known) -> (Time, Time) {
    let state = pki.state();
    let by = state.authority(known.authority).map(|by| by.stored.state);
    if known.revoked.is_some() || !matches!(by, Some(Standing::Active | Standing::Retired)) {
        return (known.from - HOUR, known.from);
    }
    let lasts = known.until - known.from;
    let start = known.from + lasts / 3 * 2;
    (start, start + lasts / 30)
}
