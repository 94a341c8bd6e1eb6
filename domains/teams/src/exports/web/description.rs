//! `/teams/HANDLE/rfc2350`: the description, its signature by the team, and a published text taken into the record.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, ManageTeam, PageError};
use kit::Error;
use kit::clock::SECOND;
use ui::{Html, Page, Toast};

use super::super::Exports;
use super::super::description::{Proposal, Signed, chosen, propose};
use crate::Team;
use crate::web::looker::{Looker, find};

pub(super) fn routes() -> Router<Exports> {
    Router::new()
        .route("/teams/{handle}/rfc2350.txt", get(text))
        .route("/teams/{handle}/rfc2350.txt.asc", get(signature))
        .route("/teams/{handle}/rfc2350", get(show))
        .route("/teams/{handle}/rfc2350/signature", post(sign))
        .route("/teams/{handle}/rfc2350/signature/drop", post(drop_it))
        .route("/teams/{handle}/rfc2350/import", post(read))
        .route("/teams/{handle}/rfc2350/apply", post(apply))
}

#[derive(Template)]
#[template(path = "description.html")]
struct DescriptionPage {
    page: Page,
    team: Arc<Team>,
    text: String,
    signed: Option<Signed>,
    may_change: bool,
    typed: Typed,
}

impl DescriptionPage {
    /// Where the form goes that takes the signature away.
    fn drop_to(&self) -> String {
        format!("/teams/{}/rfc2350/signature/drop", self.team.handle)
    }
}

impl ImportPage {
    /// A field's name for people.
    fn words(&self, field: &str) -> String {
        field.replace('_', " ")
    }

    /// A browser leaves out the first line break of a text area; signed bytes must come back as they were.
    fn in_textarea(&self, text: &str) -> String {
        format!("\n{text}")
    }
}

/// What was typed and refused, with why.
#[derive(Default)]
struct Typed {
    signature: String,
    wrong_signature: String,
    text: String,
    detached: String,
    wrong_text: String,
}

#[derive(Template)]
#[template(path = "description_import.html")]
struct ImportPage {
    page: Page,
    team: Arc<Team>,
    proposal: Proposal,
    text: String,
    detached: String,
    version: String,
    /// What was refused when it was to be saved.
    wrong: String,
    /// Fields that are to be taken.
    chosen: Vec<String>,
}

async fn text(
    State(exports): State<Exports>,
    looker: Looker,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = whole(&exports, &looker, &handle)?;
    let (text, _) = exports.description(&team).await?;
    Ok(plain(text, "text/plain; charset=utf-8", format!("{handle}.rfc2350.txt")))
}

async fn signature(
    State(exports): State<Exports>,
    looker: Looker,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = whole(&exports, &looker, &handle)?;
    match exports.description(&team).await?.1 {
        Some(Signed { stale: None, bytes, .. }) => {
            Ok(plain(bytes, "text/plain; charset=utf-8", format!("{handle}.rfc2350.txt.asc")))
        }
        Some(Signed { stale: Some(why), .. }) => {
            Err(Error::not_found(format!("a good signature by {} ({why})", team.name)).into())
        }
        None => Err(Error::not_found(format!("a signature by {}", team.name)).into()),
    }
}

fn plain(bytes: Vec<u8>, content_type: &'static str, name: String) -> Response {
    let etag = format!("\"{}\"", kit::blobs::Digest::of(&bytes));
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::ETAG, etag),
    ];
    (headers, bytes).into_response()
}

async fn show(
    State(exports): State<Exports>,
    looker: Looker,
    frame: Frame,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    Ok(Html(page(&exports, &looker, frame, &handle, Typed::default()).await?).into_response())
}

async fn page(
    exports: &Exports,
    looker: &Looker,
    frame: Frame,
    handle: &str,
    typed: Typed,
) -> Result<DescriptionPage, PageError> {
    let team = whole(exports, looker, handle)?;
    let (text, signed) = exports.description(&team).await?;
    let may_change = looker
        .actor()
        .is_some_and(|actor| actor.team == team.id && Granted::<ManageTeam>::check(actor).is_ok());
    Ok(DescriptionPage {
        page: frame.page(format!("{}: description", team.name), "/teams"),
        text: String::from_utf8_lossy(&text).into_owned(),
        team,
        signed,
        may_change,
        typed,
    })
}

/// The team itself, if the reader may know of it; what they see of it is the public description alone.
fn whole(exports: &Exports, looker: &Looker, handle: &str) -> Result<Arc<Team>, Error> {
    find(exports.teams(), looker, handle)?;
    let team = exports.teams().directory().by_handle(handle);
    team.ok_or_else(|| Error::not_found(format!("the team {handle:?}")))
}

