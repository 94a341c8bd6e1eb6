//! One resource with its reasons, or a list as JSON, NDJSON or CSV.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use identity::{ApiError, Granted, LookUp, Problem};
use kit::Error;

use super::media::named;
use crate::cli::Format;
use crate::stream;
use crate::{Answer, Registry, Resource};

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// An address, a prefix, a range, a domain name or an AS number; also defanged, a URL or a mail address.
    #[param(example = "192.0.2.77")]
    resource: String,
}

/// Who is responsible for one resource, and how we know.
#[utoipa::path(get, path = "/lookup", operation_id = "lookup_one", tag = "registry", params(Asked), responses(
    (status = 200, body = Answer), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem, description = "It is no resource")))]
pub(super) async fn one(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    Query(Asked { resource }): Query<Asked>,
) -> Result<Json<Answer>, ApiError> {
    let resource = Resource::parse(&resource)?;
    let reader = registry.teams().reader(Some(granted.actor()));
    Ok(Json(registry.snapshot().seen_by(&reader).answer_resource(&resource).seen_by(&reader)))
}

/// Who is responsible for many resources: a JSON list of texts, or as plain text one a line or anything with addresses
/// in it; up to 10 MiB. Answers come as they are found: `application/json` with reasons (a list of answers), or
/// without: `application/x-ndjson`, `text/csv`.
#[utoipa::path(post, path = "/lookup", operation_id = "lookup_many", tag = "registry",
    request_body(content((Vec<String> = "application/json"), (String = "text/plain"))),
    responses(
        (status = 200, content((Vec<Answer> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, description = "More than 10 MiB"),
        (status = 422, body = Problem, description = "The JSON is no list of texts")))]
pub(super) async fn many(
    State(registry): State<Registry>,
    granted: Granted<LookUp>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let text = if named(&headers, header::CONTENT_TYPE).any(|kind| kind == "application/json") {
        let list: Vec<String> = serde_json::from_slice(&body)
            .map_err(|error| Error::invalid("body", format!("it is no JSON list of texts: {error}")))?;
        list.join("\n").into()
    } else {
        body
    };
    let reader = registry.teams().reader(Some(granted.actor()));
    Ok(answers(registry, reader, text, wanted(&headers)))
}

/// Answers for `text` as `reader` sees them, written while they are found.
pub(crate) fn answers(registry: Registry, reader: teams::Reader, text: Bytes, format: Format) -> Response {
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Ndjson => "application/x-ndjson",
        Format::Json | Format::Table => "application/json",
    };
    let body = Body::from_stream(stream::written(move |out| {
        let snapshot = registry.snapshot().seen_by(&reader);
        let mut output = crate::cli::Output::new(format, true, &snapshot, out)?;
        crate::cli::read_text(&mut text.as_ref(), &mut output)?;
        output.finish().map(drop)
    }));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}

/// The first format that the client names and we have.
fn wanted(headers: &HeaderMap) -> Format {
    named(headers, header::ACCEPT)
        .find_map(|kind| match kind {
            "application/json" => Some(Format::Json),
            "application/x-ndjson" | "application/ndjson" => Some(Format::Ndjson),
            "text/csv" => Some(Format::Csv),
            _ => None,
        })
        .unwrap_or(Format::Json)
}
