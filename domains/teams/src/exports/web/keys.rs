//! Web Key Directory: `/.well-known/openpgpkey/hu/HASH` under the mail domain itself, and the advanced method with the
//! domain in the path (draft-koch-openpgp-webkey-service, section 3.1).

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{PageError, Visitor};
use kit::Error;

use super::super::{Exports, wkd};

pub(super) fn routes() -> Router<Exports> {
    Router::new()
        .route("/.well-known/openpgpkey/policy", get(policy))
        .route("/.well-known/openpgpkey/hu/{hash}", get(direct))
        .route("/.well-known/openpgpkey/{domain}/policy", get(policy_of))
        .route("/.well-known/openpgpkey/{domain}/hu/{hash}", get(advanced))
}

/// The local part as it was asked for; a server may look at it.
#[derive(serde::Deserialize)]
struct Asked {
    l: Option<String>,
}

/// Nothing special is asked for (section 4.5): an empty file says that keys are found here.
async fn policy(State(exports): State<Exports>, visitor: Visitor) -> Result<Response, PageError> {
    known(&exports, &host(&visitor))?;
    Ok(open_to_all("text/plain; charset=utf-8", Vec::new()))
}

async fn policy_of(
    State(exports): State<Exports>,
    Path(domain): Path<String>,
) -> Result<Response, PageError> {
    known(&exports, &domain)?;
    Ok(open_to_all("text/plain; charset=utf-8", Vec::new()))
}

async fn direct(
    State(exports): State<Exports>,
    Path(hash): Path<String>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    key(&exports, &host(&visitor), &hash, &asked)
}

async fn advanced(
    State(exports): State<Exports>,
    Path((domain, hash)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    key(&exports, &domain, &hash, &asked)
}

fn key(exports: &Exports, domain: &str, hash: &str, asked: &Asked) -> Result<Response, PageError> {
    known(exports, domain)?;
    let fits = asked.l.as_ref().is_none_or(|local| wkd::hash(local) == hash);
    let found = exports.key_of(domain, hash).filter(|_| fits);
    let keys = found.ok_or_else(|| Error::not_found(format!("a key for this address of {domain}")))?;
    Ok(open_to_all("application/octet-stream", keys))
}

fn known(exports: &Exports, domain: &str) -> Result<(), Error> {
    let domains = &exports.teams().settings().wkd_domains;
    match domains.iter().any(|known| known.eq_ignore_ascii_case(domain)) {
        true => Ok(()),
        false => Err(Error::not_found(format!("a key directory of {domain:?}"))),
    }
}

/// The name by which the client reached us, also through our own proxy; without a port.
fn host(visitor: &Visitor) -> String {
    let host = visitor.reached.split_once("://").map_or(visitor.reached.as_str(), |(_, host)| host);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.to_ascii_lowercase()
}

/// Mail programs within a browser ask from other sites (section 4.4); keys are public.
fn open_to_all(content_type: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, bytes).into_response()
}
