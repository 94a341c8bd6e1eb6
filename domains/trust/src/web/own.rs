//! `/trust/sign` and `/trust/confirm`: what a team signs, and what it confirms.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, LookUp, ManageTeam, PageError, Upload};
use kit::clock::SECOND;
use kit::{Error, Time};
use ui::{Html, Page};

use super::case::download;
use super::{Places, due};
use crate::process::Represent;
use crate::upkeep::said;
use crate::views::CaseView;
use crate::{Done, Trust};

/// Most changes of the record that the page tells one by one.
const CHANGES: i64 = 500;
/// Longest signature that is taken, with its document in it.
const LARGEST: usize = 1 << 20;

pub(super) fn routes() -> Router<Trust> {
    Router::new()
        .route("/trust/document", get(document))
        .route("/trust/sign", get(sign_page).post(sign))
        .route("/trust/sign/file", post(sign_by_file))
        .layer(DefaultBodyLimit::max(LARGEST))
        .route("/trust/confirm", get(confirm_page).post(confirm))
}

/// The exact bytes to be signed.
async fn document(State(trust): State<Trust>, granted: Granted<LookUp>) -> Result<Response, PageError> {
    let bytes = trust.document_to_sign(&granted).await?;
    Ok(download("rules-to-sign.txt", "text/plain; charset=utf-8", bytes))
}

#[derive(Template)]
#[template(path = "trust-sign.html")]
struct SignPage {
    page: Page,
    places: Places,
    case: CaseView,
    text: String,
    digest: String,
    keys: Vec<Key>,
    typed: String,
    wrong: String,
}

/// A key of the record, and whether it can sign now.
struct Key {
    fingerprint: String,
    user_id: String,
    good: bool,
    words: String,
}

async fn sign_page(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    signing(&trust, &granted, &look, frame, String::new(), String::new()).await
}

