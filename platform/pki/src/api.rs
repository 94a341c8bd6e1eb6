//! Certificates for programs: `wardmote cert request`, and servers that do not speak ACME.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::{ApiError, Granted, ManageTeam, Problem, RequestCertificates};
use kit::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Pki;
use crate::issue::hex;
use crate::list::parse_fingerprint;
use crate::model::{Certificate, Issued};
use crate::x509::crl::Reason;

pub(crate) fn routes(pki: Pki) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(own, request))
        .routes(routes!(revoke))
        .routes(routes!(of_team, request_for_server))
        .routes(routes!(revoke_of_team))
        .with_state(pki)
}

/// A request for a certificate.
#[derive(Debug, Deserialize, ToSchema)]
struct CertificateRequest {
    /// PKCS#10 in PEM, signed with the key that is to be certified. The key itself never leaves its machine.
    csr: String,
    /// Who is told by mail before the certificate ends.
    #[serde(default)]
    notify: Option<String>,
}

/// A certificate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct CertificateView {
    /// SHA-256 of it, hex.
    pub(crate) fingerprint: String,
    /// Its number, hex.
    pub(crate) serial: String,
    /// `person` or `server`.
    pub(crate) purpose: String,
    /// Its subject (RFC 4514).
    pub(crate) subject: String,
    /// The names of hosts in it.
    pub(crate) names: Vec<String>,
    /// Until when it is valid (RFC 3339).
    pub(crate) until: String,
    /// `good`, or what it is instead.
    pub(crate) state: String,
    /// The certificate and the authority above it (PEM); in answers to a request only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) chain: Option<String>,
}

impl CertificateView {
    pub(crate) fn new(issued: Issued) -> Self {
        let known = &issued.known;
        Self {
            fingerprint: hex(&known.fingerprint),
            serial: known.serial.clone(),
            purpose: known.purpose.name().into(),
            until: ui::format::iso(known.until),
            state: "good".into(),
            subject: issued.subject,
            names: issued.names,
            chain: Some(issued.chain),
        }
    }

    fn of(pki: &Pki, one: Certificate) -> Self {
        let state = pki.standing_of(&one).to_string();
        let known = &one.known;
        Self {
            fingerprint: hex(&known.fingerprint),
            serial: known.serial.clone(),
            purpose: known.purpose.name().into(),
            until: ui::format::iso(known.until),
            state,
            subject: one.subject,
            names: one.names,
            chain: None,
        }
    }
}

/// Why a certificate is revoked.
#[derive(Debug, Deserialize, ToSchema)]
struct Revocation {
    /// By its name in RFC 5280: `keyCompromise`, `superseded`, `affiliationChanged`, `cessationOfOperation`, `unspecified`.
    #[serde(default)]
    reason: Option<String>,
}

impl Revocation {
    fn reason(&self) -> Result<Reason> {
        self.reason.as_deref().map_or(Ok(Reason::Unspecified), parse_reason)
    }
}

/// The reason with this name.
pub(crate) fn parse_reason(name: &str) -> Result<Reason> {
    let found = Reason::ALL.into_iter().find(|reason| reason.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let known = Reason::ALL.map(Reason::name).join(", ");
        Error::invalid("reason", format!("{name:?} is no reason; choose among {known}"))
    })
}

/// A certificate that logs in as the token's owner, for the key in the request.
#[utoipa::path(post, path = "/certificates", operation_id = "certificates_request", tag = "certificates",
    request_body = CertificateRequest, responses((status = 201, body = CertificateView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn request(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Json(asked): Json<CertificateRequest>,
) -> Result<(StatusCode, Json<CertificateView>), ApiError> {
    let issued = pki.issue_person(&granted, asked.csr.as_bytes(), asked.notify).await?;
    Ok((StatusCode::CREATED, Json(CertificateView::new(issued))))
}

/// The certificates of the token's owner, the newest first.
#[utoipa::path(get, path = "/certificates", operation_id = "certificates_own", tag = "certificates",
    responses((status = 200, body = Vec<CertificateView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn own(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
) -> Result<Json<Vec<CertificateView>>, ApiError> {
    let all = pki.certificates_of(&granted).await?;
    Ok(Json(all.into_iter().map(|one| CertificateView::of(&pki, one)).collect()))
}

/// Revokes a certificate of the token's owner.
#[utoipa::path(post, path = "/certificates/{fingerprint}/revoke", operation_id = "certificates_revoke", tag = "certificates",
    params(("fingerprint" = String, Path, description = "SHA-256 of it, hex")), request_body = Revocation,
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn revoke(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Path(fingerprint): Path<String>,
    Json(why): Json<Revocation>,
) -> Result<StatusCode, ApiError> {
    pki.revoke_own(&granted, parse_fingerprint(&fingerprint)?, why.reason()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A certificate for servers of the team, for the key and the names in the request.
#[utoipa::path(post, path = "/team/certificates", operation_id = "team_certificates_request", tag = "certificates",
    request_body = CertificateRequest, responses((status = 201, body = CertificateView),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn request_for_server(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Json(asked): Json<CertificateRequest>,
) -> Result<(StatusCode, Json<CertificateView>), ApiError> {
    let issued = pki.issue_server(&granted, asked.csr.as_bytes(), asked.notify).await?;
    Ok((StatusCode::CREATED, Json(CertificateView::new(issued))))
}

/// The certificates of the team's people and servers, the newest first.
#[utoipa::path(get, path = "/team/certificates", operation_id = "team_certificates", tag = "certificates",
    responses((status = 200, body = Vec<CertificateView>), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn of_team(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
) -> Result<Json<Vec<CertificateView>>, ApiError> {
    let all = pki.certificates_of_team(&granted).await?;
    Ok(Json(all.into_iter().map(|one| CertificateView::of(&pki, one)).collect()))
}

/// Revokes a certificate of one of the team's people or servers.
#[utoipa::path(post, path = "/team/certificates/{fingerprint}/revoke", operation_id = "team_certificates_revoke", tag = "certificates",
    params(("fingerprint" = String, Path, description = "SHA-256 of it, hex")), request_body = Revocation,
    responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn revoke_of_team(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Path(fingerprint): Path<String>,
    Json(why): Json<Revocation>,
) -> Result<StatusCode, ApiError> {
    pki.revoke_of_team(&granted, parse_fingerprint(&fingerprint)?, why.reason()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