async fn sign(
    State(exports): State<Exports>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = whole(&exports, &looker, &handle)?;
    let signature = form.raw("signature").to_owned();
    match exports.sign_description(&granted, team.id, signature.clone().into_bytes()).await {
        Ok(key) => {
            let end = ui::format::fingerprint_end(&key);
            Ok(back(
                &exports,
                &format!("/teams/{handle}/rfc2350"),
                &format!("Description signed with the key {end}."),
            ))
        }
        Err(Error::Invalid { message, .. }) => {
            let typed = Typed { signature, wrong_signature: message, ..Typed::default() };
            let page = page(&exports, &looker, frame, &handle, typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn drop_it(
    State(exports): State<Exports>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let team = whole(&exports, &looker, &handle)?;
    exports.drop_signature(&granted, team.id).await?;
    Ok(back(&exports, &format!("/teams/{handle}/rfc2350"), "The signature is served no more."))
}

/// The proposal; nothing is changed yet.
async fn read(
    State(exports): State<Exports>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = own_team(&exports, &looker, &granted, &handle)?;
    let (text, detached) = (form.raw("text").to_owned(), form.raw("detached").to_owned());
    match proposal(&exports, &team, &text, &detached).await {
        Ok(proposal) => {
            let chosen = proposal.differences.iter().map(|difference| difference.field.clone()).collect();
            let page = frame.page(format!("{}: from a description", team.name), "/teams");
            let version = team.record_digest();
            Ok(Html(ImportPage {
                page,
                team,
                proposal,
                text,
                detached,
                version,
                wrong: String::new(),
                chosen,
            })
            .into_response())
        }
        Err(Error::Invalid { message, .. }) => {
            let typed = Typed { text, detached, wrong_text: message, ..Typed::default() };
            let page = page(&exports, &looker, frame, &handle, typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Saves the chosen fields, if the record is still the one that was compared.
async fn apply(
    State(exports): State<Exports>,
    looker: Looker,
    granted: Granted<ManageTeam>,
    frame: Frame,
    Path(handle): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let team = own_team(&exports, &looker, &granted, &handle)?;
    let (text, detached) = (form.raw("text").to_owned(), form.raw("detached").to_owned());
    let proposal = proposal(&exports, &team, &text, &detached).await?;
    let fields: Vec<String> = form.all("take").map(str::to_owned).collect();
    let refused = match () {
        () if !proposal.may_be_taken => Err(Error::invalid(
            "text",
            "its signature is not good, so nothing of it is taken: see above; without any signature it can be taken",
        )),
        () if fields.is_empty() => Err(Error::invalid("take", "choose at least one field")),
        () => {
            let record = chosen(&team, &proposal, &fields)?;
            exports.teams().save_over(&granted, team.id, record, Some(form.text("version").to_owned())).await
        }
    };
    let (status, wrong) = match refused {
        Ok(_) => {
            let said = format!(
                "{} taken from the description.",
                ui::format::plural(fields.len(), "field", "fields")
            );
            return Ok(back(&exports, &format!("/teams/{handle}"), &said));
        }
        Err(Error::Invalid { field, message }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, format!("{field}: {message}"))
        }
        Err(Error::Conflict(message)) => (StatusCode::CONFLICT, message),
        Err(error) => return Err(error.into()),
    };
    let page = frame.page(format!("{}: from a description", team.name), "/teams");
    let version = team.record_digest();
    let page = ImportPage { page, team, proposal, text, detached, version, wrong, chosen: fields };
    Ok((status, Html(page)).into_response())
}

/// A team takes what it likes into its own record, and into no other.
fn own_team(
    exports: &Exports,
    looker: &Looker,
    granted: &Granted<ManageTeam>,
    handle: &str,
) -> Result<Arc<Team>, Error> {
    let team = whole(exports, looker, handle)?;
    crate::service::own(granted, team.id)?;
    Ok(team)
}

async fn proposal(
    exports: &Exports,
    team: &Arc<Team>,
    text: &str,
    detached: &str,
) -> Result<Proposal, Error> {
    let (team, text, detached) = (team.clone(), text.to_owned(), detached.to_owned());
    let at = exports.teams().node().now() / SECOND;
    let read = move || propose(&team, text.as_bytes(), Some(detached.as_bytes()), at);
    let proposal = tokio::task::spawn_blocking(read).await;
    proposal.map_err(|_| Error::Corrupt("reading a description failed".into()))?
}

fn back(exports: &Exports, to: &str, said: &str) -> Response {
    let now = exports.teams().node().now();
    let headers = HeaderMap::from_iter([
        (header::SET_COOKIE, Toast::said(said, now).to_cookie(now)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    (headers, Redirect::to(to)).into_response()
}
