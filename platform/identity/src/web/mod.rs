//! The edge: who sends this request, may they, and the pages of this crate.

mod account;
mod answer;
mod bare;
mod client;
mod cookie;
mod extract;
mod form;
mod frame;
mod hosts;
mod institutes;
mod kept;
mod login;
mod members;
mod openpgp;
mod origin;
mod passkeys;
mod recovery;
mod step_up;
mod upload;
mod visitor;
mod whole;

use axum::Router;
use axum::extract::Extension;
use axum::middleware;

pub use answer::{ApiError, PageError, Problem};
pub use form::{Fields, encode};
pub use frame::{Frame, Site};
pub use step_up::step_up;
pub use upload::Upload;
pub use visitor::Visitor;

use crate::Identity;

/// The pages of this crate: log-in, the own account, the team's accounts.
pub fn routes() -> Router {
    Router::new()
        .merge(login::routes())
        .merge(account::routes())
        .merge(members::routes())
        .merge(passkeys::routes())
        .merge(step_up::routes())
        .merge(kept::routes())
        .merge(recovery::routes())
        .merge(openpgp::routes())
        .merge(institutes::routes())
}

/// Puts `identity` before all routes of the node: extractors find it, changes from other sites are refused, and
/// errors are shown within the page of whoever caused them. Everything that asks for a
/// [`Granted`](crate::Granted) must lie within.
pub fn protect(routes: Router, identity: Identity, site: Site) -> Router {
    let addresses = bare::Addresses(routes.clone());
    routes
        .layer(middleware::from_fn_with_state(addresses.clone(), bare::in_words))
        .layer(middleware::from_fn(frame::dress_errors))
        .layer(middleware::from_fn_with_state(addresses, kept::keep_forms))
        .layer(middleware::from_fn(origin::refuse_foreign))
        .layer(middleware::from_fn(hosts::place))
        .layer(middleware::from_fn(whole::hear_out))
        .layer(Extension(site))
        .layer(Extension(identity))
}
