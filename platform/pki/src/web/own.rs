//! The reader's own certificates: `/account/certificates`.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use identity::{ApiError, Fields, Frame, Granted, PageError, RequestCertificates, StepUp};
use kit::Error;
use ui::{Html, Page};

use super::fetch::script_path;
use super::{CertificatePage, Places, Row, back, pem_file};
use crate::Pki;
use crate::api::{CertificateView, parse_reason};
use crate::list::parse_fingerprint;
use crate::model::Purpose;

const HERE: &str = "/account/certificates";

pub(super) fn routes() -> Router<Pki> {
    Router::new()
        .route(HERE, get(list))
        .route("/account/certificates/new", get(new).post(issue))
        .route("/account/certificates/{certificate}", get(one))
        .route("/account/certificates/{certificate}/chain.pem", get(chain))
        .route("/account/certificates/{certificate}/revoke", post(revoke))
}

#[derive(Template)]
#[template(path = "certificates.html")]
struct ListPage {
    page: Page,
    places: Places,
    rows: Vec<Row>,
    /// Why none can be issued now; empty when one can.
    ready: String,
}

#[derive(Template)]
#[template(path = "certificate-new.html")]
struct NewPage {
    page: Page,
    places: Places,
    login: String,
    /// How files are called.
    file: String,
    script: &'static str,
    chain: Option<String>,
    csr: String,
    notify: String,
    wrong_csr: String,
    wrong_notify: String,
}

async fn list(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Frame(page): Frame,
) -> Result<Response, PageError> {
    let rows = Row::all(&pki, pki.certificates_of(&granted).await?);
    let entitled = pki.may_have(&granted.team().to_string(), Purpose::Person);
    let ready = match (entitled, pki.state().issuing(pki.node().now())) {
        (Err(why), _) => why,
        (Ok(()), Err(why)) => why.to_string(),
        (Ok(()), Ok(_)) => String::new(),
    };
    let places = Places::of(Some(granted.actor()), HERE);
    Ok(Html(ListPage { page: page.titled("Your certificates"), places, rows, ready }).into_response())
}

/// A new way to log in: who asks for it has just proven who they are.
async fn new(granted: StepUp<RequestCertificates>, Frame(page): Frame) -> Response {
    Html(blank(&granted, page)).into_response()
}

fn blank(granted: &Granted<RequestCertificates>, page: Page) -> NewPage {
    let login = granted.actor().login.clone().unwrap_or_default();
    let file = login.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    NewPage {
        page: page.titled("Get a certificate"),
        places: Places::of(Some(granted.actor()), HERE),
        login,
        file,
        script: script_path(),
        chain: None,
        csr: String::new(),
        notify: String::new(),
        wrong_csr: String::new(),
        wrong_notify: String::new(),
    }
}

async fn issue(
    State(pki): State<Pki>,
    granted: StepUp<RequestCertificates>,
    Frame(page): Frame,
    headers: HeaderMap,
    Form(form): Form<Fields>,
) -> Response {
    let by_script = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    let notify = Some(form.text("notify").to_owned());
    let issued = pki.issue_person(&granted, form.text("csr").as_bytes(), notify).await;
    if by_script {
        return match issued {
            Ok(issued) => Json(CertificateView::new(issued)).into_response(),
            Err(error) => ApiError(error).into_response(),
        };
    }
    let mut shown = blank(&granted, page);
    match issued {
        Ok(issued) => {
            shown.chain = Some(issued.chain);
            Html(shown).into_response()
        }
        Err(Error::Invalid { field, message }) => {
            (shown.csr, shown.notify) = (form.text("csr").to_owned(), form.text("notify").to_owned());
            *if field == "notify" { &mut shown.wrong_notify } else { &mut shown.wrong_csr } = message;
            (StatusCode::UNPROCESSABLE_ENTITY, Html(shown)).into_response()
        }
        Err(error) => PageError(error).into_response(),
    }
}

async fn one(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Frame(page): Frame,
    Path(fingerprint): Path<String>,
) -> Result<Response, PageError> {
    let (found, _) = pki.own_chain(&granted, parse_fingerprint(&fingerprint)?).await?;
    let (row, page) = (Row::of(&pki, found), page.titled("A certificate"));
    let above_words = "Your certificates";
    Ok(Html(CertificatePage {
        page,
        places: Places::of(Some(granted.actor()), HERE),
        row,
        above: HERE,
        above_words,
        fetches_chain: true,
    })
    .into_response())
}

async fn chain(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Path(fingerprint): Path<String>,
) -> Result<Response, PageError> {
    let (found, chain) = pki.own_chain(&granted, parse_fingerprint(&fingerprint)?).await?;
    Ok(pem_file(&found.known.serial, chain))
}

async fn revoke(
    State(pki): State<Pki>,
    granted: Granted<RequestCertificates>,
    Path(fingerprint): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let reason = parse_reason(form.text("reason"))?;
    pki.revoke_own(&granted, parse_fingerprint(&fingerprint)?, reason).await?;
    Ok(back(&pki, HERE, "The certificate is revoked: it logs nobody in any more."))
}
