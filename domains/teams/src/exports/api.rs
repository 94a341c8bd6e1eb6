//! Published descriptions for programs: the bytes as they are, so that a signature over them can be verified.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use identity::{ApiError, Granted, ManageTeam, Problem};
use kit::Error;
use kit::clock::SECOND;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::description::{chosen, propose};
use crate::Teams;
use crate::service::own;
use crate::web::looker::{self, Looker};

pub(crate) fn routes(teams: Teams) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(describe)).with_state(teams)
}

#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Take {
    /// The fields that are to be taken, with commas between; nothing is changed without it.
    take: String,
}

/// What a published description would change in a team's record.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DescriptionProposal)]
struct ProposalView {
    /// Field by field.
    changes: Vec<ChangeView>,
    /// What could not be placed or read.
    notes: Vec<String>,
    /// What is said of each signature over the bytes that were sent.
    signatures: Vec<String>,
    /// Whether it is signed by a key of the team.
    is_signed: bool,
    /// Whether it can be taken: it has no signature, or a good one.
    may_be_taken: bool,
    /// Version of the record: what to send as `If-Match`, or what it is now when something was taken.
    version: String,
}

/// A field that would change.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = DescriptionChange)]
struct ChangeView {
    /// Its name in the record.
    field: String,
    /// What stands there.
    before: String,
    /// What would stand there.
    after: String,
}

/// Reads a description by RFC 2350, clear-signed or not, and says what it would change in the team's record; with
/// `take` and `If-Match` it changes that.
#[utoipa::path(post, path = "/teams/{handle}/rfc2350", operation_id = "teams_read_description", tag = "teams",
    params(("handle" = String, Path, description = "its handle"), Take,
        ("If-Match" = Option<String>, Header, description = "The version that was compared; needed with take.")),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = ProposalView), (status = 401, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn describe(
    State(teams): State<Teams>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
    Query(Take { take }): Query<Take>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<ProposalView>, ApiError> {
    let id = looker::find(&teams, &looker, &handle)?.id;
    own(&granted, id)?;
    let team = teams.directory().by_id(id).ok_or_else(|| Error::not_found("the team"))?;
    let (read, at) = (team.clone(), teams.node().now() / SECOND);
    let proposal = tokio::task::spawn_blocking(move || propose(&read, &body, None, at)).await;
    let proposal = proposal.map_err(|_| Error::Corrupt("reading a description failed".into()))??;
    let fields: Vec<String> =
        take.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let mut version = team.record_digest();
    if !fields.is_empty() {
        if !proposal.may_be_taken {
            return Err(Error::invalid("body", "its signature is not good, so nothing of it is taken").into());
        }
        let expected = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        let expected = expected.map(|tag| tag.trim().trim_matches('"').to_owned());
        let expected = expected.ok_or_else(|| {
            Error::invalid(
                "If-Match",
                "say which version you compared: the version of the answer without take",
            )
        })?;
        let record = chosen(&team, &proposal, &fields)?;
        version = teams.save_over(&granted, id, record, Some(expected)).await?;
    }
    let change =
        |one: crate::Difference| ChangeView { field: one.field, before: one.before, after: one.after };
    Ok(Json(ProposalView {
        changes: proposal.differences.into_iter().map(change).collect(),
        notes: proposal.notes,
        signatures: proposal.signatures,
        is_signed: proposal.is_signed,
        may_be_taken: proposal.may_be_taken,
        version,
    }))
}
