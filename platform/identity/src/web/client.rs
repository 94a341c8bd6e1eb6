//! From where a request comes, and how it reached us.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use tls::ByTls;

use crate::{From, Identity, Settings};

/// The other end of a request.
pub(super) struct Client {
    pub from: From,
    /// Whether the person's browser speaks https, to us or to our proxy.
    pub https: bool,
    /// The name under which they reached us.
    pub host: String,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Client {
    /// The name under which they reached us, without the port.
    pub(super) fn name(&self) -> &str {
        &self.from.host
    }

    /// The other end of the request with these `parts`.
    pub(super) fn of(parts: &mut Parts) -> Self {
        let settings = parts.extensions.get::<Identity>().map(|identity| identity.settings().clone());
        let socket =
            parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let mut found = client(&parts.headers, socket, &settings.unwrap_or_default());
        found.https |= parts.extensions.get::<ByTls>().is_some();
        found
    }
}

fn client(headers: &HeaderMap, socket: Option<IpAddr>, settings: &Settings) -> Client {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The last address is the one our proxy saw; those before it are what the client says.
    let forwarded =
        text("x-forwarded-for").rsplit(',').next().and_then(|address| address.trim().parse().ok());
    let forwarded = forwarded.filter(|_| settings.behind_proxy);
    let peer = forwarded.or(socket).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Client {
        from: From { peer, agent: text(header::USER_AGENT.as_str()).to_owned(), host: name_of(text("host")) },
        https: settings.https || (settings.behind_proxy && text("x-forwarded-proto") == "https"),
        host: text(header::HOST.as_str()).to_owned(),
    }
}

/// The name in a `Host` header, without its port (RFC 9110 section 7.2).
fn name_of(host: &str) -> String {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    (if is_port { name } else { host }).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxy_is_believed_and_only_what_it_saw_itself() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 198.51.100.7".parse().unwrap());
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        let socket = Some("192.0.2.1".parse().unwrap());
        let direct = client(&headers, socket, &Settings::default());
        assert_eq!((direct.from.peer.to_string().as_str(), direct.https), ("192.0.2.1", false));
        let proxied = client(&headers, socket, &Settings { behind_proxy: true, ..Settings::default() });
        assert_eq!((proxied.from.peer.to_string().as_str(), proxied.https), ("198.51.100.7", true));
    }
}
