//! Which host a request is for. At the public hosts everybody is a stranger: what a stranger may see is answered there, the
//! rest leads to the members' host. A name that is not configured (localhost, for trying out) serves everything.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tls::{AskedFor, ClientCertificate};

use super::client::Client;
use super::form::own_path;
use super::kept::Detour;
use crate::Identity;

/// Marks a request at a public host: nobody is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Public;

/// Paths where only members have something to do.
const OF_MEMBERS: [&str; 6] = ["/login", "/logout", "/account", "/settings/", "/step-up", "/again"];

pub(super) async fn place(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(identity) = parts.extensions.get::<Identity>().cloned() else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let hosts = &identity.settings().hosts;
    let Some(members) = identity.settings().members_origin() else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let host = Client::of(&mut parts).name().to_owned();
    // What a client shows was decided by the name in the handshake: another one in the request is not served.
    if parts.extensions.get::<AskedFor>().is_some_and(|AskedFor(name)| **name != *host) {
        let words = "This connection was made for another host. Please open a new one.\n";
        return (StatusCode::MISDIRECTED_REQUEST, words).into_response();
    }
    if !hosts.is_public(&host) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let path = own_path(parts.uri.path_and_query().map_or("/", |path| path.as_str())).to_owned();
    let looks = matches!(parts.method, Method::GET | Method::HEAD);
    let there = format!("{members}{}", if looks { &path } else { "/login" });
    if OF_MEMBERS.iter().any(|start| path.starts_with(start)) {
        return Redirect::to(&there).into_response();
    }
    parts.extensions.insert(Public);
    parts.extensions.remove::<ClientCertificate>();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<Detour>().is_some()
        && let Ok(there) = HeaderValue::from_str(&there)
    {
        response.headers_mut().insert(header::LOCATION, there);
    }
    response
}
