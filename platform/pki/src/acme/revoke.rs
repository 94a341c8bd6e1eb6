//! Revocation (RFC 8555, section 7.6): by an account of the team that has the certificate, or by whoever has its key.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::events::Stamp;
use kit::{Error, Write};
use serde::Deserialize;
use x509_cert::der::Decode as _;

use super::call::{Call, stamp};
use super::jwk::Jwk;
use super::jws::decode;
use super::problem::{Kind, Problem};
use crate::Pki;
use crate::model::{Certificate, Purpose};
use crate::x509::crl::Reason;
use crate::x509::fingerprint;

#[derive(Deserialize)]
struct Revocation {
    certificate: String,
    reason: Option<i64>,
}

/// Revokes a certificate for servers. It is on the list and in the answers by OCSP within seconds.
pub(super) async fn revoke(State(pki): State<Pki>, call: Call) -> Result<Response, Problem> {
    // Who asks is known before anything is said about the certificate.
    let (by, key) = match call.has_key() {
        true => (None, Some(call.by_key()?.clone())),
        false => (Some(call.by_account(&pki).await?), None),
    };
    let wish: Revocation = call.payload()?;
    let reason = reason(wish.reason, key.is_some())?;
    let der = decode(&wish.certificate, "certificate")?;
    let print = fingerprint(&der);
    let this = pki.clone();
    let found = pki.node().db.read(move |c| this.certificate_in(c, &print)).await?;
    let found = found.filter(|one| one.known.purpose == Purpose::Server);
    let not_theirs = || {
        let detail = "no certificate for servers of this kind was issued here to the one who asks";
        Problem::new(Kind::Unauthorized, detail)
    };
    let found = found.ok_or_else(not_theirs)?;
    let now = pki.node().now();
    let stamp = match (&by, &key) {
        (Some(account), _) if account.organisation == found.known.organisation => stamp(account, now),
        (_, Some(key)) if has(&found, key) => {
            call.spend(&pki).await?;
            let actor = "acme:certificate's key".to_owned();
            Stamp { at: now, team: Some(found.known.organisation), actor }
        }
        _ => return Err(not_theirs()),
    };
    let this = pki.clone();
    let done = pki.node().db.write(move |tx: &Write<'_>| this.revoke_in(tx, &stamp, &found, reason)).await;
    match done {
        Ok(()) => pki.reload().await?,
        Err(Error::Conflict(why)) => return Err(Problem::new(Kind::AlreadyRevoked, why)),
        Err(error) => return Err(error.into()),
    }
    Ok(StatusCode::OK.into_response())
}

/// Whether `key` is the one in the certificate.
fn has(certificate: &Certificate, key: &Jwk) -> bool {
    let parsed = x509_cert::Certificate::from_der(&certificate.der).ok();
    let bits =
        parsed.map(|one| one.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes().to_vec());
    bits.is_some_and(|bits| bits == key.bits())
}

/// The reason that is told, of those that a holder may give (RFC 5280, section 5.3.1). Who shows the certificate's own
/// key and says nothing is taken to say that others may have it, too.
fn reason(number: Option<i64>, by_key: bool) -> Result<Reason, Problem> {
    let known = match number {
        None | Some(0) if by_key => Some(Reason::KeyCompromise),
        None => Some(Reason::Unspecified),
        Some(number) => Reason::from_number(number),
    };
    let known = known.filter(|reason| !matches!(reason, Reason::Hold | Reason::AuthorityCompromise));
    known.ok_or_else(|| {
        let detail = "give 0 (unspecified), 1 (key compromise), 3 (affiliation changed), 4 (superseded) or 5 (cessation)";
        Problem::new(Kind::BadRevocationReason, detail)
    })
}
