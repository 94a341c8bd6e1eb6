//! Keys of a team: fetched by anybody who may look, added and withdrawn by the team's administrator.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, ManageTeam, PageError};
use kit::Error;
use ui::{Html, Toast};

use super::looker::{self, Looker};
use super::team::{Typed, whole};
use crate::Teams;

pub(super) fn routes() -> Router<Teams> {
    Router::new()
        .route("/teams/{handle}/key.asc", get(fetch))
        .route("/teams/{handle}/keys", post(add))
        .route("/teams/{handle}/keys/{fingerprint}/withdraw", post(withdraw))
}

/// The team's keys that are in use, the newest first, as gpg takes them.
async fn fetch(
    State(teams): State<Teams>,
    looker: Looker,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = looker::find(&teams, &looker, &handle)?;
    let keys: String = team.keys_in_use().map(|key| key.to_armored()).collect();
    if keys.is_empty() {
        return Err(Error::not_found(format!("a key of {}", team.name)).into());
    }
    let headers = [
        (header::CONTENT_TYPE, "application/pgp-keys".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.asc\"", team.handle)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, keys).into_response())
}

async fn add(
    State(teams): State<Teams>,
    look: Looker,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = teams.directory().by_handle(&handle);
    let team = team.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?;
    match teams.add_key(&granted, team.id, form.text("key").as_bytes().to_vec()).await {
        Ok(added) => {
            let ends: Vec<String> =
                added.iter().map(|fingerprint| ui::format::fingerprint_end(fingerprint)).collect();
            Ok(back(&teams, &handle, &format!("Key {} added.", ends.join(", "))))
        }
        Err(Error::Invalid { message, .. }) => {
            let page =
                whole(&teams, &look, frame, &handle, Typed { wrong: message, ..Typed::default() }).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(
    State(teams): State<Teams>,
    granted: Granted<ManageTeam>,
    Path((handle, fingerprint)): Path<(String, String)>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = teams.directory().by_handle(&handle);
    let team = team.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))?;
    let why = match form.text("why") {
        "" => "no reason given",
        why => why,
    };
    teams.withdraw_key(&granted, team.id, &fingerprint, why).await?;
    Ok(back(&teams, &handle, &format!("Key {} withdrawn.", ui::format::fingerprint_end(&fingerprint))))
}

pub(super) fn back(teams: &Teams, handle: &str, said: &str) -> Response {
    let now = teams.node().now();
    let headers = HeaderMap::from_iter([
        (header::SET_COOKIE, Toast::said(said, now).to_cookie(now)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    (headers, Redirect::to(&format!("/teams/{handle}"))).into_response()
}
