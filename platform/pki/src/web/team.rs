//! A team's certificates, of people and servers, for its administrator: `/settings/certificates`.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use identity::{Fields, Frame, Granted, ManageTeam, PageError, StepUp};
use kit::Error;
use ui::{Html, Page};

use super::{CertificatePage, Places, Row, back};
use crate::Pki;
use crate::api::parse_reason;
use crate::issue::hex;
use crate::list::parse_fingerprint;

const HERE: &str = "/settings/certificates";

pub(super) fn routes() -> Router<Pki> {
    Router::new()
        .route(HERE, get(list).post(issue))
        .route("/settings/certificates/{fingerprint}", get(one))
        .route("/settings/certificates/{fingerprint}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "certificates-team.html")]
struct TeamPage {
    page: Page,
    places: Places,
    rows: Vec<Row>,
    chain: Option<String>,
    csr: String,
    notify: String,
    wrong_csr: String,
    wrong_notify: String,
}

async fn whole(pki: &Pki, granted: &Granted<ManageTeam>, page: Page) -> Result<TeamPage, PageError> {
    let rows = Row::all(pki, pki.certificates_of_team(granted).await?);
    Ok(TeamPage {
        page: page.titled("Certificates of the team"),
        places: Places::of(Some(granted.actor()), HERE),
        rows,
        chain: None,
        csr: String::new(),
        notify: String::new(),
        wrong_csr: String::new(),
        wrong_notify: String::new(),
    })
}

async fn list(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    Ok(Html(whole(&pki, &granted, page).await?).into_response())
}

/// Whoever asks for a server's certificate has just proven who they are.
async fn issue(
    State(pki): State<Pki>,
    granted: StepUp<ManageTeam>,
    Frame(page): Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let notify = Some(form.text("notify").to_owned());
    let issued = pki.issue_server(&granted, form.text("csr").as_bytes(), notify).await;
    let mut shown = whole(&pki, &granted, page).await?;
    match issued {
        Ok(issued) => {
            shown.chain = Some(issued.chain);
            Ok(Html(shown).into_response())
        }
        Err(Error::Invalid { field, message }) => {
            (shown.csr, shown.notify) = (form.text("csr").to_owned(), form.text("notify").to_owned());
            *if field == "notify" { &mut shown.wrong_notify } else { &mut shown.wrong_csr } = message;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn one(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Frame(page): Frame,
    Path(fingerprint): Path<String>,
) -> Result<Response, PageError> {
    let fingerprint = hex(&parse_fingerprint(&fingerprint)?);
    let mut rows = Row::all(&pki, pki.certificates_of_team(&granted).await?).into_iter();
    let row =
        rows.find(|row| row.fingerprint == fingerprint).ok_or_else(|| Error::not_found("the certificate"))?;
    let (page, above_words) = (page.titled("A certificate"), "Certificates of the team");
    Ok(Html(CertificatePage {
        page,
        places: Places::of(Some(granted.actor()), HERE),
        row,
        above: HERE,
        above_words,
        fetches_chain: false,
    })
    .into_response())
}

async fn revoke(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Path(fingerprint): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let reason = parse_reason(form.text("reason"))?;
    pki.revoke_of_team(&granted, parse_fingerprint(&fingerprint)?, reason).await?;
    Ok(back(&pki, HERE, "The certificate is revoked."))
}
