//! A browser without a screen: it keeps its cookies, sends forms and follows where they lead.

#![allow(dead_code, clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use identity::{Role, Site, protect};
use tower::ServiceExt as _;

use super::common::World;

/// The pages of the desk, as the node serves them.
pub fn app(w: &World) -> Router {
    let domain = w.desk.domain(w.relay.clone());
    let site = Site { node: "desk.aldermark.example".into(), nav: domain.nav.into() };
    protect(domain.routes.merge(ui::routes()), w.identity.clone(), site)
}

/// Somebody with a browser.
pub struct Browser {
    app: Router,
    cookies: Vec<(String, String)>,
}

/// What the node answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where it leads.
    pub fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The page, if it is one.
    pub fn page(self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.body
    }
}

impl Browser {
    /// A stranger.
    pub fn stranger(app: &Router) -> Self {
        Self { app: app.clone(), cookies: Vec::new() }
    }

    /// Somebody of the team `handle`, logged in.
    pub async fn of(app: &Router, w: &World, handle: &str, login: &str, roles: &[Role]) -> Self {
        let (cookie, _) = identity::testing::sign_in(&w.identity, handle, login, roles).await;
        let (name, value) = cookie.split_once('=').unwrap();
        Self { app: app.clone(), cookies: vec![(name.into(), value.into())] }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body.collect::<Vec<_>>().join("&")))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form and opens the page to which it leads.
    pub async fn done(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let to = answer.to().to_owned();
        self.get(&to).await.page()
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value));
        }
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// The path of the undo that the page offers.
pub fn undo_of(page: &str) -> String {
    let at = page.find("action=\"/undo/").expect("the page offers no undo") + "action=\"".len();
    page[at..].split('"').next().unwrap().to_owned()
}
