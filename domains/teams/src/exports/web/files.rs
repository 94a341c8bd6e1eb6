//! `/directory/FILE` and `/directory/members/FILE`, with `.asc` or `.sig` behind it their signatures.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Granted, LookUp, PageError};
use kit::Error;
use kit::blobs::Digest;

use super::super::{Exports, Kind};
use crate::Audience;
use crate::web::looker::Looker;

pub(super) fn routes() -> Router<Exports> {
    Router::new().route("/directory/{file}", get(public)).route("/directory/members/{file}", get(members))
}

/// What is asked for: a file, or its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    File,
    Armored,
    Binary,
}

/// `teams.json.asc` is the signature of `teams.json`; `keyring.asc` is a file.
fn named(name: &str) -> Option<(Kind, Part)> {
    let of = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let file = of(name).map(|kind| (kind, Part::File));
    let armored = || Some((of(name.strip_suffix(".asc")?)?, Part::Armored));
    let binary = || Some((of(name.strip_suffix(".sig")?)?, Part::Binary));
    file.or_else(armored).or_else(binary)
}

async fn public(
    State(exports): State<Exports>,
    _looker: Looker,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (kind, part) = named(&name).ok_or_else(|| Error::not_found(format!("the file {name:?}")))?;
    answer(&exports, Audience::Public, kind, part, &headers).await
}

async fn members(
    State(exports): State<Exports>,
    granted: Granted<LookUp>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (kind, part) = named(&name).ok_or_else(|| Error::not_found(format!("the file {name:?}")))?;
    exports.may_have(granted.actor(), kind)?;
    answer(&exports, Audience::Members, kind, part, &headers).await
}

async fn answer(
    exports: &Exports,
    audience: Audience,
    kind: Kind,
    part: Part,
    headers: &HeaderMap,
) -> Result<Response, PageError> {
    let file = exports.file(audience, kind).await?;
    let signature = match part {
        Part::File => None,
        Part::Armored | Part::Binary => Some(exports.signature(&file).await?),
    };
    let (bytes, end): (Bytes, _) = match (part, &signature) {
        (Part::Armored, Some(signature)) => (signature.armored.clone().into(), "asc"),
        (Part::Binary, Some(signature)) => (signature.binary.clone().into(), "sig"),
        _ => {
            let about = (file.bytes.clone(), file.digest, file.kind.name().to_owned());
            return Ok(with_headers(about, file.kind.content_type(), audience, headers));
        }
    };
    let (digest, name) = (Digest::of(&bytes), format!("{}.{end}", kind.name()));
    Ok(with_headers((bytes, digest, name), "application/pgp-signature", audience, headers))
}

/// The answer, or "not modified" for who has these bytes already (RFC 9110, section 13.1.2).
fn with_headers(
    (bytes, digest, name): (Bytes, Digest, String),
    content_type: &'static str,
    audience: Audience,
    headers: &HeaderMap,
) -> Response {
    let etag = format!("\"{digest}\"");
    let cache = match audience {
        Audience::Public => "public, max-age=300",
        // Asked again each time: the standing decides.
        _ => "private, no-cache",
    };
    let seen = headers.get(header::IF_NONE_MATCH).and_then(|seen| seen.to_str().ok()).unwrap_or_default();
    let tags = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, cache.to_owned())];
    if seen.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*") {
        return (StatusCode::NOT_MODIFIED, tags).into_response();
    }
    let about = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (tags, about, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_named_after_its_file() {
        assert_eq!(named("teams.json"), Some((Kind::Listing, Part::File)));
        assert_eq!(named("teams.json.asc"), Some((Kind::Listing, Part::Armored)));
        assert_eq!(named("keyring.asc"), Some((Kind::Ring, Part::File)));
        assert_eq!(named("keyring.asc.asc"), Some((Kind::Ring, Part::Armored)));
        assert_eq!(named("keyring.gpg.sig"), Some((Kind::BinaryRing, Part::Binary)));
        assert_eq!(named("keyring"), None);
        assert_eq!(named("passwd.asc"), None);
    }
}
