//! Passkeys and proofs, as their owners and thieves meet them; on the engine that `WARDMOTE_TEST_DB` names.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use data_encoding::BASE64URL_NOPAD;
use identity::testing::{code_at, sign_in};
use identity::{Actor, Granted, Identity, ManageNode, Role, Settings, Site, StepUp};
use kit::clock::{DAY, MINUTE, SECOND};
use kit::testing::{TestNode, node};
use serde_json::Value;
use tower::ServiceExt as _;
use webauthn::testing::Authenticator;

const ORIGIN: &str = "https://members.example";
const PASSWORD: &str = "quiet harbour lamp seven";

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
}

async fn hand_over(fresh: StepUp<ManageNode>, body: String) -> String {
    format!("{} handed over: {body}", fresh.actor().name)
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let settings = Settings { https: true, origin: Some(ORIGIN.into()), ..Settings::default() };
    let identity = Identity::new(node.node.clone(), settings);
    let more = Router::new().route("/hand-over", post(hand_over)).route("/api/v1/hand-over", post(hand_over));
    let router = identity::protect(identity::routes().merge(more), identity.clone(), Site::default());
    World { node, identity, router }
}

impl World {
    async fn send(&self, method: &str, path: &str, cookie: &str, form: &[(&str, &str)]) -> Response {
        let pairs = form.iter().map(|(name, value)| format!("{name}={}", identity::web::encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "members.example")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_LENGTH, body.len())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    async fn question(&self, path: &str, cookie: &str) -> (Value, Vec<u8>, String) {
        let response = self.send("POST", path, cookie, &[]).await;
        let set = response.headers().get(header::SET_COOKIE).map(first_pair).unwrap_or_default();
        let (_, text) = read(response).await;
        let question: Value = serde_json::from_str(&text).unwrap();
        let challenge = question["challenge"].as_str().unwrap_or_default().as_bytes();
        let challenge = BASE64URL_NOPAD.decode(challenge).unwrap();
        (question, challenge, set)
    }

    /// Adds `device` to the account of `cookie`; what the page says.
    async fn add(&self, device: &Authenticator, cookie: &str) -> (StatusCode, String) {
        let (_, challenge, _) = self.question("/account/passkeys/begin", cookie).await;
        let client = Authenticator::client_data("create", &challenge, ORIGIN);
        let form = [
            ("device", "key ring".to_owned()),
            ("client_data", BASE64URL_NOPAD.encode(&client)),
            ("attestation", BASE64URL_NOPAD.encode(&device.attestation("members.example"))),
        ];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        read(self.send("POST", "/account/passkeys", cookie, &form).await).await
    }

    /// Answers the question at `path` + `/begin` with `device`.
    async fn answer(
        &self,
        path: &str,
        device: &mut Authenticator,
        cookie: &str,
        more: &[(&str, &str)],
    ) -> Response {
        let (_, challenge, set) = self.question(&format!("{path}/begin"), cookie).await;
        let form = answered(device, &challenge);
        let form: Vec<_> = form.iter().map(|(n, v)| (*n, v.as_str())).chain(more.iter().copied()).collect();
        self.send("POST", path, &format!("{cookie}; {set}"), &form).await
    }

    /// An account with a password, logged in.
    async fn person(&self, login: &str, roles: &[Role]) -> (String, Actor) {
        let (cookie, actor) = sign_in(&self.identity, "aldermark", login, roles).await;
        let granted = Granted::for_node();
        self.identity.set_password(&granted, actor.account.unwrap(), PASSWORD.into()).await.unwrap();
        drop(cookie); // setting the password ended it
        let form = [("login", login), ("password", PASSWORD)];
        (given(&self.send("POST", "/login", "", &form).await), actor)
    }
}

fn answered(device: &mut Authenticator, challenge: &[u8]) -> [(&'static str, String); 4] {
    let client = Authenticator::client_data("get", challenge, ORIGIN);
    let (data, signature) = device.sign("members.example", &client);
    [
        ("credential", BASE64URL_NOPAD.encode(&device.id)),
        ("client_data", BASE64URL_NOPAD.encode(&client)),
        ("authenticator_data", BASE64URL_NOPAD.encode(&data)),
        ("signature", BASE64URL_NOPAD.encode(&signature)),
    ]
}

async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn first_pair(value: &axum::http::HeaderValue) -> String {
    value.to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// The cookie that the answer sets, as the browser sends it back.
fn given(response: &Response) -> String {
    first_pair(&response.headers()[header::SET_COOKIE])
}

fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_passkey_is_added_lets_its_owner_in_without_a_password_and_is_removed() {
    let w = world();
    let (cookie, kes) = w.person("kes", &[Role::Handler]).await;
    let mut device = Authenticator::new(1);
    let (question, ..) = w.question("/account/passkeys/begin", &cookie).await;
    assert_eq!(
        (&question["rp"]["id"], &question["attestation"]),
        (&"members.example".into(), &"none".into())
    );
    assert_eq!(question["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(w.add(&device, &cookie).await.0, StatusCode::SEE_OTHER);
    let (_, page) = read(w.send("GET", "/account", &cookie, &[]).await).await;
    assert!(page.contains("key ring") && page.contains("in one device"), "{page}");
    let (_, page) = w.add(&device, &cookie).await;
    assert!(page.contains("registered already"), "{page}");

    let response = w.answer("/login/passkey", &mut device, "", &[("next", "/account")]).await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/account"));
    let session = given(&response);
    assert!(session.starts_with("__Host-wardmote="), "{session}");
    let (status, page) = read(w.send("GET", "/account", &session, &[]).await).await;
    assert!(status == StatusCode::OK && page.contains("<h1>kes</h1>"), "{page}");

    // Another login was typed: not that person.
    let (status, page) = read(w.answer("/login/passkey", &mut device, "", &[("login", "jor")]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("does not belong to this login"), "{page}");

    let own = Granted::check(&kes).unwrap();
    let passkey = w.identity.passkeys(&own).await.unwrap()[0].id;
    let removed = w.send("POST", &format!("/account/passkeys/{passkey}/remove"), &session, &[]).await;
    assert_eq!(removed.status(), StatusCode::SEE_OTHER);
    let (status, page) = read(w.answer("/login/passkey", &mut device, "", &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("is not known here"), "{page}");
}

#[tokio::test]
async fn after_the_password_the_passkey_is_the_second_factor() {
    let w = world();
    let (cookie, _) = w.person("kes", &[Role::Handler]).await;
    let mut device = Authenticator::new(1);
    w.add(&device, &cookie).await;
    let response = w.send("POST", "/login", "", &[("login", "kes"), ("password", PASSWORD)]).await;
    assert_eq!(location(&response), "/login/code");
    let half = given(&response);
    assert_eq!(w.send("GET", "/account", &half, &[]).await.status(), StatusCode::SEE_OTHER);
    let (_, page) = read(w.send("GET", "/login/code", &half, &[]).await).await;
    assert!(page.contains("Use your passkey") && !page.contains("Six digits"), "{page}");
    let (question, ..) = w.question("/login/code/passkey/begin", &half).await;
    assert_eq!(question["allowCredentials"][0]["id"], BASE64URL_NOPAD.encode(&device.id));

    // Somebody else's passkey does not help.
    let (jor, _) = w.person("jor", &[Role::Handler]).await;
    let mut other = Authenticator::new(2);
    w.add(&other, &jor).await;
    let (status, page) = read(w.answer("/login/code/passkey", &mut other, &half, &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("does not belong"), "{page}");

    let response = w.answer("/login/code/passkey", &mut device, &half, &[("next", "/account")]).await;
    assert_eq!(location(&response), "/account");
    assert_eq!(w.send("GET", "/account", &given(&response), &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_answer_counts_once_for_one_browser_and_for_five_minutes() {
    let w = world();
    let (cookie, _) = w.person("kes", &[Role::Handler]).await;
    let mut device = Authenticator::new(1);
    w.add(&device, &cookie).await;
    let (_, challenge, browser) = w.question("/login/passkey/begin", "").await;
    let form = answered(&mut device, &challenge);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // In another browser, or in one that was asked another question.
    let (_, _, other) = w.question("/login/passkey/begin", "").await;
    for wrong in ["", &other] {
        let (status, page) = read(w.send("POST", "/login/passkey", wrong, &form).await).await;
        assert!(status == StatusCode::FORBIDDEN && page.contains("older than five minutes"), "{page}");
    }
    assert_eq!(w.send("POST", "/login/passkey", &browser, &form).await.status(), StatusCode::SEE_OTHER);
    let replayed = w.send("POST", "/login/passkey", &browser, &form).await;
    assert_eq!(replayed.status(), StatusCode::FORBIDDEN);
    let (_, challenge, browser) = w.question("/login/passkey/begin", "").await;
    w.node.clock.advance(5 * MINUTE + SECOND);
    let late = answered(&mut device, &challenge);
    let late: Vec<_> = late.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(w.send("POST", "/login/passkey", &browser, &late).await.status(), StatusCode::FORBIDDEN);
    // What was signed for a log-in is no proof for anything else.
    let (_, challenge, browser) = w.question("/login/passkey/begin", &cookie).await;
    let form = answered(&mut device, &challenge);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let both = format!("{cookie}; {browser}");
    assert_eq!(w.send("POST", "/step-up/passkey", &both, &form).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_copied_passkey_is_shut_for_the_copy_and_for_the_original() {
    let w = world();
    let (cookie, kes) = w.person("kes", &[Role::Handler]).await;
    let mut device = Authenticator::new(1);
    w.add(&device, &cookie).await;
    let mut copy = Authenticator::new(1);
    device.counter = 8;
    assert_eq!(w.answer("/login/passkey", &mut device, "", &[]).await.status(), StatusCode::SEE_OTHER);
    copy.counter = 3;
    let (status, page) = read(w.answer("/login/passkey", &mut copy, "", &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("counter went backwards"), "{page}");
    let (status, page) = read(w.answer("/login/passkey", &mut device, "", &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("This passkey is shut"), "{page}");
    let own = Granted::check(&kes).unwrap();
    assert!(w.identity.passkeys(&own).await.unwrap()[0].shut.is_some());
}

#[tokio::test]
async fn a_shut_account_is_not_opened_by_its_passkey() {
    let w = world();
    let (cookie, kes) = w.person("kes", &[Role::Handler]).await;
    let mut device = Authenticator::new(1);
    w.add(&device, &cookie).await;
    let roles = [Role::Handler].into_iter().collect();
    w.identity.set_access(&Granted::for_node(), kes.account.unwrap(), roles, true).await.unwrap();
    let (status, page) = read(w.answer("/login/passkey", &mut device, "", &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("account is shut"), "{page}");
}

#[tokio::test]
async fn a_dangerous_act_asks_again_after_a_while_and_what_was_typed_is_there_afterwards() {
    let w = world();
    let (cookie, _) = w.person("ada", &[Role::NodeAdmin]).await;
    let form = [("to", "the other operator & co"), ("why", "line one\r\nline two"), ("password", "secret!")];
    let (status, said) = read(w.send("POST", "/hand-over", &cookie, &form).await).await;
    assert!(status == StatusCode::OK && said.contains("handed over"), "just logged in: {said}");

    w.node.clock.advance(15 * MINUTE + SECOND);
    let response = w.send("POST", "/hand-over", &cookie, &form).await;
    assert_eq!(location(&response), "/step-up?next=/again");
    let browser = format!("{cookie}; {}", given(&response));
    let (_, page) = read(w.send("GET", "/step-up?next=/again", &browser, &[]).await).await;
    assert!(page.contains("Your password") && page.contains(r#"name="next" value="/again""#), "{page}");
    let wrong = [("next", "/again"), ("password", "wrong wrong wrong")];
    let (status, page) = read(w.send("POST", "/step-up/password", &browser, &wrong).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("not your password"), "{page}");
    let right = [("next", "/again"), ("password", PASSWORD)];
    assert_eq!(location(&w.send("POST", "/step-up/password", &browser, &right).await), "/again");
    let (_, page) = read(w.send("GET", "/again", &browser, &[]).await).await;
    assert!(page.contains(r#"action="/hand-over""#) && page.contains("line one"), "{page}");
    assert!(page.contains("the other operator &#38; co") && !page.contains("secret!"), "{page}");
    assert_eq!(w.send("POST", "/hand-over", &browser, &form).await.status(), StatusCode::OK);

    // Another person at this browser does not get it.
    let (kes, _) = w.person("kes", &[Role::Handler]).await;
    let others = format!("{kes}; {}", given(&response));
    assert_eq!(w.send("GET", "/again", &others, &[]).await.status(), StatusCode::NOT_FOUND);
    // Nor anybody after half an hour.
    w.node.clock.advance(31 * MINUTE);
    assert_eq!(w.send("GET", "/again", &browser, &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn strangers_cannot_fill_the_disk_with_forms_and_nobody_keeps_more_than_a_few() {
    let w = world();
    let (cookie, _) = w.person("ada", &[Role::NodeAdmin]).await;
    let kept = || {
        let count = kit::Sql::new("SELECT count(*) FROM kept_form");
        w.node.db.read_now(move |c| c.query_one(count, &[], |row| row.get::<i64>(0))).unwrap()
    };
    let long = "x".repeat(60_000);
    let late = "/login?next=/again%3Flost%3Dlate%26at%3D/";
    for (cookie, leads_to) in [("", "/login"), ("__Host-wardmote=a_guess", late)] {
        let response = w.send("POST", "/hand-over", cookie, &[("to", &long)]).await;
        assert_eq!(location(&response), leads_to);
        assert_eq!(kept(), 0);
    }
    w.node.clock.advance(15 * MINUTE + SECOND);
    let mut last = String::new();
    for n in 0..30 {
        w.node.clock.advance(SECOND);
        last = given(&w.send("POST", "/hand-over", &cookie, &[("to", &format!("the {n}th"))]).await);
    }
    assert_eq!(kept(), 20);
    let (_, page) = read(w.send("GET", "/again", &format!("{cookie}; {last}"), &[]).await).await;
    assert!(page.contains("the 29th"), "the newest ones stay: {page}");
}

#[tokio::test]
async fn the_largest_form_that_is_kept_comes_back_whole() {
    let w = world();
    let (cookie, _) = w.person("ada", &[Role::NodeAdmin]).await;
    w.node.clock.advance(15 * MINUTE + SECOND);
    // With its name, 512 KiB to the byte.
    let long = format!("{}the end", "x".repeat(512 * 1024 - "to=".len() - "the%20end".len()));
    let response = w.send("POST", "/hand-over", &cookie, &[("to", &long)]).await;
    assert_eq!(location(&response), "/step-up?next=/again");
    let browser = format!("{cookie}; {}", given(&response));
    let (status, page) = read(w.send("GET", "/again", &browser, &[]).await).await;
    assert!(status == StatusCode::OK && page.contains(&long), "{} bytes", page.len());
}

#[tokio::test]
async fn a_session_that_ended_in_the_middle_of_a_form_loses_nothing() {
    let w = world();
    let (cookie, _) = w.person("ada", &[Role::NodeAdmin]).await;
    w.node.clock.advance(DAY);
    w.identity.start().await.unwrap();
    assert_eq!(
        kit::jobs::run_due(&w.node, &w.identity.jobs()).await.unwrap(),
        1,
        "what has ended is deleted"
    );
    let response = w.send("POST", "/hand-over", &cookie, &[("to", "the other operator")]).await;
    assert_eq!(location(&response), "/login?next=/again");
    let kept = given(&response);
    let form = [("login", "ada"), ("password", PASSWORD), ("next", "/again")];
    let response = w.send("POST", "/login", &kept, &form).await;
    assert_eq!(location(&response), "/again");
    let browser = format!("{}; {kept}", given(&response));
    let (_, page) = read(w.send("GET", "/again", &browser, &[]).await).await;
    assert!(page.contains("the other operator"), "{page}");
    let dropped = w.send("POST", "/again/drop", &browser, &[]).await;
    assert!(given(&dropped).ends_with('='));
    assert_eq!(w.send("GET", "/again", &browser, &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn with_a_second_factor_the_password_is_no_proof() {
    let w = world();
    let (cookie, ada) = w.person("ada", &[Role::NodeAdmin]).await;
    let (_, page) = read(w.send("POST", "/account/second-factor", &cookie, &[]).await).await;
    let secret = page.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let code = code_at(&secret, w.node.now());
    w.send("POST", "/account/second-factor/confirm", &cookie, &[("code", &code)]).await;
    let mut device = Authenticator::new(1);
    w.add(&device, &cookie).await;
    w.node.clock.advance(20 * MINUTE);
    assert_eq!(location(&w.send("POST", "/hand-over", &cookie, &[]).await), "/step-up");
    let (_, page) = read(w.send("GET", "/step-up", &cookie, &[]).await).await;
    assert!(page.contains("Use your passkey") && page.contains("Six digits"), "{page}");
    assert!(!page.contains("Your password"), "{page}");
    let (status, _) =
        read(w.send("POST", "/step-up/password", &cookie, &[("password", PASSWORD)]).await).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(
        location(&w.send("POST", "/hand-over", &cookie, &[]).await),
        "/step-up",
        "nothing was granted"
    );

    let (kes, _) = w.person("kes", &[Role::Handler]).await;
    let mut others = Authenticator::new(2);
    w.add(&others, &kes).await;
    let (status, page) = read(w.answer("/step-up/passkey", &mut others, &cookie, &[]).await).await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("another account"), "{page}");
    let response = w.answer("/step-up/passkey", &mut device, &cookie, &[("next", "/account")]).await;
    assert_eq!(location(&response), "/account");
    assert_eq!(w.send("POST", "/hand-over", &cookie, &[]).await.status(), StatusCode::OK);

    w.node.clock.advance(20 * MINUTE);
    let code = code_at(&secret, w.node.now());
    assert_eq!(
        w.send("POST", "/step-up/code", &cookie, &[("code", &code)]).await.status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(w.send("POST", "/hand-over", &cookie, &[]).await.status(), StatusCode::OK);
    let stream = format!("account:{}", ada.account.unwrap());
    let told = w.node.db.read_now(move |c| kit::events::history(c, &stream, 100)).unwrap();
    let proofs = told.iter().filter(|event| event.kind == "identity.stepped_up").count();
    assert_eq!(proofs, 2);
}

#[tokio::test]
async fn a_programs_token_does_nothing_that_asks_for_a_person() {
    let w = world();
    let (cookie, _) = w.person("ada", &[Role::NodeAdmin]).await;
    let form = [("name", "feed"), ("scope", "node:manage")];
    let (_, page) = read(w.send("POST", "/account/tokens", &cookie, &form).await).await;
    let start = page.find("<code>wardmote_").unwrap() + 6;
    let token = format!("Bearer {}", page[start..].split('<').next().unwrap());
    let request = Request::post("/api/v1/hand-over").header(header::AUTHORIZATION, token);
    let (status, said) =
        read(w.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await;
    assert!(status == StatusCode::FORBIDDEN && said.contains("logged in by the browser"), "{said}");
}
