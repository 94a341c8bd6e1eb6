//! Media types in headers.

use axum::http::{HeaderMap, header};

/// Media types of a header, without their parameters.
pub(super) fn named(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or_default().trim())
}

/// Whether the body is of this type.
pub(super) fn is_type(headers: &HeaderMap, kind: &str) -> bool {
    named(headers, header::CONTENT_TYPE).any(|own| own.eq_ignore_ascii_case(kind))
}

/// Whether the first type that is accepted, of those that are answered with, is this one.
pub(super) fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let known = |own: &&str| own.eq_ignore_ascii_case(kind) || own.eq_ignore_ascii_case("application/json");
    named(headers, header::ACCEPT).find(known).is_some_and(|own| own.eq_ignore_ascii_case(kind))
}
