//! What is decided on the team's page: claims, by the registry, by a zone, by a certificate and by the operator, and the
//! operator's notes.

use axum::Router;
use axum::extract::{Form, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, Introduce, ManageTeam, PageError, Upload};
use kit::{Error, Id, Result};
use ui::Html;

use super::keys::back;
use super::looker::{self, Looker};
use super::team::{Typed, whole};
use crate::{Asked, ByCertificate, Claim, ProofKind, Teams};

pub(super) fn routes() -> Router<Teams> {
    Router::new()
        .route("/teams/{handle}/claims", post(decide))
        .route("/teams/{handle}/claims/ask", post(ask))
        .route("/teams/{handle}/claims/dns", post(ask_dns))
        .route("/teams/{handle}/claims/certificate", get(text).post(by_certificate))
        .route("/teams/{handle}/notes", post(note))
}

/// A form on the page of a team that its sender may know of: an extractor.
struct OnPage {
    teams: Teams,
    looker: Looker,
    frame: Frame,
    handle: String,
    team: Id,
}

impl FromRequestParts<Teams> for OnPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, teams: &Teams) -> Result<Self, Response> {
        let looker = Looker::from_request_parts(parts, teams).await?;
        let Ok(frame) = Frame::from_request_parts(parts, teams).await;
        let handle = Path::<String>::from_request_parts(parts, teams).await;
        let Path(handle) = handle.map_err(IntoResponse::into_response)?;
        let found = looker::find(teams, &looker, &handle);
        let team = found.map_err(|error| PageError(error).into_response())?.id;
        Ok(Self { teams: teams.clone(), looker, frame, handle, team })
    }
}

impl OnPage {
    /// Back to the page with what was done, or the page with why it was not.
    async fn answer(self, done: Result<String>) -> Result<Response, PageError> {
        let Self { teams, looker, frame, handle, .. } = self;
        let (status, said) = match done {
            Ok(said) => return Ok(back(&teams, &handle, &said)),
            Err(Error::Invalid { message, .. }) => (StatusCode::UNPROCESSABLE_ENTITY, message),
            Err(Error::Conflict(message)) => (StatusCode::CONFLICT, message),
            Err(Error::Unavailable(message)) => (StatusCode::SERVICE_UNAVAILABLE, message),
            Err(error) => return Err(error.into()),
        };
        let page = whole(&teams, &looker, frame, &handle, Typed { said, ..Typed::default() }).await?;
        Ok((status, Html(page)).into_response())
    }
}

/// The operator decides that a claim holds, or holds no more.
async fn decide(
    page: OnPage,
    granted: Granted<Introduce>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = decided(&page, &granted, &form).await;
    page.answer(done).await
}

async fn decided(page: &OnPage, granted: &Granted<Introduce>, form: &Fields) -> Result<String> {
    let (claim, words) = (read(form)?, form.text("evidence"));
    if form.text("do") == "withdraw" {
        let said = format!("{claim} is a claim again.");
        withdraw(&page.teams, granted, page.team, claim, words).await?;
        return Ok(said);
    }
    let said = format!("{claim} is proven.");
    page.teams.decide_claim(granted, page.team, claim, words).await?;
    Ok(said)
}

/// Withdraws whatever proves the claim.
async fn withdraw(
    teams: &Teams,
    granted: &Granted<Introduce>,
    team: Id,
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
async fn ask(page: OnPage, granted: Granted<ManageTeam>) -> Result<Response, PageError> {
    let done = page.teams.ask_registry(&granted, page.team).await.map(|asked| in_words(&asked));
    page.answer(done).await
}

/// The team asks whether its line stands in its zone.
async fn ask_dns(
    page: OnPage,
    granted: Granted<ManageTeam>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = asked_dns(&page, &granted, &form).await;
    page.answer(done).await
}

async fn asked_dns(page: &OnPage, granted: &Granted<ManageTeam>, form: &Fields) -> Result<String> {
    let claim = read(form)?;
    let said = format!("{claim} is proven.");
    page.teams.ask_dns(granted, page.team, claim).await?;
    Ok(said)
}

/// The exact text that the team signs.
async fn text(page: OnPage, granted: Granted<ManageTeam>) -> Result<Response, PageError> {
    let text = page.teams.text_of_claims(&granted, page.team)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-claims.txt\"", page.handle)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, text).into_response())
}

/// The team hands in its signature by a certificate's key: pasted, as a file, or as a script sends its bytes.
async fn by_certificate(
    page: OnPage,
    granted: Granted<ManageTeam>,
    request: Request,
) -> Result<Response, PageError> {
    let sent = Upload::read(request).await?;
    let signature = if sent.file.is_empty() { sent.text("signature").as_bytes().to_vec() } else { sent.file };
    let done = page.teams.prove_by_certificate(&granted, page.team, signature).await;
    page.answer(done.map(|shown| shown_in_words(&shown))).await
}

/// What the operator notes about the team.
async fn note(
    page: OnPage,
    granted: Granted<Introduce>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let done = page.teams.note(&granted, page.team, form.text("notes")).await;
    page.answer(done.map(|()| "Your notes were saved.".to_owned())).await
}

fn in_words(asked: &Asked) -> String {
    let mut words =
        format!("The registry proves {} of {}.", asked.proven.len(), asked.proven.len() + asked.open.len());
    if let Some((network, why)) = asked.open.first() {
        words.push_str(&format!(" {network}: {why}"));
    }
    words.chars().take(300).collect()
}

fn shown_in_words(shown: &ByCertificate) -> String {
    let claims = shown.proven.iter().take(5).map(Claim::to_string).collect::<Vec<_>>().join(", ");
    let more = match shown.proven.len().saturating_sub(5) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("The certificate proves {claims}{more} until {}.", ui::format::date(shown.until))
}

/// `network 192.0.2.0/25`.
fn read(form: &Fields) -> Result<Claim> {
    let (kind, text) = form.text("claim").split_once(' ').unwrap_or_default();
    Claim::parse(kind, text)
}
