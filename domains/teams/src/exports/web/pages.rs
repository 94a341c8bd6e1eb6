//! `/directory`: which files there are; `/directory/members/phones`: the emergency list as a page to print.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use identity::{Frame, Granted, LookUp, PageError};
use kit::Error;
use kit::clock::SECOND;
use ui::{Html, Page};

use super::super::phones::OnCall;
use super::super::{Exports, Kind, vcard};
use crate::Audience;
use crate::web::looker::{Looker, find};

pub(super) fn routes() -> Router<Exports> {
    Router::new()
        .route("/directory", get(index))
        .route("/directory/members/phones", get(phones))
        .route("/teams/{handle}/card.vcf", get(card))
}

#[derive(Template)]
#[template(path = "exports.html")]
struct IndexPage {
    page: Page,
    public: Vec<Line>,
    members: Vec<Line>,
    /// Why the reader has no members' files; empty when they have.
    closed: String,
    /// Whose key signs, and its fingerprint; or why nothing is signed.
    signer: Result<(String, String), String>,
    domains: Vec<String>,
}

struct Line {
    name: &'static str,
    words: &'static str,
    size: String,
    digest: String,
}

async fn index(State(exports): State<Exports>, looker: Looker, frame: Frame) -> Result<Response, PageError> {
    let closed = match looker.actor() {
        None => "Members log in for what is theirs.".to_owned(),
        Some(actor) => exports
            .may_have(actor, Kind::Listing)
            .err()
            .map(|why| format!("Not for you: {why}."))
            .unwrap_or_default(),
    };
    let mut members = Vec::new();
    if let Some(actor) = looker.actor().filter(|_| closed.is_empty()) {
        for kind in
            Kind::for_audience(Audience::Members).filter(|kind| exports.may_have(actor, *kind).is_ok())
        {
            members.push(line(&exports, Audience::Members, kind).await?);
        }
    }
    let mut public = Vec::new();
    for kind in Kind::for_audience(Audience::Public) {
        public.push(line(&exports, Audience::Public, kind).await?);
    }
    let signer = exports.signer().map_err(|error| error.to_string()).and_then(|team| {
        let secrets = exports.teams().secrets(team.id);
        let key = secrets.first().map(|key| ui::format::fingerprint(&key.public().fingerprint()));
        key.map(|key| (team.name.clone(), key)).ok_or_else(|| "its desk has no key".to_owned())
    });
    let domains = exports.teams().settings().wkd_domains.clone();
    let page = frame.page("Directory as files", "/teams");
    Ok(Html(IndexPage { page, public, members, closed, signer, domains }).into_response())
}

async fn line(exports: &Exports, audience: Audience, kind: Kind) -> Result<Line, Error> {
    let file = exports.file(audience, kind).await?;
    let digest = file.digest.to_string();
    Ok(Line { name: kind.name(), words: kind.words(), size: ui::format::size(file.bytes.len()), digest })
}

#[derive(Template)]
#[template(path = "phones.html")]
struct PhonesPage {
    page: Page,
    teams: Vec<OnCall>,
}

async fn phones(
    State(exports): State<Exports>,
    granted: Granted<LookUp>,
    frame: Frame,
) -> Result<Response, PageError> {
    exports.may_have(granted.actor(), Kind::Phones)?;
    let page = PhonesPage { page: frame.page("Emergency telephones", "/teams"), teams: exports.on_call() };
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Html(page)).into_response())
}

/// One team for an address book, as the reader may see it.
async fn card(
    State(exports): State<Exports>,
    looker: Looker,
    Path(handle): Path<String>,
) -> Result<Response, PageError> {
    let teams = exports.teams();
    let team = find(teams, &looker, &handle)?;
    let text = vcard::of_team(&team, teams.node().now() / SECOND);
    let headers = [
        (header::CONTENT_TYPE, "text/vcard; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.vcf\"", team.handle)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, text).into_response())
}
