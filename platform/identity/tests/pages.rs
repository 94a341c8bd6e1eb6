//! The pages of this crate through the router, as a browser gets them.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use identity::testing::{code_at, sign_in};
use identity::{Granted, Identity, ManageNode, ReadCases, Role, Settings, Site};
use kit::testing::{TestNode, node};
use tower::ServiceExt as _;

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
}

async fn cases(granted: Granted<ReadCases>) -> String {
    format!("the cases of {}", granted.actor().team_name)
}

async fn only_node(_: Granted<ManageNode>) -> &'static str {
    "the node"
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings { https: true, ..Settings::default() });
    let others = Router::new()
        .route("/cases", get(cases))
        .route("/node", get(only_node))
        .route("/api/v1/cases", get(cases))
        .route("/api/v1/node", get(only_node));
    let site = Site { node: "desk.aldermark.example".into(), ..Site::default() };
    let router = identity::protect(identity::routes().merge(others), identity.clone(), site);
    World { node, identity, router }
}

impl World {
    async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        read(self.send(request).await).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "desk.aldermark.example")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// The cookie that the answer sets, as the browser sends it back.
fn given(response: &Response) -> String {
    let line = response.headers()[header::SET_COOKIE].to_str().unwrap();
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_log_in_and_from_there_back() {
    let w = world();
    for path in ["/account", "/settings/accounts", "/cases"] {
        let response = w.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(location(&response), format!("/login?next={path}"));
    }
    let response = w.post("/account/password", "", "password=x").await;
    assert_eq!(location(&response), "/login");
    let response = w.send(Request::get("/api/v1/cases").body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"wardmote\"");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let (_, page) = w.get("/login?next=//evil.example", "").await;
    assert!(page.contains(r#"name="next" value="/""#), "{page}");
}

#[tokio::test]
async fn password_code_and_link_lead_in_step_by_step() {
    let w = world();
    let (cookie, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let account = kes.account.unwrap();
    let link = w.identity.one_time_login(&Granted::for_node(), account).await.unwrap();
    let path = format!("/login/once/{link}");
    let (status, page) = w.get(&path, "").await;
    assert!(status == StatusCode::OK && page.contains("lets you in once"), "{page}");

    // The link, then a first password.
    let response = w.post(&path, "", "").await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/account"));
    let line = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(line.contains("HttpOnly; SameSite=Lax; Secure"), "{line}");
    let by_link = given(&response);
    assert_eq!(w.get(&path, "").await.0, StatusCode::GONE);
    let (status, page) =
        read(w.post("/account/password", &by_link, "password=short&again=short").await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("fewer than 12"), "{page}");
    let form = "password=quiet+harbour+lamp+seven&again=quiet+harbour+lamp+seven";
    assert_eq!(location(&w.post("/account/password", &by_link, form).await), "/account");
    assert_eq!(w.get("/account", &cookie).await.0, StatusCode::SEE_OTHER, "the other session has ended");

    // A second factor.
    let (_, page) = read(w.post("/account/second-factor", &by_link, "").await).await;
    let secret = page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let picture = r#"<svg role="img" aria-label="The secret as a QR code"#;
    assert!(page.contains(picture), "for a camera: {page}");
    let wrong = read(w.post("/account/second-factor/confirm", &by_link, "code=000000").await).await.1;
    assert!(wrong.contains(&secret) && wrong.contains("not right") && wrong.contains(picture), "{wrong}");
    let code = format!("code={}", code_at(&secret, w.node.now()));
    let (_, page) = read(w.post("/account/second-factor/confirm", &by_link, &code).await).await;
    assert!(page.contains("recovery codes let you in"), "{page}");

    // Password and code.
    let (status, page) = read(w.post("/login", "", "login=kes&password=wrong&next=/cases").await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("do not belong together"), "{page}");
    assert!(
        page.contains(r#"value="kes""#) && page.contains(r#"value="/cases""#),
        "what was typed stays: {page}"
    );
    let response = w.post("/login", "", "login=kes&password=quiet+harbour+lamp+seven&next=/cases").await;
    assert_eq!(location(&response), "/login/code?next=/cases");
    let half = given(&response);
    assert_eq!(w.get("/cases", &half).await.0, StatusCode::SEE_OTHER, "half a log-in opens nothing");
    w.node.clock.advance(30 * kit::clock::SECOND);
    let form = format!("next=/cases&code={}", code_at(&secret, w.node.now()));
    let response = w.post("/login/code", &half, &form).await;
    assert_eq!(location(&response), "/cases");
    let whole = given(&response);
    assert_eq!(w.get("/cases", &whole).await, (StatusCode::OK, "the cases of aldermark".into()));

    // And out.
    let response = w.post("/logout", &whole, "").await;
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(w.get("/cases", &whole).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn logging_in_again_ends_the_session_of_before() {
    let w = world();
    let (cookie, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let link = w.identity.one_time_login(&Granted::for_node(), kes.account.unwrap()).await.unwrap();
    let response = w.post(&format!("/login/once/{link}"), &cookie, "").await;
    assert_ne!(given(&response), cookie);
    assert_eq!(w.get("/cases", &cookie).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_wrong_role_gets_a_page_that_says_what_is_needed_and_leads_on() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    for path in ["/settings/accounts", "/node"] {
        let (status, page) = w.get(path, &cookie).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(page.contains("kes may not") || page.contains("Kes may not"), "{page}");
        assert!(page.contains("desk.aldermark.example"), "the error stands within the reader's page: {page}");
        assert!(page.contains(r#"<span class="team">aldermark</span>"#), "{page}");
    }
    let (status, body) = w.get("/api/v1/node", &cookie).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((problem["status"].as_u64(), problem["title"].as_str()), (Some(403), Some("Forbidden")));
    assert!(problem["detail"].as_str().unwrap().contains("node-admin"));
}

#[tokio::test]
async fn a_program_sends_its_token_and_gets_no_more_than_its_scopes() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let (status, page) = read(w.post("/account/tokens", &cookie, "name=feed&days=30").await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("at least one thing"), "{page}");
    let form = "name=feed&days=30&scope=lookup&scope=node%3Amanage";
    let (status, page) = read(w.post("/account/tokens", &cookie, form).await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("no token of yours may"), "{page}");
    assert!(page.contains(r#"value="cases:read""#) && !page.contains(r#"value="node:manage""#), "{page}");
    let form = "name=feed&days=30&scope=cases%3Aread&scope=lookup";
    let (_, page) = read(w.post("/account/tokens", &cookie, form).await).await;
    let start = page.find("<code>wardmote_").unwrap() + 6;
    let token = page[start..].split('<').next().unwrap().to_owned();
    let ask = async |path: &str, token: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        // A good cookie beside a bad token helps nothing.
        w.send(request.header(header::COOKIE, &cookie).body(Body::empty()).unwrap()).await.status()
    };
    assert_eq!(ask("/api/v1/cases", &token).await, StatusCode::OK);
    assert_eq!(ask("/api/v1/node", &token).await, StatusCode::FORBIDDEN);
    assert_eq!(ask("/account", &token).await, StatusCode::FORBIDDEN, "the account is for its owner");
    assert_eq!(ask("/api/v1/cases", "wardmote_x").await, StatusCode::UNAUTHORIZED);
    assert!(!w.get("/account", &cookie).await.1.contains(&token), "it is shown once");
}

#[tokio::test]
async fn a_change_from_another_site_is_refused() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("x", "y")] {
        let request = Request::post("/logout/everywhere").header(header::COOKIE, &cookie).header(name, value);
        let request = request.header(header::HOST, "desk.aldermark.example").body(Body::empty()).unwrap();
        let (status, page) = read(w.send(request).await).await;
        assert!(status == StatusCode::FORBIDDEN && page.contains("was not made"), "{page}");
    }
    assert_eq!(w.get("/cases", &cookie).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_administrator_makes_accounts_and_links_for_their_own_team_only() {
    let w = world();
    let (ada, _) = sign_in(&w.identity, "aldermark", "ada", &[Role::TeamAdmin]).await;
    let (_, ines) = sign_in(&w.identity, "skerry", "ines", &[Role::Handler]).await;
    let (status, page) =
        read(w.post("/settings/accounts", &ada, "login=jor&name=Jor&role=handler").await).await;
    assert!(
        status == StatusCode::OK && page.contains("https://desk.aldermark.example/login/once/"),
        "{page}"
    );
    assert!(page.contains("jor") && !page.contains("ines"), "only their own: {page}");
    assert!(!page.contains("node-admin"), "what they cannot give is not offered: {page}");
    let (status, page) = read(w.post("/settings/accounts", &ada, "login=JOR&name=Other").await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("is taken"), "{page}");
    assert!(page.contains(r#"value="Other""#), "what was typed stays: {page}");
    for what in ["", "/link", "/second-factor"] {
        let path = format!("/settings/accounts/{}{what}", ines.account.unwrap());
        assert_eq!(w.post(&path, &ada, "role=handler").await.status(), StatusCode::NOT_FOUND);
    }
    let path = format!("/settings/accounts/{}", ines.account.unwrap());
    let response = w.post(&path, &ada, "role=node-admin").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_the_service_would_refuse_is_not_offered_beside_an_account() {
    let w = world();
    let (ada, _) = sign_in(&w.identity, "aldermark", "ada", &[Role::TeamAdmin]).await;
    let (_, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let (_, nora) = sign_in(&w.identity, "aldermark", "nora", &[Role::Handler, Role::NodeAdmin]).await;
    let link = |of: &identity::Actor| format!(r#"action="/settings/accounts/{}/link""#, of.account.unwrap());
    let (_, page) = w.get("/settings/accounts", &ada).await;
    assert!(page.contains(&link(&kes)) && !page.contains(&link(&nora)), "{page}");
    assert_eq!(page.matches("Recovery, nominator").count(), 1, "neither nora's nor her own: {page}");
    assert!(page.contains("handler node-admin") && page.contains("not yours to change"), "{page}");
    let handler = [Role::Handler].into_iter().collect();
    w.identity.set_access(&Granted::for_node(), kes.account.unwrap(), handler, true).await.unwrap();
    let (_, page) = w.get("/settings/accounts", &ada).await;
    assert!(!page.contains(&link(&kes)), "who is shut out is let in again first: {page}");
}

#[tokio::test]
async fn guessing_at_the_log_in_is_told_to_wait() {
    let w = world();
    sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    for _ in 0..6 {
        assert_eq!(w.post("/login", "", "login=kes&password=x").await.status(), StatusCode::FORBIDDEN);
    }
    let (status, page) = read(w.post("/login", "", "login=kes&password=x").await).await;
    assert!(status == StatusCode::TOO_MANY_REQUESTS && page.contains("Try again in 1 second"), "{page}");
}

#[tokio::test]
async fn the_operator_recovers_a_members_account_on_a_page_that_nobody_else_has() {
    let w = world();
    let (olga, _) = sign_in(&w.identity, "office", "olga", &[Role::Introducer]).await;
    let (ada, _) = sign_in(&w.identity, "aldermark", "ada", &[Role::TeamAdmin]).await;
    let (ines, _) = sign_in(&w.identity, "skerry", "ines", &[Role::Handler]).await;
    assert_eq!(w.get("/settings/recovery", &ada).await.0, StatusCode::FORBIDDEN);
    let (status, page) = w.get("/settings/recovery", &olga).await;
    assert!(status == StatusCode::OK && page.contains("Login of the nominator"), "{page}");
    let (status, page) = read(w.post("/settings/recovery", &olga, "login=ada&nominator=").await).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("nobody is known"), "{page}");
    let (status, page) = read(w.post("/settings/recovery", &olga, "login=ada&nominator=ines").await).await;
    assert!(status == StatusCode::OK && page.contains("The other half has ines"), "{page}");
    let (_, page) = w.get("/account/recoveries", &ines).await;
    assert!(page.contains("ada") && page.contains("olga"), "{page}");
}
