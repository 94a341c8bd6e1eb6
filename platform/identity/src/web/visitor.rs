//! Who asks at a public address, where nobody needs to be known: for limits that are fair to those who are.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::client::Client;
use super::extract::caller;
use crate::Actor;

/// The other end of a public request. It grants nothing.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Its address, as our own proxy saw it.
    pub peer: IpAddr,
    /// The account, when it shows a token that is in force or is logged in.
    pub actor: Option<Actor>,
    /// Under which scheme, host and port it reached us, such as `https://desk.example`.
    pub reached: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Client { from, https, host } = Client::from_request_parts(parts, state).await?;
        // Without an answer from the database it is nobody: nothing is granted to anybody here.
        let actor = caller(parts).await.ok().flatten();
        let scheme = if https { "https" } else { "http" };
        let host = if host.is_empty() { "localhost" } else { &host };
        Ok(Self { peer: from.peer, actor, reached: format!("{scheme}://{host}") })
    }
}
