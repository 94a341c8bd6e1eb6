//! Forms that cannot be kept over a log-in or a proof: whoever sent one hears of it before they go on, and afterwards.

#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use identity::testing::sign_in;
use identity::{Granted, Identity, LookUp, ManageNode, Role, Settings, Site, StepUp};
use kit::clock::{DAY, MINUTE};
use kit::testing::{TestNode, node};
use tower::ServiceExt as _;

const FORM: &str = "application/x-www-form-urlencoded";
const PASSWORD: &str = "quiet harbour lamp seven";

struct World {
    node: TestNode,
    identity: Identity,
    router: Router,
}

async fn case(_: Granted<LookUp>) -> &'static str {
    "the case"
}

async fn note(_: Granted<LookUp>) -> &'static str {
    "noted"
}

async fn seal(_: StepUp<ManageNode>) -> &'static str {
    "sealed"
}

fn world() -> World {
    let node = node(&[identity::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), Settings { https: true, ..Settings::default() });
    let cases = Router::new().route("/cases/{case}", get(case)).route("/cases/{case}/note", post(note));
    let more = cases.route("/cases/{case}/seal", post(seal));
    let router = identity::protect(identity::routes().merge(more), identity.clone(), Site::default());
    World { node, identity, router }
}

impl World {
    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, kind: &str, body: String) -> Response {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_LENGTH, body.len())
            .header(header::CONTENT_TYPE, kind);
        self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    /// Logs `kes` in by the log-in page that `location` leads to; where that leads, and the cookie.
    async fn log_in(&self, next: &str) -> (String, String) {
        let form =
            format!("login=kes&password=quiet+harbour+lamp+seven&next={}", identity::web::encode(next));
        let response = self.post("/login", "", FORM, form).await;
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        (location(&response).to_owned(), cookie.to_owned())
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

#[tokio::test]
async fn who_sent_too_much_over_an_ended_session_hears_before_and_after_the_log_in_that_it_is_lost() {
    let w = world();
    let (cookie, kes) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    let granted = Granted::for_node();
    w.identity.set_password(&granted, kes.account.unwrap(), PASSWORD.into()).await.unwrap(); // ends the session
    let long = format!("text={}", "x".repeat(512 * 1024));
    let files = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n";
    let cases = [
        (FORM, long, "lost%3Dlarge", "larger than 512 KiB"),
        ("multipart/form-data; boundary=b", files.to_owned(), "lost%3Dfiles", "files are not kept"),
    ];
    for (kind, body, lost, why) in cases {
        let response = w.post("/cases/INC-217/note", &cookie, kind, body).await;
        let to = location(&response).to_owned();
        assert_eq!(to, format!("/login?next=/again%3F{lost}%26at%3D/cases/INC-217"));
        assert!(!response.headers().contains_key(header::SET_COOKIE), "nothing is kept");

        let (_, page) = w.get(&to, "").await;
        assert!(page.contains("could not be kept") && page.contains(why), "before the log-in: {page}");
        let next = page.split(r#"name="next" value=""#).nth(1).unwrap().split('"').next().unwrap();
        let (then, cookie) = w.log_in(&next.replace("&#38;", "&")).await;
        let (status, page) = w.get(&then, &cookie).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("could not be kept") && page.contains(why), "after it: {page}");
        assert!(page.contains(r#"href="/cases/INC-217""#), "the way back: {page}");
    }
    let (_, page) = w.get("/login?next=/again", "").await;
    assert!(!page.contains("could not be kept"), "what is kept is not called lost: {page}");
}

#[tokio::test]
async fn whose_log_in_is_too_long_ago_hears_it_when_they_typed_something() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "kes", &[Role::Handler]).await;
    w.node.clock.advance(3 * DAY);
    w.identity.start().await.unwrap();
    kit::jobs::run_due(&w.node, &w.identity.jobs()).await.unwrap();
    let typed = w.post("/cases/INC-217/note", &cookie, FORM, "text=x".to_owned()).await;
    let (_, page) = w.get(location(&typed), "").await;
    assert!(page.contains("too long ago to know whose it is"), "{page}");
    let pressed = w.post("/cases/INC-217/note", &cookie, FORM, String::new()).await;
    assert_eq!(location(&pressed), "/login", "a button alone is nothing to lose");
}

#[tokio::test]
async fn who_must_prove_themselves_hears_it_there_too() {
    let w = world();
    let (cookie, _) = sign_in(&w.identity, "aldermark", "ada", &[Role::NodeAdmin]).await;
    w.node.clock.advance(16 * MINUTE);
    let long = format!("text={}", "x".repeat(512 * 1024));
    let response = w.post("/cases/INC-217/seal", &cookie, FORM, long.clone()).await;
    let to = location(&response).to_owned();
    assert!(to.starts_with("/step-up?next=/again%3Flost%3Dlarge"), "{to}");
    let (_, page) = w.get(&to, &cookie).await;
    assert!(page.contains("could not be kept: it is larger than 512 KiB"), "{page}");
    // Where nothing leads away from it, its size is no matter.
    let response = w.post("/cases/INC-217/note", &cookie, FORM, long).await;
    assert_eq!(response.status(), StatusCode::OK);
}
