//! The directory for programs.

use axum::Json;
use axum::extract::{Path, Query, State};
use identity::{ApiError, Granted, LookUp, Problem};
use kit::{Error, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::view::{TeamQuery, TeamView};
use crate::{Team, Teams};

/// Most teams in one answer.
const PAGE: usize = 200;

pub(crate) fn routes(teams: Teams) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).with_state(teams)
}

/// A part of the directory.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct TeamList {
    /// The teams by name.
    teams: Vec<TeamView>,
    /// How many fit in all.
    total: usize,
    /// What to send as `after` for those that follow; none at the end.
    next: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The `next` of the answer before.
    #[serde(default)]
    after: String,
}

/// The teams of the directory, 200 at a time.
#[utoipa::path(get, path = "/teams", operation_id = "teams_list", tag = "teams", params(TeamQuery, After), responses(
    (status = 200, body = TeamList), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list(
    State(teams): State<Teams>,
    _granted: Granted<LookUp>,
    Query(query): Query<TeamQuery>,
    Query(After { after }): Query<After>,
) -> Result<Json<TeamList>, ApiError> {
    let directory = teams.directory();
    let found = query.find(&directory);
    let start = if after.is_empty() {
        0
    } else {
        let last = after.parse().ok().and_then(|id| directory.by_id(id));
        let last = last.ok_or_else(|| {
            Error::invalid("after", "this is no \"next\" of an answer: begin again without it")
        })?;
        found.partition_point(|team| place(team) <= place(&last))
    };
    let page = &found[start.min(found.len())..(start + PAGE).min(found.len())];
    let is_more = start + PAGE < found.len();
    let now = teams.node().now();
    Ok(Json(TeamList {
        teams: page.iter().map(|team| TeamView::of(team, now)).collect(),
        total: found.len(),
        next: page.last().filter(|_| is_more).map(|team| team.id.to_string()),
    }))
}

/// Where a team stands in the order of the directory.
fn place(team: &Team) -> (String, Id) {
    (team.name.to_lowercase(), team.id)
}

/// One team.
#[utoipa::path(get, path = "/teams/{handle}", operation_id = "teams_get", tag = "teams", params(("handle" = String, Path, description = "its handle")),
    responses((status = 200, body = TeamView), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn one(
    State(teams): State<Teams>,
    _granted: Granted<LookUp>,
    Path(handle): Path<String>,
) -> Result<Json<TeamView>, ApiError> {
    let team = teams.directory().by_handle(&handle);
    let team = team.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?;
    Ok(Json(TeamView::of(&team, teams.node().now())))
}
