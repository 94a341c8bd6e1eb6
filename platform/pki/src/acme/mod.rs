//! ACME (RFC 8555): certificates for a team's servers, asked for and renewed by programs.
//!
//! ```text
//! team's administrator ── credential (kid, HMAC key) ──► client ── new-account, bound by it ──► account of the team
//!    account ── new-order, names under proven domains ──► authorisations ── http-01 ──► ready ── finalise ──► certificate
//! ```
//!
//! Whether a team is entitled and which names it has proven is asked at every order and again when the certificate is
//! made; nothing of it is stored here.

mod account;
mod api;
mod call;
mod challenge;
pub mod cli;
mod config;
mod credentials;
mod directory;
mod http01;
pub mod jwk;
pub mod jws;
mod model;
mod nonce;
mod order;
mod problem;
mod reach;
mod renewal;
mod revoke;
mod store;
mod strict;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod web;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use kit::clock::{DAY, HOUR};
use kit::jobs::{self, Handler};
use kit::{Result, Time, Write};

pub(crate) use api::routes as api;
pub use config::Section;
pub use credentials::NewCredential;
pub(crate) use credentials::purpose;
pub use problem::{Kind, Problem};
pub use store::CredentialView;
pub(crate) use store::STATEMENTS;
pub(crate) use web::routes as pages;

use crate::Pki;

/// The schema of ACME.
pub(crate) const MIGRATION: kit::db::Migration =
    kit::db::Migration::new("pki", 10, include_str!("../../migrations/0010_acme.sql"));

/// Orders without a certificate are forgotten so long after their end.
const UNFINISHED: Time = 7 * DAY;
/// All orders are.
const FINISHED: Time = 400 * DAY;

const SWEEP: &str = "acme.sweep";

impl Pki {
    /// The server, below `/acme`. It knows neither cookies nor pages, and proves who asks by itself: it stands beside
    /// [`identity::protect`], not within. Empty when the configuration says so.
    pub fn acme_routes(&self) -> Router {
        if !self.settings().acme.enabled {
            return Router::new();
        }
        let server = Router::new()
            .route("/directory", get(directory::directory))
            .route("/new-nonce", get(directory::nonce))
            .route("/new-account", post(account::make))
            .route("/account/{id}", post(account::change))
            .route("/account/{id}/orders", post(account::orders))
            .route("/key-change", post(account::change_key))
            .route("/new-order", post(order::make))
            .route("/order/{id}", post(order::show))
            .route("/order/{id}/finalize", post(order::finalize))
            .route("/certificate/{id}", post(order::certificate))
            .route("/revoke-certificate", post(revoke::revoke))
            .route("/authorization/{id}", post(challenge::authorization))
            .route("/challenge/{id}", post(challenge::challenge))
            .route("/renewal-info/{id}", get(renewal::info))
            .fallback(|| async {
                Problem::malformed("nothing is at this address").status(StatusCode::NOT_FOUND)
            })
            .method_not_allowed_fallback(|| async {
                let detail = "this address takes signed POST requests alone, to look as well (POST-as-GET)";
                Problem::malformed(detail).status(StatusCode::METHOD_NOT_ALLOWED)
            })
            .layer(DefaultBodyLimit::max(jws::LARGEST))
            .layer(middleware::from_fn_with_state(self.clone(), dress))
            .layer(Extension(self.identity().clone()))
            .with_state(self.clone());
        Router::new().nest("/acme", server)
    }

    /// What ACME does by itself.
    pub(crate) fn acme_jobs(&self) -> Vec<Handler> {
        let this = self.clone();
        let sweep = Handler::repeated(self.node(), SWEEP, HOUR, move || {
            let this = this.clone();
            async move { this.sweep().await }
        });
        vec![challenge::job(self), sweep]
    }

    /// Plans the first of the jobs.
    pub(crate) async fn start_acme(&self) -> Result<()> {
        let (node, now) = (self.node().clone(), self.node().now());
        self.node().db.write(move |tx| jobs::plan(&node, tx, SWEEP, HOUR, now)).await
    }

    async fn sweep(&self) -> Result<()> {
        let now = self.node().now();
        let work =
            move |tx: &Write<'_>| store::forget(tx, now - 2 * nonce::LASTS, now - UNFINISHED, now - FINISHED);
        self.node().db.write(work).await
    }
}

/// What all answers have: a nonce for the next request (RFC 8555, section 6.5), and the way to the directory.
async fn dress(State(pki): State<Pki>, request: Request, next: Next) -> Response {
    let looks = request.method() == Method::GET && !request.uri().path().ends_with("/new-nonce");
    let (mut parts, body) = request.into_parts();
    let base = call::Base::of(&pki, &mut parts).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    if let Ok(index) = HeaderValue::from_str(&format!("<{}>;rel=\"index\"", base.url("directory"))) {
        headers.append(header::LINK, index);
    }
    if !looks && let Ok(nonce) = HeaderValue::from_str(&nonce::fresh(pki.node())) {
        headers.insert("replay-nonce", nonce);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
