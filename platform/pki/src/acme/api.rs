//! ACME credentials of a team, for programs that set up its servers.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::Problem as ApiProblem;
use identity::{ApiError, Granted, ManageTeam};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::store::CredentialView;
use crate::Pki;

pub(crate) fn routes(pki: &Pki) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, make)).routes(routes!(withdraw)).with_state(pki.clone())
}

/// A credential with which ACME clients become accounts of the team.
#[derive(Serialize, utoipa::ToSchema)]
struct AcmeCredential {
    /// Its key identifier.
    kid: String,
    /// What people call it.
    label: String,
    /// Until when it binds accounts (RFC 3339).
    expires: String,
    /// When it was withdrawn (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<String>,
    /// How many accounts that are in force it has bound.
    accounts: i64,
    /// The HMAC key in base64url: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// What is asked for.
#[derive(Deserialize, utoipa::ToSchema)]
struct AcmeCredentialRequest {
    /// For which server or person it is.
    label: String,
    /// How many days it binds accounts, 1 to 365.
    days: i64,
}

impl From<CredentialView> for AcmeCredential {
    fn from(view: CredentialView) -> Self {
        Self {
            kid: view.kid,
            label: view.label,
            expires: super::order::timestamp(view.expires),
            withdrawn: view.withdrawn.map(super::order::timestamp),
            accounts: view.accounts,
            key: None,
        }
    }
}

/// The ACME credentials of the team, the newest first.
#[utoipa::path(get, path = "/acme/credentials", operation_id = "acme_credentials_list", tag = "pki", responses(
    (status = 200, body = Vec<AcmeCredential>), (status = 401, body = ApiProblem), (status = 403, body = ApiProblem)))]
async fn list(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
) -> Result<Json<Vec<AcmeCredential>>, ApiError> {
    Ok(Json(pki.acme_credentials(&granted).await?.into_iter().map(Into::into).collect()))
}

/// Makes an ACME credential for the team. Its key is told this once.
#[utoipa::path(post, path = "/acme/credentials", operation_id = "acme_credentials_make", tag = "pki",
    request_body = AcmeCredentialRequest, responses((status = 201, body = AcmeCredential), (status = 401, body = ApiProblem),
    (status = 403, body = ApiProblem), (status = 422, body = ApiProblem)))]
async fn make(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Json(wish): Json<AcmeCredentialRequest>,
) -> Result<(StatusCode, Json<AcmeCredential>), ApiError> {
    let made = pki.make_acme_credential(&granted, &wish.label, wish.days).await?;
    let shown = AcmeCredential {
        kid: made.kid,
        label: wish.label,
        expires: super::order::timestamp(made.expires),
        withdrawn: None,
        accounts: 0,
        key: Some(made.key),
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Withdraws an ACME credential of the team and shuts out the accounts that it has bound.
#[utoipa::path(delete, path = "/acme/credentials/{kid}", operation_id = "acme_credentials_withdraw", tag = "pki",
    params(("kid" = String, Path, description = "its key identifier")), responses((status = 204),
    (status = 401, body = ApiProblem), (status = 403, body = ApiProblem), (status = 404, body = ApiProblem)))]
async fn withdraw(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Path(kid): Path<String>,
) -> Result<StatusCode, ApiError> {
    pki.withdraw_acme_credential(&granted, &kid).await?;
    Ok(StatusCode::NO_CONTENT)
}
