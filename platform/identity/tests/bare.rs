//! What the router refuses by itself is said in words: to readers on the house's page, to the API as problem+json.

#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use axum::body::{Body, to_bytes};
use axum::extract::Form;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use identity::testing::sign_in;
use identity::web::Fields;
use identity::{Granted, Identity, LookUp, Role, Settings, Site};
use kit::testing::{TestNode, node};
use tower::ServiceExt as _;

struct World {
    _node: TestNode,
    cookie: String,
    router: Router,
}

async fn case(_: Granted<LookUp>) -> &'static str {
    "the case"
}

async fn note(_: Granted<LookUp>, Form(_): Form<Fields>) -> &'static str {
    "noted"
}

async fn taken(_: Granted<LookUp>, Json(_): Json<serde_json::Value>) -> &'static str {
    "taken"
}

async fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings { https: true, ..Settings::default() });
    let cases = Router::new().route("/cases/{case}", get(case)).route("/cases/{case}/notes/add", post(note));
    let more = cases.route("/api/v1/cases", post(taken)).route("/machines", post(note));
    let router = identity::protect(identity::routes().merge(more), identity.clone(), Site::default());
    let (cookie, _) = sign_in(&identity, "aldermark", "kes", &[Role::Handler]).await;
    World { _node: node, cookie, router }
}

impl World {
    async fn ask(&self, method: Method, path: &str, accept: &str, kind: &str, body: String) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind);
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn browse(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, BROWSER, "", String::new()).await
    }
}

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[tokio::test]
async fn the_answer_to_a_refused_form_opened_again_leads_back_to_the_page_with_the_form() {
    let w = world().await;
    for (path, back) in [
        ("/cases/INC-217/notes/add", "/cases/INC-217"),
        ("/cases/INC-217/notes/add?x=1", "/cases/INC-217"),
        ("/account/second-factor/confirm", "/account"),
        ("/settings/accounts/01/link", "/settings/accounts"),
    ] {
        let answer = w.browse(path).await;
        assert_eq!((answer.status, answer.header(header::ALLOW)), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
        assert!(answer.body.contains("there is no page to read"), "{path}: {}", answer.body);
        assert!(answer.body.contains(&format!(r#"href="{back}">Back to {back}"#)), "{path}: {}", answer.body);
        assert!(answer.body.contains(r#"<span class="team">aldermark</span>"#), "within the reader's page");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert!(!answer.header(header::CONTENT_SECURITY_POLICY).is_empty());
    }
    // Where nothing above is a page, the desk is.
    let answer = w.browse("/machines").await;
    assert!(answer.body.contains("To the desk") && !answer.body.contains("Back to"), "{}", answer.body);
    let answer = w.ask(Method::POST, "/cases/INC-217", BROWSER, "", String::new()).await;
    assert_eq!((answer.status, answer.header(header::ALLOW)), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    assert!(answer.body.contains("takes nothing that is sent"), "{}", answer.body);
}

#[tokio::test]
async fn who_sends_too_much_is_told_in_words() {
    let w = world().await;
    let (kind, long) = ("application/x-www-form-urlencoded", format!("text={}", "x".repeat(3 << 20)));
    let answer = w.ask(Method::POST, "/cases/INC-217/notes/add", BROWSER, kind, long.clone()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("larger than this page takes"), "{}", answer.body);
    assert!(answer.body.contains(r#"href="/cases/INC-217""#), "{}", answer.body);
    // A program at a door of its own keeps the plain line.
    let answer = w.ask(Method::POST, "/machines", "*/*", kind, long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.header(header::CONTENT_TYPE).starts_with("text/plain"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_still_sending_when_it_is_answered_sees_the_answer() {
    let w = world().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = w.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let ask = |cookie: String, length: usize| {
        tokio::task::spawn_blocking(move || {
            let mut line = TcpStream::connect(address).unwrap();
            let kind = "application/x-www-form-urlencoded";
            let head = format!(
                "POST /cases/INC-217/notes/add HTTP/1.1\r\nHost: desk.example\r\nSec-Fetch-Site: same-origin\r\n\
                 Accept: text/html\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n"
            );
            line.write_all(head.as_bytes()).unwrap();
            let part = vec![b'x'; 1 << 20];
            for _ in 0..length / part.len() {
                line.write_all(&part).unwrap();
            }
            let mut answer = String::new();
            line.read_to_string(&mut answer).unwrap();
            answer
        })
    };
    let refused = ask(w.cookie.clone(), 48 << 20).await.unwrap();
    assert!(
        refused.starts_with("HTTP/1.1 413") && refused.contains("larger than this page takes"),
        "{refused}"
    );
    let stranger = ask("x=y".into(), 48 << 20).await.unwrap();
    assert!(stranger.starts_with("HTTP/1.1 303") && stranger.contains("/login"), "{stranger}");
}

#[tokio::test]
async fn programs_get_a_problem_in_json() {
    let w = world().await;
    let json = "application/json";
    let long = format!("\"{}\"", "x".repeat(3 << 20));
    for (method, body, status) in [(Method::GET, String::new(), 405), (Method::POST, long, 413)] {
        let answer = w.ask(method, "/api/v1/cases", BROWSER, json, body).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().unwrap().contains("nothing was changed"), "{problem}");
        assert_eq!(answer.header(header::ALLOW), if status == 405 { "POST" } else { "" });
    }
    let answer = w.ask(Method::GET, "/api/v1/cases", json, json, String::new()).await;
    assert!(answer.body.contains("does not take GET"), "{}", answer.body);
}
