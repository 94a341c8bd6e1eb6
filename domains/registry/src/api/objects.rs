//! Objects of the registry: made, changed, removed, looked at.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::{ApiError, Granted, LookUp, Problem, UpdateRegistry};
use kit::{Digest, Error, Result};
use rpsl::write::line;

use super::media::{accepts, is_type};
use crate::Registry;
use crate::update::proof::certificate;
use crate::update::{
    AttributeView, Cause, Item, Keywords, ObjectView, Operation, Outcome, Proofs, Referrer, Report,
    Submission, VersionView,
};

#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Wish {
    /// Say what would happen, and change nothing.
    dry_run: bool,
    /// Only make objects that are not there yet.
    new: bool,
    /// Why an object is removed.
    reason: String,
}

/// Objects as JSON.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = RegistrySent)]
#[serde(untagged)]
pub(crate) enum Sent {
    /// Several.
    Many {
        /// In their order.
        objects: Vec<SentObject>,
    },
    /// One.
    One(SentObject),
}

/// One object as JSON.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[schema(as = RegistrySentObject)]
pub(crate) struct SentObject {
    /// Its attributes in their order; the first is its class.
    attributes: Vec<AttributeView>,
    /// Remove it, for this reason; its attributes are those that the registry has.
    #[serde(default)]
    delete: Option<String>,
}

/// Make, change or remove objects: RPSL text (objects parted by blank lines; `delete: reason` in one removes it), which
/// may be signed in clear, or JSON. Each object is done by itself: one that fails changes nothing and does not hold up
/// the others. The answer is a report; as `text/plain` an acknowledgement.
#[utoipa::path(post, path = "/registry/objects", operation_id = "registry_update", tag = "registry", params(Wish),
    request_body(content((String = "text/plain"), (String = "application/rpsl"), (Sent = "application/json"))),
    responses(
        (status = 200, body = Report, description = "All was done"),
        (status = 401, body = Problem),
        (status = 403, body = Report, description = "Authorisation is missing for at least one object; others may be done"),
        (status = 409, body = Report, description = "An object was changed meanwhile, or there is none of its name"),
        (status = 422, body = Report, description = "At least one object was refused; others may be done"),
        (status = 503, body = Problem, description = "This node keeps no registry")))]
pub(super) async fn update(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    Query(wish): Query<Wish>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let proofs = proofs(&registry, &granted, &extensions);
    let text = text(&headers, &body)?;
    let keywords = Keywords { new: wish.new, ..Keywords::default() };
    let report = registry.update_text(&proofs, &text, keywords, wish.dry_run).await?;
    Ok(answer(&headers, report, false))
}

/// Give one object a new text, or make it. `If-Match` with the `ETag` that was seen keeps others' changes safe.
#[utoipa::path(put, path = "/registry/{source}/{class}/{key}", operation_id = "registry_put", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path, description = "The primary key; a slash is written %2F"), Wish),
    request_body(content((String = "text/plain"), (String = "application/rpsl"), (Sent = "application/json"))),
    responses(
        (status = 200, body = Report), (status = 401, body = Problem), (status = 403, body = Report),
        (status = 412, body = Report, description = "The object is not what If-Match names"),
        (status = 422, body = Report)))]
pub(super) async fn put(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    Path(path): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    ours(&registry, &path.0)?;
    let proofs = proofs(&registry, &granted, &extensions);
    let mut submission = Submission::single(text(&headers, &body)?.as_bytes())?;
    let expected = if_match(&headers)?;
    for item in &mut submission.items {
        item.expected = expected;
        same_name(item, &path.1, &path.2)?;
    }
    submission.dry_run |= wish.dry_run;
    submission.keywords.new = wish.new;
    let report = registry.update(&proofs, submission).await?;
    Ok(answer(&headers, report, expected.is_some()))
}

/// Remove one object. It goes only when no other names it.
#[utoipa::path(delete, path = "/registry/{source}/{class}/{key}", operation_id = "registry_delete", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path), Wish),
    responses(
        (status = 200, body = Report), (status = 401, body = Problem), (status = 403, body = Report),
        (status = 409, body = Report), (status = 412, body = Report), (status = 422, body = Report)))]
