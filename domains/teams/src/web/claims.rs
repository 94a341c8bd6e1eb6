//! What is decided on the team's page: claims, by the registry and by the operator, and the operator's notes.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use identity::{Fields, Frame, Granted, Introduce, ManageTeam, PageError};
use kit::{Error, Result};
use ui::Html;

use super::keys::back;
use super::looker::{self, Looker};
use super::team::{Typed, whole};
use crate::{Asked, Claim, ProofKind, Teams};

pub(super) fn routes() -> Router<Teams> {
    Router::new()
        .route("/teams/{handle}/claims", post(decide))
        .route("/teams/{handle}/claims/ask", post(ask))
        .route("/teams/{handle}/claims/dns", post(ask_dns))
        .route("/teams/{handle}/notes", post(note))
}

/// The operator decides that a claim holds, or holds no more.
async fn decide(
    State(teams): State<Teams>,
    granted: Granted<Introduce>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = looker::find(&teams, &looker, &handle)?.id;
    let done = match read(&form) {
        Ok(claim) if form.text("do") == "withdraw" => {
            let said = format!("{claim} is a claim again.");
            withdraw(&teams, &granted, team, claim, form.text("evidence")).await.map(|()| said)
        }
        Ok(claim) => {
            let said = format!("{claim} is proven.");
            teams.decide_claim(&granted, team, claim, form.text("evidence")).await.map(|()| said)
        }
        Err(error) => Err(error),
    };
    answer(&teams, &looker, frame, &handle, done).await
}

/// Withdraws whatever proves the claim.
async fn withdraw(
    teams: &Teams,
    granted: &Granted<Introduce>,
    team: kit::Id,
    claim: Claim,
    why: &str,
) -> Result<()> {
    let known = teams.directory().by_id(team).ok_or_else(|| Error::not_found("the team"))?;
    let kinds: Vec<ProofKind> =
        known.proofs.iter().filter(|proof| proof.claim == claim).map(|proof| proof.kind).collect();
    if kinds.is_empty() {
        return Err(Error::invalid("claim", format!("nothing proves {claim}")));
    }
    for kind in kinds {
        teams.withdraw_proof(granted, team, claim.clone(), kind, why).await?;
    }
    Ok(())
}

/// The team asks the registry what it proves.
async fn ask(
    State(teams): State<Teams>,
    granted: Granted<ManageTeam>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = looker::find(&teams, &looker, &handle)?.id;
    let done = teams.ask_registry(&granted, team).await.map(|asked| in_words(&asked));
    answer(&teams, &looker, frame, &handle, done).await
}

/// The team asks whether its line stands in its zone.
async fn ask_dns(
    State(teams): State<Teams>,
    granted: Granted<ManageTeam>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = looker::find(&teams, &looker, &handle)?.id;
    let done = match read(&form) {
        Ok(claim) => {
            let said = format!("{claim} is proven.");
            teams.ask_dns(&granted, team, claim).await.map(|()| said)
        }
        Err(error) => Err(error),
    };
    answer(&teams, &looker, frame, &handle, done).await
}

/// What the operator notes about the team.
async fn note(
    State(teams): State<Teams>,
    granted: Granted<Introduce>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = looker::find(&teams, &looker, &handle)?.id;
    let done =
        teams.note(&granted, team, form.text("notes")).await.map(|()| "Your notes were saved.".to_owned());
    answer(&teams, &looker, frame, &handle, done).await
}

fn in_words(asked: &Asked) -> String {
    let mut words =
        format!("The registry proves {} of {}.", asked.proven.len(), asked.proven.len() + asked.open.len());
    if let Some((network, why)) = asked.open.first() {
        words.push_str(&format!(" {network}: {why}"));
    }
    words.chars().take(300).collect()
}

async fn answer(
    teams: &Teams,
    looker: &Looker,
    frame: Frame,
    handle: &str,
    done: Result<String>,
) -> Result<Response, PageError> {
    let (status, said) = match done {
        Ok(said) => return Ok(back(teams, handle, &said)),
        Err(Error::Invalid { message, .. }) => (StatusCode::UNPROCESSABLE_ENTITY, message),
        Err(Error::Conflict(message)) => (StatusCode::CONFLICT, message),
        Err(Error::Unavailable(message)) => (StatusCode::SERVICE_UNAVAILABLE, message),
        Err(error) => return Err(error.into()),
    };
    let page = whole(teams, looker, frame, handle, Typed { said, ..Typed::default() }).await?;
    Ok((status, Html(page)).into_response())
}

/// `network 192.0.2.0/25`.
fn read(form: &Fields) -> Result<Claim> {
    let (kind, text) = form.text("claim").split_once(' ').unwrap_or_default();
    Claim::parse(kind, text)
}
