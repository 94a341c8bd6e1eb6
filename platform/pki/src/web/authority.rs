//! The authority, for everybody: `/pki`; its log, for the community's operator: `/pki/log`.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, Introduce, PageError, StepUp, Visitor};
use kit::events::Recorded;
use kit::{Error, Time};
use ui::{Html, Page};

use super::{CertificatePage, Places, Row, back};
use crate::Pki;
use crate::api::parse_reason;
use crate::issue::hex;
use crate::list::{AuthorityView, parse_fingerprint};

/// The page of the log.
const LOG: &str = "/pki/log";
/// So many certificates and events are shown.
const SHOWN: i64 = 500;

pub(super) fn routes() -> Router<Pki> {
    Router::new()
        .route("/pki", get(show))
        .route("/pki/log", get(log))
        .route("/pki/log/{fingerprint}", get(one))
        .route("/pki/log/{fingerprint}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "pki.html")]
struct AuthorityPage {
    page: Page,
    places: Places,
    authorities: Vec<AuthorityView>,
}

async fn show(State(pki): State<Pki>, visitor: Visitor, Frame(page): Frame) -> Response {
    let places = Places::of(visitor.actor.as_ref(), "/pki");
    let page = page.titled("Certification authority").at("/trust");
    Html(AuthorityPage { page, places, authorities: pki.authorities() }).into_response()
}

#[derive(Template)]
#[template(path = "pki-log.html")]
struct LogPage {
    page: Page,
    places: Places,
    rows: Vec<Row>,
    events: Vec<Happened>,
    chain_holds: bool,
}

/// An event in words.
struct Happened {
    at: Time,
    what: String,
    actor: String,
    words: String,
}

impl Happened {
    fn of(event: Recorded) -> Self {
        let text = |name: &str| {
            let value = event.body.as_ref().and_then(|body| body.get(name));
            value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let what = match event.kind.as_str() {
            "pki.certificate_issued" => "certificate issued",
            "pki.certificate_revoked" => "certificate revoked",
            "pki.certificate_held" => "certificate rests",
            "pki.certificate_released" => "certificate good again",
            "pki.authority_changed" => "authority",
            "pki.issuer_trusted" => "other authority",
            other => other,
        };
        let parts = ["authority", "state", "name", "purpose", "subject", "serial", "reason", "why", "until"];
        let words: Vec<_> = parts.into_iter().map(text).filter(|text| !text.is_empty()).collect();
        Self { at: event.at, what: what.to_owned(), words: words.join(", "), actor: event.actor }
    }
}

async fn log(
    State(pki): State<Pki>,
    granted: Granted<Introduce>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let rows = Row::all(&pki, pki.all_certificates(&granted, SHOWN).await?);
    let events = pki.log(&granted, SHOWN).await?.into_iter().map(Happened::of).collect();
    let chain_holds = pki.node().db.read(|c| kit::events::verify(c, "pki")).await.is_ok();
    Ok(Html(LogPage {
        page: page.titled("Issuance log").at("/trust"),
        places: Places::of(Some(granted.actor()), LOG),
        rows,
        events,
        chain_holds,
    })
    .into_response())
}

async fn one(
    State(pki): State<Pki>,
    granted: Granted<Introduce>,
    Frame(page): Frame,
    Path(fingerprint): Path<String>,
) -> Result<Response, PageError> {
    let fingerprint = hex(&parse_fingerprint(&fingerprint)?);
    let mut rows = Row::all(&pki, pki.all_certificates(&granted, SHOWN).await?).into_iter();
    let row =
        rows.find(|row| row.fingerprint == fingerprint).ok_or_else(|| Error::not_found("the certificate"))?;
    let (page, above, above_words) = (page.titled("A certificate"), "/pki/log", "Issuance log");
    Ok(Html(CertificatePage {
        page,
        places: Places::of(Some(granted.actor()), LOG),
        row,
        above,
        above_words,
        fetches_chain: false,
    })
    .into_response())
}

async fn revoke(
    State(pki): State<Pki>,
    granted: StepUp<Introduce>,
    Path(fingerprint): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let reason = parse_reason(form.text("reason"))?;
    pki.revoke(&granted, parse_fingerprint(&fingerprint)?, reason).await?;
    Ok(back(&pki, "/pki/log", "The certificate is revoked."))
}