pub(super) async fn delete(
    State(registry): State<Registry>,
    granted: Granted<UpdateRegistry>,
    Path((source, class, key)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    ours(&registry, &source)?;
    let proofs = proofs(&registry, &granted, &extensions);
    let mut submission = Submission::deletion(&class, &key, &wish.reason);
    let expected = if_match(&headers)?;
    submission.items.iter_mut().for_each(|item| item.expected = expected);
    submission.dry_run = wish.dry_run;
    let report = registry.update(&proofs, submission).await?;
    Ok(answer(&headers, report, expected.is_some()))
}

/// One object: as it is stored for those who may change it, else as everybody is shown it. `Accept: text/plain` gives
/// the text alone.
#[utoipa::path(get, path = "/registry/{source}/{class}/{key}", operation_id = "registry_get", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path)),
    responses(
        (status = 200, content((ObjectView = "application/json"), (String = "text/plain"))),
        (status = 304, description = "It is what If-None-Match names"),
        (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    Path((source, class, key)): Path<(String, String, String)>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let proofs = proofs(&registry, &granted, &extensions);
    let object = registry.object_for(&granted, &proofs, &source, &class, &key).await?;
    let etag = format!("\"{}\"", object.digest);
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes()) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = if accepts(&headers, "text/plain") {
        ([(header::CONTENT_TYPE, HeaderValue::from_static(PLAIN))], object.text).into_response()
    } else {
        Json(object).into_response()
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

/// The versions of an object, the newest first. Those of persons and roles are not shown (ERROR:116).
#[utoipa::path(get, path = "/registry/{source}/{class}/{key}/versions", operation_id = "registry_versions", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = Vec<VersionView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn versions(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    Path((source, class, key)): Path<(String, String, String)>,
) -> Result<Json<Vec<VersionView>>, ApiError> {
    let updater = Granted::<UpdateRegistry>::check(granted.actor()).ok();
    Ok(Json(registry.versions(&granted, updater.as_ref(), &source, &class, &key).await?))
}

/// One version of an object, with its text and what changed in it.
#[utoipa::path(get, path = "/registry/{source}/{class}/{key}/versions/{version}", operation_id = "registry_version", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path), ("version" = i64, Path)),
    responses((status = 200, body = VersionView), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn version(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    Path((source, class, key, version)): Path<(String, String, String, i64)>,
) -> Result<Json<VersionView>, ApiError> {
    let updater = Granted::<UpdateRegistry>::check(granted.actor()).ok();
    Ok(Json(registry.version(&granted, updater.as_ref(), &source, &class, &key, version).await?))
}

/// The objects of the same registry that name this one.
#[utoipa::path(get, path = "/registry/{source}/{class}/{key}/referring", operation_id = "registry_referring", tag = "registry",
    params(("source" = String, Path), ("class" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = Vec<Referrer>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn referring(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    Path((source, class, key)): Path<(String, String, String)>,
) -> Result<Json<Vec<Referrer>>, ApiError> {
    Ok(Json(registry.referrers(&granted, &source, &class, &key).await?))
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// What is known of whoever sends a request: the account, and the certificate of the connection.
pub(crate) fn proofs<P: identity::Permission>(
    registry: &Registry,
    granted: &Granted<P>,
    extensions: &Extensions,
) -> Proofs {
    let mut proofs = Proofs::account(granted);
    if let Some(proof) = certificate(extensions, registry.now()) {
        proofs.push(proof);
    }
    proofs
}

fn ours(registry: &Registry, source: &str) -> Result<()> {
    if registry.settings().keeps(source) {
        return Ok(());
    }
    Err(Error::not_found(format!("a registry {source} that is kept by this node")))
}

/// The body as RPSL text.
fn text(headers: &HeaderMap, body: &Bytes) -> Result<String> {
    if !is_type(headers, "application/json") {
        return Ok(rpsl::decode(body).into_owned());
    }
    let sent: Sent = serde_json::from_slice(body)
        .map_err(|error| Error::invalid("body", format!("it is no object or list of objects: {error}")))?;
    let objects = match sent {
        Sent::Many { objects } => objects,
        Sent::One(object) => vec![object],
    };
    let mut text = String::new();
    for object in objects {
        for AttributeView { name, value } in &object.attributes {
            let named = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*'));
            if !named {
                return Err(Error::invalid(
                    "attributes",
                    format!("{name:?} is not the name of an attribute"),
                ));
            }
            text.push_str(&line(name, value));
        }
        if let Some(reason) = &object.delete {
            text.push_str(&line("delete", reason));
        }
        text.push('\n');
    }
    Ok(text)
}

/// The digest in `If-Match`; none when it is not sent, or any will do (`*`).
fn if_match(headers: &HeaderMap) -> Result<Option<Digest>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
    if text == "*" {
        return Ok(None);
    }
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).unwrap_or_default();
    let digest = Digest::from_slice(&bytes);
    digest.map(Some).map_err(|_| Error::invalid("If-Match", "send the ETag of the object as you got it"))
}

/// The object that is sent must be the one that the address names.
fn same_name(item: &Item, class: &str, key: &str) -> Result<()> {
    let Operation::Save { text, .. } = &item.operation else {
        return Err(Error::invalid("body", "send the text of the object; to remove it use DELETE"));
    };
    let object = rpsl::Object::parse(text).map_err(|error| Error::invalid("body", error.to_string()))?;
    let asked = rpsl::template::normal_key(class, key).ok();
    if object.class().eq_ignore_ascii_case(class) && object.primary_key().ok() == asked {
        return Ok(());
    }
    Err(Error::invalid("body", format!("the object is not the [{class}] {key} of the address")))
}

/// The report with the status that its worst object gives it.
fn answer(headers: &HeaderMap, report: Report, matched: bool) -> Response {
    let failed = || report.objects.iter().filter(|object| object.outcome == Outcome::Failed);
    let status = match failed().filter_map(|object| object.cause).max() {
        _ if report.objects.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        None if failed().next().is_none() => StatusCode::OK,
        Some(Cause::Authorisation) => StatusCode::FORBIDDEN,
        Some(Cause::Conflict) if matched => StatusCode::PRECONDITION_FAILED,
        Some(Cause::Conflict) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    if accepts(headers, "text/plain") {
        let text = report.acknowledgement();
        return (status, [(header::CONTENT_TYPE, HeaderValue::from_static(PLAIN))], text).into_response();
    }
    let etag = match report.objects.as_slice() {
        [one] => one.digest.as_ref().map(|digest| format!("\"{digest}\"")),
        _ => None,
    };
    let mut response = (status, Json(report)).into_response();
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