async fn signing(
    trust: &Trust,
    granted: &Granted<ManageTeam>,
    look: &Granted<LookUp>,
    frame: Frame,
    typed: String,
    wrong: String,
) -> Result<Response, PageError> {
    let team = trust.subject(granted.team())?;
    let case = trust.case(look, team.id).await?;
    let bytes = trust.document_to_sign(look).await?;
    let now = trust.node().now() / SECOND;
    let key = |key: &mail::pgp::PublicKey| {
        let validity = key.can_sign(now);
        Key {
            fingerprint: key.fingerprint(),
            user_id: key.user_ids().into_iter().next().unwrap_or_default(),
            good: validity.is_valid(),
            words: validity.to_string(),
        }
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SignPage {
        page: frame.page("Sign the rules", "/trust"),
        places: Places::of(granted.actor(), ""),
        case,
        digest: kit::Digest::of(&bytes).to_string(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        keys: team.keys_in_use().map(key).collect(),
        typed,
        wrong,
    };
    Ok((status, Html(page)).into_response())
}

async fn sign(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let typed = form.raw("signature").to_owned();
    let seen = form.text("seen").parse().ok();
    if typed.trim().is_empty() {
        let wrong = "Paste the signature, or the signed document.".to_owned();
        return signing(&trust, &granted, &look, frame, typed, wrong).await;
    }
    // A form sends line ends as CR LF; what was signed has them as the document has them.
    let bytes = typed.replace("\r\n", "\n").into_bytes();
    let done = trust.sign(&granted, bytes, seen).await;
    signed(&trust, &granted, &look, frame, typed, done).await
}

/// The signature as a file: from the page's form, or its own bytes as a script sends them.
async fn sign_by_file(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
    request: Request,
) -> Result<Response, PageError> {
    let sent = Upload::read(request).await?;
    if sent.file.is_empty() {
        let wrong = "Choose the file with the signature.".to_owned();
        return signing(&trust, &granted, &look, frame, String::new(), wrong).await;
    }
    let seen = sent.text("seen").parse().ok();
    let done = trust.sign(&granted, sent.file, seen).await;
    signed(&trust, &granted, &look, frame, String::new(), done).await
}

async fn signed(
    trust: &Trust,
    granted: &Granted<ManageTeam>,
    look: &Granted<LookUp>,
    frame: Frame,
    typed: String,
    done: kit::Result<Done>,
) -> Result<Response, PageError> {
    match done {
        Ok(done) => {
            let team = trust.subject(granted.team())?;
            let words = match done.phase {
                "candidate" => {
                    "The signature is good and kept: your team is a candidate. Complete the record next."
                }
                _ => "The signature is good and kept. Fill in the record, then hand it in.",
            };
            Ok(said(trust, words, &format!("/trust/teams/{}", team.handle)))
        }
        Err(Error::Invalid { message, .. }) => signing(trust, granted, look, frame, typed, message).await,
        Err(Error::Conflict(why)) if trust.document_to_sign(look).await.is_ok() => {
            signing(trust, granted, look, frame, typed, why).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "trust-confirm.html")]
struct ConfirmPage {
    page: Page,
    places: Places,
    case: CaseView,
    changes: Vec<Changed>,
    missing: usize,
    /// Why it cannot be confirmed now.
    refused: Option<String>,
    wrong: String,
}

/// A change of the record since it was confirmed.
struct Changed {
    at: Time,
    words: String,
    by: String,
}

async fn confirm_page(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    confirming(&trust, &granted, &look, frame, String::new()).await
}

async fn confirming(
    trust: &Trust,
    granted: &Granted<ManageTeam>,
    look: &Granted<LookUp>,
    frame: Frame,
    wrong: String,
) -> Result<Response, PageError> {
    let case = trust.case(look, granted.team()).await?;
    let mut own =
        case.possible.iter().filter(|(capacity, _)| *capacity == "team").flat_map(|(_, steps)| steps);
    let step = own.find(|step| step.name == "confirm");
    let refused = match step {
        Some(step) => step.refused.clone(),
        None => {
            Some(format!("Only accredited teams confirm their record, and yours is {}.", case.phase_words))
        }
    };
    let history = trust.teams().history(look, granted.team(), CHANGES).await?;
    let since = history.iter().take_while(|event| event.at > case.confirmed);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let page = ConfirmPage {
        page: frame.page("Confirm the record", "/trust"),
        places: Places::of(granted.actor(), ""),
        changes: since.filter_map(changed).collect(),
        missing: case.checklist.iter().filter(|item| !item.done).count(),
        refused,
        wrong,
        case,
    };
    Ok((status, Html(page)).into_response())
}

fn changed(event: &kit::events::Recorded) -> Option<Changed> {
    let text = |name: &str| {
        let value = event.body.as_ref().and_then(|body| body.get(name)).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let fields = || {
        let value =
            event.body.as_ref().and_then(|body| body.get("fields")).and_then(|value| value.as_array());
        let names = value.into_iter().flatten().filter_map(|value| value.as_str());
        names.map(|name| name.replace('_', " ")).collect::<Vec<_>>().join(", ")
    };
    let key = || ui::format::fingerprint_end(&text("fingerprint"));
    let words = match event.kind.as_str() {
        "teams.imported" => "Entered into the directory".to_owned(),
        "teams.changed" => format!("Changed: {}", fields()),
        "teams.key_added" => format!("Key {} added", key()),
        "teams.key_withdrawn" => format!("Key {} withdrawn", key()),
        "teams.claim_proven" => format!("{} proven", text("claim")),
        "teams.proof_withdrawn" => format!("{} not proven any more", text("claim")),
        "teams.desk_changed" => "Desk changed".to_owned(),
        // A standing is no part of what the team confirms.
        _ => return None,
    };
    Some(Changed { at: event.at, words, by: event.actor.clone() })
}

async fn confirm(
    State(trust): State<Trust>,
    granted: Granted<ManageTeam>,
    look: Granted<LookUp>,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let command = Represent::Confirm { record: form.text("record").to_owned() };
    match trust.represent(&granted, command, form.text("seen").parse().ok()).await {
        Ok(_) => Ok(said(&trust, "Confirmed, as you have seen it.", "/trust")),
        Err(Error::Conflict(why)) => confirming(&trust, &granted, &look, frame, why).await,
        Err(error) => Err(error.into()),
    }
}
