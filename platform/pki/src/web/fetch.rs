//! What verifiers fetch without a log-in: lists (RFC 5280), certificates, answers by OCSP (RFC 6960 appendix A).

use std::sync::LazyLock;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use data_encoding::BASE64_MIME_PERMISSIVE;

use crate::Pki;
use crate::x509::{armour, ocsp};

pub(super) fn routes() -> Router<Pki> {
    Router::new()
        .route("/pki/{file}", get(file))
        .route("/pki/ocsp", post(ask).layer(DefaultBodyLimit::max(ocsp::LARGEST + 1)))
        .route("/pki/ocsp/{*question}", get(ask_by_address))
}

const SCRIPT: &str = include_str!("../../assets/certificate.js");

/// The address of the script that makes keys; it changes with the script.
pub(super) fn script_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let digest = crate::x509::fingerprint(SCRIPT.as_bytes());
        format!("/pki/certificate-{}.js", crate::issue::hex(&digest[..8]))
    });
    &PATH
}

async fn file(State(pki): State<Pki>, Path(file): Path<String>) -> Response {
    let found = match file.rsplit_once('.') {
        Some((name, "crl")) => pki.crl(name).map(|der| ("application/pkix-crl", der)),
        Some((name, "crt")) => pki.authority_certificate(name).map(|der| ("application/pkix-cert", der)),
        Some((name, "js")) if name.starts_with("certificate-") => {
            Some(("text/javascript; charset=utf-8", SCRIPT.as_bytes().to_vec()))
        }
        Some((name, "pem")) => pki
            .authority_certificate(name)
            .map(|der| ("application/pem-certificate-chain", armour("CERTIFICATE", &der).into_bytes())),
        _ => None,
    };
    match found {
        Some((kind, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "public, max-age=60"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
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
