//! `/pki/acme`: the credentials and orders of a team, for its administrator.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use contracts::trust::Service;
use identity::{Fields, Frame, Granted, ManageTeam, PageError, StepUp, Visitor};
use kit::{Error, Time};
use ui::{Html, Page, Toast};

use super::credentials::NewCredential;
use super::store::{self, CredentialView};
use crate::Pki;
use crate::web::Places;

/// Orders that are shown.
const ORDERS: i64 = 30;
/// How long a credential binds accounts unless somebody says otherwise, in days.
const DAYS: i64 = 30;

pub(crate) fn routes(pki: &Pki) -> Router {
    Router::new()
        .route("/pki/acme", get(show))
        .route("/pki/acme/credentials", post(make))
        .route("/pki/acme/credentials/{kid}/withdraw", post(withdraw))
        .with_state(pki.clone())
}

#[derive(Template)]
#[template(path = "acme.html")]
struct AcmePage {
    page: Page,
    places: Places,
    /// Why the team may not have certificates now; empty when it may.
    entitled: String,
    credentials: Vec<CredentialView>,
    orders: Vec<OrderLine>,
    directory: String,
    port: u16,
    new: Option<NewCredential>,
    label: String,
    days: String,
    wrong_label: String,
    wrong_days: String,
}

/// An order in words.
struct OrderLine {
    names: String,
    created: Time,
    status: &'static str,
    /// Why it came to nothing.
    why: String,
}

/// What is shown beside what is always there: what was just made, or what is wrong with what was typed.
#[derive(Default)]
struct Shown {
    new: Option<NewCredential>,
    label: String,
    days: String,
    wrong: Option<(String, String)>,
}

async fn show(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    visitor: Visitor,
    frame: Frame,
) -> Result<Response, PageError> {
    whole(&pki, &granted, visitor, frame, Shown::default()).await
}

async fn make(
    State(pki): State<Pki>,
    granted: StepUp<ManageTeam>,
    visitor: Visitor,
    frame: Frame,
    Form(form): Form<Fields>,
) -> Result<Response, PageError> {
    let (label, days) = (form.text("label").to_owned(), form.text("days").to_owned());
    let shown = match pki.make_acme_credential(&granted, &label, days.parse().unwrap_or(0)).await {
        Ok(new) => Shown { new: Some(new), ..Shown::default() },
        Err(Error::Invalid { field, message }) => {
            Shown { label, days, wrong: Some((field, message)), new: None }
        }
        Err(error) => return Err(error.into()),
    };
    whole(&pki, &granted, visitor, frame, shown).await
}

async fn withdraw(
    State(pki): State<Pki>,
    granted: Granted<ManageTeam>,
    Path(kid): Path<String>,
) -> Result<Response, PageError> {
    let accounts = pki.withdraw_acme_credential(&granted, &kid).await?;
    let accounts = ui::format::plural(accounts, "account is", "accounts are");
    let now = pki.node().now();
    let said = Toast::said(format!("Withdrawn; {accounts} shut out with it."), now);
    let headers = HeaderMap::from_iter([
        (header::SET_COOKIE, said.to_cookie(now)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    Ok((headers, Redirect::to("/pki/acme")).into_response())
}

async fn whole(
    pki: &Pki,
    granted: &Granted<ManageTeam>,
    visitor: Visitor,
    frame: Frame,
    shown: Shown,
) -> Result<Response, PageError> {
    let (team, now) = (granted.team(), pki.node().now());
    let settings = &pki.settings().acme;
    let base = settings.base_url.clone().unwrap_or(visitor.reached);
    let orders = pki.node().db.read(move |c| store::recent_orders(c, team, ORDERS)).await?;
    let line = |(order, created): &(super::model::Order, Time)| OrderLine {
        names: order.names.join(" "),
        created: *created,
        status: order.status(now),
        why: order.why(now).unwrap_or_default(),
    };
    let wrong = |name: &str| {
        let wrong = shown.wrong.as_ref().filter(|(field, _)| field == name);
        wrong.map(|(_, message)| message.clone()).unwrap_or_default()
    };
    let status = if shown.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AcmePage {
        page: frame.page("Servers of your team", "/trust"),
        places: Places::of(Some(granted.actor()), "/pki/acme"),
        entitled: pki
            .entitlements()
            .entitled(&team.to_string(), Service::ServerCertificates)
            .err()
            .unwrap_or_default(),
        credentials: pki.acme_credentials(granted).await?,
        orders: orders.iter().map(line).collect(),
        directory: format!("{base}/acme/directory"),
        port: settings.http_port,
        wrong_label: wrong("label"),
        wrong_days: wrong("days"),
        new: shown.new,
        label: shown.label,
        days: if shown.days.is_empty() { DAYS.to_string() } else { shown.days },
    };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response())
}
