//! What verifiers fetch without a log-in: lists (RFC 5280), certificates, answers by OCSP (RFC 6960 appendix A).

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use data_encoding::BASE64_MIME_PERMISSIVE;

use crate::Pki;
use crate::x509::{armour, ocsp};

pub(super) fn routes(pki: &Pki) -> Router {
    Router::new()
        .route("/pki/{file}", get(file))
        .route("/pki/ocsp", post(ask).layer(DefaultBodyLimit::max(ocsp::LARGEST + 1)))
        .route("/pki/ocsp/{*question}", get(ask_by_address))
        .with_state(pki.clone())
}

async fn file(State(pki): State<Pki>, Path(file): Path<String>) -> Response {
    let found = match file.rsplit_once('.') {
        Some((name, "crl")) => pki.crl(name).map(|der| ("application/pkix-crl", der)),
        Some((name, "crt")) => pki.authority_certificate(name).map(|der| ("application/pkix-cert", der)),
        Some((name, "pem")) => pki
            .authority_certificate(name)
            .map(|der| ("application/pem-certificate-chain", armour("CERTIFICATE", &der).into_bytes())),
        _ => None,
    };
    match found {
        Some((kind, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=60")];
            (headers, bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is no such list or certificate\n").into_response(),
    }
}

async fn ask(State(pki): State<Pki>, question: Bytes) -> Response {
    answer(&pki, &question)
}

/// The question in the address, in base64 (RFC 6960 appendix A.1); slashes in it are not always escaped.
async fn ask_by_address(State(pki): State<Pki>, Path(question): Path<String>) -> Response {
    let fits = question.len() <= ocsp::LARGEST * 2;
    let bytes = BASE64_MIME_PERMISSIVE.decode(question.replace(' ', "+").as_bytes()).ok().filter(|_| fits);
    answer(&pki, &bytes.unwrap_or_default())
}

fn answer(pki: &Pki, question: &[u8]) -> Response {
    // Status follows at once, so nobody keeps an answer for others.
    let headers = [(header::CONTENT_TYPE, "application/ocsp-response"), (header::CACHE_CONTROL, "no-store")];
    (headers, pki.answer(question)).into_response()
}
