//! The pages, and what verifiers fetch.

mod authority;
mod fetch;
mod own;
mod team;

use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use identity::{Actor, Granted, Introduce, ManageTeam, RequestCertificates};
use ui::{Page, Toast};

use crate::Pki;
use crate::issue::hex;
use crate::list::StandingView;
use crate::model::Certificate;

/// All of it.
pub(crate) fn routes(pki: &Pki) -> Router {
    let pages = Router::new().merge(own::routes()).merge(team::routes()).merge(authority::routes());
    pages.merge(fetch::routes()).with_state(pki.clone())
}

/// The places of certificates that this reader can go to, on each of the pages.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) here: &'static str,
    /// Addresses and words.
    pub(crate) all: Vec<(&'static str, &'static str)>,
}

impl Places {
    /// For `actor`, with the place `here` marked; a stranger has one place alone, and needs no menu.
    pub(crate) fn of(actor: Option<&Actor>, here: &'static str) -> Self {
        let may = |allowed: fn(&Actor) -> bool| actor.is_some_and(allowed);
        let team = may(|actor| Granted::<ManageTeam>::check(actor).is_ok());
        let all = [
            (actor.is_some(), "/pki", "The authority"),
            (
                may(|actor| Granted::<RequestCertificates>::check(actor).is_ok()),
                "/account/certificates",
                "Your certificates",
            ),
            (team, "/settings/certificates", "Certificates of the team"),
            (team, "/pki/acme", "Servers by ACME"),
            (may(|actor| Granted::<Introduce>::check(actor).is_ok()), "/pki/log", "Issuance log"),
        ];
        let all = all.into_iter().filter(|(may, ..)| *may).map(|(_, href, label)| (href, label)).collect();
        Self { here, all }
    }
}

/// A certificate in a list.
struct Row {
    one: Certificate,
    /// SHA-256 of it, hex, and its end for people.
    fingerprint: String,
    end: String,
    state: StandingView,
    can_be_revoked: bool,
}

impl Row {
    fn of(pki: &Pki, one: Certificate) -> Self {
        let fingerprint = hex(&one.known.fingerprint);
        let ends = one.known.until <= pki.node().now();
        let end = ui::format::fingerprint_end(&fingerprint);
        let can_be_revoked = one.known.revoked.is_none() && !ends;
        Self { end, fingerprint, state: pki.standing_of(&one), can_be_revoked, one }
    }

    fn all(pki: &Pki, certificates: Vec<Certificate>) -> Vec<Self> {
        certificates.into_iter().map(|one| Self::of(pki, one)).collect()
    }
}

/// One certificate, for its holder, its team or the operator.
#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    page: Page,
    places: Places,
    row: Row,
    /// The list it stands in.
    above: &'static str,
    above_words: &'static str,
    fetches_chain: bool,
}

/// Back to a list, which says what was done.
fn back(pki: &Pki, to: &str, said: &str) -> Response {
    let now = pki.node().now();
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, Toast::said(said, now).to_cookie(now));
    (headers, Redirect::to(to)).into_response()
}

/// A chain as a file.
fn pem_file(name: &str, chain: String) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.pem\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/pem-certificate-chain");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], chain).into_response()
}
